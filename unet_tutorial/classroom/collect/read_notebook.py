"""Read submitted notebooks, including damaged ones."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_KINDS = (  # how files of other kinds begin
    ("PK", "a zip archive or an office document"),
    ("%PDF", "a PDF"),
    ("<", "a web page"),
    ("{\\rtf", "a text document"),
)


def read_damaged_notebook(path: Path) -> tuple[NotebookNode, list[str]]:
    """Read a notebook; if the file is damaged, recover as many cells as possible.

    Returns:
        The notebook, and notes on the damage. If nothing can be read, the notebook has no cells.
    """
    text = _decode_text(path.read_bytes())
    try:
        return build_valid_notebook(json.loads(text)), []
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        problem = f"{type(error).__name__}: {error}"
    cells = _recover_cells(text)
    note = (
        f"The file isn't a complete notebook ({problem}). {len(cells)} whole cells could be read "
        "from it; the rest is lost."
        if cells
        else f"The file can't be read: {_describe_kind(text)}. Submit the notebook itself."
    )
    return build_valid_notebook({"cells": cells}), [note]


def _decode_text(data: bytes) -> str:
    """Decode a file's text with the first encoding that fits."""
    is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16" if is_utf16 else "utf-8-sig", "utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    return data.decode("latin-1")


def _describe_kind(text: str) -> str:
    """Describe the probable kind of a file that isn't a notebook."""
    if not text.strip():
        return "it is empty"
    kinds = (kind for start, kind in _KINDS if text.lstrip().startswith(start))
    return "it seems to be " + next(kinds, "something other than a notebook")


def _recover_cells(text: str) -> list[dict]:
    """Recover the complete cells of a notebook that is cut short or has stray text in it."""
    decoder, cells = json.JSONDecoder(strict=False), []
    start = text.find('"cells"')
    place = text.find("{", start) if start >= 0 else -1
    while place >= 0:
        try:
            cell, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            if not (isinstance(cell, dict) and "cell_type" in cell):
                end = place + 1
            else:
                cells.append(cell)
        place = text.find("{", end)
    return cells


def build_valid_notebook(raw: dict) -> NotebookNode:
    """Build a valid notebook from parsed JSON, which may have invalid cells, ids and outputs.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: `raw` isn't a notebook.
    """
    if "worksheets" in raw:  # the format of 2013
        raw = nbformat.reads(json.dumps(raw), as_version=4)
    if not isinstance(raw["cells"], list):
        raise ValueError("its cells aren't a list")
    metadata = raw.get("metadata")
    notebook = nbformat.v4.new_notebook()
    if isinstance(metadata, dict) and isinstance(metadata.get("kernelspec"), dict):
        notebook.metadata["kernelspec"] = nbformat.from_dict(metadata["kernelspec"])
    seen: set[str] = set()
    notebook.cells = [
        _build_valid_cell(cell, seen) for cell in raw["cells"] if isinstance(cell, dict)
    ]
    return notebook


def _build_valid_cell(raw: dict, seen: set[str]) -> NotebookNode:
    """Build a valid cell; it gets a new id if its own is invalid or in `seen`."""
    cell_type = raw.get("cell_type")
    make = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
    }.get(cell_type, nbformat.v4.new_raw_cell)
    source = raw.get("source", raw.get("input", ""))
    cell = make("".join(map(str, source)) if isinstance(source, list) else str(source))
    metadata = raw.get("metadata")
    cell.metadata = nbformat.from_dict(metadata if isinstance(metadata, dict) else {})
    if cell_type == "code":
        cell.outputs = _keep_valid_outputs(raw)
    elif isinstance(raw.get("attachments"), dict):
        cell.attachments = nbformat.from_dict(raw["attachments"])
    name = raw.get("id")
    if not (isinstance(name, str) and _VALID_ID.fullmatch(name)) or name in seen:
        name = uuid.uuid4().hex[:8]
    seen.add(name)
    cell.id = name
    return cell


def _keep_valid_outputs(raw: dict) -> list[NotebookNode]:
    """Keep the valid outputs of a cell, which count if a notebook is graded without running it."""
    valid = []
    for output in raw.get("outputs") or ():
        with contextlib.suppress(nbformat.ValidationError, AttributeError, TypeError):
            output = nbformat.from_dict(output)
            if isinstance(output.get("text"), list):
                output.text = "".join(output.text)
            nbformat.v4.nbbase.validate(output, "output")
            valid.append(output)
    return valid

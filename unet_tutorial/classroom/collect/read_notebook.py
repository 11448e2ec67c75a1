"""Reading submitted notebooks, broken ones too."""

from __future__ import annotations

import contextlib
import json
import re
import uuid
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode

NOTES = "unet_tutorial"  # the notebook's metadata in which findings travel
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
KINDS = (
    ("PK", "a zip archive or an office document"),
    ("%PDF", "a PDF"),
    ("<", "a web page"),
    ("{\\rtf", "a text document"),
)


class ForgivingExporter(NotebookExporter):
    """Writes notebooks as nbconvert's exporter does, and reads broken ones as far as they go."""

    def from_filename(
        self, filename: str, resources: ResourcesDict | None = None, **kw
    ) -> tuple[str, ResourcesDict]:
        """Convert the notebook in a file."""
        path = Path(filename)
        notebook, notes = read_notebook(path)
        if notes:
            notebook.metadata[NOTES] = {"mended": notes}
        place = {"metadata": {"name": path.stem, "path": str(path.parent)}}
        resources = dict(resources or {}) | place
        return self.from_notebook_node(notebook, resources=resources, **kw)


def read_notebook(path: Path) -> tuple[NotebookNode, list[str]]:
    """Return a notebook and, in words, what had to be mended to read it.

    A file that cannot be read at all gives a notebook without cells and a note that says why.
    """
    text = decoded(path.read_bytes())
    try:
        return tidied(json.loads(text)), []
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        problem = f"{type(error).__name__}: {error}"
    cells = salvaged(text)
    note = (
        f"The file is no complete notebook ({problem}). {len(cells)} whole cells could be read "
        "from it, and the rest is lost."
        if cells
        else f"The file cannot be read: {kind_of(text)}. Send the notebook itself."
    )
    return tidied({"cells": cells}), [note]


def decoded(data: bytes) -> str:
    """Return the text of a file in the first encoding that fits."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16" if wide else "utf-8-sig", "utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    return data.decode("latin-1")


def kind_of(text: str) -> str:
    """Return what a file that is no notebook seems to be."""
    if not text.strip():
        return "it is empty"
    kinds = (kind for start, kind in KINDS if text.lstrip().startswith(start))
    return "it seems to be " + next(kinds, "something else than a notebook")


def salvaged(text: str) -> list[dict]:
    """Return the whole cells of a notebook that is cut short or has text where none belongs."""
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


def tidied(raw: dict) -> NotebookNode:
    """Return a valid notebook of what was read: its cells, made anew of what is sound in them.

    Errors: ValueError, KeyError, TypeError or AttributeError where it is no notebook.
    """
    if "worksheets" in raw:  # the format of 2013
        raw = nbformat.reads(json.dumps(raw), as_version=4)
    if not isinstance(raw["cells"], list):
        raise ValueError("its cells are no list")
    metadata = raw.get("metadata")
    notebook = nbformat.v4.new_notebook()
    if isinstance(metadata, dict) and isinstance(metadata.get("kernelspec"), dict):
        notebook.metadata["kernelspec"] = nbformat.from_dict(metadata["kernelspec"])
    if isinstance(metadata, dict) and isinstance(metadata.get(NOTES), dict):
        notebook.metadata[NOTES] = nbformat.from_dict(metadata[NOTES])
    seen: set[str] = set()
    notebook.cells = [tidied_cell(cell, seen) for cell in raw["cells"] if isinstance(cell, dict)]
    return notebook


def tidied_cell(raw: dict, seen: set[str]) -> NotebookNode:
    """Return a valid cell, with its id where no cell before it has the same."""
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
        cell.outputs = sound_outputs(raw)
    elif isinstance(raw.get("attachments"), dict):
        cell.attachments = nbformat.from_dict(raw["attachments"])
    name = raw.get("id")
    if not (isinstance(name, str) and ID.fullmatch(name)) or name in seen:
        name = uuid.uuid4().hex[:8]
    seen.add(name)
    cell.id = name
    return cell


def sound_outputs(raw: dict) -> list[NotebookNode]:
    """Return the valid outputs of a cell; they matter where a notebook is graded without a run."""
    sound = []
    for output in raw.get("outputs") or ():
        with contextlib.suppress(nbformat.ValidationError, AttributeError, TypeError):
            output = nbformat.from_dict(output)
            if isinstance(output.get("text"), list):
                output.text = "".join(output.text)
            nbformat.v4.nbbase.validate(output, "output")
            sound.append(output)
    return sound

"""Step 1: repair a submission's graded cells before it runs.

nbgrader's metadata are replaced by the released ones. If a graded cell appears more than once, the
last one counts. Missing cells are added again, and changed checks are replaced by the released
ones. The notebook's metadata list what was repaired, and step 3 turns that into comments.
"""

from __future__ import annotations

import copy
import importlib.util
import sys
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from unet_tutorial.classroom.collect.read_notebook import METADATA_KEY
from unet_tutorial.classroom.collect.renamed_files import find_original, find_other_versions
from unet_tutorial.classroom.released_notebook import Cell, ReleasedNotebook, read_released

_MISSING_ANSWER = "# This cell was missing. It was added again without an answer."
_STARTUP_MODULES = ("__main__", "sitecustomize", "usercustomize")  # Python runs these by itself


class RepairCells(NbGraderPreprocessor):
    """Restores the graded cells of a submission to their released form."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Repair a notebook as it was submitted, before nbgrader's own preprocessors see it."""
        request = resources["nbgrader"]
        released = read_released(locate_source(self, request))
        if not released.cells:
            return nb, resources
        found = {"mended": _read_notes(nb), "flags": [], "missing": []}
        path = Path(resources["metadata"]["path"]) / f"{request['notebook']}.ipynb"
        found["mended"] += _describe_other_files(path)
        found["flags"] += _describe_shadowing_files(path.parent)
        with Gradebook(request["db_url"]) as gradebook:
            rows = gradebook.find_notebook(request["notebook"], request["assignment"]).source_cells
            sources = {cell.name: (cell.source, cell.checksum) for cell in rows}
        nb.cells = _repair_cells(nb.cells, released, sources, found)
        nb.metadata[METADATA_KEY] = nbformat.from_dict(found)
        return nb, resources


def locate_source(preprocessor: NbGraderPreprocessor, request: dict) -> Path:
    """Return the path of the source notebook that belongs to a submission.

    Args:
        preprocessor: a preprocessor that nbgrader is running.
        request: the submission, from nbgrader's `resources["nbgrader"]`.
    """
    course = preprocessor.parent.parent.coursedir
    folder = course.format_path(course.source_directory, ".", request["assignment"])
    return Path(folder) / f"{request['notebook']}.ipynb"


def _read_notes(nb: NotebookNode) -> list[str]:
    """Read the notes that `ForgivingExporter` left; a student could have written anything there."""
    notes = nb.metadata.get(METADATA_KEY, {}).get("mended", [])
    return [str(note)[:500] for note in notes] if isinstance(notes, list) else []


def _describe_other_files(path: Path) -> list[str]:
    """Describe how the notebook's file was renamed, and which versions of it weren't graded."""
    notes, original = [], find_original(path)
    if original is not None:
        notes.append(f"The file was called {str(original.relative_to(path.parent))!r}.")
    for each in find_other_versions(path):
        notes.append(f"There is another file, {each.name!r}, which was not graded.")
    return notes


def _describe_shadowing_files(folder: Path) -> list[str]:
    names = sorted(path.name for path in folder.iterdir() if has_module_name(path))
    return [
        f"{name!r} was submitted with the notebook. It is named like a Python module, so it was "
        "not used."
        for name in names
    ]


def has_module_name(path: Path) -> bool:
    """Whether a file or folder has the name of an installed module, such as torch.py."""
    name = path.name.split(".")[0]
    is_code = path.suffix in (".py", ".pth", ".so") or (path.is_dir() and any(path.rglob("*.py")))
    if not (is_code and name.isidentifier()):
        return False
    if name in sys.stdlib_module_names or name in _STARTUP_MODULES:
        return True
    try:
        spec = importlib.util.find_spec(name)
        return spec is not None and spec.origin is not None and not path.samefile(spec.origin)
    except (ValueError, ImportError, OSError):  # loaded without a spec, or in no file
        return True


def _repair_cells(
    cells: list[NotebookNode], released: ReleasedNotebook, sources: dict, found: dict
) -> list[NotebookNode]:
    """Return a submission's cells with the graded ones in their released form.

    Args:
        cells: the submitted cells; their nbgrader metadata are removed.
        released: the notebook as it was released.
        sources: the source and checksum of each graded cell in the gradebook, by name.
        found: the lists "mended", "flags" and "missing", to which findings are added.
    """
    graded = released.nbgrader_cells
    names = _match_graded_names(cells, released)
    last = {name: index for index, name in enumerate(names) if name is not None}
    kept = []  # pairs (name of a graded cell or None, cell)
    for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
        cell.metadata.pop("nbgrader", None)
        if name is None or name not in sources:
            kept.append((None, cell))
        elif index != last[name]:
            found["mended"].append(f"The cell {name} appeared more than once; the last one counts.")
            kept.append((None, cell))
        else:
            kept.append((name, _restore_cell(cell, graded[name], sources[name], found)))
    for name in [name for name in graded if name in sources and name not in last]:
        found["missing"].append(name)
        _insert_missing(kept, name, released, sources)
    return _replace_repeated_ids([cell for _, cell in kept])


def _match_graded_names(cells: list[NotebookNode], released: ReleasedNotebook) -> list[str | None]:
    """Match each submitted cell with a graded one: by grade_id, else by cell id, else by text."""
    graded = released.nbgrader_cells
    names: list[str | None] = []
    for cell in cells:
        meta = cell.metadata.get("nbgrader")
        name = meta.get("grade_id") if isinstance(meta, dict) else None
        names.append(name if isinstance(name, str) and name in graded else None)
    texts = {
        each.learner_source.strip(): name for name, each in graded.items() if not each.is_answer
    }
    for index, cell in enumerate(cells):
        for name in (cell.id, texts.get(cell.source.strip())):
            if names[index] is None and name in graded and name not in names:
                names[index] = name
    return names


def _restore_cell(cell: NotebookNode, released: Cell, source: tuple, found: dict) -> NotebookNode:
    """Restore a graded cell's metadata, and its source too unless it holds the answer."""
    text, checksum = source
    if not released.is_answer and not _is_same_text(
        cell.source, (released.learner_source, released.source, text)
    ):
        found["flags"].append(f"{released.name} was changed; the released version was run.")
    answer = cell.source if released.is_answer else text
    restored = _build_cell(released, answer, checksum)
    restored.id = cell.id
    if released.cell_type != "code" and "attachments" in cell:
        restored.attachments = cell.attachments
    return restored


def _is_same_text(submitted: str, allowed: tuple[str, ...]) -> bool:
    """Whether a text equals one of those allowed, apart from white space at the ends of lines."""
    lines = [line.rstrip() for line in submitted.strip().splitlines()]
    return any(lines == [each.rstrip() for each in text.strip().splitlines()] for text in allowed)


def _build_cell(released: Cell, source: str, checksum: str | None) -> NotebookNode:
    """Build a cell with a released cell's metadata and another source."""
    is_code = released.cell_type == "code"
    make = nbformat.v4.new_code_cell if is_code else nbformat.v4.new_markdown_cell
    cell = make(source)
    cell.metadata["nbgrader"] = nbformat.from_dict(copy.deepcopy(released.nbgrader))
    cell.metadata.nbgrader["checksum"] = checksum
    return cell


def _insert_missing(
    kept: list[tuple], name: str, released: ReleasedNotebook, sources: dict
) -> None:
    """Insert a missing graded cell before the next released cell that the submission still has."""
    cell, (text, checksum) = released.nbgrader_cells[name], sources[name]
    if cell.is_answer:
        is_code = cell.cell_type == "code"
        text = _MISSING_ANSWER if is_code else _MISSING_ANSWER.lstrip("# ")
    order = [each.name for each in released.cells]
    position = order.index(name)
    present = {known or each.id: index for index, (known, each) in enumerate(kept)}
    before = max((present[each] for each in order[:position] if each in present), default=-1)
    after = [present[each] for each in order[position + 1 :] if present.get(each, -1) > before]
    inserted = _build_cell(cell, text, checksum)
    kept.insert(min(after, default=len(kept)), (name, inserted))


def _replace_repeated_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:
            cell.id = nbformat.v4.new_code_cell().id
        seen.add(cell.id)
    return cells

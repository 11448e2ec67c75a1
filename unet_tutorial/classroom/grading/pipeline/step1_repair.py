"""Submissions brought back to the form that was released, before they are run.

The first of the steps of grading: nbgrader's metadata are made anew, duplicated cells lose theirs
(the last of an id keeps them), missing cells come back, changed checks are the released ones again.
What was done is noted in the notebook's metadata and ends up in the comments.
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

from unet_tutorial.classroom.collect.read_notebook import NOTES
from unet_tutorial.classroom.collect.renamed_files import left_over, original_of
from unet_tutorial.classroom.released_notebook import Cell, Released, read_released

PUT_BACK = "# This cell was missing. It was put back without an answer."
SPECIAL = ("__main__", "sitecustomize", "usercustomize")  # modules that Python looks for by itself


class MendCells(NbGraderPreprocessor):
    """Makes the graded cells of a submission those that were released."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Mend a notebook as it was submitted."""
        asked = resources["nbgrader"]
        released = read_released(source_of(self, asked))
        if not released.cells:
            return nb, resources
        found = {"mended": sound_notes(nb), "flags": [], "missing": []}
        path = Path(resources["metadata"]["path"]) / f"{asked['notebook']}.ipynb"
        found["mended"] += notes_on_files(path)
        found["flags"] += shadowing_files(path.parent)
        with Gradebook(asked["db_url"]) as gradebook:
            rows = gradebook.find_notebook(asked["notebook"], asked["assignment"]).source_cells
            sources = {cell.name: (cell.source, cell.checksum) for cell in rows}
        nb.cells = mended(nb.cells, released, sources, found)
        nb.metadata[NOTES] = nbformat.from_dict(found)
        return nb, resources


def source_of(preprocessor: NbGraderPreprocessor, asked: dict) -> Path:
    """Return the path of the source notebook of which a submission is being graded."""
    course = preprocessor.parent.parent.coursedir
    folder = course.format_path(course.source_directory, ".", asked["assignment"])
    return Path(folder) / f"{asked['notebook']}.ipynb"


def sound_notes(nb: NotebookNode) -> list[str]:
    """Return the notes that reading left in a notebook's metadata."""
    notes = nb.metadata.get(NOTES, {}).get("mended", [])
    return [str(note)[:500] for note in notes] if isinstance(notes, list) else []


def notes_on_files(path: Path) -> list[str]:
    """Return in words what is wrong with the names of the files of a submission."""
    notes, other = [], original_of(path)
    if other is not None:
        notes.append(f"The file was called {str(other.relative_to(path.parent))!r}.")
    for each in left_over(path):
        notes.append(f"There is another file, {each.name!r}, which was not graded.")
    return notes


def shadowing_files(folder: Path) -> list[str]:
    """Return in words which files of a submission stand in the way of a library."""
    names = sorted(path.name for path in folder.iterdir() if shadows(path))
    return [f"{name!r} was handed in beside the notebook; it was not used." for name in names]


def shadows(path: Path) -> bool:
    """Return whether a file or folder has the name of an installed module, such as torch.py."""
    name = path.name.split(".")[0]
    code = path.suffix in (".py", ".pth", ".so") or (path.is_dir() and any(path.rglob("*.py")))
    if not (code and name.isidentifier()):
        return False
    if name in sys.stdlib_module_names or name in SPECIAL:
        return True
    try:
        spec = importlib.util.find_spec(name)
        return spec is not None and spec.origin is not None and not path.samefile(spec.origin)
    except (ValueError, ImportError, OSError):  # loaded or built in, and from no file
        return True


def mended(
    cells: list[NotebookNode], released: Released, sources: dict, found: dict
) -> list[NotebookNode]:
    """Return a submission's cells, the graded ones as they were released.

    `sources` holds, by name, the source and the checksum that the gradebook knows of each.
    """
    graded = released.graded
    names = names_of(cells, released)
    last = {name: index for index, name in enumerate(names) if name is not None}
    kept = []
    for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
        cell.metadata.pop("nbgrader", None)
        if name is None or name not in sources:
            kept.append((None, cell))
        elif index != last[name]:
            found["mended"].append(f"The cell {name} stood there twice; the last one counts.")
            kept.append((None, cell))
        else:
            kept.append((name, as_released(cell, graded[name], sources[name], found)))
    for name in [name for name in graded if name in sources and name not in last]:
        found["missing"].append(name)
        put_back(kept, name, released, sources)
    return with_own_ids([cell for _, cell in kept])


def names_of(cells: list[NotebookNode], released: Released) -> list[str | None]:
    """Return for each submitted cell which graded cell it is: by either id, or by its text."""
    graded = released.graded
    names: list[str | None] = []
    for cell in cells:
        meta = cell.metadata.get("nbgrader")
        name = meta.get("grade_id") if isinstance(meta, dict) else None
        names.append(name if isinstance(name, str) and name in graded else None)
    texts = {each.shown.strip(): name for name, each in graded.items() if not each.is_answer}
    for index, cell in enumerate(cells):
        for name in (cell.id, texts.get(cell.source.strip())):
            if names[index] is None and name in graded and name not in names:
                names[index] = name
    return names


def as_released(cell: NotebookNode, released: Cell, source: tuple, found: dict) -> NotebookNode:
    """Return a graded cell with its released metadata, and its released text where it is locked."""
    text, checksum = source
    if not released.is_answer and not same_text(
        cell.source, (released.shown, released.source, text)
    ):
        found["flags"].append(f"{released.name} was changed; the released one was run.")
    answer = cell.source if released.is_answer else text
    made = new_cell(released, answer, checksum)
    made.id = cell.id
    if released.cell_type != "code" and "attachments" in cell:
        made.attachments = cell.attachments
    return made


def same_text(came: str, allowed: tuple[str, ...]) -> bool:
    """Return whether a text is one of others, white space at the ends of lines aside."""
    lines = [line.rstrip() for line in came.strip().splitlines()]
    return any(lines == [each.rstrip() for each in text.strip().splitlines()] for text in allowed)


def new_cell(released: Cell, source: str, checksum: str | None) -> NotebookNode:
    """Return a new cell with a released cell's metadata and another source."""
    code = released.cell_type == "code"
    make = nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell
    cell = make(source)
    cell.metadata["nbgrader"] = nbformat.from_dict(copy.deepcopy(released.nbgrader))
    cell.metadata.nbgrader["checksum"] = checksum
    return cell


def put_back(kept: list[tuple], name: str, released: Released, sources: dict) -> None:
    """Insert a missing graded cell before the next cell of the notebook that is there."""
    cell, (text, checksum) = released.graded[name], sources[name]
    if cell.is_answer:
        text = PUT_BACK if cell.cell_type == "code" else PUT_BACK.lstrip("# ")
    order = [each.name for each in released.cells]
    place = order.index(name)
    there = {known or each.id: index for index, (known, each) in enumerate(kept)}
    before = max((there[each] for each in order[:place] if each in there), default=-1)
    after = [there[each] for each in order[place + 1 :] if there.get(each, -1) > before]
    made = new_cell(cell, text, checksum)
    kept.insert(min(after, default=len(kept)), (name, made))


def with_own_ids(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Return the cells, each of whose ids is its own."""
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:
            cell.id = nbformat.v4.new_code_cell().id
        seen.add(cell.id)
    return cells

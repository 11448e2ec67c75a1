"""Step 1: pack one submission: what was handed in, the released chapter and the rules, as a zip.

    submitted/02_convolution.ipynb, submitted/helper.py, ...
    released/02_convolution.ipynb, released/figures/... (hidden tests, but no solutions)
    rules.json

Nothing else of the course is in it, and it's the same bytes as long as none of this changes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from unet_tutorial.classroom.limits import Limits
from unet_tutorial.files import KEPT
from unet_tutorial.teaching import chapters

SUBMITTED, RELEASED, RULES = "submitted", "released", "rules.json"
_IGNORED = (".ipynb_checkpoints", ".git", "__pycache__", "__MACOSX", ".DS_Store", KEPT)
_MAX_BYTES = 500 * 2**20  # of one submission


@dataclass(frozen=True)
class Assignment:
    """An assignment as it was released."""

    name: str
    files: Mapping[str, bytes]  # the notebooks, without solutions, and what came with them
    most: Mapping[str, Mapping[str, float]]  # points by notebook and graded cell
    checksums: Mapping[str, Mapping[str, str]]  # nbgrader's, by notebook and cell


def read_assignment(course: CourseDirectory, name: str) -> Assignment:
    """Read an assignment from the course's folder and its gradebook."""
    folder = Path(course.format_path(course.source_directory, ".", name))
    files, most, checksums = {}, {}, {}
    with Gradebook(course.db_url, course.course_id) as gradebook:
        for book in gradebook.find_assignment(name).notebooks:
            path = folder / f"{book.name}.ipynb"
            most[book.name] = {cell.name: float(cell.max_score) for cell in book.grade_cells}
            most[book.name] |= {cell.name: float(cell.max_score) for cell in book.task_cells}
            known = {cell.name: (cell.source, cell.checksum) for cell in book.source_cells}
            checksums[book.name] = {cell: checksum for cell, (_, checksum) in known.items()}
            texts = {cell: source for cell, (source, _) in known.items()}
            files[path.name] = _make_released(path, texts, most[book.name])
    for path in list_files(folder):
        if path.suffix != ".ipynb":
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return Assignment(name, files, most, checksums)


def _make_released(path: Path, texts: Mapping[str, str], most: Mapping[str, float]) -> bytes:
    """Make a released notebook: its cells as in the gradebook, and no solutions."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        name = meta.get("grade_id")
        if name in texts:
            cell["source"] = texts[name]
            if name in most:
                meta["points"] = most[name]
            continue
        cell["metadata"].pop("nbgrader", None)  # it was added after the release
        cell["source"] = chapters.make_learner_source(cell)
    for cell in notebook["cells"]:
        cell.pop("outputs", None), cell.pop("execution_count", None)
    return json.dumps(notebook, sort_keys=True).encode()


def list_files(folder: Path) -> Iterator[Path]:
    """List a folder's files in order, without links and without what other programs leave."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not _is_ignored(path, folder):
            yield path


def _is_ignored(path: Path, folder: Path) -> bool:
    return any(part in _IGNORED for part in path.relative_to(folder).parts)


def pack_submission(folder: Path, assignment: Assignment, limits: Limits) -> bytes:
    """Pack the submission in a folder."""
    rules = {"limits": asdict(limits), "left_out": []}
    content, total = io.BytesIO(), 0
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for path in list_files(folder):
            name = path.relative_to(folder).as_posix()
            if name == "timestamp.txt":  # it changes the penalty, but not what a run gives
                continue
            total += path.stat().st_size
            if total > _MAX_BYTES:
                rules["left_out"].append(name)
            else:
                _add(archive, f"{SUBMITTED}/{name}", path.read_bytes())
        for name, data in assignment.files.items():
            _add(archive, f"{RELEASED}/{name}", data)
        _add(archive, RULES, json.dumps(rules).encode())
    return content.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name), data)

"""Find submitted notebooks that were renamed, such as `02_convolution (1).ipynb`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from unet_tutorial.classroom.collect.read_notebook import read_damaged_notebook
from unet_tutorial.classroom.released_notebook import read_released

_EXTENSIONS = re.compile(r"(\.ipynb|\.json|\.txt)+$", re.IGNORECASE)
_COPY_MARKS = (  # what browsers, file managers and JupyterLab add to the name of a copy
    re.compile(r"^(copy|kopie) (\(\d+\) )?(of|von) ", re.IGNORECASE),
    re.compile(r"\s*\(\d+\)$"),
    re.compile(r"[-_ ]*(copy|kopie)\s*\(?\d*\)?$", re.IGNORECASE),
)
_MIN_SHARED_CELLS = 2  # enough to recognise a notebook that has another name
_CHECKPOINTS = ".ipynb_checkpoints"


def add_renamed_notebooks(assignment: str, student: str, notebooks: list[str]) -> None:
    """Copy each renamed notebook to its expected name; nbgrader calls this before grading.

    Args:
        assignment: given by nbgrader, not used.
        student: given by nbgrader, not used.
        notebooks: paths in a submission's folder. The copies are added to this list, which
            nbgrader reads again afterwards.
    """
    if not notebooks:
        return
    folder = Path(notebooks[0]).parent  # nbgrader's working folder is the course's
    for path in copy_to_expected_names(folder, Path("source") / folder.name):
        if str(path) not in notebooks:
            notebooks.append(str(path))


def copy_to_expected_names(folder: Path, source: Path) -> list[Path]:
    """Copy renamed notebooks of a submission to the names that the assignment expects.

    A notebook that already has an expected name is never overwritten.

    Args:
        folder: the submission.
        source: the assignment's folder of source notebooks.

    Returns:
        The paths of the copies.
    """
    expected = {path.stem: path for path in sorted(source.glob("*.ipynb"))}
    present = {f"{stem}.ipynb" for stem in expected if (folder / f"{stem}.ipynb").exists()}
    others = [path for path in list_candidates(folder) if path.name not in present]
    copies = []
    for stem, source_path in expected.items():
        target = folder / f"{stem}.ipynb"
        if target.exists():
            continue
        path = _find_renamed(others, stem, source_path, is_only_one=len(expected) == 1)
        if path is not None:
            shutil.copyfile(path, target)
            copies.append(target)
    return copies


def list_candidates(folder: Path) -> list[Path]:
    """List the files of a submission that may be notebooks, with the newest copy last."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    paths = [
        path for path in paths if _EXTENSIONS.search(path.name) and path.name != "timestamp.txt"
    ]
    return sorted((path for path in paths if _CHECKPOINTS not in path.parts), key=_sort_key)


def _sort_key(path: Path) -> tuple:
    """Sort other files before notebooks, and (9) before (10)."""
    numbers = [int(each) for each in re.findall(r"\((\d+)\)", path.name)]
    return path.suffix == ".ipynb", numbers, path.name


def _find_renamed(
    paths: Sequence[Path], stem: str, source_path: Path, *, is_only_one: bool
) -> Path | None:
    """Find the file that is the notebook `stem` under another name: by its name, then its cells.

    Args:
        paths: files without an expected name, as `list_candidates` sorts them.
        stem: the expected name without extension.
        source_path: the source notebook.
        is_only_one: whether the assignment has no other notebook. If it has others, a file is
            recognised by its cells only if no other file has them too.
    """
    same_name = [path for path in paths if _normalise_name(path.name) == stem.lower()]
    if same_name:
        return same_name[-1]
    names = set(read_released(source_path).nbgrader_cells)
    enough = min(_MIN_SHARED_CELLS, len(names))
    same_cells = [path for path in paths if _count_shared_cells(path, names) >= enough]
    if same_cells and names and (is_only_one or len(same_cells) == 1):
        return same_cells[-1]
    return None


def _normalise_name(name: str) -> str:
    """Remove what browsers and people add to a file's name: "Copy of A (1).ipynb" -> "a"."""
    name = _EXTENSIONS.sub("", name).strip()
    for _ in range(2):  # "A (1) - Copy" has two marks
        for pattern in _COPY_MARKS:
            name = pattern.sub("", name).strip()
    return re.sub(r"\s+", "_", name).lower()


def _count_shared_cells(path: Path, names: set[str]) -> int:
    """Count the assignment's cells, given by their names, that a file contains."""
    notebook, _ = read_damaged_notebook(path)
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    return len(names & (ids | {cell.id for cell in notebook.cells}))


def find_original(path: Path) -> Path | None:
    """Find the file from which a notebook was copied to its expected name, or None."""
    data = path.read_bytes()
    for other in list_candidates(path.parent):
        if other != path and other.stat().st_size == len(data) and other.read_bytes() == data:
            return other
    return None


def find_other_versions(path: Path) -> list[Path]:
    """Find the files in a notebook's folder that have nearly its name, but other contents."""
    name, data = _normalise_name(path.name), path.read_bytes()
    same_name = [
        each for each in list_candidates(path.parent) if _normalise_name(each.name) == name
    ]
    return [each for each in same_name if each != path and each.read_bytes() != data]

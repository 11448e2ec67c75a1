"""Submitted notebooks that lost their names: 02_convolution (1).ipynb is 02_convolution.ipynb."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from unet_tutorial.classroom.collect.read_notebook import read_notebook
from unet_tutorial.classroom.released_notebook import read_released

ENDINGS = re.compile(r"(\.ipynb|\.json|\.txt)+$", re.IGNORECASE)
COPIES = (
    re.compile(r"^(copy|kopie) (\(\d+\) )?(of|von) ", re.IGNORECASE),
    re.compile(r"\s*\(\d+\)$"),
    re.compile(r"[-_ ]*(copy|kopie)\s*\(?\d*\)?$", re.IGNORECASE),
)
AT_LEAST = 2  # cells in common by which a notebook is known without its name
CHECKPOINTS = ".ipynb_checkpoints"


def adopt_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """Put a copy of each renamed notebook under its right name; nbgrader calls this before grading.

    nbgrader works in the course's folder, and looks at `notebooks` (paths in one submission's
    folder) again afterwards: copies are added to that list.
    """
    if not notebooks:
        return
    folder = Path(notebooks[0]).parent
    for path in adopt(folder, Path("source") / folder.name):
        if str(path) not in notebooks:
            notebooks.append(str(path))


def adopt(folder: Path, source: Path) -> list[Path]:
    """Copy what looks like a notebook of the assignment in `source` to its name in `folder`.

    Returns the copies. What stands under its right name already is never touched.
    """
    wanted = {path.stem: path for path in sorted(source.glob("*.ipynb"))}
    strangers = [path for path in candidates(folder) if path.name not in names_of(wanted, folder)]
    copies = []
    for stem, released in wanted.items():
        target = folder / f"{stem}.ipynb"
        if target.exists():
            continue
        path = find_renamed(strangers, stem, released, alone=len(wanted) == 1)
        if path is not None:
            shutil.copyfile(path, target)
            copies.append(target)
    return copies


def names_of(wanted: dict[str, Path], folder: Path) -> set[str]:
    """Return the names of the wanted notebooks that are there."""
    return {f"{stem}.ipynb" for stem in wanted if (folder / f"{stem}.ipynb").exists()}


def candidates(folder: Path) -> list[Path]:
    """Return the files of a submission that may be notebooks, the newest name last."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    paths = [path for path in paths if ENDINGS.search(path.name) and path.name != "timestamp.txt"]
    return sorted((path for path in paths if CHECKPOINTS not in path.parts), key=number_in)


def number_in(path: Path) -> tuple:
    """Return a key by which (2) comes after (1), and a notebook after other kinds of files."""
    numbers = [int(each) for each in re.findall(r"\((\d+)\)", path.name)]
    return path.suffix == ".ipynb", numbers, path.name


def find_renamed(
    strangers: Sequence[Path], stem: str, released: Path, *, alone: bool
) -> Path | None:
    """Return the file that is the notebook `stem` under another name, or None."""
    named = [path for path in strangers if plain_name(path.name) == stem.lower()]
    if named:
        return named[-1]
    graded = set(read_released(released).graded)
    known = [path for path in strangers if in_common(path, graded) >= min(AT_LEAST, len(graded))]
    if known and graded and (alone or len(known) == 1):
        return known[-1]
    return None


def plain_name(name: str) -> str:
    """Return a file's name without what browsers and people add: "Copy of A (1).ipynb" -> "a"."""
    name = ENDINGS.sub("", name).strip()
    for _ in range(2):
        for pattern in COPIES:
            name = pattern.sub("", name).strip()
    return re.sub(r"\s+", "_", name).lower()


def in_common(path: Path, graded: set[str]) -> int:
    """Return how many of the graded cells a file holds."""
    notebook, _ = read_notebook(path)
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    return len(graded & (ids | {cell.id for cell in notebook.cells}))


def original_of(path: Path) -> Path | None:
    """Return the file of which a notebook is a copy under its right name, or None."""
    data = path.read_bytes()
    for other in candidates(path.parent):
        if other != path and other.stat().st_size == len(data) and other.read_bytes() == data:
            return other
    return None


def left_over(path: Path) -> list[Path]:
    """Return the files beside a notebook that have nearly its name and were not graded."""
    alike = [
        each for each in candidates(path.parent) if plain_name(each.name) == plain_name(path.name)
    ]
    data = path.read_bytes()
    return [each for each in alike if each != path and each.read_bytes() != data]

"""Recognise a notebook that was renamed, by its name and its cells: `02_convolution (1).ipynb`."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.classroom.collect.read_notebook import read_damaged_notebook
from unet_tutorial.classroom.released_notebook import read_released
from unet_tutorial.teaching import chapters

_NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)*$", re.IGNORECASE)  # browsers add a suffix
_EXTENSIONS = re.compile(r"(\.ipynb|\.json|\.txt)+$", re.IGNORECASE)
_COPY_MARKS = (  # what browsers, file managers and JupyterLab add to the name of a copy
    re.compile(r"^(copy|kopie) (\(\d+\) )?(of|von) ", re.IGNORECASE),
    re.compile(r"\s*\(\d+\)$"),
    re.compile(r"[-_ ]*(copy|kopie)\s*\(?\d*\)?$", re.IGNORECASE),
)
_VERSION = re.compile(r"-(\d+)$|\((\d+)\)$")  # added when the name already exists
_MIN_SHARED_CELLS = 2  # enough to recognise a notebook that has another name
_CHECKPOINTS = ".ipynb_checkpoints"


@dataclass(frozen=True)
class Version:
    """A file that may be a notebook of an assignment."""

    name: str
    data: Path
    upload: int = 0  # a later upload has a higher number


class Recogniser:
    """Recognises an assignment's notebooks."""

    def __init__(self, folder: Path):
        """Learn the notebooks in a folder, the source or the release of an assignment."""
        chapters = {path.stem: read_released(path) for path in sorted(folder.glob("*.ipynb"))}
        self.answers = {  # by notebook and cell: the text as released, None if it's no answer
            stem: {
                name: cell.learner_source.strip() if cell.is_answer else None
                for name, cell in chapter.nbgrader_cells.items()
            }
            for stem, chapter in chapters.items()
        }

    def is_generic(self, name: str) -> bool:
        """Whether a file or folder is named like a notebook here, or like a piece of its name."""
        words = _split_words(normalise_name(re.sub(r"\.\w{1,4}$", "", name)))
        return any(words <= _split_words(stem) for stem in self.answers)

    def has_cells(self, stem: str, version: Version) -> bool:
        """Whether a file has cells of a notebook, enough to recognise it."""
        return self._count_cells(stem, version.data)[0]

    def rank(self, stem: str, versions: Sequence[Version]) -> list[Version]:
        """Rank the files that may be a notebook, the one to grade first.

        With its cells comes before without, worked on before untouched, the expected name before
        others, and then the newest: the later upload, the higher number in the name.
        """
        ranked = []
        for each in versions:
            has_cells, answered = self._count_cells(stem, each.data)
            name = normalise_name(each.name)
            is_named = _VERSION.sub("", name) == stem.lower()
            key = (has_cells, answered > 0, is_named, each.upload, _find_version(each.name),
                   answered, each.name)  # fmt: skip
            if has_cells or name == stem.lower():
                ranked.append((key, each))
        return [each for _, each in sorted(ranked, key=lambda pair: pair[0], reverse=True)]

    def _count_cells(self, stem: str, path: Path) -> tuple[bool, int]:
        """Return whether a file has the notebook's cells, and how many answers were worked on."""
        expected, shared, answered = self.answers[stem], set(), 0
        for names, source in _read_cells(path):
            names &= set(expected)
            shared |= names
            answered += any(expected[name] not in (None, source.strip()) for name in names)
        return len(shared) >= max(1, min(_MIN_SHARED_CELLS, len(expected))), answered


def _read_cells(path: Path) -> list[tuple[frozenset[str], str]]:
    """Read the names and the source of each cell, quickly if the file is in order."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return [_read_cell(cell, cell["metadata"].get("nbgrader", {})) for cell in cells]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        cells = read_damaged_notebook(path)[0].cells
        return [_read_cell(cell, cell.metadata.get("nbgrader", {})) for cell in cells]


def _read_cell(cell: Mapping, about: Mapping) -> tuple[frozenset[str], str]:
    names = about.get("grade_id"), cell.get("id")
    return frozenset(each for each in names if isinstance(each, str)), chapters.cell_source(cell)


def _split_words(name: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", name.lower()))


def _find_version(file: str) -> int:
    """Find the number in a file's name: 2 for "a (2).ipynb"; -1 for a copy, which is older."""
    stem = _EXTENSIONS.sub("", file)
    if _COPY_MARKS[0].search(stem) or _COPY_MARKS[2].search(stem):
        return -1
    match = _VERSION.search(stem)
    return int(match[1] or match[2]) if match else 0


def normalise_name(name: str) -> str:
    """Remove what browsers and people add to a file's name: "Copy of A (1).ipynb" -> "a"."""
    name = _EXTENSIONS.sub("", name).strip()
    for _ in range(2):  # "A (1) - Copy" has two marks
        for pattern in _COPY_MARKS:
            name = pattern.sub("", name).strip()
    return re.sub(r"\s+", "_", name).lower()


def is_notebook(name: str, data: Path) -> bool:
    """Whether a file is a notebook by its name, or by how it begins."""
    if _NOTEBOOK.search(name):
        return True
    with data.open("rb") as file:
        start = file.read(2**16).lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"{") and (b'"cells"' in start or b'"nbformat' in start)


def copy_to_expected_names(folder: Path, source: Path) -> list[Path]:
    """Copy renamed notebooks of a submission to the names that the assignment expects.

    A notebook that already has an expected name is never overwritten.

    Args:
        folder: the submission.
        source: the assignment's folder of source notebooks.

    Returns:
        The paths of the copies.
    """
    recogniser, copies = Recogniser(source), []
    present = {folder / f"{stem}.ipynb" for stem in recogniser.answers}
    others = [Version(path.name, path) for path in list_candidates(folder) if path not in present]
    for stem in recogniser.answers:
        target = folder / f"{stem}.ipynb"
        if not target.exists() and (ranked := recogniser.rank(stem, others)):
            shutil.copyfile(ranked[0].data, target)
            copies.append(target)
    return copies


def list_candidates(folder: Path) -> list[Path]:
    """List the files of a submission that may be notebooks."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    paths = [path for path in paths if path.name != "timestamp.txt"]
    return [
        path for path in paths if _CHECKPOINTS not in path.parts and is_notebook(path.name, path)
    ]


def find_original(path: Path) -> Path | None:
    """Find the file from which a notebook was copied to its expected name, or None."""
    data = path.read_bytes()
    for other in list_candidates(path.parent):
        if other != path and other.stat().st_size == len(data) and other.read_bytes() == data:
            return other
    return None


def find_other_versions(path: Path) -> list[Path]:
    """Find the files in a notebook's folder that have nearly its name, but other contents."""
    name, data = normalise_name(path.name), path.read_bytes()
    same_name = [each for each in list_candidates(path.parent) if normalise_name(each.name) == name]
    return [each for each in same_name if each != path and each.read_bytes() != data]

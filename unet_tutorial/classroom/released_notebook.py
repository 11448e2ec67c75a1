"""A source notebook as it was released to students: its cells in order, and the role of each."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.teaching import chapters

# The keys of nbgrader's metadata (schema 3) that are kept; cell_type is set from the cell itself.
_NBGRADER_KEYS = ("grade", "grade_id", "locked", "points", "schema_version", "solution", "task")
_CHECK_NAME = re.compile(r"check-(\d+)-(\d+)$")


@dataclass(frozen=True)
class Cell:
    """One cell of a released notebook."""

    name: str  # its grade_id, or the cell's id if nbgrader ignores it
    cell_type: str
    source: str  # the instructor's version, with solutions and hidden tests
    learner_source: str
    nbgrader: dict | None  # nbgrader's metadata; None if nbgrader ignores the cell

    @property
    def is_answer(self) -> bool:
        """Whether learners write their answer in this cell."""
        return bool(self.nbgrader and (self.nbgrader["solution"] or self.nbgrader["task"]))


@dataclass(frozen=True)
class ReleasedNotebook:
    """A notebook as it was released, with its cells in order."""

    cells: tuple[Cell, ...]

    @property
    def nbgrader_cells(self) -> dict[str, Cell]:
        """The cells with nbgrader's metadata, by name and in order."""
        return {cell.name: cell for cell in self.cells if cell.nbgrader}

    @property
    def setup_cell(self) -> Cell | None:
        """The first code cell, which every exercise needs."""
        return next((cell for cell in self.cells if cell.cell_type == "code"), None)

    @property
    def teaching_cells(self) -> dict[str, str]:
        """The names of the code cells that no exercise needs, by their source."""
        return {
            cell.source.strip(): cell.name
            for cell in self.cells
            if cell.cell_type == "code"
            and not (cell.nbgrader or cell is self.setup_cell or cell.name.startswith("given-"))
        }

    def find_answer(self, check: str) -> str | None:
        """Return the name of the answer cell that belongs to a check: the last one before it."""
        answer = None
        for name, cell in self.nbgrader_cells.items():
            if cell.is_answer:
                answer = name
            if name == check:
                return answer
        return None


def read_released(path: Path) -> ReleasedNotebook:
    """Read a source notebook; if the file doesn't exist, return a notebook without cells."""
    path = Path(path)
    text = path.read_text(encoding="utf-8") if path.is_file() else '{"cells": []}'
    return parse_released(text)


def parse_released(text: str) -> ReleasedNotebook:
    """Parse the text of a source notebook."""
    return ReleasedNotebook(tuple(_parse_cell(cell) for cell in json.loads(text)["cells"]))


def _parse_cell(cell: dict) -> Cell:
    meta = cell["metadata"].get("nbgrader")
    if meta is not None and not any(
        meta.get(key) for key in ("grade", "solution", "locked", "task")
    ):
        meta = None
    if meta is not None:
        meta = {"schema_version": 3, "task": False, "locked": False} | meta
        meta = {key: meta[key] for key in _NBGRADER_KEYS if key in meta}
        meta["cell_type"] = cell["cell_type"]
    name = meta["grade_id"] if meta else cell.get("id", "")
    source = chapters.cell_source(cell)
    return Cell(name, cell["cell_type"], source, chapters.make_learner_source(cell), meta)


def parse_exercise_number(check: str) -> str:
    """Turn the name of a check into the exercise's number (check-5-2 -> 5.2); keep other names."""
    match = _CHECK_NAME.match(check)
    return f"{match[1]}.{match[2]}" if match else check

"""What a notebook was when it was released: its cells in order, and what each is there for."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from unet_tutorial.teaching import chapters

CANONICAL = ("grade", "grade_id", "locked", "points", "schema_version", "solution", "task")


EXERCISE = re.compile(r"check-(\d+)-(\d+)$")


@dataclass(frozen=True)
class Cell:
    """One cell of a released notebook."""

    name: str  # its id, which is nbgrader's id too where it is graded
    cell_type: str
    source: str  # as the instructor has it: solutions and hidden tests included
    shown: str  # as a learner gets it
    nbgrader: dict | None  # nbgrader's metadata, or None for a cell that only teaches

    @property
    def is_answer(self) -> bool:
        """Whether a learner writes in it."""
        return bool(self.nbgrader and (self.nbgrader["solution"] or self.nbgrader["task"]))


@dataclass(frozen=True)
class Released:
    """A notebook as it was released; `cells` in order."""

    cells: tuple[Cell, ...]

    @property
    def graded(self) -> dict[str, Cell]:
        """The cells that nbgrader knows, by name and in order."""
        return {cell.name: cell for cell in self.cells if cell.nbgrader}

    @property
    def setup(self) -> Cell | None:
        """The first code cell, on which every exercise stands."""
        return next((cell for cell in self.cells if cell.cell_type == "code"), None)

    @property
    def teaching(self) -> dict[str, str]:
        """The cells that no exercise needs, by their source: the names that each defines."""
        return {
            cell.source.strip(): cell.name
            for cell in self.cells
            if cell.cell_type == "code"
            and not (cell.nbgrader or cell is self.setup or cell.name.startswith("given-"))
        }

    def answer_of(self, check: str) -> str | None:
        """Return the name of the cell that a check looks at: the last answer before it."""
        answer = None
        for name, cell in self.graded.items():
            if cell.is_answer:
                answer = name
            if name == check:
                return answer
        return None


def read_released(path: Path) -> Released:
    """Return a source notebook as it was released, or one without cells where there is no file."""
    path = Path(path)
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else Released(())


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> Released:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return Released(tuple(cell_of(cell) for cell in notebook["cells"]))


def cell_of(cell: dict) -> Cell:
    """Return one cell of a source notebook."""
    meta = cell["metadata"].get("nbgrader")
    if meta is not None and not any(
        meta.get(key) for key in ("grade", "solution", "locked", "task")
    ):
        meta = None
    if meta is not None:
        meta = {"schema_version": 3, "task": False, "locked": False} | meta
        meta = {key: meta[key] for key in CANONICAL if key in meta}
        meta["cell_type"] = cell["cell_type"]
    name = meta["grade_id"] if meta else cell.get("id", "")
    source = chapters.source_of(cell)
    return Cell(name, cell["cell_type"], source, chapters.learners_source(cell), meta)


def names_bound(source: str) -> set[str]:
    """Return the names that a cell binds at its top level; none where it cannot be parsed."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    return {name for statement in tree.body for name in bound_by(statement)}


def bound_by(statement: ast.stmt) -> set[str]:
    """Return the names that one statement binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(each.asname or each.name).partition(".")[0] for each in statement.names}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def exercise_number(check: str) -> str:
    """Return the number of an exercise from the name of its check: check-5-2 -> 5.2."""
    match = EXERCISE.match(check)
    return f"{match[1]}.{match[2]}" if match else check

"""A course of two tiny chapters, which don't need torch."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

from unet_tutorial.classroom.nbgrader_config import format_config
from unet_tutorial.teaching import chapters

NUMBERS, WORDS = "02_numbers", "03_words"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def cell(name: str, source: str, cell_type: str = "code", **nbgrader) -> dict:
    """Make a cell of a source notebook."""
    made = {"id": name, "cell_type": cell_type, "metadata": {}, "source": source}
    if cell_type == "code":
        made |= {"outputs": [], "execution_count": None}
    if nbgrader:
        base = {"grade": False, "solution": False, "locked": False, "task": False}
        made["metadata"]["nbgrader"] = (
            base | {"grade_id": name, "schema_version": 3, "cell_type": cell_type} | nbgrader
        )
    return made


def answer(number: str, visible: str, region: str) -> dict:
    """Make a solution cell; the markers get the same indentation as the region's first line."""
    indent = region[: len(region) - len(region.lstrip())]
    source = f"{visible}\n{indent}### BEGIN SOLUTION\n{region}\n{indent}### END SOLUTION"
    return cell(f"solution-{number}", source.lstrip("\n"), solution=True)


def check(number: str, points: int, visible: str, hidden: str = "") -> dict:
    """Make a check cell, with hidden tests if there are any."""
    if hidden:
        visible += f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return cell(f"check-{number}", visible, grade=True, locked=True, points=points)


def question(name: str, points: int, model: str) -> dict:
    """Make the cell for an answer in words, which is graded by hand."""
    source = f"### BEGIN SOLUTION\n{model}\n### END SOLUTION"
    return cell(name, source, "markdown", solution=True, grade=True, points=points)


def notebook(*cells: dict) -> dict:
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def numbers() -> dict:
    """Make the source notebook of the first chapter: 1 + 2 + 3 points."""
    return notebook(
        cell("title", "# Numbers", "markdown"),
        cell("setup", "import math\n\nWANTED = 42"),
        cell("teaching", "def add_one(number):\n    return number + 1\n\n\nprint(add_one(1))"),
        cell("exercise-2-1", "### 2.1 · Write 42", "markdown"),
        answer("2-1", "answer = ...", "answer = 42"),
        check("2-1", 1, "assert answer == WANTED, 'not 42'"),
        cell("exercise-2-2", "### 2.2 · Double", "markdown"),
        answer(
            "2-2", "def double(number):\n    '''Return twice a number.'''", "    return 2 * number"
        ),
        check("2-2", 2, "assert double(2) == 4", "assert double(7) == 14, 'seven'"),
        cell("exercise-2-3", "### 2.3 · Square root", "markdown"),
        cell("given-2-3", "given = [4, 9]"),
        answer(
            "2-3", "def root(number):\n    '''Return its root.'''", "    return math.sqrt(number)"
        ),
        check("2-3", 3, "assert [root(each) for each in given] == [2, 3]"),
        cell("built", "## What you built", "markdown"),
    )


def words() -> dict:
    """Make the source notebook of the second chapter: 1 + 1 points, and 4 by hand."""
    return notebook(
        cell("setup", "TEXT = 'unet'"),
        cell("exercise-3-1", "### 3.1 · Upper case", "markdown"),
        answer("3-1", "loud = ...", "loud = TEXT.upper()"),
        check("3-1", 1, "assert loud == 'UNET'"),
        cell("exercise-3-2", "### 3.2 · Backwards", "markdown"),
        answer("3-2", "def back(text):\n    '''Return it backwards.'''", "    return text[::-1]"),
        check("3-2", 1, "assert back(TEXT) == 'tenu'"),
        cell("explain-3-question", "### In your own words", "markdown", locked=True),
        question("explain-3", 4, "Because it copies."),
        cell("built", "## What you built", "markdown"),
    )


SOURCES = {NUMBERS: numbers, WORDS: words}
RIGHT = {
    "solution-2-1": "answer = 42",
    "solution-2-2": "def double(number):\n    return number + number",
    "solution-2-3": "def root(number):\n    return number**0.5",
    "solution-3-1": "loud = 'UNET'",
    "solution-3-2": "def back(text):\n    return ''.join(reversed(text))",
    "explain-3": "It copies the letters, last one first.",
}


def make_course(root: Path) -> Path:
    """Write a course's sources and configuration, without releasing anything."""
    for name, make in SOURCES.items():
        write(root / "source" / name / f"{name}.ipynb", make())
    text = format_config("small")
    text += "\nc.Grading.timeout = 2\nc.Grading.notebook_timeout = 2\nc.Grading.clock_factor = 4\n"
    text += "c.Grading.memory = 0.5\nc.Grading.output = 50_000\n"
    (root / "nbgrader_config.py").write_text(text, encoding="utf-8")
    return root


def write(path: Path, made: dict | str) -> Path:
    """Write a notebook as JSON, or a string unchanged."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made if isinstance(made, str) else json.dumps(made), encoding="utf-8")
    return path


def attempt(name: str = NUMBERS, **answers: str) -> dict:
    """Make a correct submission; `solution_2_1="answer = 41"` replaces one of the answers."""
    made = chapters.make_learner_edition(SOURCES[name]())
    given = RIGHT | {key.replace("_", "-"): text for key, text in answers.items()}
    for each in made["cells"]:
        each["source"] = given.get(each["id"], each["source"])
    return copy.deepcopy(made)


def cell_index(made: dict, name: str) -> int:
    """Return the index of a cell in a notebook."""
    return [each["id"] for each in made["cells"]].index(name)


def edit_attempt(change: Callable[[list[dict]], object], **answers: str) -> dict:
    """Make a correct submission, then call `change` with its cells."""
    made = attempt(**answers)
    change(made["cells"])
    return made


def submit(root: Path, student: str, made: dict | str, file: str = "", name: str = NUMBERS) -> Path:
    """Write a submission into the course's folder submitted/."""
    return write(root / "submitted" / student / name / (file or f"{name}.ipynb"), made)

"""The learner's edition of a chapter, made from its source notebook; the standard library only.

A source notebook holds, for each exercise 5.2, three cells: `exercise-5-2` (the task),
`solution-5-2` (with the solution between two marks) and `check-5-2` (with hidden tests between two
others, where grading needs more than learning does). The marks are nbgrader's.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

STUB = "# Your code here."
FIRST_CHAPTER = "00_start_here.ipynb"
SOLUTION = ("BEGIN SOLUTION", "END SOLUTION")
HIDDEN = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
PICTURE = re.compile(r"\.\./figures/([\w.-]+)")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((\d\d_\w+)\.ipynb(#[^)]*)?\)")


def find_notebooks() -> Path:
    """Return the folder of the source notebooks: beside the package in a clone, inside it else.

    Errors: FileNotFoundError where neither holds the first chapter.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package.parent / "notebooks", package / "notebooks"):
        if (folder / FIRST_CHAPTER).is_file():
            return folder
    raise FileNotFoundError(
        f"The chapters are missing: {package} has no notebooks beside or inside it. "
        "Install the package again, or work in a clone."
    )


def chapter_paths(folder: Path) -> list[Path]:
    """Return the chapters' files in a folder, source notebooks or copies, in order."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


@cache
def read_chapter(chapter: int) -> dict:
    """Return the source notebook of a chapter (5 for 05_...), as parsed JSON; do not change it."""
    (path,) = find_notebooks().glob(f"{chapter:02d}_*.ipynb")
    return json.loads(path.read_text(encoding="utf-8"))


def source_of(cell: dict) -> str:
    """Return a cell's source as one text, however the file holds it."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def exercise_cell(number: str, part: str) -> str:
    """Return the source of one cell of exercise 5.2; part is exercise, solution or check.

    Errors: KeyError where the chapter has no such exercise.
    """
    chapter = int(number.partition(".")[0])
    wanted = f"{part}-{number.replace('.', '-')}"
    for cell in read_chapter(chapter)["cells"]:
        if cell["id"] == wanted:
            return source_of(cell)
    raise KeyError(f"Chapter {chapter:02d} has no exercise {number}.")


def exercise_title(number: str) -> str:
    """Return the heading of an exercise without its number: "Stamp a row by hand" of 5.1."""
    heading = exercise_cell(number, "exercise").partition("\n")[0]
    return heading.removeprefix(f"### {number} · ")


def stub_of(number: str) -> str:
    """Return what a learner finds in the solution cell of an exercise."""
    return without(exercise_cell(number, "solution"), SOLUTION, STUB)


def solution_of(number: str) -> str:
    """Return the code that solves an exercise: its solution cell without the marks."""
    lines = exercise_cell(number, "solution").split("\n")
    return "\n".join(line for line in lines if not any(mark in line for mark in SOLUTION))


def without(source: str, marks: tuple[str, str], stub: str | None = None) -> str:
    """Return the source without the regions between the marks, each replaced by the stub.

    Errors: ValueError where a region is opened twice or never closed.
    """
    begin, end = marks
    kept, inside = [], False
    for line in source.split("\n"):
        if begin in line:
            if inside:
                raise ValueError(f"{begin} stands inside another one:\n{source}")
            inside = True
            if stub is not None:
                indent = line[: len(line) - len(line.lstrip())]
                kept.append(indent + stub)
        elif end in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError(f"{begin} has no {end}:\n{source}")
    return "\n".join(kept)


def learners_edition(notebook: dict, beside: Collection[str] | None = None) -> dict:
    """Return a learner's copy of a source notebook: stubs, nothing hidden, no outputs.

    `notebook` is the parsed JSON of a source notebook, which stays as it is. `beside` names the
    notebooks that will lie beside the copy ("04_down.ipynb"): of a link to another one the text
    stays (None: all of them will). Pictures are looked for in figures/ beside the copy instead of
    ../figures/ (see `pictures_of`).
    """
    edition = copy.deepcopy(notebook)
    for cell in edition["cells"]:
        cell["source"] = learners_source(cell, beside)
        make_fresh(cell)
    return edition


def make_fresh(cell: dict) -> None:
    """Clear a cell's outputs and uncollapse it, in place: a stub is there to be seen."""
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None
    hidden = cell["metadata"].get("jupyter", {})
    hidden.pop("source_hidden", None)
    if not hidden:
        cell["metadata"].pop("jupyter", None)


def learners_source(cell: dict, beside: Collection[str] | None = None) -> str:
    """Return what stands in a cell of the learner's edition."""

    def link(text: str, stem: str, anchor: str) -> str:
        there = beside is None or f"{stem}.ipynb" in beside
        return f"[{text}]({stem}.ipynb{anchor})" if there else text

    source = source_of(cell)
    if cell["cell_type"] == "markdown":
        return relink(source, link)
    return without(without(source, SOLUTION, STUB), HIDDEN).rstrip("\n")


def relink(markdown: str, link: Callable[[str, str, str], str]) -> str:
    """Return markdown for another folder, with its pictures in figures/ there.

    `link` takes the text of a link to a chapter, the chapter ("04_down") and the anchor ("" or
    "#Down"), and returns what to write.
    """
    moved = PICTURE.sub(r"figures/\1", markdown)
    return LINK.sub(lambda found: link(found[1], found[2], found[3] or ""), moved)


def pictures_of(notebook: dict) -> Iterator[str]:
    """Yield the names of the files in figures/ that a source notebook uses."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield from PICTURE.findall(source_of(cell))

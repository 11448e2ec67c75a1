"""A chapter as the source of an nbgrader assignment."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Mapping
from pathlib import Path

from unet_tutorial.classroom.course.teaching_pages import Teaching
from unet_tutorial.classroom.released_notebook import exercise_number
from unet_tutorial.teaching import chapters

AFTER_EXERCISES = "built"  # the cell before which the explanation question stands


class UnknownExercise(LookupError):
    """A notebook has no such graded cell; the message says which it has."""


def chapter_stems() -> dict[str, str]:
    """Return the names of the chapters' notebooks by number, such as "04": "04_down"."""
    paths = chapters.chapter_paths(chapters.find_notebooks())
    return {path.stem[:2]: path.stem for path in paths}


def source_notebook(chapter: str, teaching: Teaching, others: Collection[str] = ()) -> dict:
    """Return a chapter's notebook as an instructor's source: solutions and hidden tests included.

    `chapter` is "05"; `others` the names of the other notebooks of the course, to which links
    stay links. Nothing is collapsed, outputs are left out, pictures are looked for beside it, and
    the explanation question stands before the chapter's summary.
    """
    notebook = copy.deepcopy(chapters.read_chapter(int(chapter)))
    for cell in notebook["cells"]:
        cell["source"] = relinked(chapters.source_of(cell), others, cell["cell_type"])
        chapters.make_fresh(cell)
    ids = [cell["id"] for cell in notebook["cells"]]
    place = ids.index(AFTER_EXERCISES) if AFTER_EXERCISES in ids else len(ids)
    notebook["cells"][place:place] = explanation_cells(chapter, teaching)
    return notebook


def relinked(source: str, others: Collection[str], cell_type: str = "markdown") -> str:
    """Return markdown for a folder of its own: pictures beside it, links only to what is there."""
    if cell_type != "markdown":
        return source

    def link(text: str, stem: str, anchor: str) -> str:
        return f"[{text}](../{stem}/{stem}.ipynb{anchor})" if stem in others else text

    return chapters.relink(source, link)


def explanation_cells(chapter: str, teaching: Teaching) -> list[dict]:
    """Return the explanation question and the cell for its answer, which is graded by hand."""
    name = f"explain-{int(chapter)}"
    question = (
        f"### In your own words\n\n{teaching.question}\n\nWrite three to eight sentences into the "
        "cell below (double-click it, and run it when you are done). A person reads them."
    )
    answer = f"### BEGIN SOLUTION\n{teaching.answer}\n### END SOLUTION"
    points = len(teaching.rubric)
    return [
        markdown_cell(f"{name}-question", question, locked=True),
        markdown_cell(name, answer, solution=True, grade=True, points=points),
    ]


def markdown_cell(name: str, source: str, **nbgrader) -> dict:
    """Return a markdown cell with nbgrader's metadata."""
    metadata = {"grade": False, "solution": False, "locked": False, "task": False, **nbgrader}
    metadata |= {"grade_id": name, "schema_version": 3, "cell_type": "markdown"}
    return {
        "cell_type": "markdown",
        "id": name,
        "metadata": {"nbgrader": metadata},
        "source": source,
    }


def graded_cells(notebook: Mapping) -> dict[str, dict]:
    """Return nbgrader's metadata of the graded cells, in order, by number ("5.2") or grade_id."""
    found = {}
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("grade"):
            found[exercise_number(about["grade_id"])] = about
    return found


def set_points(path: Path, points: Mapping[str, float]) -> None:
    """Write points into a source notebook.

    Errors: UnknownExercise where it has no such exercise; the file then stays as it is.
    """
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = graded_cells(notebook)
    for number, value in points.items():
        if number not in cells:
            raise UnknownExercise(f"{path.stem} has no {number}; it has {', '.join(cells)}.")
        cells[number]["points"] = value
    write_notebook(path, notebook)


def write_notebook(path: Path, notebook: Mapping) -> None:
    """Write a course's source notebook whole or not at all.

    `path` is COURSE/source/NAME/NAME.ipynb. The unfinished part stands in COURSE: nbgrader hands
    out all that is beside a source, and it has the solutions.
    """
    part = path.parents[2] / f".{path.stem}.part"
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

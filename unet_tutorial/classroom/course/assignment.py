"""Turn a chapter into the source notebook of an nbgrader assignment."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path

from unet_tutorial.classroom.course.teaching_pages import Lesson
from unet_tutorial.classroom.released_notebook import parse_exercise_number
from unet_tutorial.files import atomic_write
from unet_tutorial.teaching import chapters

_SUMMARY_CELL = "built"  # the explanation question goes right before this cell


class UnknownExercise(LookupError):
    """A notebook has no graded cell of this name; the message lists those it has."""


def list_chapter_stems() -> dict[str, str]:
    """List the chapters' notebooks by number, without extension, such as {"04": "04_down"}."""
    paths = chapters.chapter_paths(chapters.find_notebooks())
    return {path.stem[:2]: path.stem for path in paths}


def build_source_notebook(chapter: str, lesson: Lesson, others: Collection[str] = ()) -> dict:
    """Build the instructor's source notebook of a chapter, with solutions and hidden tests.

    Outputs are removed, no cell is collapsed, pictures are linked in the notebook's own folder, and
    the explanation question is added before the chapter's summary.

    Args:
        chapter: the chapter's number, such as "05".
        lesson: where the explanation question comes from.
        others: the names of the other notebooks in the course; links to these stay links.
    """
    notebook = copy.deepcopy(chapters.read_chapter(int(chapter)))
    for cell in notebook["cells"]:
        cell["source"] = rewrite_links(chapters.cell_source(cell), others, cell["cell_type"])
        chapters.reset_cell(cell)
    ids = [cell["id"] for cell in notebook["cells"]]
    place = ids.index(_SUMMARY_CELL) if _SUMMARY_CELL in ids else len(ids)
    notebook["cells"][place:place] = _make_explanation_cells(chapter, lesson)
    return notebook


def rewrite_links(source: str, others: Collection[str], cell_type: str = "markdown") -> str:
    """Rewrite links for an assignment's folder: its own pictures, and only `others` as chapters."""
    if cell_type != "markdown":
        return source

    def format_link(text: str, stem: str, anchor: str) -> str:
        return f"[{text}](../{stem}/{stem}.ipynb{anchor})" if stem in others else text

    return chapters.relocate_markdown(source, format_link)


def _make_explanation_cells(chapter: str, lesson: Lesson) -> list[dict]:
    """Make the explanation question and the cell for its answer, which is graded by hand."""
    name = f"explain-{int(chapter)}"
    question = (
        f"### In your own words\n\n{lesson.question}\n\nWrite three to eight sentences in the "
        "cell below (double-click it, and run it when you're done). A person will read them."
    )
    answer = f"### BEGIN SOLUTION\n{lesson.answer}\n### END SOLUTION"
    points = len(lesson.rubric)
    return [
        _make_markdown_cell(f"{name}-question", question, locked=True),
        _make_markdown_cell(name, answer, solution=True, grade=True, points=points),
    ]


def digest_question(cells: Collection[Mapping], chapter: str) -> str:
    """Digest the question in words among some cells, with its model answer; "" if it isn't there.

    Points don't count.
    """
    name = f"explain-{int(chapter)}"
    sources = {cell.get("id"): chapters.cell_source(cell).rstrip() for cell in cells}
    pair = [sources.get(f"{name}-question"), sources.get(name)]
    return "" if None in pair else hashlib.sha256("\0".join(pair).encode()).hexdigest()[:16]


def digest_lesson(chapter: str, lesson: Lesson) -> str:
    """Digest a lesson's question in words as `build_source_notebook` writes it."""
    return digest_question(_make_explanation_cells(chapter, lesson), chapter)


def replace_question(
    notebook: dict, chapter: str, lesson: Lesson, earlier: Mapping[str, int]
) -> bool:
    """Put a lesson's question into a source notebook, unless the notebook's was edited by hand.

    Args:
        notebook: the source; it is changed.
        chapter: its number.
        lesson: where the question comes from.
        earlier: the number of criteria of each question that was written into this source, by its
            digest. Points that are still that number become the new number.

    Returns:
        Whether the notebook was changed.
    """
    found = digest_question(notebook["cells"], chapter)
    if found not in earlier or found == digest_lesson(chapter, lesson):
        return False
    new = {cell["id"]: cell for cell in _make_explanation_cells(chapter, lesson)}
    for cell in notebook["cells"]:
        if cell.get("id") in new:
            cell["source"] = new[cell["id"]]["source"]
            about = cell["metadata"].get("nbgrader", {})
            if about.get("points") == earlier[found]:
                about["points"] = len(lesson.rubric)
    return True


def _make_markdown_cell(name: str, source: str, **nbgrader) -> dict:
    metadata = {"grade": False, "solution": False, "locked": False, "task": False, **nbgrader}
    metadata |= {"grade_id": name, "schema_version": 3, "cell_type": "markdown"}
    return {
        "cell_type": "markdown",
        "id": name,
        "metadata": {"nbgrader": metadata},
        "source": source,
    }


def find_graded_cells(notebook: Mapping) -> dict[str, dict]:
    """Find nbgrader's metadata of the graded cells, in order, by number ("5.2") or grade_id."""
    found = {}
    for cell in notebook["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        if metadata.get("grade"):
            found[parse_exercise_number(metadata["grade_id"])] = metadata
    return found


def set_points(path: Path, points: Mapping[str, float]) -> None:
    """Set the points of exercises in a source notebook.

    Raises:
        UnknownExercise: the notebook has no exercise of that number; the file isn't changed.
    """
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = find_graded_cells(notebook)
    for number, value in points.items():
        if number not in cells:
            raise UnknownExercise(
                f"{path.stem} has no exercise {number}. Choose from: {', '.join(cells)}."
            )
        cells[number]["points"] = value
    write_source_notebook(path, notebook)


def write_source_notebook(path: Path, notebook: Mapping) -> None:
    """Write COURSE/source/NAME/NAME.ipynb completely or, if anything fails, not at all."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    # The temporary file is in COURSE, since nbgrader releases every file next to a source to the
    # students, and this one has the solutions.
    atomic_write(path, text.encode(), part_in=path.parents[2])

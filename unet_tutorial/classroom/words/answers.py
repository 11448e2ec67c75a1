"""What a class answered to the questions in words, read from the submissions as grading does."""

from __future__ import annotations

import html
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nh3
from nbconvert.filters import markdown2html
from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory

from unet_tutorial.classroom.collect.read_notebook import read_damaged_notebook
from unet_tutorial.classroom.collect.renamed_files import copy_to_expected_names
from unet_tutorial.classroom.course.teaching_pages import (
    Lesson,
    list_chapters_with_lessons,
    read_lesson,
)
from unet_tutorial.classroom.grading.pipeline.safe_notebook import make_safe
from unet_tutorial.classroom.grading.pipeline.step1_pack import (
    RELEASED,
    SUBMITTED,
    Assignment,
    pack_submission,
)
from unet_tutorial.classroom.grading.pipeline.step2_repair import (
    ANSWER,
    Findings,
    Part,
    repair_cells,
)
from unet_tutorial.classroom.grading.pipeline.step5_judge import compute_digest
from unet_tutorial.classroom.grading.pipeline.step6_words import name_question
from unet_tutorial.classroom.grading.words_sheet import clean_text
from unet_tutorial.classroom.limits import Limits
from unet_tutorial.classroom.released_notebook import Cell, ReleasedNotebook, read_released
from unet_tutorial.teaching.chapters import strip_marks

_MAX_SHOWN = 20_000  # characters of an answer


@dataclass(frozen=True)
class Answer:
    """One student's answer."""

    student: str
    digest: str  # by which grading recognises it
    text: str
    html: str  # safe to show
    notes: tuple[str, ...] = ()  # on what this answer rests


@dataclass
class Question:
    """A question in words, and what everybody answered."""

    name: str  # in the table of points
    most: float
    text: str  # HTML, as are the model answer and everything of the lesson
    model: str
    lesson: Lesson | None  # None if the chapter's own question was replaced in source/
    answers: list[Answer] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)  # who left it blank


def read_questions(
    course: CourseDirectory, assignment: Assignment, most: Mapping[str, float]
) -> dict[str, Question]:
    """Read the questions of an assignment, and everybody's answers to them.

    Args:
        course: where the submissions are.
        assignment: as it was released.
        most: the points of each question, by its name in the table.
    """
    questions = {}
    for notebook in assignment.most:
        source = Path(course.format_path(course.source_directory, ".", assignment.name))
        released = read_released(source / f"{notebook}.ipynb")
        for cell in released.nbgrader_cells.values():
            name = name_question(assignment.name, notebook, cell.name)
            if name in most:
                questions[name] = _make_question(course, name, most[name], cell, released)
    for folder in _list_submissions(course, assignment.name):
        for name, answer in _read_answers(folder, folder.parent.name, assignment):
            if name in questions and answer:
                questions[name].answers.append(answer)
            elif name in questions:
                questions[name].blank.append(folder.parent.name)
    return questions


def _make_question(
    course: CourseDirectory, name: str, most: float, cell: Cell, released: ReleasedNotebook
) -> Question:
    cells = released.cells
    before = cells[max(0, cells.index(cell) - 1)]
    text = before.source if before.cell_type == "markdown" else ""
    chapter = name.removeprefix("explain-").zfill(2)
    lesson = None
    if chapter in list_chapters_with_lessons():
        lesson = read_lesson(chapter, Path(course.root))
        if lesson.question in " ".join(text.split()):
            text = lesson.question
        else:  # the rubric and the samples are for another question
            lesson = None
    model = strip_marks(cell.source)
    return Question(name, most, render_markdown(text), render_markdown(model), lesson)


def render_markdown(text: str) -> str:
    """Render markdown as HTML that is safe to show, and loads nothing."""
    return nh3.clean(
        markdown2html(text),
        attributes={"img": {"src", "alt", "width", "height"}},
        attribute_filter=_filter_attribute,
        url_schemes={"data"},
        link_rel=None,
    )


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    """Drop the addresses of pictures that aren't in the text itself."""
    return None if name == "src" and not value.startswith("data:") else value


def _list_submissions(course: CourseDirectory, assignment: str) -> list[Path]:
    pattern = Path(course.format_path(course.submitted_directory, "*", assignment))
    found = pattern.parent.parent.glob(f"*/{assignment}")
    return sorted(folder for folder in found if folder.is_dir())


def _read_answers(
    folder: Path, student: str, assignment: Assignment
) -> Iterator[tuple[str, Answer | None]]:
    """Read a submission's answers by the questions' names; None for one that is blank."""
    with tempfile.TemporaryDirectory(prefix="words-") as place:
        package = pack_submission(folder, assignment, Limits())
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            archive.extractall(place)
        submitted, source = Path(place, SUBMITTED), Path(place, RELEASED)
        submitted.mkdir(exist_ok=True)
        copy_to_expected_names(submitted, source)
        for notebook in assignment.most:
            if not (path := submitted / f"{notebook}.ipynb").is_file():
                continue
            released, found = read_released(source / path.name), Findings()
            for part in repair_cells(read_damaged_notebook(path)[0].cells, released, found):
                name = name_question(assignment.name, notebook, part.name)
                if part.role == ANSWER:
                    is_blank = part.name in found.blank
                    yield name, None if is_blank else _make_answer(part, student, released, found)


def _make_answer(part: Part, student: str, released: ReleasedNotebook, found: Findings) -> Answer:
    notes = [each for each in found.guesses if each.startswith(f"{part.name} ")]
    digest, text = compute_digest(part.cell.source), clean_text(part.cell.source)
    if len(text) > _MAX_SHOWN:
        notes.append(f"It has {len(text):,} characters; the first {_MAX_SHOWN:,} are shown.")
    part.cell.source = text[:_MAX_SHOWN]
    (cell,) = make_safe([part.cell], released, {}).cells
    return Answer(student, digest, text, _render_answer(cell), tuple(notes))


def _render_answer(cell: NotebookNode) -> str:
    if cell.cell_type == "code":
        return f"<pre>{html.escape(cell.source)}</pre>"
    return render_markdown(cell.source)

"""A student's feedback: one page with everything inside, which needs no network and no script."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from nbconvert.exporters import Exporter
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from unet_tutorial.classroom.grading.feedback_text import (
    format_comment,
    format_outputs,
    hide_paths,
    render_markdown,
)
from unet_tutorial.classroom.grading.pipeline.safe_notebook import make_safe_markdown
from unet_tutorial.classroom.released_notebook import parse_exercise_number, read_released
from unet_tutorial.teaching.checks import EXERCISES

_TEMPLATE = Path(__file__).with_name("feedback_page.html")
_BLANK = "You left this blank."
_HEADING = re.compile(r"(?:^#+ |<h\d[^>]*>)(\d+\.\d+) · (.+?)\s*(?:$|<)", re.MULTILINE)


@dataclass
class _Exercise:
    """A graded exercise, or a question in words, with what it got."""

    number: str  # such as "2.1"; "" for a question in words
    title: str
    task: str = ""
    answer: NotebookNode | None = None
    checks: list[NotebookNode] = field(default_factory=list)
    score: float = 0.0
    most: float = 0.0
    is_waiting: bool = False  # for points by hand

    @property
    def heading(self) -> str:
        """Its number and title."""
        return f"{self.number} {self.title}".strip()

    @property
    def points(self) -> str:
        """What it got, in words."""
        if self.is_waiting:
            return f"still to be graded, {self.most:g} at most"
        return f"{self.score:g} of {self.most:g}"


class FeedbackPage(Exporter):
    """Exports a graded notebook as its student's feedback: the exercises, and what they got."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: ResourcesDict | None = None, **options
    ) -> tuple[str, ResourcesDict]:
        """Run the preprocessors, and format the page."""
        nb, resources = super().from_notebook_node(nb, resources, **options)
        folder, about = Path(resources["metadata"]["path"]), resources["nbgrader"]
        course = CourseDirectory(config=self.config)
        source = course.format_path(course.source_directory, ".", about["assignment"])
        released = _read_texts(Path(source) / f"{about['notebook']}.ipynb")
        return format_page(nb.cells, about, folder, released), resources


def _read_texts(path: Path) -> set[str]:
    """Read the texts of a released notebook's cells, in both forms that a graded copy may have."""
    texts = {each.learner_source for each in read_released(path).cells}
    return {"", *(each.strip() for text in texts for each in (text, make_safe_markdown(text)))}


def format_page(
    cells: Sequence[NotebookNode], about: Mapping, folder: Path, released: Container[str]
) -> str:
    """Format a student's page.

    Args:
        cells: of the graded notebook, with nbgrader's points and comments.
        about: nbgrader's student, assignment, db_url, score, max_score and late_penalty.
        folder: where the notebook's pictures are.
        released: the texts of the cells as they were released; others are the student's.
    """
    name, late, waiting = _read_submission(about)
    exercises = list(_find_exercises(cells, waiting))
    rows = [
        f'<tr><td><a href="#{_anchor(each)}">{html.escape(each.heading)}</a></td>'
        f"<td>{each.points}</td></tr>"
        for each in exercises
    ]
    parts = [_format_exercise(each, folder) for each in exercises]
    parts.append(_format_others(cells, released, folder))
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        assignment=html.escape(about["assignment"]),
        name=html.escape(name),
        score=f"{about['score']:g}",
        most=f"{about['max_score']:g}",
        so_far=" so far" if waiting else "",
        late=_format_late(late, about["late_penalty"]),
        rows="\n".join(rows),
        exercises="\n".join(parts),
    )


def _read_submission(about: Mapping) -> tuple[str, float, set[str]]:
    """Read the student's name, the seconds of lateness, and what still waits for points by hand."""
    with Gradebook(about["db_url"]) as gradebook:
        found = gradebook.find_submission(about["assignment"], about["student"])
        names = filter(None, (found.student.first_name, found.student.last_name))
        grades = [each for book in found.notebooks for each in book.grades]
        waiting = {each.name for each in grades if each.needs_manual_grade}
        return " ".join(names) or found.student.id, found.total_seconds_late, waiting


def _format_late(seconds: float, penalty: float) -> str:
    if seconds <= 0:
        return ""
    minutes = int(-(-seconds // 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    long = f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"
    costs = f"{penalty:g} points are taken off" if penalty else "without a penalty"
    return f"<p>Handed in {long} late: {costs}.</p>"


def _find_exercises(cells: Sequence[NotebookNode], waiting: Container[str]) -> Iterator[_Exercise]:
    """Find the exercises: each ends with its check, or is one cell with the answer in words."""
    sources = {cell.id: cell.source for cell in cells if "id" in cell}
    headed = {
        match[1]: (html.unescape(match[2]), cell.source)
        for cell in cells
        if cell.cell_type == "markdown" and (match := _HEADING.search(cell.source))
    }
    answer = None
    for cell in cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade"):
            name = about["grade_id"]
            if about.get("solution"):
                task = sources.get(f"{name}-question", "")
                made = _Exercise("", "In your own words", task, cell)
            else:
                number = parse_exercise_number(name)
                title = EXERCISES[number].title if number in EXERCISES else ""
                task = sources.get(f"exercise-{number.replace('.', '-')}", "")
                title, task = headed.get(number, (title, task))
                made = _Exercise(number, title, task, answer, [cell])
            made.score, made.most = about.get("score") or 0.0, about.get("points") or 0.0
            made.is_waiting = name in waiting
            yield made
            answer = None
        elif about.get("solution"):
            answer = cell


def _anchor(each: _Exercise) -> str:
    return f"exercise-{each.number.replace('.', '-')}" if each.number else "in-your-own-words"


def _format_exercise(each: _Exercise, folder: Path) -> str:
    """Format one exercise: its points, the comment, what the check said, the answer, the task."""
    kind = "right" if each.score >= each.most and not each.is_waiting else "wrong"
    parts = [
        f'<h2>{html.escape(each.heading)} <span class="points {kind}">{each.points}</span></h2>'
    ]
    if comment := _find_comment(each):
        parts.append(f'<pre class="comment">{format_comment(hide_paths(comment))}</pre>')
    parts += [format_outputs(cell.outputs) for cell in each.checks]
    if each.answer is not None:
        parts.append(f"<h3>Your answer</h3>\n{_format_cell(each.answer, folder)}")
    if each.task:
        task = render_markdown(each.task, folder)
        parts.append(f"<details><summary>The task</summary>\n{task}</details>")
    return f'<section id="{_anchor(each)}">' + "\n".join(filter(None, parts)) + "</section>"


def _format_cell(cell: NotebookNode, folder: Path) -> str:
    """Format a cell that a student wrote, with its outputs."""
    if cell.cell_type == "markdown":
        return f'<div class="words">{render_markdown(cell.source, folder)}</div>'
    source = f"<pre><code>{html.escape(cell.source)}</code></pre>"
    return f"{source}\n{format_outputs(cell.get('outputs', []))}"


def _format_others(cells: Sequence[NotebookNode], released: Container[str], folder: Path) -> str:
    """Format the rest of what a student wrote: cells that weren't released, closed at first."""
    shown = [
        _format_cell(each, folder)
        for each in cells
        if "nbgrader" not in each.metadata and each.source.strip() not in released
    ]
    if not shown:
        return ""
    summary = "<summary>Other cells that you added or changed</summary>"
    return "\n".join([f"<section><details>{summary}", *shown, "</details></section>"])


def _find_comment(each: _Exercise) -> str:
    """Find the comment on an answer, without what the check's own output says.

    nbgrader's "No response." is repeated only where it's true.
    """
    about = each.answer.metadata.get("nbgrader", {}) if each.answer is not None else {}
    comment = (about.get("comment") or "").replace("\\<", "<").replace("]\\(", "](").strip()
    if comment == "No response.":
        return "" if each.score or each.is_waiting else _BLANK
    said = tuple(f"{cell.metadata.nbgrader.grade_id}:" for cell in each.checks if cell.outputs)
    lines = [line for line in comment.split("\n") if not (said and line.startswith(said))]
    return "\n".join(lines)

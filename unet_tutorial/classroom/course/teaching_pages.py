"""Teaching pages: everything a teacher needs before a lesson on a chapter, on one page.

Plans and rubrics come from lessons/NN.toml, objectives and minutes from the chapter's notebook, and
misconceptions, with the questions that reveal them, from its exercises. A course may ask its own
question in words (own_question.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.classroom.course.own_question import read_own_question
from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import EXERCISES

_LESSONS = Path(__file__).parent / "lessons"
MINUTES = 50
_BULLET = re.compile(r"(?m)^- (.+?)[,;.]?$")
_TOTALS = re.compile(r"(\d+) minutes, and about (\d+) for the exercises")
_MINUTES_OF_TASK = re.compile(r"· (\d+) minutes")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True)
class Sample:
    """An answer to the question in words that is only half right, to compare others with."""

    points: float  # one for each criterion that it meets
    answer: str
    why: str  # which criteria it meets, and which it misses


@dataclass(frozen=True)
class Lesson:
    """The contents of lessons/NN.toml: how to teach a chapter."""

    plan: tuple[tuple[int, str], ...]  # (minutes, activity) of each step
    question: str  # the explanation question, graded by hand
    answer: str  # a good answer
    rubric: tuple[str, ...]  # criteria, one point each by default
    beware: str  # an answer that sounds right but earns few points; "" if there is none
    half_right: tuple[Sample, ...] = ()


def read_lesson(chapter: str, course: Path | None = None) -> Lesson:
    """Read the lesson of a chapter, such as "05", with the question in words that a course asks.

    Args:
        chapter: its number.
        course: the course's folder; None for the chapter's own question.

    Raises:
        FileNotFoundError: the chapter has no lesson.
        ValueError: the course's own question can't be read.
    """
    with (_LESSONS / f"{chapter}.toml").open("rb") as file:
        text = tomllib.load(file)
    own = None if course is None else read_own_question(course, chapter)
    explain = own or text["explain"]
    return Lesson(
        plan=tuple((step["minutes"], _describe_step(chapter, step)) for step in text["plan"]),
        rubric=tuple(_join_lines(point) for point in explain["rubric"]),
        half_right=tuple(
            Sample(each["points"], _join_lines(each["answer"]), _join_lines(each["why"]))
            for each in explain.get("half_right", ())
        ),
        **{name: _join_lines(explain[name]) for name in ("question", "answer", "beware")},
    )


def _describe_step(chapter: str, step: Mapping) -> str:
    """Describe a step of a plan; of exercises, which ones are for the lesson, and how long."""
    parts = [_join_lines(step.get("do", ""))]
    if numbers := step.get("exercises"):
        names = " and ".join(f"{n} ({read_exercise_minutes(n)} minutes)" for n in numbers)
        rest = read_minutes(chapter)[1] - sum(map(read_exercise_minutes, numbers))
        parts.append(f"In pairs: {names}. The other exercises, about {rest} minutes, are for home.")
    return " ".join(filter(None, parts))


def _join_lines(text: str) -> str:
    return " ".join(text.split())


def list_chapters_with_lessons() -> list[str]:
    """List the numbers of the chapters that can be assigned."""
    return sorted(path.stem for path in _LESSONS.glob("*.toml"))


def _parse_objectives(title_cell: str) -> list[str]:
    stated = title_cell.partition("**By the end, you'll be able to**")[2].partition(" minutes")[0]
    return _BULLET.findall(stated)


def _parse_prerequisites(title_cell: str) -> str:
    """Extract what a chapter builds on from its title cell, without the links."""
    stated = title_cell.partition(" · builds on ")[2].partition("\n")[0]
    return _LINK.sub(r"\1", stated).strip()


def read_minutes(chapter: str) -> tuple[int, int]:
    """Read how long a learner takes for a chapter, and for its exercises, from its title."""
    title = chapters.cell_source(chapters.read_chapter(int(chapter))["cells"][0])
    reading, exercises = _TOTALS.search(title).groups()
    return int(reading), int(exercises)


def read_exercise_minutes(number: str) -> int:
    """Read how long an exercise such as "5.2" takes, from its task."""
    return int(_MINUTES_OF_TASK.search(chapters.read_exercise_part(number, "exercise"))[1])


def format_teaching_page(
    chapter: str, points: Mapping[str, float], course: Path | None = None
) -> str:
    """Format the teaching page of a chapter as markdown.

    Args:
        chapter: the chapter's number, such as "05".
        points: points of the graded cells in its source, by number ("5.2") or grade_id.
        course: the course's folder, for its own question in words.
    """
    lesson = read_lesson(chapter, course)
    title = chapters.cell_source(chapters.read_chapter(int(chapter))["cells"][0])
    reading, exercises = read_minutes(chapter)
    heading = title.partition("\n")[0].removeprefix("# ")
    parts = [
        f"# {heading}: teaching page",
        "For the instructor: this page contains answers.",
        "## Students will be able to",
        "\n".join(f"- {objective}" for objective in _parse_objectives(title)),
        f"## What it builds on\n\n{_parse_prerequisites(title)}",
        f"## Plan for {MINUTES} minutes",
        f"Alone, a student takes {reading} minutes to read the chapter and run its cells, and "
        f"about {exercises} for all exercises.",
        _format_table(("Minutes", "What"), _make_plan_rows(lesson)),
        "## Graded cells",
        _format_table(("Cell", "Title", "Minutes", "Points"), _make_point_rows(points)),
        "## Misconceptions to expect",
        "\n\n".join(_format_misconceptions(chapter)),
        "## The question graded by hand",
        _format_explanation(lesson, points.get(f"explain-{int(chapter)}", len(lesson.rubric))),
    ]
    return "\n\n".join(parts) + "\n"


def _make_plan_rows(lesson: Lesson) -> list[tuple[str, str]]:
    """Make a row for each step of the plan: its minutes, such as "10–25", and the activity."""
    rows, start = [], 0
    for minutes, activity in lesson.plan:
        rows.append((f"{start}–{start + minutes}", activity))
        start += minutes
    return rows


def _make_point_rows(points: Mapping[str, float]) -> list[tuple[str, str, str, str]]:
    """Make a row for each graded cell: its title, minutes and points; and one for the points."""
    rows = []
    for number, value in points.items():
        exercise = EXERCISES.get(number)
        title = (
            exercise.title
            if exercise
            else "by hand"
            if number.startswith("explain")
            else "your own"
        )
        minutes = f"{read_exercise_minutes(number)}" if exercise else ""
        rows.append((number, title, minutes, f"{value:g}"))
    return [*rows, ("", "total", "", f"{sum(points.values()):g}")]


def _format_misconceptions(chapter: str) -> list[str]:
    """Format the misconception behind each exercise, with a question that reveals it."""
    return [
        f"**“{exercise.misconception}”** ({number}, {exercise.title}). Ask: {exercise.question}"
        for number, exercise in EXERCISES.items()
        if number.partition(".")[0] == str(int(chapter))
    ]


def _format_explanation(lesson: Lesson, points: float) -> str:
    """Format the explanation question with its rubric, which shares the points out evenly."""
    each = points / len(lesson.rubric)
    rows = [(criterion, f"{each:.3g}") for criterion in lesson.rubric]
    return "\n\n".join(
        [
            f"> {lesson.question}",
            _format_table((f"What earns points ({points:g} in total)", "Points"), rows),
            f"**A good answer.** {lesson.answer}",
            *([f"**Beware.** {lesson.beware}"] if lesson.beware else []),
            *(
                f"**Half right, {sample.points * each:.3g} of {points:g}.** “{sample.answer}”\n\n"
                f"{sample.why}"
                for sample in lesson.half_right
            ),
        ]
    )


def _format_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

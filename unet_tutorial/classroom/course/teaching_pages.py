"""Teaching pages: what a teacher needs to know of a chapter before the hour begins.

Plans and rubrics are in lessons/NN.toml; objectives are read from the chapter, misconceptions and
the questions that show them from its exercises.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import EXERCISES

LESSONS = Path(__file__).parent / "lessons"
MINUTES = 50
BULLET = re.compile(r"(?m)^- (.+?)[,;.]?$")
LINKED = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True)
class Teaching:
    """What lessons/NN.toml says of a chapter."""

    plan: tuple[tuple[int, str], ...]  # minutes, and what is done in them
    question: str  # the one that is answered in words and graded by hand
    answer: str  # a good answer to it
    rubric: tuple[str, ...]  # what earns a point each
    beware: str  # an answer that sounds right and earns little


def read_teaching(chapter: str) -> Teaching:
    """Return what is known of teaching a chapter ("05").

    Errors: FileNotFoundError for a chapter without a lesson.
    """
    with (LESSONS / f"{chapter}.toml").open("rb") as file:
        text = tomllib.load(file)
    explain = {name: as_line(value) for name, value in text["explain"].items() if name != "rubric"}
    return Teaching(
        plan=tuple((step["minutes"], as_line(step["do"])) for step in text["plan"]),
        rubric=tuple(as_line(point) for point in text["explain"]["rubric"]),
        **explain,
    )


def as_line(text: str) -> str:
    """Return a text of several lines as one."""
    return " ".join(text.split())


def chapters_with_lessons() -> list[str]:
    """Return the numbers of the chapters that can be assigned."""
    return sorted(path.stem for path in LESSONS.glob("*.toml"))


def objectives_of(title_cell: str) -> list[str]:
    """Return the objectives that a chapter's title cell states."""
    stated = title_cell.partition("**You will be able to**")[2].partition("**Time**")[0]
    return BULLET.findall(stated)


def builds_on(title_cell: str) -> str:
    """Return what a chapter's title cell says that it builds on, without links."""
    stated = title_cell.partition("**Builds on**")[2].partition("\n")[0]
    return LINKED.sub(r"\1", stated).strip()


def page(chapter: str, points: Mapping[str, float]) -> str:
    """Return the teaching page of a chapter as markdown.

    `points` are those of the graded cells of its source, by number ("5.2") or grade_id.
    """
    teaching = read_teaching(chapter)
    title = chapters.source_of(chapters.read_chapter(int(chapter))["cells"][0])
    heading = title.partition("\n")[0].removeprefix("# ")
    parts = [
        f"# {heading}: teaching page",
        "For the instructor: it holds answers.",
        "## Students will be able to",
        "\n".join(f"- {objective}" for objective in objectives_of(title)),
        f"## What it builds on\n\n{builds_on(title)}",
        f"## Plan for {MINUTES} minutes",
        table(("Minutes", "What"), plan_rows(teaching)),
        "## Graded cells",
        table(("Cell", "Title", "Points"), point_rows(points)),
        "## Misconceptions to expect",
        "\n\n".join(misconceptions(chapter)),
        "## The question graded by hand",
        explanation(teaching, points.get(f"explain-{int(chapter)}", len(teaching.rubric))),
    ]
    return "\n\n".join(parts) + "\n"


def plan_rows(teaching: Teaching) -> list[tuple[str, str]]:
    """Return the plan's steps, each with the minutes from its start to its end."""
    rows, start = [], 0
    for minutes, what in teaching.plan:
        rows.append((f"{start}–{start + minutes}", what))
        start += minutes
    return rows


def point_rows(points: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """Return each graded cell with its title and points, and their sum."""
    rows = []
    for number, value in points.items():
        known = EXERCISES.get(number)
        title = known.title if known else "by hand" if number.startswith("explain") else "your own"
        rows.append((number, title, f"{value:g}"))
    return [*rows, ("", "together", f"{sum(points.values()):g}")]


def misconceptions(chapter: str) -> list[str]:
    """Return each misconception that an exercise aims at, with the question that shows it."""
    return [
        f"**“{this.misconception}”** ({number}, {this.title}). Ask: {this.question}"
        for number, this in EXERCISES.items()
        if number.partition(".")[0] == str(int(chapter))
    ]


def explanation(teaching: Teaching, points: float) -> str:
    """Return the question that is answered in words, with its rubric."""
    each = points / len(teaching.rubric)
    rows = [(criterion, f"{each:.3g}") for criterion in teaching.rubric]
    return "\n\n".join(
        [
            f"> {teaching.question}",
            table((f"What earns points ({points:g} together)", "Points"), rows),
            f"**A good answer.** {teaching.answer}",
            f"**Beware.** {teaching.beware}",
        ]
    )


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

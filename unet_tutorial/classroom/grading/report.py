"""The table at the end of grading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from unet_tutorial.classroom.released_notebook import exercise_number

if TYPE_CHECKING:
    from unet_tutorial.classroom.grading.worker import Outcome

HEAD = ("student", "assignment", "points", "failed", "to look at")


def table(outcomes: Sequence[Outcome]) -> str:
    """Return a table of the outcomes, what is to be looked at, and what most students failed."""
    if not outcomes:
        return "There is nothing to grade: submitted/ holds no submission."
    rows = [HEAD, *(row(each) for each in outcomes)]
    widths = [max(len(each[column]) for each in rows) for column in range(len(HEAD))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(each, widths, strict=True))
        for each in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    parts = ["\n".join(line.rstrip() for line in lines), notes(outcomes), hard_ones(outcomes)]
    return "\n\n".join(part for part in parts if part)


def row(outcome: Outcome) -> tuple[str, ...]:
    """Return one row of the table."""
    points = "not graded" if outcome.problem else f"{outcome.points:g} of {outcome.most:g}"
    points += f" ({outcome.by_hand:g} by hand)" if outcome.by_hand else ""
    failed = ", ".join(exercise_number(each) for each in outcome.failed)
    flags = f"{len(outcome.flags)} ⚑" if outcome.flags else ""
    return outcome.student, outcome.assignment, points, failed, flags


def notes(outcomes: Sequence[Outcome]) -> str:
    """Return what is to be said of single submissions."""
    lines = []
    for each in outcomes:
        who = f"{each.student}, {each.assignment}:"
        lines += [f"{who} {each.problem}"] if each.problem else []
        lines += [f"{who} ⚑ {text}" for text in each.flags]
        lines += [f"{who} {text}" for text in each.mended]
    return "\n".join(lines)


def hard_ones(outcomes: Sequence[Outcome]) -> str:
    """Return the exercises that more than half of the students failed, the worst first."""
    handed_in = Counter(each.assignment for each in outcomes if not each.problem)
    failed = Counter((each.assignment, check) for each in outcomes for check in each.failed)
    lines = [
        f"{exercise_number(check)} ({assignment}): {count} of {handed_in[assignment]}"
        for (assignment, check), count in failed.most_common()
        if 2 * count > handed_in[assignment]
    ]
    return "\n".join(["Failed by most:", *lines]) if lines else ""

"""The table that `unet-tutorial grade` prints at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from unet_tutorial.classroom.grading.outcome import Outcome
from unet_tutorial.classroom.released_notebook import parse_exercise_number

_HEADER = ("student", "assignment", "points", "late", "to grade", "failed", "look")


def format_report(outcomes: Sequence[Outcome]) -> str:
    """Format a table of the outcomes, then what marks rest on, and the most failed exercises."""
    if not outcomes:
        return "There is nothing to grade: submitted/ contains no submissions."
    rows = [_HEADER, *(_format_row(each) for each in outcomes)]
    widths = [max(len(each[column]) for each in rows) for column in range(len(_HEADER))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(each, widths, strict=True))
        for each in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    table = "\n".join(line.rstrip() for line in lines)
    sections = [table, _format_notes(outcomes), _format_hard_exercises(outcomes)]
    return "\n\n".join(section for section in sections if section)


def _format_row(outcome: Outcome) -> tuple[str, ...]:
    points = "not graded" if outcome.problem else f"{outcome.points:g} of {outcome.most:g}"
    late = f"-{outcome.penalty:g}" if outcome.penalty else ""
    to_grade = f"{outcome.to_grade:g}" if outcome.to_grade else ""
    failed = ", ".join(parse_exercise_number(each) for each in outcome.failed)
    look = f"{len(outcome.tricks)} ⚑" if outcome.tricks else ""
    return outcome.student, outcome.assignment, points, late, to_grade, failed, look


def _format_notes(outcomes: Sequence[Outcome]) -> str:
    """Format each submission's problem, guesses, questions and signs of tricks, one a line."""
    lines = []
    for each in outcomes:
        who = f"{each.student}, {each.assignment}:"
        lines += [f"{who} {each.problem}"] if each.problem else []
        lines += [
            f"{who} {text}" for text in (*each.collected, *each.guesses, *each.asked, *each.words)
        ]
        lines += [f"{who} ⚑ {text}" for text in each.tricks]
    return "\n".join(lines)


def _format_hard_exercises(outcomes: Sequence[Outcome]) -> str:
    """List the exercises that more than half of the students failed, the most failed first."""
    graded = Counter(each.assignment for each in outcomes if not each.problem)
    failed = Counter((each.assignment, check) for each in outcomes for check in each.failed)
    lines = [
        f"{parse_exercise_number(check)} ({assignment}): {count} of {graded[assignment]}"
        for (assignment, check), count in failed.most_common()
        if 2 * count > graded[assignment]
    ]
    return "\n".join(["Failed by more than half:", *lines]) if lines else ""

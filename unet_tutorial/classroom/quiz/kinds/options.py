"""Chooses wrong options by what misconceptions give, if they differ."""

from __future__ import annotations

from collections.abc import Mapping

from unet_tutorial.classroom.quiz.question import DrawAgain, Wrong

Value = str | int | float


def choose_wrong(right: Value, told: Mapping[str, Value], most: int = 4) -> tuple[Wrong, ...]:
    """Return the values that misconceptions give, without those that aren't different.

    Args:
        right: the right answer.
        told: the value for each misconception; the first ones are preferred.
        most: how many to return at most.

    Raises:
        DrawAgain: fewer than two are left.
    """
    wrong: dict[Value, str] = {}
    for misconception, value in told.items():
        if value != right:
            wrong.setdefault(value, misconception)
    if len(wrong) < 2:
        raise DrawAgain
    return tuple(Wrong(value, wrong[value]) for value in list(wrong)[:most])

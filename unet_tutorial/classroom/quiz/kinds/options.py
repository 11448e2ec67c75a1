"""Chooses wrong options by what misconceptions give, if they differ."""

from __future__ import annotations

import random
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


def draw_wrong(
    draw: random.Random, right: Value, told: Mapping[str, Value], most: int = 4
) -> tuple[Wrong, ...]:
    """Return some of the values that misconceptions give.

    If every option but one differs from the right one in a single thing, who looks for what most
    options have in common finds the right one. So offer combined mistakes too, and draw from them.
    """
    return choose_wrong(
        right, {each: told[each] for each in draw.sample(list(told), len(told))}, most
    )

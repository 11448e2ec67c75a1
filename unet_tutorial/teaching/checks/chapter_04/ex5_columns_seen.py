"""4.5 Which columns one value sees."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _seen_forwards(level: int, column: int) -> tuple[int, int]:
    """Return what a value depends on, by pushing sets of columns through the layers."""
    low = column * 2**level // 16 * 16 - 96  # far enough to the left
    seen = [{low + place} for place in range(208)]
    for here in range(level + 1):
        if here > 0:
            seen = [a | b for a, b in zip(seen[::2], seen[1::2], strict=True)]
        for _ in range(2):
            seen = [set().union(*seen[max(i - 1, 0) : i + 2]) for i in range(len(seen))]
    mine = seen[column - low // 2**level]
    return min(mine), max(mine)


def _walk_back(wide=2, second=1, end=0, level_zero=True, pool_first=False):
    """Return `sees` with the mistakes that are asked for."""

    def sees(level, column):
        first = last = column
        for _ in range(level):
            if pool_first:
                first, last = 2 * first, 2 * last + second
            first, last = first - wide, last + wide
            if not pool_first:
                first, last = 2 * first, 2 * last + second
        edge = wide if level_zero else 0
        return first - edge, last + edge + end

    return sees


def _centred(level, column):
    """Return a field of the right size, its middle at the column times the jump."""
    first, last = _walk_back()(level, column)
    start = column * 2**level - (last - first) // 2
    return start, start + last - first


@exercise(
    misconception="The field lies symmetrically round the place that the value stands for.",
    hints=(
        "Start at the value, with first = last = column, and walk back through the layers.",
        "A 3×3 convolution reads one column more on either side. A pooled column c was made of "
        "two columns of the level above. Which two?",
        "For each level from the deepest to 1: two convolutions, then 2 * first and the second of "
        "the two columns of last. After the loop come the convolutions of level 0.",
    ),
)
def columns_seen(answer, *, seed=0) -> str:
    """Check sees(level, column): the first and the last column of the image that a value sees."""
    walk, draw = _walk_back, random.Random(seed)
    deep = [(level, draw.randrange(-4, 25)) for level in (0, 1, 2, 3, 4, 2, 3)]
    cases = [(0, 7), (1, 10), (1, 0), (2, 5), (3, 1), (4, 6), (4, 0), *deep]
    number = compare_function(
        answer,
        _seen_forwards,
        cases,
        mistakes=[
            (walk(second=0), "A pooled column was made of two columns, not of one."),
            (walk(end=1), "last is the last column that is seen, not the one after it."),
            (
                walk(pool_first=True),
                "On the way down a level pools first. Walking back, when does its pooling come?",
            ),
            (walk(level_zero=False), "Level 0 has two convolutions of its own."),
            (walk(wide=1), "Each level has two convolutions."),
            (_centred, "The right size. It does not lie evenly round column * jump."),
        ],
        otherwise="Try level 1 on paper: which columns of level 0 went into this value?",
    )
    return f"{number} values, each with the columns that reach it through the layers"

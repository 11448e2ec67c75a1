"""4.5 Which columns one value sees."""

from __future__ import annotations

import random
from collections.abc import Callable

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _trace_columns(level: int, column: int) -> tuple[int, int]:
    """Carry the set of columns behind each value forwards through the layers; read off one set."""
    low = column * 2**level // 16 * 16 - 96  # far enough to the left
    seen = [{low + place} for place in range(208)]
    for here in range(level + 1):
        if here > 0:
            seen = [a | b for a, b in zip(seen[::2], seen[1::2], strict=True)]
        for _ in range(2):
            seen = [set().union(*seen[max(i - 1, 0) : i + 2]) for i in range(len(seen))]
    mine = seen[column - low // 2**level]
    return min(mine), max(mine)


def _make_walk(wide=2, second=1, end=0, level_zero=2, pool_first=False) -> Callable:
    """Return a function that walks back through the layers, with mistakes in these settings."""

    def sees(level, column):
        first = last = column
        for _ in range(level):
            if pool_first:
                first, last = 2 * first - wide, 2 * last + second + wide
            else:
                first, last = 2 * (first - wide), 2 * (last + wide) + second
        return first - level_zero, last + level_zero + end

    return sees


def _centre_field(level: int, column: int) -> tuple[int, int]:
    """Return a field of the right size, centred on column * 2**level."""
    first, last = _trace_columns(level, column)
    start = column * 2**level - (last - first) // 2
    return start, start + last - first


def _clip_at_edge(level: int, column: int) -> tuple[int, int]:
    """Return the field, cut off at column 0."""
    first, last = _trace_columns(level, column)
    return max(first, 0), max(last, 0)


def _clip_first(level: int, column: int) -> tuple[int, int]:
    first, last = _trace_columns(level, column)
    return max(first, 0), last


REFERENCE = _trace_columns
MISTAKES = [
    (_make_walk(second=0), "A pooled column was made from two columns, not from one."),
    (_make_walk(end=1), "last is the last column that it sees, not the one after it."),
    (_make_walk(pool_first=True), "On the way down a level pools first. Walking back, when does "
     "its pooling come?"),
    (_make_walk(level_zero=0), "Level 0 has two convolutions too."),
    (_make_walk(wide=1, level_zero=1), "Each level has two convolutions."),
    (_centre_field, "The right size. But the field isn't centred on column * 2**level."),
    *((clip, "The image goes on to the left of column 0: don't cut negative columns off.")
      for clip in (_clip_at_edge, _clip_first)),
]  # fmt: skip


@exercise(
    misconception="The receptive field is centred on the place of its value.",
    question=(
        "After two poolings, which input columns does the value at place 0 see? How many are on "
        "its left, and how many on its right?"
    ),
    hints=(
        "Start at the value, with first = last = column, and walk back through the layers.",
        "A 3×3 convolution reads one more column on each side. A pooled column c was made from "
        "two columns of the level above. Which two?",
        "For each level from the deepest to 1: two convolutions, then 2 * first, and the second of "
        "last's two columns. After the loop come the convolutions of level 0.",
    ),
)
def columns_seen(answer, *, seed=0) -> str:
    """Check sees(level, column): the first and the last image column that a value sees."""
    draw = random.Random(seed)
    deep = [(level, draw.randrange(-4, 25)) for level in (0, 1, 2, 3, 4, 2, 3)]
    number = compare_function(
        answer,
        REFERENCE,
        [(0, 7), (1, 10), (1, 0), (2, 5), (3, 1), (4, 6), (4, 0), (4, 60), (1, 239), *deep],
        mistakes=MISTAKES,
        otherwise="Walk back on paper, layer by layer: which columns did each layer read?",
    )
    return f"{number} values, each with the columns that reach it through the layers"

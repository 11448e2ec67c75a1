"""1.2 Channels that don't fit."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import call_answer, describe, format_call
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import (
    format_value,
    is_equal,
    read_like,
    to_plain_value,
)


def _list_rows(height: int, width: int, classes: int) -> list[tuple[int, int, int]]:
    """Return the ten rows: five on the way down, four on the way up, and the output."""
    down = [(n, height // 2**i, width // 2**i) for i, n in enumerate((64, 128, 256, 512, 512))]
    up = [(n, *down[i][1:]) for i, n in ((3, 256), (2, 128), (1, 64), (0, 64))]
    return [*down, *up, (classes, height, width)]


REFERENCE = _list_rows


def _require_ten_rows(got: object, tried: str) -> tuple[tuple, ...]:
    """Return the rows as tuples; refuse an answer that isn't ten rows."""
    rows = [read_like(row, ()) for row in read_like(to_plain_value(got), ()) or [None]]
    if None in rows:
        refuse("It must return a list of rows, each a tuple.", tried=tried, got=describe(got))
    if len(rows) != 10:
        refuse(
            "There are ten rows: five down to the bottleneck, four up, and the output.",
            tried=tried,
            got=f"{len(rows)} rows",
        )
    return tuple(rows)


def _hint_for_row(number: int, row: tuple, expected: tuple[int, int, int]) -> str:
    if number == 9 and len(row) == 1:
        return "Your last row is one answer for the whole image, as a classifier gives it."
    if number == 9:
        return "The output has a channel for each class, then height and width in this order."
    if len(row) != 3 or not is_equal(row[1:], expected[1:]):
        return "A row is (channels, height, width). Each level down halves height and width."
    if number < 4:
        return "Each level down doubles the channels, up to level 3. The first rows were right."
    if number == 4:
        return (
            "The upsampling would keep these channels. How many channels does the skip connection "
            "have that they are joined with?"
        )
    if number == 8:
        return (
            "The last stage's output meets no further skip connection. How many channels did the "
            "first stage have?"
        )
    return (
        "Upsampling leaves this stage's number of channels as it is. Then the map is joined with "
        "the next skip connection, one level up. Do both have the same number of channels?"
    )


@exercise(
    misconception="Every U-Net has 1024 channels at the bottleneck, however it upsamples.",
    question=(
        "Two drawings of a U-Net show 1024 and 512 channels at the bottleneck. Can both be right? "
        "What do you look at on the way up to find out?"
    ),
    hints=(
        "Walk along the ten rows for a 480×480 image. At each of the four joins, compare the "
        "enlarged map with the skip connection. Then look at the last row: for how many pixels is "
        "it an answer?",
        "Bilinear upsampling doesn't change the number of channels. So a stage's output needs as "
        "many channels as the skip connection that it's joined with next.",
        "The bottleneck's output is joined with the skip connection of level 3, the output of the "
        "stage at level 3 with the skip connection of level 2, and so on. After the last stage, at "
        "level 0, there's no join: it has as many channels as the first stage.",
    ),
)
def sizes_of_a_bilinear_u(answer, *, seed=0) -> str:
    """Check a function (height, width, classes) that returns the ten rows of a drawing."""
    draw = random.Random(seed)
    images = [(480, 480, 1), (160, 96, 3), (16, 32, 2)]
    images += [(16 * draw.randint(1, 40), 16 * draw.randint(41, 80), draw.randint(4, 9))]
    for image in images:
        got, tried = call_answer(answer, *image), format_call(answer, image)
        rows, expected = _require_ten_rows(got, tried), REFERENCE(*image)
        for number in (9, *range(9)):  # the output first
            if not is_equal(rows[number], expected[number]):
                hint = _hint_for_row(number, rows[number], expected[number])
                refuse(hint, tried=f"{tried}, row {number}", got=format_value(rows[number]))
    return f"ten rows each for {len(images)} image sizes, with matching channels at each join"

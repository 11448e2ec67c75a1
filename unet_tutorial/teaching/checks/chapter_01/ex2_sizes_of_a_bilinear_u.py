"""1.2 A diagram put together from two."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import call_answer, describe, format_call
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, to_plain_value


def _reference(height: int, width: int, classes: int) -> list[tuple[int, int, int]]:
    """Return the ten rows: down by halving, up with the sizes of the skips, and the output."""
    down = [(n, height // 2**i, width // 2**i) for i, n in enumerate((64, 128, 256, 512, 512))]
    up = [(n, *down[i][1:]) for i, n in ((3, 256), (2, 128), (1, 64), (0, 64))]
    return [*down, *up, (classes, height, width)]


REFERENCE = _reference


def _require_ten_rows(got: object, tried: str) -> tuple[tuple, ...]:
    """Return the rows as tuples; refuse what is not ten rows."""
    rows = to_plain_value(got)
    if type(rows) is not tuple or not all(type(row) is tuple for row in rows):
        refuse("It must return a list of rows, each a tuple.", tried=tried, got=describe(got))
    if len(rows) != 10:
        refuse(
            "There are ten rows: five down to the bottleneck, four up, and the output.",
            tried=tried,
            got=f"{len(rows)} rows",
        )
    return rows


def _hint_for_row(number: int, row: tuple, expected: tuple[int, int, int]) -> str:
    if number == 9 and len(row) == 1:
        return "The last row is one answer for the whole image, as a classifier gives it."
    if number == 9:
        return "The output has a channel for each class, and height and width in this order."
    if len(row) != 3 or row[1:] != expected[1:]:
        return "A row is (channels, height, width). Each level down halves height and width."
    if number < 4:
        return "Each level down doubles the channels, as far as level 3. That was right before."
    if number == 4:
        return (
            "The upsampling would keep these channels. How many does the skip connection bring "
            "that they are joined with?"
        )
    if number == 8:
        return (
            "What the last stage gives out meets no further skip connection. How many channels did "
            "the first stage have?"
        )
    return (
        "This stage's channels are enlarged, kept, and joined with the next skip connection, "
        "one level up. Do both bring equally many?"
    )


@exercise(
    misconception="Every U-Net has 1024 channels at the bottleneck, whatever its upsampling.",
    question=(
        "Two diagrams show a U-Net with 572 and with 480 at the input. Which numbers must "
        "differ further down, and which may be equal?"
    ),
    hints=(
        "Walk along the ten rows of a 480×480 image, and compare what meets at each of the four "
        "joints. Then look at the last row: for how many pixels is it an answer?",
        "Bilinear upsampling keeps the channels. So a stage must give out as many channels as "
        "the skip connection brings that it will meet next.",
        "What the bottleneck gives out meets the skip of level 3, what the stage at level 3 gives "
        "out meets that of level 2, and so on up. What the stage at level 0 gives out meets none: "
        "it keeps the first stage's count.",
    ),
)
def sizes_of_a_bilinear_u(answer, *, seed=0) -> str:
    """Check a function (height, width, classes) that returns the ten rows of a diagram."""
    draw = random.Random(seed)
    images = [(480, 480, 1), (96, 160, 3)]
    images += [(16 * draw.randint(1, 40), 16 * draw.randint(41, 80), draw.randint(4, 9))]
    for image in images:
        got, tried = call_answer(answer, *image), format_call(answer, image)
        rows, expected = _require_ten_rows(got, tried), REFERENCE(*image)
        for number in (9, *range(9)):  # the output first
            if rows[number] != expected[number]:
                hint = _hint_for_row(number, rows[number], expected[number])
                refuse(hint, tried=f"{tried}, row {number}", got=format_value(rows[number]))
    return f"ten rows each for {len(images)} image sizes, with joints of equal channels"

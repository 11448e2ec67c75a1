"""1.2 A diagram put together from two."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import call_answer, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, to_plain_value


def _expected_rows(height: int, width: int) -> list[tuple[int, int, int]]:
    """Return the nine rows before the output, halved and doubled one after the other."""
    rows = []
    for channels in (64, 128, 256, 512, 512):
        rows.append((channels, height, width))
        height, width = height // 2, width // 2
    for number, channels in zip((3, 2, 1, 0), (256, 128, 64, 64), strict=True):
        rows.append((channels, *rows[number][1:]))
    return rows


def _need_rows(rows: object, got: object, tried: str) -> None:
    """Refuse what is not ten rows."""
    if type(rows) is not tuple or not all(type(row) is tuple for row in rows):
        refuse("It must return a list of rows, each a tuple.", tried=tried, got=describe(got))
    if len(rows) != 10:
        refuse(
            "There are ten rows: five down to the bottleneck, four up, and the output.",
            tried=tried,
            got=f"{len(rows)} rows",
        )


def _need_output(rows: tuple, image: tuple[int, int, int], tried: str) -> None:
    """Refuse a last row that is not one map for each class."""
    height, width, classes = image
    if rows[9] == (classes, height, width):
        return
    hint = "The output has a channel for each class, and height and width in this order."
    if len(rows[9]) == 1:
        hint = "The last row is one answer for the whole image, as a classifier gives it."
    refuse(hint, tried=f"{tried}, row 9", got=format_value(rows[9]))


def _need_row(number: int, row: tuple, expected: tuple[int, int, int], tried: str) -> None:
    """Refuse a row that is not the expected one."""
    if row == expected:
        return
    if len(row) != 3 or row[1:] != expected[1:]:
        hint = "A row is (channels, height, width). Each level down halves height and width."
    elif number < 4:
        hint = "Each level down doubles the channels, as far as level 3. That was right before."
    elif number == 4:
        hint = (
            "The upsampling would keep these channels. How many does the skip connection bring "
            "that they are joined with?"
        )
    elif number == 8:
        hint = (
            "What the last stage gives out meets no further skip connection. How many channels did "
            "the first stage have?"
        )
    else:
        hint = (
            "This stage's channels are enlarged, kept, and joined with the next skip connection, "
            "one level up. Do both bring equally many?"
        )
    refuse(hint, tried=f"{tried}, row {number}", got=format_value(row))


@exercise(
    misconception="Every U-Net has 1024 channels at the bottleneck, whatever its upsampling.",
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
        rows = call_answer(answer, *image)
        tried = f"{answer.__name__}{image}" if hasattr(answer, "__name__") else str(image)
        _need_rows(to_plain_value(rows), rows, tried)
        _need_output(to_plain_value(rows), image, tried)
        for number, expected in enumerate(_expected_rows(*image[:2])):
            _need_row(number, to_plain_value(rows)[number], expected, tried)
    return f"ten rows each for {len(images)} image sizes, with joints of equal channels"

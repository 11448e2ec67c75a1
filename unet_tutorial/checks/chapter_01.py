"""Checks of chapter 01: pixels to labels."""

from __future__ import annotations

import random

import torch

from unet_tutorial.checks.compare import call, compare_value, described
from unet_tutorial.checks.exercise import exercise, refuse
from unet_tutorial.checks.oracles.arrays import numbers_in
from unet_tutorial.checks.values import plain, shown

__all__ = ["masks_of_one_accuracy", "sizes_of_a_bilinear_u"]

RIGHT_PIXELS = 94


@exercise(
    "1.1",
    title="One accuracy, two masks",
    misconception="Masks of the same accuracy are equally good.",
    objectives=(2, 3),
    hints=(
        "A wrong pixel is either a miss (foreground that was not marked) or a false alarm "
        "(background that was marked). Each mask has six of them. How can you divide them up?",
        "Only the shared pixels are in the numerator of Dice. A miss takes one away; a false "
        "alarm does not.",
        "There are four pixels to miss. The worst mask misses as many as it can, the best none; "
        "false alarms fill up the six. For the bar, |P| is the number of all pixels.",
    ),
)
def masks_of_one_accuracy(worst, best, bar) -> str:
    """Check two masks (10, 10), each right at 94 pixels, and the Dice of marking everything."""
    target = torch.zeros(10, 10, dtype=torch.int64)
    target[3:5, 6:8] = 1
    worst, best = mask_of("worst", worst), mask_of("best", best)
    need_accuracy("worst", worst, target)
    need_accuracy("best", best, target)
    if shared := int((worst * target).sum()):
        refuse(
            "A lower Dice is possible. Its numerator counts the shared pixels: how few can there "
            "be, if six pixels may be wrong?",
            tried="worst",
            came=f"{shared} shared pixel{'s' if shared > 1 else ''}, Dice {dice_of(worst, target)}",
        )
    if missed := 4 - int((best * target).sum()):
        refuse(
            "A higher Dice is possible. Of the six wrong pixels some are misses and some false "
            "alarms. Which kind costs Dice more?",
            tried="best",
            came=f"{missed} missed, Dice {dice_of(best, target)}",
        )
    compare_value(
        bar,
        2 * 4 / (100 + 4),
        mistakes=[
            (0.04, "That is the accuracy of marking everything. What is its Dice?"),
            (0.0, "That is the Dice of finding nothing. Here everything is marked."),
            (1.0, "All of the nucleus is found, but Dice counts the 96 false alarms too."),
            (0.96, "That is the accuracy of finding nothing."),
            (
                0.08,
                "The denominator has the foregrounds of both masks. (If you rounded: three digits "
                "are asked for.)",
            ),
            (4 / 104, "The shared pixels count twice, once for each mask."),
            (0.29, "That is the bar of the nuclei's test strip. This image has fewer nuclei."),
        ],
        name="bar",
        otherwise="Put |P| = 100 into the formula of Dice, with the |T| of this image.",
        tolerance=0.0005,
    )
    return "94 of 100 pixels right in both, Dice 0 in one and 0.571 in the other; the bar is 0.077"


def mask_of(name: str, answer: object) -> torch.Tensor:
    """Return a mask (10, 10) as whole numbers 0 and 1, or refuse it."""
    mask = numbers_in(answer)
    if mask is None:
        refuse(f"`{name}` must be an array of zeros and ones.", came=described(answer))
    if mask.shape != (10, 10):
        refuse(f"`{name}` must have the shape of `target`, (10, 10).", came=tuple(mask.shape))
    if not ((mask == 0) | (mask == 1)).all():
        refuse(
            f"A mask holds 0 and 1 and nothing else; `{name}` has other values.",
            came=f"values from {mask.min():g} to {mask.max():g}",
        )
    return mask.long()


def need_accuracy(name: str, mask: torch.Tensor, target: torch.Tensor) -> None:
    """Refuse a mask that is not right at exactly 94 pixels."""
    right = int((mask == target).sum())
    if right == RIGHT_PIXELS:
        return
    hint = "Exactly 94 pixels must be right and 6 wrong: misses and false alarms together."
    if not mask.any():
        hint = "Finding nothing is right at 96 pixels already. Which others can be wrong too?"
    if right == 100:
        hint = "That is the truth itself. Exactly 6 pixels must be wrong."
    refuse(hint, tried=name, came=f"{right} of 100 pixels right")


def dice_of(mask: torch.Tensor, target: torch.Tensor) -> str:
    """Return the Dice of two masks, to three digits."""
    return f"{2 * (mask * target).sum().item() / (mask.sum() + target.sum()).item():.3f}"


@exercise(
    "1.2",
    title="A diagram put together from two",
    misconception="Every U-Net has 1024 channels at the bottleneck, whatever its upsampling.",
    objectives=(1, 4),
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
        rows = call(answer, *image)
        tried = f"{answer.__name__}{image}" if hasattr(answer, "__name__") else str(image)
        need_rows(plain(rows), rows, tried)
        need_output(plain(rows), image, tried)
        for number, expected in enumerate(expected_rows(*image[:2])):
            need_row(number, plain(rows)[number], expected, tried)
    return f"ten rows each for {len(images)} image sizes, with joints of equal channels"


def expected_rows(height: int, width: int) -> list[tuple[int, int, int]]:
    """Return the nine rows before the output, halved and doubled one after the other."""
    rows = []
    for channels in (64, 128, 256, 512, 512):
        rows.append((channels, height, width))
        height, width = height // 2, width // 2
    for number, channels in zip((3, 2, 1, 0), (256, 128, 64, 64), strict=True):
        rows.append((channels, *rows[number][1:]))
    return rows


def need_rows(rows: object, came: object, tried: str) -> None:
    """Refuse what is not ten rows."""
    if type(rows) is not tuple or not all(type(row) is tuple for row in rows):
        refuse("It must return a list of rows, each a tuple.", tried=tried, came=described(came))
    if len(rows) != 10:
        refuse(
            "There are ten rows: five down to the bottleneck, four up, and the output.",
            tried=tried,
            came=f"{len(rows)} rows",
        )


def need_output(rows: tuple, image: tuple[int, int, int], tried: str) -> None:
    """Refuse a last row that is not one map for each class."""
    height, width, classes = image
    if rows[9] == (classes, height, width):
        return
    hint = "The output has a channel for each class, and height and width in this order."
    if len(rows[9]) == 1:
        hint = "The last row is one answer for the whole image, as a classifier gives it."
    refuse(hint, tried=f"{tried}, row 9", came=shown(rows[9]))


def need_row(number: int, row: tuple, expected: tuple[int, int, int], tried: str) -> None:
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
    refuse(hint, tried=f"{tried}, row {number}", came=shown(row))

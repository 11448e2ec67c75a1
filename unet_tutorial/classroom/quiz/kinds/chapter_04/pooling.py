"""Questions on what max pooling makes of small images, and on its settings."""

from __future__ import annotations

import random
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.classroom.quiz.kinds.options import choose_wrong, draw_wrong
from unet_tutorial.classroom.quiz.kinds.shared import draw_grids
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, kind

_Setting = tuple[int, int, int]  # kernel size, stride, padding


def _pool(image: Tensor, kernel: int, stride: int | None = None, padding: int = 0) -> Tensor:
    return F.max_pool2d(image[None], kernel, stride, padding)[0]


def _draw_numbers(draw: random.Random, height: int, width: int, numbers: range) -> Tensor:
    """Return an image of different numbers."""
    return torch.tensor(draw.sample(numbers, height * width)).float().reshape(height, width)


def _to_list(image: Tensor) -> list[list[int]]:
    return image.int().tolist()


@kind("04", "pooled_value", "One value after max pooling")
def ask_pooled_value(draw: random.Random) -> Question:
    """Find the window of an output value, and its largest number."""
    side, (rows, columns) = draw.choice([(2, (3, 4)), (2, (4, 4)), (3, (2, 3)), (3, (3, 3))])
    image = _draw_numbers(draw, rows * side, columns * side, range(10, 100))
    row, column = draw.randrange(rows), draw.randrange(columns)
    pooled, mean = _pool(image, side), F.avg_pool2d(image[None], side)[0]
    right = int(pooled[row, column])
    told = {
        "leaves out the stride": _pool(image, side, 1)[row, column],
        "takes the mean": mean[row, column],
        "takes the smallest number": -_pool(-image, side)[row, column],
    }
    if column < rows and row < columns:
        told["mixes up row and column"] = pooled[column, row]
    wrong = {why: round(float(value), 2) for why, value in told.items()}
    return Question(
        text=f"The image in the picture is pooled with `nn.MaxPool2d(kernel_size={side}, "
        f"stride={side})`. What's the number at row {row}, column {column} of the output? (Rows "
        "and columns are counted from 0.)",
        right=right,
        wrong=choose_wrong(right, wrong),
        why=f"The window has the rows {side * row} to {side * row + side - 1} and the columns "
        f"{side * column} to {side * column + side - 1} of the image. Its largest number is "
        f"{right}.",
        picture=draw_grids([image.numpy()], ["image"]),
        alt=f"The image is {_to_list(image)}, row by row.",
        numerical=True,
    )


@kind("04", "change_by_a_pixel", "What one pixel changes after max pooling")
def ask_change_by_a_pixel(draw: random.Random) -> Question:
    """Change one pixel, and find how much the output's sum changes."""
    image = _draw_numbers(draw, 4, 6, range(10, 60))
    row, column = draw.randrange(4), draw.randrange(6)
    before, after = int(image[row, column]), draw.randint(1, 90)
    changed = image.clone()
    changed[row, column] = after
    right = int(_pool(changed, 2).sum() - _pool(image, 2).sum())
    if not right and draw.random() < 0.7:  # most changes are lost
        raise DrawAgain
    largest, new = (int(_pool(each, 2)[row // 2, column // 2]) for each in (image, changed))
    return Question(
        text="The image in the picture is pooled with `nn.MaxPool2d(kernel_size=2, stride=2)`. "
        f"Then the pixel at row {row}, column {column} (counted from 0) is changed from {before} "
        f"to {after}, and the new image is pooled. By how much does the sum of all the output's "
        "numbers change? (Negative if it gets smaller.)",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "passes a pixel's whole change on to the output": after - before,
                "expects pooling to hide any change inside a window": 0,
                "passes on a share of the change, as the mean does": (after - before) / 4,
                "lets the new number replace the largest, even if it's smaller": after - largest,
                "passes the change on to every window nearby": 4 * (after - before),
            },
            most=5,
        ),
        why=f"Only one window has this pixel. Its largest number was {largest} before, and is "
        f"{new} now: a change of {right}.",
        picture=draw_grids([image.numpy()], ["image"]),
        alt=f"The image is {_to_list(image)}, row by row.",
        numerical=True,
    )


@kind("04", "padding_of_a_pooling", "What padding adds to max pooling")
def ask_padding_of_a_pooling(draw: random.Random) -> Question:
    """Pool an image of mostly negative numbers with padding."""
    height, width = draw.choice([(3, 3), (3, 5), (4, 4), (3, 4), (4, 5)])
    image = _draw_numbers(draw, height, width, range(-25, 3))
    right = str(_to_list(_pool(image, 3, 2, 1)))
    padded = F.pad(image, (1, 1, 1, 1))
    late = _pool(F.pad(image, (0, 2, 0, 2), value=-torch.inf), 3, 2)
    return Question(
        text=f"An image has the rows\n\n```\n{_format_rows(image)}\n```\n\nWhat does "
        "`nn.MaxPool2d(kernel_size=3, stride=2, padding=1)` make of it? (The options are lists of "
        "rows.)",
        right=f"`{right}`",
        wrong=draw_wrong(
            draw,
            f"`{right}`",
            {
                "puts all padding below the image and on its right": f"`{_to_list(late)}`",
                "pads with zeros, as a convolution does": f"`{_to_list(_pool(padded, 3, 2))}`",
                "leaves out the padding": f"`{_to_list(_pool(image, 3, 2))}`",
                "takes windows of 2 × 2": f"`{_to_list(_pool(image, 2, 2))}`",
                "takes the smallest numbers": f"`{_to_list(-_pool(-image, 3, 2, 1))}`",
            },
        ),
        why="In a max pooling, padding counts as minus infinity, so it never wins: each number is "
        f"the largest of the image's pixels in a window. The first window has the four pixels in "
        f"the top left corner, and the largest of them is {int(image[:2, :2].max())}.",
    )


def _format_rows(image: Tensor) -> str:
    return "\n".join(" ".join(f"{value:3}" for value in row) for row in _to_list(image))


@kind("04", "setting_that_halves", "Which pooling halves every even side")
def ask_setting_that_halves(draw: random.Random) -> Question:
    """Choose the layer that halves from layers that nearly do.

    Only the options differ between variants.
    """
    halving = _find_halving()
    right = draw.choice(halving)
    kernel, _, padding = right
    told = {
        "expects the kernel to do the halving, not the stride": (kernel, 1, padding),
        "expects any stride that's as large as the kernel to halve": (draw.choice([3, 4, 5]),) * 2
        + (draw.randint(0, 1),),
        "pads a pooling of 2 × 2, like a convolution": (2, 2, 1),
        "pads an even kernel by half of it": (kernel + kernel % 2, 2, (kernel + 1) // 2),
        "expects padding not to change the size": (kernel, 2, max(padding - 1, 0)),
        "forgets that a larger kernel needs padding": (draw.choice([3, 4, 5, 6, 7]), 2, 0),
    }
    near = {why: _format_layer(each) for why, each in told.items() if each not in halving}
    chosen = draw.sample(sorted(near), min(4, len(near)))
    return Question(
        text="Which of these layers turns any image with even height and width, larger than 8 × 8, "
        "into one of exactly half the height and half the width?",
        right=_format_layer(right),
        wrong=choose_wrong(_format_layer(right), {why: near[why] for why in chosen}),
        why="A side of $n$ becomes $(n + 2p - k) / s$, rounded down, plus 1. With stride 2, that's "
        f"half of an even $n$ if $2p - k$ is -1 or -2. Here, it's {2 * padding - kernel}, and an "
        f"image of 16 × 16 becomes {_pool_side(right, 16)} × {_pool_side(right, 16)}.",
    )


def _pool_side(setting: _Setting, side: int) -> int:
    return _pool(torch.zeros(side, side), *setting).shape[0]


@cache
def _find_halving() -> list[_Setting]:
    settings = [(k, s, p) for k in range(1, 8) for s in range(1, 5) for p in range(k // 2 + 1)]
    return [
        each for each in settings if all(_pool_side(each, n) == n // 2 for n in range(10, 40, 2))
    ]


def _format_layer(setting: _Setting) -> str:
    return "`nn.MaxPool2d(kernel_size={}, stride={}, padding={})`".format(*setting)

"""Questions on stamps: where they overlap, what they add up to, and how even they are."""

from __future__ import annotations

import random
from itertools import product

import torch
import torch.nn.functional as F

from unet_tutorial.classroom.quiz.kinds.shared import draw_grids
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind
from unet_tutorial.shapes import conv_transpose_output_size


@kind("05", "value_of_an_overlap", "A value where stamps overlap")
def ask_value_of_an_overlap(draw: random.Random) -> Question:
    """Add up the stamps that reach one place; the numbers are in a picture."""
    side, stride = draw.choice([(2, 1), (3, 1), (3, 2), (3, 2)])
    ink = torch.tensor(draw.sample(range(1, 10), 4)).reshape(2, 2)
    kernel = torch.tensor([draw.randint(0, 9) for _ in range(side * side)]).reshape(side, side)
    stamps = _stamp_each(ink, kernel, stride)
    flipped = _stamp_each(ink, kernel.flip(0, 1), stride).sum(dim=0)
    sheet, reached = stamps.sum(dim=0), (_stamp_each(ink, torch.ones_like(kernel), stride) > 0)
    row, column = draw.choice((reached.sum(dim=0) >= 2).nonzero().tolist())
    parts = stamps[reached.any(dim=(1, 2)), row, column][reached[:, row, column]].tolist()
    if row == column or 0 in parts:
        raise DrawAgain
    return Question(
        text=f"A transposed convolution with stride {stride}, without padding and bias, is applied "
        "to the input in the picture; its kernel is next to it. Which value does the output have "
        f"in row {row}, column {column}? (Counted from 0, at the top left.)",
        right=sum(parts),
        wrong=(
            Wrong(parts[-1], "lets a later stamp replace an earlier one, where they add up"),
            Wrong(max(parts), "takes the largest of the stamps, where they add up"),
            Wrong(int(flipped[row, column]), "flips the kernel"),
            Wrong(int(sheet[column, row]), "exchanges row and column"),
        ),
        why=f"{len(parts)} stamps reach this place and add up: "
        f"{' + '.join(map(str, parts))} = {sum(parts)}.",
        picture=draw_grids([ink.numpy(), kernel.numpy()], ["input", "kernel"]),
        alt=f"Two squares of numbers. The input: {ink.tolist()}. The kernel: {kernel.tolist()}.",
        numerical=True,
    )


def _stamp_each(ink: torch.Tensor, kernel: torch.Tensor, stride: int) -> torch.Tensor:
    """Return what each pixel alone stamps, a tensor (pixels, H, W) of whole numbers."""
    single = torch.diag(ink.flatten().float()).reshape(-1, 1, *ink.shape)
    return F.conv_transpose2d(single, kernel[None, None].float(), stride=stride)[:, 0].int()


@kind("05", "stamps_on_a_pixel", "How many stamps reach a pixel")
def ask_stamps_on_a_pixel(draw: random.Random) -> Question:
    """Count the input pixels that an output pixel depends on."""
    kernel, stride, size = draw.randint(3, 7), draw.randint(2, 3), draw.randint(6, 9)
    padding = draw.randint(1, 2)
    ones, weight = torch.ones(1, 1, size, size), torch.ones(1, 1, kernel, kernel)
    counts = F.conv_transpose2d(ones, weight, stride=stride, padding=padding)[0, 0].int()
    uncropped = F.conv_transpose2d(ones, weight, stride=stride)[0, 0].int()
    row, column = draw.sample(range(len(counts)), 2)
    right, before = int(counts[row, column]), int(uncropped[row, column])
    rows = int(F.conv_transpose1d(ones[0, :, 0], weight[0, :, :1], None, stride, padding)[0, row])
    if right in (rows, before):
        raise DrawAgain
    return Question(
        text=f"A transposed convolution with a {kernel} × {kernel} kernel, stride {stride} and "
        f"padding {padding} is applied to an image of {size} × {size} pixels. Rows and columns are "
        f"counted from 0. How many of the image's pixels contribute to the output's pixel in row "
        f"{row}, column {column}?",
        right=right,
        wrong=(
            Wrong(before, "forgets that padding has cropped the first rows and columns"),
            Wrong(kernel * kernel, "counts as in a convolution, where each output reads a window"),
            Wrong(rows, "counts in one direction only"),
        ),
        why=f"Padding has cropped {padding} in front, so it's place ({row + padding}, "
        f"{column + padding}) of the whole sheet. Pixel i stamps the places from "
        f"i · {stride} to i · {stride} + {kernel - 1}, in rows as in columns. That reaches this "
        f"place from {rows} row{'s' * (rows > 1)} and {right // rows} "
        f"column{'s' * (right // rows > 1)}: {right}.",
        numerical=True,
    )


@kind("05", "even_kernel", "Which kernel covers its output evenly")
def ask_even_kernel(draw: random.Random) -> Question:
    """Tell which kernel and stride give each pixel inside equally many stamps."""
    times, a, b = draw.randint(1, 3), draw.randint(2, 5), draw.randint(2, 4)
    c, d, e = draw.randint(3, 5), draw.randint(2, 3), draw.randint(1, 3)
    options = {
        (times * a, a): "",
        (e * b + 1, b): "lets neighbouring stamps share one row, and expects that to be even",
        (c - 1, c): "overlooks the gaps between stamps that are smaller than the stride",
        (d, 2 * d): "divides the stride by the kernel, instead of the kernel by the stride",
        (2 * c + 1, 2): "expects a kernel with a middle to be even",
    }
    even = [pair for pair in options if _is_even(*pair)]
    if len(even) != 1 or len(options) < 5:
        raise DrawAgain
    kernel, stride = even[0]
    return Question(
        text="In a transposed convolution, each input pixel stamps the kernel onto the output, and "
        "stamps that overlap add up. With four of these settings, some output pixels get more "
        "stamps than others, even far from the edges. With one of them, each pixel that isn't near "
        "an edge gets equally many, at least one. Which?",
        right=_name_pair(even[0]),
        wrong=tuple(Wrong(_name_pair(pair), options[pair]) for pair in options if pair != even[0]),
        why=f"The kernel has to be a whole number of strides: {kernel} = {kernel // stride} · "
        f"{stride}. Otherwise, some pixels get one stamp more than others, or none.",
    )


def _is_even(kernel: int, stride: int) -> bool:
    weight = torch.ones(1, 1, kernel, kernel)
    sheet = F.conv_transpose2d(torch.ones(1, 1, 20, 20), weight, stride=stride)[0, 0]
    inside = sheet[kernel + stride : -kernel - stride, kernel + stride : -kernel - stride]
    return bool(inside.min() == inside.max())


def _name_pair(pair: tuple[int, int]) -> str:
    return f"`kernel_size={pair[0]}, stride={pair[1]}`"


_FITS_ONE_NUMBER = "looks for settings with as many outputs, and not at the columns"


@kind("05", "settings_of_a_matrix", "The settings behind a matrix")
def ask_settings_of_a_matrix(draw: random.Random) -> Question:
    """Read kernel, stride and padding from the matrix of a transposed convolution."""
    size, stride = draw.choice([(2, 1), (3, 1), (3, 2), (4, 2), (4, 3), (2, 3)])
    padding, inputs = draw.randint(0, 1), draw.randint(3, 4)
    kernel = torch.tensor([[draw.sample(range(1, 10), size)]]).float()
    matrix = _find_matrix(kernel, stride, padding, inputs)
    right = (size, stride, padding)
    alike = _find_alike(right, inputs)
    told = dict.fromkeys(draw.sample(alike, min(len(alike), 2)), _FITS_ONE_NUMBER)
    told[stride, size, padding] = "exchanges the kernel and the stride"
    told[stride, size, 1 - padding] = "exchanges the kernel and the stride, and misreads the ends"
    told[size, stride, 1 - padding] = "takes a cropped kernel for a whole one, or the reverse"
    wrong = [each for each in told if not _makes_same_pattern(each, right, inputs)]
    if len(alike) < 2 or len(wrong) < 4:
        raise DrawAgain
    wrong = wrong[:2] + draw.sample(wrong[2:], 2)
    rows = matrix.int().tolist()
    return Question(
        text=f"A transposed convolution turns {inputs} values in a row into {len(rows)}. (One "
        "channel, no bias, no output_padding; no weight is 0.) The picture shows it as a matrix: "
        f"multiplied by the column of the {inputs} values, it gives the {len(rows)}. Which "
        "settings does the layer have?",
        right=_name_settings(right),
        wrong=tuple(Wrong(_name_settings(each), told[each]) for each in wrong),
        why="Each column is one value's stamp: the whole kernel, unless an end is cropped, and "
        f"{stride} row{'s' * (stride > 1)} further down than the column before. "
        + ("Nothing is cropped." if not padding else "The first column lacks the first weight."),
        picture=draw_grids([matrix.int().numpy()], ["matrix"]),
        alt=f"A matrix with {len(rows)} rows and {inputs} columns. Its rows: {rows}.",
    )


def _find_alike(right: tuple[int, int, int], inputs: int) -> list[tuple[int, int, int]]:
    """Return other settings with as many outputs, whose matrix has another pattern."""
    settings = product(range(1, 9), range(1, 5), (0, 1))
    outputs = conv_transpose_output_size(inputs, *right)
    return [
        each
        for each in settings
        if conv_transpose_output_size(inputs, *each) == outputs
        and not _makes_same_pattern(each, right, inputs)
    ]


def _makes_same_pattern(
    each: tuple[int, int, int], right: tuple[int, int, int], inputs: int
) -> bool:
    first, second = (_find_matrix(torch.ones(1, 1, k), s, p, inputs) for k, s, p in (each, right))
    return torch.equal(first, second)


def _find_matrix(kernel: torch.Tensor, stride: int, padding: int, inputs: int) -> torch.Tensor:
    """Return the matrix (outputs, inputs) of a transposed convolution."""
    single = torch.eye(inputs)[:, None]
    return F.conv_transpose1d(single, kernel, stride=stride, padding=padding)[:, 0].T


def _name_settings(each: tuple[int, int, int]) -> str:
    return f"`kernel_size={each[0]}, stride={each[1]}, padding={each[2]}`"

"""Questions on values: what kernels make of small images, and what a weight's indices mean."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.classroom.quiz.kinds.options import choose_wrong
from unet_tutorial.classroom.quiz.kinds.shared import draw_grids
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, kind


def _convolve(image: Tensor, kernel: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return F.conv2d(image[None, None], kernel[None, None], None, stride, padding)[0, 0]


def _draw_integers(draw: random.Random, shape: tuple[int, int], low: int, high: int) -> Tensor:
    return torch.tensor(
        [[draw.randint(low, high) for _ in range(shape[1])] for _ in range(shape[0])]
    )


@kind("02", "value_by_hand", "One output pixel by hand")
def ask_value_by_hand(draw: random.Random) -> Question:
    """Compute one pixel of the output with stride, padding and bias."""
    image, kernel = _draw_integers(draw, (5, 5), 0, 9), _draw_integers(draw, (3, 3), -2, 2)
    bias, (row, column) = draw.randint(3, 9), draw.sample([0, 0, 1, 1, 2, 2], 2)
    output = _convolve(image, kernel, stride=2, padding=1)[row, column].item()
    told = {
        "turns the kernel by 180°": _convolve(image, kernel.flip(0, 1), 2, 1)[row, column] + bias,
        "leaves out the bias": output,
        "leaves out the stride": _convolve(image, kernel, 1, 1)[row, column] + bias,
        "mixes up row and column": _convolve(image, kernel, 2, 1)[column, row] + bias,
    }
    if row < 2 and column < 2:
        told["leaves out the padding"] = _convolve(image, kernel, 2)[row, column] + bias
    right = output + bias
    return Question(
        text="The picture shows an image and a kernel. PyTorch's convolution uses this "
        f"kernel with a bias of {bias}, a stride of 2 and a padding of 1. What's the number at row "
        f"{row}, column {column} of its output? (Rows and columns are counted from 0.)",
        right=right,
        wrong=choose_wrong(right, {why: int(value) for why, value in told.items()}, most=5),
        why=f"With stride 2 and padding 1, the window has the rows {2 * row - 1} to {2 * row + 1} "
        f"and the columns {2 * column - 1} to {2 * column + 1} of the image. Rows and columns -1 "
        f"and 5 are padding, which is 0. The nine products add up to {output}, and the bias makes "
        f"it {right}.",
        picture=draw_grids([image.numpy(), kernel.numpy()], ["image", "kernel"]),
        alt=f"The image is {image.tolist()}, the kernel {kernel.tolist()}, row by row.",
        numerical=True,
    )


@kind("02", "kernel_of_a_map", "Which kernel made this map")
def ask_kernel_of_a_map(draw: random.Random) -> Question:
    """Tell from an image and its map which kernel was used."""
    image = torch.full((5, 6), draw.randint(0, 3))
    top, left = draw.randint(0, 3), draw.randint(0, 3)
    image[top : top + draw.randint(2, 3), left : left + draw.randint(2, 3)] += draw.randint(2, 6)
    across = torch.tensor(draw.choice([[-1, 0, 1], [-1, 1, 0], [0, -1, 1]])) * draw.choice([-1, 1])
    kernel = torch.outer(torch.tensor(draw.choice([[1, 1, 1], [1, 2, 1], [0, 1, 0]])), across)
    if draw.random() < 0.5:
        kernel = kernel.T
    others = {
        "turns the kernel by 180°": kernel.flip(0, 1),
        "swaps the signs": -kernel,
        "mixes up rows and columns": kernel.T,
        "mixes up rows and columns, and turns the kernel": kernel.T.flip(0, 1),
        "mixes up rows and columns, and swaps the signs": -kernel.T,
    }
    output = _convolve(image, kernel)
    if any(torch.equal(_convolve(image, each), output) for each in others.values()):
        raise DrawAgain
    right = f"`{kernel.tolist()}`"
    row, column = divmod(int(output.abs().argmax()), 4)
    return Question(
        text="The picture shows an image and its feature map. It was made by PyTorch's "
        "convolution with stride 1, without padding and bias. Which kernel was it? (Kernels are "
        "given row by row.)",
        right=right,
        wrong=choose_wrong(right, {why: f"`{each.tolist()}`" for why, each in others.items()}),
        why="Lay each kernel on the image where the map isn't 0. Without turning it, the "
        "products must add up to the map's number, its sign included. For instance, the 3 × 3 "
        f"pixels that begin at row {row}, column {column} must give {output[row, column]}.",
        picture=draw_grids([image.numpy(), output.numpy()], ["image", "feature map"]),
        alt=f"The image is {image.tolist()}, the feature map {output.tolist()}, row by row.",
    )


@kind("02", "place_of_a_weight", "Where a bright pixel puts each weight")
def ask_place_of_a_weight(draw: random.Random) -> Question:
    """Find where the product of a single bright pixel with one weight ends up."""
    height, width, bright = draw.randint(6, 9), draw.randint(6, 9), draw.choice([10, 100])
    row, column = draw.randint(2, height - 3), draw.randint(2, width - 3)
    kernel = torch.tensor(draw.sample(range(1, 10), 9)).reshape(3, 3)
    image = torch.zeros(height, width, dtype=torch.int64)
    image[row, column] = bright
    weight = draw.choice([value for value in range(1, 10) if value != kernel[1, 1]])
    found = (_convolve(image, kernel, padding=1) == bright * weight).nonzero()[0].tolist()
    i, j = (kernel == weight).nonzero()[0].tolist()
    right = _name_place(found)
    return Question(
        text=f"An image of {height} × {width} pixels is 0, except for one pixel of {bright} at row "
        f"{row}, column {column} (counted from 0). PyTorch's convolution with stride 1, padding 1 "
        f"and no bias uses the kernel\n\n```\n{_format_rows(kernel)}\n```\n\nAt which "
        f"pixel of the output is the number {bright * weight}?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "expects a picture of the kernel, the same way up": _name_place(
                    (row + i - 1, column + j - 1)
                ),
                "forgets that padding moves the output": _name_place((found[0] - 1, found[1] - 1)),
                "takes the place in the kernel for the place in the output": _name_place((i, j)),
                "mixes up row and column": _name_place(found[::-1]),
                "expects all products at the bright pixel": _name_place((row, column)),
            },
        ),
        why=f"The weight {weight} is {_name_side(i, j)} the kernel's middle. So when it's on the "
        f"bright pixel, the middle is {_name_side(2 - i, 2 - j)} that pixel, at {right}. With "
        "padding 1, the output pixel is where the middle is. This way, the picture of the kernel "
        "comes out turned by 180°.",
    )


def _name_side(i: int, j: int) -> str:
    """Return where a place of a kernel is, seen from its middle."""
    sides = ("above", "", "below")[i], ("left of", "", "right of")[j]
    return " and ".join(filter(None, sides))


def _name_place(place: Sequence[int]) -> str:
    return f"row {place[0]}, column {place[1]}"


def _format_rows(array: Tensor) -> str:
    return "\n".join(" ".join(f"{value}" for value in row) for row in array.tolist())

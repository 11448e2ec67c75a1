"""Questions on convolutions in a row: parameters, fields, ReLUs, and a line that fails."""

from __future__ import annotations

import itertools
import random
from functools import cache

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.blocks import DoubleConv
from unet_tutorial.classroom.quiz.kinds.shared import ask_failing_line, count_parameters
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind
from unet_tutorial.reach import measure_reach


@kind("03", "parameters_of_a_block", "Parameters of two convolutions with BatchNorm")
def ask_parameters_of_a_block(draw: random.Random) -> Question:
    """Count the parameters of a DoubleConv."""
    before, after = draw.choice([1, 2, 3, 4, 5, 6]), draw.choice([4, 8, 10, 12, 16, 20])
    right = count_parameters(DoubleConv(before, after))
    convolutions = right - 4 * after
    return Question(
        text="A block has these layers, one after the other:\n\n```\n"
        f"nn.Conv2d({before}, {after}, kernel_size=3, padding=1, bias=False)\n"
        f"nn.BatchNorm2d({after})\nnn.ReLU()\n"
        f"nn.Conv2d({after}, {after}, kernel_size=3, padding=1, bias=False)\n"
        f"nn.BatchNorm2d({after})\nnn.ReLU()\n```\n\nHow many parameters does training change?",
        right=right,
        wrong=(
            Wrong(convolutions, "leaves out the BatchNorms"),
            Wrong(convolutions + 2 * after, "gives a BatchNorm one parameter per channel"),
            Wrong(right + 2 * after, "gives the convolutions a bias"),
            Wrong(right + 4 * after, "counts the running averages as parameters"),
            Wrong(2 * 9 * before * after + 4 * after, "counts the first convolution twice"),
            Wrong(
                9 * (before + after) + 4 * after, "gives a convolution one kernel per input channel"
            ),
        ),
        why=f"9 · {before} · {after} + 9 · {after} · {after} weights, and a scale and a shift for "
        f"each of {after} channels in both BatchNorms, 4 · {after}: {right}. A ReLU has none.",
        numerical=True,
    )


@kind("03", "relu_between", "Two small kernels with a ReLU between them")
def ask_relu_between(draw: random.Random) -> Question:
    """Compute one value through convolution, ReLU, convolution."""
    row = [draw.randint(0, 9) for _ in range(5)]
    first, second = ([draw.randint(-2, 2) for _ in range(3)] for _ in range(2))
    image, one, two = (
        torch.tensor(each, dtype=torch.float32)[None, None] for each in (row, first, second)
    )
    middle = F.conv1d(image, one)
    if not (middle > 0).any():
        raise DrawAgain
    return Question(
        text=f"A row of five pixels, {row}, goes through a convolution with the kernel {first}, a "
        f"ReLU, and a convolution with the kernel {second}. There's no padding and no bias, and as "
        "always in PyTorch, kernels aren't turned round. One number remains. Which?",
        right=int(F.conv1d(middle.relu(), two).item()),
        wrong=(
            Wrong(int(F.conv1d(middle, two).item()), "leaves out the ReLU"),
            Wrong(int(F.conv1d(middle.abs(), two).item()), "makes negative values positive"),
            Wrong(
                int(F.conv1d(F.conv1d(image, one.flip(2)).relu(), two.flip(2)).item()),
                "turns the kernels round",
            ),
        ),
        why=f"The first kernel gives {[int(value) for value in middle.flatten()]}, the ReLU makes "
        f"that {[int(value) for value in middle.relu().flatten()]}, and the second kernel weighs "
        "these three numbers and adds them up.",
        numerical=True,
    )


@kind("03", "layers_for_a_field", "Layers needed to see far enough")
def ask_layers_for_a_field(draw: random.Random) -> Question:
    """Find how many convolutions see a given width."""
    kernel, width = draw.choice([3, 3, 5, 7]), draw.randint(12, 60)
    right = next(n for n in itertools.count(1) if _measure_field(n, kernel) >= width)
    return Question(
        text=f"A nucleus is {width} pixels wide. How many convolutions of {kernel} × {kernel}, "
        "with stride 1 and one after the other, does it take at least until one value of the "
        f"output depends on {width} or more pixels of a row of the image?",
        right=right,
        wrong=(
            Wrong(-(-width // kernel), "lays the kernels side by side, without overlap"),
            Wrong(width - 1, "adds one pixel per layer"),
            Wrong(right + 1, "counts the pixel in the middle as a layer"),
        ),
        why=f"The first sees {kernel} pixels, and each further one adds {kernel - 1}. {right} "
        f"layers see {_measure_field(right, kernel)}, and {right - 1} only "
        f"{_measure_field(right - 1, kernel)}.",
        numerical=True,
    )


@cache
def _measure_field(layers: int, kernel: int) -> int:
    """Return how many pixels of a row one value depends on."""
    net = nn.Sequential(*(nn.Conv2d(1, 1, kernel, padding=kernel // 2) for _ in range(layers)))
    return 1 + 2 * measure_reach(net, channels=1)[1] if layers else 1


@kind("03", "failing_line_of_a_block", "The line of a block that fails")
def ask_failing_line_of_a_block(draw: random.Random) -> Question:
    """Find the line that raises an error, if any does."""
    before, after, side = draw.randint(2, 6), draw.choice([8, 12, 16]), draw.randint(6, 30)
    widths = dict.fromkeys(range(2, 7), after)
    shape, padding, wrong = (
        (draw.randint(2, 5), before, side, side),
        ", padding=1",
        draw.randint(0, 6),
    )
    if wrong in (3, 5, 6):
        widths[wrong] = before
    shape = {1: (1, before, 1, 1), 2: (shape[0], side, side, before)}.get(wrong, shape)
    padding = "" if wrong == 4 else padding
    code = "\n".join(
        [
            f"x = torch.rand{shape}",
            f"x = nn.Conv2d({before}, {after}, kernel_size=3{padding}, bias=False)(x)",
            f"x = nn.BatchNorm2d({widths[3]})(x)",
            "x = nn.ReLU()(x)",
            f"x = nn.Conv2d({widths[5]}, {after}, kernel_size=3{padding}, bias=False)(x)",
            f"x = nn.BatchNorm2d({widths[6]})(x)",
        ]
    )
    return ask_failing_line(
        code,
        {
            2: "expects a convolution to take only certain sizes of images",
            3: "follows the image's channels into the first BatchNorm",
            5: "follows the image's channels into the second convolution",
            6: "follows the image's channels into the last BatchNorm",
            0: "expects layers to adapt to any input",
        },
        "All layers are new, so they're in train mode.",
    )

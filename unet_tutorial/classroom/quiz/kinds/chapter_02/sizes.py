"""Questions on sizes: of a map, of a kernel, and of what windows miss or padding reaches."""

from __future__ import annotations

import random
from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.classroom.quiz.kinds.options import choose_wrong, draw_wrong
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, kind
from unet_tutorial.shapes import conv_output_size


@kind("02", "size_of_a_map", "Height and width of a feature map")
def ask_size_of_a_map(draw: random.Random) -> Question:
    """Compute height and width of a layer's output."""
    kernel, stride = draw.choice([3, 4, 5, 6, 7]), draw.choice([2, 3, 4])
    padding, sides = draw.randint(1, kernel // 2), (draw.randint(20, 200), draw.randint(20, 200))
    layer = nn.Conv2d(1, 1, kernel, stride, padding, device="meta")
    right = _format_size(layer(torch.empty(1, *sides, device="meta")).shape[1:])
    steps = [side + 2 * padding - kernel for side in sides]
    return Question(
        text=f"An image of {sides[0]} × {sides[1]} pixels (height × width) goes through a "
        f"convolution with a kernel of {kernel} × {kernel}, a stride of {stride} and a padding of "
        f"{padding}. Which height and width does its output have?",
        right=right,
        wrong=draw_wrong(
            draw,
            right,
            {
                "leaves out the padding": _format_size(
                    (n - 2 * padding) // stride + 1 for n in steps
                ),
                "subtracts the kernel's size as if it lost that on each side": _format_size(
                    (n - kernel) // stride + 1 for n in steps
                ),
                "rounds up instead of down": _format_size(-(-n // stride) + 1 for n in steps),
                "adds the padding on one side only": _format_size(
                    (n - padding) // stride + 1 for n in steps
                ),
                "forgets the first place of the kernel": _format_size(n // stride for n in steps),
                "leaves out the stride": _format_size(n + 1 for n in steps),
            },
        ),
        why=f"Height: $({sides[0]} + 2 \\cdot {padding} - {kernel}) / {stride}$, rounded down, are "
        f"{steps[0] // stride} steps, and with the first place {steps[0] // stride + 1}. Width "
        f"works alike: {steps[1] // stride + 1}.",
    )


def _format_size(sides: Iterable[int]) -> str:
    return " × ".join(map(str, sides))


@kind("02", "kernel_for_a_size", "Which kernel gives a size")
def ask_kernel_for_a_size(draw: random.Random) -> Question:
    """Find the kernel from the sizes before and after a layer."""
    side, padding, kernel = draw.randint(30, 300), draw.randint(1, 5), draw.randint(2, 12)
    if padding >= kernel:
        raise DrawAgain
    out = conv_output_size(side, kernel, padding=padding)
    right = next(k for k in range(1, side) if conv_output_size(side, k, padding=padding) == out)
    told = {
        "forgets the first place of the kernel": right - 1,
        "adds the padding on one side only": right - padding,
        "leaves out the padding": right - 2 * padding,
        "subtracts the first place instead of adding it": right - 2,
        "looks for the padding that would keep the size": 2 * padding + 1,
    }
    return Question(
        text=f"A convolution with a square kernel, stride 1 and a padding of {padding} turns "
        f"images of {side} × {side} pixels into maps of {out} × {out}. How many rows does its "
        "kernel have?",
        right=right,
        wrong=choose_wrong(right, {why: size for why, size in told.items() if size > 0}),
        why=f"With padding, the image has {side + 2 * padding} rows. A kernel of one row would "
        f"give as many, and each further row of the kernel takes one away: "
        f"{side + 2 * padding} − {out} + 1 = {right}.",
        numerical=True,
    )


@kind("02", "unread_pixels", "Pixels that no window contains")
def ask_unread_pixels(draw: random.Random) -> Question:
    """Count the pixels that are left over at the bottom and on the right."""
    side, kernel, stride = draw.randint(8, 24), draw.randint(2, 6), draw.randint(2, 5)
    if stride > kernel:
        raise DrawAgain
    image = torch.zeros(1, 1, side, side, requires_grad=True)
    F.conv2d(image, torch.ones(1, 1, kernel, kernel), stride=stride).sum().backward()
    unread = image.grad[0, 0] == 0
    right, rows = int(unread.sum()), int(unread.all(dim=1).sum())
    return Question(
        text=f"A convolution with a kernel of {kernel} × {kernel}, a stride of {stride} and no "
        f"padding runs on an image of {side} × {side} pixels. How many of the image's pixels are "
        "in none of the kernel's windows?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "counts the rows at the bottom only": rows * side,
                "counts the corner twice": 2 * rows * side,
                "counts the corner only": rows**2,
                "expects the windows to reach every pixel": 0,
                "counts rows instead of pixels": rows,
            },
        ),
        why=f"The last window ends in row {side - rows - 1} (from 0), so {rows} of {side} rows are "
        f"left over, and as many columns: {side}² − {side - rows}² = {right} pixels.",
        numerical=True,
    )


@kind("02", "pixels_that_saw_padding", "Output pixels that depend on padding")
def ask_pixels_that_saw_padding(draw: random.Random) -> Question:
    """Count the pixels at the border of a map that depend on padded zeros."""
    kernel, layers = draw.choice([3, 5, 7]), draw.randint(2, 4)
    height, width = draw.randint(24, 80), draw.randint(24, 80)
    rings = [0]
    clean = torch.ones(1, 1, height, width)  # 1 where a pixel depends on the image alone
    for _ in range(layers):
        sums = F.conv2d(clean, torch.ones(1, 1, kernel, kernel), padding=kernel // 2)
        clean = (sums == kernel**2).float()
        rings.append(height * width - int(clean.sum()))
    right, wide = rings[-1], layers * (kernel // 2)
    if not clean.any():
        raise DrawAgain
    return Question(
        text=f"An image of {height} × {width} pixels goes through {layers} convolutions, one after "
        f"the other. Each has a kernel of {kernel} × {kernel}, stride 1 and a padding of "
        f"{kernel // 2}, so it keeps height and width. How many pixels of the last map depend on "
        "the padding of at least one layer?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "considers the last layer's padding only": rings[1],
                "counts the corners twice": 2 * wide * (height + width),
                "counts two of the four sides": wide * (height + width),
                "counts the pixels that depend on the image alone": int(clean.sum()),
            },
        ),
        why=f"Each layer adds {kernel // 2} to the frame that padding reaches, so it's {wide} "
        f"pixels wide in the end. {height - 2 * wide} × {width - 2 * wide} pixels inside it are "
        f"free of padding: {height} · {width} − {height - 2 * wide} · {width - 2 * wide} = "
        f"{right}.",
        numerical=True,
    )

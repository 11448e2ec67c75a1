"""Questions on layers: their weights, fields, and calls that fail."""

from __future__ import annotations

import random
from itertools import accumulate
from math import prod

import torch
from torch import nn

from unet_tutorial.classroom.quiz.kinds.fields import find_columns
from unet_tutorial.classroom.quiz.kinds.options import choose_wrong, draw_wrong
from unet_tutorial.classroom.quiz.kinds.shared import (
    ask_failing_line,
    count_parameters,
    format_shape,
)
from unet_tutorial.classroom.quiz.question import Question, kind


@kind("02", "parameters_of_a_layer", "Parameters of a convolution")
def ask_parameters_of_a_layer(draw: random.Random) -> Question:
    """Count the numbers in a layer's weight and bias."""
    before, after = draw.randint(2, 16), draw.choice([4, 6, 8, 10, 12, 20, 24, 32])
    kernel, stride, has_bias = draw.choice([2, 3, 5, 7]), draw.randint(1, 3), draw.random() < 0.6
    layer = nn.Conv2d(before, after, kernel, stride, bias=has_bias)
    right, weights, bias = count_parameters(layer), layer.weight.numel(), after * has_bias
    told = {
        "gives the layer one kernel per output channel": kernel**2 * after + bias,
        "gives the layer one kernel per input channel": kernel**2 * before + bias,
        "adds the channels up instead of making pairs": kernel**2 * (before + after) + bias,
        "counts a kernel's side instead of its weights": kernel * before * after + bias,
        "gives a bias to a layer without one": weights + after,
    }
    if has_bias:
        del told["gives a bias to a layer without one"]
        told["leaves out the bias"] = weights
        told["gives each kernel its own bias"] = weights + before * after
    return Question(
        text=f"How many numbers does training change in `nn.Conv2d({before}, {after}, "
        f"kernel_size={kernel}, stride={stride}{'' if has_bias else ', bias=False'})`?",
        right=right,
        wrong=choose_wrong(right, told, most=6),
        why=f"{before} · {after} pairs of channels have a kernel of {kernel} · {kernel} weights "
        f"each: {weights}. "
        + (f"With {after} biases, that's {right}." if has_bias else "There's no bias.")
        + " The stride changes nothing.",
        numerical=True,
    )


@kind("02", "shape_of_a_weight", "The shape of a weight from what goes in and comes out")
def ask_shape_of_a_weight(draw: random.Random) -> Question:
    """Find the shape of the weight from the shapes before and after a layer."""
    number, (before, after) = draw.randint(2, 9), draw.sample(range(3, 33), 2)
    kernel, sides = draw.sample([2, 3, 4, 5, 7, 9], 2), draw.sample(range(20, 100), 2)
    layer = nn.Conv2d(before, after, kernel, device="meta")
    images = torch.empty(number, before, *sides, device="meta")
    right = format_shape(layer.weight.shape)
    return Question(
        text=f"A convolution with stride 1 and no padding turns a batch of the shape "
        f"{format_shape(images.shape)} into one of {format_shape(layer(images).shape)}. What's the "
        "shape of its `weight`?",
        right=right,
        wrong=draw_wrong(
            draw,
            right,
            {
                "puts the input channels first": format_shape((before, after, *kernel)),
                "puts the input channels first, and mixes up height and width": format_shape(
                    (before, after, *kernel[::-1])
                ),
                "puts the input channels first, and takes what the sides lose for the kernel's": (
                    format_shape((before, after, *(side - 1 for side in kernel)))
                ),
                "gives the layer one kernel per output channel": format_shape((after, *kernel)),
                "takes what the sides lose for the kernel's sides": format_shape(
                    (after, before, *(side - 1 for side in kernel))
                ),
                "mixes up height and width": format_shape((after, before, *kernel[::-1])),
            },
        ),
        why=f"The shape is (out, in, kH, kW). A kernel of {kernel[0]} rows takes away one row "
        f"less, {kernel[0] - 1}, and one of {kernel[1]} columns takes away {kernel[1] - 1}.",
    )


@kind("02", "field_of_layers", "What one value sees through layers with strides")
def ask_field_of_layers(draw: random.Random) -> Question:
    """Find how many pixels of a row one value depends on."""
    kernels = [draw.choice([3, 5, 7]), draw.choice([3, 5]), draw.choice([3, 5])]
    strides = [draw.choice([2, 3]), draw.choice([1, 2, 2]), draw.choice([1, 2])]
    pairs = list(zip(kernels, strides, strict=True))
    net = nn.Sequential(*(nn.Conv1d(1, 1, k, s, padding=k // 2) for k, s in pairs))
    first, last = find_columns(net, 64 // prod(strides), 128)
    right = last - first + 1
    middle = (kernels[2] - 1) * strides[1] + kernels[1]
    apart = [1, *accumulate(strides, lambda a, b: a * b)]  # of neighbours, in pixels of the image
    lines = "\n".join(
        f"nn.Conv2d(8, 8, kernel_size={k}, stride={s}, padding={k // 2})" for k, s in pairs
    )
    return Question(
        text=f"Three convolutions, one after the other:\n\n```\n{lines}\n```\n\nTake one value in "
        "the middle of a large last map. On how many pixels of one row of the image does it "
        "depend?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "leaves out the strides": 1 + sum(k - 1 for k in kernels),
                "lays the kernels side by side": sum(kernels),
                "multiplies the kernels": prod(kernels),
                "applies a layer's stride to its own kernel": 1
                + sum((k - 1) * step for k, step in zip(kernels, apart[1:], strict=True)),
                "multiplies the field without strides by all strides": apart[-1]
                * (1 + sum(k - 1 for k in kernels)),
            },
            most=5,
        ),
        why=f"Back from the end: the value reads {kernels[2]} neighbours in the second map. Their "
        f"windows begin {strides[1]} apart and have {kernels[1]} values each, so together they "
        f"cover $({kernels[2]} - 1) \\cdot {strides[1]} + {kernels[1]}$ = {middle} of the first "
        f"map. In the same way, these cover $({middle} - 1) \\cdot {strides[0]} + {kernels[0]}$ = "
        f"{right} pixels. The last stride changes nothing.",
        numerical=True,
    )


@kind("02", "failing_line_of_convolutions", "The convolution that fails")
def ask_failing_line_of_convolutions(draw: random.Random) -> Question:
    """Find the line that raises an error, if any does."""
    colours, (middle, after) = draw.choice([1, 3, 4]), draw.sample([5, 6, 8, 10, 12, 16], 2)
    side, kernel, fault = draw.randint(12, 24), draw.choice([3, 5]), draw.randint(0, 6)
    left = (side - kernel + 1 - 3) // 2 + 1  # rows after the first two convolutions
    shape = (side, side, colours) if fault == 2 else (colours, side, side)
    lines = [
        f"x = torch.rand{(draw.randint(2, 9), *shape)}",
        f"x = nn.Conv2d({colours}, {middle}, kernel_size={kernel})(x)",
        f"x = nn.Conv2d({after if fault == 3 else middle}, {after}, kernel_size=3, stride=2)(x)",
        "x = x[0, 0]" if fault == 4 else "x = x[0]",
        f"x = nn.Conv2d({middle if fault == 5 else after}, {draw.choice([1, 2])}, "
        f"kernel_size={left + (fault == 6)})(x)",
    ]
    return ask_failing_line(
        "\n".join(lines),
        {
            2: "expects a convolution to refuse these images",
            3: "expects an error from a stride that doesn't divide the size",
            4: "expects that the first image of a batch can't be taken out",
            5: "expects an error without the batch dimension",
            0: "expects a convolution to adapt to any input",
        },
    )

"""Questions on layers: weights, parameters, channels, and lines that fail."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.classroom.quiz.kinds.shared import (
    ask_failing_line,
    count_parameters,
    format_shape,
)
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind


@kind("05", "parameters_of_a_layer", "Parameters of a transposed convolution")
def ask_parameters_of_a_layer(draw: random.Random) -> Question:
    """Count weights and biases."""
    before, after = draw.sample(range(4, 40), 2)
    kernel, stride = draw.choice([(2, 2), (3, 2), (4, 2), (3, 3), (5, 3), (4, 4)])
    code = f"nn.ConvTranspose2d({before}, {after}, kernel_size={kernel}, stride={stride})"
    layer = nn.ConvTranspose2d(before, after, kernel, stride, device="meta")
    right, weights = count_parameters(layer), layer.weight.numel()
    return Question(
        text=f"How many parameters does `{code}` have?",
        right=right,
        wrong=(
            Wrong(weights + before, "gives each input channel a bias"),
            Wrong(weights, "forgets the biases, which PyTorch adds by default"),
            Wrong(
                weights // before + after,
                "counts one kernel for each output channel, not for each pair of channels",
            ),
            Wrong(before * after * kernel + after, "counts one side of the kernel only"),
        ),
        why=f"A kernel of {kernel} × {kernel} for each of the {before} · {after} pairs of "
        f"channels, {weights:,} weights, and a bias for each of the {after} output channels. The "
        "stride doesn't matter.",
        numerical=True,
    )


@kind("05", "layer_of_a_weight", "Which layer has this weight")
def ask_layer_of_a_weight(draw: random.Random) -> Question:
    """Recognise a layer by its weight's shape."""
    a, b = draw.sample([2, 3, 6, 8, 12, 16, 20, 24, 32, 48, 64], 2)
    kernel = tuple(draw.sample([1, 2, 3, 4, 5], 2))
    made = product(("nn.Conv2d", "nn.ConvTranspose2d"), (a, b), (kernel, kernel[::-1]))
    layers = [(name, before, a + b - before, sides) for name, before, sides in made]
    shapes = {each: _make_layer(*each).weight.shape for each in layers}
    fitting = [each for each in layers if shapes[each] == (a, b, *kernel)]  # one of each type
    right = draw.choice(fitting)
    wrong = draw.sample([each for each in layers if each not in fitting], 4)
    return Question(
        text=f"A layer's `weight` has the shape `{format_shape((a, b, *kernel))}`. Which layer can "
        "it be?",
        right=_name_layer(*right),
        wrong=tuple(
            Wrong(_name_layer(*each), _explain_order(each[0], shapes[each], (a, b, *kernel)))
            for each in wrong
        ),
        why="A convolution's weight is (out, in, height, width), and a transposed convolution's is "
        f"(in, out, height, width). {_name_layer(*right)} has the shape "
        f"{format_shape(shapes[right])}.",
    )


def _explain_order(name: str, shape: Sequence[int], wanted: Sequence[int]) -> str:
    """Return why somebody takes this layer, whose weight has another shape."""
    order = {
        "nn.Conv2d": "puts the inputs first, which only transposed convolutions do",
        "nn.ConvTranspose2d": "takes (out, in), the order of a convolution, for a transposed one",
    }[name]
    mistakes = [order] * (tuple(shape[:2]) != tuple(wanted[:2]))
    mistakes += ["exchanges the kernel's height and width"] * (shape[2:] != wanted[2:])
    return ", and ".join(mistakes)


def _make_layer(name: str, before: int, after: int, kernel: tuple[int, int]) -> nn.Module:
    return getattr(nn, name.removeprefix("nn."))(before, after, kernel, device="meta")


def _name_layer(name: str, before: int, after: int, kernel: tuple[int, int]) -> str:
    return f"`{name}({before}, {after}, kernel_size={kernel})`"


@kind("05", "channels_that_keep_all", "How many channels lose nothing")
def ask_channels_that_keep_all(draw: random.Random) -> Question:
    """Count the channels that a convolution needs so that its input can be brought back."""
    channels, kernel = draw.randint(1, 4), draw.choice([(2, 2), (2, 3), (3, 2), (3, 3), (4, 4)])
    height, width = kernel[0] * draw.randint(5, 20), kernel[1] * draw.randint(5, 20)
    image = torch.empty(1, channels, height, width, device="meta")
    right = F.unfold(image, kernel, stride=kernel).shape[1]  # the numbers in a window
    pixels = kernel[0] * kernel[1]
    if channels in (1, pixels):
        raise DrawAgain
    return Question(
        text=f"A convolution with `kernel_size={kernel}, stride={kernel}` and no padding is "
        f"applied to images of {height} × {width} pixels with {channels} channels. You may choose "
        "all its weights. How many output channels does it need at least, so that every image can "
        "be brought back from its output?",
        right=right,
        wrong=(
            Wrong(pixels, "counts a window's pixels, but not their channels"),
            Wrong(channels, "expects the right weights to undo it with as many channels as before"),
            Wrong(
                channels * height * width, "counts the whole image, though windows don't overlap"
            ),
            Wrong(2 * channels, "expects twice the channels to be enough at each step down"),
        ),
        why=f"A window has {pixels} pixels of {channels} channels, {right} numbers. From fewer "
        f"outputs, they can't all be known; with {right}, each output can copy one of them.",
        numerical=True,
    )


@kind("05", "failing_line_of_a_way_up", "The line of a way up that fails")
def ask_failing_line_of_a_way_up(draw: random.Random) -> Question:
    """Look for an output_padding, a channel, a weight's order or a size that doesn't fit."""
    channels, half, last = draw.sample([2, 3, 4, 6, 8], 3)
    side, stride, kernel = draw.randint(5, 12), draw.randint(2, 3), draw.randint(2, 3)
    fault = draw.choice(["", "output_padding", "channels", "weight", "size"])
    output_padding = stride if fault == "output_padding" else draw.randint(0, stride - 1)
    with torch.device("meta"):
        up = nn.ConvTranspose2d(channels, half, kernel, stride, 0, min(output_padding, stride - 1))
        rows = 2 * up(torch.empty(1, channels, side, side)).shape[-1]
    order = (last, half) if fault == "weight" else (half, last)
    taken = channels + 1 if fault == "channels" else channels
    rows += draw.choice([-1, 1, 2]) if fault == "size" else 0
    code = "\n".join(
        [
            f"x = torch.rand(1, {channels}, {side}, {side})",
            f"up = nn.ConvTranspose2d({taken}, {half}, kernel_size={kernel}, stride={stride}, "
            f"output_padding={output_padding})",
            "y = up(x)",
            f"z = F.conv_transpose2d(y, torch.rand({order[0]}, {order[1]}, 2, 2), stride=2)",
            f"joined = torch.cat([z, torch.rand(1, {last + 1}, {rows}, {rows})], dim=1)",
        ]
    )
    told = {
        0: "overlooks the line that fails",
        2: "expects settings that fit no input to be refused when the layer is made",
        3: "overlooks that these channels fit, or that output_padding is smaller than the stride",
        4: "takes the weight's shape for (out, in, ...), the order of a convolution",
        5: "computes the size as for a convolution, or expects joined channels to be equal",
    }
    return ask_failing_line(code, told)

"""Checks of chapter 02: convolution."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.checks.compare import (
    call,
    compare_function,
    compare_value,
    described,
    hint_on_kind,
)
from unet_tutorial.checks.exercise import exercise, refuse
from unet_tutorial.checks.oracles.arrays import numbers_in
from unet_tutorial.checks.oracles.sliding import (
    SIZE_MISTAKES,
    compare_map,
    need_kept_size,
    sizes_by_search,
    three_convolutions,
    wanted_maps,
)
from unet_tutorial.checks.values import plain, same, shown

__all__ = [
    "one_bright_pixel",
    "padding_of_each_layer",
    "sizes_that_went_in",
    "three_filters",
    "weight_of_a_layer",
]

SHAPE_MISTAKES = [
    ((96, 32, 3, 3), "Those are the right numbers in another order. Which axis comes first?"),
    ((3, 3), "That is one slice. Each pair of an output and an input channel has its own."),
    ((32, 3, 3), "That is one slice for each output channel, as if one channel went in."),
]
ADDED_MISTAKES = [
    (9, "Nine weights are one slice. How many kernels need one for the new channel?"),
    (32, "Each kernel gets a whole slice for the new channel, not one number."),
    *((32 * 9 + n, "A bias belongs to an output channel. Do these become more?") for n in (1, 32)),
    *((96 * 9 + n, "That is what one more output channel would add.") for n in (0, 1)),
]


@exercise(
    "2.1",
    title="The weight of a layer",
    misconception="A 3×3 convolution has nine weights.",
    objectives=(2,),
    hints=(
        "Not all of the 27,680 numbers are weights. How many of them are biases?",
        "Each of the 32 output channels has one slice of 3×3 for each input channel. Call the "
        "number of input channels n, and write down the count.",
        "32 · n · 9 weights and 32 biases make 27,680. The shape is (out, in, kH, kW).",
    ),
)
def weight_of_a_layer(shape, added) -> str:
    """Check the shape (four whole numbers) and what one more input channel adds."""
    numbers = plain(shape)
    if type(numbers) is tuple and numbers[:1] + numbers[2:] == (32, 3, 3) and numbers[1] != 96:
        refuse(
            "The axes are right, the number of input channels is not. Which of the 27,680 numbers "
            "are no weights? And how many weights does each input channel need?",
            came=shown(shape),
        )
    compare_value(
        shape,
        (32, 96, 3, 3),
        mistakes=SHAPE_MISTAKES,
        name="weight_shape",
        otherwise="The shape is (out, in, kH, kW), four whole numbers.",
    )
    compare_value(
        added,
        32 * 9,
        mistakes=ADDED_MISTAKES,
        name="added",
        otherwise="Write the shape of the weight with one input channel more, and count again.",
    )
    return "32 kernels, each with one 3×3 slice for each of 96 input channels, and 32 biases"


BRIGHT_OUTPUT = ((5, 95, 75), (5, 35, 15))
TURNED = (
    "The right places, but the weights lie the other way round. As the window moves down and to "
    "the right, where does the bright pixel move inside it?"
)
BRIGHT_MISTAKES = [
    (((0, 90, 70), (0, 30, 10)), "The bias is missing: one number, added to the whole map."),
    (((0, 95, 75), (0, 35, 15)), "The bias is added to the whole map, to its zeros too."),
    (((5, 15, 35), (5, 75, 95)), TURNED),
    (((0, 10, 30), (0, 70, 90)), f"{TURNED} (And the bias is missing.)"),
    (((5, 14, 12), (5, 8, 6)), "The bright pixel is 10, not 1."),
    (((5, 65, 45), (5, 5, 5)), "The windows begin in the padding, one row above the image."),
    (((5, 85, 5), (5, 25, 5)), "The windows begin in the padding, one column to the left."),
    (((5, 55, 5), (5, 5, 5)), "The first window begins in the padding, not in the image."),
]
BRIGHT_SHAPES = {
    (3, 2): "Height comes first: a list of rows.",
    (4, 6): "That is the size at stride 1. Here the kernel moves two pixels at a time.",
    (1, 2): "That is the size without padding.",
    (2, 4): "That is the size without padding, at stride 1.",
}


@exercise(
    "2.2",
    title="One bright pixel",
    misconception="A single bright pixel comes out as a picture of the kernel.",
    objectives=(1,),
    hints=(
        "Use the size formula twice for the shape. Then find, for each output pixel, the window "
        "of the image that it is computed from. Mind the zeros around the image.",
        "With padding 1 and stride 2, the window of output pixel (r, c) begins at row 2r - 1 and "
        "column 2c - 1 of the image. Where in this window does the bright pixel lie, if at all?",
        "For output pixel (0, 1) the window has rows -1 to 1 and columns 1 to 3: the bright pixel "
        "lies in its last row and last column, under the weight 9. Then add the bias.",
    ),
)
def one_bright_pixel(answer) -> str:
    """Check the output (2, 3) for an image with one bright pixel, padding 1 and stride 2."""
    output = numbers_in(answer)
    if output is None:
        refuse("The answer must be a list of rows, each a list of numbers.", came=described(answer))
    if output.shape != (2, 3):
        otherwise = "Compute height and width by the size formula, with n = 4 and n = 6."
        refuse(
            BRIGHT_SHAPES.get(tuple(output.shape), otherwise), came=f"shape {tuple(output.shape)}"
        )
    compare_value(
        output,
        numbers_in(BRIGHT_OUTPUT),
        mistakes=[(numbers_in(wrong), hint) for wrong, hint in BRIGHT_MISTAKES],
        otherwise="Write down, for one output pixel after the other, the rows and columns of its "
        "window. Which weight lies on the bright pixel?",
    )
    return "four of the six windows see the bright pixel, and the kernel comes out turned round"


@exercise(
    "2.3",
    title="Back through the size formula",
    misconception="One output size has one input size.",
    objectives=(3,),
    hints=(
        "The formula rounds down, so several sizes may give the same. Print the output sizes of "
        "n = 1 to 12 for kernel 3 and stride 2, and look for a pattern.",
        "The last place of the kernel starts at (out - 1) · s. What is the smallest padded row "
        "that holds this place? How many pixels may come after it until one more place fits?",
        "The smallest size is (out - 1) · s + k - 2p. One more place fits when s more pixels have "
        "come. An image of no pixels, or fewer, is none.",
    ),
)
def sizes_that_went_in(answer, *, seed=0) -> str:
    """Check a function (out, kernel_size, stride, padding) that lists all input sizes."""
    draw = random.Random(seed)
    cases = [(7, 5, 3, 1), (3, 3, 2, 0), (6, 3, 1, 1), (2, 4, 3, 3), (1, 1, 1, 2), (1, 2, 3, 1)]
    for _ in range(30):
        kernel_size = draw.randint(1, 7)
        cases.append((draw.randint(1, 12), kernel_size, draw.randint(1, 5), draw.randint(0, 4)))

    tried = compare_function(
        answer,
        sizes_by_search,
        cases,
        mistakes=SIZE_MISTAKES,
        otherwise="Put one of your sizes into the formula for the output size, and one that you "
        "left out.",
    )
    return f"{tried} settings, each against a count of the kernel's places in rows up to 120"


@exercise(
    "2.4",
    title="Three filters in one weight",
    misconception="Each output channel is made from the input channel of the same number.",
    objectives=(1, 2),
    hints=(
        "Begin with a weight of zeros. All three maps need one or two numbers in it.",
        "weight[o, i] is the slice with which output channel o looks at input channel i. With "
        "padding 1, the middle of a slice lies on the pixel that is computed.",
        "To move an image to the right, each output pixel must read its left neighbour. The last "
        "axis of the weight counts the columns of the window from left to right.",
    ),
)
def three_filters(answer, *, seed=0) -> str:
    """Check a weight (3, 2, 3, 3) that copies, subtracts and moves."""
    weight = numbers_in(answer)
    if weight is None:
        refuse("The answer must be a tensor of numbers.", came=described(answer))
    if weight.shape != (3, 2, 3, 3):
        hint = "The weight of a layer from 2 to 3 channels has the shape (out, in, 3, 3)."
        if weight.shape == (2, 3, 3, 3):
            hint = "Output and input channels have changed places in the shape."
        refuse(hint, came=f"shape {tuple(weight.shape)}")
    generator = torch.Generator().manual_seed(seed)
    sizes = [(1, 3, 4), (2, 5, 8), (1, 9, 6)]
    for number, height, width in sizes:
        image = torch.randint(0, 10, (number, 2, height, width), generator=generator).double()
        maps = F.conv2d(image, weight, padding=1)
        for out, (expected, mistakes) in enumerate(wanted_maps(image)):
            compare_map(out, image, maps[:, out], expected, mistakes)
    return f"all three maps, for images of {len(sizes)} sizes"


@exercise(
    "2.5",
    title="The frame that knows nothing",
    misconception="padding=1 keeps the size, and where the size is right the padding is.",
    objectives=(3, 4),
    hints=(
        "Follow the size through the three convolutions one by one, not from end to end.",
        "Solve out = n for p, at stride 1, for each of the three kernels.",
        "A kernel of 5 takes two pixels away on each side; one of 1 takes none. The padding of "
        "each layer has to give back what its own kernel takes.",
    ),
)
def padding_of_each_layer(answer, *, seed=0) -> str:
    """Check a function (in_channels, out_channels) that returns three convolutions in a row."""
    if isinstance(answer, nn.Module):
        refuse("The answer is the function that makes the network, its name without brackets.")
    generator = torch.Generator().manual_seed(seed)
    cases = [(1, 2, 9, 12), (3, 5, 14, 11)]
    for channels_in, channels_out, height, width in cases:
        network = call(answer, channels_in, channels_out)
        layers = three_convolutions(network, channels_in, channels_out)
        x = torch.randn(2, channels_in, height, width, generator=generator)
        x = x.to(layers[0].weight.dtype)
        with torch.no_grad():
            expected = x
            for layer in layers:
                need_kept_size(layer, expected)
                padding = tuple(side // 2 for side in layer.kernel_size)
                expected = F.conv2d(expected, layer.weight, layer.bias, padding=padding)
            came = call(network, x)
        if not same(came, expected):
            refuse(
                hint_on_kind(came, expected)
                or "The layers are right one by one, but together they give something else. "
                "Return them in a row, with nothing between.",
                tried=shown(x),
                came=shown(came),
            )
    return "height and width stay through all three layers, and the whole output sees the image"

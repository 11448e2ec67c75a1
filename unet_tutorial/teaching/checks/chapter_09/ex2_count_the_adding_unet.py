"""9.2 Adding instead of joining."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from unittest.mock import patch

import torch
from torch import nn

from unet_tutorial import DoubleConv, UNet
from unet_tutorial.teaching.checks.compare import compare_function, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse


def _count_by_building(in_channels: int, num_classes: int, base_channels: int) -> int:
    """Return the parameters of a U-Net that adds its skips, by building one on the meta device."""
    with torch.device("meta"):
        network = UNet(in_channels, num_classes, base_channels)
        for up in (network.up1, network.up2, network.up3, network.up4):
            half = up.upsampling.out_channels
            up.conv = DoubleConv(half, half)
    return sum(p.numel() for p in network.parameters())


def _count_by_formula(
    in_channels: int, num_classes: int, c: int, *, first=1.0, second=1.0, norms=4, stamp=4, bias=1
) -> int:
    """Return the same number by a formula; the defaults are right.

    Args:
        first, second: input channels of an Up's convolutions, as a multiple of its output channels.
        norms: parameters of the BatchNorms, per channel of a DoubleConv.
        stamp, bias: numbers in a transposed convolution's kernel, and biases per output channel.
    """
    total = 9 * in_channels * c + 9 * c * c + norms * c + c * num_classes + num_classes
    for o in (c, 2 * c, 4 * c, 8 * c):
        total += 9 * o * 2 * o + 9 * 2 * o * 2 * o + norms * 2 * o  # a Down from o to 2 o
        total += stamp * 2 * o * o + bias * o  # an Up from 2 o to o
        total += int(9 * first * o * o + 9 * second * o * o) + norms * o
    return total


REFERENCE = _count_by_formula
MISTAKES = [
    (partial(_count_by_formula, first=2),
     "That is the network that joins. Adding two tensors adds no channels."),
    (partial(_count_by_formula, second=0.5),
     "The second convolution of a DoubleConv reads the output of the first: o channels."),
    (partial(_count_by_formula, norms=2),
     "Each DoubleConv has two BatchNorms, with two numbers per channel each."),
    (partial(_count_by_formula, norms=0), "The BatchNorms' scales and shifts are parameters too."),
    (partial(_count_by_formula, stamp=0, bias=0), "The transposed convolutions are still there: "
     "two tensors must have the same shape to be added."),
    (partial(_count_by_formula, bias=0), "A transposed convolution has biases, i / 2 of them."),
    (partial(_count_by_formula, stamp=2),
     "The transposed convolution has the same input as before, all i channels."),
    (partial(_count_by_formula, stamp=9), "The kernel of the transposed convolution is 2 by 2."),
]  # fmt: skip


def _forbid_building(count_adding: Callable) -> Callable:
    """Return the function, refusing it as soon as it creates a part of a network."""

    def refuse_module(*_, **__):
        refuse("Your function builds a network, or a part of one. The task asks for arithmetic.")

    @wraps(count_adding)
    def count(*arguments):
        with patch.object(nn.Module, "__init__", refuse_module):
            return count_adding(*arguments)

    return count


@exercise(
    misconception="Without the joined channels, the whole expanding path costs half as much.",
    question=(
        "Adding the skip instead of joining it halves the input channels of one convolution in "
        "each `Up`. How much of the expanding path's work is in that one?"
    ),
    hints=(
        "Which convolutions read the joined tensor? Only their input has changed.",
        "The first convolution of each Up's DoubleConv now reads i / 2 channels instead of i.",
        "`up_parameters` has two terms. Which one reads the joined tensor?",
    ),
)
def count_the_adding_unet(count_adding, *, seed=0) -> str:
    """Check count_adding(in_channels, num_classes, base_channels)."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randint(1, 40, (2, 3), generator=generator).tolist()
    cases = [(1, 1, 64), (1, 1, 1), (3, 5, 8), *map(tuple, random)]
    require_callable(count_adding, 3)
    number = compare_function(
        _forbid_building(count_adding),
        _count_by_building,
        cases,
        mistakes=MISTAKES,
        otherwise="Go block by block. In another cell, compare each with one built in PyTorch.",
    )
    return f"{number} networks, each counted by PyTorch as well"

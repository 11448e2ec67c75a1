"""9.2 Adding instead of joining."""

from __future__ import annotations

import torch

from unet_tutorial import DoubleConv, UNet
from unet_tutorial.teaching.checks.chapter_09.costs import counted
from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _count_of_adding(in_channels: int, num_classes: int, base_channels: int) -> int:
    """Return the parameters of a U-Net that adds its skips, by building one without contents."""
    with torch.device("meta"):
        network = UNet(in_channels, num_classes, base_channels)
        for up in (network.up1, network.up2, network.up3, network.up4):
            half = up.upsampling.out_channels
            up.conv = DoubleConv(half, half)
    return sum(p.numel() for p in network.parameters())


COUNT_WRONG = [
    (counted(first=1), "That is the network that joins. Adding two tensors adds no channels."),
    (
        counted(second=0.5),
        "The second convolution of a DoubleConv reads what the first gave out: o channels.",
    ),
    (counted(norms=2), "Each DoubleConv has two BatchNorms, with two numbers a channel each."),
    (counted(norms=0), "The BatchNorms' scales and shifts are parameters too."),
    (
        counted(stamp=0, stamp_bias=0),
        "The transposed convolutions are still there: two tensors must have one shape to be added.",
    ),
    (counted(stamp_bias=0), "A transposed convolution has biases, i / 2 of them."),
    (
        counted(stamp=2),
        "The transposed convolution has the same input as before, all i channels.",
    ),
    (counted(stamp=9), "The kernel of the transposed convolution is 2 by 2."),
]


@exercise(
    misconception="Without the joined channels, the whole expanding path costs half.",
    hints=(
        "Which convolutions read the joined tensor? Only what they read has changed.",
        "The first convolution of each Up's DoubleConv reads i / 2 channels now, not i.",
        "`up_parameters` has two terms. Which one reads the joined tensor?",
    ),
)
def count_the_adding_unet(count_adding, *, seed=0) -> str:
    """Check count_adding(in_channels, num_classes, base_channels)."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randint(1, 40, (2, 3), generator=generator).tolist()
    cases = [(1, 1, 64), (1, 1, 1), (3, 5, 8), *map(tuple, random)]
    number = compare_function(
        count_adding,
        _count_of_adding,
        cases,
        mistakes=COUNT_WRONG,
        otherwise="Go block by block, and compare each with a block of yours in PyTorch.",
    )
    return f"{number} networks, each counted by PyTorch as well"

"""3.5 Count a chain."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _count_with_torch(widths: list[int], bias: bool) -> int:
    """Return the number of parameters of a chain, by building its layers in PyTorch."""
    total = 0
    with torch.device("meta"):
        for before, after in pairwise(widths):
            pair = nn.Conv2d(before, after, 3, bias=bias), nn.BatchNorm2d(after)
            total += sum(p.numel() for layer in pair for p in layer.parameters())
    return total


def _make_count(kernel=9, per_channel=2, bias=1, of_both=False):
    """Return a wrong function that counts a chain."""

    def count(widths: list[int], has_bias: bool) -> int:
        pairs = list(pairwise(widths))
        numbers = sum(kernel * (b if of_both else a) * b for a, b in pairs)
        return numbers + sum((per_channel + bias * has_bias) * b for _, b in pairs)

    return count


REFERENCE = _count_with_torch
MISTAKES = [
    (_make_count(per_channel=3, bias=0), "These convolutions have no bias."),
    (_make_count(per_channel=0), "The BatchNorms are missing. What does each of them learn?"),
    (_make_count(per_channel=1), "A BatchNorm learns a scale and a shift for each channel."),
    (_make_count(bias=0), "Here the convolutions have a bias: one number for each output channel."),
    (_make_count(per_channel=4),
     "The running mean and variance are stored too, but they aren't trained."),
    (_make_count(kernel=1), "Each 3×3 kernel has nine weights."),
    (_make_count(of_both=True), "Each convolution's input is the previous one's output."),
]  # fmt: skip


@exercise(
    misconception="A BatchNorm has no parameters, or counts its running mean and variance.",
    question=(
        "A BatchNorm has 64 channels. How many of its numbers does the optimiser change, and how "
        "many does the checkpoint store?"
    ),
    hints=(
        "Go through the widths in pairs: the first with the second, the second with the third.",
        "Each pair has a convolution's weight and a BatchNorm. The BatchNorm learns a scale and a "
        "shift for each of the convolution's output channels.",
        "For a pair (i, o) there are 9 · i · o weights and 2 · o numbers of the BatchNorm, and "
        "with a bias, one more for each of the o channels.",
    ),
)
def count_of_a_chain(answer, *, seed=0) -> str:
    """Check a function (widths, bias) that counts a chain's parameters."""
    generator = torch.Generator().manual_seed(seed)
    cases = [([3, 16, 32], False), ([3, 16, 32], True), ([7, 5], True), ([9, 4], False)]
    cases += [([6, 4, 6, 9, 6], False), ([5, 5, 5], True), ([8, 8, 3, 8], True)]
    for length in range(2, 7):
        widths = torch.randint(1, 40, (length,), generator=generator).tolist()
        cases.append((widths, length % 2 == 0))
    tried = compare_function(
        answer,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Count the first convolution and its BatchNorm alone, then add pair by pair.",
    )
    return f"{tried} chains of up to five convolutions, with and without biases"

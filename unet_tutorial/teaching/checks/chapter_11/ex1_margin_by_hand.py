"""11.1 The margin of any U-Net."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _measured_margin(poolings: int, reach: int) -> int:
    """Return how many columns to the left matter, by the gradients of a U-Net of one row.

    Every weight is positive and pooling takes the mean, so that no influence cancels.
    """
    block = 2**poolings
    start = block * (3 * reach + 2)  # more than can matter
    row = torch.ones(block, 1, 2 * start, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        output = _row_network(row, poolings, reach)
        columns = torch.arange(block)  # one column of the block for each image of the batch
        (gradient,) = torch.autograd.grad(output[columns, 0, start + columns].sum(), row)
    matters = (gradient[:, 0] != 0).any(dim=0).nonzero().ravel()
    return start - int(matters[0])


def _row_network(x: Tensor, poolings: int, reach: int) -> Tensor:
    """Return the output of a U-Net whose convolutions add `reach` pixels a level and side."""
    kernel = torch.ones(1, 1, 2 * reach + 1, dtype=x.dtype)
    x = F.conv1d(x, kernel, padding=reach)
    if poolings == 0:
        return x
    inner = _row_network(F.avg_pool1d(x, 2), poolings - 1, reach)
    return F.conv1d(x + inner.repeat_interleave(2, dim=-1), kernel, padding=reach)


def _rounded_inwards(poolings, reach) -> int:
    """Return the margin of a walk back that halves towards zero."""
    column = 0
    for _ in range(poolings):
        column = int((column - reach) / 2)
    for _ in range(poolings):
        column = 2 * (column - reach)
    return reach - column


@exercise(
    misconception="The margin is the sum of what the convolutions add, level by level.",
    hints=(
        "Let the core begin at column 0 and walk back from the output: which is the leftmost "
        "column that matters, level by level?",
        "Going down a level, column c lies in column c // 2; for a negative odd c that rounds "
        "outwards. Going back up through the pooling, column c stands for 2c and 2c + 1.",
        "On the way to the bottleneck subtract the reach, then halve, once for each pooling; on "
        "the way back subtract the reach, then double. The last level's reach is still to come.",
    ),
)
def margin_by_hand(margin, *, seed=0) -> str:
    """Check margin(poolings, reach): columns left of a core that can matter to a pixel in it."""
    chosen = random.Random(seed)
    cases = [(2, 2), (3, 2), (0, 3), (1, 2), (1, 1), (4, 2), (2, 1), (5, 1)]
    cases += [(chosen.randint(1, 4), chosen.randint(3, 6)) for _ in range(4)]
    tried = compare_function(
        margin,
        _measured_margin,
        cases,
        mistakes=[
            (
                lambda p, r: r * (3 * 2**p - 2),
                "The sum of the levels is not all. A column that does not begin a pooling window "
                "draws in the whole window.",
            ),
            (
                lambda p, r: r * (2 ** (p + 1) - 1),
                "A part of the way is missing: the contracting path, the bottleneck and the "
                "expanding path all look about.",
            ),
            (
                _rounded_inwards,
                "Column -1 lies in column -1 of the coarser level, -3 in -2: halves round down.",
            ),
            (
                lambda p, r: r * (2 * p + 1),
                "On level 1 one pixel stands for two columns of the image, on level 2 for four.",
            ),
            (
                lambda p, r: -(-_measured_margin(p, r) // 2**p) * 2**p,
                "That is rounded up to where a tile may begin. The margin itself is asked for.",
            ),
            (
                lambda p, r: 2 * _measured_margin(p, r),
                "That is both sides together. The left side alone is asked for.",
            ),
        ],
        otherwise="Draw the columns of a U-Net with one pooling, and walk back from the output.",
    )
    return f"{tried} U-Nets, against the gradients of networks with positive weights"

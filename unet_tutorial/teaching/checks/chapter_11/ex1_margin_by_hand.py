"""11.1 The margin of any U-Net."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _measure_margin(poolings: int, reach: int) -> int:
    """Return how many columns to the left matter, from the gradients of a U-Net on one row.

    All weights are positive and pooling takes the mean, so that no influences cancel.
    """
    block = 2**poolings
    start = block * (3 * reach + 2)  # more than can matter
    rows = torch.ones(block, 1, 2 * start, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        output = _run_unet(rows, poolings, reach)
        columns = torch.arange(block)  # each row of the batch looks at one column of the block
        (gradient,) = torch.autograd.grad(output[columns, 0, start + columns].sum(), rows)
    matters = (gradient[:, 0] != 0).any(dim=0).nonzero().ravel()
    return start - int(matters[0])


def _run_unet(x: Tensor, poolings: int, reach: int) -> Tensor:
    """Return the output of a U-Net with one convolution per stage, of kernel 2 * reach + 1."""
    kernel = torch.ones(1, 1, 2 * reach + 1, dtype=x.dtype)
    x = F.conv1d(x, kernel, padding=reach)
    if poolings == 0:
        return x
    inner = _run_unet(F.avg_pool1d(x, 2), poolings - 1, reach)
    return F.conv1d(x + inner.repeat_interleave(2, dim=-1), kernel, padding=reach)


def _round_towards_zero(poolings, reach) -> int:
    column = 0
    for _ in range(poolings):
        column = int((column - reach) / 2)
    for _ in range(poolings):
        column = 2 * (column - reach)
    return reach - column


REFERENCE = _measure_margin
MISTAKES = [
    (lambda poolings, reach: reach * (3 * 2**poolings - 2),
     "The sum over the levels is not all. A column that isn't the first of its pooling window "
     "brings in the whole window."),
    (lambda poolings, reach: reach * (2 ** (poolings + 1) - 1),
     "A part of the way is missing: the contracting path, the bottleneck and the expanding path "
     "all have convolutions."),
    (lambda poolings, reach: _measure_margin(poolings, reach) - reach * 2**poolings,
     "The bottleneck's convolutions look around, too."),
    (lambda poolings, reach: _measure_margin(poolings, reach) - reach,
     "A level's convolutions are missing, the first or the last."),
    (_round_towards_zero,
     "Column -1 belongs to column -1 of the coarser level, column -3 to -2: halves round down."),
    (lambda poolings, reach: reach * (2 * poolings + 1),
     "On level 1 a pixel is two columns of the image wide, on level 2 four."),
    (lambda poolings, reach: -(-_measure_margin(poolings, reach) // 2**poolings) * 2**poolings,
     "You rounded up to where a tile may begin. The task asks for the margin itself."),
    (lambda poolings, reach: 2 * _measure_margin(poolings, reach),
     "That is both sides together. The task only asks for the left side."),
]  # fmt: skip


@exercise(
    misconception="The margin is the sum of the convolutions' reaches, level by level.",
    question=(
        "The network reaches 94 pixels, not the sum of its convolutions' reaches. Which layers "
        "count more than once, and what do the poolings add?"
    ),
    hints=(
        "Let the core begin at column 0 and walk back from the output: what is the leftmost "
        "column that matters, level by level?",
        "Going down a level, column c belongs to column c // 2; for a negative odd c that rounds "
        "outwards. Going back up through the pooling, column c covers 2c and 2c + 1.",
        "On the way to the bottleneck subtract the reach, then halve, once for each pooling; on "
        "the way back subtract the reach, then double. The last level's reach is still to come.",
    ),
)
def margin_by_hand(margin, *, seed=0) -> str:
    """Check margin(poolings, reach): how many columns left of a core can matter inside it."""
    chosen = random.Random(seed)
    cases = [(2, 2), (3, 2), (0, 3), (1, 2), (1, 1), (4, 2), (2, 1), (5, 1)]
    cases += [(chosen.randint(1, 4), chosen.randint(3, 6)) for _ in range(4)]
    tried = compare_function(
        margin,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Draw the columns of a U-Net with one pooling, and walk back from the output.",
    )
    return f"{tried} U-Nets, against the gradients of networks with positive weights"

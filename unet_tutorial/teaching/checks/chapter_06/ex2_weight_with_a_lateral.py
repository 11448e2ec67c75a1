"""6.2 A sum inside a join."""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _lateral_by_loops(lateral: Tensor, weight: Tensor) -> Tensor:
    """Return the weight for joined tensors, one product at a time."""
    between, skip_channels = lateral.shape[:2]
    of_skip = torch.zeros(len(weight), skip_channels, *weight.shape[2:], dtype=weight.dtype)
    for o, c, m in product(range(len(weight)), range(skip_channels), range(between)):
        of_skip[o, c] += weight[o, m] * lateral[m, c, 0, 0]
    return torch.cat([of_skip, weight], dim=1)


def _lateral_cases(seed: int) -> list[tuple]:
    """Return (lateral, weight) of whole numbers, the first small enough to be shown."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [(1, 2, 2, 1), (2, 3, 2, 1), (1, 1, 3, 3), (4, 3, 5, 3), (2, 4, 4, 3)]
    cases = []
    for out, between, skip_channels, kernel in sizes:
        lateral = torch.randint(1, 10, (between, skip_channels, 1, 1), generator=generator)
        weight = torch.randint(-9, 10, (out, between, kernel, kernel), generator=generator)
        cases.append((lateral.double(), weight.double()))
    return cases


def _of_the_skip(lateral: Tensor, weight: Tensor) -> Tensor:
    """Return the half of that weight that reads the skip."""
    return _lateral_by_loops(lateral, weight)[:, : lateral.shape[1]]


LATERAL_MISTAKES = [
    (
        lambda lateral, weight: torch.cat([weight, _of_the_skip(lateral, weight)], dim=1),
        "The right numbers in the other order: the skip is joined first.",
    ),
    (
        lambda lateral, weight: _lateral_by_loops(lateral.transpose(0, 1), weight),
        "The axes of lateral are (out, in). Which of them meets the second axis of weight?",
    ),
    (
        lambda lateral, weight: torch.cat([weight, weight], dim=1),
        "Equal halves add the skip as it is. Here a 1×1 convolution comes between.",
    ),
    (_of_the_skip, "That reads the skip alone. Where is what comes from below?"),
    (
        lambda lateral, weight: torch.cat([_of_the_skip(lateral, weight)] * 2, dim=1),
        "The lateral convolution reads the skip alone, not what comes from below.",
    ),
]


@exercise(
    misconception="A network that adds its skips computes something that a join cannot.",
    hints=(
        "A convolution is linear: that of a sum is the sum of two convolutions.",
        "So what comes from below meets weight as it is. The skip meets lateral first, then "
        "weight: at each place of the kernel, a product of two matrices.",
        "Output o and skip channel c are linked through every channel m between: sum weight[o, m] "
        "times lateral[m, c] over m. einsum can say that.",
    ),
)
def weight_with_a_lateral(answer, *, seed=0) -> str:
    """Check joined_weight(lateral, weight), the weight that a joining network needs."""
    number = compare_function(
        answer,
        _lateral_by_loops,
        _lateral_cases(seed),
        mistakes=LATERAL_MISTAKES,
        otherwise="Follow one channel of the skip: through which channels does it reach output 0?",
    )
    return f"{number} adding networks, each as one convolution over the join"

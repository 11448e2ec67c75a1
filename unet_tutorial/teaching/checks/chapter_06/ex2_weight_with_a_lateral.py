"""6.2 A sum inside a join."""

from __future__ import annotations

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _compute_skip_weight(lateral: Tensor, weight: Tensor) -> Tensor:
    """Return the part of the right weight that reads the skip."""
    return torch.einsum("omhw,mc->ochw", weight, lateral[:, :, 0, 0])


def _join_weights(lateral: Tensor, weight: Tensor) -> Tensor:
    return torch.cat([_compute_skip_weight(lateral, weight), weight], dim=1)


REFERENCE = _join_weights
MISTAKES = [
    (lambda lateral, weight: torch.cat([weight, _compute_skip_weight(lateral, weight)], dim=1),
     "The right numbers in the wrong order: the skip is joined first."),
    (lambda lateral, weight: _join_weights(lateral.transpose(0, 1), weight),
     "The axes of lateral are (out, in). Which of them meets the second axis of weight?"),
    (lambda lateral, weight: torch.cat([weight, weight], dim=1),
     "Equal halves add the skip unchanged. Here a 1×1 convolution comes first."),
    (_compute_skip_weight, "That only reads the skip. Which part reads the upsampled channels?"),
    (lambda lateral, weight: torch.cat([_compute_skip_weight(lateral, weight)] * 2, dim=1),
     "The lateral convolution only reads the skip, not the upsampled channels."),
]  # fmt: skip


def _make_cases(seed: int) -> list[tuple]:
    """Return (lateral, weight) of whole numbers, the first small enough to be shown."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [(1, 2, 2, 1), (2, 3, 2, 1), (1, 1, 3, 3), (3, 2, 1, 3), (4, 3, 5, 3), (2, 4, 4, 5)]
    cases = []
    for out, between, skip_channels, kernel in sizes:
        lateral = torch.randint(-9, 10, (between, skip_channels, 1, 1), generator=generator)
        weight = torch.randint(-9, 10, (out, between, kernel, kernel), generator=generator)
        cases.append((lateral.float(), weight.float()))
    return cases


@exercise(
    misconception="A network that adds its skips can compute something that a join can't.",
    question=(
        "I claim that a network which adds its skips can do something that yours can't. Which "
        "weights would you give yours to prove me wrong?"
    ),
    hints=(
        "A convolution is linear: the convolution of a sum is the sum of two convolutions.",
        "So the upsampled channels need the unchanged weight. The skip meets lateral first, then "
        "weight: at each place of the kernel, that's a product of two matrices.",
        "Output o and skip channel c are linked through every channel m between them: sum "
        "weight[o, m] times lateral[m, c] over m. einsum can do that.",
    ),
)
def weight_with_a_lateral(answer, *, seed=0) -> str:
    """Check joined_weight(lateral, weight), the weight that a joining network needs."""
    number = compare_function(
        answer,
        REFERENCE,
        _make_cases(seed),
        mistakes=MISTAKES,
        otherwise="Follow one channel of the skip: through which channels does it reach output 0?",
        tolerance=1e-4,
    )
    return f"{number} adding networks, each as one convolution over the join"

"""6.1 Where the channels do not double."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _count_with(step: Callable[[int, int], tuple[int, int, int]]) -> Callable:
    """Return up_channels(widths), where step(below, own) gives the channels of one Up."""
    return lambda widths: [step(below, own) for own, below in reversed([*pairwise(widths)])]


REFERENCE = _count_with(lambda below, own: (below // 2, below // 2 + own, own))
MISTAKES = [
    (_count_with(lambda below, own: (below / 2, below / 2 + own, own)),
     "Channels are whole numbers: divide with `//`."),
    (_count_with(lambda below, own: (below // 2, below, own)),
     "The joined channels are those from below only where below is twice the skip."),
    (_count_with(lambda below, own: (own, 2 * own, own)),
     "This block gives out half of what comes from below, not the skip's number."),
    (_count_with(lambda below, own: (below // 2, below // 2 + own, (below // 2 + own) // 2)),
     "The double convolution gives what its level held on the way down."),
    (_count_with(lambda below, own: (below, below + own, own)),
     "The transposed convolution halves the channels that come from below."),
    (_count_with(lambda below, own: (below // 2, below // 2 + own // 2, own)),
     "The skip is joined whole. What is halved comes from below."),
    (lambda widths: REFERENCE(widths)[::-1],
     "The right steps from the top. The first step up starts at the bottleneck."),
]  # fmt: skip


def _make_cases(seed: int) -> list[tuple]:
    """Return widths of networks, from level 0 to the bottleneck: doubling and not."""
    draw = random.Random(seed)
    cases = [(8, 16, 32), (64, 64, 128, 256, 512), (3, 10), (32, 48, 96, 160, 256)]
    for levels in (2, 4, 5):
        cases.append((draw.randrange(1, 99), *(2 * draw.randrange(1, 99) for _ in range(levels))))
    return [(widths,) for widths in cases]


@exercise(
    misconception="The joined tensor has in_channels channels, whatever the levels hold.",
    question=(
        "The level below has 96 channels, the skip has 40. How many does the joined tensor "
        "have, and how many does the block's `in_channels` promise?"
    ),
    hints=(
        "Draw the levels with their channels, and one step up between each two of them.",
        "Below stands the level underneath, halved. The skip is the whole of its own level.",
        "Go from the last level but one down to 0. For each: what comes up, what is beside it, and "
        "what does the level hold?",
    ),
)
def up_channel_counts(answer, *, seed=0) -> str:
    """Check up_channels(widths): (upsampled, joined, out) of each step up, the deepest first."""
    number = compare_function(
        answer,
        REFERENCE,
        _make_cases(seed),
        mistakes=MISTAKES,
        otherwise="One tuple of three for each step. For widths (3, 10), what is joined?",
    )
    return f"{number} networks, with levels that double and levels that do not"

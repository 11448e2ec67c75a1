"""6.1 Where the channels do not double."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _make_up_channels(step: Callable[[int, int], tuple[int, int, int]]) -> Callable:
    """Return up_channels(widths); step(below, own) gives the channels of one Up."""
    return lambda widths: [step(below, own) for own, below in reversed([*pairwise(widths)])]


REFERENCE = _make_up_channels(lambda below, own: (below // 2, below // 2 + own, own))
MISTAKES = [
    (_make_up_channels(lambda below, own: (below // 2, below, own)),
     "The joined tensor has as many channels as the level below only if that is twice the skip."),
    (_make_up_channels(lambda below, own: (own, 2 * own, own)),
     "The upsampled tensor has half the channels of the level below, not as many as the skip."),
    (_make_up_channels(lambda below, own: (below // 2, below // 2 + own, (below // 2 + own) // 2)),
     "The double convolution gives as many channels as its level had on the way down."),
    (_make_up_channels(lambda below, own: (below, below + own, own)),
     "The transposed convolution halves the channels of the level below."),
    (_make_up_channels(lambda below, own: (below // 2, below // 2 + own // 2, own)),
     "The whole skip is joined. Only the channels of the level below are halved."),
    (lambda widths: REFERENCE(widths)[::-1],
     "These are the right steps, but from the top. The first step up starts at the bottleneck."),
]  # fmt: skip


def _make_cases(seed: int) -> list[tuple]:
    """Return widths of networks, from level 0 to the bottleneck; not all of them double."""
    draw = random.Random(seed)
    cases = [(8, 16, 32), (64, 64, 128, 256, 512), (3, 10), (32, 48, 96, 160, 256)]
    for levels in (2, 4, 5):
        cases.append((draw.randrange(1, 99), *(2 * draw.randrange(1, 99) for _ in range(levels))))
    return [(widths,) for widths in cases]


@exercise(
    misconception="The joined tensor has in_channels channels, however many the levels have.",
    question=(
        "The level below has 96 channels, the skip has 40. How many does the joined tensor "
        "have, and how many does the block's `in_channels` promise?"
    ),
    hints=(
        "Draw the levels with their channels, and one step up between each two of them.",
        "The upsampled tensor has half the channels of the level below. The skip has all the "
        "channels of its own level.",
        "Go from the last level but one to level 0. For each: half of the level below, then that "
        "plus the level's own channels, then its own channels.",
    ),
)
def up_channel_counts(answer, *, seed=0) -> str:
    """Check up_channels(widths): (upsampled, joined, out) of each step up, the deepest first."""
    number = compare_function(
        answer,
        REFERENCE,
        _make_cases(seed),
        mistakes=MISTAKES,
        otherwise="One tuple of three for each step. For widths (3, 10), what do the 10 become, "
        "how many channels has the joined tensor, and how many are returned?",
    )
    return f"{number} networks, with levels that double and levels that do not"

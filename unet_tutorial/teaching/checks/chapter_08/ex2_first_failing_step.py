"""8.2 The step that fails."""

from __future__ import annotations

from itertools import product

import torch

from unet_tutorial.teaching.checks.chapter_08.too_large import compare_too_large
from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _find_failing_step(height: int, width: int) -> int:
    """Return the step at which the join fails, or 0, by going down and up."""
    sizes = [(height >> level, width >> level) for level in range(5)]
    for step in (1, 2, 3, 4):
        below = sizes[5 - step]
        if sizes[4 - step] != (2 * below[0], 2 * below[1]):
            return step
    return 0


def _find_step_of_first_loss(height: int, width: int) -> int:
    """Return the step on the level where the first pixel is dropped on the way down."""
    odd = (level for level in range(4) if (height | width) >> level & 1)
    return 4 - next(odd, 4)


def _find_later_failure(height: int, width: int) -> int:
    return max(_find_failing_step(height, height), _find_failing_step(width, width))


REFERENCE = _find_failing_step
MISTAKES = [
    (_find_step_of_first_loss, "That is the step of the first pixel dropped on the way down. The "
     "way up begins at the other end."),
    (lambda h, w: 4 - _find_failing_step(h, w), "That counts levels. Steps are counted from the "
     "bottleneck up, from 1."),
    (_find_later_failure, "Both sides fail somewhere, and the pass stops at the first failure."),
    (lambda h, w: 1 if h % 16 or w % 16 else 0, "A side that 16 doesn't divide can get further."),
    (lambda h, w: _find_failing_step(h, h), "The width matters too."),
    (lambda h, w: _find_failing_step(w, w), "The height matters too."),
]  # fmt: skip


@exercise(
    misconception="The join fails on the level where the first pixel was dropped.",
    question=(
        "A side of 100 is first rounded when 25 becomes 12. At which step does the join fail? And "
        "on which level does it fail for a side of 104?"
    ),
    hints=(
        "Write down the sizes of all five levels for a side of 90. Where is one odd?",
        "A level's join fails if the level's size is odd: halving and doubling loses a pixel. If "
        "there are several such levels, which one does the way up meet first?",
        "up1 joins level 3, up2 level 2, up3 level 1, up4 level 0. Halve both sides three times, "
        "keep all sizes, and look from the bottom up for the first odd one.",
    ),
)
def first_failing_step(failing_step, *, seed=0) -> str:
    """Check failing_step(height, width): the number of the step up that fails at its join, or 0."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randint(33, 1000, (40, 2), generator=generator).tolist()
    cases = [*product(range(16, 33), repeat=2), *map(tuple, random)]
    number = compare_function(
        failing_step,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Follow both sides down, and then up again until two sizes differ.",
    )
    compare_too_large(
        failing_step, REFERENCE, (2**70, 3 * 2**70), "Calculate with whole numbers alone."
    )
    return f"{number} sizes, and one that no tensor can have"

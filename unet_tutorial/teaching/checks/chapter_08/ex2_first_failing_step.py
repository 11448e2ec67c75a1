"""8.2 The step that fails."""

from __future__ import annotations

import torch

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _step_that_fails(height: int, width: int) -> int:
    """Return the step at which the join fails, by going down and up."""
    steps = []
    for side in (height, width):
        skips = [side]
        for _ in range(4):
            skips.append(skips[-1] // 2)
        below = skips.pop()
        for step in (1, 2, 3, 4):
            if 2 * below != skips[-1]:
                steps.append(step)
                break
            below = skips.pop()
    return min(steps, default=0)


def _first_loss(side: int) -> int:
    """Return the level at which a halving drops a pixel first, or None."""
    return next((level for level in range(4) if (side >> level) % 2), None)


def _step_of_first_loss(*sides: int) -> int:
    """Return the step on the level where the first pixel is dropped."""
    return max(
        (4 - _first_loss(side) for side in sides if _first_loss(side) is not None), default=0
    )


FAILS_WRONG = [
    (
        _step_of_first_loss,
        "That is the step of the first pixel dropped on the way down. The way up begins at the "
        "other end.",
    ),
    (
        lambda h, w: 4 - _step_that_fails(h, w),
        "That counts levels. Steps are counted from the bottleneck up, from 1.",
    ),
    (
        lambda h, w: max(_step_that_fails(h, h), _step_that_fails(w, w)),
        "Both sides fail somewhere, and the pass stops at the first failure.",
    ),
    (lambda h, w: 1 if h % 16 or w % 16 else 0, "A side that 16 does not divide can get further."),
    (lambda h, w: _step_that_fails(h, h), "The width has a say too."),
    (lambda h, w: _step_that_fails(w, w), "The height has a say too."),
]


@exercise(
    misconception="The join fails on the level where the first pixel was dropped.",
    hints=(
        "Write down the sizes of all five levels for a side of 90. Where is one odd?",
        "A join on a level fails where that level's size is odd: halved and doubled, it has lost "
        "a pixel. Of several such levels, which one does the way up meet first?",
        "up1 joins level 3, up2 level 2, up3 level 1, up4 level 0. Halve both sides three times, "
        "keep all sizes, and look from the bottom up for the first odd one.",
    ),
)
def first_failing_step(failing_step, *, seed=0) -> str:
    """Check failing_step(height, width): the number of the step up whose join fails, or 0."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randint(16, 300, (40, 2), generator=generator).tolist()
    twice = [(side, side) for side in (90, 96, 104, 50, 17, 31, 120)]
    cases = [(97, 97), (98, 96), (96, 98), *twice, (90, 100), (480, 480), *map(tuple, random)]
    number = compare_function(
        failing_step,
        _step_that_fails,
        cases,
        mistakes=FAILS_WRONG,
        otherwise="Follow both sides down, and then up again until two sizes differ.",
    )
    return f"{number} sizes, each followed down and up"

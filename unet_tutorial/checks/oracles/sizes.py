"""What is known of the sizes on the way down and up, and the mistakes made with them."""

from __future__ import annotations

import math


def added_up(base_channels: int, shape: tuple, levels=range(5), grow=2, shrink=2, size=4) -> int:
    """Return the bytes of some levels' outputs, one level after another."""
    images, _, height, width = shape
    return sum(
        size * images * base_channels * grow**n * (height // shrink**n) * (width // shrink**n)
        for n in levels
    )


WAITING_WRONG = [
    (lambda c, s: added_up(c, s, range(4)), "Those are the skips. up1 takes one tensor more."),
    (lambda c, s: added_up(c, s, [4]), "That is the bottleneck alone. Who needs the others?"),
    (
        lambda c, s: added_up(c, s, [3, 4]),
        "Those are the two that up1 takes. The three steps after it each want one too.",
    ),
    (lambda c, s: added_up(c, s, size=1), "Those are numbers. A number takes 4 bytes."),
    (lambda c, s: added_up(c, (1, *s[1:])), "That is for one image. There is a batch of them."),
    (lambda c, s: added_up(c, s, grow=1), "The channels double with each level down."),
    (lambda c, s: added_up(c, s, grow=4), "The channels double with each level down."),
    (
        lambda c, s: added_up(c, s) + 4 * math.prod(s),
        "No part after in_conv reads the image itself: it does not have to wait.",
    ),
    (
        lambda c, s: added_up(c, s) * s[1],
        "The image's channels are gone after in_conv: level 0 has base_channels.",
    ),
    (lambda c, s: added_up(c, s, size=8), "float32 takes 4 bytes a number. Those are 8."),
]
TOO_LARGE = (
    "No machine holds that batch. Compute the shapes alone: by arithmetic, or on the meta device."
)


def step_that_fails(height: int, width: int) -> int:
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


def first_loss(side: int) -> int:
    """Return the level at which a halving drops a pixel first, or None."""
    return next((level for level in range(4) if (side >> level) % 2), None)


def step_of_first_loss(*sides: int) -> int:
    """Return the step on the level where the first pixel is dropped."""
    return max((4 - first_loss(side) for side in sides if first_loss(side) is not None), default=0)


FAILS_WRONG = [
    (
        step_of_first_loss,
        "That is the step of the first pixel dropped on the way down. The way up begins at the "
        "other end.",
    ),
    (
        lambda h, w: 4 - step_that_fails(h, w),
        "That counts levels. Steps are counted from the bottleneck up, from 1.",
    ),
    (
        lambda h, w: max(step_that_fails(h, h), step_that_fails(w, w)),
        "Both sides fail somewhere, and the pass stops at the first failure.",
    ),
    (lambda h, w: 1 if h % 16 or w % 16 else 0, "A side that 16 does not divide can get further."),
    (lambda h, w: step_that_fails(h, h), "The width has a say too."),
    (lambda h, w: step_that_fails(w, w), "The height has a say too."),
]

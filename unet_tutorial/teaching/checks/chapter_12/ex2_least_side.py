"""12.2 How small may a nucleus be."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _find_side(ring: int, *, loss: int = 2, least: float = 0.5) -> int:
    """Return the smallest side of a square with an IoU of at least `least`.

    `loss` is the number of pixels that a row loses for each pixel of the ring's width.
    """
    side = loss * ring + 1
    while (side - loss * ring) ** 2 < least * side**2:
        side += 1
    return side


REFERENCE = _find_side
MISTAKES = [
    (lambda ring: _find_side(ring, loss=1),
     "A ring takes its pixels from both ends of a row, left and right."),
    (lambda ring: 4 * ring, "That halves the side. IoU compares areas."),
    (lambda ring: _find_side(ring, least=1 / 3),
     "At this side the Dice of the two squares reaches one half. The task asks for the IoU."),
    (lambda ring: (4 + 8**0.5) * ring, "A side is a whole number of pixels."),
    (lambda ring: 7 * ring, "That is right for a thin ring. A side needn't be a multiple of 7."),
    (lambda ring: _find_side(ring) - 1, "With this side the IoU is just below one half."),
    (lambda ring: _find_side(ring) + 1, "A side of one pixel less is found as well."),
    (lambda ring: _find_side(ring) - 2 * ring, "That is the side of the prediction."),
]  # fmt: skip


@exercise(
    misconception="One pixel along the outline is always a small error.",
    question=(
        "A prediction is one pixel too large all round. How does that change the IoU of a nucleus "
        "4 pixels across, and of one 40 pixels across?"
    ),
    hints=(
        "The prediction is completely inside the nucleus. So what are the intersection and the "
        "union of the two squares?",
        "A ring of r pixels takes 2r from each side. Divide the remaining area by the whole area: "
        "when is that at least one half?",
        "Try the sides 2r + 1, 2r + 2, and so on, until twice the inner area is at least the "
        "outer one. For r = 1 the areas 16 of 36 are not enough.",
    ),
)
def least_side(smallest_side, *, seed=0) -> str:
    """Check smallest_side(ring), the smallest side of a square nucleus that is still found."""
    chosen = random.Random(seed)
    rings = 4, 1, 2, 3, 6, 35, 99  # 6.83 times the ring is too much for 35, and 6.828 too little
    cases = [(ring,) for ring in (*rings, *chosen.sample(range(7, 25), 2))]
    tried = compare_function(
        smallest_side,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Write down both areas for this ring, and the IoU for your side.",
    )
    return f"{tried} rings, against counted pixels"

"""9.1 A U-Net for volumes."""

from __future__ import annotations

from unet_tutorial.teaching.checks.compare import compare_value
from unet_tutorial.teaching.checks.exercise import exercise
from unet_tutorial.teaching.checks.values import to_plain_value

FALLING, RISING = (0, 1, 2, 3, 4), (4, 3, 2, 1, 0)
REFERENCE = {
    "by_parameters": RISING,
    "by_activations": FALLING,
    "by_macs": FALLING,
    "factors": (4.0, 0.25, 0.5),
}
_LIKE_IN_A_PLANE = (
    "In a plane, level 0 and the bottleneck did less, the rest the same. A volume shrinks faster: "
    "four times the weights on how many of the voxels?"
)
MISTAKES = {
    "by_parameters": [
        (FALLING, "A weight has no pixels in it: where are the most channels?"),
    ],
    "by_activations": [
        (RISING, "Twice the channels, but on how many voxels? That is from the least to the most."),
    ],
    "by_macs": [
        ((1, 2, 3, 0, 4), _LIKE_IN_A_PLANE),
        ((3, 2, 1, 0, 4), _LIKE_IN_A_PLANE),
        (RISING, "That is from the least to the most."),
    ],
    "factors": [
        ((4.0, 0.5, 1.0), "Those are the factors of an image. A volume has one side more."),
        ((8.0, 0.25, 1.0), "The kernel is the same on every level: 27 weights."),
        ((2.0, 0.25, 0.25), "A weight has two channel counts in it, and both double."),
        ((4.0, 0.125, 0.5), "An eighth of the voxels, but each holds more channels."),
        ((0.25, 4.0, 2.0), "Those lead from the level below to the one above."),
    ],
}


@exercise(
    misconception="Multiplications are always spread evenly over the levels.",
    question=(
        "An image has an area, a volume has depth too. When all three sides halve and the "
        "channels double, what happens to the work from level to level?"
    ),
    hints=(
        "Halving three sides leaves one eighth of the voxels. Which of the three costs notice?",
        "Parameters go with c · c, activations with c · V, multiplications with c · c · V.",
        "From one level to the next c · c becomes four times as much, and V an eighth. A cost "
        "whose factor is below 1 is largest at level 0.",
    ),
)
def rank_the_levels(by_parameters, by_activations, by_macs, factors) -> str:
    """Check three orders of the levels, most first, and the three factors of one level down."""
    if isinstance(to_plain_value(factors), tuple):
        factors = tuple(
            float(each) if type(each) is int else each for each in to_plain_value(factors)
        )
    order = "Levels 0 to 4, each once, the one with the most first."
    for name, answer, otherwise in [
        ("by_parameters", by_parameters, order),
        ("by_activations", by_activations, order),
        ("by_macs", by_macs, order + " Is the factor from level to level above or below 1?"),
        ("factors", factors, "Put 2c for c and an eighth of V for V: c · c, c · V and c · c · V."),
    ]:
        compare_value(
            answer, REFERENCE[name], mistakes=MISTAKES[name], otherwise=otherwise, name=name
        )
    return "more parameters below, more activations and more multiplications above"

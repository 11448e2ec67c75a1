"""9.1 A U-Net for volumes."""

from __future__ import annotations

from unet_tutorial.teaching.checks.compare import compare_value
from unet_tutorial.teaching.checks.exercise import exercise

_FALLING, _RISING = (0, 1, 2, 3, 4), (4, 3, 2, 1, 0)
REFERENCE = {
    "by_parameters": _RISING,
    "by_activations": _FALLING,
    "by_macs": _FALLING,
    "factors": (4.0, 0.25, 0.5),
}
_AS_IN_A_PLANE = (
    "In an image, level 0 and the bottleneck did less, and the others the same. A volume shrinks "
    "faster: four times the weights on how many of the voxels?"
)
MISTAKES = {
    "by_parameters": [
        (_FALLING, "Weights don't depend on the number of pixels: where are the most channels?"),
    ],
    "by_activations": [
        (_RISING, "Twice the channels, but on how many voxels? You ranked from least to most."),
    ],
    "by_macs": [
        ((1, 2, 3, 0, 4), _AS_IN_A_PLANE),
        ((3, 2, 1, 0, 4), _AS_IN_A_PLANE),
        (_RISING, "You ranked from least to most."),
    ],
    "factors": [
        ((4.0, 0.5, 1.0), "Those are the factors for an image. A volume has one more side."),
        ((8.0, 0.25, 1.0), "The kernel is the same on every level: 27 weights."),
        ((2.0, 0.25, 0.25), "A weight depends on two channel counts, and both double."),
        ((4.0, 0.125, 0.5), "An eighth of the voxels, but each has more channels."),
        ((0.25, 4.0, 2.0), "Those are the factors from the level below to the one above."),
    ],
}


@exercise(
    misconception="The levels always share the multiplications equally.",
    question=(
        "An image has height and width, a volume also has depth. When all three sides halve and "
        "the channels double, what happens to the work from level to level?"
    ),
    hints=(
        "Halving three sides leaves one eighth of the voxels. Which of the three costs depend on "
        "that?",
        "Parameters grow with c · c, activations with c · V, multiplications with c · c · V.",
        "From one level to the next c · c becomes four times as much, and V an eighth. A cost "
        "whose factor is below 1 is largest at level 0.",
    ),
)
def rank_the_levels(by_parameters, by_activations, by_macs, factors) -> str:
    """Check three rankings of the levels, most first, and the three factors for one level down."""
    order = (
        "Levels 0 to 4, each once, the one with the most first. Is the factor from one level to "
        "the next above or below 1?"
    )
    for name, answer, otherwise in [
        ("by_parameters", by_parameters, order),
        ("by_activations", by_activations, order),
        ("by_macs", by_macs, order),
        ("factors", factors, "Put 2c for c and an eighth of V for V: c · c, c · V and c · c · V."),
    ]:
        compare_value(
            answer, REFERENCE[name], mistakes=MISTAKES[name], otherwise=otherwise, name=name
        )
    return "more parameters below, more activations and more multiplications above"

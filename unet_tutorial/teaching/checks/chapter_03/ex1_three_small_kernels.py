"""3.1 Three small kernels against one large."""

from __future__ import annotations

from unet_tutorial.teaching.checks.compare import compare_value
from unet_tutorial.teaching.checks.exercise import exercise

REFERENCE = {"field": 7, "most": 79}
MISTAKES = {
    "field": [
        (9, "The kernels don't lie side by side: the values they read overlap."),
        (5, "That's what two of them see."),
        (6, "Three times two pixels are added. To what?"),
        (27, "Count pixels along one side of the field, one convolution after the other."),
        (49, "That's the number of pixels in the field. The task asks for its side."),
    ],
    "most": [
        (80, "Put your C into both counts. Do the three really have fewer?"),
        (31, "That compares with a 5×5. Take the kernel that sees as far as the three do."),
        (32, "That compares with a 5×5. Take the kernel that sees as far as the three do."),
        (63, "That's the rule for two 3×3 against one 5×5."),
        (64, "That's the rule for two 3×3 against one 5×5."),
        (159, "You counted two of the three small convolutions. The third goes from C to C."),
        (160, "You counted two of the three small convolutions. The third goes from C to C."),
        (53, "One convolution goes from 36 to C, and two go from C to C."),
        (36, "With C = 36 the three win. Do they also win with more channels?"),
    ],
}


@exercise(
    misconception="Small kernels in a row always need fewer weights than one large kernel.",
    question=(
        "Three 3×3 see as far as one 7×7. From 1 to 64 channels, which needs fewer weights? And "
        "from 64 to 64?"
    ),
    hints=(
        "Each convolution with kernel k widens the field by k - 1. For the weights, write down the "
        "shapes of all three small convolutions and of the large one.",
        "The three have 9 · 36 · C, 9 · C · C and 9 · C · C weights. Compare with one kernel whose "
        "side is the field, and divide by C.",
        "What remains is 18 · C < (49 - 9) · 36. The task asks for fewer, so equal isn't enough.",
    ),
)
def three_small_kernels(field, most) -> str:
    """Check the field of three 3×3 and the most channels at which they have fewer weights."""
    compare_value(
        field,
        REFERENCE["field"],
        mistakes=MISTAKES["field"],
        name="field",
        otherwise="`field`: begin with one pixel, and widen it once for each of the three.",
    )
    compare_value(
        most,
        REFERENCE["most"],
        mistakes=MISTAKES["most"],
        name="most",
        otherwise="`most`: write both counts for C = 60 and for C = 100. Which is smaller?",
    )
    return "three 3×3 see 7×7; at 80 channels both have 141,120 weights, and below it they win"

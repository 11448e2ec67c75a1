"""2.2 One bright pixel."""

from __future__ import annotations

from unet_tutorial.teaching.checks.answer_types.arrays import read_numbers
from unet_tutorial.teaching.checks.compare import compare_value, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse

_FLIPPED = (
    "The right places, but the weights are the wrong way round. As the window moves down and to "
    "the right, where does the bright pixel move inside it?"
)
REFERENCE = ((5, 95, 75), (5, 35, 15))
MISTAKES = [
    (((0, 90, 70), (0, 30, 10)), "The bias is missing: one number, added to the whole map."),
    (((0, 95, 75), (0, 35, 15)), "The bias is added to the whole map, to its zeros too."),
    (((5, 15, 35), (5, 75, 95)), _FLIPPED),
    (((0, 10, 30), (0, 70, 90)), f"{_FLIPPED} (And the bias is missing.)"),
    (((5, 14, 12), (5, 8, 6)), "The bright pixel is 10, not 1."),
    (((5, 65, 45), (5, 5, 5)), "The windows begin in the padding, one row above the image."),
    (((5, 85, 5), (5, 25, 5)), "The windows begin in the padding, one column to the left."),
    (((5, 55, 5), (5, 5, 5)), "The first window begins in the padding, not in the image."),
]
_SHAPE_HINTS = {
    (3, 2): "Height comes first: a list of rows.",
    (4, 6): "That is the size at stride 1. Here the kernel moves two pixels at a time.",
    (1, 2): "That is the size without padding.",
    (2, 4): "That is the size without padding, at stride 1.",
}


@exercise(
    misconception="The output for a single bright pixel is a picture of the kernel.",
    question=(
        "I apply a convolution to a photo of a single star. What shape do I see around it, and "
        "which way up?"
    ),
    hints=(
        "Use the size formula twice for the shape. Then find, for each output pixel, the window "
        "of the image that it is computed from. Don't forget the zeros around the image.",
        "With padding 1 and stride 2, the window of output pixel (r, c) begins at row 2r - 1 and "
        "column 2c - 1 of the image. Where in this window is the bright pixel, if at all?",
        "For output pixel (0, 1) the window has rows -1 to 1 and columns 1 to 3: the bright pixel "
        "is in its last row and last column, under the weight 9. Then add the bias.",
    ),
)
def one_bright_pixel(answer) -> str:
    """Check the output (2, 3) for an image with one bright pixel, padding 1 and stride 2."""
    output = read_numbers(answer)
    if output is None:
        refuse("The answer must be a list of rows, each a list of numbers.", got=describe(answer))
    if output.shape != (2, 3):
        otherwise = "Compute height and width with the size formula, for n = 4 and n = 6."
        if output.ndim != 2:
            otherwise = (
                "Write it as rows and columns alone: a list of rows, each a list of numbers."
            )
        hint = _SHAPE_HINTS.get(tuple(output.shape), otherwise)
        refuse(hint, got=f"shape {tuple(output.shape)}")
    compare_value(
        output,
        read_numbers(REFERENCE),
        mistakes=[(read_numbers(wrong), hint) for wrong, hint in MISTAKES],
        otherwise="For each output pixel, write down the rows and columns of its window. Which "
        "weight is on the bright pixel?",
    )
    return "four of the six windows see the bright pixel, with the kernel's corners turned by 180°"

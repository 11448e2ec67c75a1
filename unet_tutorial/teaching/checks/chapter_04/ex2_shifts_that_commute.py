"""4.2 How far to shift."""

from __future__ import annotations

from unet_tutorial.teaching.checks.compare import compare_value
from unet_tutorial.teaching.checks.exercise import exercise

REFERENCE = {"smallest_shift": 16, "deepest_level": 3, "moved_by": 5}
MISTAKES = {
    "smallest_shift": [
        (1, "That's true of convolutions. But a pooling's windows stay where they are."),
        (2, "That moves each window of the first pooling onto the next: one value at level 1. How "
         "much is it at level 2?"),
        (4, "There are four Downs, but each of them halves the shift."),
        (8, "One Down too few: a shift by 8 arrives at level 4 as half a value."),
        (32, "This shift works, but a smaller one does too."),
        (140, "That is how far a value sees. The shift can be smaller than the receptive field."),
    ],
    "deepest_level": [
        (4, "40 / 16 is not a whole number: at level 4 the shift would be two and a half."),
        (0, "Only a shift by an odd number stops at level 0. This one is even."),
        (1, "It goes deeper: halve again, as long as the result is whole."),
        (2, "It goes deeper: halve again, as long as the result is whole."),
        (5, "There are four Downs, so the deepest level is 4, and it is not that one."),
    ],
    "moved_by": [
        (40, "40 is the shift in pixels of the image. The values of that level are further apart."),
        (320, "Divide instead: values that are 8 pixels apart move by fewer values."),
        (10, "That is the shift one level higher."),
        (3, "That is the level. By how many values does its output move?"),
        (2.5, "Two and a half values: such an output isn't a shifted copy. Go one level up."),
    ],
}  # fmt: skip


@exercise(
    misconception="Convolutions move along with any shift, so the contracting path does too.",
    question=(
        "I move the image one pixel to the right. What does the output of a single convolution "
        "do? And the output of a pooling?"
    ),
    hints=(
        "Pool 0, 9, 0, 0 and 0, 0, 9, 0 with windows of 2. Then pool 9, 0, 0, 0 and 0, 0, 9, 0.",
        "A shift survives a Down if it moves each window onto a window. The Down halves it.",
        "So you must be able to halve the shift once for each Down. How many times can you halve "
        "40 and still get a whole number?",
    ),
)
def shifts_that_commute(smallest_shift, deepest_level, moved_by) -> str:
    """Check the smallest shift for four Downs, and how deep and how far a shift of 40 goes."""
    compare_value(
        smallest_shift,
        REFERENCE["smallest_shift"],
        mistakes=MISTAKES["smallest_shift"],
        name="smallest_shift",
        otherwise="What is left of the shift after one Down, and after two?",
    )
    compare_value(
        deepest_level,
        REFERENCE["deepest_level"],
        mistakes=MISTAKES["deepest_level"],
        name="deepest_level",
        otherwise="Halve 40 as long as the result is whole, and count.",
    )
    compare_value(
        moved_by,
        REFERENCE["moved_by"],
        mistakes=MISTAKES["moved_by"],
        name="moved_by",
        otherwise="Count in values of that level: halve 40 once for each Down.",
    )
    return "16 is 2 four times, and 40 = 8 · 5 is halved three times"

"""5.1 Stamp a row by hand."""

from __future__ import annotations

from unet_tutorial.teaching.checks.answer_types.arrays import read_numbers
from unet_tutorial.teaching.checks.compare import compare_value, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse

REFERENCE = (3, 130, 1, 210, 2, 620, 6, 60)
MISTAKES = [
    ((300, 3, 130, 1, 210, 2, 620, 6, 60), "Now crop: padding takes places away."),
    ((300, 3, 130, 1, 210, 2, 620, 6, 60, 0), "Now crop: padding takes places away."),
    ((3, 130, 1, 210, 2, 620, 6), "Was the sheet lengthened before it was cropped?"),
    ((3, 130, 1, 210, 2, 620, 6, 0), "output_padding lengthens the sheet first. Then padding "
     "crops it, so the ink at the end is kept."),
    ((0, 300, 3, 130, 1, 210, 2, 620, 6, 60, 0), "Padding crops here; it adds nothing."),
    ((3, 100, 1, 200, 2, 600, 6, 60), "Where two stamps overlap they add up."),
    ((3, 30, 1, 10, 2, 20, 6, 60), "Where two stamps overlap they add up."),
    ((3, 310, 1, 120, 2, 260, 6, 600), "A stamp doesn't flip the kernel."),
    ((130, 1, 210, 2, 620, 6, 60, 0), "Crop one place on each side, not two on one."),
    ((300, 3, 130, 1, 210, 2, 620, 6), "Crop one place on each side, not two on one."),
]  # fmt: skip


@exercise(
    misconception="Padding adds places to the row, and output_padding adds zeros to the result.",
    question=(
        "I add padding 1 to a transposed convolution. Does the result get larger, get smaller, or "
        "keep its size? And does output_padding write zeros, or make room?"
    ),
    hints=(
        "Write each stamp into a separate row, two places further on than the one before.",
        "The last stamp ends at place 8. output_padding adds place 9, and then padding crops.",
        "Add up the columns: 10 places. Then take one away on the left and one on the right.",
    ),
)
def stamped_row(answer) -> str:
    """Check the eight numbers that four stamps with kernel 3 and stride 2 add up to."""
    row = read_numbers(answer)
    if row is None or row.ndim != 1:
        refuse("The answer must be a list of eight whole numbers.", got=describe(answer))
    compare_value(
        answer,
        REFERENCE,
        mistakes=MISTAKES,
        otherwise="Draw the four stamps as rows of a table, each two places further on, and add.",
    )
    return "9 places, one longer, and one cropped on each side: four values have become eight"

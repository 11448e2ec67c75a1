"""5.2 Three times as large."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.answer_types.settings import compare_settings
from unet_tutorial.teaching.checks.compare import compare_value
from unet_tutorial.teaching.checks.exercise import exercise

_TRIPLING = {
    (1, 0, 2), (2, 0, 1), (3, 0, 0),
    (3, 1, 2), (4, 1, 1), (5, 1, 0),
    (5, 2, 2), (6, 2, 1), (7, 2, 0),
}  # fmt: skip
_EVEN = {(3, 0, 0), (3, 1, 2), (6, 2, 1)}
REFERENCE = {"tripling": _TRIPLING, "even": _EVEN, "dilated_kernel": 2}
MISTAKES = {
    "dilated_kernel": [
        (3, "That's right without holes. How far does a kernel of 3 reach with them?"),
        (4, "With its three holes, a kernel of 4 reaches over 7 places."),
        (1, "A kernel of 1 has no room for holes: it reaches over one place."),
    ],
}  # fmt: skip


def _explain_not_tripling(setting: tuple[int, int, int]) -> tuple[str, str]:
    """Return the result of a setting that doesn't triple at stride 3, and a hint."""
    kernel, padding, output_padding = setting
    if not (1 <= kernel <= 7 and padding <= 2):
        return "outside the range of the task", "Kernels from 1 to 7, paddings from 0 to 2."
    if output_padding > 2:
        hint = "Without dilation, output_padding must be smaller than the stride."
        return "PyTorch refuses it", hint
    ones, weight = torch.ones(1, 1, 10), torch.ones(1, 1, kernel)
    side = F.conv_transpose1d(ones, weight, None, 3, padding, output_padding).shape[-1]
    got = f"10 gives {side}"
    if kernel + output_padding == 2 * padding + 2:
        hint = (
            "This one fits the rule for doubling. Here, (n - 1) * 3 brings a -3 into the formula."
        )
        return got, hint
    if kernel + output_padding == padding + 3:
        return got, "Padding crops on both sides of the sheet."
    if kernel - output_padding == 2 * padding + 3:
        return got, "output_padding lengthens the sheet. It doesn't crop."
    if side > 30:
        return got, "Too long. What does padding do to the sheet, and what does output_padding?"
    return got, "Too short. What does padding do to the sheet, and what does output_padding?"


def _hint_for_missing_tripling(lacking: set[tuple[int, int, int]]) -> str:
    """Return the hint for a set that lacks these settings."""
    if all(kernel < 3 for kernel, _, _ in lacking):
        return "There are more. The kernel may be smaller than the stride, even with gaps."
    if all(output_padding > 0 for _, _, output_padding in lacking):
        return "There are more. output_padding may be up to one less than the stride."
    return "There are more. For each padding, which sums of kernel and output_padding fit?"


def _explain_not_even(setting: tuple[int, int, int]) -> tuple[str, str]:
    """Return how many stamps reach the inner places of an uneven setting, and a hint."""
    kernel, padding, output_padding = setting
    if setting not in _TRIPLING:
        return "not one of those that triple", "The second set is part of the first."
    ones, weight = torch.ones(1, 1, 10), torch.ones(1, 1, kernel)
    sheet = F.conv_transpose1d(ones, weight, None, 3, padding, output_padding)[0, 0]
    stamps = [int(value) for value in sheet[9:15]]
    hint = "Some places are reached more often than others. Compare the kernel with the stride."
    return f"places 9 to 14 are reached by {stamps} stamps", hint


@exercise(
    misconception="Only a kernel equal to the stride works; every larger one makes a checkerboard.",
    question=(
        "You want three times the size. Must the kernel be 3? What do you have to change for a "
        "kernel of 5, and does every pixel still get the same number of stamps?"
    ),
    hints=(
        "Write the formula for stride 3, and set it equal to 3n for every n.",
        "Rearranged, it's a rule for kernel + output_padding, one for each padding. For the second "
        "set, stamp with ink 1 and a kernel of ones, and look at the inside of the sheet.",
        "k + q = 2p + 3. A kernel of 3 gives every place inside one stamp, and a kernel of 6 gives "
        "it two; any other leaves some places with one stamp more. With a hole between its "
        "entries, a kernel of 2 reaches over 3 places, and a kernel of 3 over 5.",
    ),
)
def tripling_settings(tripling, even, dilated_kernel) -> str:
    """Check two sets of (kernel, padding, output_padding) at stride 3, and a dilated kernel."""
    names = "(kernel, padding, output_padding)"
    compare_settings(
        tripling,
        _TRIPLING,
        variable="tripling",
        names=names,
        wrong=_explain_not_tripling,
        missing=_hint_for_missing_tripling,
    )
    compare_settings(
        even,
        _EVEN,
        variable="even",
        names=names,
        wrong=_explain_not_even,
        missing=lambda lacking: (
            "There are more. Stamps may overlap, as long as every place inside gets equally many. "
            "And padding and output_padding change only the ends."
        ),
    )
    compare_value(
        dilated_kernel,
        REFERENCE["dilated_kernel"],
        mistakes=MISTAKES["dilated_kernel"],
        name="dilated_kernel",
        otherwise="Without holes, kernel 3 triples. Which kernel covers 3 places with its holes?",
    )
    return "nine settings have k + q = 2p + 3, three of them are even, and with holes it's kernel 2"

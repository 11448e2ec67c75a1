"""4.1 Every setting that halves."""

from __future__ import annotations

from unet_tutorial.shapes import max_pool_output_size
from unet_tutorial.teaching.checks.answer_types.settings import compare_settings
from unet_tutorial.teaching.checks.compare import compare_value
from unet_tutorial.teaching.checks.exercise import exercise

_HALVING = {(1, 2, 0), (2, 2, 0), (3, 2, 1), (4, 2, 1), (5, 2, 2), (6, 2, 2), (7, 2, 3)}
_ROUNDING_UP = {(1, 2, 0), (3, 2, 1), (5, 2, 2), (7, 2, 3)}
REFERENCE = {"halving": _HALVING, "rounding_up": _ROUNDING_UP, "comes_back": 80}
MISTAKES = {
    "comes_back": [
        (64, "That is what 2×2 windows give, which round down. Here every halving rounds up."),
        (75, "Four doublings give a multiple of 16. Is 75 one?"),
        (5, "That is the side at the bottom. Four doublings follow."),
        (76, "Round at every level, not once: write the five sides down."),
    ],
}


def _pool_side(setting: tuple[int, int, int], side: int) -> int | str:
    """Return the side after a pooling, or "refused" if PyTorch refuses the setting."""
    try:
        return max_pool_output_size(side, *setting)
    except ValueError:
        return "refused"


def _explain_not_halving(setting: tuple[int, int, int]) -> tuple[str, str]:
    """Return the result of a setting that doesn't halve every even side, and a hint."""
    kernel, stride, padding = setting
    if not (1 <= kernel <= 7 and 1 <= stride <= 4):
        return "outside the range of the task", "Kernels from 1 to 7, strides from 1 to 4."
    if padding > kernel // 2:
        hint = "A max pooling's padding may be at most half its kernel, rounded down."
        return "PyTorch refuses it", hint
    side = next(n for n in range(8, 482, 2) if _pool_side(setting, n) != n // 2)
    got = f"a side of {side} gives {_pool_side(setting, side)}"
    if stride != 2:
        return (
            got,
            "Only the stride divides. Padding and kernel shift the size; they never halve it.",
        )
    if 2 * padding > kernel - 1:
        return got, "One window too many: the padding adds pixels before the division."
    return got, "The windows stop too early: this kernel needs more padding to halve."


def _hint_for_missing_halving(lacking: set[tuple[int, int, int]]) -> str:
    """Return the hint for a set that lacks these settings."""
    if lacking == {(1, 2, 0)}:
        return "There is one more. How small may a window be?"
    if all(kernel % 2 == 0 for kernel, _, _ in lacking):
        return "There are more. Padding isn't only for odd kernels."
    return "There are more. Take the kernels one by one, and ask which padding each needs."


def _explain_not_rounding_up(setting: tuple[int, int, int]) -> tuple[str, str]:
    """Return the result of a setting that doesn't round odd sides up, and a hint."""
    if setting not in _HALVING:
        return "not one of those that halve", "The second set is part of the first."
    hint = "This one rounds down, so it isn't in the second set."
    return f"15 gives {_pool_side(setting, 15)}", hint


@exercise(
    misconception="Half the kernel as padding halves the size, as it keeps it in a convolution.",
    question=(
        "A 5×5 convolution keeps the size with padding 2, half its kernel. With which padding "
        "does a pooling of kernel 5 and stride 2 halve 480, and with which 482?"
    ),
    hints=(
        "Put n = 2m into the formula: the result should be m. Which of the three divides by 2?",
        "With stride 2 the formula is m + floor((2p - k) / 2) + 1. What must the floor be?",
        "2p - k must be -2 or -1. For each kernel size exactly one padding does that. For an odd "
        "side n = 2m + 1 the fraction is half a pixel larger: for which kernels does it matter?",
    ),
)
def halving_settings(halving, rounding_up, comes_back) -> str:
    """Check two sets of (kernel, stride, padding), and the side that 75 pixels end up with."""
    names = "(kernel, stride, padding)"
    compare_settings(
        halving,
        _HALVING,
        variable="halving",
        names=names,
        wrong=_explain_not_halving,
        missing=_hint_for_missing_halving,
    )
    compare_settings(
        rounding_up,
        _ROUNDING_UP,
        variable="rounding_up",
        names=names,
        wrong=_explain_not_rounding_up,
        missing=lambda lacking: (
            "There are more. Put 15 into the formula for each setting of your first set."
        ),
    )
    compare_value(
        comes_back,
        REFERENCE["comes_back"],
        mistakes=MISTAKES["comes_back"],
        name="comes_back",
        otherwise="Halve 75 four times, rounding up each time, then double four times.",
    )
    return "seven settings halve, one for each kernel; with an odd kernel an odd side rounds up"

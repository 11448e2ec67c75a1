"""1.1 One accuracy, two masks."""

from __future__ import annotations

import torch

from unet_tutorial.teaching.checks.answer_types.arrays import read_numbers
from unet_tutorial.teaching.checks.compare import compare_value, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse

_NOTHING = torch.zeros(10, 10, dtype=torch.int64)
_TARGET = _NOTHING.clone()
_TARGET[3:5, 6:8] = 1


def _add_false_alarms(mask: torch.Tensor, count: int) -> torch.Tensor:
    mask = mask.clone()
    mask[0, :count] = 1
    return mask


REFERENCE = {
    "worst": _add_false_alarms(_NOTHING, 2),
    "best": _add_false_alarms(_TARGET, 6),
    "bar": 2 * 4 / (100 + 4),
}
_MASK_MISTAKES = [
    (_NOTHING, "Finding nothing is already right at 96 pixels. Which others can be wrong too?"),
    (_TARGET, "That is the target itself. Exactly 6 pixels must be wrong."),
]
MISTAKES = {
    "worst": _MASK_MISTAKES,
    "best": _MASK_MISTAKES,
    "bar": [
        (0.04, "That is the accuracy of marking everything. What is its Dice?"),
        (0.0, "That is the Dice of finding nothing. Here everything is marked."),
        (1.0, "The whole nucleus is found, but Dice counts the 96 false alarms too."),
        (0.96, "That is the accuracy of finding nothing."),
        (0.08, "The denominator adds up the foregrounds of both masks. (If you rounded: give "
         "three digits.)"),
        (4 / 104, "The shared pixels count twice, once for each mask."),
        (100 * 8 / 104, "Write it as a number from 0 to 1, not in percent."),
        (0.076, "If you cut digits off, round instead. If not, look at the denominator again."),
        (0.29, "That is the bar for the test strip of the nuclei. This image has fewer nuclei."),
    ],
}  # fmt: skip


def _require_small_mask(name: str, answer: object) -> torch.Tensor:
    """Return a mask (10, 10) as an integer tensor; refuse an answer that isn't one."""
    mask = read_numbers(answer)
    if mask is None:
        refuse(f"`{name}` must be an array of zeros and ones.", got=describe(answer))
    if mask.shape != (10, 10):
        refuse(f"`{name}` must have the shape of `target`, (10, 10).", got=tuple(mask.shape))
    if not ((mask == 0) | (mask == 1)).all():
        refuse(
            f"A mask contains 0 and 1 and nothing else; `{name}` has other values.",
            got=f"values from {mask.min():g} to {mask.max():g}",
        )
    return mask.long()


def _require_accuracy(name: str, mask: torch.Tensor) -> None:
    """Refuse a mask that is not right at exactly 94 pixels."""
    right = int((mask == _TARGET).sum())
    if right == 94:
        return
    otherwise = "Exactly 94 pixels must be right and 6 wrong: misses and false alarms together."
    hint = next((hint for wrong, hint in MISTAKES[name] if mask.equal(wrong)), otherwise)
    refuse(hint, tried=name, got=f"{right} of 100 pixels right")


def _format_dice(mask: torch.Tensor) -> str:
    return f"{2 * (mask * _TARGET).sum().item() / (mask.sum() + _TARGET.sum()).item():.3f}"


@exercise(
    misconception="Masks of the same accuracy are equally good.",
    question=(
        "Two programs both reach an accuracy of 0.95 on an image with 5 percent foreground. "
        "Which one would you rather use, and what do you need to see before you can tell?"
    ),
    hints=(
        "A wrong pixel is either a miss (foreground that was not marked) or a false alarm "
        "(background that was marked). Each mask has six of them. How can you divide them up?",
        "The numerator of Dice only counts the shared pixels. A miss takes one away; a false "
        "alarm doesn't.",
        "There are four pixels to miss. The worst mask misses as many as it can, the best misses "
        "none; false alarms make up the rest of the six. For the bar, |P| is the number of all "
        "pixels.",
    ),
)
def masks_of_one_accuracy(worst, best, bar) -> str:
    """Check two masks (10, 10), each right at 94 pixels, and the Dice of marking everything."""
    worst, best = _require_small_mask("worst", worst), _require_small_mask("best", best)
    _require_accuracy("worst", worst)
    _require_accuracy("best", best)
    if shared := int((worst * _TARGET).sum()):
        refuse(
            "A lower Dice is possible. Its numerator counts the shared pixels: how few can there "
            "be, if six pixels may be wrong?",
            tried="worst",
            got=f"{shared} shared pixel{'s' * (shared > 1)}, Dice {_format_dice(worst)}",
        )
    if missed := 4 - int((best * _TARGET).sum()):
        refuse(
            "A higher Dice is possible. Some of the six wrong pixels are misses and some are false "
            "alarms. Which kind lowers Dice more?",
            tried="best",
            got=f"{missed} missed, Dice {_format_dice(best)}",
        )
    compare_value(
        bar,
        REFERENCE["bar"],
        mistakes=MISTAKES["bar"],
        name="bar",
        otherwise="Put |P| = 100 into the formula for Dice, with the |T| of this image.",
        tolerance=0.0005,
    )
    return "94 of 100 pixels right in both, Dice 0 in one and 0.571 in the other; the bar is 0.077"

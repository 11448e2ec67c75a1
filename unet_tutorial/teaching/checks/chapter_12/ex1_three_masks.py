"""12.1 Three masks."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from unet_tutorial.teaching.checks.chapter_12.masks import count_objects, read_mask
from unet_tutorial.teaching.checks.exercise import exercise, refuse


def _make_truth() -> np.ndarray:
    """Return the labels of three nuclei, 10 by 10 pixels each, three columns apart."""
    truth = np.zeros((14, 40), dtype=int)
    truth[2:12, 2:12], truth[2:12, 15:25], truth[2:12, 28:38] = 1, 2, 3
    return truth


def _compute_dice(mask: np.ndarray, truth: np.ndarray) -> float:
    return 2 * (mask & (truth > 0)).sum() / (mask.sum() + (truth > 0).sum())


def _count_found(mask: np.ndarray, truth: np.ndarray) -> int:
    """Count the nuclei that have an IoU of at least 0.5 with a component."""
    objects, number = ndimage.label(mask)
    found = 0
    for nucleus in (truth == 1, truth == 2, truth == 3):
        for component in (objects == each for each in range(1, number + 1)):
            found += 2 * (nucleus & component).sum() >= (nucleus | component).sum()
    return found


def _require_wrong_count(mask, truth) -> None:
    """Refuse a first mask with a low Dice, or with as many components as nuclei."""
    dice, objects = _compute_dice(mask, truth), count_objects(mask)
    got = f"wrong_count has Dice {dice:.3f} and {objects} components"
    if objects == 3:
        refuse("Three components are the right count. Can a few pixels change it?", got=got)
    if dice < 0.95:
        refuse("That is more than a few pixels. What is the smallest change to the count?", got=got)


def _require_right_nuclei(mask, truth) -> None:
    """Refuse a second mask with a high Dice, or one that doesn't find every nucleus."""
    dice, objects = _compute_dice(mask, truth), count_objects(mask)
    found = _count_found(mask, truth)
    got = f"right_nuclei has Dice {dice:.3f}, {objects} components, {found} of 3 nuclei found"
    if found < 3:
        refuse(
            "A nucleus is found if its IoU with an object is 0.5 or more. Each needs its own "
            "object, with at least half of its pixels and not too many others.",
            got=got,
        )
    if objects != 3:
        refuse("The extra object is one that was invented, so F1 is below 1.", got=got)
    if dice > 0.8:
        refuse("The Dice is still too high. Take more away from the nuclei.", got=got)


def _require_right_total(mask, truth) -> None:
    """Refuse a third mask without exactly three components, or one that finds a nucleus."""
    found, objects = _count_found(mask, truth), count_objects(mask)
    got = f"right_total has {objects} components, {found} of 3 nuclei found"
    if objects != 3:
        refuse("The total is not right: the task asks for three components.", got=got)
    if found:
        refuse("F1 is 0 only if no nucleus is found. Where else can the objects be?", got=got)


@exercise(
    misconception="A mask with a high Dice finds the right nuclei, so it has the right count.",
    question="Three masks have Dice 0.95, 0.90 and 0.80. Which has the right number of nuclei?",
    hints=(
        "Think in pixels: the three nuclei have 300. How many may be wrong at a Dice of 0.95, and "
        "how few of them are enough to join two nuclei, or to make a fourth object?",
        "For the second mask let every nucleus lose the same number of pixels: with a fraction q "
        "left, its IoU is q and the Dice is 2q / (1 + q). Which q meet both conditions?",
        "For the third mask, put three objects where they cover less than half of any nucleus; "
        "they can be as small as you like.",
    ),
)
def three_masks(wrong_count, right_nuclei, right_total) -> str:
    """Check three bool masks (14, 40) for the three nuclei of the task."""
    truth = _make_truth()
    _require_wrong_count(read_mask("wrong_count", wrong_count, truth.shape), truth)
    _require_right_nuclei(read_mask("right_nuclei", right_nuclei, truth.shape), truth)
    _require_right_total(read_mask("right_total", right_total, truth.shape), truth)
    return "a high Dice with a wrong count, a low one with every nucleus, a right total with none"

"""Explorer: switch off skip connections of a trained network and see how it predicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_tutorial.metrics import dice
from unet_tutorial.teaching.explorers.controls import make_checkbox
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.skips import ablation
from unet_tutorial.teaching.explorers.skips.picture import draw_skips_off

_ALL_ON = "All skip connections are on, so the two predictions are one and the same."
_MOSTLY_LOST = 0.9  # as a fraction of the mask's pixels
_OUTLINE_NAMES = ("the outline of the mask before", "the expert's outline")


def skips(model: Any, image: np.ndarray, target: np.ndarray | None = None) -> Explorer:
    """Return an explorer that switches skip connections of a network off and on.

    Args:
        model: a trained network, as for `predict_without`.
        image: a patch (H, W), scaled as in training.
        target: the expert's mask, bool (H, W). With it, the text counts pixels and gives the Dice;
            without it, the text only says how the mask changed.

    Returns:
        The explorer, with a checkbox for each level: `level0`, `level1`, ...

    Raises:
        ValueError: no skip connections are found in the model, or the shapes differ.

    Example:
        `skips(load_trained_unet(), patch).set(level1=False)`

    Used in chapters 06 and 11.
    """
    levels = list(ablation.skip_blocks(model))
    image, truth = np.asarray(image), None if target is None else np.asarray(target) > 0
    if truth is not None and truth.shape != image.shape:
        raise ValueError(f"image {image.shape} and target {truth.shape} must have one shape.")
    before = ablation.predict_without(model, image, ())[0]

    def draw(**on: bool) -> View:
        off = [level for level in levels if not on[f"level{level}"]]
        now = ablation.predict_without(model, image, off)[0]
        edges = before > 0.5 if truth is None else truth
        name = _OUTLINE_NAMES[truth is not None]
        figure = draw_skips_off(image, before, now, edges, name)
        lines = _describe_ablation(off, before > 0.5, now > 0.5, truth)
        alt = f"A patch of the image, the prediction with all skips and the one now, with {name}."
        return View(figure, f"{alt} {lines[-1]}", "\n".join(lines))

    controls = {f"level{level}": make_checkbox(f"skip of level {level}", True) for level in levels}
    return Explorer("skips", controls, draw, busy=True)


def _describe_ablation(
    off: list[int], before: np.ndarray, now: np.ndarray, truth: np.ndarray | None
) -> list[str]:
    if not off:
        return [_ALL_ON] + ([] if truth is None else [f"Dice: {dice(now, truth):.2f}."])
    levels = ", ".join(f"level {level}" for level in off)
    lines = [f"Off: {levels}. Zeros are joined in place of the skip; every weight is as it was."]
    change = ablation.compare_masks(before, now)
    if truth is None:
        return [*lines, _describe_change(change, int(before.sum()))]
    return [*lines, _count_changes(change, int(before.sum())), _format_scores(before, now, truth)]


def _describe_change(change: ablation.MaskChange, foreground: int) -> str:
    """Describe the change without numbers: chapter 06 asks the learner to rank the skips."""
    if not change.changed:
        return "At probability 0.5 the mask is as it was."
    if change.lost > _MOSTLY_LOST * foreground:
        return "At probability 0.5 hardly anything is left of the mask."
    if change.is_mostly_near_outline:
        return "At probability 0.5 the mask has changed, mostly within 2 pixels of its outline."
    return "At probability 0.5 the mask has changed, mostly far from its outline."


def _count_changes(change: ablation.MaskChange, foreground: int) -> str:
    counts = foreground, change.lost, change.gained, change.changed, change.near_outline
    pixels, lost, gained, changed, near = map(_format_rounded, counts)
    return (
        f"Of a mask of {pixels} pixels, {lost} were lost and {gained} others gained; of {changed} "
        f"changed pixels, {near} lie within 2 pixels of the mask's outline."
    )


def _format_scores(before: np.ndarray, now: np.ndarray, truth: np.ndarray) -> str:
    return f"Dice: {dice(before, truth):.2f} with all skips, {dice(now, truth):.2f} now."


def _format_rounded(count: int) -> str:
    """Round a count to a multiple of 20; from 1,000 on to a multiple of 200, and so on.

    Processors disagree on a few pixels with a probability close to 0.5. None of the counts in the
    chapters is so close to a rounding boundary that these pixels would change the text.
    """
    step = 2 * 10 ** max(1, len(str(count)) - 2)
    rounded = (count + step // 2) // step * step
    return f"about {rounded:,}" if rounded else f"fewer than {step // 2}"

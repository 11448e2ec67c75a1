"""Switch the skip connections of a trained network off, and see what becomes of its prediction."""

from __future__ import annotations

from typing import Any

import numpy as np

from unet_tutorial.metrics import dice
from unet_tutorial.teaching.explorers.controls import tick
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.skips import ablation
from unet_tutorial.teaching.explorers.skips.picture import draw_skips_off

LEFT_ALONE = "All skip connections are on, so the two predictions are one and the same."
GONE = 0.9  # of the mask's pixels
NAMES = ("the outline of the mask before", "the expert's outline")


def skips(model: Any, image: np.ndarray, target: np.ndarray | None = None) -> Explorer:
    """Let each skip connection of a network be switched off, and show what it predicts without.

    Args:
        model: a trained network, as `predict_without` takes it.
        image: a patch (H, W), scaled as in training.
        target: the expert's mask, bool (H, W). With it the words count pixels and give the Dice;
            without, they say in which way the mask changed.

    Returns:
        The explorer, with a box to tick for each level: `level0`, `level1`, ...

    Raises:
        ValueError: the model has no skip connections that can be found, or shapes that differ.

    Example:
        `skips(load_trained_unet(), patch).set(level1=False)`

    Source: none. Chapters 06 and 11.
    """
    levels = list(ablation.skip_blocks(model))
    image, truth = np.asarray(image), None if target is None else np.asarray(target) > 0
    if truth is not None and truth.shape != image.shape:
        raise ValueError(f"image {image.shape} and target {truth.shape} must be of one shape.")
    before = ablation.predict_without(model, image, ())[0]

    def draw(**on: bool) -> View:
        off = [level for level in levels if not on[f"level{level}"]]
        now = ablation.predict_without(model, image, off)[0]
        edges, whose = (before > 0.5, NAMES[0]) if truth is None else (truth, NAMES[1])
        figure = draw_skips_off(image, before, now, edges, whose)
        words = _words(off, before > 0.5, now > 0.5, truth)
        seen = f"A patch of the image, the prediction with all skips and the one now, with {whose}."
        return View(figure, f"{seen} {words[-1]}", "\n".join(words))

    controls = {f"level{level}": tick(f"skip of level {level}", True) for level in levels}
    return Explorer("skips", controls, draw, busy=True)


def _words(
    off: list[int], before: np.ndarray, now: np.ndarray, truth: np.ndarray | None
) -> list[str]:
    if not off:
        return [LEFT_ALONE] + ([] if truth is None else [f"Dice: {dice(now, truth):.2f}."])
    named = ", ".join(f"level {level}" for level in off)
    said = [f"Off: {named}. Zeros are joined in place of the skip; every weight is as it was."]
    change = ablation.compare_masks(before, now)
    if truth is None:
        return [*said, _in_words(change, int(before.sum()))]
    return [*said, _in_numbers(change, int(before.sum())), _scores(before, now, truth)]


def _in_words(change: ablation.Change, foreground: int) -> str:
    """What kind of change it is, without a number that would rank the skips."""
    if not change.changed:
        return "At probability 0.5 the mask is as it was."
    if change.lost > GONE * foreground:
        return "At probability 0.5 hardly anything is left of the mask."
    if change.mostly_near_outline:
        return "At probability 0.5 the mask has changed, mostly within 2 pixels of its outline."
    return "At probability 0.5 the mask has changed, mostly far from its outline."


def _in_numbers(change: ablation.Change, foreground: int) -> str:
    return (
        f"Of a mask of {_about(foreground)} pixels, {_about(change.lost)} were lost and "
        f"{_about(change.gained)} others gained; of {_about(change.changed)} changed pixels, "
        f"{_about(change.near_outline)} lie within 2 pixels of the mask's outline."
    )


def _scores(before: np.ndarray, now: np.ndarray, truth: np.ndarray) -> str:
    return f"Dice: {dice(before, truth):.2f} with all skips, {dice(now, truth):.2f} now."


def _about(count: int) -> str:
    """A count in steps of 20, from 1,000 on of 200, and so on.

    Processors disagree on a few pixels whose probability is next to 0.5. In the chapters no count
    is that near to where the rounded one jumps.
    """
    step = 2 * 10 ** max(1, len(str(count)) - 2)
    rounded = (count + step // 2) // step * step
    return f"about {rounded:,}" if rounded else f"fewer than {step // 2}"

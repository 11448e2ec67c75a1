"""Explorer of the threshold: the mask, its Dice and the number of its objects follow."""

from __future__ import annotations

import numpy as np
from skimage.measure import label

from unet_tutorial.metrics import dice
from unet_tutorial.teaching.explorers.controls import Slider
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.threshold.picture import draw_threshold

_LOWEST, _HIGHEST, _STEP = 0.02, 0.98, 0.01


def threshold(
    image: np.ndarray, probability: np.ndarray, labels: np.ndarray | None = None
) -> Explorer:
    """Return an explorer of the threshold: the mask, the mask on the image, and its score.

    Args:
        image: (H, W), shown in grey.
        probability: of foreground at each pixel, (H, W), 0 to 1.
        labels: the expert's objects, integers (H, W), 0 = background. With labels, the curve is
            the Dice, and objects are counted as in chapter 12: connected components of pixels that
            share an edge. Without, the curve is the share of foreground pixels.

    Returns:
        The explorer, with a slider `threshold` from 0.02 to 0.98.

    Raises:
        ValueError: the shapes differ.

    Example:
        `threshold(image, probability, labels).set(threshold=0.3)`

    Used in chapters 07, 11 and 12.
    """
    image, probability = np.asarray(image), np.asarray(probability)
    labels = None if labels is None else np.asarray(labels)
    for other in (probability,) if labels is None else (probability, labels):
        if image.ndim != 2 or other.shape != image.shape:
            raise ValueError(
                f"all arrays must have one shape (H, W), not {image.shape} and {other.shape}."
            )
    truth = None if labels is None else labels > 0
    thresholds = np.arange(round(_LOWEST / _STEP), round(_HIGHEST / _STEP) + 1) * _STEP
    curve = thresholds, np.array([_compute_score(probability > t, truth) for t in thresholds])
    score = "foreground" if truth is None else "Dice"

    def draw(threshold: float) -> View:
        mask = probability > threshold
        lines = _describe_mask(threshold, mask, labels, (curve[1][0], curve[1][-1]))
        figure = draw_threshold(image, mask, truth, curve, threshold, score)
        alt = f"The mask on the image, the mask, and the curve of {score} at every threshold"
        return View(figure, f"{alt}, marked at {threshold:.2f}.", "\n".join(lines))

    controls = {"threshold": Slider("threshold", _LOWEST, _HIGHEST, 0.5, _STEP)}
    return Explorer("threshold", controls, draw)


def _compute_score(mask: np.ndarray, truth: np.ndarray | None) -> float:
    return float(mask.mean()) if truth is None else dice(mask, truth)


def _describe_mask(
    threshold: float, mask: np.ndarray, labels: np.ndarray | None, ends: tuple[float, float]
) -> list[str]:
    """Describe the mask: its score, the scores at both ends of the curve, and its objects."""
    lines = [f"Foreground is what lies above probability {threshold:.2f}."]
    first, last = (
        f"{end:.2f} at {place}" for end, place in zip(ends, (_LOWEST, _HIGHEST), strict=True)
    )
    if labels is None:
        return [*lines, f"Share of the pixels: {mask.mean():.2f} here, {first}, {last}."]
    score = f"Dice with the expert's mask: {dice(mask, labels > 0):.2f} here, {first}, {last}."
    objects, nuclei = label(mask, connectivity=1).max(), len(np.unique(labels[labels > 0]))
    return [*lines, score, f"Connected components: {objects}. Nuclei of the expert: {nuclei}."]

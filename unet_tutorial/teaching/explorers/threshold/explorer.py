"""Move the threshold of a mask: the mask, its Dice and the count of its objects follow."""

from __future__ import annotations

import numpy as np
from skimage.measure import label

from unet_tutorial.metrics import dice
from unet_tutorial.teaching.explorers.controls import slider
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.threshold.picture import draw_threshold

LEAST, MOST, STEP = 0.02, 0.98, 0.01


def threshold(
    image: np.ndarray, probability: np.ndarray, labels: np.ndarray | None = None
) -> Explorer:
    """Let the threshold be moved, and show the mask above it: alone, on the image, and its score.

    Args:
        image: (H, W), shown in grey.
        probability: of foreground at each pixel, (H, W), 0 to 1.
        labels: the expert's objects, integers (H, W), 0 = background. With them the Dice is drawn
            and objects are counted as chapter 12 counts them: connected components, by steps
            along the edges. Without, what is drawn is the share of pixels that are foreground.

    Returns:
        The explorer, with a slider `threshold` from 0.02 to 0.98.

    Raises:
        ValueError: shapes that differ.

    Example:
        `threshold(image, probability, labels).set(threshold=0.3)`

    Source: none. Chapters 07, 11 and 12.
    """
    image, probability = np.asarray(image), np.asarray(probability)
    labels = None if labels is None else np.asarray(labels)
    for other in (probability,) if labels is None else (probability, labels):
        if image.ndim != 2 or other.shape != image.shape:
            raise ValueError(f"all must have one shape (H, W): {image.shape}, {other.shape} came.")
    truth = None if labels is None else labels > 0
    places = np.arange(round(LEAST / STEP), round(MOST / STEP) + 1) * STEP
    curve = places, np.array([_score(probability > place, truth) for place in places])
    score = "foreground" if truth is None else "Dice"

    def draw(threshold: float) -> View:
        mask = probability > threshold
        words = _words(threshold, mask, labels, (curve[1][0], curve[1][-1]))
        figure = draw_threshold(image, mask, truth, curve, threshold, score)
        seen = f"The mask on the image, the mask, and the curve of {score} at every threshold"
        return View(figure, f"{seen}, marked at {threshold:.2f}.", "\n".join(words))

    controls = {"threshold": slider("threshold", LEAST, MOST, 0.5, STEP)}
    return Explorer("threshold", controls, draw)


def _score(mask: np.ndarray, truth: np.ndarray | None) -> float:
    return float(mask.mean()) if truth is None else dice(mask, truth)


def _words(
    threshold: float, mask: np.ndarray, labels: np.ndarray | None, ends: tuple[float, float]
) -> list[str]:
    """What the picture says: the mask, its score and those at the ends of the curve, the count."""
    said = [f"Foreground is what lies above probability {threshold:.2f}."]
    first, last = (f"{end:.2f} at {place}" for end, place in zip(ends, (LEAST, MOST), strict=True))
    if labels is None:
        return [*said, f"Share of the pixels: {mask.mean():.2f} here, {first}, {last}."]
    score = f"Dice with the expert's mask: {dice(mask, labels > 0):.2f} here, {first}, {last}."
    objects, nuclei = label(mask, connectivity=1).max(), len(np.unique(labels[labels > 0]))
    return [*said, score, f"Connected components: {objects}. Nuclei of the expert: {nuclei}."]

"""The picture of the explorer of the threshold."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.images import overlay
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, canvas, mix, styled
from unet_tutorial.teaching.explorers.canvas.layout import (
    EDGE,
    FOOT,
    GAP,
    HEAD,
    TALLEST,
    Box,
    Chart,
    outline,
    picture,
)

TITLE_WIDTH = 1.9  # inches
EXPERT = mix(PALETTE["blue"], "#FFFFFF", 0.6)


@styled
def draw_threshold(
    image: np.ndarray,
    mask: np.ndarray,
    truth: np.ndarray | None,
    curve: tuple[np.ndarray, np.ndarray],
    threshold: float,
    score: str,
) -> Figure:
    """Show the mask at a threshold, the same on the image, and the score of every threshold.

    Args:
        image: (H, W), shown in grey.
        mask: bool (H, W), what lies above the threshold.
        truth: the expert's mask, bool (H, W), drawn as a dashed outline; or None.
        curve: thresholds, and the score of each from 0 to 1.
        threshold: the one that is set; its place on the curve is marked.
        score: what the curve shows, such as "Dice".

    Returns:
        A Figure 9 inches wide: in one row, or with the overlay above where the image is wide.

    Example:
        `draw_threshold(image, probability > 0.5, labels > 0, (t, dice_at), 0.5, "Dice")`

    Source: none. The explorer of chapters 07, 11 and 12.
    """
    top, beside, chart, height = _places(*mask.shape)
    figure, axes = canvas(WIDTH, height)
    title = "mask on the image" if truth is None else "mask; the expert's dashed"
    picture(axes, overlay(image, mask), top, title)
    picture(axes, mask, beside, "mask")
    if truth is not None:
        outline(axes, truth, top, dashed=True, color=EXPERT, linewidth=1.5)
    marks, title = (0, 0.25, 0.5, 0.75, 1), f"{score} at every threshold"
    shared = {"x_marks": marks, "y_marks": marks, "x_label": "threshold", "title": title}
    drawn = Chart(axes, chart, (0, 1), (0, 1), **shared)
    drawn.curve(*curve, color=PALETTE["blue"], linewidth=1.8)
    here = float(np.interp(threshold, *curve))
    drawn.curve([threshold] * 2, [0, 1], color=PALETTE["ink"], linewidth=1)
    drawn.curve([threshold], [here], color=PALETTE["ink"], marker="o", markersize=7)
    return figure


def _places(rows: int, columns: int) -> tuple[Box, Box, Box, float]:
    """Where overlay, mask and chart lie, and the height of the canvas."""
    if columns < 2 * rows:
        width = (WIDTH - 3.2 - EDGE - GAP) / 2
        height = min(width * rows / columns, TALLEST)
        width, bottom = height * columns / rows, FOOT + EDGE
        chart = Box(WIDTH - 2.55, bottom, 2.4, max(height, 1.6))
        overlaid = Box(EDGE, chart.top - height, width, height)
        beside = overlaid._replace(left=EDGE + max(width, TITLE_WIDTH) + GAP)
        return overlaid, beside, chart, chart.top + HEAD
    narrow, wide = 5.6, WIDTH - 2 * EDGE
    chart = Box(6.3, FOOT + EDGE, WIDTH - 6.3 - EDGE - 0.1, max(narrow * rows / columns - 0.3, 1.4))
    beside = Box(EDGE, chart.top - narrow * rows / columns, narrow, narrow * rows / columns)
    overlaid = Box(EDGE, chart.top + HEAD + GAP, wide, wide * rows / columns)
    return overlaid, beside, chart, overlaid.top + HEAD

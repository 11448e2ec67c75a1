"""Picture of the explorer of the threshold."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.images import overlay
from unet_tutorial.teaching.drawing.style import (
    PALETTE,
    WIDTH,
    create_canvas,
    mix_colours,
    with_style,
)
from unet_tutorial.teaching.explorers.canvas.layout import (
    EDGE,
    FOOT,
    GAP,
    HEAD,
    TALLEST,
    Box,
    Chart,
    draw_outline,
    draw_titled_image,
)

_TITLE_WIDTH = 1.9  # inches
_EXPERT_COLOUR = mix_colours(PALETTE["blue"], "#FFFFFF", 0.6)


@with_style
def draw_threshold(
    image: np.ndarray,
    mask: np.ndarray,
    truth: np.ndarray | None,
    curve: tuple[np.ndarray, np.ndarray],
    threshold: float,
    score: str,
) -> Figure:
    """Draw a mask, the mask on its image, and the score at every threshold.

    Args:
        image: (H, W), shown in grey.
        mask: bool (H, W), the pixels above the threshold.
        truth: the expert's mask, bool (H, W), drawn as a dashed outline; or None.
        curve: thresholds, and the score of each from 0 to 1.
        threshold: the current one, marked on the curve.
        score: the name of the score, such as "Dice".

    Returns:
        A Figure 9 inches wide: one row, or two with the overlay above if the image is wide.

    Example:
        `draw_threshold(image, probability > 0.5, labels > 0, (t, dice_at), 0.5, "Dice")`
    """
    overlay_box, mask_box, chart_box, height = _lay_out(*mask.shape)
    figure, axes = create_canvas(WIDTH, height)
    title = "mask on the image" if truth is None else "mask; the expert's dashed"
    draw_titled_image(axes, overlay(image, mask), overlay_box, title)
    draw_titled_image(axes, mask, mask_box, "mask")
    if truth is not None:
        draw_outline(axes, truth, overlay_box, dashed=True, color=_EXPERT_COLOUR, linewidth=1.5)
    marks, title = (0, 0.25, 0.5, 0.75, 1), f"{score} at every threshold"
    shared = {"x_marks": marks, "y_marks": marks, "x_label": "threshold", "title": title}
    chart = Chart(axes, chart_box, (0, 1), (0, 1), **shared)
    chart.draw_curve(*curve, color=PALETTE["blue"], linewidth=1.8)
    here = float(np.interp(threshold, *curve))
    chart.draw_curve([threshold] * 2, [0, 1], color=PALETTE["ink"], linewidth=1)
    chart.draw_curve([threshold], [here], color=PALETTE["ink"], marker="o", markersize=7)
    return figure


def _lay_out(rows: int, columns: int) -> tuple[Box, Box, Box, float]:
    """Return the boxes of overlay, mask and chart, and the height of the canvas."""
    if columns < 2 * rows:
        width = (WIDTH - 3.2 - EDGE - GAP) / 2
        height = min(width * rows / columns, TALLEST)
        width, bottom = height * columns / rows, FOOT + EDGE
        chart = Box(WIDTH - 2.55, bottom, 2.4, max(height, 1.6))
        overlay_box = Box(EDGE, chart.top - height, width, height)
        mask_box = overlay_box._replace(left=EDGE + max(width, _TITLE_WIDTH) + GAP)
        return overlay_box, mask_box, chart, chart.top + HEAD
    narrow, wide = 5.6, WIDTH - 2 * EDGE
    chart = Box(6.3, FOOT + EDGE, WIDTH - 6.3 - EDGE - 0.1, max(narrow * rows / columns - 0.3, 1.4))
    mask_box = Box(EDGE, chart.top - narrow * rows / columns, narrow, narrow * rows / columns)
    overlay_box = Box(EDGE, chart.top + HEAD + GAP, wide, wide * rows / columns)
    return overlay_box, mask_box, chart, overlay_box.top + HEAD

"""The picture of the explorer of the skip connections."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.intensity import as_grey
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, canvas, styled
from unet_tutorial.teaching.explorers.canvas.layout import (
    EDGE,
    GAP,
    HEAD,
    TALLEST,
    Box,
    outline,
    picture,
)


@styled
def draw_skips_off(
    image: np.ndarray, before: np.ndarray, now: np.ndarray, edges: np.ndarray, whose: str
) -> Figure:
    """Show a patch, the prediction with all skips, and the one with some of them off.

    Args:
        image: (H, W), shown in grey.
        before, now: probabilities (H, W), 0 black and 1 white.
        edges: bool mask (H, W) whose outline is drawn on both predictions.
        whose: the outline's name, such as "the expert's outline".

    Returns:
        A Figure 9 inches wide.

    Example:
        `draw_skips_off(image, before, now, before > 0.5, "the mask's outline")`

    Source: none. The explorer of chapters 06 and 11.
    """
    titles = ("image", "probability, all skips on", f"now, and {whose}")
    width = (WIDTH - 2 * EDGE - 2 * GAP) / 3
    height = min(width * image.shape[0] / image.shape[1], TALLEST)
    width = height * image.shape[1] / image.shape[0]
    figure, axes = canvas(WIDTH, height + HEAD + EDGE)
    left = (WIDTH - 3 * width - 2 * GAP) / 2
    arrays = (as_grey(image), before, now)
    for number, (array, title) in enumerate(zip(arrays, titles, strict=True)):
        box = Box(left + number * (width + GAP), EDGE, width, height)
        picture(axes, array, box, title)
        if number == 2:
            outline(axes, edges, box, color=PALETTE["vermillion"], linewidth=1.4)
    return figure

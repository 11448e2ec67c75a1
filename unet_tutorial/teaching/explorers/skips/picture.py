"""Picture of the explorer of the skip connections."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.intensity import convert_to_grey
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, create_canvas, with_style
from unet_tutorial.teaching.explorers.canvas.layout import (
    EDGE,
    GAP,
    HEAD,
    TALLEST,
    Box,
    draw_outline,
    draw_titled_image,
)


@with_style
def draw_skips_off(
    image: np.ndarray, before: np.ndarray, now: np.ndarray, edges: np.ndarray, outline_name: str
) -> Figure:
    """Draw a patch, its prediction with all skips, and the one with some of them off.

    Args:
        image: (H, W), shown in grey.
        before, now: probabilities (H, W), 0 black and 1 white.
        edges: bool mask (H, W); its outline is drawn on the last prediction.
        outline_name: for the title, such as "the expert's outline".

    Returns:
        A Figure 9 inches wide.

    Example:
        `draw_skips_off(image, before, now, before > 0.5, "the mask's outline")`
    """
    titles = ("image", "probability, all skips on", f"now, and {outline_name}")
    width = (WIDTH - 2 * EDGE - 2 * GAP) / 3
    height = min(width * image.shape[0] / image.shape[1], TALLEST)
    width = height * image.shape[1] / image.shape[0]
    figure, axes = create_canvas(WIDTH, height + HEAD + EDGE)
    left = (WIDTH - 3 * width - 2 * GAP) / 2
    arrays = (convert_to_grey(image), before, now)
    for number, (array, title) in enumerate(zip(arrays, titles, strict=True)):
        box = Box(left + number * (width + GAP), EDGE, width, height)
        draw_titled_image(axes, array, box, title)
        if number == 2:
            draw_outline(axes, edges, box, color=PALETTE["vermillion"], linewidth=1.4)
    return figure

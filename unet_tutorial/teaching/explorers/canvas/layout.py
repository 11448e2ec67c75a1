"""Images, outlines and small charts for pictures that follow a control.

Everything is placed in inches on one empty canvas. Setting up matplotlib's axes would take longer
than drawing the rest of such a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from unet_tutorial.teaching.drawing.style import PALETTE
from unet_tutorial.teaching.explorers.canvas.fast_artists import add_image, add_text

SMALL, _TITLE_SIZE = 9, 10  # points
_TITLE_GAP = 0.09  # inches between a title and the image under it
_STEPS = (1, 2, 5)
# In inches: margin, space between images, room for a title above and for tick labels below.
EDGE, GAP, HEAD, FOOT = 0.1, 0.15, 0.32, 0.45
TALLEST = 4.0  # greatest height of an image, in inches


class Box(NamedTuple):
    """A rectangle on the canvas, in inches from the lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.bottom + self.height

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width


def draw_titled_image(axes: Axes, array: np.ndarray, box: Box, title: str) -> None:
    """Draw an array with a frame and a title; uint8 as in `draw_image`, or from 0 to 1."""
    # uint8 draws faster than floats with a colour map.
    shades = array if array.dtype == np.uint8 else np.rint(array * 255.0).astype(np.uint8)
    draw_image(axes, shades, box)
    look = {"facecolor": "none", "edgecolor": PALETTE["muted"], "linewidth": 0.8}
    axes.add_patch(Rectangle(box[:2], box.width, box.height, **look))
    _draw_title(axes, box, title)


def draw_image(axes: Axes, shades: np.ndarray, box: Box) -> None:
    """Draw uint8 shades (H, W) or colours (H, W, 3) with sharp pixels."""
    colours = shades if shades.ndim == 3 else np.repeat(shades[..., None], 3, axis=2)
    add_image(axes, colours, box.left, box.right, box.bottom, box.top)


def _draw_title(axes: Axes, box: Box, title: str) -> None:
    add_text(axes, box.left, box.top + _TITLE_GAP, title, size=_TITLE_SIZE, color=PALETTE["ink"])


def draw_outline(
    axes: Axes, mask: np.ndarray, box: Box, *, dashed: bool = False, **look: Any
) -> None:
    """Draw the outline of a mask (H, W) over its image, along pixel edges."""
    sides = _find_border_sides(mask)  # (n, 2 ends, x and y), in pixels
    if dashed:
        sides = sides[sides.min(axis=1).sum(axis=1) // 2 % 2 == 0]  # two pixels drawn, two left out
    height, width = mask.shape
    points = sides * (box.width / width, -box.height / height) + (box.left, box.top)
    breaks = np.full((len(sides), 1, 2), np.nan)  # NaN separates the sides: a single Line2D is fast
    x, y = np.concatenate([points, breaks], axis=1).reshape(-1, 2).T
    axes.add_artist(Line2D(x, y, **look))


def _find_border_sides(mask: np.ndarray) -> np.ndarray:
    """Return the edges (n, 2 ends, x and y) between a pixel of the mask and a neighbour outside."""
    row, column = np.nonzero(mask[:, 1:] != mask[:, :-1])
    upright = np.stack([column + 1, row, column + 1, row + 1], axis=1)
    row, column = np.nonzero(mask[1:] != mask[:-1])
    level = np.stack([column, row + 1, column + 1, row + 1], axis=1)
    return np.concatenate([upright, level]).reshape(-1, 2, 2)


class Chart:
    """A small chart on the canvas: frame, grid lines, tick labels and curves.

    Args:
        axes: a canvas in inches.
        box: the area of the curves; tick labels go to its left and below.
        x, y: the limits of each axis, (smallest, largest).
        x_marks, y_marks: the ticks.
        title: the text above the chart.
        x_label: the label of the x axis.

    Example:
        `Chart(axes, Box(1, 1, 2, 2), (0, 4), (0, 1), ...)` puts the point (2, 0.5) at inch (2, 2).
    """

    def __init__(
        self,
        axes: Axes,
        box: Box,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        x_marks: Sequence[float],
        y_marks: Sequence[float],
        title: str,
        x_label: str,
    ):
        self.axes, self.box, self.x, self.y = axes, box, x, y
        heights = [self.locate(x[0], mark)[1] for mark in y_marks]
        grid = [[(box.left, height), (box.right, height)] for height in heights]
        axes.add_collection(LineCollection(grid, colors=PALETTE["faint"], linewidths=0.8))
        frame = [(box.left, box.top), (box.left, box.bottom), (box.right, box.bottom)]
        axes.add_collection(LineCollection([frame], colors=PALETTE["muted"], linewidths=0.8))
        look = {"size": SMALL, "color": PALETTE["muted"]}
        for mark, height in zip(y_marks, heights, strict=True):
            right = {"ha": "right", "va": "center"}
            add_text(axes, box.left - 0.06, height, f"{mark:g}", **look, **right)
        for mark in x_marks:
            middle = {"ha": "center", "va": "top"}
            place = self.locate(mark, y[0])[0]
            add_text(axes, place, box.bottom - 0.07, f"{mark:g}", **look, **middle)
        below = {"ha": "center", "va": "top", "size": SMALL, "color": PALETTE["ink"]}
        add_text(axes, box.left + box.width / 2, box.bottom - 0.26, x_label, **below)
        _draw_title(axes, box, title)

    def locate(self, x: float, y: float) -> tuple[float, float]:
        """Convert data coordinates (numbers or arrays) to inches on the canvas."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        along = (y - self.y[0]) / (self.y[1] - self.y[0])
        box = self.box
        return box.left + across * box.width, box.bottom + along * box.height

    def draw_curve(self, x: Sequence[float], y: Sequence[float], **look: Any) -> None:
        """Draw a line through the points; `look` as for matplotlib's Line2D."""
        self.axes.add_artist(Line2D(*self.locate(np.asarray(x), np.asarray(y)), **look))


def choose_step(span: float, max_steps: int) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... that fits into a span at most `max_steps` times.

    Example:
        `choose_step(8, 5)` is 2, which makes 4 steps; 1 would make 8.
    """
    power = 1
    while True:
        for step in _STEPS:
            if span / (step * power) <= max_steps:
                return step * power
        power *= 10

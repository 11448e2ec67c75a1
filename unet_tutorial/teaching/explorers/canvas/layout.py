"""Parts of the pictures that follow a control: images, outlines and small charts, drawn quickly.

Everything is placed in inches on one bare canvas. Matplotlib's own axes take longer to set up than
the rest of such a picture takes to draw.
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
from unet_tutorial.teaching.explorers.canvas.fast_artists import quick_image, quick_text

SMALL, TITLE = 9, 10  # points
TITLE_GAP = 0.09  # inches from a title's foot to what it names
STEPS = (1, 2, 5)
EDGE, GAP, HEAD, FOOT = 0.1, 0.15, 0.32, 0.45  # inches: beside, between, for a title, for numbers
TALLEST = 4.0  # inches: of an image


class Box(NamedTuple):
    """A place on the canvas, in inches from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def top(self) -> float:
        """Where it ends."""
        return self.bottom + self.height

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.width


def picture(axes: Axes, array: np.ndarray, box: Box, title: str) -> None:
    """Draw an array from 0 (black) to 1 (white), or one that `image` takes, under its title."""
    image(axes, array if array.dtype == np.uint8 else _grey(array), box)
    look = {"facecolor": "none", "edgecolor": PALETTE["muted"], "linewidth": 0.8}
    axes.add_patch(Rectangle(box[:2], box.width, box.height, **look))
    heading(axes, box, title)


def image(axes: Axes, shades: np.ndarray, box: Box) -> None:
    """Draw uint8 shades (H, W) or colours (H, W, 3), every pixel with sharp sides."""
    colours = shades if shades.ndim == 3 else np.repeat(shades[..., None], 3, axis=2)
    quick_image(axes, colours, box.left, box.right, box.bottom, box.top)


def _grey(array: np.ndarray) -> np.ndarray:
    """The array as uint8, which is drawn faster than numbers with a colour map."""
    return np.rint(array * 255.0).astype(np.uint8)


def heading(axes: Axes, box: Box, title: str) -> None:
    """Write a title above a box, where its left side begins."""
    quick_text(axes, box.left, box.top + TITLE_GAP, title, size=TITLE, color=PALETTE["ink"])


def outline(axes: Axes, mask: np.ndarray, box: Box, *, dashed: bool = False, **look: Any) -> None:
    """Draw the border of a mask (H, W) on its picture, along the sides of its pixels."""
    sides = _sides(mask)  # (n, 2 ends, x and y), in pixels
    if dashed:
        sides = sides[sides.min(axis=1).sum(axis=1) // 2 % 2 == 0]  # two pixels, then a gap of two
    height, width = mask.shape
    places = sides * (box.width / width, -box.height / height) + (box.left, box.top)
    lifted = np.full((len(sides), 1, 2), np.nan)  # one line, its pen lifted after each side
    x, y = np.concatenate([places, lifted], axis=1).reshape(-1, 2).T
    axes.add_artist(Line2D(x, y, **look))


def _sides(mask: np.ndarray) -> np.ndarray:
    """The sides between a pixel of the mask and one beside it that is not."""
    row, column = np.nonzero(mask[:, 1:] != mask[:, :-1])
    upright = np.stack([column + 1, row, column + 1, row + 1], axis=1)
    row, column = np.nonzero(mask[1:] != mask[:-1])
    level = np.stack([column, row + 1, column + 1, row + 1], axis=1)
    return np.concatenate([upright, level]).reshape(-1, 2, 2)


class Chart:
    """A small chart at a place on the canvas: a frame, level lines with their numbers, curves.

    Args:
        axes: a canvas in inches.
        box: the place of the curves; numbers stand left of it and below.
        x, y: the least and the largest value of each side.
        x_marks, y_marks: where numbers stand.
        title: what is drawn, above it.
        x_label: what the lower side counts.

    Example:
        `Chart(axes, Box(1, 1, 2, 2), (0, 4), (0, 1), ...)` puts the point (2, 0.5) at inch (2, 2).

    Source: none. The explorers' pictures use it.
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
        heights = [self.place(x[0], mark)[1] for mark in y_marks]
        level = [[(box.left, height), (box.right, height)] for height in heights]
        axes.add_collection(LineCollection(level, colors=PALETTE["faint"], linewidths=0.8))
        frame = [(box.left, box.top), (box.left, box.bottom), (box.right, box.bottom)]
        axes.add_collection(LineCollection([frame], colors=PALETTE["muted"], linewidths=0.8))
        look = {"size": SMALL, "color": PALETTE["muted"]}
        for mark, height in zip(y_marks, heights, strict=True):
            right = {"ha": "right", "va": "center"}
            quick_text(axes, box.left - 0.06, height, f"{mark:g}", **look, **right)
        for mark in x_marks:
            middle = {"ha": "center", "va": "top"}
            place = self.place(mark, y[0])[0]
            quick_text(axes, place, box.bottom - 0.07, f"{mark:g}", **look, **middle)
        below = {"ha": "center", "va": "top", "size": SMALL, "color": PALETTE["ink"]}
        quick_text(axes, box.left + box.width / 2, box.bottom - 0.26, x_label, **below)
        heading(axes, box, title)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies on the canvas, in inches; numbers or arrays of them."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        along = (y - self.y[0]) / (self.y[1] - self.y[0])
        box = self.box
        return box.left + across * box.width, box.bottom + along * box.height

    def curve(self, x: Sequence[float], y: Sequence[float], **look: Any) -> None:
        """Draw a line through the points, with the look of a matplotlib line."""
        self.axes.add_artist(Line2D(*self.place(np.asarray(x), np.asarray(y)), **look))


def round_step(span: float, most: int) -> float:
    """Return the least of 1, 2, 5, 10, 20, ... that goes into a span at most so often.

    Example:
        `round_step(8, 5)` is 2, which makes 4 steps; 1 would make 8.
    """
    power = 1
    while True:
        for step in STEPS:
            if span / (step * power) <= most:
                return step * power
        power *= 10

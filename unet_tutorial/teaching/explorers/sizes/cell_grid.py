"""Grids of bare cells, drawn quickly: a few collections for all of them, however many they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from unet_tutorial.teaching.drawing.style import PALETTE, mix

LIT = mix(PALETTE["orange"], "#FFFFFF", 0.4)
LOOKS = {  # what a cell is: its ground, and the style of its outline
    "image": ("white", "-"),
    "ring": (PALETTE["band"], (0, (2, 2))),
    "beyond": (PALETTE["paper"], (0, (2, 2))),
}
# In a cell of side 1: its corners, a square in its middle, and strokes from here to there.
CORNERS = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
TAP = 0.5 + 0.4 * (CORNERS - 0.5)
MISSED = np.array([[(0.0, 0.5), (0.5, 1.0)], [(0.0, 0.0), (1.0, 1.0)], [(0.5, 0.0), (1.0, 0.5)]])
PLUS = np.array([[(0.2, 0.5), (0.8, 0.5)], [(0.5, 0.2), (0.5, 0.8)]])


class Masks(NamedTuple):
    """What the cells of one grid are: boolean arrays (side, side), and where the kernel lies.

    Args:
        image: the image's pixels, which form a square.
        ring: cells round it, of padding or of what is cropped.
        lit: cells that a tap lies on, outside of image and ring too.
        missed: cells that no tap reaches; added: cells of output_padding.
        window: top row, left column and side of the kernel, counted in cells.
    """

    image: np.ndarray
    ring: np.ndarray
    lit: np.ndarray
    missed: np.ndarray
    added: np.ndarray
    window: tuple[int, int, int]


class Grid(NamedTuple):
    """A grid on the page: its left edge, its top and the side of a cell, in inches; its masks."""

    x: float
    y: float
    cell: float
    masks: Masks

    def at(self, shape: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return a shape (..., 2) in a cell of side 1, for each cell of a mask, in inches."""
        rows, columns = np.nonzero(mask)
        corners = np.stack([columns, -1 - rows], axis=-1)  # lower left; the page's y goes up
        places = corners.reshape(-1, *[1] * (shape.ndim - 1), 2) + shape
        return np.array([self.x, self.y]) + self.cell * places

    def square(self, top: int, left: int, side: int) -> np.ndarray:
        """Return the corners (4, 2) of a square of cells, in inches."""
        corners = np.array([left, -top - side]) + side * CORNERS
        return np.array([self.x, self.y]) + self.cell * corners


def draw_grids(axes: Axes, grids: Sequence[Grid]) -> None:
    """Draw grids of cells on bare axes whose unit is the inch.

    A tap is orange with a black square, padding is dashed, what no tap reaches is hatched, what
    output_padding adds has a plus; an image has a strong outline, a kernel a stronger one.
    """
    for name, (ground, line) in LOOKS.items():
        _draw_cells(axes, grids, name, ground, line)
    taps = np.concatenate([grid.at(TAP, grid.masks.lit) for grid in grids])
    _add(axes, PolyCollection, taps, facecolors=PALETTE["ink"], linewidths=0, zorder=5)
    for strokes, name in ((MISSED, "missed"), (PLUS, "added")):
        lines = np.concatenate([grid.at(strokes, getattr(grid.masks, name)) for grid in grids])
        look = {"colors": PALETTE["ink"], "linewidths": 0.8, "zorder": 4}
        _add(axes, LineCollection, lines.reshape(-1, 2, 2), **look)
    images = [_outline(grid) for grid in grids if grid.masks.image.any()]
    windows = [grid.square(*grid.masks.window) for grid in grids]
    for outlines, width, colour in ((images, 1.8, "ink"), (windows, 2.6, "vermillion")):
        look = {"facecolors": "none", "edgecolors": PALETTE[colour], "linewidths": width}
        _add(axes, PolyCollection, outlines, zorder=6, **look)


def _draw_cells(axes: Axes, grids: Sequence[Grid], name: str, ground: str, line: Any) -> None:
    polygons, colours = [], []
    for grid in grids:
        image, ring, lit, *_ = grid.masks
        own = {"image": image, "ring": ring, "beyond": lit & ~image & ~ring}[name]
        polygons.append(grid.at(CORNERS, own))
        colours += [LIT if tap else ground for tap in lit[own]]
    look = {"facecolors": colours, "edgecolors": PALETTE["muted"], "linewidths": 0.7}
    zorder = 3 if name == "image" else 2
    _add(axes, PolyCollection, np.concatenate(polygons), linestyles=[line], zorder=zorder, **look)


def _outline(grid: Grid) -> np.ndarray:
    rows, _ = np.nonzero(grid.masks.image)
    return grid.square(int(rows[0]), int(rows[0]), int(np.ptp(rows)) + 1)


def _add(axes: Axes, kind: type, shapes: Any, **look: Any) -> None:
    axes.add_collection(kind(shapes, **look), autolim=False)

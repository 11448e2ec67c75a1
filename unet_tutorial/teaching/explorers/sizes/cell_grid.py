"""Grids of cells, drawn fast: a few matplotlib collections for all grids together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from unet_tutorial.teaching.drawing.style import PALETTE, mix_colours

_LIT = mix_colours(PALETTE["orange"], "#FFFFFF", 0.4)
_LOOKS = {  # by kind of cell: fill colour and line style
    "image": ("white", "-"),
    "ring": (PALETTE["band"], (0, (2, 2))),
    "beyond": (PALETTE["paper"], (0, (2, 2))),
}
# Shapes in a cell of side 1: its corners, a square in its middle, hatching and a plus.
_CORNERS = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
_TAP = 0.5 + 0.4 * (_CORNERS - 0.5)
_MISSED = np.array([[(0.0, 0.5), (0.5, 1.0)], [(0.0, 0.0), (1.0, 1.0)], [(0.5, 0.0), (1.0, 0.5)]])
_PLUS = np.array([[(0.2, 0.5), (0.8, 0.5)], [(0.5, 0.2), (0.5, 0.8)]])


class Masks(NamedTuple):
    """Marks of one grid's cells, as boolean arrays (side, side), and the kernel's position.

    Args:
        image: the image's pixels, which form a square.
        ring: cells around the image: padding, or what is cropped.
        lit: cells with a tap of the kernel; they may be outside image and ring.
        missed: cells that no tap reaches; added: cells of output_padding.
        window: top row, left column and side of the kernel, in cells.
    """

    image: np.ndarray
    ring: np.ndarray
    lit: np.ndarray
    missed: np.ndarray
    added: np.ndarray
    window: tuple[int, int, int]


class Grid(NamedTuple):
    """A grid on the canvas: left edge, top edge and side of a cell, in inches; and its masks."""

    x: float
    y: float
    cell: float
    masks: Masks

    def place_shapes(self, shape: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Copy a shape (..., 2), drawn in a cell of side 1, to each cell of a mask; in inches."""
        rows, columns = np.nonzero(mask)
        corners = np.stack([columns, -1 - rows], axis=-1)  # lower left; y points up on the canvas
        places = corners.reshape(-1, *[1] * (shape.ndim - 1), 2) + shape
        return np.array([self.x, self.y]) + self.cell * places

    def compute_square(self, top: int, left: int, side: int) -> np.ndarray:
        """Return the corners (4, 2) of a square of cells, in inches."""
        corners = np.array([left, -top - side]) + side * _CORNERS
        return np.array([self.x, self.y]) + self.cell * corners


def draw_grids(axes: Axes, grids: Sequence[Grid]) -> None:
    """Draw grids of cells on a canvas in inches.

    Cells with a tap are orange with a black square, padding is dashed, cells that no tap reaches
    are hatched, and those of output_padding have a plus. The image has a thick outline, the kernel
    a thicker one.
    """
    for name, (ground, line) in _LOOKS.items():
        _draw_cells(axes, grids, name, ground, line)
    taps = np.concatenate([grid.place_shapes(_TAP, grid.masks.lit) for grid in grids])
    _add_shapes(axes, PolyCollection, taps, facecolors=PALETTE["ink"], linewidths=0, zorder=5)
    for strokes, name in ((_MISSED, "missed"), (_PLUS, "added")):
        lines = np.concatenate(
            [grid.place_shapes(strokes, getattr(grid.masks, name)) for grid in grids]
        )
        look = {"colors": PALETTE["ink"], "linewidths": 0.8, "zorder": 4}
        _add_shapes(axes, LineCollection, lines.reshape(-1, 2, 2), **look)
    images = [_find_image_corners(grid) for grid in grids if grid.masks.image.any()]
    windows = [grid.compute_square(*grid.masks.window) for grid in grids]
    for outlines, width, colour in ((images, 1.8, "ink"), (windows, 2.6, "vermillion")):
        look = {"facecolors": "none", "edgecolors": PALETTE[colour], "linewidths": width}
        _add_shapes(axes, PolyCollection, outlines, zorder=6, **look)


def _draw_cells(axes: Axes, grids: Sequence[Grid], name: str, ground: str, line: Any) -> None:
    polygons, colours = [], []
    for grid in grids:
        image, ring, lit, *_ = grid.masks
        own = {"image": image, "ring": ring, "beyond": lit & ~image & ~ring}[name]
        polygons.append(grid.place_shapes(_CORNERS, own))
        colours += [_LIT if tap else ground for tap in lit[own]]
    look = {"facecolors": colours, "edgecolors": PALETTE["muted"], "linewidths": 0.7}
    zorder = 3 if name == "image" else 2
    _add_shapes(
        axes, PolyCollection, np.concatenate(polygons), linestyles=[line], zorder=zorder, **look
    )


def _find_image_corners(grid: Grid) -> np.ndarray:
    rows, _ = np.nonzero(grid.masks.image)
    return grid.compute_square(int(rows[0]), int(rows[0]), int(np.ptp(rows)) + 1)


def _add_shapes(axes: Axes, kind: type, shapes: Any, **look: Any) -> None:
    axes.add_collection(kind(shapes, **look), autolim=False)

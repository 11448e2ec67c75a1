"""Small arrays as grids of numbers, with cells lit and operators between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from unet_tutorial.drawing.style import PALETTE, WIDTH, canvas, mix, styled

LARGEST_CELL = 0.5  # inches
GAP = 0.45  # inches on each side of an operator


@styled
def grid(array: np.ndarray, *, highlight: np.ndarray | None = None, title: str = "") -> Figure:
    """Draw one array (H, W) as a grid of numbers; see `grids`."""
    return grids([array], highlights=[highlight], titles=[title])


@styled
def grids(
    items: Sequence[np.ndarray | str],
    *,
    highlights: Sequence[np.ndarray | None] | None = None,
    titles: Sequence[str] | None = None,
) -> Figure:
    """Draw arrays as grids of numbers side by side, with operators between them.

    Args:
        items: arrays (H, W) of numbers, and texts such as "*", "+" or "=" between them.
        highlights: for each item a bool array of its shape whose cells are lit, or None.
        titles: for each item a text above it, or "".

    Returns:
        A Figure 9 inches wide; lit cells are darker and bold.

    Raises:
        ValueError: no items, lists of another length, an array that is not (H, W).

    Example:
        `grids([image, "*", kernel, "=", output])` shows a convolution.

    Source: none. Chapters 02, 04 and 05 use it.
    """
    highlights = [None] * len(items) if highlights is None else highlights
    titles = [""] * len(items) if titles is None else titles
    if not items or not len(items) == len(highlights) == len(titles):
        raise ValueError("give at least one item, and one highlight and one title for each.")
    arrays = [item if isinstance(item, str) else np.asarray(item) for item in items]
    cell = _cell_size(arrays)
    tallest = max(a.shape[0] for a in arrays if not isinstance(a, str))
    figure, axes = canvas(WIDTH, tallest * cell + 0.6)
    wide = sum(GAP if isinstance(a, str) else a.shape[1] * cell for a in arrays)
    left, middle = (WIDTH - wide) / 2, tallest * cell / 2 + 0.12
    for array, lit, title in zip(arrays, highlights, titles, strict=True):
        if isinstance(array, str):
            axes.text(left + GAP / 2, middle, array, ha="center", va="center", fontsize=16)
            left += GAP
        else:
            _draw_grid(axes, array, lit, title, (left, middle + array.shape[0] * cell / 2), cell)
            left += array.shape[1] * cell
    return figure


def _cell_size(arrays: Sequence[np.ndarray | str]) -> float:
    shapes = [a.shape for a in arrays if not isinstance(a, str)]
    if not shapes or any(len(shape) != 2 or 0 in shape for shape in shapes):
        raise ValueError(f"each array must be (H, W) and not empty; the shapes are {shapes}.")
    operators = sum(isinstance(a, str) for a in arrays)
    return min(LARGEST_CELL, (WIDTH - 0.4 - GAP * operators) / sum(shape[1] for shape in shapes))


def _draw_grid(
    axes: Axes,
    array: np.ndarray,
    lit: np.ndarray | None,
    title: str,
    corner: tuple[float, float],
    cell: float,
) -> None:
    left, top = corner
    lit = np.zeros(array.shape, bool) if lit is None else np.asarray(lit, dtype=bool)
    if lit.shape != array.shape:
        raise ValueError(f"a highlight of shape {lit.shape} does not fit the array {array.shape}.")
    for (row, column), value in np.ndenumerate(array):
        x, y = left + column * cell, top - (row + 1) * cell
        fill = mix(PALETTE["orange"], PALETTE["paper"], 0.45) if lit[row, column] else "white"
        axes.add_patch(Rectangle((x, y), cell, cell, facecolor=fill, edgecolor=PALETTE["muted"]))
        axes.text(
            x + cell / 2, y + cell / 2, f"{value:.3g}", ha="center", va="center",
            fontsize=min(12, 26 * cell), fontweight="bold" if lit[row, column] else "normal",
        )  # fmt: skip
    axes.text(left + array.shape[1] * cell / 2, top + 0.12, title, ha="center", fontsize=10.5)

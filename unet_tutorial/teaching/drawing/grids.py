"""Draw small arrays as grids of numbers, with highlighted cells and operators between grids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from unet_tutorial.teaching.drawing.style import (
    PALETTE,
    WIDTH,
    create_canvas,
    mix_colours,
    with_style,
)

_LARGEST_CELL, _SMALLEST_CELL = 0.5, 0.28  # inches
_GAP, _MARGIN, _HEAD = 0.45, 0.15, 0.3  # inches: for an operator, around the figure, for titles
_HIGHLIGHTS = {  # value in a highlight array: (colour, share of white, hatch)
    1: ("orange", 0.45, ""),
    2: ("blue", 0.55, "///"),
    3: ("green", 0.55, "\\\\\\"),
    4: ("purple", 0.55, "|||"),
    5: ("muted", 0.55, "xxx"),
}


@with_style
def grid(array: ArrayLike, *, highlight: ArrayLike | None = None, title: str = "") -> Figure:
    """Draw one array (H, W) as a grid of numbers; `grids` describes the arguments."""
    return grids([array], highlights=[highlight], titles=[title])


@with_style
def grids(
    items: Sequence[ArrayLike | str],
    *,
    highlights: Sequence[ArrayLike | None] | None = None,
    titles: Sequence[str] | None = None,
) -> Figure:
    """Draw arrays as grids of numbers side by side, with operators between them.

    Args:
        items: arrays (H, W) of numbers, and strings such as "*", "+" or "=" between them. A cell
            with NaN is left empty.
        highlights: one entry per item: None, or an array of the item's shape. Cells where it is
            True or 1 are highlighted; 2 to 5 highlight in other colours and hatches.
        titles: one title per item, shown above it; "" for none.

    Returns:
        A Figure as wide as its grids, 9 inches at most. Highlighted cells are darker, and their
        numbers are bold.

    Raises:
        ValueError: if there are no items, or not one highlight and title per item; if an array
            isn't (H, W), or the arrays are too wide for the page; if a highlight has the wrong
            shape or other values than 0 to 5.

    Example:
        `grids([image, "*", kernel, "=", output])` shows a convolution.
    """
    highlights = [None] * len(items) if highlights is None else highlights
    titles = [""] * len(items) if titles is None else titles
    if not len(items) or not len(items) == len(highlights) == len(titles):
        raise ValueError(
            "Give at least one item, and one highlight and one title per item; there are "
            f"{len(items)} items, {len(highlights)} highlights and {len(titles)} titles."
        )
    arrays = [item if isinstance(item, str) else np.asarray(item) for item in items]
    cell = _choose_cell_size(arrays)
    widths = [_item_width(item, title, cell) for item, title in zip(arrays, titles, strict=True)]
    tall = max(len(array) for array in arrays if not isinstance(array, str)) * cell
    head = _HEAD if any(titles) else 0
    figure, axes = create_canvas(sum(widths) + 2 * _MARGIN, tall + 2 * _MARGIN + head)
    left, middle = _MARGIN, _MARGIN + tall / 2
    for array, lit, title, wide in zip(arrays, highlights, titles, widths, strict=True):
        centre = left + wide / 2
        if isinstance(array, str):
            axes.text(centre, middle, array, ha="center", va="center", size=16)
        else:
            top = middle + len(array) * cell / 2
            corner = (centre - array.shape[1] * cell / 2, top)
            draw_cells(axes, array, corner, cell, lit)
            axes.text(centre, top + 0.1, title, ha="center", size=10, weight="bold")
        left += wide
    return figure


def _choose_cell_size(arrays: Sequence[np.ndarray | str]) -> float:
    shapes = [array.shape for array in arrays if not isinstance(array, str)]
    if not shapes or any(len(shape) != 2 or 0 in shape for shape in shapes):
        raise ValueError(f"Each array must be (H, W) and not empty; the shapes are {shapes}.")
    operators = sum(isinstance(array, str) for array in arrays)
    columns = sum(shape[1] for shape in shapes)
    size = min(_LARGEST_CELL, (WIDTH - 2 * _MARGIN - _GAP * operators) / columns)
    if size < _SMALLEST_CELL:
        raise ValueError(
            f"{columns} columns of numbers don't fit side by side. Show only a corner of the "
            "arrays, such as array[:8, :8], or draw them as images with panels()."
        )
    return size


def _item_width(item: np.ndarray | str, title: str, cell: float) -> float:
    return _GAP if isinstance(item, str) else max(item.shape[1] * cell, 0.095 * len(title))


def draw_cells(
    axes: Axes,
    array: np.ndarray,
    corner: tuple[float, float],
    cell: float,
    lit: ArrayLike | None = None,
) -> None:
    """Draw the cells and numbers of an array; `corner` is its top left corner, in inches."""
    left, top = corner
    marks = _validate_highlight(lit, array)
    for (row, column), value in np.ndenumerate(array):
        x, y = left + column * cell, top - (row + 1) * cell
        mark, text = int(marks[row, column]), format_number(value)
        for look in (_cell_style(mark), {"fill": False, "edgecolor": PALETTE["muted"]}):
            axes.add_artist(Rectangle((x, y), cell, cell, **look))
        axes.text(
            x + cell / 2,
            y + cell / 2,
            text,
            ha="center",
            va="center",
            size=10.5 if cell > 0.36 and len(text) < 5 else 9,
            weight="bold" if mark else "normal",
        )


def _cell_style(mark: int) -> dict:
    if not mark:
        return {"facecolor": "white", "linewidth": 0}
    colour, white, hatch = _HIGHLIGHTS[mark]
    fill, lines = (
        mix_colours(PALETTE[colour], "#FFFFFF", share) for share in (white, white - 0.25)
    )
    return {"facecolor": fill, "edgecolor": lines, "hatch": hatch, "linewidth": 0}


def format_number(value: float) -> str:
    """Format a number with at most three significant digits, integers in full and NaN as ""."""
    if np.isnan(value):
        return ""
    text = f"{value:.0f}" if value == round(value) else f"{value:.3g}"
    return ("0" if text == "-0" else text).replace("-", "\N{MINUS SIGN}")


def _validate_highlight(lit: ArrayLike | None, array: np.ndarray) -> np.ndarray:
    marks = np.zeros(array.shape, int) if lit is None else np.asarray(lit).astype(int)
    if marks.shape != array.shape:
        raise ValueError(
            f"A highlight must have the shape of its array, {array.shape}, but is {marks.shape}."
        )
    if not np.isin(marks, (0, *_HIGHLIGHTS)).all():
        raise ValueError(
            f"A highlight may contain 0 to {len(_HIGHLIGHTS)}, but this one has {np.unique(marks)}."
        )
    return marks

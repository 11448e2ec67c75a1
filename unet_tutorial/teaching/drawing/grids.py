"""Small arrays as grids of numbers, with cells lit and operators between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, canvas, mix, styled

LARGEST_CELL, SMALLEST_CELL = 0.5, 0.28  # inches
GAP, MARGIN, HEAD = 0.45, 0.15, 0.3  # inches: round an operator, round all, above for titles
LIT = {  # what a highlight holds: colour, share of white in it, hatch
    1: ("orange", 0.45, ""),
    2: ("blue", 0.55, "///"),
    3: ("green", 0.55, "\\\\\\"),
    4: ("purple", 0.55, "|||"),
    5: ("muted", 0.55, "xxx"),
}


@styled
def grid(array: ArrayLike, *, highlight: ArrayLike | None = None, title: str = "") -> Figure:
    """Draw one array (H, W) as a grid of numbers; see `grids`."""
    return grids([array], highlights=[highlight], titles=[title])


@styled
def grids(
    items: Sequence[ArrayLike | str],
    *,
    highlights: Sequence[ArrayLike | None] | None = None,
    titles: Sequence[str] | None = None,
) -> Figure:
    """Draw arrays as grids of numbers side by side, with operators between them.

    Args:
        items: arrays (H, W) of numbers, and texts such as "*", "+" or "=" between them. NaN
            leaves a cell empty.
        highlights: for each item None, or an array of its shape whose cells are lit where it
            is True or 1, and lit in other colours and hatches where it is 2 to 5.
        titles: for each item a text above it, or "".

    Returns:
        A Figure as wide as its grids, 9 inches at most; lit cells are darker and bold.

    Raises:
        ValueError: no items, lists of another length, an array that is not (H, W), more columns
            than fit on the page, or a highlight of another shape or with other values.

    Example:
        `grids([image, "*", kernel, "=", output])` shows a convolution.

    Source: none. Chapters 02, 04 and 05 use it.
    """
    highlights = [None] * len(items) if highlights is None else highlights
    titles = [""] * len(items) if titles is None else titles
    if not len(items) or not len(items) == len(highlights) == len(titles):
        raise ValueError(
            f"give at least one item, and one highlight and one title for each; "
            f"{len(items)} items, {len(highlights)} highlights and {len(titles)} titles came."
        )
    arrays = [item if isinstance(item, str) else np.asarray(item) for item in items]
    cell = _cell_size(arrays)
    widths = [_item_width(item, title, cell) for item, title in zip(arrays, titles, strict=True)]
    tall = max(len(array) for array in arrays if not isinstance(array, str)) * cell
    head = HEAD if any(titles) else 0
    figure, axes = canvas(sum(widths) + 2 * MARGIN, tall + 2 * MARGIN + head)
    left, middle = MARGIN, MARGIN + tall / 2
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


def _cell_size(arrays: Sequence[np.ndarray | str]) -> float:
    shapes = [array.shape for array in arrays if not isinstance(array, str)]
    if not shapes or any(len(shape) != 2 or 0 in shape for shape in shapes):
        raise ValueError(f"each array must be (H, W) and not empty; the shapes are {shapes}.")
    operators = sum(isinstance(array, str) for array in arrays)
    columns = sum(shape[1] for shape in shapes)
    size = min(LARGEST_CELL, (WIDTH - 2 * MARGIN - GAP * operators) / columns)
    if size < SMALLEST_CELL:
        raise ValueError(
            f"{columns} columns of numbers are too many to be read side by side; show a corner "
            "of the arrays, array[:8, :8], or draw them with panels."
        )
    return size


def _item_width(item: np.ndarray | str, title: str, cell: float) -> float:
    return GAP if isinstance(item, str) else max(item.shape[1] * cell, 0.095 * len(title))


def draw_cells(
    axes: Axes,
    array: np.ndarray,
    corner: tuple[float, float],
    cell: float,
    lit: ArrayLike | None = None,
) -> None:
    """Draw an array's cells and numbers on `axes`, from its top left corner on, in inches."""
    left, top = corner
    marks = _as_marks(lit, array)
    for (row, column), value in np.ndenumerate(array):
        x, y = left + column * cell, top - (row + 1) * cell
        mark, text = int(marks[row, column]), write(value)
        for look in (_fill(mark), {"fill": False, "edgecolor": PALETTE["muted"]}):
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


def _fill(mark: int) -> dict:
    if not mark:
        return {"facecolor": "white", "linewidth": 0}
    colour, white, hatch = LIT[mark]
    fill, lines = (mix(PALETTE[colour], "#FFFFFF", share) for share in (white, white - 0.25))
    return {"facecolor": fill, "edgecolor": lines, "hatch": hatch, "linewidth": 0}


def write(value: float) -> str:
    """Write a number short: whole if it is, else three digits; NaN as nothing."""
    if np.isnan(value):
        return ""
    text = f"{value:.0f}" if value == round(value) else f"{value:.3g}"
    return ("0" if text == "-0" else text).replace("-", "\N{MINUS SIGN}")


def _as_marks(lit: ArrayLike | None, array: np.ndarray) -> np.ndarray:
    marks = np.zeros(array.shape, int) if lit is None else np.asarray(lit).astype(int)
    if marks.shape != array.shape:
        raise ValueError(
            f"a highlight of shape {marks.shape} does not fit the array {array.shape}."
        )
    if not np.isin(marks, (0, *LIT)).all():
        raise ValueError(f"a highlight holds {np.unique(marks)}; it may hold 0 to {len(LIT)}.")
    return marks

"""Mark labelled squares on the images of a figure, such as receptive fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from unet_tutorial.teaching.drawing.style import PALETTE, with_style

Square = tuple[int, int, int]  # first row, first column, side, in pixels


@with_style
def mark_squares(figure: Figure, squares: Sequence[Mapping[str, Square]]) -> Figure:
    """Mark squares on the images of a figure that `panels` made, each with its label above it.

    Args:
        figure: a figure with one image per panel; it's changed.
        squares: for each panel, its squares by their labels: (first row, first column, side).
            A square with the label "" has no text.

    Returns:
        The same figure.

    Raises:
        ValueError: if there isn't one entry per panel.

    Example:
        `mark_squares(panels([image], ["image"]), [{"5 × 5": (94, 94, 5)}])`
    """
    if len(figure.axes) != len(squares):
        raise ValueError(
            f"The figure has {len(figure.axes)} panels, but squares are given for {len(squares)}."
        )
    for axes, marks in zip(figure.axes, squares, strict=True):
        for label, square in marks.items():
            _mark_square(axes, label, square)
    return figure


def _mark_square(axes: Axes, label: str, square: Square) -> None:
    """Draw a white line on a dark one, which is visible on any grey."""
    row, column, side = square
    corner = column - 0.5, row - 0.5
    for colour, width in ((PALETTE["ink"], 3.6), ("white", 1.8)):
        axes.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=colour, linewidth=width))
    if not label:
        return
    axes.annotate(
        label,
        corner,
        xytext=(0, 3),
        textcoords="offset points",
        color="white",
        weight="bold",
        bbox={"facecolor": PALETTE["ink"], "linewidth": 0, "pad": 1.5},
    )

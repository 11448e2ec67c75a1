"""Draw how the receptive field of one value grows from layer to layer, in one dimension."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from unet_tutorial.teaching.drawing.style import PALETTE, create_canvas, mix_colours, with_style

_ROWS = (  # what a row shows, its cells that one value depends on, the cell's width in pixels
    ("a value of level 1", 1, 2),
    ("one convolution earlier", 3, 2),
    ("two convolutions earlier", 5, 2),
    ("before the pooling: level 0", 10, 1),
    ("one convolution earlier", 12, 1),
    ("the image", 14, 1),
)
_PIXEL, _HEIGHT, _STEP = 0.36, 0.26, 0.56  # inches
_LEFT, _PIXELS = 2.55, 16  # where the drawing begins, and how many pixels wide it is
_MIDDLE = _LEFT + _PIXELS * _PIXEL / 2
_LIT = mix_colours(PALETTE["orange"], "#FFFFFF", 0.35)


@with_style
def draw_field_in_one_dimension() -> Figure:
    """Draw one value of level 1 above the rows of values that it depends on, down to the image."""
    bottom = 0.2
    figure, axes = create_canvas(9, bottom + (len(_ROWS) - 1) * _STEP + _HEIGHT + 0.2)
    tops = [bottom + (len(_ROWS) - 1 - i) * _STEP for i in range(len(_ROWS))]
    for (_, count, width), (_, below, narrow), y, under in zip(
        _ROWS, _ROWS[1:], tops, tops[1:], strict=False
    ):
        half, wide = count * width * _PIXEL / 2, below * narrow * _PIXEL / 2
        corners = [
            (_MIDDLE - half, y),
            (_MIDDLE + half, y),
            (_MIDDLE + wide, under + _HEIGHT),
            (_MIDDLE - wide, under + _HEIGHT),
        ]
        axes.add_artist(Polygon(corners, facecolor=PALETTE["faint"], alpha=0.6, linewidth=0))
    for (label, count, width), y in zip(_ROWS, tops, strict=True):
        axes.text(0.15, y + _HEIGHT / 2, label, va="center", size=10)
        _draw_row(axes, count, width, y)
        right = _LEFT + _PIXELS * _PIXEL + 0.2
        axes.text(right, y + _HEIGHT / 2, str(count), va="center", size=11, weight="bold")
    return figure


def _draw_row(axes: Axes, count: int, width: int, y: float) -> None:
    """Draw a row of cells; the `count` cells in the middle are lit and have a thick frame."""
    side = width * _PIXEL
    start = _MIDDLE - count * side / 2
    more = int((start - _LEFT) / side + 1e-9)  # cells that aren't lit, on each side
    for index in range(-more, count + more):
        lit = 0 <= index < count
        look = {"facecolor": _LIT if lit else "white", "edgecolor": PALETTE["muted"]}
        axes.add_artist(Rectangle((start + index * side, y), side, _HEIGHT, linewidth=0.8, **look))
    frame = {"fill": False, "edgecolor": PALETTE["ink"], "linewidth": 1.8}
    axes.add_artist(Rectangle((start, y), count * side, _HEIGHT, **frame))

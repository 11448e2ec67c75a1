"""Draw the boxes and arrows of network diagrams: a box is a tensor, an arrow an operation."""

from __future__ import annotations

from math import hypot
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from unet_tutorial.teaching.drawing.style import PALETTE, mix_colours

ARROWS = {  # kind: (legend, colour, line style, line width)
    "double_conv": ("double convolution", PALETTE["ink"], "-", 1.3),
    "max_pool": ("max pooling", PALETTE["vermillion"], "-", 2.6),
    "transposed_convolution": ("transposed convolution", PALETTE["green"], "-", 2.6),
    "skip_connection": ("skip connection", PALETTE["blue"], (0, (4, 2)), 1.6),
    "one_by_one": ("1×1 convolution", PALETTE["purple"], (0, (1, 1)), 2.6),
}
Point = tuple[float, float]  # inches
_HEAD_LENGTH, _HEAD_HALF_WIDTH = 0.11, 0.055  # of an arrow, in inches
SHADES = (0.45, 0.75, 0.15)  # share of white in the colours of the front, top and right face


class Slab(NamedTuple):
    """A tensor as a 3D box, in inches; (x, y) is the lower left corner of its front face.

    The width shows the channels, the height the rows and the depth the columns.
    """

    x: float
    y: float
    width: float
    height: float
    depth: float

    @property
    def right(self) -> float:
        return self.x + self.width + self.depth

    @property
    def top(self) -> float:
        return self.y + self.height + 0.7 * self.depth

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x + self.right) / 2, (self.y + self.top) / 2


def slab_faces(slab: Slab) -> list[list[Point]]:
    """Corners of the front, top and right face of a box."""
    x, y, w, h, d = slab
    u = 0.7 * d  # how far the back edges are above the front ones
    return [
        [(x, y), (x + w, y), (x + w, y + h), (x, y + h)],
        [(x, y + h), (x + w, y + h), (x + w + d, y + h + u), (x + d, y + h + u)],
        [(x + w, y), (x + w + d, y + u), (x + w + d, y + h + u), (x + w, y + h)],
    ]


def draw_slab(axes: Axes, slab: Slab, colour: str, *, strong: bool = True) -> None:
    """Draw a box in perspective, in pale colours unless `strong`."""
    for share, corners in zip(SHADES, slab_faces(slab), strict=True):
        patch = Polygon(
            corners,
            facecolor=mix_colours(
                colour, PALETTE["paper"], share if strong else 0.8 + 0.15 * share
            ),
            edgecolor=mix_colours(
                colour, *(("#000000", 0.45) if strong else (PALETTE["paper"], 0.6))
            ),
            linewidth=1.0 if strong else 0.6,
            joinstyle="round",
            zorder=5 if strong else 4,
        )
        axes.add_artist(patch)


def compute_arrow_head(start: Point, end: Point) -> tuple[Point, list[Point]]:
    """Compute the base of an arrow head, which ends the line, and the head's three corners."""
    reach = hypot(end[0] - start[0], end[1] - start[1])
    ux, uy = (end[0] - start[0]) / reach, (end[1] - start[1]) / reach
    length = min(_HEAD_LENGTH, 0.6 * reach)
    neck = end[0] - length * ux, end[1] - length * uy
    wings = [
        (neck[0] - s * _HEAD_HALF_WIDTH * uy, neck[1] + s * _HEAD_HALF_WIDTH * ux) for s in (1, -1)
    ]
    return neck, [end, *wings]


def draw_arrow(axes: Axes, start: Point, end: Point, kind: str, *, strong: bool = True) -> None:
    """Draw a straight arrow in the style that ARROWS gives its kind, pale unless `strong`."""
    _, colour, line, width = ARROWS[kind]
    colour = colour if strong else mix_colours(colour, PALETTE["paper"], 0.6)
    neck, head = compute_arrow_head(start, end)
    zorder = 6 if strong else 3
    axes.plot(
        (start[0], neck[0]),
        (start[1], neck[1]),
        color=colour,
        linestyle=line,
        linewidth=width if strong else 1.0,
        solid_capstyle="butt",
        dash_capstyle="butt",
        zorder=zorder,
    )
    axes.add_artist(Polygon(head, facecolor=colour, linewidth=0, zorder=zorder))

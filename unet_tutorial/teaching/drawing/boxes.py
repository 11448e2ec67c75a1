"""The boxes and arrows that diagrams are made of: a tensor is a box, an operation an arrow."""

from __future__ import annotations

from math import hypot
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from unet_tutorial.teaching.drawing.style import PALETTE, mix

ARROWS = {  # kind: (what the legend says, colour, line style, line width)
    "double_conv": ("double convolution", PALETTE["ink"], "-", 1.3),
    "max_pool": ("max pooling", PALETTE["vermillion"], "-", 2.6),
    "transposed_convolution": ("transposed convolution", PALETTE["green"], "-", 2.6),
    "skip_connection": ("skip connection", PALETTE["blue"], (0, (4, 2)), 1.6),
    "one_by_one": ("1×1 convolution", PALETTE["purple"], (0, (1, 1)), 2.6),
}
Point = tuple[float, float]  # inches
HEAD_LENGTH, HEAD_WIDTH = 0.11, 0.055  # of an arrow, in inches; the width is half of it
SHADES = (0.45, 0.75, 0.15)  # how much of the paper is in a box's front, top and right face


class Slab(NamedTuple):
    """A tensor as a box, in inches: lower left corner of its front, its sides, its depth.

    Its width stands for the channels, its height for the rows, its depth for the columns.
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


def faces(slab: Slab) -> list[list[Point]]:
    """Return the corners of a box's front, top and right face."""
    x, y, w, h, d = slab
    u = 0.7 * d
    return [
        [(x, y), (x + w, y), (x + w, y + h), (x, y + h)],
        [(x, y + h), (x + w, y + h), (x + w + d, y + h + u), (x + d, y + h + u)],
        [(x + w, y), (x + w + d, y + u), (x + w + d, y + h + u), (x + w, y + h)],
    ]


def draw_slab(axes: Axes, slab: Slab, colour: str, *, strong: bool = True) -> None:
    """Draw the front, top and right faces of a box, pale unless `strong`."""
    for share, corners in zip(SHADES, faces(slab), strict=True):
        patch = Polygon(
            corners,
            facecolor=mix(colour, PALETTE["paper"], share if strong else 0.8 + 0.15 * share),
            edgecolor=mix(colour, *(("#000000", 0.45) if strong else (PALETTE["paper"], 0.6))),
            linewidth=1.0 if strong else 0.6,
            joinstyle="round",
            zorder=5 if strong else 4,
        )
        axes.add_artist(patch)


def arrow_shape(start: Point, end: Point) -> tuple[Point, list[Point]]:
    """Return where an arrow's line ends and its head begins, and the head's three corners."""
    reach = hypot(end[0] - start[0], end[1] - start[1])
    ux, uy = (end[0] - start[0]) / reach, (end[1] - start[1]) / reach
    length = min(HEAD_LENGTH, 0.6 * reach)
    neck = end[0] - length * ux, end[1] - length * uy
    wings = [(neck[0] - s * HEAD_WIDTH * uy, neck[1] + s * HEAD_WIDTH * ux) for s in (1, -1)]
    return neck, [end, *wings]


def arrow(axes: Axes, start: Point, end: Point, kind: str, *, strong: bool = True) -> None:
    """Draw one of the ARROWS, straight from `start` to `end`, pale unless `strong`."""
    _, colour, line, width = ARROWS[kind]
    colour = colour if strong else mix(colour, PALETTE["paper"], 0.6)
    neck, head = arrow_shape(start, end)
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

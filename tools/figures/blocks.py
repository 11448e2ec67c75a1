"""One picture for each block of the network: its layers, and slabs for what goes in and out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from unet_tutorial.shapes import (
    conv_output_size,
    conv_transpose_output_size,
    max_pool_output_size,
    receptive_field,
)
from unet_tutorial.teaching.drawing.boxes import ARROWS, Point, Slab, arrow, draw_slab
from unet_tutorial.teaching.drawing.grids import draw_cells
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, canvas, styled

IN, OUT = PALETTE["blue"], PALETTE["orange"]
DOUBLE = "DoubleConv", "3×3, BatchNorm,\nReLU, twice"
INCH = 1.25 / 480  # of a slab's height, for a pixel


class Tensor(NamedTuple):
    """A tensor (N, channels, side, side) in a picture, and the inches of its middle."""

    channels: int
    side: int
    x: float
    y: float

    @property
    def reach(self) -> float:
        """Half its width on the page."""
        return self.slab.width / 2 + self.slab.depth / 2

    @property
    def slab(self) -> Slab:
        """The box that stands for it: wider with its channels, taller with its side."""
        wide, high = 0.06 + 0.0022 * self.channels, self.side * INCH
        deep = 0.28 * high
        return Slab(
            self.x - (wide + deep) / 2, self.y - 0.5 * (high + 0.7 * deep), wide, high, deep
        )


@styled
def double_conv(size: int = 240, channels: tuple[int, int] = (64, 128)) -> Figure:
    """Draw the block layer by layer with its shapes, and what one output pixel sees of each."""
    figure, axes = canvas(WIDTH, 4.05)
    before, after = channels
    kept = conv_output_size(size, 3, padding=1)
    columns = ((0.85, before, size), (4.3, after, kept), (7.75, after, kept))
    for index, (x, count, side) in enumerate(columns):
        wide = 0.22 if count == before else 0.34
        slab = Slab(x - wide / 2 - 0.12, 2.5, wide, 1.05, 0.25)
        draw_slab(axes, slab, IN)
        label(axes, x, 2.42, f"(N, {count}, {side}, {side})")
        seen = receptive_field([(3, 1)] * (2 - index))
        field = np.abs(np.indices((5, 5)) - 2).max(axis=0) <= seen // 2
        draw_cells(axes, np.full((5, 5), np.nan), (x - 0.5, 1.8), 0.2, field)
        label(axes, x, 0.74, f"{seen} × {seen}" if seen > 1 else "1 pixel")
        if index < 2:
            _layers(axes, x + 0.65, x + 2.8)
            arrow(axes, (x + 2.7, 1.3), (x + 0.75, 1.3), "double_conv")
            axes.text(x + 1.725, 1.38, "depends on", ha="center", va="bottom", size=9.5)
    text = "One output pixel depends on 3 × 3 pixels of the middle and on 5 × 5 of the input."
    axes.text(WIDTH / 2, 0.25, text, ha="center", va="center", size=10)
    return figure


def _layers(axes: Axes, left: float, right: float) -> None:
    """The three layers of half a double convolution, one below the other as they are run."""
    middle, rows = (left + right) / 2, (3.55, 3.0, 2.62)
    names = ("Conv2d 3×3\npadding 1, no bias", "BatchNorm2d", "ReLU")
    for name, y, high in zip(names, rows, (0.44, 0.26, 0.26), strict=True):
        look = {"boxstyle": "round,pad=0,rounding_size=0.06", "facecolor": "white"}
        corner = (middle - 0.75, y - high / 2)
        axes.add_artist(FancyBboxPatch(corner, 1.5, high, edgecolor=PALETTE["ink"], **look))
        axes.text(middle, y, name, ha="center", va="center", size=9.5)
    for start, end in (
        ((left - 0.15, rows[0]), (middle - 0.77, rows[0])),
        ((middle, rows[0] - 0.22), (middle, rows[1] + 0.13)),
        ((middle, rows[1] - 0.13), (middle, rows[2] + 0.13)),
        ((middle + 0.75, rows[2]), (right + 0.15, rows[2])),
    ):
        arrow(axes, start, end, "double_conv")


@styled
def down(size: int = 480, channels: tuple[int, int] = (64, 128)) -> Figure:
    """Draw the block at its first step in the network: max pooling, then a DoubleConv."""
    figure, axes = canvas(WIDTH, 2.95)
    before, after = channels
    half = max_pool_output_size(size, 2)
    x, pooled = Tensor(before, size, 0.9, 1.75), Tensor(before, half, 4.35, 1.75)
    made = Tensor(after, half, 7.85, 1.75)
    for tensor in (x, pooled, made):
        _tensor(axes, tensor, IN, foot=0.75)
    _layer(axes, x, pooled, "max_pool", ("MaxPool2d(2, 2)", "the largest of\neach 2 × 2"))
    _layer(axes, pooled, made, "double_conv", DOUBLE)
    text = f"Max pooling halves height and width; the double convolution makes {after} of {before} "
    axes.text(WIDTH / 2, 0.25, f"{text}channels.", ha="center", va="center", size=10)
    return figure


@styled
def up(size: int = 240, channels: tuple[int, int] = (128, 64)) -> Figure:
    """Draw the block at its last step in the network: x from below and the skip both come in."""
    figure, axes = canvas(WIDTH, 4.4)
    before, after = channels
    full, low = conv_transpose_output_size(size, 2, stride=2), 1.55
    x, risen = Tensor(before, size, 0.85, low), Tensor(before // 2, full, 3.6, low)
    skip = Tensor(before - before // 2, full, 0.85, 3.5)
    joined, made = Tensor(before, full, 5.7, low), Tensor(after, full, 8.25, low)
    _tensor(axes, x, OUT, foot=0.72, name="x")
    _tensor(axes, risen, OUT, foot=0.72)
    _tensor(axes, skip, IN, name="skip")
    left, right = _halves(joined.slab)
    draw_slab(axes, left, IN)
    draw_slab(axes, right, OUT)
    shape = f"{skip.channels} + {risen.channels}, {full}, {full}"
    label(axes, joined.x, 0.72, f"(N, {shape})")
    _tensor(axes, made, OUT, foot=0.72)
    kernel = "ConvTranspose2d", "kernel 2,\nstride 2"
    _layer(axes, x, risen, "transposed_convolution", kernel)
    _layer(axes, joined, made, "double_conv", DOUBLE)
    _join(axes, skip, risen, joined)
    text = (
        "x gets twice the side and half the channels; the skip adds as many; the double convolution"
    )
    axes.text(WIDTH / 2, 0.22, f"{text} mixes them.", ha="center", va="center", size=10)
    return figure


@styled
def out_conv(size: int = 480, channels: int = 64, classes: int = 1) -> Figure:
    """Draw the last layer of the network: a 1x1 convolution with bias."""
    figure, axes = canvas(WIDTH, 2.95)
    same = conv_output_size(size, 1)
    x, logits = Tensor(channels, size, 2.2, 1.75), Tensor(classes, same, 6.8, 1.75)
    _tensor(axes, x, OUT, foot=0.85)
    _tensor(axes, logits, OUT, foot=0.85)
    words = "Conv2d 1×1", "with bias"
    _layer(axes, x, logits, "one_by_one", words)
    text = f"At every pixel, {channels} numbers become {classes} logit; height and width stay."
    axes.text(WIDTH / 2, 0.25, text, ha="center", va="center", size=10)
    return figure


def _tensor(axes: Axes, tensor: Tensor, colour: str, foot: float = 0, name: str = "") -> None:
    """The slab, and its shape below it: at the height `foot`, or close under it."""
    draw_slab(axes, tensor.slab, colour)
    shape = f"(N, {tensor.channels}, {tensor.side}, {tensor.side})"
    text = f"{name} {shape}" if name else shape
    label(axes, tensor.x, foot or tensor.slab.y - 0.08, text)


def _layer(axes: Axes, before: Tensor, after: Tensor, kind: str, words: tuple[str, str]) -> None:
    """A layer's box between two slabs, with the arrow that this operation has in the U."""
    middle = (before.x + before.reach + after.x - after.reach) / 2
    name, about = words
    look = {"boxstyle": "round,pad=0,rounding_size=0.06", "facecolor": "white"}
    corner = (middle - 0.7, before.y - 0.36)
    axes.add_artist(FancyBboxPatch(corner, 1.4, 0.72, edgecolor=PALETTE["ink"], **look))
    axes.text(middle, before.y + 0.2, name, ha="center", va="center", size=9.5, weight="bold")
    axes.text(middle, before.y - 0.12, about, ha="center", va="center", size=9)
    arrow(axes, (before.x + before.reach + 0.06, before.y), (middle - 0.72, before.y), kind)
    arrow(axes, (middle + 0.72, before.y), (after.x - after.reach - 0.06, before.y), kind)


def _halves(slab: Slab) -> tuple[Slab, Slab]:
    """A slab cut in two along its channels."""
    left = slab._replace(width=slab.width / 2)
    return left, left._replace(x=slab.x + left.width)


def _join(axes: Axes, skip: Tensor, risen: Tensor, joined: Tensor) -> None:
    """The two ways into the joined slab: along from `risen`, and over and down from `skip`."""
    _, colour, line, width = ARROWS["skip_connection"]
    top: Point = (joined.x, skip.y)
    axes.plot((skip.x + skip.reach + 0.06, top[0]), (top[1],) * 2, c=colour, ls=line, lw=width)
    arrow(axes, top, (joined.x, joined.slab.top + 0.06), "skip_connection")
    axes.text(3.6, skip.y + 0.08, "skip connection", ha="center", va="bottom", size=9.5)
    start, end = risen.x + risen.reach + 0.06, joined.x - joined.reach - 0.06
    arrow(axes, (start, risen.y), (end, risen.y), "double_conv")
    text = "torch.cat,\ndim=1"
    axes.text((start + end) / 2, risen.y + 0.08, text, ha="center", va="bottom", size=9.5)


def label(axes: Axes, x: float, y: float, text: str) -> None:
    """Write what a slab or picture is, centred under it."""
    axes.text(x, y, text, ha="center", va="top", size=9.5, linespacing=1.4)

"""Draw the blocks of the network: their layers, and boxes for the tensors in between."""

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
from unet_tutorial.teaching.drawing.boxes import ARROWS, Point, Slab, draw_arrow, draw_slab
from unet_tutorial.teaching.drawing.grids import draw_cells
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, create_canvas, with_style
from unet_tutorial.teaching.drawing.u_diagram import DOWN_COLOUR, UP_COLOUR

_DOUBLE_CONV_TEXTS = "DoubleConv", "3×3, BatchNorm,\nReLU, twice"
_INCHES_PER_PIXEL = 1.25 / 480  # of a box's height


class _TensorBox(NamedTuple):
    """A tensor (N, channels, side, side) drawn as a box; (x, y) is its centre in inches."""

    channels: int
    side: int
    x: float
    y: float

    @property
    def half_width(self) -> float:
        return self.slab.width / 2 + self.slab.depth / 2

    @property
    def slab(self) -> Slab:
        """The box: more channels make it wider, a larger side makes it taller."""
        wide, high = 0.06 + 0.0022 * self.channels, self.side * _INCHES_PER_PIXEL
        deep = 0.28 * high
        return Slab(
            self.x - (wide + deep) / 2, self.y - 0.5 * (high + 0.7 * deep), wide, high, deep
        )


@with_style
def draw_double_conv(size: int = 240, channels: tuple[int, int] = (64, 128)) -> Figure:
    """Draw the block layer by layer, with shapes and the receptive field of one output pixel."""
    figure, axes = create_canvas(WIDTH, 4.05)
    before, after = channels
    kept = conv_output_size(size, 3, padding=1)
    columns = ((0.85, before, size), (4.3, after, kept), (7.75, after, kept))
    for index, (x, count, side) in enumerate(columns):
        wide = 0.22 if count == before else 0.34
        slab = Slab(x - wide / 2 - 0.12, 2.5, wide, 1.05, 0.25)
        draw_slab(axes, slab, DOWN_COLOUR)
        write_label(axes, x, 2.42, f"(N, {count}, {side}, {side})")
        seen = receptive_field([(3, 1)] * (2 - index))
        field = np.abs(np.indices((5, 5)) - 2).max(axis=0) <= seen // 2
        draw_cells(axes, np.full((5, 5), np.nan), (x - 0.5, 1.8), 0.2, field)
        write_label(axes, x, 0.74, f"{seen} × {seen}" if seen > 1 else "1 pixel")
        if index < 2:
            _draw_layers(axes, x + 0.65, x + 2.8)
            draw_arrow(axes, (x + 2.7, 1.3), (x + 0.75, 1.3), "double_conv")
            axes.text(x + 1.725, 1.38, "depends on", ha="center", va="bottom", size=9.5)
    text = "Through the two convolutions, a value depends on 5 × 5 pixels of the input."
    axes.text(WIDTH / 2, 0.25, text, ha="center", va="center", size=10)
    return figure


def _draw_layers(axes: Axes, left: float, right: float) -> None:
    """Draw the three layers of half a double convolution, one below the other."""
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
        draw_arrow(axes, start, end, "double_conv")


@with_style
def draw_down(size: int = 480, channels: tuple[int, int] = (64, 128)) -> Figure:
    """Draw the network's first Down block: max pooling, then a DoubleConv."""
    figure, axes = create_canvas(WIDTH, 2.95)
    before, after = channels
    half = max_pool_output_size(size, 2)
    x, pooled = _TensorBox(before, size, 0.9, 1.75), _TensorBox(before, half, 4.35, 1.75)
    made = _TensorBox(after, half, 7.85, 1.75)
    for tensor in (x, pooled, made):
        _draw_tensor(axes, tensor, DOWN_COLOUR, foot=0.75)
    _draw_layer(axes, x, pooled, "max_pool", ("MaxPool2d(2, 2)", "the largest of\neach 2 × 2"))
    _draw_layer(axes, pooled, made, "double_conv", _DOUBLE_CONV_TEXTS)
    text = "Max pooling halves height and width; the double convolution turns "
    text += f"{before} channels into {after}."
    axes.text(WIDTH / 2, 0.25, text, ha="center", va="center", size=10)
    return figure


@with_style
def draw_up(size: int = 240, channels: tuple[int, int] = (128, 64)) -> Figure:
    """Draw the network's last Up block, with its two inputs: x from below, and the skip."""
    figure, axes = create_canvas(WIDTH, 4.4)
    before, after = channels
    full, low = conv_transpose_output_size(size, 2, stride=2), 1.55
    x, risen = _TensorBox(before, size, 0.85, low), _TensorBox(before // 2, full, 3.6, low)
    skip = _TensorBox(before - before // 2, full, 0.85, 3.5)
    joined, made = _TensorBox(before, full, 5.7, low), _TensorBox(after, full, 8.25, low)
    _draw_tensor(axes, x, UP_COLOUR, foot=0.72, name="x")
    _draw_tensor(axes, risen, UP_COLOUR, foot=0.72)
    _draw_tensor(axes, skip, DOWN_COLOUR, name="skip")
    left, right = _split_slab(joined.slab)
    draw_slab(axes, left, DOWN_COLOUR)
    draw_slab(axes, right, UP_COLOUR)
    shape = f"{skip.channels} + {risen.channels}, {full}, {full}"
    write_label(axes, joined.x, 0.72, f"(N, {shape})")
    _draw_tensor(axes, made, UP_COLOUR, foot=0.72)
    kernel = "ConvTranspose2d", "kernel 2,\nstride 2"
    _draw_layer(axes, x, risen, "transposed_convolution", kernel)
    _draw_layer(axes, joined, made, "double_conv", _DOUBLE_CONV_TEXTS)
    _draw_concat_arrows(axes, skip, risen, joined)
    text = "x gets twice the side and half the channels; the skip brings as many; "
    text += "the double convolution reads both."
    axes.text(WIDTH / 2, 0.22, text, ha="center", va="center", size=10)
    return figure


@with_style
def draw_out_conv(size: int = 480, channels: int = 64, classes: int = 1) -> Figure:
    """Draw the network's last layer, a 1x1 convolution with bias."""
    figure, axes = create_canvas(WIDTH, 2.95)
    same = conv_output_size(size, 1)
    x, logits = _TensorBox(channels, size, 2.2, 1.75), _TensorBox(classes, same, 6.8, 1.75)
    _draw_tensor(axes, x, UP_COLOUR, foot=0.85)
    _draw_tensor(axes, logits, UP_COLOUR, foot=0.85)
    words = "Conv2d 1×1", "with bias"
    _draw_layer(axes, x, logits, "one_by_one", words)
    text = f"At every pixel, {channels} numbers become {classes} logit; height and width stay."
    axes.text(WIDTH / 2, 0.25, text, ha="center", va="center", size=10)
    return figure


def _draw_tensor(
    axes: Axes, tensor: _TensorBox, colour: str, foot: float = 0, name: str = ""
) -> None:
    """Draw a tensor with its shape below: at the height `foot`, or right under the box."""
    draw_slab(axes, tensor.slab, colour)
    shape = f"(N, {tensor.channels}, {tensor.side}, {tensor.side})"
    text = f"{name} {shape}" if name else shape
    write_label(axes, tensor.x, foot or tensor.slab.y - 0.08, text)


def _draw_layer(
    axes: Axes, before: _TensorBox, after: _TensorBox, kind: str, words: tuple[str, str]
) -> None:
    """Draw a layer between two tensors, with the arrows that its operation has in `u_diagram`."""
    middle = (before.x + before.half_width + after.x - after.half_width) / 2
    name, about = words
    look = {"boxstyle": "round,pad=0,rounding_size=0.06", "facecolor": "white"}
    corner = (middle - 0.7, before.y - 0.36)
    axes.add_artist(FancyBboxPatch(corner, 1.4, 0.72, edgecolor=PALETTE["ink"], **look))
    axes.text(middle, before.y + 0.2, name, ha="center", va="center", size=9.5, weight="bold")
    axes.text(middle, before.y - 0.12, about, ha="center", va="center", size=9)
    draw_arrow(
        axes, (before.x + before.half_width + 0.06, before.y), (middle - 0.72, before.y), kind
    )
    draw_arrow(axes, (middle + 0.72, before.y), (after.x - after.half_width - 0.06, before.y), kind)


def _split_slab(slab: Slab) -> tuple[Slab, Slab]:
    """Split a box in two along its channels."""
    left = slab._replace(width=slab.width / 2)
    return left, left._replace(x=slab.x + left.width)


def _draw_concat_arrows(
    axes: Axes, skip: _TensorBox, risen: _TensorBox, joined: _TensorBox
) -> None:
    """Draw the arrows that lead to `joined`: straight from `risen`, and around from `skip`."""
    _, colour, line, width = ARROWS["skip_connection"]
    top: Point = (joined.x, skip.y)
    axes.plot((skip.x + skip.half_width + 0.06, top[0]), (top[1],) * 2, c=colour, ls=line, lw=width)
    draw_arrow(axes, top, (joined.x, joined.slab.top + 0.06), "skip_connection")
    axes.text(3.6, skip.y + 0.08, "skip connection", ha="center", va="bottom", size=9.5)
    start, end = risen.x + risen.half_width + 0.06, joined.x - joined.half_width - 0.06
    draw_arrow(axes, (start, risen.y), (end, risen.y), "double_conv")
    text = "torch.cat,\ndim=1"
    axes.text((start + end) / 2, risen.y + 0.08, text, ha="center", va="bottom", size=9.5)


def write_label(axes: Axes, x: float, y: float, text: str) -> None:
    """Write a label, centred below the point (x, y)."""
    axes.text(x, y, text, ha="center", va="top", size=9.5, linespacing=1.4)

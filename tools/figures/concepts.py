"""Draw concepts: the task, classification or segmentation, concatenation, 1x1s, tiling."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tools.figures.blocks import write_label
from unet_tutorial.teaching.drawing.boxes import Slab, draw_arrow, draw_slab
from unet_tutorial.teaching.drawing.grids import draw_cells, format_number
from unet_tutorial.teaching.drawing.style import (
    PALETTE,
    WIDTH,
    create_canvas,
    mix_colours,
    with_style,
)
from unet_tutorial.teaching.drawing.u_diagram import DOWN_COLOUR, UP_COLOUR


@with_style
def draw_image_to_mask(image: np.ndarray, mask: np.ndarray) -> Figure:
    """Draw what the course is about: an image, the network as a small U, and the network's mask.

    `image` (H, W) in [0, 1] and `mask` (H, W) bool are square.
    """
    figure, axes = create_canvas(WIDTH, 3.2)
    _draw_image(axes, image, 0.25, 0.5, 2.55)
    _draw_image(axes, mask, 6.2, 0.5, 2.55)
    draw_arrow(axes, (2.88, 1.78), (3.22, 1.78), "double_conv")
    draw_arrow(axes, (5.78, 1.78), (6.12, 1.78), "double_conv")
    _draw_small_u(axes, middle=4.5, top=3.05)
    write_label(axes, 1.52, 0.42, "a microscope image")
    write_label(axes, 4.5, 0.42, "the network: a U-Net")
    write_label(axes, 7.48, 0.42, "its answer: nuclei are white")
    return figure


def _draw_small_u(axes: Axes, middle: float, top: float) -> None:
    """Draw the five levels of the U-Net as boxes, joined by arrows, without any text."""
    down, up = [], []
    for level in range(5):
        side = 0.45 * 0.78**level
        box = Slab(0, top - 1.2 * side, 0.1 + 0.03 * level, side, 0.28 * side)
        half = (box.width + box.depth) / 2
        reach = 0.54 + 0.14 * (4 - level) if level < 4 else 0
        down.append(box._replace(x=middle - reach - half))
        up.append(box._replace(x=middle + reach - half))
        top = box.y - 0.2
    for left, right in zip(down, up, strict=True):
        draw_slab(axes, right, UP_COLOUR)
        draw_slab(axes, left, DOWN_COLOUR)  # on top in the middle, where both are the bottleneck
    for (left, right), (low, low_right) in pairwise(zip(down, up, strict=True)):
        y = left.centre[1]
        draw_arrow(axes, (left.right + 0.06, y), (right.x - 0.06, y), "skip_connection")
        ends = (left.centre[0], left.y - 0.03), (low.centre[0] - 0.07, low.top + 0.02)
        draw_arrow(axes, *ends, "max_pool")
        ends = (low_right.centre[0] + 0.07, low_right.top + 0.02), (right.centre[0], right.y - 0.01)
        draw_arrow(axes, *ends, "transposed_convolution")


@with_style
def draw_classify_or_segment(image: np.ndarray, mask: np.ndarray) -> Figure:
    """Draw the two tasks: one answer for the whole image, and one for each pixel.

    `image` is (H, W) in [0, 1] and `mask` (H, W) bool; the labels name the shapes for 480x480.
    """
    figure, axes = create_canvas(WIDTH, 3.9)
    _draw_image(axes, image, 0.25, 1.1, 2.0)
    write_label(axes, 1.25, 1.02, "(N, 1, 480, 480)")
    _draw_step(axes, (2.4, 2.05), (3.5, 2.05), "convolutions")
    draw_slab(axes, Slab(3.7, 1.75, 0.5, 0.5, 0.18), DOWN_COLOUR)
    write_label(axes, 4.05, 1.67, "features")
    draw_arrow(axes, (4.55, 2.3), (6.2, 3.05), "double_conv")
    draw_arrow(axes, (4.55, 1.85), (6.2, 1.25), "double_conv")
    axes.text(5.2, 2.85, "fully connected\nlayer", ha="center", va="bottom", size=9.5)
    axes.text(5.2, 1.35, "convolution", ha="center", va="top", size=9.5)
    axes.text(6.4, 3.62, "classification", weight="bold", size=10.5)
    axes.text(6.4, 3.41, "one answer for the image", size=9.5)
    lit = np.arange(10)[None] == 3
    draw_cells(axes, np.full((1, 10), np.nan), (6.4, 3.32), 0.24, lit)
    axes.text(6.4, 3.01, "(N, 10)", va="top", size=9.5)
    axes.text(6.4, 2.46, "segmentation", weight="bold", size=10.5)
    axes.text(6.4, 2.25, "one answer for every pixel", size=9.5)
    _draw_image(axes, mask, 6.4, 0.4, 1.75)
    axes.text(6.4, 0.32, "(N, 1, 480, 480)", va="top", size=9.5)
    return figure


@with_style
def draw_concatenation() -> Figure:
    """Draw the skip and the upsampled tensor concatenated along the channels."""
    figure, axes = create_canvas(WIDTH, 2.5)
    skip, up = Slab(0.75, 0.85, 0.5, 1.0, 0.3), Slab(2.85, 0.85, 0.5, 1.0, 0.3)
    draw_slab(axes, skip, DOWN_COLOUR)
    write_label(axes, 1.15, 0.75, "skip\n(N, 64, 480, 480)")
    draw_slab(axes, up, UP_COLOUR)
    write_label(axes, 3.25, 0.75, "upsampled\n(N, 64, 480, 480)")
    _draw_step(axes, (4.1, 1.45), (6.0, 1.45), "torch.cat, dim=1")
    draw_slab(axes, skip._replace(x=6.6), DOWN_COLOUR)
    draw_slab(axes, up._replace(x=7.1), UP_COLOUR)
    write_label(axes, 7.25, 0.75, "side by side along dim 1\n(N, 64 + 64, 480, 480)")
    axes.text(2.2, 1.4, "and", ha="center", va="center", size=11, color=PALETTE["muted"])
    return figure


@with_style
def draw_one_by_one() -> Figure:
    """Draw a 1x1 convolution: the same weighted sum of the channels at every pixel."""
    features = np.arange(36).reshape(4, 3, 3) * 7 % 5  # (C, H, W)
    weights, bias = np.array([2, -1, 1, -2]), 3
    logits = np.tensordot(weights, features, axes=1) + bias  # (H, W)
    pixel = np.zeros((3, 3), int)
    pixel[1, 2] = 1
    figure, axes = create_canvas(7.6, 3.1)
    cell, top = 0.34, 2.7
    for index, (sheet, weight) in enumerate(zip(features, weights, strict=True)):
        x = 0.25 + 1.4 * index
        axes.text(x + 1.5 * cell, top + 0.08, f"channel {index}", ha="center", size=9.5)
        draw_cells(axes, sheet, (x, top), cell, pixel)
        draw_cells(axes, weight.reshape(1, 1), (x + cell, 1.35), cell, [[2]])
        axes.text(x + cell - 0.1, 1.35 - cell / 2, "×", ha="right", va="center", size=12)
        sign = "+" if index < 3 else f"+ {bias} ="
        axes.text(x + 3 * cell + 0.19, 1.35 - cell / 2, sign, ha="center", va="center", size=12)
    axes.text(6.2 + 1.5 * cell, top + 0.08, "logits", ha="center", size=9.5, weight="bold")
    draw_cells(axes, logits, (6.2, top), cell, pixel)
    draw_cells(axes, logits[1:2, 2:], (6.2 + cell, 1.35), cell, [[1]])
    pairs = zip(weights, features[:, 1, 2], strict=True)
    terms = " + ".join(
        f"({format_number(w)})·{format_number(x)}" if w < 0 else f"{w}·{x}" for w, x in pairs
    )
    text = f"the lit pixel: {terms} + {bias} = {format_number(logits[1, 2])}"
    axes.text(0.25, 0.6, text, va="center", weight="bold")
    note = "every other pixel: the same four weights, the same bias, its own four numbers"
    axes.text(0.25, 0.27, note, va="center", size=9.5)
    return figure


@with_style
def draw_tiling(image: np.ndarray, mask: np.ndarray, tile: int = 320, overlap: int = 96) -> Figure:
    """Draw one tile of a large image: the part the network sees, and the part that is kept.

    `image` (480, 480) in [0, 1] and `mask` (480, 480) bool may both be shrunk by the same factor.
    """
    figure, axes = create_canvas(WIDTH, 3.6)
    scale = image.shape[0] / 480
    core, first = tile - 2 * overlap, (480 - tile) // 2
    cut = slice(round(first * scale), round((first + tile) * scale))
    inch = 2.6 / 480  # on the page, for a pixel
    side, margin, y = tile * inch, overlap * inch, 0.6
    _draw_image(axes, image, 0.25, y, 2.6)
    for step in range(core, 480, core):
        for ends in (((0, 480), (step, step)), ((step, step), (0, 480))):
            xs, ys = (np.array(end) * inch for end in ends)
            axes.plot(0.25 + xs, y + ys, color="white", linewidth=0.8, linestyle=(0, (3, 3)))
    _draw_tile(axes, (0.25 + first * inch, y + first * inch), side, margin)
    low = y + first * inch
    _draw_image(axes, image[cut, cut], 3.75, low, side)
    _draw_tile(axes, (3.75, low), side, margin)
    _draw_image(axes, mask[cut, cut], 6.75, low, side)
    _draw_tile(axes, (6.75, low), side, margin)
    _draw_step(axes, (2.95, 1.9), (3.65, 1.9), "cut")
    _draw_step(axes, (5.8, 1.9), (6.6, 1.9), "U-Net")
    write_label(axes, 1.55, 0.5, f"a large image, in cores of {core}")
    text = f"a tile of {tile} = {core} + 2 × {overlap}:\nthe core and its surroundings"
    write_label(axes, 3.75 + side / 2, low - 0.1, text)
    text = "the core's prediction is kept,\nthe hatched rest thrown away"
    write_label(axes, 6.75 + side / 2, low - 0.1, text)
    return figure


def _draw_tile(axes: Axes, corner: tuple[float, float], side: float, margin: float) -> None:
    """Draw a tile: its surroundings are hatched, its core has a frame."""
    x, y = corner
    wide = side - 2 * margin
    light = {"facecolor": "none", "edgecolor": "#8CC9F0", "hatch": "///", "linewidth": 0}
    for place in (
        (x, y, margin, side),
        (x + side - margin, y, margin, side),
        (x + margin, y, wide, margin),
        (x + margin, y + side - margin, wide, margin),
    ):
        axes.add_artist(Rectangle(place[:2], *place[2:], **light, zorder=4))
    axes.add_artist(_make_frame(corner, side, "#8CC9F0"))
    axes.add_artist(_make_frame((x + margin, y + margin), wide, PALETTE["orange"]))


def _make_frame(corner: tuple[float, float], side: float, colour: str) -> Rectangle:
    return Rectangle(corner, side, side, fill=False, edgecolor=colour, linewidth=2, zorder=5)


def _draw_image(axes: Axes, array: np.ndarray, left: float, bottom: float, side: float) -> None:
    extent = (left, left + side, bottom, bottom + side)
    look = {"cmap": "gray", "vmin": 0, "vmax": 1, "aspect": "auto", "interpolation": "none"}
    axes.imshow(array, extent=extent, **look)
    axes.add_artist(
        _make_frame((left, bottom), side, mix_colours(PALETTE["muted"], "#FFFFFF", 0.2))
    )


def _draw_step(axes: Axes, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
    draw_arrow(axes, start, end, "double_conv")
    axes.text((start[0] + end[0]) / 2, start[1] + 0.08, text, ha="center", size=9.5)

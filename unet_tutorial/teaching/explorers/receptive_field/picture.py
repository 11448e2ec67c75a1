"""Picture of a receptive field: on the image, enlarged, and as a list of all stages."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.drawing.style import (
    PALETTE,
    WIDTH,
    create_canvas,
    mix_colours,
    with_style,
)
from unet_tutorial.teaching.explorers.canvas.fast_artists import add_text
from unet_tutorial.teaching.explorers.canvas.layout import Box, draw_image
from unet_tutorial.teaching.explorers.receptive_field.receptive_fields import Field

_HEIGHT, _MARGIN, _HEAD = 5.3, 0.1, 0.3  # inches, like all lengths below; _HEAD is for a title
_LARGEST, _PATCH = 4.8, 2.2  # longest side of the image, and of the enlarged patch
_OUTSIDE = 0.45  # the image outside the patch is dimmed by this factor
_SPLIT = 5.1  # left edge of the right half
_NARROW = 0.3  # the cross would cover a patch with a side below this
_LINE, _LONGEST = 0.215, 1.4  # line height of the list, and its longest bar
_NUMBERS, _BARS = 7.3, 7.42  # right edge of the list's numbers, left edge of its bars


@with_style
def draw_field_on_image(
    image: ArrayLike, fields: Mapping[str, tuple[Field, Field]], stage: str, pixel: tuple[int, int]
) -> Figure:
    """Draw the receptive field of a value, and those of other stages at the same pixel.

    Args:
        image: uint8 array (H, W), as from `convert_to_grey`.
        fields: for each stage (field along the rows, field along the columns), as from
            `compute_field`.
        stage: its field has a thick outline, is enlarged and is marked in the list.
        pixel: (row, column) of the input, marked by a cross.

    Returns:
        A Figure of 9 by 5.3 inches. The image is darker outside the field; the fields of other
        stages have thin dashed outlines.

    Raises:
        ValueError: the stage has no fields, or the image isn't uint8 (H, W).

    Example:
        At pixel (240, 240) of 480 by 480, the logit's field has 188 rows, 146 to 333.
    """
    image = np.asarray(image)
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(f"the image must be uint8 (H, W), not {image.dtype} {image.shape}.")
    if stage not in fields:
        raise ValueError(f"stage {stage!r} has no fields. Choose from {list(fields)}.")
    figure, axes = create_canvas(WIDTH, _HEIGHT)
    rows, columns = fields[stage]
    patch = np.s_[rows.first : rows.last + 1, columns.first : columns.last + 1]
    shown = (_OUTSIDE * image).astype(np.uint8)
    shown[patch] = image[patch]
    box = _fit_box(image.shape, _MARGIN, _LARGEST, _HEIGHT - _HEAD)
    draw_image(axes, shown, box)
    _draw_outlines(axes, box, image.shape, fields, stage)
    narrow = max(rows.side, columns.side) * box.width / image.shape[1] < _NARROW
    _mark_pixel(axes, box, image.shape, pixel, around=max(rows.side, columns.side) if narrow else 1)
    add_text(axes, box.left, _HEIGHT - 0.2, "the image, and what is seen", weight="bold", size=10)
    box = _fit_box(image[patch].shape, _SPLIT, _PATCH, _HEIGHT - _HEAD)
    draw_image(axes, image[patch], box)
    _mark_pixel(axes, box, image[patch].shape, (pixel[0] - rows.first, pixel[1] - columns.first))
    add_text(axes, _SPLIT, _HEIGHT - 0.2, "the patch by itself", weight="bold", size=10)
    _write_edges(axes, box, rows, columns)
    if len(fields) > 1:
        _list_stages(axes, fields, stage)
    return figure


def _fit_box(shape: tuple[int, int], left: float, largest: float, top: float) -> Box:
    """Return the largest box below `top` with the image's proportions."""
    scale = largest / max(shape)
    return Box(left, top - scale * shape[0], scale * shape[1], scale * shape[0])


def _find_patch_corners(box: Box, shape: tuple[int, int], rows: Field, columns: Field) -> list:
    """Return the corners of a patch of the image that is drawn in `box`."""
    left, bottom, wide, tall = box
    x0, x1 = (left + wide * edge / shape[1] for edge in (columns.first, columns.last + 1))
    y0, y1 = (bottom + tall * (1 - edge / shape[0]) for edge in (rows.first, rows.last + 1))
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _draw_outlines(
    axes: Axes, box: Box, shape: tuple[int, int], fields: Mapping, stage: str
) -> None:
    thin = [
        _find_patch_corners(box, shape, *field) for name, field in fields.items() if name != stage
    ]
    look = {"facecolors": "none", "zorder": 3}
    pale = mix_colours(PALETTE["orange"], "#FFFFFF", 0.35)
    axes.add_collection(
        PolyCollection(thin, edgecolors=pale, linewidths=0.8, linestyles="--", **look)
    )
    thick = [_find_patch_corners(box, shape, *fields[stage])]
    for colour, width in (("#000000", 4.5), ("#FFFFFF", 2.2)):
        axes.add_collection(PolyCollection(thick, edgecolors=colour, linewidths=width, **look))


def _mark_pixel(
    axes: Axes, box: Box, shape: tuple[int, int], pixel: tuple[int, int], around: int = 1
) -> None:
    """Draw a cross around a pixel; its arms leave the middle `around` pixels free."""
    left, bottom, wide, tall = box
    x = left + wide * (pixel[1] + 0.5) / shape[1]
    y = bottom + tall * (1 - (pixel[0] + 0.5) / shape[0])
    inner = (0.5 * around + 0.1) * wide / shape[1] + (0.015 if around == 1 else 0.06)
    arms = [
        [(x + inner * a, y + inner * b), (x + (inner + 0.09) * a, y + (inner + 0.09) * b)]
        for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    for colour, width in (("#000000", 3.6), ("#FFFFFF", 1.6)):
        axes.add_collection(LineCollection(arms, colors=colour, linewidths=width, zorder=4))


def _write_edges(axes: Axes, box: Box, rows: Field, columns: Field) -> None:
    """Write next to the enlarged patch which rows and columns of the image it shows."""
    x, top = _SPLIT + _PATCH + 0.13, _HEIGHT - _HEAD - 0.15
    lines = [f"rows {rows.first} to {rows.last}:", f"{rows.side} pixels", ""]
    lines += [f"columns {columns.first} to {columns.last}:", f"{columns.side} pixels"]
    for index, line in enumerate(lines):
        add_text(axes, x, top - 0.19 * index, line, size=9.5)
    cut = [field for field in (rows, columns) if field.side < field.uncut]
    if cut:
        add_text(axes, x, top - 1.14, "cut at the edge", size=9.5, weight="bold")


def format_stage(name: str) -> str:
    """Return a stage's name with its level; "logits" for `out_conv`."""
    return "logits" if name == "out_conv" else f"{name}, level {level_of(name)}"


def _list_stages(axes: Axes, fields: Mapping[str, tuple[Field, Field]], stage: str) -> None:
    """List the field of each stage: rows × columns, and a bar for the longer side."""
    bars, fills, y = [], [], _HEIGHT - _HEAD - _PATCH - 0.32
    add_text(axes, _SPLIT, y, "rows × columns seen, stage by stage", size=10, weight="bold")
    longest = max(field.uncut for pair in fields.values() for field in pair)
    for name, (rows, columns) in fields.items():
        y -= _LINE
        look = {"size": 9.5, "weight": "bold" if name == stage else "normal"}
        add_text(axes, _SPLIT + 0.17, y, format_stage(name), **look)
        if name == stage:
            add_text(axes, _SPLIT, y, "▸", **look)
        length = _LONGEST * max(rows.side, columns.side) / longest
        end, top = _BARS + length, y + 0.1
        bars.append([(_BARS, y), (end, y), (end, top), (_BARS, top)])
        fills.append(PALETTE["ink"] if name == stage else PALETTE["faint"])
        text = f"{rows.side} × {columns.side}"
        add_text(axes, _NUMBERS, y, text, ha="right", **look)
    axes.add_collection(
        PolyCollection(bars, facecolors=fills, edgecolors=PALETTE["muted"], linewidths=0.6)
    )

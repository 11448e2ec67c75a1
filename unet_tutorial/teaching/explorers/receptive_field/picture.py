"""The patch of an image that one value can see: on the image, by itself, and stage by stage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, canvas, mix, styled
from unet_tutorial.teaching.explorers.canvas.fast_artists import quick_text
from unet_tutorial.teaching.explorers.canvas.layout import Box
from unet_tutorial.teaching.explorers.canvas.layout import image as draw_image
from unet_tutorial.teaching.explorers.receptive_field.receptive_fields import Field

HEIGHT, MARGIN, HEAD = 5.3, 0.1, 0.3  # inches, as all lengths below; HEAD holds a title
LARGEST, PATCH = 4.8, 2.2  # sides of the image and of its patch at most
OUTSIDE = 0.45  # of an image's brightness where the patch is not
SPLIT = 5.1  # where the right half begins
NARROW = 0.3  # a patch of this side or less would lie under the cross
LINE, LONGEST = 0.215, 1.4  # between two stages in the list, and the longest bar
NUMBERS, BARS = 7.3, 7.42  # where the list's numbers end and its bars begin


@styled
def field_on_image(
    image: ArrayLike, fields: Mapping[str, tuple[Field, Field]], stage: str, pixel: tuple[int, int]
) -> Figure:
    """Draw the patch that a value depends on, and those of other stages above the same pixel.

    Args:
        image: uint8 array (H, W), as from `as_grey`.
        fields: for each stage the field of its rows and that of its columns, as from
            `field_under`.
        stage: the one that is outlined thick, shown by itself and marked in the list.
        pixel: row and column of the input, marked by a cross.

    Returns:
        A Figure of 9 by 5.3 inches. Outside the patch the image is darker; the other stages'
        patches have thin dashed outlines.

    Raises:
        ValueError: a stage without fields, or an image that is not (H, W) of uint8.

    Example:
        Above pixel (240, 240) of 480 by 480 the logit's patch has rows 146 to 333, 188 of them.

    Source: none. Chapters 03, 04 and 08 show it.
    """
    image = np.asarray(image)
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(f"the image must be uint8 (H, W), not {image.dtype} {image.shape}.")
    if stage not in fields:
        raise ValueError(f"stage {stage!r} has no fields; there are {list(fields)}.")
    figure, axes = canvas(WIDTH, HEIGHT)
    rows, columns = fields[stage]
    patch = np.s_[rows.first : rows.last + 1, columns.first : columns.last + 1]
    shown = (OUTSIDE * image).astype(np.uint8)
    shown[patch] = image[patch]
    box = _fit(image.shape, MARGIN, LARGEST, HEIGHT - HEAD)
    draw_image(axes, shown, box)
    _outline(axes, box, image.shape, fields, stage)
    narrow = max(rows.side, columns.side) * box.width / image.shape[1] < NARROW
    _mark(axes, box, image.shape, pixel, around=max(rows.side, columns.side) if narrow else 1)
    quick_text(axes, box.left, HEIGHT - 0.2, "the image, and what is seen", weight="bold", size=10)
    box = _fit(image[patch].shape, SPLIT, PATCH, HEIGHT - HEAD)
    draw_image(axes, image[patch], box)
    _mark(axes, box, image[patch].shape, (pixel[0] - rows.first, pixel[1] - columns.first))
    quick_text(axes, SPLIT, HEIGHT - 0.2, "the patch by itself", weight="bold", size=10)
    _write_edges(axes, box, rows, columns)
    if len(fields) > 1:
        _list_stages(axes, fields, stage)
    return figure


def _fit(shape: tuple[int, int], left: float, largest: float, top: float) -> Box:
    """A box of the image's proportions, as large as may be, below `top`."""
    scale = largest / max(shape)
    return Box(left, top - scale * shape[0], scale * shape[1], scale * shape[0])


def _corners(box: Box, shape: tuple[int, int], rows: Field, columns: Field) -> list:
    """A patch's outline on the image in that box."""
    left, bottom, wide, tall = box
    x0, x1 = (left + wide * edge / shape[1] for edge in (columns.first, columns.last + 1))
    y0, y1 = (bottom + tall * (1 - edge / shape[0]) for edge in (rows.first, rows.last + 1))
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _outline(axes: Axes, box: Box, shape: tuple[int, int], fields: Mapping, stage: str) -> None:
    thin = [_corners(box, shape, *field) for name, field in fields.items() if name != stage]
    look = {"facecolors": "none", "zorder": 3}
    pale = mix(PALETTE["orange"], "#FFFFFF", 0.35)
    axes.add_collection(
        PolyCollection(thin, edgecolors=pale, linewidths=0.8, linestyles="--", **look)
    )
    thick = [_corners(box, shape, *fields[stage])]
    for colour, width in (("#000000", 4.5), ("#FFFFFF", 2.2)):
        axes.add_collection(PolyCollection(thick, edgecolors=colour, linewidths=width, **look))


def _mark(
    axes: Axes, box: Box, shape: tuple[int, int], pixel: tuple[int, int], around: int = 1
) -> None:
    """A cross round a pixel, whose arms begin outside of as many pixels as `around`."""
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
    """Write beside the patch which rows and columns of the image it holds."""
    x, top = SPLIT + PATCH + 0.13, HEIGHT - HEAD - 0.15
    lines = [f"rows {rows.first} to {rows.last}:", _pixels(rows), ""]
    lines += [f"columns {columns.first} to {columns.last}:", _pixels(columns)]
    for index, line in enumerate(lines):
        quick_text(axes, x, top - 0.19 * index, line, size=9.5)
    cut = [field for field in (rows, columns) if field.side < field.uncut]
    if cut:
        quick_text(axes, x, top - 1.14, "cut at the edge", size=9.5, weight="bold")


def _pixels(field: Field) -> str:
    return f"{field.side} pixels"


def stage_title(name: str) -> str:
    """Return a stage's name with its level, and what `out_conv` gives out."""
    return "logits" if name == "out_conv" else f"{name}, level {level_of(name)}"


def _list_stages(axes: Axes, fields: Mapping[str, tuple[Field, Field]], stage: str) -> None:
    """List each stage's patch: rows by columns, and a bar as long as its larger side."""
    bars, fills, y = [], [], HEIGHT - HEAD - PATCH - 0.32
    quick_text(axes, SPLIT, y, "rows × columns seen, stage by stage", size=10, weight="bold")
    longest = max(field.uncut for pair in fields.values() for field in pair)
    for name, (rows, columns) in fields.items():
        y -= LINE
        look = {"size": 9.5, "weight": "bold" if name == stage else "normal"}
        quick_text(axes, SPLIT + 0.17, y, stage_title(name), **look)
        if name == stage:
            quick_text(axes, SPLIT, y, "▸", **look)
        length = LONGEST * max(rows.side, columns.side) / longest
        end, top = BARS + length, y + 0.1
        bars.append([(BARS, y), (end, y), (end, top), (BARS, top)])
        fills.append(PALETTE["ink"] if name == stage else PALETTE["faint"])
        text = f"{rows.side} × {columns.side}"
        quick_text(axes, NUMBERS, y, text, ha="right", **look)
    axes.add_collection(
        PolyCollection(bars, facecolors=fills, edgecolors=PALETTE["muted"], linewidths=0.6)
    )

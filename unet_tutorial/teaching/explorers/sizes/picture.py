"""A convolution and its transposed one side by side: what a pixel sees, stamps, and what is lost.

One scale serves all three grids, and the picture is always as large: what comes back can be
compared with what went in, and nothing on the page moves when a setting does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.boxes import arrow
from unet_tutorial.teaching.drawing.style import WIDTH, canvas, styled
from unet_tutorial.teaching.explorers.canvas.fast_artists import quick_text
from unet_tutorial.teaching.explorers.sizes.cell_grid import Grid, Masks, draw_grids
from unet_tutorial.teaching.explorers.sizes.kernel_positions import (
    RoundTrip,
    reach,
    there_and_back,
    window_places,
)
from unet_tutorial.teaching.explorers.sizes.pixel_positions import unreached_places

HEIGHT, TOP, LARGEST_CELL = 4.0, 3.5, 0.36  # inches: of the picture, its grids' top, a cell
COLUMNS = ((0.15, 2.25), (3.4, 2.1), (6.35, 2.5))  # inches: left edge and width of each grid's
NOTES = (0.15, 4.75)  # inches: where the notes begin
LEGEND = (
    ("lit", "a tap of the kernel", 0.15),
    ("ring", "padding: added, then cropped", 1.85),
    ("missed", "no tap, no stamp reaches it", 4.25),
    ("added", "output_padding", 6.6),
)
Layer = tuple[int, int, int, int]  # kernel_size, stride, padding, dilation
Pixel = tuple[int, int]  # row, column


@styled
def round_trip(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
    *,
    pixel: Pixel = (0, 0),
    notes: Sequence[Sequence[str]] = ((), ()),
) -> Figure:
    """Draw what a convolution makes of a square image, and what comes back from that.

    Args:
        size, kernel_size, stride, padding, dilation, output_padding: of `there_and_back`; an
            image of at most 10 pixels a side with 3 of padding leaves cells that can be seen.
        pixel: row and column of the output whose window and stamp are lit.
        notes: lines to write under the convolution, and lines under the transposed one; two of
            each at most.

    Returns:
        A Figure 9 inches wide: input, output, and what comes back. A setting that torch would
        refuse is drawn as far as it goes.

    Raises:
        ValueError: an argument of the layers is no whole number or out of its range.

    Example:
        `round_trip(8, 3, stride=2)` hatches row 7 and column 7, which no window reaches.

    Source: none. Chapters 02, 04 and 05 show it.
    """
    layer = kernel_size, stride, padding, dilation
    trip = there_and_back(size, *layer, output_padding)
    masks = [_seen(size, layer, trip.out or 0, pixel if trip.out else (0, 0))]
    if trip.out:
        added = trip.sheet - there_and_back(size, *layer).sheet
        masks += [_made(trip.out, pixel), _stamped(trip, layer, added, pixel)]
    figure, axes = canvas(WIDTH, HEIGHT)
    draw_grids(axes, [*_placed(masks), *_write_legend(axes)])
    _write_titles(axes, size, trip)
    for x, lines in zip(NOTES, notes, strict=True):
        for y, line in zip((0.78, 0.55), lines, strict=False):
            quick_text(axes, x, y, line, size=9.5)
    return figure


def _seen(size: int, layer: Layer, out: int, pixel: Pixel) -> Masks:
    """Mark the input with its padding; a kernel that fits nowhere hangs over."""
    kernel_size, _, padding, dilation = layer
    end = size + padding
    places = np.arange(-padding, max(end, reach(kernel_size, dilation) - padding))
    unseen = unreached_places(range(-padding, end), out, *layer) if out else []
    image, cells = _square((places >= 0) & (places < size)), _square(places < end)
    return Masks(
        image=image,
        ring=cells & ~image,
        lit=_taps(places, layer, pixel),
        missed=cells & ~_square(~np.isin(places, unseen)),
        added=np.zeros_like(image),
        window=_window(layer, pixel),
    )


def _made(out: int, pixel: Pixel) -> Masks:
    """Mark the output, all of it pixels."""
    all_of_it, none = np.ones((out, out), bool), np.zeros((out, out), bool)
    lit = none.copy()
    lit[pixel] = True
    return Masks(all_of_it, none, lit, none, none, (*pixel, 1))


def _stamped(trip: RoundTrip, layer: Layer, added: int, pixel: Pixel) -> Masks:
    """Mark the sheet that is stamped: what is cropped from it, and what output_padding adds."""
    padding = layer[2]
    places = np.arange(-padding, trip.sheet - padding)
    image = _square((places >= 0) & (places < trip.sheet - 2 * padding))
    old = _square(places < trip.sheet - padding - added)
    blank = unreached_places(range(-padding, trip.sheet - padding), trip.out, *layer)
    return Masks(
        image=image,
        ring=~image,
        lit=_taps(places, layer, pixel),
        missed=old & ~_square(~np.isin(places, blank)),
        added=~old,
        window=_window(layer, pixel),
    )


def _square(side: np.ndarray) -> np.ndarray:
    """Mark what is marked in its row and in its column."""
    return side[:, None] & side


def _taps(places: np.ndarray, layer: Layer, pixel: Pixel) -> np.ndarray:
    rows, columns = (np.isin(places, window_places(place, *layer)) for place in pixel)
    return rows[:, None] & columns


def _window(layer: Layer, pixel: Pixel) -> tuple[int, int, int]:
    kernel_size, stride, _, dilation = layer
    top, left = (window_places(place, kernel_size, stride)[0] for place in pixel)
    return top, left, reach(kernel_size, dilation)


def _placed(masks: Sequence[Masks]) -> list[Grid]:
    """Give each grid its place: cells of one size, the outer two in line, the middle one lower."""
    sides = [len(each.image) for each in masks]
    fits = [width / side for (_, width), side in zip(COLUMNS, sides, strict=False)]
    cell = min(LARGEST_CELL, *fits)
    tops = [TOP, TOP - max(sides[0] - sides[len(sides) // 2], 0) * cell / 2, TOP]
    return [
        Grid(left + (width - side * cell) / 2, top, cell, each)
        for (left, width), top, side, each in zip(COLUMNS, tops, sides, masks, strict=False)
    ]


def _write_titles(axes: Axes, size: int, trip: RoundTrip) -> None:
    titles = [f"input, {size} × {size}", "refused, no output", "nothing to go back from"]
    if trip.out:
        back = f"comes back, {trip.back} × {trip.back}" if trip.back else "refused, nothing back"
        titles[1:] = [f"output, {trip.out} × {trip.out}", back]
    for (left, width), title in zip(COLUMNS, titles, strict=True):
        look = {"ha": "center", "va": "center", "size": 10.5, "weight": "bold"}
        quick_text(axes, left + width / 2, TOP + 0.22, title, **look)
    for x, kind, words in (
        (2.9, "double_conv", ("convolution",)),
        (5.92, "transposed_convolution", ("transposed", "convolution")),
    ):
        arrow(axes, (x - 0.34, 2.4), (x + 0.34, 2.4), kind, strong=bool(trip.out))
        for line, word in enumerate(reversed(words)):
            quick_text(axes, x, 2.52 + 0.16 * line, word, ha="center", size=9)


def _write_legend(axes: Axes) -> list[Grid]:
    """Say what the marks of a cell mean, and return the cells that show them."""
    no, yes = np.zeros((1, 1), bool), np.ones((1, 1), bool)
    cells = []
    for kind, text, x in LEGEND:
        plain = Masks(no if kind == "ring" else yes, no, no, no, no, (0, 0, 0))
        cells.append(Grid(x, 0.31, 0.18, plain._replace(**{kind: yes})))
        quick_text(axes, x + 0.26, 0.22, text, va="center", size=9)
    return cells

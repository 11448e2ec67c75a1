"""Picture of a convolution and its transposed one: input, output and transposed output as grids.

All three grids have one scale, so you can compare the input with the transposed output. The
picture's size is fixed, so nothing else on the page moves when you change a setting.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.boxes import draw_arrow
from unet_tutorial.teaching.drawing.style import WIDTH, create_canvas, with_style
from unet_tutorial.teaching.explorers.canvas.fast_artists import add_text
from unet_tutorial.teaching.explorers.sizes.cell_grid import Grid, Masks, draw_grids
from unet_tutorial.teaching.explorers.sizes.kernel_positions import (
    RoundTrip,
    compute_kernel_span,
    compute_round_trip,
    locate_kernel,
)
from unet_tutorial.teaching.explorers.sizes.pixel_positions import find_unreached_places

_HEIGHT, _TOP, _LARGEST_CELL = 4.0, 3.5, 0.36  # inches: the picture, the top of the grids, a cell
_COLUMNS = ((0.15, 2.25), (3.4, 2.1), (6.35, 2.5))  # inches: left edge and width
_NOTES = (0.15, 4.75)  # inches: left edges of the two notes
_LEGEND = (
    ("lit", "a tap of the kernel", 0.15),
    ("ring", "padding: added, then cropped", 1.85),
    ("missed", "no tap, no stamp reaches it", 4.25),
    ("added", "output_padding", 6.6),
)
_Layer = tuple[int, int, int, int]  # kernel_size, stride, padding, dilation
_Pixel = tuple[int, int]  # row, column


@with_style
def draw_round_trip(
    size: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
    *,
    pixel: _Pixel = (0, 0),
    notes: Sequence[Sequence[str]] = ((), ()),
) -> Figure:
    """Draw a square image, its convolution, and the transposed convolution of that.

    Args:
        size, kernel_size, stride, padding, dilation, output_padding: as for `compute_round_trip`;
            up to size 10 with a padding of 3, the cells are large enough to see.
        pixel: (row, column) of the output pixel whose window and stamp are highlighted.
        notes: up to two lines of text under the convolution, and up to two under the transposed
            one.

    Returns:
        A Figure 9 inches wide: input, output and transposed output. If torch would refuse the
        setting, the grids that don't exist are missing.

    Raises:
        ValueError: an argument of the layers isn't a whole number or is out of range.

    Example:
        `draw_round_trip(8, 3, stride=2)` hatches row 7 and column 7, which no window reaches.
    """
    layer = kernel_size, stride, padding, dilation
    trip = compute_round_trip(size, *layer, output_padding)
    masks = [_mark_input(size, layer, trip.out or 0, pixel if trip.out else (0, 0))]
    if trip.out:
        added = trip.sheet - compute_round_trip(size, *layer).sheet
        masks += [_mark_output(trip.out, pixel), _mark_stamped(trip, layer, added, pixel)]
    figure, axes = create_canvas(WIDTH, _HEIGHT)
    draw_grids(axes, [*_place_grids(masks), *_write_cell_legend(axes)])
    _write_titles(axes, size, trip)
    for x, lines in zip(_NOTES, notes, strict=True):
        for y, line in zip((0.78, 0.55), lines, strict=False):
            add_text(axes, x, y, line, size=9.5)
    return figure


def _mark_input(size: int, layer: _Layer, out: int, pixel: _Pixel) -> Masks:
    """Mark the input and its padding; a kernel that doesn't fit extends beyond them."""
    kernel_size, _, padding, dilation = layer
    end = size + padding
    places = np.arange(-padding, max(end, compute_kernel_span(kernel_size, dilation) - padding))
    unseen = find_unreached_places(range(-padding, end), out, *layer) if out else []
    image, cells = _combine_sides((places >= 0) & (places < size)), _combine_sides(places < end)
    return Masks(
        image=image,
        ring=cells & ~image,
        lit=_mark_taps(places, layer, pixel),
        missed=cells & ~_combine_sides(~np.isin(places, unseen)),
        added=np.zeros_like(image),
        window=_locate_window(layer, pixel),
    )


def _mark_output(out: int, pixel: _Pixel) -> Masks:
    """Mark the output: it has no padding, and one pixel is highlighted."""
    all_of_it, none = np.ones((out, out), bool), np.zeros((out, out), bool)
    lit = none.copy()
    lit[pixel] = True
    return Masks(all_of_it, none, lit, none, none, (*pixel, 1))


def _mark_stamped(trip: RoundTrip, layer: _Layer, added: int, pixel: _Pixel) -> Masks:
    """Mark the transposed output: what's cropped from it, and what output_padding adds."""
    padding = layer[2]
    places = np.arange(-padding, trip.sheet - padding)
    image = _combine_sides((places >= 0) & (places < trip.sheet - 2 * padding))
    old = _combine_sides(places < trip.sheet - padding - added)
    blank = find_unreached_places(range(-padding, trip.sheet - padding), trip.out, *layer)
    return Masks(
        image=image,
        ring=~image,
        lit=_mark_taps(places, layer, pixel),
        missed=old & ~_combine_sides(~np.isin(places, blank)),
        added=~old,
        window=_locate_window(layer, pixel),
    )


def _combine_sides(side: np.ndarray) -> np.ndarray:
    """Mark the cells whose row and whose column are marked in `side`."""
    return side[:, None] & side


def _mark_taps(places: np.ndarray, layer: _Layer, pixel: _Pixel) -> np.ndarray:
    rows, columns = (np.isin(places, locate_kernel(place, *layer)) for place in pixel)
    return rows[:, None] & columns


def _locate_window(layer: _Layer, pixel: _Pixel) -> tuple[int, int, int]:
    kernel_size, stride, _, dilation = layer
    top, left = (locate_kernel(place, kernel_size, stride)[0] for place in pixel)
    return top, left, compute_kernel_span(kernel_size, dilation)


def _place_grids(masks: Sequence[Masks]) -> list[Grid]:
    """Place the grids: cells of one size, and the middle grid lower than the outer two."""
    sides = [len(each.image) for each in masks]
    fits = [width / side for (_, width), side in zip(_COLUMNS, sides, strict=False)]
    cell = min(_LARGEST_CELL, *fits)
    tops = [_TOP, _TOP - max(sides[0] - sides[len(sides) // 2], 0) * cell / 2, _TOP]
    return [
        Grid(left + (width - side * cell) / 2, top, cell, each)
        for (left, width), top, side, each in zip(_COLUMNS, tops, sides, masks, strict=False)
    ]


def _write_titles(axes: Axes, size: int, trip: RoundTrip) -> None:
    titles = [f"input, {size} × {size}", "refused, no output", "nothing to go back from"]
    if trip.out:
        back = f"comes back, {trip.back} × {trip.back}" if trip.back else "refused, nothing back"
        titles[1:] = [f"output, {trip.out} × {trip.out}", back]
    for (left, width), title in zip(_COLUMNS, titles, strict=True):
        look = {"ha": "center", "va": "center", "size": 10.5, "weight": "bold"}
        add_text(axes, left + width / 2, _TOP + 0.22, title, **look)
    for x, kind, words in (
        (2.9, "double_conv", ("convolution",)),
        (5.92, "transposed_convolution", ("transposed", "convolution")),
    ):
        draw_arrow(axes, (x - 0.34, 2.4), (x + 0.34, 2.4), kind, strong=bool(trip.out))
        for line, word in enumerate(reversed(words)):
            add_text(axes, x, 2.52 + 0.16 * line, word, ha="center", size=9)


def _write_cell_legend(axes: Axes) -> list[Grid]:
    """Write the legend's texts, and return the grids of one cell that go with them."""
    no, yes = np.zeros((1, 1), bool), np.ones((1, 1), bool)
    cells = []
    for kind, text, x in _LEGEND:
        plain = Masks(no if kind == "ring" else yes, no, no, no, no, (0, 0, 0))
        cells.append(Grid(x, 0.31, 0.18, plain._replace(**{kind: yes})))
        add_text(axes, x + 0.26, 0.22, text, va="center", size=9)
    return cells

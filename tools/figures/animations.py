"""Draw the frames of four animated examples, with every number computed by NumPy.

The first and last frame show the whole result and explain one pixel of it; the frames in between
build it up step by step. `make figures` writes them as WebM, and chapters 02 and 05 play them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tools.figures.worked_examples import (
    LEFT_TO_RIGHT,
    OVERLAP,
    conv_transpose,
    convolve_valid,
    draw_frame,
    draw_titled_cells,
    format_products,
    make_bright_rectangle,
    write_operator,
)
from unet_tutorial.teaching.drawing.grids import format_number
from unet_tutorial.teaching.drawing.style import create_canvas, with_style

_PAGE_WIDTH = 7.2  # inches
FOOT, _HEAD = 0.8, 1.1  # inches: for the player's controls, and for two lines of text
_INK = np.array([[1, 2], [3, 4]])
_STAMP = np.arange(1, 10).reshape(3, 3)  # the kernel of the transposed convolution
_STRIDE = 2  # of the transposed convolution
_WINDOW, _PIXEL = 1, 2  # highlights: cells under the kernel, and a pixel among zeros
_Place = tuple[int, int]  # row, column


class Animation(NamedTuple):
    """Functions that draw the frames, and how many seconds to show each one."""

    frames: list[Callable[[], Figure]]
    seconds: int


def animate_convolution() -> Animation:
    """Slide a 3x3 kernel over a 5x6 image, one output pixel per frame (chapter 02)."""
    image = make_bright_rectangle()
    output = convolve_valid(image, LEFT_TO_RIGHT)
    draw = partial(_draw_window_frame, image)
    steps = [
        partial(draw, output=_hide_later_pixels(output, place), place=place)
        for place in np.ndindex(output.shape)
    ]
    whole = partial(draw, output=output, place=(1, 3))
    return Animation([whole, *steps, whole], seconds=1)


def animate_stamping() -> Animation:
    """Stamp a 3x3 kernel at stride 2 for four pixels, one stamp per frame (chapter 05)."""
    steps = [partial(_draw_one_stamp, number) for number in range(1, 5)]
    return Animation([_draw_all_stamps, *steps, _draw_all_stamps], seconds=3)


def animate_zero_stuffing() -> Animation:
    """Get the same output by a convolution over the pixels with zeros between (chapter 05)."""
    output, _ = conv_transpose(_INK, _STAMP, _STRIDE)
    places = list(np.ndindex(output.shape))
    steps = [
        partial(_draw_zeros_frame, _hide_later_pixels(output, place), place) for place in places
    ]
    whole = partial(_draw_zeros_frame, output, (2, 2))
    return Animation([whole, *steps, whole], seconds=1)


ANIMATIONS = {  # by the name of their files
    "convolution": animate_convolution,
    "stamping": animate_stamping,
    "zero_stuffed": animate_zero_stuffing,
}


def _insert_zeros(image: np.ndarray, stride: int, border: int) -> np.ndarray:
    """Insert stride - 1 zeros between neighbouring pixels, and pad by `border` zeros."""
    size = [(side - 1) * stride + 1 for side in image.shape]
    spread = np.zeros(size, image.dtype)
    spread[::stride, ::stride] = image
    return np.pad(spread, border)


def _hide_later_pixels(output: np.ndarray, place: _Place) -> np.ndarray:
    """Blank out the pixels that come after this place in reading order."""
    last = np.ravel_multi_index(place, output.shape)
    known = np.arange(output.size).reshape(output.shape) <= last
    return np.where(known, output, np.nan)


def _mark_window(shape: tuple[int, ...], place: _Place, side: int = 1) -> np.ndarray:
    marks = np.zeros(shape, int)
    marks[place[0] : place[0] + side, place[1] : place[1] + side] = _WINDOW
    return marks


# ---- a sliding window


@with_style
def _draw_window_frame(image: np.ndarray, output: np.ndarray, place: _Place) -> Figure:
    cell, left = 0.4, 0.2
    row, column = place
    figure, axes, middle = _create_page(5 * cell)
    lit = _mark_window(image.shape, place, 3)
    draw_titled_cells(axes, image, left, middle, cell, f"image, {_format_size(image)}", lit)
    _outline_window(axes, image, (left, middle), cell, place)
    x = left + cell * image.shape[1] + 0.3
    write_operator(axes, x, middle, "*")
    draw_titled_cells(
        axes, LEFT_TO_RIGHT, x + 0.3, middle, cell, "kernel, 3 × 3", np.full((3, 3), 2)
    )
    x += 0.3 + 3 * cell + 0.3
    write_operator(axes, x, middle, "=")
    lit = _mark_window(output.shape, place)
    draw_titled_cells(axes, output, x + 0.3, middle, cell, f"output, {_format_size(output)}", lit)
    window = image[row : row + 3, column : column + 3]
    text = f"output row {row}, column {column}: the window starts at row {row}, column {column}"
    total = format_number(output[place])
    _write_explanation(axes, text, f"{format_products(window, LEFT_TO_RIGHT)} = {total}")
    return figure


# ---- stamps


@with_style
def _draw_one_stamp(number: int) -> Figure:
    """Draw the output after the first `number` stamps, with the last one highlighted."""
    before, _ = conv_transpose(
        np.where(np.arange(4).reshape(2, 2) < number - 1, _INK, 0), _STAMP, _STRIDE
    )
    after, _ = conv_transpose(
        np.where(np.arange(4).reshape(2, 2) < number, _INK, 0), _STAMP, _STRIDE
    )
    place = divmod(number - 1, 2)
    start = _STRIDE * place[0], _STRIDE * place[1]
    ink, lit = _INK[place], _mark_window(after.shape, start, 3)
    lit[(lit > 0) & (before > 0)] = OVERLAP
    sheet = np.where(after > 0, after, np.nan)
    figure, axes, middle = _create_stamping_canvas(_mark_window((2, 2), place), sheet, lit)
    draw_titled_cells(axes, ink * _STAMP, 3.32, middle, 0.4, "stamp", np.full((3, 3), _WINDOW))
    write_operator(axes, 3.02, middle, "=")
    _outline_window(axes, sheet, (5.0, middle), 0.4, start)
    text = f"{ink} times the kernel, its corner at row {_format_start(place[0])}, "
    text += f"column {_format_start(place[1])}; where it overlaps:"
    _write_explanation(axes, text, _format_overlap_sums(before, ink * _STAMP, start))
    return figure


def _format_start(index: int) -> str:
    return f"{_STRIDE}·{index} = {_STRIDE * index}"


@with_style
def _draw_all_stamps() -> Figure:
    """Draw the whole output, with each number highlighted like the pixel that stamped it."""
    sheet, owners = conv_transpose(_INK, _STAMP, _STRIDE)
    figure, axes, middle = _create_stamping_canvas(_INK, sheet, owners)
    text = "four stamps,\ntwo apart,\nadded up"
    axes.text(3.92, middle, text, ha="center", va="center", linespacing=1.5)
    _write_explanation(axes, "row 2, column 2: all four stamps reach it", _format_centre_sum(sheet))
    return figure


def _create_stamping_canvas(
    inked: np.ndarray, sheet: np.ndarray, lit: np.ndarray
) -> tuple[Figure, Axes, float]:
    figure, axes, middle = _create_page(5 * 0.4)
    draw_titled_cells(axes, _INK, 0.2, middle, 0.4, "input: ink", inked)
    write_operator(axes, 1.28, middle, "×")
    draw_titled_cells(axes, _STAMP, 1.55, middle, 0.4, "kernel, 3 × 3")
    write_operator(axes, 4.78, middle, "→")
    draw_titled_cells(axes, sheet, 5.0, middle, 0.4, f"output, {_format_size(sheet)}", lit)
    return figure, axes, middle


def _format_overlap_sums(before: np.ndarray, inked: np.ndarray, start: _Place) -> str:
    """Format the sums at the pixels that were stamped before: "3 + 2 = 5, 6 + 8 = 14"."""
    under = before[start[0] : start[0] + 3, start[1] : start[1] + 3]
    pairs = [(a, b) for a, b in zip(under.ravel(), inked.ravel(), strict=True) if a]
    return ", ".join(f"{a} + {b} = {a + b}" for a, b in pairs) or "nowhere, the sheet was blank"


def _format_centre_sum(sheet: np.ndarray) -> str:
    """Format the sum at the output's centre, which the corner of every stamp reaches."""
    return f"{format_products(_INK, _STAMP[::-2, ::-2])} = {format_number(sheet[2, 2])}"


# ---- zeros between the pixels


@with_style
def _draw_zeros_frame(output: np.ndarray, place: _Place) -> Figure:
    cell, left = 0.38, 0.15
    stuffed, flipped = _insert_zeros(_INK, _STRIDE, border=2), _STAMP[::-1, ::-1]
    lit = np.where(stuffed > 0, _PIXEL, _mark_window(stuffed.shape, place, 3))
    figure, axes, middle = _create_page(7 * cell)
    draw_titled_cells(
        axes, stuffed, left, middle, cell, f"input among zeros, {_format_size(stuffed)}", lit
    )
    _outline_window(axes, stuffed, (left, middle), cell, place)
    row, column = place
    window = stuffed[row : row + 3, column : column + 3]
    seen = window > 0
    write_operator(axes, 3.03, middle, "*")
    draw_titled_cells(axes, flipped, 3.26, middle, cell, "kernel, flipped", _PIXEL * seen)
    write_operator(axes, 4.67, middle, "=")
    lit = _mark_window(output.shape, place)
    draw_titled_cells(axes, output, 4.95, middle, cell, f"output, {_format_size(output)}", lit)
    count = f"{seen.sum()} pixel{'s' if seen.sum() > 1 else ''} and {9 - seen.sum()} zeros"
    text = f"row {row}, column {column}: in the window are {count}"
    total = format_number(output[place])
    _write_explanation(axes, text, f"{format_products(window[seen], flipped[seen])} = {total}")
    return figure


# ---- shared by the animations


def _outline_window(
    axes: Axes, array: np.ndarray, at: tuple[float, float], cell: float, start: _Place
) -> None:
    """Frame the 3x3 cells that begin at `start`, in a grid drawn at (left, middle)."""
    left, middle = at
    bottom = middle + len(array) * cell / 2 - (start[0] + 3) * cell
    draw_frame(axes, (left + start[1] * cell, bottom), 3 * cell)


def _create_page(tall: float) -> tuple[Figure, Axes, float]:
    """Create a canvas for grids that are `tall` inches high; also return their middle's height."""
    figure, axes = create_canvas(_PAGE_WIDTH, FOOT + tall + _HEAD)
    return figure, axes, FOOT + tall / 2


def _write_explanation(axes: Axes, first: str, second: str) -> None:
    """Write two lines at the top, where the player's controls don't cover them."""
    top = axes.get_ylim()[1]
    axes.text(0.2, top - 0.25, first, va="center", size=10)
    axes.text(0.2, top - 0.57, second, va="center", size=10.5, weight="bold")


def _format_size(array: np.ndarray) -> str:
    return f"{array.shape[0]} × {array.shape[1]}"

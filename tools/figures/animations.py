"""Worked examples that move: the frames of four animations, each number computed with NumPy.

The first and the last frame show the whole result, with one telling place of it explained. Those
between build it up, step by step. `make figures` writes them as WebM; chapters 02 and 05 play them.
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
    bright_rectangle,
    frame,
    products,
    sign,
    slide,
    stamp,
    titled_cells,
)
from unet_tutorial.teaching.drawing.grids import write
from unet_tutorial.teaching.drawing.style import canvas, styled

PAGE_WIDTH = 7.2  # inches
FOOT, HEAD = 0.8, 1.1  # inches: left blank for the player's controls, and for two lines of text
INK = np.array([[1, 2], [3, 4]])
RUBBER = np.arange(1, 10).reshape(3, 3)  # the kernel of the transposed convolution
STRIDE = 2  # of the strided and of the transposed convolution
WINDOW, PIXEL = 1, 2  # marks: what the kernel lies on, and a pixel among zeros
Place = tuple[int, int]  # row, column


class Animation(NamedTuple):
    """What draws the frames, each to be shown for `seconds`; the first is the still."""

    frames: list[Callable[[], Figure]]
    seconds: int


def convolution() -> Animation:
    """Slide a 3x3 kernel over a 5x6 image: one output pixel a frame. Chapter 02 plays it."""
    image, output = bright_rectangle(6), slide(bright_rectangle(6), LEFT_TO_RIGHT)
    return _sliding(image, output, stride=1, telling=(1, 3))


def strided() -> Animation:
    """Slide the kernel over a 5x7 image in steps of two: one output pixel a frame. Chapter 02."""
    image = bright_rectangle(7)
    output = slide(image, LEFT_TO_RIGHT)[::STRIDE, ::STRIDE]
    return _sliding(image, output, stride=STRIDE, telling=(0, 2))


def stamping() -> Animation:
    """Stamp a 3x3 kernel at stride 2 with four pixels: one stamp a frame. Chapter 05 plays it."""
    steps = [partial(_one_stamp, number) for number in range(1, 5)]
    return Animation([_all_stamps, *steps, _all_stamps], seconds=3)


def zero_stuffed() -> Animation:
    """Compute the same output as `stamping` by a convolution over zeros and pixels. Chapter 05."""
    output, _ = stamp(INK, RUBBER, STRIDE)
    places = list(np.ndindex(output.shape))
    steps = [partial(_stuffed_frame, _so_far(output, place), place) for place in places]
    whole = partial(_stuffed_frame, output, (2, 2))
    return Animation([whole, *steps, whole], seconds=1)


def stuff(image: np.ndarray, stride: int, border: int) -> np.ndarray:
    """Return the image with stride - 1 zeros between its pixels and `border` zeros around."""
    size = [(side - 1) * stride + 1 for side in image.shape]
    spread = np.zeros(size, image.dtype)
    spread[::stride, ::stride] = image
    return np.pad(spread, border)


def _so_far(output: np.ndarray, place: Place) -> np.ndarray:
    """The output up to this place in reading order, the rest empty."""
    last = np.ravel_multi_index(place, output.shape)
    known = np.arange(output.size).reshape(output.shape) <= last
    return np.where(known, output, np.nan)


def _marked(shape: tuple[int, ...], place: Place, side: int = 1) -> np.ndarray:
    marks = np.zeros(shape, int)
    marks[place[0] : place[0] + side, place[1] : place[1] + side] = WINDOW
    return marks


# ---- a window that slides


def _sliding(image: np.ndarray, output: np.ndarray, stride: int, telling: Place) -> Animation:
    places = list(np.ndindex(output.shape))
    draw = partial(_sliding_frame, image, stride=stride)
    steps = [partial(draw, output=_so_far(output, place), place=place) for place in places]
    whole = partial(draw, output=output, place=telling)
    return Animation([whole, *steps, whole], seconds=1)


@styled
def _sliding_frame(image: np.ndarray, output: np.ndarray, place: Place, stride: int) -> Figure:
    cell, left = 0.4, 0.2
    row, column = start = place[0] * stride, place[1] * stride
    figure, axes, middle = _page(5 * cell)
    lit = _marked(image.shape, start, 3)
    titled_cells(axes, image, left, middle, cell, f"image, {_size(image)}", lit)
    _outline(axes, image, (left, middle), cell, start)
    x = left + cell * image.shape[1] + 0.3
    sign(axes, x, middle, "*")
    titled_cells(axes, LEFT_TO_RIGHT, x + 0.3, middle, cell, "kernel, 3 × 3", np.full((3, 3), 2))
    x += 0.3 + 3 * cell + 0.3
    sign(axes, x, middle, "=")
    lit = _marked(output.shape, place)
    titled_cells(axes, output, x + 0.3, middle, cell, f"output, {_size(output)}", lit)
    window = image[row : row + 3, column : column + 3]
    text = f"output row {place[0]}, column {place[1]}: the window starts at "
    text += f"row {_start(place[0], stride)}, column {_start(place[1], stride)}"
    _explain(axes, text, f"{products(window, LEFT_TO_RIGHT)} = {write(output[place])}")
    return figure


def _start(index: int, stride: int) -> str:
    return f"{index}" if stride == 1 else f"{stride}·{index} = {stride * index}"


# ---- stamps


@styled
def _one_stamp(number: int) -> Figure:
    """The sheet after the first `number` stamps, the last of them lit."""
    before, _ = stamp(np.where(np.arange(4).reshape(2, 2) < number - 1, INK, 0), RUBBER, STRIDE)
    after, _ = stamp(np.where(np.arange(4).reshape(2, 2) < number, INK, 0), RUBBER, STRIDE)
    place = divmod(number - 1, 2)
    start = STRIDE * place[0], STRIDE * place[1]
    ink, lit = INK[place], _marked(after.shape, start, 3)
    lit[(lit > 0) & (before > 0)] = OVERLAP
    sheet = np.where(after > 0, after, np.nan)
    figure, axes, middle = _stamping_canvas(_marked((2, 2), place), sheet, lit)
    titled_cells(axes, ink * RUBBER, 3.32, middle, 0.4, "stamp", np.full((3, 3), WINDOW))
    sign(axes, 3.02, middle, "=")
    _outline(axes, sheet, (5.0, middle), 0.4, start)
    text = f"{ink} times the kernel, its corner at row {_start(place[0], STRIDE)}, "
    text += f"column {_start(place[1], STRIDE)}; where it overlaps:"
    _explain(axes, text, _sums(before, ink * RUBBER, start))
    return figure


@styled
def _all_stamps() -> Figure:
    """The whole sheet, each number in the look of the pixel that stamped it."""
    sheet, owners = stamp(INK, RUBBER, STRIDE)
    figure, axes, middle = _stamping_canvas(INK, sheet, owners)
    text = "four stamps,\ntwo apart,\nadded up"
    axes.text(3.92, middle, text, ha="center", va="center", linespacing=1.5)
    _explain(axes, "row 2, column 2: all four stamps reach it", _centre(sheet))
    return figure


def _stamping_canvas(
    inked: np.ndarray, sheet: np.ndarray, lit: np.ndarray
) -> tuple[Figure, Axes, float]:
    figure, axes, middle = _page(5 * 0.4)
    titled_cells(axes, INK, 0.2, middle, 0.4, "input: ink", inked)
    sign(axes, 1.28, middle, "×")
    titled_cells(axes, RUBBER, 1.55, middle, 0.4, "kernel, 3 × 3")
    sign(axes, 4.78, middle, "→")
    titled_cells(axes, sheet, 5.0, middle, 0.4, f"output, {_size(sheet)}", lit)
    return figure, axes, middle


def _sums(before: np.ndarray, inked: np.ndarray, start: Place) -> str:
    """What a stamp adds to where there is ink: "3 + 2 = 5, 6 + 8 = 14"."""
    under = before[start[0] : start[0] + 3, start[1] : start[1] + 3]
    pairs = [(a, b) for a, b in zip(under.ravel(), inked.ravel(), strict=True) if a]
    return ", ".join(f"{a} + {b} = {a + b}" for a, b in pairs) or "nowhere, the sheet was blank"


def _centre(sheet: np.ndarray) -> str:
    """The sum in the middle of the sheet: each pixel with the part of its stamp that is there."""
    return f"{products(INK, RUBBER[::-2, ::-2])} = {write(sheet[2, 2])}"


# ---- zeros between the pixels


@styled
def _stuffed_frame(output: np.ndarray, place: Place) -> Figure:
    cell, left = 0.38, 0.15
    stuffed, flipped = stuff(INK, STRIDE, border=2), RUBBER[::-1, ::-1]
    lit = np.where(stuffed > 0, PIXEL, _marked(stuffed.shape, place, 3))
    figure, axes, middle = _page(7 * cell)
    titled_cells(axes, stuffed, left, middle, cell, f"input among zeros, {_size(stuffed)}", lit)
    _outline(axes, stuffed, (left, middle), cell, place)
    row, column = place
    window = stuffed[row : row + 3, column : column + 3]
    seen = window > 0
    sign(axes, 3.03, middle, "*")
    titled_cells(axes, flipped, 3.26, middle, cell, "kernel, flipped", PIXEL * seen)
    sign(axes, 4.67, middle, "=")
    lit = _marked(output.shape, place)
    titled_cells(axes, output, 4.95, middle, cell, f"output, {_size(output)}", lit)
    count = f"{seen.sum()} pixel{'s' if seen.sum() > 1 else ''} and {9 - seen.sum()} zeros"
    text = f"row {row}, column {column}: in the window are {count}"
    _explain(axes, text, f"{products(window[seen], flipped[seen])} = {write(output[place])}")
    return figure


# ---- what they share


def _outline(
    axes: Axes, array: np.ndarray, at: tuple[float, float], cell: float, start: Place
) -> None:
    """A frame round the 3x3 cells from `start` on, in a grid drawn at (left, middle)."""
    left, middle = at
    bottom = middle + len(array) * cell / 2 - (start[0] + 3) * cell
    frame(axes, (left + start[1] * cell, bottom), 3 * cell)


def _page(tall: float) -> tuple[Figure, Axes, float]:
    """A canvas for grids `tall` inches high, and the height of their middle."""
    figure, axes = canvas(PAGE_WIDTH, FOOT + tall + HEAD)
    return figure, axes, FOOT + tall / 2


def _explain(axes: Axes, first: str, second: str) -> None:
    """Two lines at the head of a frame, where no controls hide them: where, and the sum."""
    top = axes.get_ylim()[1]
    axes.text(0.2, top - 0.25, first, va="center", size=10)
    axes.text(0.2, top - 0.57, second, va="center", size=10.5, weight="bold")


def _size(array: np.ndarray) -> str:
    return f"{array.shape[0]} × {array.shape[1]}"

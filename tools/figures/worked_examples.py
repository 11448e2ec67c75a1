"""Worked examples as pictures: each number in them is computed here, with NumPy."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from unet_tutorial.shapes import conv_output_size
from unet_tutorial.teaching.drawing.grids import draw_cells, write
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, canvas, styled

OVERLAP = 5  # the mark of a cell that more than one stamp reaches
LEFT_TO_RIGHT = np.array([[-1, 0, 1]] * 3)  # the kernel of chapter 02


def slide(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the convolution of one channel (H, W) with one kernel, as PyTorch computes it."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def stamp(image: np.ndarray, kernel: np.ndarray, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the transposed convolution (H', W'), and which pixel stamped each output.

    The second array holds 1 to 4 for an image's first to fourth pixel in reading order, 0 where
    no stamp reaches, and OVERLAP where several do.
    """
    size = tuple((n - 1) * stride + k for n, k in zip(image.shape, kernel.shape, strict=True))
    total, owner, reached = np.zeros(size, int), np.zeros(size, int), np.zeros(size, int)
    for number, ((row, column), ink) in enumerate(np.ndenumerate(image), start=1):
        top, left = row * stride, column * stride
        place = np.s_[top : top + kernel.shape[0], left : left + kernel.shape[1]]
        total[place] += ink * kernel
        owner[place] = number
        reached[place] += 1
    return total, np.where(reached > 1, OVERLAP, owner)


def bright_rectangle(columns: int) -> np.ndarray:
    """Return the image of chapter 02, (5, columns): a rectangle of nines on black, 3 by 3."""
    image = np.zeros((5, columns), int)
    image[1:4, 2:5] = 9
    return image


@styled
def convolution() -> Figure:
    """Draw a kernel lying on the top left window of a small image, and the sum that it makes."""
    image, kernel = bright_rectangle(6), LEFT_TO_RIGHT
    output = np.full((3, 4), np.nan)
    output[0, 0] = slide(image, kernel)[0, 0]
    on_window, on_output = np.zeros(image.shape, int), np.zeros(output.shape, int)
    on_window[:3, :3] = on_output[0, 0] = 1
    figure, axes = canvas(8.15, 3.6)
    cell, middle = 0.5, 1.95
    titled_cells(axes, image, 0.25, middle, cell, "image, 5 × 6", on_window)
    sign(axes, 3.52, middle, "*")
    titled_cells(axes, kernel, 3.8, middle, cell, "kernel, 3 × 3", np.full((3, 3), 2))
    sign(axes, 5.6, middle, "=")
    titled_cells(axes, output, 5.9, middle, cell, "output, 3 × 4", on_output)
    text = f"{products(image[:3, :3], kernel)} = {write(output[0, 0])}"
    axes.text(0.25, 0.33, text, va="center", size=10.5)
    return figure


@styled
def channels_summed() -> Figure:
    """Draw a weight (2, 3, 3, 3): a row of kernels for each output, a column for each input."""
    images = np.arange(16).reshape(1, 4, 4) * np.array([[[1]], [[3]], [[2]]]) % 5  # (3, 4, 4)
    numbers = np.arange(2 * 3 * 3 * 3).reshape(2, 3, 3, 3)  # (out, in, kH, kW)
    weight = numbers * 7 % 5 - 2
    figure, axes = canvas(WIDTH, 4.75)
    cell, columns = 0.32, (1.9, 3.7, 5.5)
    axes.text(0.2, 3.75, "image,\n3 channels", va="center", linespacing=1.4)
    for index, (image, x) in enumerate(zip(images, columns, strict=True)):
        titled_cells(axes, image, x - 2 * cell, 3.75, cell, f"in {index}")
    for row, (kernels, y) in enumerate(zip(weight, (2.3, 1.05), strict=True)):
        axes.text(0.2, y, f"weight for\nout {row}", va="center", linespacing=1.4)
        for kernel, x in zip(kernels, columns, strict=True):
            titled_cells(axes, kernel, x - 1.5 * cell, y, cell, "", np.full((3, 3), 2 + row))
            last = x == columns[-1]
            sign(axes, x + 0.9, y, "=" if last else "+")
        total = sum(slide(image, kernel) for image, kernel in zip(images, kernels, strict=True))
        titled_cells(axes, total, 6.8, y, 0.4, f"out {row}", np.full(total.shape, 2 + row))
    note = "each kernel slides over\nthe channel above it;\nthe three results are added"
    axes.text(6.8, 3.75, note, va="center", size=9.5, linespacing=1.4)
    shape = ", ".join(map(str, weight.shape))
    text = f"the whole weight is (out, in, kH, kW) = ({shape})"
    axes.text(3.7, 0.25, text, ha="center", va="center", weight="bold")
    return figure


@styled
def max_pool() -> Figure:
    """Draw a 4x4 image and what 2x2 pooling keeps of it: the largest of each window."""
    image = np.array([[1, 3, 2, 0], [4, 2, 1, 7], [5, 0, 6, 3], [1, 8, 2, 4]])
    windows = image.reshape(2, 2, 2, 2).swapaxes(1, 2)  # (rows, columns, 2, 2)
    kept = windows.max(axis=(2, 3))
    marks = np.arange(1, 5).reshape(2, 2)
    spread = marks.repeat(2, axis=0).repeat(2, axis=1)
    figure, axes = canvas(5.25, 2.7)
    titled_cells(axes, image, 0.25, 1.2, 0.5, "4 × 4", spread)
    axes.text(3.1, 1.38, "the largest\nof each window", ha="center", va="bottom", size=9.5)
    sign(axes, 3.1, 1.2, "→")
    titled_cells(axes, kept, 4.0, 1.2, 0.5, "2 × 2", marks)
    return figure


@styled
def transposed_stamping() -> Figure:
    """Draw four pixels stamping a kernel: side by side at kernel 2, overlapping at kernel 3."""
    image, marks = np.array([[1, 2], [3, 4]]), np.array([[1, 2], [3, 4]])
    figure, axes = canvas(WIDTH, 5.3)
    cell = 0.42
    rows = (
        (4.0, np.array([[1, 1], [0, 1]]), "kernel 2, stride 2:\nthe stamps lie\nside by side"),
        (1.35, np.ones((3, 3), int), "kernel 3, stride 2:\nthe stamps overlap,\nand add up there"),
    )
    for middle, kernel, text in rows:
        sheet, owner = stamp(image, kernel, stride=2)
        axes.text(0.25, middle, text, va="center", size=10, linespacing=1.5)
        titled_cells(axes, image, 2.35, middle, cell, "input", marks)
        axes.text(3.6, middle, "stamps", ha="center", va="center", size=10)
        titled_cells(axes, kernel, 4.0, middle, cell, "kernel")
        sign(axes, 5.65, middle, "→")
        size = f"output, {sheet.shape[0]} × {sheet.shape[1]}"
        titled_cells(axes, sheet, 6.05, middle, cell, size, owner)
    return figure


@styled
def same_or_valid() -> Figure:
    """Draw a 3x3 kernel over a 5x5 image without padding and with, and what both come to."""
    figure, axes = canvas(WIDTH, 3.9)
    cell, middle = 0.32, 1.85
    for left, padding, name in ((0.25, 0, "valid: no padding"), (4.4, 1, "same: padding 1")):
        size = 5 + 2 * padding
        image = np.pad(np.full((5, 5), np.nan), padding, constant_values=0)
        lit = np.zeros((size, size), int)
        lit[:3, :3] = 1
        titled_cells(axes, image, left, middle, cell, "", lit)
        frame(axes, (left + padding * cell, middle - 2.5 * cell), 5 * cell)
        after = conv_output_size(5, 3, padding=padding)
        arrow_at = left + size * cell + 0.22
        sign(axes, arrow_at, middle, "→")
        first = np.zeros((after, after), int)
        first[0, 0] = 1
        titled_cells(
            axes, np.full((after, after), np.nan), arrow_at + 0.22, middle, cell, "", first
        )
        axes.text(left, 3.62, name, weight="bold", size=11, va="center")
        axes.text(left, 3.36, f"5 × 5 becomes {after} × {after}", va="center", size=9.5)
        side = 572 if padding == 0 else 480
        text = f"the whole U-Net: {side} becomes {_through_the_u(side, padding)}"
        axes.text(left, 0.32, text, va="center", size=9.5)
    return figure


def _through_the_u(size: int, padding: int) -> int:
    """The side of what a U-Net of four levels gives out, its 18 convolutions padded so."""
    for halve in (False, True, True, True, True):
        size = size // 2 if halve else size
        size = _double(size, padding)
    for _ in range(4):
        size = _double(2 * size, padding)
    return size


def _double(size: int, padding: int) -> int:
    return conv_output_size(conv_output_size(size, 3, padding=padding), 3, padding=padding)


def titled_cells(
    axes: Axes,
    array: np.ndarray,
    left: float,
    middle: float,
    cell: float,
    title: str,
    lit: np.ndarray | None = None,
) -> None:
    """Draw a grid of numbers, its left edge and its middle in inches, under a bold title."""
    top = middle + len(array) * cell / 2
    draw_cells(axes, array, (left, top), cell, lit)
    centre = left + array.shape[1] * cell / 2
    axes.text(centre, top + 0.08, title, ha="center", size=10, weight="bold")


def sign(axes: Axes, x: float, y: float, text: str) -> None:
    """Write an operator between two grids."""
    axes.text(x, y, text, ha="center", va="center", size=16)


def products(window: np.ndarray, kernel: np.ndarray) -> str:
    """Write each pixel of a window times the weight that lies on it: "9·1 + 0·(−1)"."""
    pairs = zip(window.ravel(), kernel.ravel(), strict=True)
    return " + ".join(f"{write(x)}·{_signed(w)}" for x, w in pairs)


def _signed(weight: int) -> str:
    return f"({write(weight)})" if weight < 0 else write(weight)


def frame(axes: Axes, corner: tuple[float, float], side: float) -> None:
    """Draw a square's outline in strong ink; `corner` is its lower left one, in inches."""
    look = {"fill": False, "edgecolor": PALETTE["ink"], "linewidth": 2, "zorder": 4}
    axes.add_artist(Rectangle(corner, side, side, **look))

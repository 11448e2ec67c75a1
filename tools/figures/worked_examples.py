"""Draw worked examples, with every number computed by NumPy."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from unet_tutorial.shapes import conv_output_size
from unet_tutorial.teaching.drawing.grids import draw_cells, format_number
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, create_canvas, with_style

OVERLAP = 5  # highlights a cell that several stamps reach
LEFT_TO_RIGHT = np.array([[-1, 0, 1]] * 3)  # the kernel of chapter 02


def convolve_valid(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Convolve one channel (H, W) with one kernel, without padding, as PyTorch does."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def conv_transpose(
    image: np.ndarray, kernel: np.ndarray, stride: int
) -> tuple[np.ndarray, np.ndarray]:
    """Transposed convolution (H', W'), and the number of the pixel that stamped each output.

    The second array counts the input's pixels from 1 in reading order. It is 0 where there is no
    stamp, and OVERLAP where there are several.
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


def make_bright_rectangle(columns: int) -> np.ndarray:
    """Make the image of chapter 02: 3x3 nines on a black background of (5, columns)."""
    image = np.zeros((5, columns), int)
    image[1:4, 2:5] = 9
    return image


@with_style
def draw_convolution() -> Figure:
    """Draw a kernel on the top left window of a small image, and the sum of its products."""
    image, kernel = make_bright_rectangle(6), LEFT_TO_RIGHT
    output = np.full((3, 4), np.nan)
    output[0, 0] = convolve_valid(image, kernel)[0, 0]
    on_window, on_output = np.zeros(image.shape, int), np.zeros(output.shape, int)
    on_window[:3, :3] = on_output[0, 0] = 1
    figure, axes = create_canvas(8.15, 3.6)
    cell, middle = 0.5, 1.95
    draw_titled_cells(axes, image, 0.25, middle, cell, "image, 5 × 6", on_window)
    write_operator(axes, 3.52, middle, "*")
    draw_titled_cells(axes, kernel, 3.8, middle, cell, "kernel, 3 × 3", np.full((3, 3), 2))
    write_operator(axes, 5.6, middle, "=")
    draw_titled_cells(axes, output, 5.9, middle, cell, "output, 3 × 4", on_output)
    text = f"{format_products(image[:3, :3], kernel)} = {format_number(output[0, 0])}"
    axes.text(0.25, 0.33, text, va="center", size=10.5)
    return figure


@with_style
def draw_summed_channels() -> Figure:
    """Draw a weight (2, 3, 3, 3): one row of kernels per output, one column per input channel."""
    images = np.arange(16).reshape(1, 4, 4) * np.array([[[1]], [[3]], [[2]]]) % 5  # (3, 4, 4)
    numbers = np.arange(2 * 3 * 3 * 3).reshape(2, 3, 3, 3)  # (out, in, kH, kW)
    weight = numbers * 7 % 5 - 2
    figure, axes = create_canvas(WIDTH, 4.75)
    cell, columns = 0.32, (1.9, 3.7, 5.5)
    axes.text(0.2, 3.75, "image,\n3 channels", va="center", linespacing=1.4)
    for index, (image, x) in enumerate(zip(images, columns, strict=True)):
        draw_titled_cells(axes, image, x - 2 * cell, 3.75, cell, f"in {index}")
    for row, (kernels, y) in enumerate(zip(weight, (2.3, 1.05), strict=True)):
        axes.text(0.2, y, f"weight for\nout {row}", va="center", linespacing=1.4)
        for kernel, x in zip(kernels, columns, strict=True):
            draw_titled_cells(axes, kernel, x - 1.5 * cell, y, cell, "", np.full((3, 3), 2 + row))
            last = x == columns[-1]
            write_operator(axes, x + 0.9, y, "=" if last else "+")
        total = sum(
            convolve_valid(image, kernel) for image, kernel in zip(images, kernels, strict=True)
        )
        draw_titled_cells(axes, total, 6.8, y, 0.4, f"out {row}", np.full(total.shape, 2 + row))
    note = "each kernel slides over\nthe channel above it;\nthe three results are added"
    axes.text(6.8, 3.75, note, va="center", size=9.5, linespacing=1.4)
    shape = ", ".join(map(str, weight.shape))
    text = f"the whole weight is (out, in, kH, kW) = ({shape})"
    axes.text(3.7, 0.25, text, ha="center", va="center", weight="bold")
    return figure


@with_style
def draw_max_pool() -> Figure:
    """Draw a 4x4 image and its 2x2 max pooling, which keeps the largest value of each window."""
    image = np.array([[1, 3, 2, 0], [4, 2, 1, 7], [5, 0, 6, 3], [1, 8, 2, 4]])
    windows = image.reshape(2, 2, 2, 2).swapaxes(1, 2)  # (rows, columns, 2, 2)
    kept = windows.max(axis=(2, 3))
    marks = np.arange(1, 5).reshape(2, 2)
    spread = marks.repeat(2, axis=0).repeat(2, axis=1)
    figure, axes = create_canvas(5.25, 2.7)
    draw_titled_cells(axes, image, 0.25, 1.2, 0.5, "4 × 4", spread)
    axes.text(3.1, 1.38, "the largest\nof each window", ha="center", va="bottom", size=9.5)
    write_operator(axes, 3.1, 1.2, "→")
    draw_titled_cells(axes, kept, 4.0, 1.2, 0.5, "2 × 2", marks)
    return figure


@with_style
def draw_transposed_stamping() -> Figure:
    """Draw a kernel stamped by four pixels: side by side (kernel 2), or overlapping (kernel 3)."""
    image, marks = np.array([[1, 2], [3, 4]]), np.array([[1, 2], [3, 4]])
    figure, axes = create_canvas(WIDTH, 5.3)
    cell = 0.42
    rows = (
        (4.0, np.array([[1, 1], [0, 1]]), "kernel 2, stride 2:\nthe stamps lie\nside by side"),
        (1.35, np.ones((3, 3), int), "kernel 3, stride 2:\nthe stamps overlap,\nand add up there"),
    )
    for middle, kernel, text in rows:
        sheet, owner = conv_transpose(image, kernel, stride=2)
        axes.text(0.25, middle, text, va="center", size=10, linespacing=1.5)
        draw_titled_cells(axes, image, 2.35, middle, cell, "input", marks)
        axes.text(3.6, middle, "stamps", ha="center", va="center", size=10)
        draw_titled_cells(axes, kernel, 4.0, middle, cell, "kernel")
        write_operator(axes, 5.65, middle, "→")
        size = f"output, {sheet.shape[0]} × {sheet.shape[1]}"
        draw_titled_cells(axes, sheet, 6.05, middle, cell, size, owner)
    return figure


@with_style
def draw_same_or_valid() -> Figure:
    """Draw a 3x3 kernel on a 5x5 image without and with padding, and both output sizes."""
    figure, axes = create_canvas(WIDTH, 3.9)
    cell, middle = 0.32, 1.85
    for left, padding, name in ((0.25, 0, "valid: no padding"), (4.4, 1, "same: padding 1")):
        size = 5 + 2 * padding
        image = np.pad(np.full((5, 5), np.nan), padding, constant_values=0)
        lit = np.zeros((size, size), int)
        lit[:3, :3] = 1
        draw_titled_cells(axes, image, left, middle, cell, "", lit)
        draw_frame(axes, (left + padding * cell, middle - 2.5 * cell), 5 * cell)
        after = conv_output_size(5, 3, padding=padding)
        arrow_at = left + size * cell + 0.22
        write_operator(axes, arrow_at, middle, "→")
        first = np.zeros((after, after), int)
        first[0, 0] = 1
        draw_titled_cells(
            axes, np.full((after, after), np.nan), arrow_at + 0.22, middle, cell, "", first
        )
        axes.text(left, 3.62, name, weight="bold", size=11, va="center")
        axes.text(left, 3.36, f"5 × 5 becomes {after} × {after}", va="center", size=9.5)
        side = 572 if padding == 0 else 480
        text = f"the whole U-Net: {side} becomes {_unet_output_size(side, padding)}"
        axes.text(left, 0.32, text, va="center", size=9.5)
    return figure


def _unet_output_size(size: int, padding: int) -> int:
    """Output size of a U-Net with four levels whose 18 convolutions have this padding."""
    for halve in (False, True, True, True, True):
        size = size // 2 if halve else size
        size = _double_conv_output_size(size, padding)
    for _ in range(4):
        size = _double_conv_output_size(2 * size, padding)
    return size


def _double_conv_output_size(size: int, padding: int) -> int:
    return conv_output_size(conv_output_size(size, 3, padding=padding), 3, padding=padding)


def draw_titled_cells(
    axes: Axes,
    array: np.ndarray,
    left: float,
    middle: float,
    cell: float,
    title: str,
    lit: np.ndarray | None = None,
) -> None:
    """Draw a grid of numbers under a bold title; `left` and `middle` place it, in inches."""
    top = middle + len(array) * cell / 2
    draw_cells(axes, array, (left, top), cell, lit)
    centre = left + array.shape[1] * cell / 2
    axes.text(centre, top + 0.08, title, ha="center", size=10, weight="bold")


def write_operator(axes: Axes, x: float, y: float, text: str) -> None:
    """Write an operator between two grids."""
    axes.text(x, y, text, ha="center", va="center", size=16)


def format_products(window: np.ndarray, kernel: np.ndarray) -> str:
    """Format the products of a window and a kernel as a sum: "9·1 + 0·(−1)"."""
    pairs = zip(window.ravel(), kernel.ravel(), strict=True)
    return " + ".join(f"{format_number(x)}·{_format_weight(w)}" for x, w in pairs)


def _format_weight(weight: int) -> str:
    return f"({format_number(weight)})" if weight < 0 else format_number(weight)


def draw_frame(axes: Axes, corner: tuple[float, float], side: float) -> None:
    """Draw the outline of a square; `corner` is its lower left corner, in inches."""
    look = {"fill": False, "edgecolor": PALETTE["ink"], "linewidth": 2, "zorder": 4}
    axes.add_artist(Rectangle(corner, side, side, **look))

"""Draw worked examples, with every number computed by NumPy."""

from __future__ import annotations

from collections.abc import Sequence

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


def make_bright_rectangle() -> np.ndarray:
    """Make the image of chapter 02: 3x3 nines on a black background of (5, 6)."""
    image = np.zeros((5, 6), int)
    image[1:4, 2:5] = 9
    return image


@with_style
def draw_two_windows(windows: Sequence[np.ndarray]) -> Figure:
    """Draw 3x3 windows of grey levels (0 to 255), each pixel as a square with its number."""
    figure, axes = create_canvas(5.4, 2.5)
    cell, top = 0.6, 2.05
    for window, name, left in zip(windows, "AB", (0.5, 3.1), strict=True):
        axes.text(left + 1.5 * cell, top + 0.12, name, ha="center", size=12, weight="bold")
        for (row, column), level in np.ndenumerate(window):
            corner = (left + column * cell, top - (row + 1) * cell)
            grey = str(level / 60)  # brighter than they are, so that the numbers are legible
            axes.add_artist(Rectangle(corner, cell, cell, facecolor=grey, edgecolor=grey))
            x, y = corner[0] + cell / 2, corner[1] + cell / 2
            axes.text(x, y, f"{level}", ha="center", va="center", size=11)
    return figure


@with_style
def draw_outline_in_numbers(patch: np.ndarray, top: int, left: int, side: int = 9) -> Figure:
    """Draw a grey patch (H, W) of 0 to 255, and the numbers of a small square in it."""
    figure, axes = create_canvas(WIDTH, 3.75)
    size, cell, x, y = 3.4, 0.37, 0.25, 0.2
    extent = (x, x + size, y, y + size)
    axes.imshow(patch, cmap="gray", vmin=0, vmax=np.percentile(patch, 99.5), extent=extent)
    axes.set(xlim=(0, WIDTH), ylim=(0, 3.75), aspect="auto")
    pixel, middle = size / len(patch), y + size / 2
    corner = (x + left * pixel, y + size - (top + side) * pixel)
    frame = {"fill": False, "edgecolor": PALETTE["orange"], "linewidth": 2, "zorder": 4}
    axes.add_artist(Rectangle(corner, side * pixel, side * pixel, **frame))
    write_operator(axes, 4.45, middle, "→")
    numbers = patch[top : top + side, left : left + side]
    at = (5.2, middle + side * cell / 2)
    draw_cells(axes, numbers, at, cell)
    axes.add_artist(Rectangle((at[0], at[1] - side * cell), side * cell, side * cell, **frame))
    return figure


# The image (3, 3, 3) and the weight (2, 3, 2, 2) of chapter 02's example with several channels.
CHANNELS = np.array(
    [
        [[5, 0, 2], [0, 3, 1], [2, 1, 0]],
        [[0, 4, 0], [2, 0, 1], [1, 0, 3]],
        [[1, 1, 0], [0, 2, 0], [3, 0, 1]],
    ]
)
KERNELS = np.array(
    [
        [[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[-1, 0], [0, -1]]],
        [[[0, 0], [1, -1]], [[1, 1], [0, 0]], [[0, 2], [0, 0]]],
    ]
)


@with_style
def draw_summed_channels() -> Figure:
    """Draw a weight (2, 3, 2, 2): one row of kernels per output, one column per input channel."""
    figure, axes = create_canvas(WIDTH, 4.5)
    cell, columns = 0.36, (2.2, 3.8, 5.4)
    axes.text(0.2, 3.45, "image,\n3 channels", va="center", linespacing=1.4)
    lit = np.pad(np.ones((2, 2), int), (0, 1))
    for index, (image, x) in enumerate(zip(CHANNELS, columns, strict=True)):
        draw_titled_cells(axes, image, x - 1.5 * cell, 3.45, cell, f"in {index}", lit)
    for row, (kernels, y) in enumerate(zip(KERNELS, (2.15, 1.05), strict=True)):
        axes.text(0.2, y, f"kernels for\nout {row}", va="center", linespacing=1.4)
        for kernel, x in zip(kernels, columns, strict=True):
            draw_titled_cells(axes, kernel, x - cell, y, cell, "", np.full((2, 2), 2 + row))
            last = x == columns[-1]
            write_operator(axes, x + 0.8, y, "=" if last else "+")
        maps = [convolve_valid(*pair) for pair in zip(CHANNELS, kernels, strict=True)]
        total, lit_first = sum(maps), np.array([[1, 0], [0, 0]])
        draw_titled_cells(axes, total, 6.75, y, cell, f"out {row}", lit_first)
    note = "each kernel slides over\nthe channel above it;\nthe three results are added"
    axes.text(6.75, 3.45, note, va="center", size=9.5, linespacing=1.4)
    shape = ", ".join(map(str, KERNELS.shape))
    text = f"the whole weight is (out, in, kH, kW) = ({shape})"
    axes.text(3.8, 0.25, text, ha="center", va="center", weight="bold")
    return figure


@with_style
def draw_max_pool() -> Figure:
    """Draw a 4x4 image and its 2x2 max pooling, which keeps the largest value of each window."""
    image = np.array([[1, 3, 2, 0], [4, 2, 1, 7], [0, 5, 6, 2], [8, 1, 3, 3]])  # chapter 04's
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

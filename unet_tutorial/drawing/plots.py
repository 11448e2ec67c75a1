"""Plots of results: images and masks side by side, mistakes, curves, bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from unet_tutorial.drawing.style import PALETTE, WIDTH, styled

LINES = (("blue", "-", "o"), ("vermillion", "--", "s"), ("green", "-.", "^"), ("purple", ":", "D"))
FILLS = (("blue", ""), ("orange", "//"), ("green", ".."), ("purple", "xx"))
BRIGHTEST = 99.5  # this percentile of an image is shown white, or few bright pixels darken the rest
TINT = 0.3  # how much of a mask's colour its pixels get, inside its outline
LARGEST_MARKED = 30  # curves of more points carry no markers


@styled
def panels(
    images: Sequence[np.ndarray], titles: Sequence[str], *, columns: int | None = None
) -> Figure:
    """Show images and masks side by side, each under its title.

    Args:
        images: arrays (H, W), shown in grey, white from their own 99.5th percentile up;
            bool arrays (H, W), shown as black and white; or uint8 colour arrays (H, W, 3).
        titles: as many short texts.
        columns: how many stand in a row; None puts up to four.

    Returns:
        A Figure 9 inches wide.

    Raises:
        ValueError: no images, another number of titles, or an array of another shape.

    Source: none. Chapters 00, 01, 11 and 12 use it.
    """
    arrays = [np.asarray(image) for image in images]
    if not arrays or len(arrays) != len(titles):
        raise ValueError(f"give one title an image: {len(arrays)} images, {len(titles)} titles.")
    columns = min(columns or 4, len(arrays))
    rows = -(-len(arrays) // columns)
    side = WIDTH / columns
    tallest = max(array.shape[0] / array.shape[1] for array in arrays)
    figure = Figure(figsize=(WIDTH, rows * (side * tallest + 0.35)), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, array, title in zip(grid, arrays, titles, strict=False):
        _show(axes, array, title)
    for axes in grid[len(arrays) :]:
        axes.remove()
    return figure


def _show(axes: Axes, array: np.ndarray, title: str) -> None:
    colour = array.ndim == 3 and array.shape[2] == 3
    if array.ndim != 2 and not colour:
        raise ValueError(f"'{title}' must be (H, W) or (H, W, 3), not {array.shape}.")
    low, high = (0, 1) if array.dtype == bool or colour else np.percentile(array, [0, BRIGHTEST])
    axes.imshow(array, cmap=None if colour else "gray", vmin=low, vmax=high)
    axes.set_title(title)
    _frame(axes)


def _frame(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set(visible=True, color=PALETTE["muted"], linewidth=0.8)


def overlay(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the image in grey with the mask tinted and outlined on it, as colours for `panels`.

    Args:
        image: array (H, W), shown in grey as by `panels`.
        mask: array (H, W) of bool or of zeros and ones.

    Returns:
        uint8 array (H, W, 3). The outline is the mask's pixels with a background neighbour.

    Raises:
        ValueError: shapes that differ.

    Source: none. Chapters 00, 11 and 12 use it.
    """
    image, mask = np.asarray(image, dtype=float), np.asarray(mask).astype(bool)
    if image.ndim != 2 or image.shape != mask.shape:
        raise ValueError(f"image {image.shape} and mask {mask.shape} must be (H, W) and equal.")
    low, high = np.percentile(image, [0, BRIGHTEST])
    grey = ((image - low) / (high - low if high > low else 1.0)).clip(0, 1)
    colours = np.repeat(grey[..., None], 3, axis=2)
    colour = np.array(to_rgb(PALETTE["orange"]))
    colours[mask] = (1 - TINT) * colours[mask] + TINT * colour
    colours[_outline(mask)] = colour
    return np.rint(colours * 255).astype(np.uint8)


def _outline(mask: np.ndarray) -> np.ndarray:
    padded = np.pad(mask, 1, mode="edge")
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inside


@styled
def error_map(prediction: np.ndarray, target: np.ndarray) -> Figure:
    """Show where a predicted mask is right and where it is wrong, with counts in the legend.

    Args:
        prediction, target: arrays (H, W) of bool or of zeros and ones.

    Returns:
        A Figure: found pixels light, missed ones dark, false ones of a middle tone, so that the
        three differ in brightness as well as in colour.

    Raises:
        ValueError: shapes that differ.

    Source: none. Chapter 11 uses it.
    """
    prediction, target = np.asarray(prediction).astype(bool), np.asarray(target).astype(bool)
    if prediction.ndim != 2 or prediction.shape != target.shape:
        raise ValueError(
            f"prediction {prediction.shape} and target {target.shape} must be (H, W) and equal."
        )
    kinds = {
        "background": (~prediction & ~target, PALETTE["band"]),
        "found": (prediction & target, PALETTE["faint"]),
        "missed": (~prediction & target, PALETTE["blue"]),
        "false": (prediction & ~target, PALETTE["vermillion"]),
    }
    codes = sum(code * where for code, (where, _) in enumerate(kinds.values()))
    height = min(WIDTH * codes.shape[0] / codes.shape[1], 8.0)
    figure = Figure(figsize=(WIDTH, height + 0.5), layout="constrained")
    axes = figure.subplots()
    colours = ListedColormap([colour for _, colour in kinds.values()])
    axes.imshow(codes, cmap=colours, vmin=0, vmax=3, interpolation="nearest")
    _frame(axes)
    figure.legend(
        handles=[
            Patch(facecolor=colour, edgecolor=PALETTE["ink"], label=f"{kind}: {where.sum():,}")
            for kind, (where, colour) in list(kinds.items())[1:]
        ],
        loc="outside upper center",
        ncols=3,
    )
    return figure


@styled
def curves(
    series: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    xlabel: str,
    x: Sequence[float] | None = None,
    log_y: bool = False,
) -> Figure:
    """Draw curves in one panel or several, each line with its own colour, dashes and marker.

    Args:
        series: for each panel, named by its y axis, the lines by their names; such as
            {"loss": {"train": [...], "validation": [...]}, "Dice": {"validation": [...]}}.
        xlabel: what the x axis counts.
        x: the x values of every line; None counts from 1.
        log_y: a logarithmic y axis.

    Returns:
        A Figure 9 inches wide.

    Raises:
        ValueError: no panel, no line, or a line of another length than x.

    Source: none. Chapters 10 and 11 use it.
    """
    if not series or not all(series.values()):
        raise ValueError("give at least one panel, and at least one line a panel.")
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    for axes, (ylabel, lines) in zip(
        figure.subplots(1, len(series), squeeze=False)[0], series.items(), strict=True
    ):
        for style, (name, values) in zip(LINES, lines.items(), strict=False):
            _draw_line(axes, x, values, name, style)
        axes.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log_y else "linear")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    return figure


def _draw_line(
    axes: Axes, x: Sequence[float] | None, values: Sequence[float], name: str, style: tuple
) -> None:
    x = range(1, len(values) + 1) if x is None else x
    if len(x) != len(values):
        raise ValueError(f"'{name}' has {len(values)} values for {len(x)} places on the x axis.")
    colour, dashes, marker = style
    marker = marker if len(values) <= LARGEST_MARKED else None
    axes.plot(x, values, dashes, color=PALETTE[colour], marker=marker, markersize=4, label=name)


@styled
def bars(
    series: Mapping[str, Sequence[float]], categories: Sequence[str], *, ylabel: str
) -> Figure:
    """Draw groups of bars, each with its value written on it and its own fill pattern.

    Args:
        series: for each kind of bar its heights, one a category.
        categories: the names under the groups.
        ylabel: what the heights measure.

    Returns:
        A Figure 9 inches wide.

    Raises:
        ValueError: a series of another length than categories.

    Source: none. Chapters 01 and 09 use it.
    """
    wrong = {name: len(v) for name, v in series.items() if len(v) != len(categories)}
    if wrong or not series:
        raise ValueError(f"each series needs {len(categories)} heights, one a category: {wrong}.")
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(series)
    for i, ((colour, hatch), (name, heights)) in enumerate(
        zip(FILLS, series.items(), strict=False)
    ):
        places = np.arange(len(categories)) + (i - (len(series) - 1) / 2) * width
        drawn = axes.bar(
            places, heights, width * 0.92, label=name,
            color=PALETTE[colour], edgecolor=PALETTE["paper"], hatch=hatch,
        )  # fmt: skip
        axes.bar_label(drawn, [f"{height:.3g}" for height in heights], padding=2, fontsize=9.5)
    axes.set(xticks=range(len(categories)), xticklabels=categories, ylabel=ylabel)
    axes.grid(axis="x", visible=False)
    axes.margins(y=0.12)
    if len(series) > 1:
        axes.legend()
    return figure

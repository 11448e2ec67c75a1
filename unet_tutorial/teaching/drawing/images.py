"""Images and masks: side by side, one on the other, object by object, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from unet_tutorial.teaching.drawing.intensity import grey_limits, scaled
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, mix, styled

TINT = 0.3  # how much of a mask's colour its pixels get, inside its outline
TALLEST = 5.6  # inches of an image
BESIDE, ABOVE = 0.24, 0.42  # inches that margins take of a panel's width, and with its title above
CYCLE = ("blue", "orange", "green", "purple", "vermillion")  # of neighbouring object numbers
MISSED = mix(PALETTE["blue"], "#000000", 0.5)
FALSE_EDGE = mix(PALETTE["orange"], "#000000", 0.5)


@styled
def panels(
    images: Sequence[ArrayLike],
    titles: Sequence[str],
    *,
    columns: int | None = None,
    limits: tuple[float, float] | None = None,
) -> Figure:
    """Show images and masks side by side, each under its title.

    Args:
        images: arrays (H, W), shown in grey; bool arrays (H, W), black and white; or uint8
            colour arrays (H, W, 3).
        titles: as many short texts.
        columns: how many stand in a row; None puts up to four.
        limits: the values shown black and white in every grey image. None takes each image's
            own: black its smallest value, white its 99.5th percentile.

    Returns:
        A Figure 9 inches wide.

    Raises:
        ValueError: no images, another number of titles, or an array of another shape.

    Example:
        `panels([image, mask], ["image", "mask"])` shows two squares in one row.

    Source: none. Chapters 00, 01, 02, 04, 05, 11 and 12 use it.
    """
    arrays = [np.asarray(image) for image in images]
    if not arrays or len(arrays) != len(titles):
        raise ValueError(f"give one title an image: {len(arrays)} images, {len(titles)} titles.")
    for array, title in zip(arrays, titles, strict=True):
        _check_image(array, title)
    columns = min(columns or 4, len(arrays))
    rows = -(-len(arrays) // columns)
    tallest = max(array.shape[0] / array.shape[1] for array in arrays)
    height = min((WIDTH / columns - BESIDE) * tallest, TALLEST) + ABOVE
    figure = Figure(figsize=(WIDTH, rows * height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, array, title in zip(grid, arrays, titles, strict=False):
        low, high = limits or grey_limits(array)
        axes.imshow(array, cmap="gray", vmin=low, vmax=high)
        axes.set_title(title)
        _frame(axes)
    for axes in grid[len(arrays) :]:
        axes.remove()
    return figure


def _check_image(array: np.ndarray, title: str) -> None:
    colour = array.ndim == 3 and array.shape[2] == 3
    if array.size == 0 or not (array.ndim == 2 or (colour and array.dtype == np.uint8)):
        raise ValueError(
            f"'{title}' must be (H, W), or uint8 (H, W, 3) for colours, and not empty; "
            f"{array.dtype} {array.shape} came."
        )


def _frame(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.spines[:].set(visible=True, color=PALETTE["muted"], linewidth=0.8)


def overlay(image: ArrayLike, mask: ArrayLike) -> np.ndarray:
    """Return the image in grey with the mask tinted and outlined on it, as colours for `panels`.

    Args:
        image: array (H, W), shown in grey as by `panels`.
        mask: array (H, W) of bool or of zeros and ones.

    Returns:
        uint8 array (H, W, 3). The outline is the mask's pixels with a background neighbour.

    Raises:
        ValueError: shapes that differ, or other numbers than zeros and ones in the mask.

    Example:
        A mask of 3x3 ones: its 8 outer pixels are outline where background surrounds it.

    Source: none. Chapters 00, 11 and 12 use it.
    """
    image, mask = np.asarray(image, dtype=float), _as_mask("mask", mask)
    _check_equal("image", image, "mask", mask)
    colours = np.repeat(scaled(image)[..., None], 3, axis=2)  # (H, W, 3)
    orange = np.array(to_rgb(PALETTE["orange"]))
    colours[mask] = (1 - TINT) * colours[mask] + TINT * orange
    colours[mask & _edges(mask)] = orange
    return np.rint(colours * 255).astype(np.uint8)


def colour_labels(labels: ArrayLike) -> np.ndarray:
    """Return each object in a colour of its own and outlined, as colours for `panels`.

    Args:
        labels: integer array (H, W), 0 = background, every other number one object.

    Returns:
        uint8 array (H, W, 3). Five colours take turns; an outline runs round every object, so
        that two that touch are two even where their colour is the same.

    Raises:
        ValueError: something else than an integer array (H, W).

    Example:
        Labels [[1, 1, 0], [2, 2, 0]]: the four pixels of 1 and 2 are all outline.

    Source: none. Chapter 12 uses it.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"labels must be whole numbers (H, W); {labels.dtype} {labels.shape} came."
        )
    paints = np.array([to_rgb(mix(PALETTE[name], "#FFFFFF", 0.25)) for name in CYCLE])
    colours = paints[(labels - 1) % len(CYCLE)]  # (H, W, 3)
    colours[_edges(labels)] = to_rgb(PALETTE["ink"])
    colours[labels == 0] = to_rgb(PALETTE["paper"])
    return np.rint(colours * 255).astype(np.uint8)


def _edges(array: np.ndarray) -> np.ndarray:
    """True where a neighbour above, below, left or right has another value."""
    padded = np.pad(array, 1, mode="edge")
    around = padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]
    return np.logical_or.reduce([neighbour != array for neighbour in around])


@styled
def error_map(prediction: ArrayLike, target: ArrayLike) -> Figure:
    """Show where a predicted mask is right and where it is wrong, with counts in the legend.

    Args:
        prediction, target: arrays (H, W) of bool or of zeros and ones.

    Returns:
        A Figure, 9 inches wide for an image that is not taller than wide: found pixels light
        grey, false ones orange and hatched, missed ones dark blue, so that the three differ in
        brightness as well as in colour.

    Raises:
        ValueError: shapes that differ, or other numbers than zeros and ones.

    Example:
        prediction [[1, 1, 0]] and target [[1, 0, 1]]: one pixel of each kind.

    Source: none. Chapter 11 uses it.
    """
    prediction, target = _as_mask("prediction", prediction), _as_mask("target", target)
    _check_equal("prediction", prediction, "target", target)
    kinds = {
        "found": (prediction & target, {"facecolor": PALETTE["faint"]}),
        "false": (
            prediction & ~target,
            {"facecolor": PALETTE["orange"], "edgecolor": FALSE_EDGE, "hatch": "/////"},
        ),
        "missed": (~prediction & target, {"facecolor": MISSED}),
    }
    colours = np.ones((*target.shape, 3)) * to_rgb(PALETTE["paper"])
    for where, look in kinds.values():
        colours[where] = to_rgb(look["facecolor"])
    tall = target.shape[0] > target.shape[1]
    figure = Figure(figsize=_size(*target.shape), layout="constrained")
    axes = figure.subplots()
    axes.imshow(colours)
    _hatch(axes, kinds["false"][0])
    _frame(axes)
    handles = [
        Patch(**look, label=f"{kind}: {where.sum():,} pixels")
        for kind, (where, look) in kinds.items()
    ]
    place = "outside right upper" if tall else "outside upper center"
    figure.legend(handles=handles, loc=place, ncols=1 if tall else 3, handleheight=1.2)
    return figure


def _size(rows: int, columns: int) -> tuple[float, float]:
    """Inches wide and high: the legend stands above wide images and beside tall ones."""
    if rows > columns:
        return min(WIDTH, 7 * columns / rows + 2.4), 7.0
    return WIDTH, max(1.5, min(6.5, WIDTH * rows / columns)) + 0.5


def _hatch(axes: Axes, where: np.ndarray) -> None:
    if where.any() and min(where.shape) > 1:
        drawn = axes.contourf(where.astype(float), [0.5, 1.5], colors="none", hatches=["//////"])
        drawn.set(edgecolor=FALSE_EDGE, linewidth=0)


def _as_mask(name: str, mask: ArrayLike) -> np.ndarray:
    array = np.asarray(mask)
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise ValueError(
            f"{name} must hold zeros and ones; it goes from {array.min():g} to {array.max():g}. "
            "Compare probabilities with a threshold first: probability > 0.5."
        )
    return array.astype(bool)


def _check_equal(name: str, array: np.ndarray, other: str, second: np.ndarray) -> None:
    if array.ndim != 2 or array.shape != second.shape or array.size == 0:
        raise ValueError(
            f"{name} {array.shape} and {other} {second.shape} must be (H, W), equal, not empty."
        )

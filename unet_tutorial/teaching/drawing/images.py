"""Draw images and masks: side by side, overlaid, object by object, or as a map of errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from unet_tutorial.teaching.drawing.intensity import grey_limits, scale_intensity
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, mix_colours, with_style

_TINT = 0.3  # opacity of a mask inside its outline
_TALLEST = 5.6  # inches, for an image
_SIDE_MARGINS, _TITLE_MARGIN = (
    0.24,
    0.42,
)  # inches per panel, in width and in height
_STRIP_NAMES = 0.22  # inches below each panel
_LABEL_COLOURS = (
    "blue",
    "orange",
    "green",
    "purple",
    "vermillion",
)  # taken in turn by object number
_MISSED = mix_colours(PALETTE["blue"], "#000000", 0.5)
_FALSE_EDGE = mix_colours(PALETTE["orange"], "#000000", 0.5)


@with_style
def panels(
    images: Sequence[ArrayLike],
    titles: Sequence[str],
    *,
    columns: int | None = None,
    limits: tuple[float, float] | None = None,
    strips: Mapping[str, tuple[int, int]] | None = None,
) -> Figure:
    """Show images and masks side by side, each under its title.

    Args:
        images: grey images (H, W), boolean masks (H, W), or uint8 colour images (H, W, 3).
        titles: one short title per image.
        columns: the number of images in a row; None means up to four.
        limits: the values shown as black and white in every grey image. None chooses them for
            each image: its smallest value is black and its 99.5th percentile white.
        strips: vertical strips of the images to mark, by name: the first column of each, and the
            one after its last. Dashed lines bound a strip, and its name is below it.

    Returns:
        A Figure 9 inches wide.

    Raises:
        ValueError: if there are no images, not one title per image, or if an array has another
            shape.

    Example:
        `panels([image, mask], ["image", "mask"])` shows two squares in one row.
    """
    arrays = [np.asarray(image) for image in images]
    if not arrays or len(arrays) != len(titles):
        raise ValueError(
            "Give at least one image, and one title per image; there are "
            f"{len(arrays)} images and {len(titles)} titles."
        )
    for array, title in zip(arrays, titles, strict=True):
        _validate_image(array, title)
    columns = min(columns or 4, len(arrays))
    rows = -(-len(arrays) // columns)
    tallest = max(array.shape[0] / array.shape[1] for array in arrays)
    height = min((WIDTH / columns - _SIDE_MARGINS) * tallest, _TALLEST) + _TITLE_MARGIN
    height += _STRIP_NAMES if strips else 0
    figure = Figure(figsize=(WIDTH, rows * height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, array, title in zip(grid, arrays, titles, strict=False):
        low, high = limits or grey_limits(array)
        axes.imshow(array, cmap="gray", vmin=low, vmax=high)
        axes.set_title(title)
        _show_only_frame(axes)
        _mark_strips(axes, strips or {})
    for axes in grid[len(arrays) :]:
        axes.remove()
    return figure


def _validate_image(array: np.ndarray, title: str) -> None:
    colour = array.ndim == 3 and array.shape[2] == 3
    if array.size == 0 or not (array.ndim == 2 or (colour and array.dtype == np.uint8)):
        raise ValueError(
            f"'{title}' must be (H, W), or uint8 (H, W, 3) for a colour image, and not empty; "
            f"it is {array.dtype} {array.shape}."
        )


def _show_only_frame(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    axes.spines[:].set(visible=True, color=PALETTE["muted"], linewidth=0.8)


def _mark_strips(axes: Axes, strips: Mapping[str, tuple[int, int]]) -> None:
    """Draw a dashed line at each end of a strip inside the image, and write its name below it."""
    right = axes.get_xlim()[1]
    for column in sorted({column - 0.5 for ends in strips.values() for column in ends}):
        if -0.5 < column < right:  # white on dark, so that it's visible on any grey
            axes.axvline(column, color=PALETTE["ink"], linewidth=3)
            axes.axvline(column, color="white", linewidth=1.5, linestyle=(0, (4, 3)))
    axes.set_xticks([sum(ends) / 2 - 0.5 for ends in strips.values()], list(strips))
    axes.tick_params(length=0, labelcolor=PALETTE["ink"])


def overlay(image: ArrayLike, mask: ArrayLike) -> np.ndarray:
    """Overlay a mask on a grey image, tinted and outlined; `panels` shows the result.

    Args:
        image: array (H, W), scaled to grey as in `panels`.
        mask: array (H, W) of bool, or of zeros and ones.

    Returns:
        uint8 array (H, W, 3). The outline consists of the mask's pixels next to the background.

    Raises:
        ValueError: if the shapes differ, or if the mask contains other values than 0 and 1.

    Example:
        In a mask of 3x3 ones surrounded by zeros, the 8 outer pixels are the outline.
    """
    image, mask = np.asarray(image, dtype=float), _validate_mask("mask", mask)
    _require_same_shape("image", image, "mask", mask)
    colours = np.repeat(scale_intensity(image)[..., None], 3, axis=2)  # (H, W, 3)
    orange = np.array(to_rgb(PALETTE["orange"]))
    colours[mask] = (1 - _TINT) * colours[mask] + _TINT * orange
    colours[mask & _find_edges(mask)] = orange
    return np.rint(colours * 255).astype(np.uint8)


def colour_labels(labels: ArrayLike) -> np.ndarray:
    """Colour and outline each labelled object; `panels` shows the result.

    Args:
        labels: integer array (H, W); 0 is background, every other number one object.

    Returns:
        uint8 array (H, W, 3). The colours repeat after five objects. Every object is outlined,
        so you can tell touching objects apart even if they have the same colour.

    Raises:
        ValueError: if `labels` isn't an integer array (H, W).

    Example:
        In [[1, 1, 0], [2, 2, 0]], all four pixels of the objects 1 and 2 are outline.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers (H, W), but are {labels.dtype} {labels.shape}.")
    paints = np.array(
        [to_rgb(mix_colours(PALETTE[name], "#FFFFFF", 0.25)) for name in _LABEL_COLOURS]
    )
    colours = paints[(labels - 1) % len(_LABEL_COLOURS)]  # (H, W, 3)
    colours[_find_edges(labels)] = to_rgb(PALETTE["ink"])
    colours[labels == 0] = to_rgb(PALETTE["paper"])
    return np.rint(colours * 255).astype(np.uint8)


def _find_edges(array: np.ndarray) -> np.ndarray:
    """Find the pixels with a different value above, below, to the left or to the right."""
    padded = np.pad(array, 1, mode="edge")
    around = padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]
    return np.logical_or.reduce([neighbour != array for neighbour in around])


@with_style
def error_map(prediction: ArrayLike, target: ArrayLike) -> Figure:
    """Show where a predicted mask is right and where it is wrong, with pixel counts.

    Args:
        prediction, target: arrays (H, W) of bool, or of zeros and ones.

    Returns:
        A Figure, 9 inches wide unless the image is taller than wide. Found pixels are light
        grey, false ones orange and hatched, missed ones dark blue: the three differ in
        brightness as well as in colour. The legend counts each kind.

    Raises:
        ValueError: if the shapes differ, or if there are other values than 0 and 1.

    Example:
        Prediction [[1, 1, 0]] and target [[1, 0, 1]] have one pixel of each kind.
    """
    prediction, target = _validate_mask("prediction", prediction), _validate_mask("target", target)
    _require_same_shape("prediction", prediction, "target", target)
    kinds = {
        "found": (prediction & target, {"facecolor": PALETTE["faint"]}),
        "false": (
            prediction & ~target,
            {"facecolor": PALETTE["orange"], "edgecolor": _FALSE_EDGE, "hatch": "/////"},
        ),
        "missed": (~prediction & target, {"facecolor": _MISSED}),
    }
    colours = np.ones((*target.shape, 3)) * to_rgb(PALETTE["paper"])
    for where, look in kinds.values():
        colours[where] = to_rgb(look["facecolor"])
    tall = target.shape[0] > target.shape[1]
    figure = Figure(figsize=_choose_figure_size(*target.shape), layout="constrained")
    axes = figure.subplots()
    axes.imshow(colours)
    _draw_hatching(axes, kinds["false"][0])
    _show_only_frame(axes)
    handles = [
        Patch(**look, label=f"{kind}: {where.sum():,} pixels")
        for kind, (where, look) in kinds.items()
    ]
    place = "outside right upper" if tall else "outside upper center"
    figure.legend(handles=handles, loc=place, ncols=1 if tall else 3, handleheight=1.2)
    return figure


def _choose_figure_size(rows: int, columns: int) -> tuple[float, float]:
    """Leave room for the legend: above a wide image, next to a tall one."""
    if rows > columns:
        return min(WIDTH, 7 * columns / rows + 2.4), 7.0
    return WIDTH, max(1.5, min(6.5, WIDTH * rows / columns)) + 0.5


def _draw_hatching(axes: Axes, where: np.ndarray) -> None:
    if where.any() and min(where.shape) > 1:
        drawn = axes.contourf(where.astype(float), [0.5, 1.5], colors="none", hatches=["//////"])
        drawn.set(edgecolor=_FALSE_EDGE, linewidth=0)


def _validate_mask(name: str, mask: ArrayLike) -> np.ndarray:
    array = np.asarray(mask)
    if array.dtype != bool and not np.isin(array, (0, 1)).all():
        raise ValueError(
            f"{name} must contain only 0 and 1, but its values range from {array.min():g} to "
            f"{array.max():g}. Turn probabilities into a mask first: probability > 0.5."
        )
    return array.astype(bool)


def _require_same_shape(name: str, array: np.ndarray, other: str, second: np.ndarray) -> None:
    if array.ndim != 2 or array.shape != second.shape or array.size == 0:
        raise ValueError(
            f"{name} and {other} must have the same shape (H, W) and not be empty; "
            f"they are {array.shape} and {second.shape}."
        )

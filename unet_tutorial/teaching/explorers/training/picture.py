"""Picture of the explorer of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from unet_tutorial.teaching.drawing.charts import LINE_STYLES
from unet_tutorial.teaching.drawing.intensity import convert_to_grey
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, create_canvas, with_style
from unet_tutorial.teaching.explorers.canvas.fast_artists import add_text
from unet_tutorial.teaching.explorers.canvas.layout import (
    EDGE,
    FOOT,
    GAP,
    HEAD,
    SMALL,
    Box,
    Chart,
    choose_step,
    draw_titled_image,
)

_PATCH_WIDTH, _PATCH_HEIGHT = 4.0, 1.9  # all three patches together
_LEGEND_ROOM = 0.5  # above the curves, as a fraction of their range


@with_style
def draw_training(
    image: np.ndarray,
    mask: np.ndarray,
    now: np.ndarray,
    losses: Mapping[str, Sequence[float]],
    dice: Sequence[float],
    epochs: int,
) -> Figure:
    """Draw a training's loss and Dice so far, and its prediction of one patch.

    Args:
        image: a patch (H, W), shown in grey.
        mask: the expert's, bool (H, W).
        now: the network's current probabilities (H, W).
        losses: up to two curves by name, with one value per epoch; they may be empty.
        dice: the validation Dice, one value per epoch; it may be empty.
        epochs: the number of epochs of the whole training.

    Returns:
        A Figure 9 inches wide.

    Example:
        `draw_training(x, y, p, {"training": [1.4, 1.1], "validation": [1.4, 0.9]}, [0.3, 0.6], 8)`
    """
    bottom, height = FOOT + EDGE, _PATCH_HEIGHT
    figure, axes = create_canvas(WIDTH, bottom + height + HEAD)
    last = max(epochs, 2)
    step = choose_step(last - 1, 5)
    shared = {"x_label": "epoch", "x_marks": range(step, last + 1, step)}
    highest = max([1.0, *(value for values in losses.values() for value in values)])
    lowest = min([0.0, *(value for values in losses.values() for value in values)])
    limits, marks = (
        (lowest, highest + _LEGEND_ROOM * (highest - lowest)),
        _choose_marks(lowest, highest),
    )
    box = Box(0.5, bottom, 2.05, height)
    chart = Chart(axes, box, (1, last), limits, y_marks=marks, title="loss", **shared)
    for number, (name, values) in enumerate(losses.items()):
        chart.draw_curve(range(1, len(values) + 1), values, **_choose_line_style(number))
        _draw_legend_entry(axes, box.left + 0.15, box.top - 0.1 - 0.2 * number, number, name)
    box = Box(3.05, bottom, 1.55, height)
    marks = (0, 0.25, 0.5, 0.75, 1)
    chart = Chart(axes, box, (1, last), (0, 1), y_marks=marks, title="validation Dice", **shared)
    chart.draw_curve(range(1, len(dice) + 1), dice, **_choose_line_style(1))
    _draw_patches(axes, (convert_to_grey(image), mask, now), ("image", "expert", "now"), bottom)
    return figure


def _choose_marks(low: float, high: float) -> list[float]:
    """Choose three to six round numbers from low to high as ticks."""
    unit = 10 ** np.floor(np.log10(high - low) - 1)
    step = unit * choose_step((high - low) / unit, 5)
    return [float(f"{mark:.6g}") for mark in np.arange(np.ceil(low / step), high / step) * step]


def _choose_line_style(number: int) -> dict:
    colour, dashes, marker = LINE_STYLES[number]
    line = {"color": PALETTE[colour], "linestyle": dashes, "linewidth": 1.8}
    return {**line, "marker": marker, "markersize": 4.5, "clip_on": False}


def _draw_legend_entry(axes: Axes, left: float, height: float, number: int, name: str) -> None:
    """Draw a piece of a curve with its name."""
    places = (left, left + 0.18, left + 0.36), (height,) * 3
    axes.add_artist(Line2D(*places, **_choose_line_style(number), markevery=[1]))
    look = {"va": "center", "size": SMALL, "color": PALETTE["ink"]}
    add_text(axes, left + 0.46, height, name, **look)


def _draw_patches(axes: Axes, arrays: Sequence, titles: Sequence[str], bottom: float) -> None:
    """Draw the patches in a row on the right, as large as they fit."""
    rows, columns = arrays[0].shape[:2]
    pixel = min((_PATCH_WIDTH - 2 * GAP) / (3 * columns), _PATCH_HEIGHT / rows)
    width, height = columns * pixel, rows * pixel
    left = WIDTH - EDGE - _PATCH_WIDTH + (_PATCH_WIDTH - 3 * width - 2 * GAP) / 2
    for number, (array, title) in enumerate(zip(arrays, titles, strict=True)):
        place = Box(left + number * (width + GAP), bottom + _PATCH_HEIGHT - height, width, height)
        draw_titled_image(axes, array, place, title)

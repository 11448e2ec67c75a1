"""The picture of the explorer of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from unet_tutorial.teaching.drawing.charts import LINES
from unet_tutorial.teaching.drawing.intensity import as_grey
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, canvas, styled
from unet_tutorial.teaching.explorers.canvas.fast_artists import quick_text
from unet_tutorial.teaching.explorers.canvas.layout import (
    EDGE,
    FOOT,
    GAP,
    HEAD,
    SMALL,
    Box,
    Chart,
    picture,
    round_step,
)

PATCH_WIDTH, PATCH_HEIGHT = 4.0, 1.9  # the three patches of a training, together
KEY_ROOM = 0.5  # of the highest loss, above the curves


@styled
def draw_training(
    image: np.ndarray,
    mask: np.ndarray,
    now: np.ndarray,
    losses: Mapping[str, Sequence[float]],
    dice: Sequence[float],
    epochs: int,
) -> Figure:
    """Show how far a training has come: loss and Dice so far, and the prediction of one patch.

    Args:
        image: a patch (H, W), shown in grey.
        mask: the expert's, bool (H, W).
        now: probabilities (H, W) of the network as it is now.
        losses: one value an epoch, by the names of up to two curves; they may be empty.
        dice: the validation Dice, one an epoch; it may be empty.
        epochs: how many there will be.

    Returns:
        A Figure 9 inches wide.

    Example:
        `draw_training(x, y, p, {"training": [1.4, 1.1], "validation": [1.4, 0.9]}, [0.3, 0.6], 8)`

    Source: none. The explorer of chapter 10.
    """
    bottom, height = FOOT + EDGE, PATCH_HEIGHT
    figure, axes = canvas(WIDTH, bottom + height + HEAD)
    last = max(epochs, 2)
    step = round_step(last - 1, 5)
    shared = {"x_label": "epoch", "x_marks": range(step, last + 1, step)}
    highest = max([1.0, *(value for values in losses.values() for value in values)])
    lowest = min([0.0, *(value for values in losses.values() for value in values)])
    limits, marks = (lowest, highest + KEY_ROOM * (highest - lowest)), _marks(lowest, highest)
    box = Box(0.5, bottom, 2.05, height)
    chart = Chart(axes, box, (1, last), limits, y_marks=marks, title="loss", **shared)
    for number, (name, values) in enumerate(losses.items()):
        chart.curve(range(1, len(values) + 1), values, **_look(number))
        _key(axes, box.left + 0.15, box.top - 0.1 - 0.2 * number, number, name)
    box = Box(3.05, bottom, 1.55, height)
    marks = (0, 0.25, 0.5, 0.75, 1)
    chart = Chart(axes, box, (1, last), (0, 1), y_marks=marks, title="validation Dice", **shared)
    chart.curve(range(1, len(dice) + 1), dice, **_look(1))
    _patches(axes, (as_grey(image), mask, now), ("image", "expert", "now"), bottom)
    return figure


def _marks(low: float, high: float) -> list[float]:
    """Round numbers from low to high, three to six of them."""
    unit = 10 ** np.floor(np.log10(high - low) - 1)
    step = unit * round_step((high - low) / unit, 5)
    return [float(f"{mark:.6g}") for mark in np.arange(np.ceil(low / step), high / step) * step]


def _look(number: int) -> dict:
    colour, dashes, marker = LINES[number]
    line = {"color": PALETTE[colour], "linestyle": dashes, "linewidth": 1.8}
    return {**line, "marker": marker, "markersize": 4.5, "clip_on": False}


def _key(axes: Axes, left: float, height: float, number: int, name: str) -> None:
    """A piece of a curve with its name."""
    places = (left, left + 0.18, left + 0.36), (height,) * 3
    axes.add_artist(Line2D(*places, **_look(number), markevery=[1]))
    look = {"va": "center", "size": SMALL, "color": PALETTE["ink"]}
    quick_text(axes, left + 0.46, height, name, **look)


def _patches(axes: Axes, arrays: Sequence, titles: Sequence[str], bottom: float) -> None:
    """The patches in a row at the right end, as large as there is room."""
    rows, columns = arrays[0].shape[:2]
    pixel = min((PATCH_WIDTH - 2 * GAP) / (3 * columns), PATCH_HEIGHT / rows)
    width, height = columns * pixel, rows * pixel
    left = WIDTH - EDGE - PATCH_WIDTH + (PATCH_WIDTH - 3 * width - 2 * GAP) / 2
    for number, (array, title) in enumerate(zip(arrays, titles, strict=True)):
        place = Box(left + number * (width + GAP), bottom + PATCH_HEIGHT - height, width, height)
        picture(axes, array, place, title)

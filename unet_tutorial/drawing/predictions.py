"""What a network predicts, in pictures that follow a control: skips, training, threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from unet_tutorial.drawing.charts import LINES
from unet_tutorial.drawing.grey import as_grey
from unet_tutorial.drawing.images import overlay
from unet_tutorial.drawing.parts import SMALL, Box, Chart, outline, picture, round_step
from unet_tutorial.drawing.quick import quick_text
from unet_tutorial.drawing.style import PALETTE, WIDTH, canvas, mix, styled

EDGE, GAP, HEAD, FOOT = 0.1, 0.15, 0.32, 0.45  # inches: beside, between, for a title, for numbers
TALLEST, TITLE_WIDTH = 4.0, 1.9
PATCH_WIDTH, PATCH_HEIGHT = 4.0, 1.9  # the three patches of a training, together
KEY_ROOM = 0.5  # of the highest loss, above the curves
EXPERT = mix(PALETTE["blue"], "#FFFFFF", 0.6)


@styled
def skips_off(
    image: np.ndarray, before: np.ndarray, now: np.ndarray, edges: np.ndarray, whose: str
) -> Figure:
    """Show a patch, the prediction with all skips, and the one with some of them off.

    Args:
        image: (H, W), shown in grey.
        before, now: probabilities (H, W), 0 black and 1 white.
        edges: bool mask (H, W) whose outline is drawn on both predictions.
        whose: the outline's name, such as "the expert's outline".

    Returns:
        A Figure 9 inches wide.

    Example:
        `skips_off(image, before, now, before > 0.5, "the mask's outline")`

    Source: none. The explorer of chapters 06 and 11.
    """
    titles = ("image", "probability, all skips on", f"now, and {whose}")
    width = (WIDTH - 2 * EDGE - 2 * GAP) / 3
    height = min(width * image.shape[0] / image.shape[1], TALLEST)
    width = height * image.shape[1] / image.shape[0]
    figure, axes = canvas(WIDTH, height + HEAD + EDGE)
    left = (WIDTH - 3 * width - 2 * GAP) / 2
    arrays = (as_grey(image), before, now)
    for number, (array, title) in enumerate(zip(arrays, titles, strict=True)):
        box = Box(left + number * (width + GAP), EDGE, width, height)
        picture(axes, array, box, title)
        if number == 2:
            outline(axes, edges, box, color=PALETTE["vermillion"], linewidth=1.4)
    return figure


@styled
def training(
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
        `training(x, y, p, {"training": [1.4, 1.1], "validation": [1.4, 0.9]}, [0.3, 0.6], 8)`

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


@styled
def thresholded(
    image: np.ndarray,
    mask: np.ndarray,
    truth: np.ndarray | None,
    curve: tuple[np.ndarray, np.ndarray],
    threshold: float,
    score: str,
) -> Figure:
    """Show the mask at a threshold, the same on the image, and the score of every threshold.

    Args:
        image: (H, W), shown in grey.
        mask: bool (H, W), what lies above the threshold.
        truth: the expert's mask, bool (H, W), drawn as a dashed outline; or None.
        curve: thresholds, and the score of each from 0 to 1.
        threshold: the one that is set; its place on the curve is marked.
        score: what the curve shows, such as "Dice".

    Returns:
        A Figure 9 inches wide: in one row, or with the overlay above where the image is wide.

    Example:
        `thresholded(image, probability > 0.5, labels > 0, (t, dice_at), 0.5, "Dice")`

    Source: none. The explorer of chapters 07, 11 and 12.
    """
    top, beside, chart, height = _places(*mask.shape)
    figure, axes = canvas(WIDTH, height)
    title = "mask on the image" if truth is None else "mask; the expert's dashed"
    picture(axes, overlay(image, mask), top, title)
    picture(axes, mask, beside, "mask")
    if truth is not None:
        outline(axes, truth, top, dashed=True, color=EXPERT, linewidth=1.5)
    marks, title = (0, 0.25, 0.5, 0.75, 1), f"{score} at every threshold"
    shared = {"x_marks": marks, "y_marks": marks, "x_label": "threshold", "title": title}
    drawn = Chart(axes, chart, (0, 1), (0, 1), **shared)
    drawn.curve(*curve, color=PALETTE["blue"], linewidth=1.8)
    here = float(np.interp(threshold, *curve))
    drawn.curve([threshold] * 2, [0, 1], color=PALETTE["ink"], linewidth=1)
    drawn.curve([threshold], [here], color=PALETTE["ink"], marker="o", markersize=7)
    return figure


def _places(rows: int, columns: int) -> tuple[Box, Box, Box, float]:
    """Where overlay, mask and chart lie, and the height of the canvas."""
    if columns < 2 * rows:
        width = (WIDTH - 3.2 - EDGE - GAP) / 2
        height = min(width * rows / columns, TALLEST)
        width, bottom = height * columns / rows, FOOT + EDGE
        chart = Box(WIDTH - 2.55, bottom, 2.4, max(height, 1.6))
        overlaid = Box(EDGE, chart.top - height, width, height)
        beside = overlaid._replace(left=EDGE + max(width, TITLE_WIDTH) + GAP)
        return overlaid, beside, chart, chart.top + HEAD
    narrow, wide = 5.6, WIDTH - 2 * EDGE
    chart = Box(6.3, FOOT + EDGE, WIDTH - 6.3 - EDGE - 0.1, max(narrow * rows / columns - 0.3, 1.4))
    beside = Box(EDGE, chart.top - narrow * rows / columns, narrow, narrow * rows / columns)
    overlaid = Box(EDGE, chart.top + HEAD + GAP, wide, wide * rows / columns)
    return overlaid, beside, chart, overlaid.top + HEAD

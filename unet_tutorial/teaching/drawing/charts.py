"""Curves and bars: named where they end, and told apart by more than their colour."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, DrawingArea, HPacker, TextArea
from matplotlib.ticker import FixedLocator, Locator, MaxNLocator

from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, mix, styled

LINES = (  # colour, dashes, marker
    ("blue", "-", "o"),
    ("vermillion", (0, (5, 2)), "s"),
    ("green", (0, (6, 2, 1, 2)), "^"),
    ("purple", (0, (1.5, 1.5)), "D"),
    ("ink", (0, (9, 3)), "v"),
)
FILLS = (("blue", ""), ("orange", "///"), ("green", "..."), ("purple", "xxx"), ("vermillion", "--"))
MARKERS = 12  # about as many a curve
LABEL_GAP = 0.085  # of the height of the axes, between two names


@styled
def curves(
    series: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    xlabel: str,
    x: Sequence[float] | None = None,
    log_y: bool = False,
    references: Mapping[str, float] | None = None,
) -> Figure:
    """Draw curves in one panel or several, each with its colour, dashes, marker and name.

    Args:
        series: for each panel, named by its y axis, up to five lines by their names; such as
            {"loss": {"train": [...], "validation": [...]}, "Dice": {"validation": [...]}}.
        xlabel: what the x axis counts.
        x: the x values of every line; None counts from 1.
        log_y: a logarithmic y axis; values of 0 are then left out of the line.
        references: heights of level lines to compare with, in the last panel, by their names.

    Returns:
        A Figure 9 inches wide; each name stands where its line ends, beside a piece of it.

    Raises:
        ValueError: no panel, no line or more than five, a line without values or of another
            length than x, or values below 0 for a logarithmic axis.

    Example:
        `curves({"Dice": {"U-Net": [0.5, 0.9]}}, xlabel="epoch", references={"Otsu": 0.82})`

    Source: none. Chapters 10 and 11 use it.
    """
    _check_curves(series, x, log_y)
    columns = len(series) if len(series) <= 3 else 2
    rows = -(-len(series) // columns)
    figure = Figure(figsize=(WIDTH, 3.4 * rows), layout="constrained")
    grid = [figure.add_subplot(rows, columns, i + 1) for i in range(len(series))]
    for axes, (ylabel, lines) in zip(grid, series.items(), strict=True):
        axes.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log_y else "linear")
        drawn = [
            _draw_line(axes, x, values, style, name)
            for style, (name, values) in zip(LINES, lines.items(), strict=False)
        ]
        if axes is grid[-1]:
            drawn += [_draw_reference(axes, *item) for item in (references or {}).items()]
        axes.xaxis.set_major_locator(_ticks(x))
        _name_ends(axes, drawn)
    return figure


def _check_curves(series: Mapping, x: Sequence[float] | None, log_y: bool) -> None:
    counts = [len(lines) for lines in series.values()]
    if not counts or not all(1 <= count <= len(LINES) for count in counts):
        raise ValueError(f"give at least one panel, of 1 to {len(LINES)} lines; {counts} came.")
    for lines in series.values():
        for name, values in lines.items():
            if len(values) == 0 or (x is not None and len(x) != len(values)):
                places = "its own" if x is None else len(x)
                raise ValueError(f"'{name}' has {len(values)} values for {places} x values.")
            if log_y and np.min(values) < 0:
                raise ValueError(
                    f"'{name}' goes down to {np.min(values):g}, which a logarithmic axis "
                    "cannot show: draw absolute values, or leave log_y out."
                )


def _ticks(x: Sequence[float] | None) -> Locator:
    """Marks at the x values where they are few and evenly spaced, else at whole numbers."""
    steps = np.diff([] if x is None else x)
    if 0 < len(steps) < 13 and np.allclose(steps, steps[0]):
        return FixedLocator(x)
    return MaxNLocator(integer=True, steps=[1, 2, 5, 10])


def _draw_line(
    axes: Axes, x: Sequence[float] | None, values: Sequence[float], style: tuple, name: str
) -> Line2D:
    places = np.arange(1, len(values) + 1) if x is None else np.asarray(x)
    heights = np.asarray(values, dtype=float)
    if axes.get_yscale() == "log":
        heights = np.where(heights > 0, heights, np.nan)
    colour, dashes, marker = style
    look = {"color": PALETTE[colour], "linestyle": dashes, "marker": marker, "markersize": 5}
    every = max(1, len(values) // MARKERS)
    (line,) = axes.plot(places, heights, **look, markevery=every, linewidth=1.8, label=name)
    return line


def _draw_reference(axes: Axes, name: str, height: float) -> Line2D:
    look = {"color": PALETTE["muted"], "linestyle": (0, (3, 3)), "linewidth": 1.2}
    return axes.axhline(height, label=name, **look)


def _name_ends(axes: Axes, lines: Sequence[Line2D]) -> None:
    """Write the lines' names right of the axes, at the height of their ends or near it."""
    axes.autoscale_view()
    low, high = (axes.transData.transform((1, y))[1] for y in axes.get_ylim())
    heights = [_last_height(axes, line) for line in lines]
    order = np.argsort(heights, kind="stable")
    wanted = [float((heights[index] - low) / (high - low)) for index in order]
    for index, height in zip(order, _spread(wanted, LABEL_GAP), strict=True):
        name = AnnotationBbox(
            _sample(lines[index]),
            (1, height),
            xycoords="axes fraction",
            xybox=(6, 0),
            boxcoords="offset points",
            box_alignment=(0, 0.5),
            frameon=False,
            pad=0,
        )
        axes.add_artist(name)


def _last_height(axes: Axes, line: Line2D) -> float:
    """Where a line ends, in pixels; at the foot of the axes if it has no end that can be drawn."""
    heights = axes.transData.transform([(1, y) for y in line.get_ydata()])[:, 1]
    drawn = heights[np.isfinite(heights)]
    return float(drawn[-1]) if drawn.size else axes.bbox.y0


def _sample(line: Line2D) -> HPacker:
    """A piece of the line with its marker, and its name."""
    piece = DrawingArea(28, 8)
    look = {"color": line.get_color(), "linestyle": line.get_linestyle()}
    piece.add_artist(Line2D((0, 28), (4, 4), linewidth=line.get_linewidth(), **look))
    piece.add_artist(Line2D((14,), (4,), color=line.get_color(), marker=line.get_marker(), ms=5))
    text = TextArea(line.get_label(), textprops={"size": 9.5, "color": PALETTE["ink"]})
    return HPacker(children=[piece, text], align="center", pad=0, sep=5)


def _spread(heights: Sequence[float], gap: float) -> list[float]:
    """Move ascending heights apart, as little as it takes, until all are `gap` apart."""
    groups: list[tuple[float, int]] = []  # (where its lowest wants to stand, how many)
    for index, height in enumerate(heights):
        mean, count = height - index * gap, 1
        while groups and groups[-1][0] > mean:
            other, others = groups.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        groups.append((mean, count))
    level = [mean for mean, count in groups for _ in range(count)]
    highest = max(0.0, 1 - (len(level) - 1) * gap)
    return [min(max(mean, 0.0), highest) + index * gap for index, mean in enumerate(level)]


@styled
def bars(
    series: Mapping[str, Sequence[float]],
    categories: Sequence[str],
    *,
    ylabel: str,
    number: str = "{:.3g}",
    horizontal: bool = False,
) -> Figure:
    """Draw groups of bars, each with its value written on it and its own fill pattern.

    Args:
        series: for each kind of bar, at most five, its heights, one a category.
        categories: the names of the groups.
        ylabel: what the heights measure.
        number: how a value is written, such as "{:.1f}" or "{:.0f} %".
        horizontal: lay the bars down, for categories with long names.

    Returns:
        A Figure 9 inches wide.

    Raises:
        ValueError: no series or more than five, or a series of another length than categories.

    Example:
        `bars({"Dice": [0.29, 0.82]}, ["all foreground", "Otsu"], ylabel="Dice")`

    Source: none. Chapters 01, 09 and 10 use it.
    """
    _check_bars(series, categories)
    height = 0.8 + len(categories) * (0.2 + 0.24 * len(series)) if horizontal else 3.6
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(series)
    for i, ((name, values), fill) in enumerate(zip(series.items(), FILLS, strict=False)):
        places = np.arange(len(categories)) + (i - (len(series) - 1) / 2) * width
        draw = axes.barh if horizontal else axes.bar
        drawn = draw(places, values, width * 0.92, label=name, **_bar_look(*fill))
        texts = [number.format(value) for value in values]
        axes.bar_label(drawn, texts, padding=3, size=9.5)
    _name_groups(axes, categories, ylabel, horizontal)
    if len(series) > 1:
        figure.legend(loc="outside upper center", ncols=len(series), handleheight=1.2)
    return figure


def _check_bars(series: Mapping[str, Sequence[float]], categories: Sequence[str]) -> None:
    wrong = {name: len(v) for name, v in series.items() if len(v) != len(categories)}
    if wrong or not categories:
        raise ValueError(
            f"each series needs {len(categories)} heights, one a category, and at least one: "
            f"{wrong or dict(series)} came."
        )
    if not 1 <= len(series) <= len(FILLS):
        raise ValueError(f"give 1 to {len(FILLS)} series; {len(series)} came.")


def _bar_look(colour: str, hatch: str) -> dict:
    return {
        "facecolor": mix(PALETTE[colour], PALETTE["paper"], 0.35),
        "edgecolor": mix(PALETTE[colour], "#000000", 0.4),
        "hatch": hatch,
    }


def _name_groups(axes: Axes, categories: Sequence[str], label: str, horizontal: bool) -> None:
    places, letters = range(len(categories)), 36 if horizontal else 100 // len(categories)
    names = [textwrap.fill(name, max(8, letters)) for name in categories]
    if horizontal:
        axes.set_yticks(places, names)
        axes.invert_yaxis()
        axes.set_xlabel(label)
    else:
        axes.set_xticks(places, names)
        axes.set_ylabel(label)
    axes.margins(**{"x" if horizontal else "y": 0.12})
    axes.grid(visible=False, axis="y" if horizontal else "x")
    axes.tick_params("y" if horizontal else "x", length=0, pad=6, labelcolor=PALETTE["ink"])

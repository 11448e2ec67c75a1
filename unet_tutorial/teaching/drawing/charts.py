"""Draw line and bar charts that can be read without seeing colours."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, DrawingArea, HPacker, TextArea
from matplotlib.ticker import FixedLocator, Locator, MaxNLocator

from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, mix_colours, with_style

LINE_STYLES = (  # colour, dashes, marker
    ("blue", "-", "o"),
    ("vermillion", (0, (5, 2)), "s"),
    ("green", (0, (6, 2, 1, 2)), "^"),
    ("purple", (0, (1.5, 1.5)), "D"),
    ("ink", (0, (9, 3)), "v"),
)
_BAR_FILLS = (
    ("blue", ""),
    ("orange", "///"),
    ("green", "..."),
    ("purple", "xxx"),
    ("vermillion", "--"),
)
_MARKERS = 12  # per line, roughly
_LABEL_GAP = 0.085  # between two labels, as a fraction of the axes' height


@with_style
def curves(
    series: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    xlabel: str,
    x: Sequence[float] | None = None,
    log_y: bool = False,
    references: Mapping[str, float] | None = None,
) -> Figure:
    """Draw line charts side by side; each line has its own colour, dashes, marker and label.

    Args:
        series: the panels by their y labels, each with one to five lines by name, such as
            {"loss": {"train": [...], "validation": [...]}, "Dice": {"validation": [...]}}.
        xlabel: the label of the x axis.
        x: the x values, the same for every line; None means 1, 2, 3, ...
        log_y: whether the y axis is logarithmic; values of 0 are then left out.
        references: named values to compare with, drawn as horizontal lines in the last panel.

    Returns:
        A Figure 9 inches wide. Each line's label is to the right of the axes, where the line
        ends, with a short sample of the line.

    Raises:
        ValueError: if there is no panel, or a panel with no line or more than five; if a line is
            empty or doesn't have one value per x; if a value is negative on a logarithmic axis.

    Example:
        `curves({"Dice": {"U-Net": [0.5, 0.9]}}, xlabel="epoch", references={"Otsu": 0.82})`
    """
    _validate_curves(series, x, log_y)
    columns = len(series) if len(series) <= 3 else 2
    rows = -(-len(series) // columns)
    figure = Figure(figsize=(WIDTH, 3.4 * rows), layout="constrained")
    grid = [figure.add_subplot(rows, columns, i + 1) for i in range(len(series))]
    for axes, (ylabel, lines) in zip(grid, series.items(), strict=True):
        axes.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log_y else "linear")
        drawn = [
            _draw_line(axes, x, values, style, name)
            for style, (name, values) in zip(LINE_STYLES, lines.items(), strict=False)
        ]
        if axes is grid[-1]:
            drawn += [_draw_reference(axes, *item) for item in (references or {}).items()]
        axes.xaxis.set_major_locator(_choose_tick_locator(x))
        _label_line_ends(axes, drawn)
    return figure


def _validate_curves(series: Mapping, x: Sequence[float] | None, log_y: bool) -> None:
    counts = [len(lines) for lines in series.values()]
    if not counts or not all(1 <= count <= len(LINE_STYLES) for count in counts):
        raise ValueError(
            f"Give at least one panel, with 1 to {len(LINE_STYLES)} lines each; the numbers of "
            f"lines are {counts}."
        )
    for lines in series.values():
        for name, values in lines.items():
            if len(values) == 0 or (x is not None and len(x) != len(values)):
                expected = "at least one value" if x is None else f"{len(x)} values, one per x"
                raise ValueError(f"'{name}' has {len(values)} values; give it {expected}.")
            if log_y and np.min(values) < 0:
                raise ValueError(
                    f"'{name}' has a minimum of {np.min(values):g}, and a logarithmic axis can't "
                    "show negative values. Draw absolute values, or leave log_y out."
                )


def _choose_tick_locator(x: Sequence[float] | None) -> Locator:
    """Put ticks at the x values if they are few and evenly spaced, otherwise at integers."""
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
    every = max(1, len(values) // _MARKERS)
    (line,) = axes.plot(places, heights, **look, markevery=every, linewidth=1.8, label=name)
    return line


def _draw_reference(axes: Axes, name: str, height: float) -> Line2D:
    look = {"color": PALETTE["muted"], "linestyle": (0, (3, 3)), "linewidth": 1.2}
    return axes.axhline(height, label=name, **look)


def _label_line_ends(axes: Axes, lines: Sequence[Line2D]) -> None:
    """Label the lines to the right of the axes, as close to their ends as the labels fit."""
    axes.autoscale_view()
    low, high = (axes.transData.transform((1, y))[1] for y in axes.get_ylim())
    heights = [_find_end_height(axes, line) for line in lines]
    order = np.argsort(heights, kind="stable")
    ends = [float((heights[index] - low) / (high - low)) for index in order]  # in axes fractions
    for index, height in zip(order, _separate_labels(ends, _LABEL_GAP), strict=True):
        name = AnnotationBbox(
            _make_line_label(lines[index]),
            (1, height),
            xycoords="axes fraction",
            xybox=(6, 0),
            boxcoords="offset points",
            box_alignment=(0, 0.5),
            frameon=False,
            pad=0,
        )
        axes.add_artist(name)


def _find_end_height(axes: Axes, line: Line2D) -> float:
    """Height of a line's last finite point, in pixels; the bottom of the axes if it has none."""
    heights = axes.transData.transform([(1, y) for y in line.get_ydata()])[:, 1]
    drawn = heights[np.isfinite(heights)]
    return float(drawn[-1]) if drawn.size else axes.bbox.y0


def _make_line_label(line: Line2D) -> HPacker:
    piece = DrawingArea(28, 8)
    look = {"color": line.get_color(), "linestyle": line.get_linestyle()}
    piece.add_artist(Line2D((0, 28), (4, 4), linewidth=line.get_linewidth(), **look))
    piece.add_artist(Line2D((14,), (4,), color=line.get_color(), marker=line.get_marker(), ms=5))
    text = TextArea(line.get_label(), textprops={"size": 9.5, "color": PALETTE["ink"]})
    return HPacker(children=[piece, text], align="center", pad=0, sep=5)


def _separate_labels(heights: Sequence[float], gap: float) -> list[float]:
    """Move ascending heights by as little as possible until they are at least `gap` apart."""
    # Isotonic regression of height - index * gap, by pooling adjacent violators.
    groups: list[tuple[float, int]] = []  # (mean, number of labels)
    for index, height in enumerate(heights):
        mean, count = height - index * gap, 1
        while groups and groups[-1][0] > mean:
            other, others = groups.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        groups.append((mean, count))
    level = [mean for mean, count in groups for _ in range(count)]
    highest = max(0.0, 1 - (len(level) - 1) * gap)
    return [min(max(mean, 0.0), highest) + index * gap for index, mean in enumerate(level)]


@with_style
def bars(
    series: Mapping[str, Sequence[float]],
    categories: Sequence[str],
    *,
    ylabel: str,
    number: str = "{:.3g}",
    horizontal: bool = False,
    highlight: str | None = None,
) -> Figure:
    """Draw a grouped bar chart; each bar shows its value, each series has its own fill pattern.

    Args:
        series: one to five series by name, each with one value per category.
        categories: the names of the groups.
        ylabel: the label of the value axis.
        number: the format of the values, such as "{:.1f}" or "{:.0f} %".
        horizontal: whether to draw horizontal bars, which leave room for long category names.
        highlight: a category that stands out, in bold, with the other categories' bars pale.

    Returns:
        A Figure 9 inches wide.

    Raises:
        ValueError: if there is no series or more than five, if a series doesn't have one value
            per category, or if `highlight` isn't one of the categories.

    Example:
        `bars({"Dice": [0.29, 0.82]}, ["all foreground", "Otsu"], ylabel="Dice")`
    """
    _validate_bars(series, categories, highlight)
    height = 0.8 + len(categories) * (0.2 + 0.24 * len(series)) if horizontal else 3.6
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(series)
    for i, ((name, values), fill) in enumerate(zip(series.items(), _BAR_FILLS, strict=False)):
        places = np.arange(len(categories)) + (i - (len(series) - 1) / 2) * width
        draw = axes.barh if horizontal else axes.bar
        drawn = draw(places, values, width * 0.92, label=name, **_bar_style(*fill))
        texts = [number.format(value) for value in values]
        axes.bar_label(drawn, texts, padding=3, size=9.5)
    _label_groups(axes, categories, ylabel, horizontal)
    if highlight is not None:
        _highlight_group(axes, list(categories).index(highlight), horizontal)
    if len(series) > 1:
        figure.legend(loc="outside upper center", ncols=len(series), handleheight=1.2)
    return figure


def _validate_bars(
    series: Mapping[str, Sequence[float]], categories: Sequence[str], highlight: str | None
) -> None:
    wrong = {name: len(v) for name, v in series.items() if len(v) != len(categories)}
    if wrong or not categories:
        raise ValueError(
            "Give at least one category, and one value per category in each series; there are "
            f"{len(categories)} categories, and {wrong or dict.fromkeys(series, 0)} values."
        )
    if not 1 <= len(series) <= len(_BAR_FILLS):
        raise ValueError(f"Give 1 to {len(_BAR_FILLS)} series; there are {len(series)}.")
    if highlight is not None and highlight not in categories:
        raise ValueError(f"highlight is {highlight!r}; give one of {list(categories)}.")


def _bar_style(colour: str, hatch: str) -> dict:
    return {
        "facecolor": mix_colours(PALETTE[colour], PALETTE["paper"], 0.35),
        "edgecolor": mix_colours(PALETTE[colour], "#000000", 0.4),
        "hatch": hatch,
    }


def _highlight_group(axes: Axes, place: int, horizontal: bool) -> None:
    names = axes.get_yticklabels() if horizontal else axes.get_xticklabels()
    values = axes.texts[place :: len(names)]  # one series after the other
    for text in [names[place], *values]:
        text.set_fontweight("bold")
    for drawn in axes.containers:
        for bar in [*drawn[:place], *drawn[place + 1 :]]:
            bar.set(
                facecolor=mix_colours(to_hex(bar.get_facecolor()), PALETTE["paper"], 0.7),
                edgecolor=mix_colours(to_hex(bar.get_edgecolor()), PALETTE["paper"], 0.5),
            )


def _label_groups(axes: Axes, categories: Sequence[str], label: str, horizontal: bool) -> None:
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

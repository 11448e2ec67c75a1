"""Picture of the U with the costs of each level; for a size that fails, it marks where."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log2, sqrt

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.drawing.boxes import (
    ARROWS,
    SHADES,
    Point,
    Slab,
    compute_arrow_head,
    slab_faces,
)
from unet_tutorial.teaching.drawing.style import (
    PALETTE,
    WIDTH,
    create_canvas,
    mix_colours,
    with_style,
)
from unet_tutorial.teaching.drawing.u_diagram import (
    DOWN_COLOUR,
    DOWN_STAGES,
    STAGE_NAMES,
    UP_COLOUR,
)
from unet_tutorial.teaching.explorers.canvas.fast_artists import add_text
from unet_tutorial.teaching.explorers.the_u.costs import Cost, compute_shares, sum_costs
from unet_tutorial.teaching.explorers.the_u.formatting import format_cost
from unet_tutorial.teaching.explorers.the_u.size_trace import SizeTrace

_HEIGHT = 5.1  # inches, like all lengths below
_NOT_REACHED = Slab(0, 0, 0.3, 0.16, 0)
_ROWS = (4.05, 3.2, 2.5, 1.82, 1.14)  # the levels' middles
_BANDS = (4.98, 3.61, 2.85, 2.16, 1.48, 0.8)  # above, between and below the levels
_CENTRES = {"input": 1.12, "in_conv": 2.24, "up4": 3.95, "out_conv": 5.1, "down4": 3.1}
_CENTRES |= {"down1": 2.3, "down2": 2.36, "down3": 2.46}
_CENTRES |= {"up3": 3.89, "up2": 3.83, "up1": 3.73}
_TALLEST, _DEEPEST = 0.52, 0.16
_KINDS = ("parameters", "multiplications", "activations")
_COLUMNS, _BAR, _THICK = (5.72, 6.8, 7.93), 0.48, 0.11  # columns of costs; bars
_TOTAL_ROW, _LEGEND = 0.62, 0.2


@with_style
def draw_u_costs(trace: SizeTrace, costs: Sequence[Cost]) -> Figure:
    """Draw the U with the costs of each level, as far as an image of this size gets.

    Args:
        trace: the sizes of the stages, as from `trace_unet_sizes`.
        costs: of levels 0 to 4, as from `compute_level_costs`. If a part fails, only the
            parameters are shown, because they don't depend on the size.

    Returns:
        A Figure of 9 by 5.1 inches. Boxes are stages with their (C, H, W); each bar shows the
        level's share of the total. A cross marks the part that fails; stages that aren't reached
        are dashed.

    Raises:
        ValueError: there aren't five costs.

    Example:
        `draw_u_costs(trace_unet_sizes(480, 480), compute_level_costs(480, 480))`: level 0 has 51 %
        of the activations, level 4 has 46 % of the parameters.
    """
    if len(costs) != len(DOWN_STAGES):
        raise ValueError(
            f"costs must be those of five levels, as from compute_level_costs, not {len(costs)}."
        )
    figure, axes = create_canvas(WIDTH, _HEIGHT)
    bands = [
        _find_box_corners(0, _BANDS[i + 1], WIDTH, _BANDS[i] - _BANDS[i + 1]) for i in (0, 2, 4)
    ]
    axes.add_collection(PolyCollection(bands, facecolors=PALETTE["band"], linewidths=0))
    slabs = _place_slabs(trace)
    _draw_boxes(axes, slabs, trace)
    _draw_arrows(axes, slabs, trace)
    _write_stages(axes, slabs, trace)
    _write_costs(axes, costs, fails=bool(trace.failed_part))
    _write_arrow_legend(axes)
    return figure


def _place_slabs(trace: SizeTrace) -> dict[str, Slab]:
    """Place a box for each stage, all to one scale; stages that aren't reached get a small one."""
    longest = max(trace.stages[0].height, trace.stages[0].width)
    slabs = {}
    for name in STAGE_NAMES:
        x, y = _CENTRES[name] - _NOT_REACHED.width / 2, _ROWS[level_of(name)]
        slabs[name] = _NOT_REACHED._replace(x=x, y=y - _NOT_REACHED.height / 2)
    for name, channels, height, width in trace.stages:
        tall, deep = (max(sqrt(side / longest), 0.2) for side in (height, width))
        tall, deep = _TALLEST * tall, _DEEPEST * deep
        wide = 0.05 + 0.017 * log2(channels)
        x = _CENTRES[name] - (wide + deep) / 2
        slabs[name] = Slab(x, _ROWS[level_of(name)] - (tall + 0.7 * deep) / 2, wide, tall, deep)
    return slabs


def _draw_boxes(axes: Axes, slabs: dict[str, Slab], trace: SizeTrace) -> None:
    shapes, fills, edges = [], [], []
    reached = {stage.name for stage in trace.stages}
    for name, slab in slabs.items():
        if name not in reached:
            continue
        colour = DOWN_COLOUR if name in ("input", *DOWN_STAGES) else UP_COLOUR
        shapes += slab_faces(slab)
        fills += [mix_colours(colour, PALETTE["paper"], share) for share in SHADES]
        edges += [mix_colours(colour, "#000000", 0.45)] * len(SHADES)
    axes.add_collection(PolyCollection(shapes, facecolors=fills, edgecolors=edges, zorder=5))
    missing = [_find_box_corners(*slabs[name][:4]) for name in STAGE_NAMES if name not in reached]
    look = {"facecolors": "none", "edgecolors": PALETTE["muted"], "linestyles": "--"}
    axes.add_collection(PolyCollection(missing, zorder=5, **look))


def _draw_arrows(axes: Axes, slabs: dict[str, Slab], trace: SizeTrace) -> None:
    """Draw the arrows to the stages that are reached, and cross out the one that fails."""
    arrows = []
    for before, name in pairwise(STAGE_NAMES):
        if name not in {stage.name for stage in trace.stages} | {trace.failed_part}:
            break
        start, end = slabs[before], slabs[name]
        if name in ("in_conv", "out_conv"):
            kind = "double_conv" if name == "in_conv" else "one_by_one"
            arrows.append((kind, _point_right_of(start), _point_left_of(end)))
        elif name in DOWN_STAGES:
            arrows.append(("max_pool", _point_below(start), _point_above(end)))
        else:
            arrows.append(("transposed_convolution", _point_above(start), _point_below(end)))
            arrows.append(
                (
                    "skip_connection",
                    _point_right_of(slabs[DOWN_STAGES[level_of(name)]]),
                    _point_left_of(end),
                )
            )
    _add_arrows(axes, arrows)
    if trace.failed_part:
        _cross_out(axes, arrows[-1][1:])


def _add_arrows(axes: Axes, arrows: Sequence[tuple[str, Point, Point]]) -> None:
    looks = [ARROWS[kind][1:] for kind, *_ in arrows]
    lines, heads = [], []
    for _, start, end in arrows:
        neck, head = compute_arrow_head(start, end)
        lines.append([start, neck])
        heads.append(head)
    colours, dashes, widths = zip(*looks, strict=True)
    look = {"colors": colours, "linestyles": list(dashes), "linewidths": widths}
    axes.add_collection(LineCollection(lines, zorder=6, **look))
    axes.add_collection(PolyCollection(heads, facecolors=colours, linewidths=0, zorder=6))


def _cross_out(axes: Axes, ends: tuple[Point, Point]) -> None:
    x, y, arm = (ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2, 0.11
    strokes = [[(x - arm, y - s * arm), (x + arm, y + s * arm)] for s in (1, -1)]
    for colour, width in ((PALETTE["paper"], 7), (PALETTE["ink"], 3.5)):
        axes.add_collection(LineCollection(strokes, colors=colour, linewidths=width, zorder=7))


def _write_stages(axes: Axes, slabs: dict[str, Slab], trace: SizeTrace) -> None:
    sizes = {name: f"({c}, {h}, {w})" for name, c, h, w in trace.stages}
    for name, slab in slabs.items():
        level = level_of(name)
        look = {"size": 9, "va": "baseline"}
        if level == 0:
            x, y, look["ha"] = _CENTRES[name], _ROWS[0] + 0.56, "center"
        elif name in DOWN_STAGES[:4]:
            x, y, look["ha"] = slab.x - 0.07, _ROWS[level] + 0.03, "right"
        else:
            x, y, look["ha"] = slab.right + 0.09, _ROWS[level] + 0.03, "left"
        title = f"{name} = bottleneck" if name == "down4" else name
        add_text(axes, x, y, title, weight="bold" if name in sizes else "normal", **look)
        add_text(axes, x, y - 0.17, sizes.get(name, "not reached"), **look)
    for level, y in enumerate(_ROWS):
        add_text(axes, 0.1, y, f"level {level}", color=PALETTE["muted"], size=9.5, va="center")
    _write_breaks(axes, slabs, trace)


def _write_breaks(axes: Axes, slabs: dict[str, Slab], trace: SizeTrace) -> None:
    """Write next to a pooling what it drops, and at the part that fails why it does."""
    look = {"size": 9, "color": PALETTE["muted"], "va": "center"}
    for level, rows, columns in trace.dropped:
        lost = " and ".join(["a row"] * rows + ["a column"] * columns)
        y = (slabs[DOWN_STAGES[level]].y + slabs[DOWN_STAGES[level + 1]].top) / 2
        across = _CENTRES[DOWN_STAGES[level]] + (0.0 if level < 3 else 0.18)
        add_text(axes, across - 0.12, y, f"{lost} lost", ha="right", **look)
    look |= {"color": PALETTE["ink"], "ha": "center", "weight": "bold"}
    if trace.failed_part in DOWN_STAGES:
        level = level_of(trace.failed_part) - 1
        y = (slabs[DOWN_STAGES[level]].y + slabs[DOWN_STAGES[level + 1]].top) / 2
        x = (_CENTRES[DOWN_STAGES[level]] + _CENTRES[trace.failed_part]) / 2 + 0.2
        add_text(axes, x, y, "nothing to pool", **look | {"ha": "left"})
    elif trace.failed_part:
        kept = trace.stages[STAGE_NAMES.index(DOWN_STAGES[level_of(trace.failed_part)])]
        up_height, up_width = trace.upsampled
        x, y = 3.1, _ROWS[level_of(trace.failed_part)]
        add_text(axes, x, y + 0.2, f"{kept.height} × {kept.width}", **look)
        add_text(axes, x, y - 0.2, f"≠ {up_height} × {up_width}", **look)


def _write_costs(axes: Axes, costs: Sequence[Cost], *, fails: bool) -> None:
    frames, bars = [], []
    together, parts = sum_costs(costs), compute_shares(costs)
    add_text(axes, 0.1, _TOTAL_ROW, "together, for one image", weight="bold", size=9, va="center")
    for kind, (title, x) in enumerate(zip(_KINDS, _COLUMNS, strict=True)):
        add_text(axes, x, _BANDS[0] - 0.2, title, weight="bold", size=9)
        if kind and fails:
            add_text(axes, x, _ROWS[0], "none:", size=9)
            add_text(axes, x, _ROWS[0] - 0.17, "it does not run", size=9)
            continue
        for y, cost, share in zip(_ROWS, costs, parts, strict=True):
            part = share[(0, 2, 1)[kind]] / 100
            frames.append(_find_box_corners(x, y - 0.16, _BAR, _THICK))
            bars.append(_find_box_corners(x, y - 0.16, _BAR * part, _THICK))
            add_text(axes, x, y + 0.04, format_cost(cost)[kind], size=9)
            add_text(axes, x + _BAR + 0.06, y - 0.15, f"{100 * part:.1f} %", size=9)
        add_text(
            axes, x, _TOTAL_ROW, format_cost(together)[kind], size=9, weight="bold", va="center"
        )
    ink = PALETTE["ink"]
    axes.add_collection(PolyCollection(bars, facecolors=ink, linewidths=0, zorder=5))
    look = {"facecolors": "white", "edgecolors": PALETTE["muted"], "linewidths": 0.8}
    axes.add_collection(PolyCollection(frames, **look))


def _write_arrow_legend(axes: Axes) -> None:
    arrows, x = [], 0.14
    for kind in ARROWS:
        arrows.append((kind, (x, _LEGEND), (x + 0.36, _LEGEND)))
        add_text(axes, x + 0.42, _LEGEND, ARROWS[kind][0], size=9, va="center")
        x += 0.62 + 0.0725 * len(ARROWS[kind][0])
    _add_arrows(axes, arrows)
    text = "frames are filled by the level's share"
    add_text(axes, _COLUMNS[0] - 0.2, _TOTAL_ROW, text, size=9, va="center", ha="right")


def _find_box_corners(x: float, y: float, wide: float, tall: float) -> list[Point]:
    return [(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)]


def _point_right_of(slab: Slab) -> Point:
    return slab.right + 0.04, slab.centre[1]


def _point_left_of(slab: Slab) -> Point:
    return slab.x - 0.04, slab.centre[1]


def _point_below(slab: Slab) -> Point:
    return slab.centre[0], slab.y - 0.04


def _point_above(slab: Slab) -> Point:
    return slab.centre[0], slab.top + 0.04

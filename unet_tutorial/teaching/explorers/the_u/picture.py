"""The U with what each level costs beside it; and where it breaks, if the size does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log2, sqrt

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.drawing.boxes import ARROWS, SHADES, Point, Slab, arrow_shape, faces
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, canvas, mix, styled
from unet_tutorial.teaching.drawing.u_diagram import DOWN, LEFT, NAMES, RIGHT
from unet_tutorial.teaching.explorers.canvas.fast_artists import quick_text
from unet_tutorial.teaching.explorers.the_u.costs import Cost, shares, total
from unet_tutorial.teaching.explorers.the_u.formatting import written
from unet_tutorial.teaching.explorers.the_u.size_trace import Passage

HEIGHT = 5.1  # inches, as all lengths below
NOT_REACHED = Slab(0, 0, 0.3, 0.16, 0)
ROWS = (4.05, 3.2, 2.5, 1.82, 1.14)  # the levels' middles
BANDS = (4.98, 3.61, 2.85, 2.16, 1.48, 0.8)  # above, between and below the levels
CENTRES = {"input": 1.12, "in_conv": 2.24, "up4": 3.95, "out_conv": 5.1, "down4": 3.1}
CENTRES |= {"down1": 2.3, "down2": 2.36, "down3": 2.46}
CENTRES |= {"up3": 3.89, "up2": 3.83, "up1": 3.73}
TALLEST, DEEPEST = 0.52, 0.16
KINDS = ("parameters", "multiplications", "activations")
COLUMNS, BAR, THICK = (5.72, 6.8, 7.93), 0.48, 0.11  # the costs' left edges; a bar that is all
TOGETHER, LEGEND = 0.62, 0.2


@styled
def u_costs(passage: Passage, costs: Sequence[Cost]) -> Figure:
    """Draw the U with the costs of each level, or as far as an image of this size gets.

    Args:
        passage: what `unet_passage` says of the size.
        costs: of levels 0 to 4, as from `level_costs`; where the passage fails, only the
            parameters are shown, which every size has in common.

    Returns:
        A Figure of 9 by 5.1 inches. Boxes are stages with their (C, H, W); a bar's length is the
        level's share of a whole frame, and the numbers stand with it. A cross marks the part that
        fails, dashed boxes what is never computed.

    Raises:
        ValueError: not five costs.

    Example:
        `u_costs(unet_passage(480, 480), level_costs(480, 480))`: level 0 writes 51 % of the
        activations, level 4 holds 46 % of the parameters.

    Source: none. Chapters 08 and 09 show it.
    """
    if len(costs) != len(DOWN):
        raise ValueError(f"give the costs of five levels, as from level_costs, not {len(costs)}.")
    figure, axes = canvas(WIDTH, HEIGHT)
    bands = [_box(0, BANDS[i + 1], WIDTH, BANDS[i] - BANDS[i + 1]) for i in (0, 2, 4)]
    axes.add_collection(PolyCollection(bands, facecolors=PALETTE["band"], linewidths=0))
    slabs = _place(passage)
    _draw_boxes(axes, slabs, passage)
    _draw_arrows(axes, slabs, passage)
    _write_stages(axes, slabs, passage)
    _write_costs(axes, costs, fails=bool(passage.fails))
    _write_legend(axes)
    return figure


def _place(passage: Passage) -> dict[str, Slab]:
    """Each stage's box, to one scale; what is never computed has a small one."""
    longest = max(passage.stages[0].height, passage.stages[0].width)
    slabs = {}
    for name in NAMES:
        x, y = CENTRES[name] - NOT_REACHED.width / 2, ROWS[level_of(name)]
        slabs[name] = NOT_REACHED._replace(x=x, y=y - NOT_REACHED.height / 2)
    for name, channels, height, width in passage.stages:
        tall, deep = (max(sqrt(side / longest), 0.2) for side in (height, width))
        tall, deep = TALLEST * tall, DEEPEST * deep
        wide = 0.05 + 0.017 * log2(channels)
        x = CENTRES[name] - (wide + deep) / 2
        slabs[name] = Slab(x, ROWS[level_of(name)] - (tall + 0.7 * deep) / 2, wide, tall, deep)
    return slabs


def _draw_boxes(axes: Axes, slabs: dict[str, Slab], passage: Passage) -> None:
    shapes, fills, edges = [], [], []
    reached = {stage.name for stage in passage.stages}
    for name, slab in slabs.items():
        if name not in reached:
            continue
        colour = LEFT if name in ("input", *DOWN) else RIGHT
        shapes += faces(slab)
        fills += [mix(colour, PALETTE["paper"], share) for share in SHADES]
        edges += [mix(colour, "#000000", 0.45)] * len(SHADES)
    axes.add_collection(PolyCollection(shapes, facecolors=fills, edgecolors=edges, zorder=5))
    missing = [_box(*slabs[name][:4]) for name in NAMES if name not in reached]
    look = {"facecolors": "none", "edgecolors": PALETTE["muted"], "linestyles": "--"}
    axes.add_collection(PolyCollection(missing, zorder=5, **look))


def _draw_arrows(axes: Axes, slabs: dict[str, Slab], passage: Passage) -> None:
    """Draw what leads to each stage that is computed, and to the one that fails, crossed out."""
    arrows = []
    for before, name in pairwise(NAMES):
        if name not in {stage.name for stage in passage.stages} | {passage.fails}:
            break
        start, end = slabs[before], slabs[name]
        if name in ("in_conv", "out_conv"):
            kind = "double_conv" if name == "in_conv" else "one_by_one"
            arrows.append((kind, _right(start), _left(end)))
        elif name in DOWN:
            arrows.append(("max_pool", _below(start), _above(end)))
        else:
            arrows.append(("transposed_convolution", _above(start), _below(end)))
            arrows.append(("skip_connection", _right(slabs[DOWN[level_of(name)]]), _left(end)))
    _add_arrows(axes, arrows)
    if passage.fails:
        _cross_out(axes, arrows[-1][1:])


def _add_arrows(axes: Axes, arrows: Sequence[tuple[str, Point, Point]]) -> None:
    looks = [ARROWS[kind][1:] for kind, *_ in arrows]
    lines, heads = [], []
    for _, start, end in arrows:
        neck, head = arrow_shape(start, end)
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


def _write_stages(axes: Axes, slabs: dict[str, Slab], passage: Passage) -> None:
    sizes = {name: f"({c}, {h}, {w})" for name, c, h, w in passage.stages}
    for name, slab in slabs.items():
        level = level_of(name)
        look = {"size": 9, "va": "baseline"}
        if level == 0:
            x, y, look["ha"] = CENTRES[name], ROWS[0] + 0.56, "center"
        elif name in DOWN[:4]:
            x, y, look["ha"] = slab.x - 0.07, ROWS[level] + 0.03, "right"
        else:
            x, y, look["ha"] = slab.right + 0.09, ROWS[level] + 0.03, "left"
        title = f"{name} = bottleneck" if name == "down4" else name
        quick_text(axes, x, y, title, weight="bold" if name in sizes else "normal", **look)
        quick_text(axes, x, y - 0.17, sizes.get(name, "not reached"), **look)
    for level, y in enumerate(ROWS):
        quick_text(axes, 0.1, y, f"level {level}", color=PALETTE["muted"], size=9.5, va="center")
    _write_breaks(axes, slabs, passage)


def _write_breaks(axes: Axes, slabs: dict[str, Slab], passage: Passage) -> None:
    """Say beside a pooling what it drops, and at a join why it fails."""
    look = {"size": 9, "color": PALETTE["muted"], "va": "center"}
    for level, rows, columns in passage.losses:
        lost = " and ".join(["a row"] * rows + ["a column"] * columns)
        y = (slabs[DOWN[level]].y + slabs[DOWN[level + 1]].top) / 2
        across = CENTRES[DOWN[level]] + (0.0 if level < 3 else 0.18)
        quick_text(axes, across - 0.12, y, f"{lost} lost", ha="right", **look)
    look |= {"color": PALETTE["ink"], "ha": "center", "weight": "bold"}
    if passage.fails in DOWN:
        level = level_of(passage.fails) - 1
        y = (slabs[DOWN[level]].y + slabs[DOWN[level + 1]].top) / 2
        x = (CENTRES[DOWN[level]] + CENTRES[passage.fails]) / 2 + 0.2
        quick_text(axes, x, y, "nothing to pool", **look | {"ha": "left"})
    elif passage.fails:
        kept = passage.stages[NAMES.index(DOWN[level_of(passage.fails)])]
        up_height, up_width = passage.upsampled
        x, y = 3.1, ROWS[level_of(passage.fails)]
        quick_text(axes, x, y + 0.2, f"{kept.height} × {kept.width}", **look)
        quick_text(axes, x, y - 0.2, f"≠ {up_height} × {up_width}", **look)


def _write_costs(axes: Axes, costs: Sequence[Cost], *, fails: bool) -> None:
    frames, bars = [], []
    together, parts = total(costs), shares(costs)
    quick_text(axes, 0.1, TOGETHER, "together, for one image", weight="bold", size=9, va="center")
    for kind, (title, x) in enumerate(zip(KINDS, COLUMNS, strict=True)):
        quick_text(axes, x, BANDS[0] - 0.2, title, weight="bold", size=9)
        if kind and fails:
            quick_text(axes, x, ROWS[0], "none:", size=9)
            quick_text(axes, x, ROWS[0] - 0.17, "it does not run", size=9)
            continue
        for y, cost, share in zip(ROWS, costs, parts, strict=True):
            part = share[(0, 2, 1)[kind]] / 100
            frames.append(_box(x, y - 0.16, BAR, THICK))
            bars.append(_box(x, y - 0.16, BAR * part, THICK))
            quick_text(axes, x, y + 0.04, written(cost)[kind], size=9)
            quick_text(axes, x + BAR + 0.06, y - 0.15, f"{100 * part:.1f} %", size=9)
        quick_text(axes, x, TOGETHER, written(together)[kind], size=9, weight="bold", va="center")
    ink = PALETTE["ink"]
    axes.add_collection(PolyCollection(bars, facecolors=ink, linewidths=0, zorder=5))
    look = {"facecolors": "white", "edgecolors": PALETTE["muted"], "linewidths": 0.8}
    axes.add_collection(PolyCollection(frames, **look))


def _write_legend(axes: Axes) -> None:
    arrows, x = [], 0.14
    for kind in ARROWS:
        arrows.append((kind, (x, LEGEND), (x + 0.36, LEGEND)))
        quick_text(axes, x + 0.42, LEGEND, ARROWS[kind][0], size=9, va="center")
        x += 0.62 + 0.0725 * len(ARROWS[kind][0])
    _add_arrows(axes, arrows)
    text = "frames are filled by the level's share"
    quick_text(axes, COLUMNS[0] - 0.2, TOGETHER, text, size=9, va="center", ha="right")


def _box(x: float, y: float, wide: float, tall: float) -> list[Point]:
    return [(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)]


def _right(slab: Slab) -> Point:
    return slab.right + 0.04, slab.centre[1]


def _left(slab: Slab) -> Point:
    return slab.x - 0.04, slab.centre[1]


def _below(slab: Slab) -> Point:
    return slab.centre[0], slab.y - 0.04


def _above(slab: Slab) -> Point:
    return slab.centre[0], slab.top + 0.04

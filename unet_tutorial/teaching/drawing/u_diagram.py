"""Draw the U-Net with the sizes of its tensors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from math import log2, sqrt

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from unet_tutorial.shapes import Stage
from unet_tutorial.teaching.drawing.boxes import ARROWS, Slab, draw_arrow, draw_slab
from unet_tutorial.teaching.drawing.style import PALETTE, WIDTH, create_canvas, with_style

DOWN_STAGES = ("in_conv", "down1", "down2", "down3", "down4")  # levels 0 to 4
_UP_STAGES = ("up4", "up3", "up2", "up1")  # levels 0 to 3
STAGE_NAMES = ("input", *DOWN_STAGES, *reversed(_UP_STAGES), "out_conv")
_OPERATIONS = dict.fromkeys(STAGE_NAMES, "double_conv") | {"input": "", "out_conv": "one_by_one"}
_INPUT_OPERATIONS = {  # input of a stage's double convolution: the operation that makes it
    "pooled": "max_pool",
    "skip": "skip_connection",
    "upsampled": "transposed_convolution",
}
DOWN_COLOUR, UP_COLOUR = PALETTE["blue"], PALETTE["orange"]  # contracting path, expanding path
_FLOOR, _GAP = 0.98, 0.33  # inches below the lowest boxes, and between the levels


@with_style
def u_diagram(stages: Sequence[Stage], lit: Collection[str] = ()) -> Figure:
    """Draw the U-Net: tensors as boxes, operations as arrows, and the size of every stage.

    Args:
        stages: the 11 rows of `unet_sizes`, input to out_conv.
        lit: the stages (such as "down1") and operations ("double_conv", "max_pool",
            "transposed_convolution", "skip_connection", "one_by_one") to highlight; the rest is
            pale. If it is empty, nothing is pale.

    Returns:
        A Figure 9 inches wide.

    Raises:
        ValueError: if the rows aren't the U-Net's 11 stages, or `lit` contains another name.

    Example:
        `u_diagram(unet_sizes(480, 480), lit=["down1"])` highlights the stage that outputs
        (128, 240, 240): 64 channels are doubled, 480 pixels are halved.

    Source: after figure 1 of Ronneberger et al. 2015, here with same convolutions.
    """
    _validate_arguments(stages, lit)
    by_name = {stage[0]: Stage(*stage) for stage in stages}
    slabs = _place_slabs(by_name)
    figure, axes = create_canvas(WIDTH, slabs["input"].top + 0.5)

    def is_strong(*tags: str) -> bool:
        return not lit or bool(set(lit) & set(tags))

    _draw_levels(axes, slabs)
    _draw_boxes(axes, slabs, is_strong)
    _draw_arrows(axes, slabs, is_strong)
    _write_sizes(axes, slabs, by_name, is_strong)
    _write_legend(axes)
    return figure


def _validate_arguments(stages: Sequence[Stage], lit: Collection[str]) -> None:
    if isinstance(lit, str):
        raise ValueError(f"lit must be a list of names, but is the string {lit!r}. Use [{lit!r}].")
    names = tuple(stage[0] for stage in stages)
    if names != STAGE_NAMES:
        raise ValueError(
            f"The stages are {list(names)}, but a U-Net has {list(STAGE_NAMES)}. "
            "Use the result of unet_sizes(height, width)."
        )
    unknown = sorted(set(lit) - set(STAGE_NAMES) - set(ARROWS))
    if unknown:
        raise ValueError(
            f"lit contains the unknown names {unknown}. Choose from {[*STAGE_NAMES, *ARROWS]}."
        )


def _place_slabs(stages: dict[str, Stage]) -> dict[str, Slab]:
    """Place the boxes of all stages and of their inputs ("down1.pooled", "up1.skip", ...)."""
    columns = _place_columns()
    largest = max(stages["input"][2:]), max(2, *(stage.channels for stage in stages.values()))
    slabs, floor = {}, _FLOOR
    for level, name in reversed(list(enumerate(DOWN_STAGES))):
        row = [name] if level else ["input", name, "out_conv"]
        row += _UP_STAGES[level : level + 1]
        for member in row:
            slabs[member] = _make_slab(stages[member], columns[member], floor, *largest)
        floor = slabs[name].top + _GAP
    for before, name in pairwise(STAGE_NAMES[1:-1]):
        if name in _UP_STAGES:
            skip = slabs[DOWN_STAGES[_UP_STAGES.index(name)]]
            slabs[f"{name}.skip"] = skip._replace(x=slabs[before].x)
            slabs[f"{name}.upsampled"] = skip._replace(x=slabs[before].x + skip.width)
        else:
            slabs[f"{name}.pooled"] = slabs[name]._replace(
                x=slabs[before].x, width=slabs[before].width
            )
    return slabs


def _place_columns() -> dict[str, float]:
    steps = {"in_conv": 0.6, "down4": 1.65, "out_conv": 0.66}
    columns = {"input": 0.75}
    for before, name in pairwise(STAGE_NAMES):
        columns[name] = columns[before] + steps.get(name, 0.8 if name in _UP_STAGES else 0.55)
    return columns


def _make_slab(stage: Stage, x: float, y: float, side: int, channels: int) -> Slab:
    """Make a stage's box, scaled by the largest side and the largest number of channels."""
    tall, deep = (max(sqrt(size / side), 0.15) for size in (stage.height, stage.width))
    width = 0.05 + 0.2 * log2(stage.channels) / log2(channels)
    return Slab(x, y, width, 0.85 * tall, 0.22 * deep)


def _draw_levels(axes: Axes, slabs: dict[str, Slab]) -> None:
    for level, name in enumerate(DOWN_STAGES):
        slab = slabs[name]
        if level % 2 == 0:
            edges = slab.y - _GAP / 2, slab.top + _GAP / 2
            axes.axhspan(*edges, color=PALETTE["band"], linewidth=0, zorder=0)
        axes.text(0.12, slab.centre[1], f"level {level}", color=PALETTE["muted"], va="center")


def _draw_boxes(axes: Axes, slabs: dict[str, Slab], is_strong: Callable[..., bool]) -> None:
    for name, slab in sorted(slabs.items(), key=lambda item: item[1].x):
        stage, _, part = name.partition(".")
        left = stage in ("input", *DOWN_STAGES) or part == "skip"
        kind = _INPUT_OPERATIONS[part] if part else _OPERATIONS[stage]
        draw_slab(axes, slab, DOWN_COLOUR if left else UP_COLOUR, strong=is_strong(stage, kind))


def _draw_arrows(axes: Axes, slabs: dict[str, Slab], is_strong: Callable[..., bool]) -> None:
    def draw_across(start: Slab, end: Slab, kind: str, stage: str, rise: float = 0.0) -> None:
        y = start.centre[1] + rise
        ends = (start.right + 0.05, y), (end.x - 0.04, y)
        draw_arrow(axes, *ends, kind, strong=is_strong(stage, kind))

    draw_across(slabs["input"], slabs["in_conv"], "double_conv", "in_conv")
    draw_across(slabs["up4"], slabs["out_conv"], "one_by_one", "out_conv")
    for before, name in pairwise(STAGE_NAMES[1:-1]):
        above = slabs[before]
        if name in DOWN_STAGES:
            pooled = slabs[f"{name}.pooled"]
            x = pooled.centre[0]
            ends = (x, above.y - 0.05), (x, pooled.top + 0.03)
            draw_arrow(axes, *ends, "max_pool", strong=is_strong(name, "max_pool"))
            draw_across(pooled, slabs[name], "double_conv", name)
        else:
            skip, upsampled = slabs[f"{name}.skip"], slabs[f"{name}.upsampled"]
            x = upsampled.x + upsampled.width / 2
            ends = (x, above.top + 0.05), (x, upsampled.y - 0.03)
            kind = "transposed_convolution"
            draw_arrow(axes, *ends, kind, strong=is_strong(name, kind))
            draw_across(upsampled, slabs[name], "double_conv", name)
            source = slabs[DOWN_STAGES[_UP_STAGES.index(name)]]
            draw_across(source, skip, "skip_connection", name, _skip_rise(source))


def _skip_rise(slab: Slab) -> float:
    return 0.25 * slab.height + 0.03


def _write_sizes(
    axes: Axes, slabs: dict[str, Slab], stages: dict[str, Stage], is_strong: Callable[..., bool]
) -> None:
    for name, stage in stages.items():
        slab = slabs[name]
        x, y = slab.right + 0.08, slab.centre[1]
        place = {"x": x, "ha": "left", "y": y + 0.16}
        if name in ("input", "out_conv"):
            place = {"x": slab.centre[0], "ha": "center", "y": slab.y - 0.06}
            if name == "out_conv":
                place |= {"x": WIDTH - 0.1, "ha": "right"}
        elif name == "up4":
            place = {"x": slab.x, "ha": "left", "y": slab.top + 0.4}
        elif name in DOWN_STAGES[:4]:
            place["y"] = y + _skip_rise(slab) - 0.06
        lit = is_strong(name, _OPERATIONS[name])
        style = {"color": PALETTE["ink" if lit else "muted"], "va": "top", "size": 9.5}
        title = f"{name} = bottleneck" if name == "down4" else name
        axes.text(s=title, weight="bold" if lit else "normal", **place, **style)
        place["y"] -= 0.16
        axes.text(s=f"({stage.channels}, {stage.height}, {stage.width})", **place, **style)
    _write_joins(axes, slabs, stages)


def _write_joins(axes: Axes, slabs: dict[str, Slab], stages: dict[str, Stage]) -> None:
    for level, name in enumerate(_UP_STAGES):
        skip, upsampled = slabs[f"{name}.skip"], slabs[f"{name}.upsampled"]
        half = stages[DOWN_STAGES[level]].channels
        style = {"ha": "center", "va": "bottom", "size": 9, "color": PALETTE["muted"]}
        x = (skip.x + upsampled.right) / 2
        axes.text(x, skip.top + 0.04, f"{half} + {half}", **style)
        source = slabs[DOWN_STAGES[level]]
        if level < 3:
            x, y = (source.right + skip.x) / 2, source.centre[1] + _skip_rise(source) + 0.03
            axes.text(x, y, "skip connection", **style)


def _write_legend(axes: Axes) -> None:
    for x, colour, text in [
        (0.14, DOWN_COLOUR, "contracting path"),
        (2.01, UP_COLOUR, "expanding path"),
    ]:
        draw_slab(axes, Slab(x + 0.06, 0.45, 0.14, 0.14, 0.06), colour)
        axes.text(x + 0.38, 0.54, text, va="center", size=9)
    axes.text(4.0, 0.54, "sizes are (channels, height, width)", va="center", size=9)
    x = 0.14
    for kind, (text, *_) in ARROWS.items():
        draw_arrow(axes, (x, 0.2), (x + 0.32, 0.2), kind)
        axes.text(x + 0.38, 0.2, text, va="center", size=9)
        x += 0.58 + 0.0725 * len(text)

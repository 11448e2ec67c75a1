"""Explorer of the U at any size: sizes and costs of each level, and where a size fails."""

from __future__ import annotations

from unet_tutorial.shapes import SIZE_MULTIPLE, unet_sizes
from unet_tutorial.shapes.unet import level_of, nearest_sizes
from unet_tutorial.teaching.explorers.controls import make_number_field
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.the_u.costs import (
    Cost,
    compute_level_costs,
    compute_shares,
    sum_costs,
)
from unet_tutorial.teaching.explorers.the_u.formatting import (
    format_bytes,
    format_cost,
    format_count,
)
from unet_tutorial.teaching.explorers.the_u.picture import draw_u_costs
from unet_tutorial.teaching.explorers.the_u.size_trace import SizeTrace, trace_unet_sizes


def the_u(
    height: int = 480,
    width: int = 480,
    channels: int = 1,
    classes: int = 1,
    base_channels: int = 64,
) -> Explorer:
    """Return an explorer of the whole U-Net: its sizes and its costs, level by level.

    Args:
        height, width: the image's sides at first, 1 to 2048.
        channels: number of image channels at first, 1 to 8.
        classes: number of classes at first, 1 to 8.
        base_channels: number of channels on level 0 at first, 1 to 128.

    Returns:
        The explorer, with a number field for each. If a side isn't divisible by 16, it shows how
        far the image gets, and the nearest sizes that fit.

    Raises:
        ValueError: a number is out of its field's range.

    Example:
        `the_u(100, 100)`: `up2` gets 24 by 24 from below and 25 by 25 from the skip connection.

    Used in chapters 01, 08 and 09.
    """
    controls = {
        "height": make_number_field("height", 1, 2048, 480),
        "width": make_number_field("width", 1, 2048, 480),
        "channels": make_number_field("channels", 1, 8, 1),
        "classes": make_number_field("classes", 1, 8, 1),
        "base_channels": make_number_field("base_channels", 1, 128, 64),
    }
    return Explorer("the_u", controls, _draw).set(
        height=height,
        width=width,
        channels=channels,
        classes=classes,
        base_channels=base_channels,
    )


def _draw(height: int, width: int, channels: int, classes: int, base_channels: int) -> View:
    widths = channels, classes, base_channels
    trace = trace_unet_sizes(height, width, *widths)
    if trace.failed_part:
        # The parameters don't depend on the size, so we take the smallest that fits.
        costs = compute_level_costs(SIZE_MULTIPLE, SIZE_MULTIPLE, *widths)
        alt, text = _describe_failure(trace, costs)
    else:
        costs = compute_level_costs(height, width, *widths)
        alt, text = _describe_costs(trace, costs)
    return View(draw_u_costs(trace, costs), alt, text)


def _describe_costs(trace: SizeTrace, costs: list[Cost]) -> tuple[str, str]:
    first, bottom, last = trace.stages[0], trace.stages[5], trace.stages[-1]
    parameters, macs, bytes_ = format_cost(sum_costs(costs))
    lines = [
        f"An image of {_format_stage_shape(first)} gives logits of {_format_stage_shape(last)}. "
        f"Its sides divide by 16: at the bottleneck they are {bottom.height} and {bottom.width}."
    ]
    for level, (cost, share) in enumerate(zip(costs, compute_shares(costs), strict=True)):
        stages = [s for s in trace.stages[1:] if level_of(s.name) == level]
        sizes = ", ".join(f"{stage.name} {_format_stage_shape(stage)}" for stage in stages)
        lines.append(f"Level {level}: {sizes}. {_describe_cost(cost, share)}.")
    lines.append(
        f"Together: {parameters} parameters; {macs} multiplications and {bytes_} of activations "
        "for one image, at 4 bytes a number."
    )
    if (first.height, first.width) == (SIZE_MULTIPLE, SIZE_MULTIPLE):
        lines.append(
            "The bottleneck has one value a channel: BatchNorm cannot train on a single such image."
        )
    alt = (
        f"The U from {_format_stage_shape(first)} down to {_format_stage_shape(bottom)} and back "
        f"to {_format_stage_shape(last)}, with bars of each level's share of {parameters} "
        f"parameters, {macs} multiplications and {bytes_} of activations."
    )
    return alt, "\n".join(lines)


def _describe_cost(cost: Cost, share: tuple[float, float, float]) -> str:
    parameters, activations, macs = (f"{part:.1f} %" for part in share)
    return (
        f"{cost.parameters:,} parameters ({parameters}), {format_count(cost.macs)} multiplications "
        f"({macs}), {format_bytes(cost.bytes)} of activations ({activations})"
    )


def _describe_failure(trace: SizeTrace, costs: list[Cost]) -> tuple[str, str]:
    first = trace.stages[0]
    sizes = ", ".join(f"{s.name} {_format_stage_shape(s)}" for s in trace.stages)
    each = ", ".join(
        f"level {n} {cost.parameters:,} ({share[0]:.1f} %)"
        for n, (cost, share) in enumerate(zip(costs, compute_shares(costs), strict=True))
    )
    height, width = first.height, first.width
    lines = [
        f"An image of {height} by {width} does not pass through the U: {sizes}.",
        " ".join([*_describe_dropped(trace), _explain_failed_part(trace)]),
        f"So the network refuses it before it begins: {_get_error_message(height, width)}",
        f"Nearest sizes that fit: {_format_nearest_sizes('height', height)}; "
        f"{_format_nearest_sizes('width', width)}.",
        f"The parameters do not depend on the size: {sum_costs(costs).parameters:,} together; "
        f"{each}.",
    ]
    alt = (
        f"The U for an image of {height} by {width}, which gets as far as "
        f"{trace.stages[-1].name}. A cross marks where {trace.failed_part} fails; what comes after "
        "it is dashed, not reached."
    )
    return alt, "\n".join(lines)


def _describe_dropped(trace: SizeTrace) -> list[str]:
    """Write a sentence for each pooling that drops pixels."""
    sentences = []
    for level, rows, columns in trace.dropped:
        _, _, height, width = trace.stages[1 + level]
        odd = " and ".join([f"{height} rows"] * rows + [f"{width} columns"] * columns)
        lost = " and ".join(["a row"] * rows + ["a column"] * columns)
        sentences.append(f"Level {level} has {odd}: its pooling drops {lost}.")
    return sentences


def _explain_failed_part(trace: SizeTrace) -> str:
    if trace.upsampled is None:
        last = trace.stages[-1]
        size = f"{last.height} by {last.width}"
        return f"{trace.failed_part} cannot pool {size}: no window of 2 by 2 fits."
    level, (height, width) = level_of(trace.failed_part), trace.upsampled
    kept = trace.stages[1 + level]
    return (
        f"On the way up, {trace.failed_part} gets {height} by {width} from below, but the skip "
        f"connection of level {level} brings {kept.height} by {kept.width}: they cannot be joined."
    )


def _get_error_message(height: int, width: int) -> str:
    try:
        unet_sizes(height, width)
    except ValueError as error:
        return str(error)
    return ""


def _format_nearest_sizes(side: str, size: int) -> str:
    fits = nearest_sizes(size)
    if size in fits:
        return f"{side} {size} as it is"
    return f"{side} {' or '.join(map(str, fits))}"


def _format_stage_shape(stage: tuple) -> str:
    return f"({', '.join(map(str, stage[1:]))})"

"""The U at any size: what each level gives out and costs, and where a size that fails breaks."""

from __future__ import annotations

from unet_tutorial.shapes import SIZE_MULTIPLE, unet_sizes
from unet_tutorial.shapes.unet import level_of, nearest_sizes
from unet_tutorial.teaching.explorers.controls import whole
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.the_u.costs import Cost, level_costs, shares, total
from unet_tutorial.teaching.explorers.the_u.formatting import amount, memory, written
from unet_tutorial.teaching.explorers.the_u.picture import u_costs
from unet_tutorial.teaching.explorers.the_u.size_trace import Passage, unet_passage


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
        channels, classes: of the image and of the logits at first, 1 to 8.
        base_channels: the channels of level 0 at first, 1 to 128.

    Returns:
        The explorer, with a number field for each. A size that does not divide by 16 shows how
        far it gets, and which sizes near it fit.

    Raises:
        ValueError: a number that its field cannot take.

    Example:
        `the_u(100, 100)`: `up2` gets 24 by 24 from below and 25 by 25 from the skip connection.

    Source: none. Chapters 01, 08 and 09 show it.
    """
    controls = {
        "height": whole("height", 1, 2048, 480),
        "width": whole("width", 1, 2048, 480),
        "channels": whole("channels", 1, 8, 1),
        "classes": whole("classes", 1, 8, 1),
        "base_channels": whole("base_channels", 1, 128, 64),
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
    passage = unet_passage(height, width, *widths)
    if passage.fails:
        # The parameters do not depend on the size: take the smallest that fits.
        costs = level_costs(SIZE_MULTIPLE, SIZE_MULTIPLE, *widths)
        alt, text = _break_in_words(passage, costs)
    else:
        costs = level_costs(height, width, *widths)
        alt, text = _costs_in_words(passage, costs)
    return View(u_costs(passage, costs), alt, text)


def _costs_in_words(passage: Passage, costs: list[Cost]) -> tuple[str, str]:
    first, bottom, last = passage.stages[0], passage.stages[5], passage.stages[-1]
    parameters, macs, bytes_ = written(total(costs))
    lines = [
        f"An image of {_shape(first)} gives logits of {_shape(last)}. Its sides divide by 16: "
        f"at the bottleneck they are {bottom.height} and {bottom.width}."
    ]
    for level, (cost, share) in enumerate(zip(costs, shares(costs), strict=True)):
        stages = [s for s in passage.stages[1:] if level_of(s.name) == level]
        sizes = ", ".join(f"{stage.name} {_shape(stage)}" for stage in stages)
        lines.append(f"Level {level}: {sizes}. {_cost(cost, share)}.")
    lines.append(
        f"Together: {parameters} parameters; {macs} multiplications and {bytes_} of activations "
        "for one image, at 4 bytes a number."
    )
    if (first.height, first.width) == (SIZE_MULTIPLE, SIZE_MULTIPLE):
        lines.append(
            "The bottleneck has one value a channel: BatchNorm cannot train on a single such image."
        )
    alt = (
        f"The U from {_shape(first)} down to {_shape(bottom)} and back to {_shape(last)}, with "
        f"bars of each level's share of {parameters} parameters, {macs} multiplications and "
        f"{bytes_} of activations."
    )
    return alt, "\n".join(lines)


def _cost(cost: Cost, share: tuple[float, float, float]) -> str:
    parameters, activations, macs = (f"{part:.1f} %" for part in share)
    return (
        f"{cost.parameters:,} parameters ({parameters}), {amount(cost.macs)} multiplications "
        f"({macs}), {memory(cost.bytes)} of activations ({activations})"
    )


def _break_in_words(passage: Passage, costs: list[Cost]) -> tuple[str, str]:
    first = passage.stages[0]
    sizes = ", ".join(f"{s.name} {_shape(s)}" for s in passage.stages)
    each = ", ".join(
        f"level {n} {cost.parameters:,} ({share[0]:.1f} %)"
        for n, (cost, share) in enumerate(zip(costs, shares(costs), strict=True))
    )
    lines = [
        f"An image of {first.height} by {first.width} does not pass through the U: {sizes}.",
        " ".join([*_losses(passage), _failure(passage)]),
        f"So the network refuses it before it begins: {_refusal(first.height, first.width)}",
        f"Nearest sizes that fit: {_nearest('height', first.height)}; "
        f"{_nearest('width', first.width)}.",
        f"The parameters do not depend on the size: {total(costs).parameters:,} together; {each}.",
    ]
    alt = (
        f"The U for an image of {first.height} by {first.width}, which gets as far as "
        f"{passage.stages[-1].name}. A cross marks where {passage.fails} fails; what comes after "
        "it is dashed, not reached."
    )
    return alt, "\n".join(lines)


def _losses(passage: Passage) -> list[str]:
    """A sentence for each pooling that drops something."""
    sentences = []
    for level, rows, columns in passage.losses:
        _, _, height, width = passage.stages[1 + level]
        odd = " and ".join([f"{height} rows"] * rows + [f"{width} columns"] * columns)
        lost = " and ".join(["a row"] * rows + ["a column"] * columns)
        sentences.append(f"Level {level} has {odd}: its pooling drops {lost}.")
    return sentences


def _failure(passage: Passage) -> str:
    if passage.upsampled is None:
        last = passage.stages[-1]
        return (
            f"{passage.fails} cannot pool {last.height} by {last.width}: no window of 2 by 2 fits."
        )
    level, (height, width) = level_of(passage.fails), passage.upsampled
    kept = passage.stages[1 + level]
    return (
        f"On the way up, {passage.fails} gets {height} by {width} from below, but the skip "
        f"connection of level {level} brings {kept.height} by {kept.width}: they cannot be joined."
    )


def _refusal(height: int, width: int) -> str:
    try:
        unet_sizes(height, width)
    except ValueError as error:
        return str(error)
    return ""


def _nearest(side: str, size: int) -> str:
    fits = nearest_sizes(size)
    if size in fits:
        return f"{side} {size} as it is"
    return f"{side} {' or '.join(map(str, fits))}"


def _shape(stage: tuple) -> str:
    return f"({', '.join(map(str, stage[1:]))})"

"""How far an image of any size gets through a U-Net."""

from __future__ import annotations

from typing import NamedTuple

from unet_tutorial.shapes.layers import (
    check_whole,
    conv_transpose_output_size,
    max_pool_output_size,
)
from unet_tutorial.shapes.unet import LEVELS_DOWN, Stage, check_unet_widths


class Loss(NamedTuple):
    """A pooling that drops something: it takes the size of `level` and leaves a row or column."""

    level: int
    rows: int
    columns: int


class Passage(NamedTuple):
    """How far an image gets through the ten parts.

    The stages that are computed, the poolings that drop a row or a column on the way, and, where
    a part cannot be computed, its name and the size (height, width) that came up to its join.
    """

    stages: list[Stage]
    losses: list[Loss]
    fails: str = ""
    upsampled: tuple[int, int] | None = None


def unet_passage(
    height: int, width: int, in_channels: int = 1, num_classes: int = 1, base_channels: int = 64
) -> Passage:
    """Follow an image of any size through the ten parts, as far as it gets.

    Args:
        height, width: the image's sides in pixels, each at least 1.
        in_channels, num_classes, base_channels: the network's widths, each at least 1.

    Returns:
        The stages that can be computed, and what is lost on the way. `fails` names the first part
        that cannot be computed: a down whose pooling finds a side of 1, or an up whose join gets
        two sizes; it is empty where the sides divide by 16.

    Raises:
        ValueError: an argument that is no whole number of at least 1.

    Example:
        100 becomes 50, 25, 12, 6. On the way up 6 becomes 12 and fits, 12 becomes 24: not 25.

        >>> passage = unet_passage(100, 96)
        >>> passage.fails, passage.upsampled, passage.losses[0]
        ('up2', (24, 24), Loss(level=2, rows=1, columns=0))

    Source: none. Chapter 08 runs it.
    """
    check_unet_widths(in_channels, num_classes, base_channels)
    check_whole("height", height, at_least=1)
    check_whole("width", width, at_least=1)
    size, losses = (height, width), []
    stages = [Stage("input", in_channels, *size), Stage("in_conv", base_channels, *size)]
    for level in range(LEVELS_DOWN):
        if min(size) < 2:
            return Passage(stages, losses, f"down{level + 1}")
        if size[0] % 2 or size[1] % 2:
            losses.append(Loss(level, size[0] % 2, size[1] % 2))
        size = max_pool_output_size(size, 2)
        stages.append(Stage(f"down{level + 1}", base_channels * 2 ** (level + 1), *size))
    for level in reversed(range(LEVELS_DOWN)):
        name, skip = f"up{LEVELS_DOWN - level}", stages[1 + level]
        size = conv_transpose_output_size(size, 2, stride=2)
        if size != (skip.height, skip.width):
            return Passage(stages, losses, name, size)
        stages.append(Stage(name, skip.channels, *size))
    return Passage([*stages, Stage("out_conv", num_classes, *size)], losses)

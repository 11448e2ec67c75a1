"""Sizes of a U-Net's stages for an image of any size, up to the part that fails."""

from __future__ import annotations

from typing import NamedTuple

from unet_tutorial.shapes.layers import (
    check_whole,
    conv_transpose_output_size,
    max_pool_output_size,
)
from unet_tutorial.shapes.unet import LEVELS_DOWN, Stage, check_unet_widths


class DroppedPixels(NamedTuple):
    """Rows and columns (0 or 1 of each) that the pooling below `level` drops from an odd size."""

    level: int
    rows: int
    columns: int


class SizeTrace(NamedTuple):
    """Stages of a U-Net as far as an image gets.

    Args:
        stages: the stages that can be computed.
        dropped: pixels that poolings drop, for each pooling that drops some.
        failed_part: the name of the part that can't be computed, or "".
        upsampled: if that part is an up, the (height, width) that doesn't match the skip's.
    """

    stages: list[Stage]
    dropped: list[DroppedPixels]
    failed_part: str = ""
    upsampled: tuple[int, int] | None = None


def trace_unet_sizes(
    height: int, width: int, in_channels: int = 1, num_classes: int = 1, base_channels: int = 64
) -> SizeTrace:
    """Compute the sizes of the stages for an image of any size, as far as it gets.

    Args:
        height, width: the image's sides in pixels, each at least 1.
        in_channels, num_classes, base_channels: the network's widths, each at least 1.

    Returns:
        The trace. The part that fails is a down if it gets a side of 1, which it can't pool, or
        an up if its two inputs have different sizes. If both sides are divisible by 16, none does.

    Raises:
        ValueError: an argument isn't a whole number or is below 1.

    Example:
        On the way down, 100 becomes 50, 25, 12, 6. On the way up, 6 becomes 12, which fits, and
        12 becomes 24, which isn't 25.

        >>> trace = trace_unet_sizes(100, 96)
        >>> trace.failed_part, trace.upsampled, trace.dropped[0]
        ('up2', (24, 24), DroppedPixels(level=2, rows=1, columns=0))
    """
    check_unet_widths(in_channels, num_classes, base_channels)
    check_whole("height", height, at_least=1)
    check_whole("width", width, at_least=1)
    size, dropped = (height, width), []
    stages = [Stage("input", in_channels, *size), Stage("in_conv", base_channels, *size)]
    for level in range(LEVELS_DOWN):
        if min(size) < 2:
            return SizeTrace(stages, dropped, f"down{level + 1}")
        if size[0] % 2 or size[1] % 2:
            dropped.append(DroppedPixels(level, size[0] % 2, size[1] % 2))
        size = max_pool_output_size(size, 2)
        stages.append(Stage(f"down{level + 1}", base_channels * 2 ** (level + 1), *size))
    for level in reversed(range(LEVELS_DOWN)):
        name, skip = f"up{LEVELS_DOWN - level}", stages[1 + level]
        size = conv_transpose_output_size(size, 2, stride=2)
        if size != (skip.height, skip.width):
            return SizeTrace(stages, dropped, name, size)
        stages.append(Stage(name, skip.channels, *size))
    return SizeTrace([*stages, Stage("out_conv", num_classes, *size)], dropped)

"""The sizes of the whole U-Net, stage by stage."""

from __future__ import annotations

from typing import NamedTuple

from unet_tutorial.shapes.layers import (
    check_whole,
    conv_transpose_output_size,
    max_pool_output_size,
)

LEVELS_DOWN = 4
SIZE_MULTIPLE = 2**LEVELS_DOWN  # four halvings: 16


class Stage(NamedTuple):
    """One row of the size table: a stage's output, as (channels, height, width)."""

    name: str
    channels: int
    height: int
    width: int


def unet_sizes(
    height: int, width: int, in_channels: int = 1, num_classes: int = 1, base_channels: int = 64
) -> list[Stage]:
    """Return the output size of every stage of the U-Net, from the input to the logits.

    Args:
        height, width: the image's sides in pixels, positive multiples of 16.
        in_channels, num_classes, base_channels: the network's widths, each at least 1.

    Returns:
        Eleven stages: input, in_conv, down1 to down4, up1 to up4, out_conv.

    Raises:
        ValueError: a size that does not divide by 16, or a width below 1.

    Four halvings of 480 give 480 / 16 = 30; four doublings of 64 give 64 * 16 = 1024.

    >>> unet_sizes(480, 480)[5]
    Stage(name='down4', channels=1024, height=30, width=30)

    Source: Ronneberger et al. 2015, figure 1, with padded convolutions. Built in chapter 01.
    """
    check_unet_widths(in_channels, num_classes, base_channels)
    check_whole("height", height, at_least=1)
    check_whole("width", width, at_least=1)
    check_divisible(height, width)
    stages = [
        Stage("input", in_channels, height, width),
        Stage("in_conv", base_channels, height, width),
    ]
    for level in range(1, LEVELS_DOWN + 1):
        height, width = max_pool_output_size((height, width), 2)
        stages.append(Stage(f"down{level}", base_channels * 2**level, height, width))
    for level in range(LEVELS_DOWN - 1, -1, -1):
        height, width = conv_transpose_output_size((height, width), 2, stride=2)
        stages.append(Stage(f"up{LEVELS_DOWN - level}", base_channels * 2**level, height, width))
    return [*stages, Stage("out_conv", num_classes, height, width)]


def level_of(name: str) -> int:
    """Return the level, 0 to 4, on which a stage of the U-Net works."""
    if name.startswith("down"):
        return int(name[-1])
    return LEVELS_DOWN - int(name[-1]) if name.startswith("up") else 0


def nearest_sizes(side: int) -> list[int]:
    """Return the sides nearest to this one that divide by 16: one below, unless 0, and one above.

    A side that divides by 16 is the only one. ValueError unless it's a whole number from 1.
    100 is between 6 * 16 and 7 * 16:

    >>> nearest_sizes(100), nearest_sizes(480), nearest_sizes(9)
    ([96, 112], [480], [16])
    """
    below = check_whole("side", side, at_least=1) // SIZE_MULTIPLE * SIZE_MULTIPLE
    above = -(-side // SIZE_MULTIPLE) * SIZE_MULTIPLE
    return sorted({below, above} - {0})


def check_unet_widths(in_channels: int, num_classes: int, base_channels: int) -> None:
    """Raise ValueError unless each width of a U-Net is a whole number from 1 up."""
    check_whole("in_channels", in_channels, at_least=1)
    check_whole("num_classes", num_classes, at_least=1)
    check_whole("base_channels", base_channels, at_least=1)


def check_divisible(height: int, width: int) -> None:
    """Raise ValueError unless height and width divide by 16; it names the next size that does."""
    if height % SIZE_MULTIPLE == 0 and width % SIZE_MULTIPLE == 0:
        return
    fits = [nearest_sizes(side)[-1] for side in (height, width)]
    raise ValueError(
        f"height and width must divide by 16, since four poolings halve them four times; "
        f"{height}x{width} does not. The next size that fits is {fits[0]}x{fits[1]}: pad the "
        "image, or let unet_tutorial.predict do it. See chapter 08, 'Sizes that do not fit'."
    )

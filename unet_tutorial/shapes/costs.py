"""What a U-Net costs, by part and by level, and how far a size that does not fit gets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from unet_tutorial.shapes.layers import (
    check_whole,
    conv_transpose_output_size,
    max_pool_output_size,
)
from unet_tutorial.shapes.network import (
    LEVELS_DOWN,
    SIZE_MULTIPLE,
    Stage,
    check_unet_widths,
    unet_sizes,
)

BYTES = 4  # of a number in single precision


class Cost(NamedTuple):
    """Parameters, numbers that the layers write for one image, and multiplications for it.

    A multiplication and the addition after it are counted together, as one multiply-accumulate.
    """

    parameters: int
    activations: int
    macs: int

    @property
    def bytes(self) -> int:
        """The memory of the activations, at 4 bytes a number."""
        return BYTES * self.activations


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


def part_costs(
    height: int, width: int, in_channels: int = 1, num_classes: int = 1, base_channels: int = 64
) -> dict[str, Cost]:
    """Return what each of the U-Net's ten parts costs for one image.

    Args:
        height, width: the image's sides in pixels, positive multiples of 16.
        in_channels, num_classes, base_channels: the network's widths, each at least 1.

    Returns:
        For in_conv, down1 to down4, up1 to up4 and out_conv: parameters; numbers written by
        convolutions, BatchNorms, poolings and transposed convolutions (a ReLU works in place);
        and multiply-accumulates of the convolutions, transposed ones included.

    Raises:
        ValueError: as `unet_sizes`.

    Example:
        The first block has 9 * 64 + 9 * 64 * 64 + 4 * 64 parameters.

        >>> part_costs(480, 480)["in_conv"].parameters
        37696
        >>> sum(cost.parameters for cost in part_costs(480, 480).values())
        31036481

    Source: none. Chapter 09 derives it.
    """
    costs = {}
    stages = unet_sizes(height, width, in_channels, num_classes, base_channels)
    for before, stage in pairwise(stages):
        i, o, area = before.channels, stage.channels, stage.height * stage.width
        if stage.name == "out_conv":
            costs[stage.name] = Cost(i * o + o, o * area, i * o * area)
        elif stage.name.startswith("up"):  # each of a quarter of the pixels stamps 4 o products
            stamps = Cost(4 * i * o + o, o * area, i * o * area)
            costs[stage.name] = total([stamps, _double_conv(2 * o, o, area)])
        else:
            pooled = Cost(0, i * area if stage.name != "in_conv" else 0, 0)
            costs[stage.name] = total([pooled, _double_conv(i, o, area)])
    return costs


def _double_conv(i: int, o: int, area: int) -> Cost:
    weights = 9 * i * o + 9 * o * o
    return Cost(weights + 4 * o, 4 * o * area, weights * area)


def level_costs(
    height: int, width: int, in_channels: int = 1, num_classes: int = 1, base_channels: int = 64
) -> list[Cost]:
    """Return what each of the five levels costs: `part_costs`, sorted by level.

    Args:
        height, width, in_channels, num_classes, base_channels: as for `part_costs`.

    Returns:
        Five costs. Level 0 holds in_conv, up4 and out_conv, level 4 down4 alone.

    Raises:
        ValueError: as `unet_sizes`.

    Example:
        Level 4 is down4: 9 * 512 * 1024 + 9 * 1024 * 1024 + 4 * 1024 parameters.

        >>> level_costs(480, 480)[4].parameters
        14159872

    Source: none. Chapter 09 derives it.
    """
    levels = [[] for _ in range(LEVELS_DOWN + 1)]
    sizes = (height, width, in_channels, num_classes, base_channels)
    for name, cost in part_costs(*sizes).items():
        levels[level_of(name)].append(cost)
    return [total(costs) for costs in levels]


def level_of(name: str) -> int:
    """Return the level, 0 to 4, on which a stage of the U-Net works."""
    if name.startswith("down"):
        return int(name[-1])
    return LEVELS_DOWN - int(name[-1]) if name.startswith("up") else 0


def total(costs: Iterable[Cost]) -> Cost:
    """Return the sum of costs, kind by kind."""
    return Cost(*map(sum, zip(*costs, strict=True)))


def shares(costs: Sequence[Cost]) -> list[tuple[float, float, float]]:
    """Return what each cost is of their sum, in percent: of parameters, activations and macs."""
    whole = total(costs)
    return [
        tuple(100 * part / all_of_it for part, all_of_it in zip(cost, whole, strict=True))
        for cost in costs
    ]


def nearest_sizes(side: int) -> list[int]:
    """Return the sides nearest to this one that divide by 16: one below, one above.

    Args:
        side: pixels, at least 1.

    Returns:
        The side alone where it divides by 16, else the nearest below, unless that is 0, and the
        nearest above.

    Raises:
        ValueError: a side that is no whole number of at least 1.

    Example:
        100 lies between 6 * 16 and 7 * 16.

        >>> nearest_sizes(100), nearest_sizes(480), nearest_sizes(9)
        ([96, 112], [480], [16])

    Source: none. Chapter 08 says why 16.
    """
    check_whole("side", side, at_least=1)
    below = side // SIZE_MULTIPLE * SIZE_MULTIPLE
    above = -(-side // SIZE_MULTIPLE) * SIZE_MULTIPLE
    return sorted({below, above} - {0})


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

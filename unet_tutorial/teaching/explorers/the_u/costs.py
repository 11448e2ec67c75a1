"""What a U-Net costs: parameters, memory and multiplications, by part and by level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from unet_tutorial.shapes.unet import LEVELS_DOWN, level_of, unet_sizes

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

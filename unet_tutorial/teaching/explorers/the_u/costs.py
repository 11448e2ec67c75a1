"""Costs of a U-Net: parameters, memory and multiplications, by part and by level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from unet_tutorial.shapes.unet import LEVELS_DOWN, level_of, unet_sizes

_BYTES_PER_NUMBER = 4  # single precision


class Cost(NamedTuple):
    """Parameters, and for one image: activations (output values of the layers) and MACs.

    A MAC is a multiply-accumulate: one multiplication and the addition after it.
    """

    parameters: int
    activations: int
    macs: int

    @property
    def bytes(self) -> int:
        """Memory of the activations, at 4 bytes per number."""
        return _BYTES_PER_NUMBER * self.activations


def compute_part_costs(
    height: int, width: int, in_channels: int = 1, num_classes: int = 1, base_channels: int = 64
) -> dict[str, Cost]:
    """Compute the cost of each of the U-Net's ten parts for one image.

    Args:
        height, width: the image's sides in pixels, positive multiples of 16.
        in_channels, num_classes, base_channels: the network's widths, each at least 1.

    Returns:
        For in_conv, down1 to down4, up1 to up4 and out_conv: parameters; outputs of
        convolutions, BatchNorms, poolings and transposed convolutions (a ReLU works in place);
        and MACs of the convolutions and transposed convolutions.

    Raises:
        ValueError: the sides aren't multiples of 16, or a width is below 1.

    Example:
        The first block has 9 * 64 + 9 * 64 * 64 + 4 * 64 parameters.

        >>> compute_part_costs(480, 480)["in_conv"].parameters
        37696
        >>> sum(cost.parameters for cost in compute_part_costs(480, 480).values())
        31036481
    """
    costs = {}
    stages = unet_sizes(height, width, in_channels, num_classes, base_channels)
    for before, stage in pairwise(stages):
        i, o, area = before.channels, stage.channels, stage.height * stage.width
        if stage.name == "out_conv":
            costs[stage.name] = Cost(i * o + o, o * area, i * o * area)
        elif stage.name.startswith("up"):  # 4 * o products per input pixel
            stamps = Cost(4 * i * o + o, o * area, i * o * area)
            costs[stage.name] = sum_costs([stamps, _compute_double_conv_cost(2 * o, o, area)])
        else:
            pooled = Cost(0, i * area if stage.name != "in_conv" else 0, 0)
            costs[stage.name] = sum_costs([pooled, _compute_double_conv_cost(i, o, area)])
    return costs


def _compute_double_conv_cost(i: int, o: int, area: int) -> Cost:
    weights = 9 * i * o + 9 * o * o
    return Cost(weights + 4 * o, 4 * o * area, weights * area)


def compute_level_costs(
    height: int, width: int, in_channels: int = 1, num_classes: int = 1, base_channels: int = 64
) -> list[Cost]:
    """Compute the cost of each of the five levels: the sum of `compute_part_costs` by level.

    Args:
        height, width, in_channels, num_classes, base_channels: as for `compute_part_costs`.

    Returns:
        Five costs. Level 0 contains in_conv, up4 and out_conv; level 4 contains only down4.

    Raises:
        ValueError: the sides aren't multiples of 16, or a width is below 1.

    Example:
        Level 4 is down4: 9 * 512 * 1024 + 9 * 1024 * 1024 + 4 * 1024 parameters.

        >>> compute_level_costs(480, 480)[4].parameters
        14159872
    """
    levels = [[] for _ in range(LEVELS_DOWN + 1)]
    sizes = (height, width, in_channels, num_classes, base_channels)
    for name, cost in compute_part_costs(*sizes).items():
        levels[level_of(name)].append(cost)
    return [sum_costs(costs) for costs in levels]


def sum_costs(costs: Iterable[Cost]) -> Cost:
    """Sum costs, separately for parameters, activations and MACs."""
    return Cost(*map(sum, zip(*costs, strict=True)))


def compute_shares(costs: Sequence[Cost]) -> list[tuple[float, float, float]]:
    """Compute each cost's share of the sum, in percent: parameters, activations and MACs."""
    together = sum_costs(costs)
    return [
        tuple(100 * part / whole for part, whole in zip(cost, together, strict=True))
        for cost in costs
    ]

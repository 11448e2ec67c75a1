"""Costs of a U-Net: compared with real modules, counted by hooks."""

import doctest

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from unet_tutorial import UNet
from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.explorers.the_u import costs as module
from unet_tutorial.teaching.explorers.the_u.costs import (
    Cost,
    compute_level_costs,
    compute_part_costs,
    compute_shares,
    sum_costs,
)

SETTINGS = [(480, 480, 1, 1, 64), (16, 48, 3, 2, 5), (64, 32, 1, 4, 1), (16, 16, 8, 8, 7)]


def make_unet_on_meta(in_channels, num_classes, base_channels):
    with torch.device("meta"):
        return UNet(in_channels, num_classes, base_channels).eval()


def measure_costs(height, width, *widths):
    """Count each part's parameters, and with hooks its layers' outputs and multiplications."""
    network = make_unet_on_meta(*widths)
    found = {
        name: [sum(p.numel() for p in part.parameters()), 0, 0]
        for name, part in network.named_children()
    }

    def make_hook(part):
        def hook(layer, inputs, output):
            if not isinstance(layer, nn.ReLU):  # works in place
                found[part][1] += output.numel()
            if isinstance(layer, nn.Conv2d):
                found[part][2] += output.numel() * layer.weight[0].numel()
            if isinstance(layer, nn.ConvTranspose2d):
                found[part][2] += inputs[0].numel() * layer.weight[0].numel()

        return hook

    for name, layer in network.named_modules():
        if name and not list(layer.children()):
            layer.register_forward_hook(make_hook(name.split(".")[0]))
    network(torch.empty(1, widths[0], height, width, device="meta"))
    return {name: Cost(*numbers) for name, numbers in found.items()}


@pytest.mark.parametrize("sizes", SETTINGS)
def test_costs_agree_with_the_layers_of_a_real_unet(sizes):
    assert compute_part_costs(*sizes) == measure_costs(*sizes)


@pytest.mark.parametrize("sizes", SETTINGS)
def test_multiplications_are_half_of_what_torch_counts(sizes):
    """Torch's counter counts a multiplication and an addition as two."""
    with FlopCounterMode(display=False) as counter:
        make_unet_on_meta(*sizes[2:])(torch.empty(1, sizes[2], *sizes[:2], device="meta"))
    assert 2 * sum_costs(compute_part_costs(*sizes).values()).macs == counter.get_total_flops()


def test_the_numbers_of_chapter_09():
    levels = compute_level_costs(480, 480)
    assert sum_costs(levels) == (31_036_481, 259_660_800, 169_073_049_600)
    assert round(sum_costs(levels).bytes / 1e6) == 1039
    assert [
        [round(share, 1) for share in kind] for kind in zip(*compute_shares(levels), strict=True)
    ] == [
        [0.6, 2.6, 10.2, 41.0, 45.6],
        [51.2, 27.0, 13.5, 6.7, 1.6],
        [21.3, 23.7, 23.7, 23.7, 7.5],
    ]


def test_a_level_is_the_sum_of_its_parts():
    parts, levels = compute_part_costs(48, 32, 2, 3, 4), compute_level_costs(48, 32, 2, 3, 4)
    names = [
        ["in_conv", "up4", "out_conv"],
        ["down1", "up3"],
        ["down2", "up2"],
        ["down3", "up1"],
        ["down4"],
    ]
    for level, group in enumerate(names):
        assert all(level_of(name) == level for name in group)
        for kind in range(3):
            assert levels[level][kind] == sum(parts[name][kind] for name in group)


def test_shares_add_up_to_100_percent():
    for kind in zip(*compute_shares(compute_level_costs(96, 80, 3, 2, 8)), strict=True):
        assert sum(kind) == pytest.approx(100)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compute_part_costs(100, 100), "must divide by 16"),
        (lambda: compute_part_costs(16, 16, base_channels=0), "base_channels must be at least 1"),
    ],
)
def test_bad_arguments_raise_an_error_that_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_examples_hold():
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted >= 3

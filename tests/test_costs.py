"""What a U-Net costs, and how far a size gets: against real modules, run whole and singly."""

import doctest

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from unet_tutorial import UNet
from unet_tutorial.shapes import costs as module
from unet_tutorial.shapes import unet_sizes
from unet_tutorial.shapes.costs import (
    Cost,
    Loss,
    level_costs,
    level_of,
    nearest_sizes,
    part_costs,
    shares,
    total,
    unet_passage,
)

SETTINGS = [(480, 480, 1, 1, 64), (16, 48, 3, 2, 5), (64, 32, 1, 4, 1), (16, 16, 8, 8, 7)]


def on_meta(in_channels, num_classes, base_channels):
    with torch.device("meta"):
        return UNet(in_channels, num_classes, base_channels).eval()


def measured(height, width, *widths):
    """Each part's parameters, and what hooks on its layers saw: numbers written, and products."""
    network = on_meta(*widths)
    found = {
        name: [sum(p.numel() for p in part.parameters()), 0, 0]
        for name, part in network.named_children()
    }

    def hook_on(part):
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
            layer.register_forward_hook(hook_on(name.split(".")[0]))
    network(torch.empty(1, widths[0], height, width, device="meta"))
    return {name: Cost(*numbers) for name, numbers in found.items()}


@pytest.mark.parametrize("sizes", SETTINGS)
def test_each_part_costs_what_its_layers_do(sizes):
    assert part_costs(*sizes) == measured(*sizes)


@pytest.mark.parametrize("sizes", SETTINGS)
def test_multiplications_are_half_of_what_torch_counts(sizes):
    """Its counter takes a multiplication and an addition as two."""
    with FlopCounterMode(display=False) as counter:
        on_meta(*sizes[2:])(torch.empty(1, sizes[2], *sizes[:2], device="meta"))
    assert 2 * total(part_costs(*sizes).values()).macs == counter.get_total_flops()


def test_the_numbers_of_chapter_09():
    levels = level_costs(480, 480)
    assert total(levels) == (31_036_481, 259_660_800, 169_073_049_600)
    assert round(total(levels).bytes / 1e6) == 1039
    assert [[round(share, 1) for share in kind] for kind in zip(*shares(levels), strict=True)] == [
        [0.6, 2.6, 10.2, 41.0, 45.6],
        [51.2, 27.0, 13.5, 6.7, 1.6],
        [21.3, 23.7, 23.7, 23.7, 7.5],
    ]


def test_levels_hold_the_parts_that_work_there():
    parts, levels = part_costs(48, 32, 2, 3, 4), level_costs(48, 32, 2, 3, 4)
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


def test_shares_make_a_hundred():
    for kind in zip(*shares(level_costs(96, 80, 3, 2, 8)), strict=True):
        assert sum(kind) == pytest.approx(100)


@settings(deadline=None)
@given(side=st.integers(1, 5000))
def test_the_nearest_sizes_are_found_by_walking(side):
    below, above = side, side
    while below % 16:
        below -= 1
    while above % 16:
        above += 1
    assert nearest_sizes(side) == sorted({size for size in (below, above) if size > 0})


PARTS = UNet(1, 1, base_channels=1).eval()


def by_hand(height, width):
    """Run the parts one after another, as chapter 08 does; what they give, and which one fails."""
    x = torch.zeros(1, 1, height, width)
    given_out, skips = [("input", *x.shape[1:])], []
    with torch.no_grad():
        for name, part in PARTS.named_children():
            try:
                if name.startswith("up"):
                    x = part(x, skips.pop())
                else:
                    x = part(x)
                    skips.append(x)
            except RuntimeError:
                return given_out, name
            if name == "down4":
                skips.pop()
            given_out.append((name, *x.shape[1:]))
    return given_out, ""


@settings(max_examples=120, deadline=None)
@given(height=st.integers(1, 130), width=st.integers(1, 130))
def test_an_image_gets_as_far_as_through_the_parts_themselves(height, width):
    passage = unet_passage(height, width, 1, 1, 1)
    assert ([tuple(stage) for stage in passage.stages], passage.fails) == by_hand(height, width)


@pytest.mark.parametrize("sizes", SETTINGS)
def test_a_size_that_fits_passes(sizes):
    assert unet_passage(*sizes) == (unet_sizes(*sizes), [], "", None)


def test_what_is_lost_on_the_way():
    both = unet_passage(100, 75)
    assert both.losses == [Loss(0, 0, 1), Loss(1, 0, 1), Loss(2, 1, 0), Loss(3, 0, 1)]
    assert (both.fails, both.upsampled) == ("up1", (12, 8))
    assert unet_passage(100, 100).upsampled == (24, 24)
    assert unet_passage(5, 100)[1:] == ([Loss(0, 1, 0)], "down3", None)


@settings(deadline=None)
@given(height=st.integers(1, 300), width=st.integers(1, 300))
def test_something_is_lost_exactly_where_it_does_not_pass(height, width):
    passage = unet_passage(height, width)
    passes = height % 16 == 0 and width % 16 == 0
    assert (passage.fails == "") == passes
    if passes or passage.upsampled:
        assert (passage.losses == []) == passes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: part_costs(100, 100), "must divide by 16"),
        (lambda: part_costs(16, 16, base_channels=0), "base_channels must be at least 1"),
        (lambda: unet_passage(0, 16), "height must be at least 1"),
        (lambda: unet_passage(16, 1.5), "width must be a whole number"),
        (lambda: unet_passage(16, 16, 1, 0), "num_classes must be at least 1"),
        (lambda: nearest_sizes(0), "side must be at least 1"),
    ],
)
def test_bad_arguments_are_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_examples_hold():
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted >= 5

"""Receptive fields at any pixel: compared with the gradients of a real U-Net."""

import doctest
from functools import cache

import pytest
import torch
from torch import nn

from unet_tutorial import UNet
from unet_tutorial.shapes import receptive_field
from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.explorers.receptive_field import receptive_fields as module
from unet_tutorial.teaching.explorers.receptive_field.receptive_fields import (
    CONTRACTING,
    EXPANDING,
    compute_field,
)

STAGES = (*CONTRACTING, *EXPANDING)
SIDE = 512


@cache
def make_averaging_unet():
    """Make a U-Net with positive weights and average pooling: every pixel in a field matters."""
    torch.manual_seed(0)
    network = UNet(1, 1, base_channels=1).double().eval()
    for parameter in network.parameters():
        parameter.data.abs_().add_(0.1)
    for level in range(1, 5):
        getattr(network, f"down{level}").downsampling[0] = nn.AvgPool2d(2)
    return network


@cache
def run_stages(height, width):
    """Run the network; return the input and each stage's output."""
    image = torch.ones(1, 1, height, width, dtype=torch.float64, requires_grad=True)
    found = {}
    hooks = [
        part.register_forward_hook(lambda part, _, output, name=name: found.update({name: output}))
        for name, part in make_averaging_unet().named_children()
    ]
    make_averaging_unet()(image)
    for hook in hooks:
        hook.remove()
    return image, found


def find_seen(stage, row, column, size):
    """Find the rows and the columns that one value depends on, from its gradient."""
    image, found = run_stages(*size)
    value = found[stage][0, 0, row, column]
    (gradient,) = torch.autograd.grad(value, image, retain_graph=True)
    return [gradient[0, 0].any(dim=axis).nonzero().ravel().tolist() for axis in (1, 0)]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("start", [256, 0, SIDE - 16])
def test_a_value_sees_what_its_gradient_says(stage, start):
    """Checks all 16 places of a block, in the middle and at both edges, for rows and columns."""
    for pixel in range(start, start + 16):
        place = pixel >> level_of(stage)
        _, columns = find_seen(stage, 3 >> level_of(stage), place, (16, SIDE))
        rows, _ = find_seen(stage, place, 3 >> level_of(stage), (SIDE, 16))
        field = compute_field(pixel, SIDE, stage)
        assert rows == columns == list(range(field.first, field.last + 1))
        assert (field.place, field.side) == (place, len(rows))


@pytest.mark.parametrize("side", [16, 32, 48, 112, 208])
def test_fields_in_small_images_are_cut_on_both_sides(side):
    for pixel in range(side):
        for stage in ("down4", "up1", "out_conv"):
            field = compute_field(pixel, side, stage)
            _, columns = find_seen(stage, 0, field.place, (16, side))
            assert columns == list(range(field.first, field.last + 1))


def test_the_logits_see_188_to_204_pixels():
    sides = [compute_field(256 + place, SIDE).side for place in range(16)]
    assert sides == [188, 188, *[204] * 12, 188, 188]
    assert min(compute_field(256 + place, SIDE).first for place in range(16)) == 256 - 94
    assert max(compute_field(256 + place, SIDE).last for place in range(16)) == 271 + 94


def test_the_contracting_path_agrees_with_the_chain_of_layers():
    chain = [(3, 1), (3, 1)]
    for stage in CONTRACTING:
        assert compute_field(256, SIDE, stage).side == receptive_field(chain)
        chain += [(2, 2), (3, 1), (3, 1)]
    assert [compute_field(256, SIDE, stage).side for stage in CONTRACTING] == [5, 14, 32, 68, 140]


@pytest.mark.parametrize("stage", STAGES)
def test_uncut_is_the_side_far_from_the_edges(stage):
    for pixel in range(16):
        far = compute_field(256 + pixel, SIDE, stage)
        assert far.uncut == far.side
        assert compute_field(pixel, SIDE, stage).uncut == far.side
        assert compute_field(SIDE - 16 + pixel, SIDE, stage).uncut == far.side
        assert compute_field(pixel, 16, stage).uncut == far.side


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 100), "side must divide by 16"),
        ((0, 0), "side must be at least 1"),
        ((480, 480), "pixel must be less than the side, 480, not 480"),
        ((-1, 480), "pixel must be at least 0"),
        ((0, 480, "down5"), "not 'down5'"),
    ],
)
def test_bad_arguments_raise_an_error_that_says_why(arguments, message):
    with pytest.raises(ValueError, match=message):
        compute_field(*arguments)


def test_the_examples_hold():
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted >= 2

"""The numbers in chapter 09's prose, and what its wrong guesses would have meant."""

import numpy as np
import pytest
import torch
from torch import nn
from torchinfo import summary

from unet_tutorial import DoubleConv, UNet
from unet_tutorial.shapes import unet_sizes
from unet_tutorial.teaching.explorers.the_u.costs import (
    compute_level_costs,
    compute_part_costs,
    compute_shares,
)
from unet_tutorial.teaching.results import read_meanings

SIDES = {"up1": 30, "up2": 60, "up3": 120, "up4": 240}  # of what a transposed convolution reads


@pytest.fixture(scope="module")
def unet():
    return UNet().to("meta")


@pytest.fixture(scope="module")
def report(unet):
    image = torch.empty(1, 1, 480, 480, device="meta")
    return summary(unet, input_data=image, device="meta", verbose=0)


def test_shares_stay_when_the_size_doubles_and_hardly_change_with_the_width():
    shares = np.array(compute_shares(compute_level_costs(480, 480)))
    twice = np.array(compute_shares(compute_level_costs(960, 960)))
    half_as_wide = np.array(compute_shares(compute_level_costs(480, 480, base_channels=32)))
    np.testing.assert_allclose(twice, shares)
    assert 0 < np.abs(half_as_wide - shares).max() < 0.1


def test_the_largest_blocks_in_the_fold():
    parts = compute_part_costs(480, 480)
    shares = np.rint(compute_shares(list(parts.values()))).astype(int)
    of = dict(zip(parts, shares.tolist(), strict=True))  # parameters, activations, MACs
    assert (of["up4"][1], of["in_conv"][1]) == (28, 23)
    assert (of["down4"][0], of["up1"][0]) == (46, 30)
    assert {of[f"up{step}"][2] for step in range(1, 5)} == {16}
    assert {of[f"down{level}"][2] for level in range(1, 5)} == {8}
    for column, (first, second) in enumerate([("down4", "up1"), ("up4", "in_conv")]):
        ranked = sorted(of, key=lambda name, column=column: -of[name][column])
        assert ranked[:2] == [first, second]


def test_the_decoders_share_of_the_multiplications():
    parts = compute_part_costs(480, 480)
    macs = {name: cost.macs for name, cost in parts.items()}
    decoder = sum(macs[name] for name in macs if name.startswith(("up", "out")))
    assert round(100 * decoder / sum(macs.values())) == 65
    for down, up in [("down1", "up3"), ("down2", "up2"), ("down3", "up1")]:
        assert round(100 * macs[up] / (macs[up] + macs[down])) == 68
        without_transposed = macs[up] * 27 / 29  # 9 * 2 + 9 of 9 * 2 + 9 + 2
        assert round(100 * without_transposed / (without_transposed + macs[down])) == 67


def test_what_wrong_guesses_at_a_double_conv_would_have_meant():
    weights, norm = 9 * 3 * 32 + 9 * 32 * 32, 2 * 32
    guesses = [weights, weights + norm, weights + 2 * norm + 2 * 32, 2 * 9 * 32 * 32 + 2 * norm]
    assert list(read_meanings()["parameters of DoubleConv(3, 32)"]) == guesses
    assert sum(p.numel() for p in DoubleConv(3, 32).parameters()) == weights + 2 * norm == 10208


def test_the_layers_write_1039_mb():
    written = sum(cost.bytes for cost in compute_level_costs(480, 480))
    assert round(written / 1e6) == 1039
    assert 2 * round(written / 1e6) in read_meanings()["MB that training keeps for one image"]


@pytest.mark.parametrize(("width", "gigabytes"), [(64, 8), (8, 1)])
def test_the_memory_for_predicting_2000_by_2000(width, gigabytes):
    stages = unet_sizes(2000, 2000, base_channels=width)
    numbers = {s.name: s.channels * s.height * s.width for s in stages}
    named = sum(numbers[name] for name in list(numbers)[:9])  # from the input up to up3
    inside_up4 = 5 * numbers["in_conv"]  # upsampled, joined (twice), convolved, normalised
    weights = sum(p.numel() for p in UNet(base_channels=width).to("meta").parameters())
    assert 4 * (named + inside_up4 + weights) / 1e9 == pytest.approx(gigabytes, abs=0.2)


def test_torchinfo_counts_transposed_convolutions_four_times(unet, report):
    ours = sum(cost.macs for cost in compute_level_costs(480, 480))
    extra = sum(2 * m.num_features for m in unet.modules() if isinstance(m, nn.BatchNorm2d))
    extra += 480 * 480  # the bias of out_conv
    for name, side in SIDES.items():
        layer = getattr(unet, name).upsampling
        extra += side * side * (3 * layer.weight.numel() + 4 * layer.bias.numel())
    assert report.total_mult_adds == ours + extra
    assert extra == pytest.approx(3 * sum(
        side * side * getattr(unet, name).upsampling.weight.numel() for name, side in SIDES.items()
    ), rel=0.01)  # fmt: skip


def test_torchinfo_counts_the_outputs_of_layers_with_parameters_twice(report):
    written = 480 * 480  # the logits
    for level in range(5):
        # A DoubleConv writes four tensors (two convolutions, two BatchNorms), a transposed one 1.
        tensors = 4 if level == 4 else 2 * 4 + 1
        written += tensors * 64 * 480 * 480 // 2**level
    assert report.total_output_bytes == 2 * 4 * written
    assert round(report.total_output_bytes / 1e6) == 2022

"""The numbers in chapter 09's fold, and what its wrong guesses would have meant."""

import numpy as np
import pytest

from unet_tutorial import DoubleConv
from unet_tutorial.teaching.explorers.the_u.costs import (
    compute_level_costs,
    compute_part_costs,
    compute_shares,
)
from unet_tutorial.teaching.results import read_meanings


def subtract_costs(larger, smaller):
    return np.array(larger) - np.array(smaller)


def test_shares_stay_when_the_size_doubles_and_hardly_change_with_the_width():
    shares = np.array(compute_shares(compute_level_costs(480, 480)))
    twice = np.array(compute_shares(compute_level_costs(960, 960)))
    half_as_wide = np.array(compute_shares(compute_level_costs(480, 480, base_channels=32)))
    np.testing.assert_allclose(twice, shares)
    narrow = np.array(compute_shares(compute_level_costs(480, 480, base_channels=8)))
    assert 0 < np.abs(half_as_wide - shares).max() < 0.1
    assert 0.1 < np.abs(narrow - shares).max() < 0.5


@pytest.mark.parametrize(
    ("widths", "more"), [((8, 1), (4032, 0, 928_972_800)), ((1, 8), (455, 1_612_800, 103_219_200))]
)
def test_channels_and_classes_cost_something_on_level_0_alone(widths, more):
    found = subtract_costs(compute_level_costs(480, 480, *widths), compute_level_costs(480, 480))
    assert found[0].tolist() == list(more)
    assert not found[1:].any()


def test_the_expanding_paths_share_of_the_multiplications():
    parts = compute_part_costs(480, 480)
    macs = {name: cost.macs for name, cost in parts.items()}
    expanding = sum(macs[name] for name in macs if name.startswith(("up", "out")))
    assert round(100 * expanding / sum(macs.values())) == 65
    for down, up in [("down1", "up3"), ("down2", "up2"), ("down3", "up1")]:
        assert round(100 * macs[up] / (macs[up] + macs[down])) == 68
        without_transposed = macs[up] * 27 / 29  # 9 * 2 + 9 of 9 * 2 + 9 + 2
        assert round(100 * without_transposed / (without_transposed + macs[down])) == 67


def test_what_wrong_guesses_at_a_double_conv_would_have_meant():
    weights, norm = 9 * 3 * 32 + 9 * 32 * 32, 2 * 32
    guesses = [weights, weights + norm, weights + 2 * norm + 2 * 32, 2 * 9 * 32 * 32 + 2 * norm]
    assert list(read_meanings()["parameters of DoubleConv(3, 32)"]) == guesses
    assert sum(p.numel() for p in DoubleConv(3, 32).parameters()) == weights + 2 * norm == 10208

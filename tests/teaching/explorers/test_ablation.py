"""Skips replaced by zeros: compared with a forward pass written out by hand."""

from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from torch import nn

from unet_tutorial.prediction import predict
from unet_tutorial.teaching.explorers.the_u.ablation import (
    compare_masks,
    disable_skips,
    skip_blocks,
)
from unet_tutorial.unet import UNet


def predict_without(model, image, levels):
    with disable_skips(model, levels):
        return predict(model, image)


SUBSETS = [set(chosen) for many in range(5) for chosen in combinations(range(4), many)]


@pytest.fixture
def model():
    torch.manual_seed(0)
    network = UNet(base_channels=2).double()
    with torch.no_grad():
        for _ in range(30):  # until BatchNorm's running averages fit, so that every skip matters
            network(torch.rand(2, 1, 48, 32).double())
    return network.eval()


@pytest.fixture
def image():
    return np.random.default_rng(0).random((48, 32))


@torch.no_grad()
def predict_by_hand(model, image, off):
    """Run the forward pass step by step, with zeros for the skips of some levels."""
    kept = [model.in_conv(torch.from_numpy(image)[None, None])]
    for down in (model.down1, model.down2, model.down3, model.down4):
        kept.append(down(kept[-1]))
    x = kept[4]
    for level, up in ((3, model.up1), (2, model.up2), (1, model.up3), (0, model.up4)):
        x = up(x, 0 * kept[level] if level in off else kept[level])
    return model.out_conv(x).sigmoid()[0].numpy()


@pytest.mark.parametrize("off", SUBSETS, ids=str)
def test_zeros_replace_the_skips_of_the_given_levels_only(model, image, off):
    expected = predict_by_hand(model, image, off)
    np.testing.assert_allclose(predict_without(model, image, off), expected, atol=1e-6)
    if off:
        assert np.abs(expected - predict(model, image)).max() > 1e-4


@pytest.mark.parametrize("level", range(4))
def test_zero_weights_on_the_skip_give_the_same_prediction(model, image, level):
    expected = predict_without(model, image, {level})
    first = (model.up4, model.up3, model.up2, model.up1)[level].conv.double_conv[0]
    with torch.no_grad():
        first.weight[:, : first.in_channels // 2] = 0
    np.testing.assert_allclose(predict(model, image), expected, atol=1e-6)


def list_hooks(model):
    return [hook for part in model.modules() for hook in part._forward_pre_hooks]


def test_the_network_is_left_as_it_was(model, image):
    model.train()
    stored = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    before = predict(model, image)
    predict_without(model, image, range(4))
    assert model.training
    assert list_hooks(model) == []
    assert all(torch.equal(tensor, stored[name]) for name, tensor in model.state_dict().items())
    np.testing.assert_array_equal(predict(model, image), before)
    np.testing.assert_array_equal(predict_without(model, image, ()), before)


def test_hooks_are_removed_after_an_error_too(model, image):
    with pytest.raises(ValueError, match="NaN"):
        predict_without(model, np.full_like(image, np.nan), {0, 1})
    assert list_hooks(model) == []
    with disable_skips(model, {0, 3}):
        assert len(list_hooks(model)) == 2
    with pytest.raises(KeyboardInterrupt), disable_skips(model, {0, 3}):
        raise KeyboardInterrupt
    assert list_hooks(model) == []


@pytest.mark.parametrize("levels", [{4}, {0, -1}, {"0"}])
def test_a_level_without_a_skip_is_refused(model, image, levels):
    with pytest.raises(ValueError, match=r"no skip connection .* there are \[0, 1, 2, 3\]"):
        predict_without(model, image, levels)
    assert list_hooks(model) == []


def test_the_steps_up_are_found_at_any_depth(model):
    assert skip_blocks(model) == {0: model.up4, 1: model.up3, 2: model.up2, 3: model.up1}
    deep = nn.ModuleDict({f"up{number}": nn.Identity() for number in range(1, 12)})
    deep["upper"], deep["up0"] = nn.Identity(), nn.Identity()
    found = skip_blocks(deep)
    assert list(found) == list(range(11))
    assert found[0] is deep["up11"]
    assert found[10] is deep["up1"]
    with pytest.raises(ValueError, match="Conv2d has no steps up"):
        skip_blocks(nn.Conv2d(1, 1, 1))


@st.composite
def two_masks(draw):
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=7))
    return draw(arrays(bool, shape)), draw(arrays(bool, shape))


@settings(deadline=None)
@given(two_masks())
def test_changes_agree_with_counting_in_a_loop(masks):
    before, now = masks
    places = list(np.ndindex(before.shape))
    gained = [p for p in places if now[p] and not before[p]]
    lost = [p for p in places if before[p] and not now[p]]
    near = sum(
        any(abs(p[0] - q[0]) + abs(p[1] - q[1]) <= 2 and before[p] != before[q] for q in places)
        for p in gained + lost
    )
    change = compare_masks(before, now)
    assert change == (len(gained), len(lost), near)
    assert change.changed == len({*gained, *lost}) == (before != now).sum()


def test_the_example_of_compare_masks():
    before, now = np.arange(10)[None] < 5, np.arange(10)[None] < 8
    assert compare_masks(before, now) == (3, 0, 2)
    with pytest.raises(ValueError, match="must have one shape"):
        compare_masks(before, now.T)

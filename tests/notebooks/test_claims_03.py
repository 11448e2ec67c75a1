"""What chapter 03 and its exercises say about kernels, spread and receptive fields."""

from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from unet_tutorial import DoubleConv, load_nuclei


def count_weights(*sizes):
    layers = [nn.Conv2d(*size, bias=False, device="meta") for size in sizes]
    return sum(layer.weight.numel() for layer in layers)


def test_two_small_kernels_have_fewer_weights_where_the_rule_says_so():
    for before, after in product((1, 3, 9, 16, 36, 64), (1, 2, 5, 16, 64, 128)):
        two = count_weights((before, after, 3), (after, after, 3))
        one = count_weights((before, after, 5))
        assert (two < one) == (9 * after < 16 * before), (before, after)
    assert count_weights((9, 16, 3), (16, 16, 3)) == count_weights((9, 16, 5))  # the limit
    assert count_weights((1, 64, 3), (64, 64, 3)) == 37_440
    assert count_weights((1, 64, 5)) == 1_600


def test_the_two_windows_differ_by_at_most_3_grey_levels():
    image, labels = load_nuclei()
    levels = np.rint(255 * image).astype(int)
    a, b = (levels[r - 1 : r + 2, c - 1 : c + 2] for r, c in ((118, 252), (455, 208)))
    assert abs(a - b).max() == 3
    assert (a.min(), a.max(), b.min(), b.max()) == (39, 45, 42, 46)
    assert (labels[113:124, 247:258] == labels[118, 252]).all()
    assert not labels[451:460, 204:213].any()


@pytest.mark.parametrize("seed", range(5))
def test_a_block_sees_all_pixels_in_train_mode_and_25_in_eval_mode(seed):
    torch.manual_seed(seed)
    block, seen = DoubleConv(1, 8), []
    for mode in (True, False):
        image = torch.randn(1, 1, 33, 33, requires_grad=True)
        block.train(mode)(image)[0, :, 16, 16].sum().backward()
        seen.append(int((image.grad != 0).sum()))
    assert seen == [33 * 33, 25]


@pytest.mark.parametrize("seed", range(5))
def test_the_spread_shrinks_without_batch_norm_and_stays_with_it(seed):
    patch = torch.from_numpy(load_nuclei()[0][None, None, 300:428, 20:148])
    for norm in (None, nn.BatchNorm2d):
        torch.manual_seed(seed)
        x, spreads = patch, []
        for layer in range(18):
            x = nn.Conv2d(8 if layer else 1, 8, 3, padding=1)(x)
            x = (norm(8)(x) if norm else x).relu().detach()
            spreads.append(x[..., 20:-20, 20:-20].std(dim=(2, 3)).mean().item())
        assert spreads[-1] > 0.4 if norm else spreads[-1] < 1e-6 * spreads[1]

"""The four blocks: shapes, parameters, and what they compute, against plain arithmetic."""

import copy

import pytest
import torch
from torch import nn

from unet_tutorial import DoubleConv, Down, OutConv, Up


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def conv3x3_by_hand(x, weight):
    """A 3x3 convolution with padding 1 and no bias, as plain loops over the taps."""
    n, c, h, w = x.shape
    padded = torch.zeros(n, c, h + 2, w + 2, dtype=x.dtype)
    padded[:, :, 1:-1, 1:-1] = x
    out = torch.zeros(n, weight.shape[0], h, w, dtype=x.dtype)
    for o in range(weight.shape[0]):
        for i in range(c):
            for dy in range(3):
                for dx in range(3):
                    out[:, o] += weight[o, i, dy, dx] * padded[:, i, dy : dy + h, dx : dx + w]
    return out


def normalise_by_hand(x, scale, shift, eps=1e-5):
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    variance = ((x - mean) ** 2).mean(dim=(0, 2, 3), keepdim=True)
    return (x - mean) / (variance + eps) ** 0.5 * scale[:, None, None] + shift[:, None, None]


def double_conv_by_hand(block, x):
    for conv, norm in (block.double_conv[0:2], block.double_conv[3:5]):
        x = conv3x3_by_hand(x, conv.weight)
        x = normalise_by_hand(x, norm.weight, norm.bias).clamp(min=0)
    return x


def randomised(module):
    """The module in float64 with BatchNorm scales and shifts that are not ones and zeros."""
    torch.manual_seed(1)
    module = module.double()
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 2.0)
            nn.init.uniform_(norm.bias, -1.0, 1.0)
    return module


def test_double_conv_is_what_plain_loops_give():
    block = randomised(DoubleConv(2, 3))
    x = torch.randn(2, 2, 5, 7, dtype=torch.float64)
    torch.testing.assert_close(block(x), double_conv_by_hand(block, x))


def test_double_conv_has_no_bias_and_works_in_place():
    layers = list(DoubleConv(2, 3).double_conv)
    kinds = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU] * 2
    assert [type(layer) for layer in layers] == kinds
    assert layers[0].bias is None
    assert layers[3].bias is None
    assert layers[2].inplace
    assert layers[5].inplace


def test_down_is_the_largest_of_each_two_by_two_then_a_double_conv():
    block = randomised(Down(2, 3))
    x = torch.randn(1, 2, 5, 6, dtype=torch.float64)
    pooled = torch.stack([x[:, :, i:4:2, j:6:2] for i in (0, 1) for j in (0, 1)]).amax(dim=0)
    expected = double_conv_by_hand(block.downsampling[1], pooled)
    torch.testing.assert_close(block(x), expected)
    assert block(x).shape == (1, 3, 2, 3)


def test_up_stamps_joins_skip_first_and_convolves():
    block = randomised(Up(4, 3))
    x = torch.randn(2, 4, 3, 2, dtype=torch.float64)
    skip = torch.randn(2, 2, 6, 4, dtype=torch.float64)
    weight, bias = block.upsampling.weight, block.upsampling.bias  # (in, out, 2, 2), (out,)
    upsampled = bias[None, :, None, None].repeat(2, 1, 6, 4)
    for i in range(3):
        for j in range(2):
            stamp = torch.einsum("nc,cokl->nokl", x[:, :, i, j], weight)
            upsampled[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += stamp
    joined = torch.zeros(2, 4, 6, 4, dtype=torch.float64)
    joined[:, :2], joined[:, 2:] = skip, upsampled
    torch.testing.assert_close(block(x, skip), double_conv_by_hand(block.conv, joined))


def test_out_conv_is_a_linear_layer_at_every_pixel():
    block = OutConv(3, 2).double()
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    linear = nn.Linear(3, 2).double()
    linear.weight.data = block.conv.weight.data[:, :, 0, 0]
    linear.bias.data = block.conv.bias.data
    expected = linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    torch.testing.assert_close(block(x), expected)


@pytest.mark.parametrize(("i", "o"), [(1, 64), (3, 5), (64, 128)])
def test_parameters_in_closed_form(i, o):
    double_conv = 9 * i * o + 9 * o * o + 4 * o
    assert parameters(DoubleConv(i, o)) == double_conv
    assert parameters(Down(i, o)) == double_conv
    assert parameters(OutConv(i, o)) == i * o + o


def test_parameters_named_in_docstrings():
    assert parameters(DoubleConv(1, 64)) == 37_696 == 576 + 36_864 + 256
    assert parameters(OutConv(64, 1)) == 65
    assert parameters(Up(128, 64)) == (128 * 64 * 4 + 64) + 9 * 128 * 64 + 9 * 64 * 64 + 256


def test_shapes_named_in_docstrings():
    with torch.device("meta"):
        assert Down(64, 128)(torch.empty(1, 64, 480, 480)).shape == (1, 128, 240, 240)
        up = Up(128, 64)(torch.empty(1, 128, 240, 240), torch.empty(1, 64, 480, 480))
    assert up.shape == (1, 64, 480, 480)


def test_blocks_do_not_change_what_comes_in():
    x, skip = torch.randn(1, 4, 4, 4), torch.randn(1, 2, 8, 8)
    before = copy.deepcopy((x, skip))
    DoubleConv(4, 2)(x)
    Down(4, 2)(x)
    OutConv(4, 2)(x)
    Up(4, 2)(x, skip)
    assert torch.equal(x, before[0])
    assert torch.equal(skip, before[1])

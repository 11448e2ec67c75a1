"""What a network looks at: the layers traced back, against NaN that spreads through the network."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.blocks import Down, Up
from unet_tutorial.prediction import predict
from unet_tutorial.reach import find_whole_image_layer, measure_reach
from unet_tutorial.unet import UNet


class Levels(nn.Module):
    """A U-Net of one channel with any number of levels; `kernel` is that of its first layer."""

    def __init__(self, levels, kernel=3):
        super().__init__()
        self.first = nn.Conv2d(1, 1, kernel, padding="same")
        self.down = nn.ModuleList(Down(1, 1) for _ in range(levels))
        self.up = nn.ModuleList(Up(2, 1) for _ in range(levels))
        for up in self.up:
            up.upsampling = nn.ConvTranspose2d(1, 1, 2, stride=2)

    def forward(self, x):
        maps = [self.first(x)]
        for down in self.down:
            maps.append(down(maps[-1]))
        x = maps.pop()
        for up in self.up:
            x = up(x, maps.pop())
        return x


class Residual(nn.Module):
    """Halved by a convolution of stride 2, with a shortcut; enlarged again by interpolation."""

    def __init__(self):
        super().__init__()
        self.main = nn.Conv2d(1, 1, 3, stride=2, padding=1)
        self.shortcut = nn.Conv2d(1, 1, 1, stride=2)
        self.dilated = nn.Conv2d(1, 1, 3, padding=2, dilation=2)

    def forward(self, x):
        x = self.dilated(self.main(x) + self.shortcut(x))
        return F.interpolate(x, scale_factor=2, mode="bilinear")


def spread_nan(model, channels, width, multiple):
    """Return how far an output pixel depends on the image beyond its own block of pixels."""
    images = torch.zeros(width, channels, 32, width)
    images[torch.arange(width), ..., torch.arange(width)] = torch.nan  # one column in each
    with torch.no_grad():
        reached = model.eval()(images).isnan()[:, 0, 16]  # (image, column of the output)
    left = right = 0
    middle = width // 2 // multiple * multiple
    for column in range(middle, middle + multiple):
        first, *_, last = torch.nonzero(reached[:, column]).ravel().tolist()
        left, right = max(left, middle - first), max(right, last - (middle + multiple - 1))
    return max(left, right)


@pytest.mark.parametrize(
    ("model", "width"),
    [(UNet(base_channels=1), 320), (Levels(3), 160), (Levels(2, kernel=7), 96)],
    ids=["unet", "three levels", "kernel 7"],
)
def test_the_reach_is_that_of_nan(model, width):
    multiple, surroundings = measure_reach(model, 1)
    assert surroundings == spread_nan(model, 1, width, multiple)


def test_of_the_unet():
    assert measure_reach(UNet(base_channels=1), 1) == (16, 94)


def test_what_is_no_chain_of_layers_is_never_underestimated():
    multiple, surroundings = measure_reach(Residual(), 1)
    assert multiple == 2
    assert spread_nan(Residual(), 1, 64, 2) <= surroundings <= 12


def test_networks_without_layers_do_not_run():
    class Never(nn.Module):
        def forward(self, x):
            raise AssertionError

    assert measure_reach(Never(), 1) == (1, 0)


def test_the_network_is_as_before():
    model = UNet(2, base_channels=1)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    measure_reach(model, 2)
    assert model.training
    assert not model.out_conv.conv._forward_hooks
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])


def make_lively(model):
    torch.manual_seed(0)
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.running_mean, -0.5, 0.5)
    return model.eval()


def test_the_default_overlap_follows_from_five_poolings():
    model = make_lively(Levels(5))
    image = np.random.default_rng(0).random((64, 1024), dtype=np.float32)
    whole = predict(model, image, multiple=32)
    np.testing.assert_allclose(predict(model, image, tile=480), whole, atol=1e-6)


def without_running_averages():
    return nn.BatchNorm2d(1, track_running_stats=False)


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (nn.InstanceNorm2d(1), "InstanceNorm2d"),
        (nn.GroupNorm(1, 1), "GroupNorm"),
        (nn.AdaptiveAvgPool2d(1), "AdaptiveAvgPool2d"),
        (without_running_averages(), "BatchNorm2d"),
        (nn.BatchNorm2d(1), None),
        (nn.Conv2d(1, 1, 3), None),
    ],
)
def test_layers_that_look_at_the_whole_window(layer, name):
    assert find_whole_image_layer(nn.Sequential(nn.Conv2d(1, 1, 1), layer)) == name


def test_tiles_are_refused_where_they_would_change_the_result():
    model = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.InstanceNorm2d(1))
    image = np.random.default_rng(0).random((64, 64), dtype=np.float32)
    with pytest.raises(ValueError, match=r"InstanceNorm2d layer.*Leave out tile"):
        predict(model, image, tile=32, overlap=0)
    whole = predict(model, image)
    np.testing.assert_array_equal(predict(model, image, tile=64, overlap=0), whole)


def test_a_network_that_cannot_be_followed_asks_for_the_numbers():
    class OnlySmall(nn.Conv2d):
        def forward(self, x):
            if x.shape[-1] > 512:
                raise RuntimeError("too large")
            return super().forward(x)

    model = OnlySmall(1, 1, 3, padding=1)
    image = np.random.default_rng(0).random((20, 600), dtype=np.float32)
    with pytest.raises(ValueError, match=r"too large.*overlap=\.\.\. and multiple"):
        predict(model, image, tile=256)
    assert predict(model, image, tile=256, overlap=16, multiple=16).shape == (1, 20, 600)

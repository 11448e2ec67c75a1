"""The U with its maps: what Python hands over, compared with a forward pass written out by hand."""

import io
import re

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from unet_tutorial import UNet, explorers, load_trained_unet
from unet_tutorial.data import load_nuclei, split_strips
from unet_tutorial.teaching.explorers.the_u import data as data_module
from unet_tutorial.teaching.explorers.the_u.data import compute_data, draw_outline
from unet_tutorial.teaching.explorers.the_u.network import BLOCKS, run_blocks

UPS = {"up1": 3, "up2": 2, "up3": 1, "up4": 0}  # and their levels
ALL_ON = 15


@torch.no_grad()
def run_by_hand(model, patch, on):
    """Every block's maps, (C, H, W), with zeros for the skips whose bit in `on` is 0."""
    like = next(model.parameters())
    model = model.eval()
    kept = [model.in_conv(torch.as_tensor(patch.copy())[None, None].to(like.dtype))]
    for down in (model.down1, model.down2, model.down3, model.down4):
        kept.append(down(kept[-1]))
    found = dict(zip(BLOCKS, kept, strict=False))
    x = kept[4]
    for name, level in UPS.items():
        x = found[name] = getattr(model, name)(x, kept[level] * (on >> level & 1))
    found["out_conv"] = model.out_conv(x)
    return {name: maps[0].float().numpy() for name, maps in found.items()}


@pytest.fixture(scope="module")
def own():
    """A learner's network and patch: (model, patch, truth, data, pictures)."""
    torch.manual_seed(3)
    model = UNet(base_channels=2).double()
    with torch.no_grad():
        for _ in range(30):  # until BatchNorm's running averages fit, so that every skip matters
            model(torch.rand(4, 1, 48, 48).double())
        model.out_conv.conv.bias -= model.eval()(torch.rand(1, 1, 48, 48).double()).median()
    patch = np.random.default_rng(0).random((48, 48))
    truth = patch > 0.5
    return model, patch, truth, *compute_data(model.train(), torch.tensor(patch)[None, None], truth)


def read_greys(png):
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("L")) // 17


@pytest.mark.parametrize("on", range(16))
def test_the_atlas_holds_every_map_with_the_scale_that_it_has_with_all_skips(own, on):
    model, patch, _, data, pictures = own
    atlas = read_greys(pictures["atlas.png"])
    now, full = run_by_hand(model, patch, on), run_by_hand(model, patch, ALL_ON)
    for block in data["blocks"][:-1]:
        name, side = block["name"], block["side"]
        spreads = full[name].reshape(len(full[name]), -1).std(axis=1)
        order = sorted(range(len(spreads)), key=lambda channel: -spreads[channel])[:8]
        assert block["shown"] == len(order)
        top = block["tops"][on >> UPS[name] if name in UPS else 0]
        for place, channel in enumerate(order):
            low, high = np.percentile(full[name][channel], [1, 99])
            high = max(high, low + 1e-6)
            shade = np.clip((now[name][channel] - low) / (high - low), 0, 1)
            tile = atlas[top : top + side, place * side : (place + 1) * side]
            assert np.abs(tile - 15 * shade).max() <= 0.5001


def test_a_cut_changes_exactly_the_blocks_of_its_level_and_above(own):
    model, patch, *_ = own
    full = run_by_hand(model, patch, ALL_ON)
    for on in range(16):
        now = run_by_hand(model, patch, on)
        for name, level in UPS.items():
            assert np.array_equal(now[name], full[name]) == (on >> level == ALL_ON >> level)


def test_changes_are_counted_as_in_loops(own):
    model, patch, truth, data, pictures = own
    before = run_by_hand(model, patch, ALL_ON)["out_conv"][0] > 0
    with Image.open(io.BytesIO(pictures["changes.png"])) as picture:
        kinds = np.asarray(picture)
    kinds_seen = set()
    for on in range(16):
        now = run_by_hand(model, patch, on)["out_conv"][0] > 0
        pairs = list(zip(before.ravel().tolist(), now.ravel().tolist(), strict=True))
        said = data["changes"][on]
        assert said["pixels"] == sum(n for _, n in pairs)
        assert said["gained"] == sum(n and not b for b, n in pairs)
        assert said["lost"] == sum(b and not n for b, n in pairs)
        shared = (now & truth).sum()
        assert said["dice"] == pytest.approx(2 * shared / (now.sum() + truth.sum()), abs=6e-4)
        expected = [{(0, 0): 0, (1, 1): 1, (0, 1): 2, (1, 0): 3}[pair] for pair in pairs]
        tile = kinds[:, 48 * on : 48 * on + 48]
        assert tile.ravel().tolist() == expected
        kinds_seen |= set(expected)
    assert kinds_seen == {0, 1, 2, 3}


def test_the_parameters_are_those_of_the_layers(own):
    model, _, _, data, _ = own
    assert data["parameters"] == sum(p.numel() for p in model.parameters())
    for block in data["blocks"]:
        part = getattr(model, block["name"])
        assert block["parameters"] == sum(p.numel() for p in part.parameters())


def test_the_network_is_left_as_it_was(own):
    model, patch, *_ = own
    stored = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model.train()
    run_blocks(model, patch.astype(np.float32), {0, 2})
    assert model.training
    assert all(torch.equal(tensor, stored[name]) for name, tensor in model.state_dict().items())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())


def test_without_a_truth_there_is_neither_dice_nor_outline(own):
    model, patch, *_ = own
    data, _ = compute_data(model, patch)
    assert data["outline"] == ""
    assert all("dice" not in change for change in data["changes"])


def list_edges(mask):
    """The unit edges between a pixel and one of another value, or the border, in loops."""
    height, width = mask.shape
    value = lambda y, x: 0 <= y < height and 0 <= x < width and bool(mask[y, x])  # noqa: E731
    found = set()
    for y in range(height + 1):
        for x in range(width + 1):
            found |= {("h", x, y)} if value(y, x) != value(y - 1, x) else set()
            found |= {("v", x, y)} if value(y, x) != value(y, x - 1) else set()
    return found


def test_an_outline_runs_along_the_edges_of_the_pixels():
    assert draw_outline(np.ones((1, 1))) == "M0 0h1M0 1h1M0 0v1M1 0v1"
    for seed in range(20):
        mask = np.random.default_rng(seed).random((5, 7)) > 0.6
        drawn = set()
        for x, y, way, length in re.findall(r"M(\d+) (\d+)([hv])(\d+)", draw_outline(mask)):
            x, y = int(x), int(y)
            steps = range(int(length))
            drawn |= {(way, x + i, y) if way == "h" else (way, x, y + i) for i in steps}
        assert drawn == list_edges(mask)


# ---- What is handed over


def test_the_shipped_network_on_the_shipped_patch_needs_no_copy_of_its_maps():
    image, truth = explorers.load_patch()
    scored = explorers.the_u(load_trained_unet(), torch.tensor(image)[None, None], truth)
    unscored = explorers.the_u(load_trained_unet(), image)
    for explorer, dice in ((scored, "Dice of 0.94"), (unscored, "marks 2,762 pixels")):
        assert dice in explorer.still.sentence
        assert "data-settings" in explorer._repr_mimebundle_()[0]["text/html"]


def test_the_patch_is_a_piece_of_the_test_strip_where_two_nuclei_touch():
    image, truth = explorers.load_patch()
    raw, labels = load_nuclei()
    assert image.shape == truth.shape == (96, 96)
    strip = split_strips(raw).test
    piece = strip[186:282, 43:139]
    assert np.corrcoef(piece.ravel(), image.ravel())[0, 1] > 0.99
    numbers = split_strips(labels).test[186:282, 43:139]
    assert np.array_equal(numbers > 0, truth)
    beside = [(numbers[1:], numbers[:-1]), (numbers[:, 1:], numbers[:, :-1])]
    assert sum(((a != b) & (a > 0) & (b > 0)).sum() for a, b in beside) > 0


class SkipsMixedUp(UNet):
    """Has the same weights, but hands the first two skips on in the wrong places."""

    def forward(self, x):
        return super().forward(x.flip(-1)).flip(-1)


def test_anything_else_is_computed(monkeypatch):
    computed = []

    def compute_small(*given):
        computed.append(given)
        return compute_data(given[0], given[1][:32, :32])

    monkeypatch.setattr(data_module, "compute_data", compute_small)
    image, truth = explorers.load_patch()
    other = load_trained_unet()
    with torch.no_grad():
        other.up3.conv.double_conv[0].weight[0, 0, 0, 0] += 1e-3
    same_weights = SkipsMixedUp(base_channels=8)
    same_weights.load_state_dict(load_trained_unet().state_dict())
    for model, patch, mask in (
        (other, image, truth),
        (same_weights, image, truth),
        (load_trained_unet(), image[:64, :64], None),
        (load_trained_unet(), image, ~truth),
    ):
        explorer = explorers.the_u(model, patch, mask)
        assert all(a is b for a, b in zip(computed[-1], (model, patch, mask), strict=True))
        assert explorer.still is None
        assert explorer.data["face"] == "maps"
        assert explorer.data["maps"]["href"].startswith("data:image/png;base64,")
        assert "data-settings" not in explorer._repr_mimebundle_()[0]["text/html"]


class NoSkips(UNet):
    def forward(self, x):
        for name in BLOCKS[:5]:
            x = getattr(self, name)(x)
        return x


class SkipsByName(UNet):
    def forward(self, x):
        skips = [self.in_conv(x)]
        for name in BLOCKS[1:5]:
            skips.append(getattr(self, name)(skips[-1]))
        x = skips.pop()
        for name in BLOCKS[5:9]:
            x = getattr(self, name)(x, skip=skips.pop())
        return self.out_conv(x)


def make_deeper():
    model = UNet(base_channels=1)
    model.down5 = nn.Identity()
    return model


PATCH = np.zeros((32, 32), dtype=np.float32)
TRAINED = UNet(base_channels=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: explorers.the_u(TRAINED), "Give a model together with an image"),
        (lambda: explorers.the_u(None, PATCH), "Give a model together with an image"),
        (lambda: explorers.the_u(truth=PATCH), "Give a model together with an image"),
        (lambda: explorers.the_u(TRAINED, PATCH, measure="memory"), "measure is for the U without"),
        (lambda: explorers.the_u(measure="time"), "no measure 'time'. Choose from: parameters"),
        (lambda: explorers.the_u(height=5000), "height goes from 1 to 2048, not to 5000"),
        (lambda: explorers.the_u(width=0), "width must be at least 1, not 0"),
        (lambda: explorers.the_u(base_channels=1.5), "base_channels must be a whole number"),
        (lambda: explorers.the_u(TRAINED, PATCH[:, :16]), r"image has the shape \(32, 16\)"),
        (lambda: explorers.the_u(TRAINED, np.zeros((40, 40))), "divides by 16"),
        (lambda: explorers.the_u(TRAINED, np.zeros((2, 32, 32))), r"shape \(2, 32, 32\)"),
        (lambda: explorers.the_u(TRAINED, np.zeros((256, 256))), "32 to 128 pixels"),
        (lambda: explorers.the_u(TRAINED, PATCH * np.nan), "finite numbers"),
        (lambda: explorers.the_u(TRAINED, PATCH, np.zeros((48, 48))), "must have one shape"),
        (lambda: explorers.the_u(TRAINED, PATCH, PATCH[:16]), r"truth has the shape \(16, 32\)"),
        (lambda: explorers.the_u(nn.Conv2d(1, 1, 1), PATCH), "Conv2d lacks in_conv, down1"),
        (lambda: explorers.the_u(make_deeper(), PATCH), "UNet has down5 as well"),
        (lambda: explorers.the_u(NoSkips(base_channels=1), PATCH), "up1 .* was never called"),
        (lambda: explorers.the_u(SkipsByName(base_channels=1), PATCH), "Up got 1 inputs by posi"),
        (lambda: explorers.the_u(UNet(1, 2, 1), PATCH), r"out_conv should .* returned \(1, 2, 32"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ({}, {}),
        ({"height": 96, "base_channels": 8}, {}),
        ({"height": 100, "base_channels": 64}, {"height": 100, "base_channels": 64}),
        ({"measure": "memory", "width": np.int64(32)}, {"measure": "memory", "width": 32}),
    ],
)
def test_without_a_model_the_sizes_are_handed_over(given, settings):
    explorer = explorers.the_u(**given)
    assert {key: explorer.data[key] for key in settings} == settings
    assert not {"height", "width", "base_channels", "measure"} - set(settings) & set(explorer.data)
    assert "maps" not in explorer.data
    assert explorer.still or settings.get("measure") == "memory"

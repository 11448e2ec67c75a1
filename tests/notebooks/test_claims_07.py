"""What chapter 07 says about the trained features, their checkerboard, calibration and classes."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial import OutConv, load_trained_unet
from unet_tutorial.data import load_nuclei, normalise, split_strips
from unet_tutorial.metrics import dice

IMAGE, LABELS = load_nuclei()
IMAGE = normalise(IMAGE, reference=split_strips(IMAGE).train)
STRIPS, TRUTHS = split_strips(IMAGE), split_strips(LABELS)
PATCH = torch.from_numpy(IMAGE[200:328, 352:480])[None, None]
TRUTH = LABELS[200:328, 352:480] > 0


def compute_features(image, even=False):
    """Return the trained network's last features, with equal stamps in up4 if `even`."""
    net = load_trained_unet()
    net.out_conv = nn.Identity()
    with torch.no_grad():
        if even:
            weight = net.up4.upsampling.weight
            weight.copy_(weight.mean(dim=(2, 3), keepdim=True).expand_as(weight))
        return net(image)


def compute_logits(features):
    with torch.no_grad():
        return load_trained_unet().out_conv(features)


def predict_strip(strip):
    features = compute_features(torch.from_numpy(strip)[None, None])
    return torch.sigmoid(compute_logits(features))[0, 0].numpy()


def measure_checkerboard(feature_map):
    averages = [feature_map[i::2, j::2].mean() for i in (0, 1) for j in (0, 1)]
    return float(100 * (max(averages) - min(averages)) / feature_map.std())


def test_the_dots_come_from_the_last_transposed_convolution():
    features = compute_features(PATCH)
    assert max(map(measure_checkerboard, features[0])) == pytest.approx(24, abs=1)
    assert max(map(measure_checkerboard, compute_features(PATCH, even=True)[0])) < 4
    assert measure_checkerboard(compute_logits(features)[0, 0]) < 1


def test_the_threshold_hardly_matters_on_the_patch():
    p = torch.sigmoid(compute_logits(compute_features(PATCH)))[0, 0].numpy()
    scores = {t: dice(p > t / 100, TRUTH) for t in range(2, 99)}
    best = max(scores.values())
    near = [t for t, score in scores.items() if score >= best - 0.02]
    assert near == list(range(near[0], near[-1] + 1))
    assert near[0] in (9, 10, 11)
    assert near[-1] in (83, 84, 85)
    assert [(p > t).mean() for t in (0.1, 0.9)] == pytest.approx([0.271, 0.203], abs=0.005)
    grey, inside = (p > 0.1) & (p < 0.9), p > 0.5
    padded = np.pad(inside, 1, mode="edge")
    around = padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]
    edge = inside & ~np.logical_and.reduce(around)
    assert 1.6 < grey.sum() / edge.sum() < 2.2


@pytest.mark.parametrize(
    ("name", "share"), [("train", 0.84), ("validation", 0.92), ("test", 0.885)]
)
def test_where_it_says_nine_tenths(name, share):
    p, nuclei = predict_strip(getattr(STRIPS, name)), getattr(TRUTHS, name) > 0
    assert nuclei[(p > 0.85) & (p < 0.95)].mean() == pytest.approx(share, abs=0.006)


def test_logits_stay_within_6_on_the_test_strip():
    p = predict_strip(STRIPS.test)
    assert 1 / (1 + np.exp(6)) < p.min()
    assert p.max() < 1 / (1 + np.exp(-6))


def make_classes(strip):
    numbers = torch.from_numpy(strip.astype("float32"))[None]
    largest = F.max_pool2d(numbers, 5, stride=1, padding=2)
    smallest = -F.max_pool2d(-numbers, 5, stride=1, padding=2)
    return (numbers > 0).long() + ((numbers > 0) & (largest != smallest)).long()


def test_true_outlines_moved_down_by_a_pixel():
    outlines = make_classes(TRUTHS.test)[0].numpy() == 2
    assert dice(outlines[1:], outlines[:-1]) == pytest.approx(0.744, abs=0.001)


@pytest.mark.parametrize("seed", range(5))
def test_27_numbers_learn_outlines(seed):
    torch.manual_seed(seed)
    head = OutConv(8, 3)
    assert sum(p.numel() for p in head.parameters()) == 27
    train, test = (compute_features(torch.from_numpy(x)[None, None]) for x in STRIPS[::2])
    wanted, classes = make_classes(TRUTHS.train), make_classes(TRUTHS.test)
    optimiser = torch.optim.Adam(head.parameters(), lr=0.1)
    for _ in range(100):
        loss = F.cross_entropy(head(train), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        found = head(test).argmax(dim=1)
    scores = [dice((found == k).numpy(), (classes == k).numpy()) for k in range(3)]
    assert scores == pytest.approx([0.99, 0.877, 0.61], abs=0.02)

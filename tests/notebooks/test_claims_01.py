"""Chapter 01's claims about thresholds, the one-pixel limit and the two blurs."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.ndimage import binary_dilation, label
from skimage.filters import gaussian, threshold_otsu

from unet_tutorial.data import load_nuclei, split_strips
from unet_tutorial.metrics import dice


@pytest.fixture(scope="module")
def strips():
    return split_strips(load_nuclei()[0])


@pytest.fixture(scope="module")
def masks():
    return split_strips(load_nuclei()[1] > 0)


def find_best_threshold(values, mask):
    """Find the threshold of the highest Dice, and that Dice; every value is a candidate."""
    order = np.argsort(-values, axis=None, kind="stable")
    hits = mask.ravel()[order].cumsum()
    scores = 2 * hits / (np.arange(1, mask.size + 1) + mask.sum())
    best = int(scores.argmax())
    return np.nextafter(values.ravel()[order[best]], -np.inf), scores[best]


def test_the_strips_have_no_nucleus_in_common():
    train, validation, test = (
        set(np.unique(part)) - {0} for part in split_strips(load_nuclei()[1])
    )
    assert not train & validation | train & test | validation & test


def test_dice_hardly_depends_on_the_threshold_near_the_best_one(strips, masks):
    scores = [dice(strips.train > t, masks.train) for t in np.arange(0.15, 0.185, 0.01)]
    assert 0.835 < min(scores) <= max(scores) < 0.855


@pytest.mark.parametrize("threshold", [0.15, 0.16, 0.17, 0.18])
def test_near_the_best_threshold_most_components_are_specks(strips, threshold):
    components, count = label(strips.train > threshold)
    sizes = np.bincount(components.ravel())[1:]
    nuclei = split_strips(load_nuclei()[1]).train
    joined = [len(np.unique(nuclei[(components == n) & (nuclei > 0)])) for n in range(1, count + 1)]
    assert 490 < count < 820
    assert (sizes < 10).mean() > 0.9
    assert sum(number > 1 for number in joined) >= 10


def test_no_threshold_of_the_training_strip_gets_above_the_dice_that_is_told(strips, masks):
    best, score = find_best_threshold(strips.train, masks.train)
    assert 0.147 < best < 0.190
    assert round(score, 2) == 0.85
    told = [dice(strips.train > t, masks.train) for t in (0.147, 0.190)]
    assert min(told) > 0.83
    assert max(dice(strips.train > t, masks.train) for t in (0.143, 0.195)) < 0.83


def test_about_half_of_the_pixels_near_the_best_threshold_are_inside_nuclei(strips, masks):
    levels = np.rint(strips.train * 255)
    for level in range(42, 47):
        assert 0.38 < masks.train[levels == level].mean() < 0.58


def test_picking_by_the_test_mask_gains_almost_nothing(strips, masks):
    threshold, _ = find_best_threshold(strips.train, masks.train)
    fair = dice(strips.test > threshold, masks.test)
    assert 0 <= find_best_threshold(strips.test, masks.test)[1] - fair < 0.005


def test_otsus_own_threshold_is_better_on_both_other_strips(strips, masks):
    for strip, mask in zip(strips[1:], masks[1:], strict=True):
        own = dice(strip > threshold_otsu(strip), mask)
        assert own > dice(strip > threshold_otsu(strips.train), mask) + 0.05


def test_eight_very_bright_nuclei_raise_otsus_threshold_on_the_training_strip(strips, masks):
    labels = split_strips(load_nuclei()[1]).train
    means = {n: strips.train[labels == n].mean() for n in np.unique(labels[labels > 0])}
    brightest = sorted(means, key=means.get)[-8:]
    without = strips.train[~np.isin(labels, brightest)]
    assert round(float(threshold_otsu(strips.train)), 2) == 0.21
    assert round(float(threshold_otsu(without)), 2) == 0.17
    assert dice(strips.test > threshold_otsu(without), masks.test) > 0.87


def test_no_rule_for_one_pixels_brightness_beats_the_best_threshold(strips, masks):
    """Dice is a ratio of sums, so the best set of levels takes those surest to be nucleus first."""
    levels = np.rint(strips.test * 255).astype(int)
    inside = np.bincount(levels[masks.test], minlength=256)
    outside = np.bincount(levels[~masks.test], minlength=256)
    surest_first = np.argsort(-inside / np.maximum(inside + outside, 1))
    hits, false_alarms = inside[surest_first].cumsum(), outside[surest_first].cumsum()
    limit = (2 * hits / (hits + false_alarms + masks.test.sum())).max()
    best = max(dice(levels > threshold, masks.test) for threshold in range(255))
    assert limit == pytest.approx(best)
    assert round(limit, 2) == 0.88


def test_the_glow_of_the_brightest_nucleus_is_brighter_than_the_dimmest_nucleus():
    image, labels = load_nuclei()
    means = {number: image[labels == number].mean() for number in range(1, labels.max() + 1)}
    glow = binary_dilation(labels == max(means, key=means.get), iterations=4) & (labels == 0)
    assert round(float(image[glow].mean()), 2) == 0.30
    assert round(float(min(means.values())), 2) == 0.14


def test_the_two_blurs_are_the_best_of_84_combinations(strips, masks):
    scores = {}
    blurs = {sigma: gaussian(strips.train, sigma) for sigma in (0.5, 1, 1.5, 3, 4, 5, 6, 8, 10, 15)}
    for fine, coarse, weight in product(
        (0.5, 1, 1.5), (3, 4, 5, 6, 8, 10, 15), (0.5, 0.75, 0.9, 1)
    ):
        values = blurs[fine] - weight * blurs[coarse]
        scores[fine, coarse, weight] = find_best_threshold(values, masks.train)[1]
    assert len(scores) == 84
    assert max(scores, key=scores.get) == (1, 6, 0.75)


def test_256_channels_keep_every_pixel_of_a_block(masks):
    copies = torch.eye(256).reshape(256, 1, 16, 16)
    mask = torch.from_numpy(np.ascontiguousarray(masks.test)).float()[
        None, None
    ]  # (1, 1, 512, 176)
    assert F.conv_transpose2d(F.conv2d(mask, copies, stride=16), copies, stride=16).equal(mask)

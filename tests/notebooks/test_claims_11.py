"""The numbers in chapter 11's prose and folds."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from unet_tutorial import dice, load_nuclei, load_trained_unet, predict
from unet_tutorial.data import normalise, split_strips
from unet_tutorial.reach import measure_reach
from unet_tutorial.teaching.explorers import load_patch
from unet_tutorial.teaching.explorers.frame.widget import read_data
from unet_tutorial.teaching.results import read_meanings


@pytest.fixture(scope="module")
def nuclei():
    """The scaled image, the expert's mask and the trained network's probability."""
    raw, labels = load_nuclei()
    image = normalise(raw, reference=split_strips(raw).train)
    return image, labels > 0, predict(load_trained_unet(), image)[0]


def near_outlines(mask):
    square = np.ones((5, 5))
    return ndimage.grey_dilation(mask, footprint=square) != ndimage.grey_erosion(
        mask, footprint=square
    )


def test_one_pixel_is_as_far_as_the_network_from_the_expert(nuclei):
    _, mask, probability = nuclei
    test, found = split_strips(mask).test, split_strips(probability).test > 0.5
    moved = np.mean([dice(test[1:], test[:-1]), dice(test[:, 1:], test[:, :-1])])
    assert round(moved, 3) == 0.946
    assert dice(found, test) == pytest.approx(moved, abs=0.002)
    assert dice(ndimage.binary_dilation(test), test) == pytest.approx(0.928, abs=0.001)


@pytest.mark.parametrize(("overlap", "low", "high"), [(0, 900, 1100), (32, 20, 45), (96, 0, 0)])
def test_pixels_that_tiles_change(nuclei, overlap, low, high):
    image, mask, probability = nuclei
    tiled = predict(load_trained_unet(), image, tile=128 + 2 * overlap, overlap=overlap)[0]
    assert low <= ((tiled > 0.5) != (probability > 0.5)).sum() <= high
    pieces = [ndimage.label(x > 0.5)[1] for x in (tiled, probability)]
    assert pieces == [98 if overlap == 0 else 97, 97]
    truth = split_strips(mask).test
    scores = [dice(split_strips(x).test > 0.5, truth) for x in (tiled, probability)]
    assert abs(scores[0] - scores[1]) < 0.001


def test_the_margin_and_its_wrong_guesses():
    multiple, margin = measure_reach(load_trained_unet(), 1)
    wide = multiple + 2 * margin
    meanings = read_meanings()["pixels needed on each side of the core"]
    assert list(meanings) == [wide // 2, 2 * margin, wide, margin + -margin % multiple]
    assert wide == 204


def test_thresholds_on_the_validation_strip(nuclei):
    _, mask, probability = nuclei
    probability, mask = split_strips(probability).validation, split_strips(mask).validation
    good = [t for t in np.arange(0.02, 0.99, 0.01) if dice(probability > t, mask) >= 0.93]
    assert min(good) == pytest.approx(0.13, abs=0.015)
    assert max(good) == pytest.approx(0.81, abs=0.015)
    gained = (probability > 0.1) & (probability <= 0.5)
    lost = (probability > 0.5) & (probability <= 0.9)
    assert gained.sum() == pytest.approx(970, abs=15)
    assert lost.sum() == pytest.approx(1030, abs=15)
    assert (gained | lost)[near_outlines(mask)].sum() / (gained | lost).sum() > 0.965


def predict_without(model, patch, cut):
    """Predict a patch's mask with zeros in place of some levels' skips."""
    with torch.no_grad():
        skips = [model.in_conv(torch.from_numpy(patch)[None, None])]
        for down in (model.down1, model.down2, model.down3, model.down4):
            skips.append(down(skips[-1]))
        x = skips.pop()
        for level, up in zip(
            (3, 2, 1, 0), (model.up1, model.up2, model.up3, model.up4), strict=True
        ):
            x = up(x, skips[level] * (level not in cut))
        return (model.out_conv(x)[0, 0] > 0).numpy()


def test_what_the_skips_hold():
    patch, truth = load_patch()
    cuts = [(), (0,), (1,), (2,), (3,), (2, 3), (1, 3), (1, 2), (1, 2, 3)]
    found = {cut: predict_without(load_trained_unet(), patch, cut) for cut in cuts}
    scores = [dice(found[cut], truth) for cut in cuts]
    expected = [0.943, 0.019, 0.920, 0.943, 0.948, 0.938, 0.915, 0.901, 0.880]
    assert scores == pytest.approx(expected, abs=0.003)
    assert scores[0] - min(scores[5:8]) < 0.054 < scores[0] - scores[8]  # a move by one pixel
    assert (found[(1,)] & ~found[()]).sum() == pytest.approx(497, abs=10)
    assert (found[()] & ~found[(1,)]).sum() == pytest.approx(8, abs=4)
    assert found[(0,)].sum() == pytest.approx(27, abs=5)
    without_1 = read_data("the_u")["changes"][0b1101]  # what the explorer says; on is 1
    assert round(100 * without_1["near"] / (without_1["gained"] + without_1["lost"])) == 94

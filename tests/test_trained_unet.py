"""The shipped network keeps its promise: its Dice on the test strip, its size, its format."""

import numpy as np
import pytest
import torch

from unet_tutorial import dice, load_nuclei, load_trained_unet, predict
from unet_tutorial.data import normalise, split_strips
from unet_tutorial.unet import TRAINED_UNET


@pytest.fixture(scope="module")
def strips():
    image, labels = load_nuclei()
    scaled = normalise(image, reference=split_strips(image).train)
    return split_strips(scaled).test, split_strips(labels > 0).test


def test_dice_on_the_test_strip(strips):
    image, mask = strips
    found = predict(load_trained_unet(), image)[0] > 0.5
    assert dice(found, mask) > 0.93
    assert dice(found, mask) > dice(image > 0.17, mask) + 0.03  # about the best single threshold


def test_untrained_weights_fail_the_same_bar(strips):
    image, mask = strips
    model = load_trained_unet()
    torch.manual_seed(0)
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.reset_parameters()
    assert dice(predict(model, image)[0] > 0.5, mask) < 0.9


def test_the_file_is_small_and_holds_tensors_only():
    assert TRAINED_UNET.stat().st_size < 2_100_000
    stored = torch.load(TRAINED_UNET, weights_only=True)
    assert set(stored) == {"in_channels", "num_classes", "base_channels", "model"}
    assert all(t.dtype in (torch.float32, torch.int64) for t in stored["model"].values())
    assert all(np.isfinite(t.numpy()).all() for t in stored["model"].values())

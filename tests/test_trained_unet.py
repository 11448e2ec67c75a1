"""The shipped network keeps its promise: its Dice on the test strip, its size, its format."""

import numpy as np
import pytest
import torch

from unet_tutorial import dice, load_nuclei, load_trained_unet, predict
from unet_tutorial.data import measure_scaling, normalise, split_strips
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
    plain = {"in_channels", "num_classes", "base_channels", "labels", "classes", "scaling"}
    assert set(stored) == plain | {"model"}
    assert all(t.dtype in (torch.float32, torch.int64) for t in stored["model"].values())
    assert all(np.isfinite(t.numpy()).all() for t in stored["model"].values())


def test_it_knows_how_its_images_were_scaled():
    image, labels = load_nuclei()
    model = load_trained_unet()
    assert model.scaling == measure_scaling(split_strips(image).train)
    assert (model.labels, model.classes) == ("exclusive", ["nucleus"])
    eight_bit = np.rint(255 * image).astype(np.uint8)
    from_file = predict(model, image, scale=True)
    expected = predict(model, normalise(image, reference=split_strips(image).train))
    np.testing.assert_array_equal(from_file, expected)
    with pytest.warns(UserWarning, match=r"from 0 to 235.*trained on 0 to 1.*scale=True"):
        wrong = predict(model, eight_bit.astype(np.float32))[0] > 0.5
    assert dice(split_strips(wrong).test, split_strips(labels > 0).test) < 0.5


@pytest.mark.parametrize("factor", [0.04, 2, 255])
def test_an_image_that_cannot_have_been_scaled_is_warned_of(factor):
    scaled = torch.rand(1, 64, 64, generator=torch.Generator().manual_seed(0))
    predict(load_trained_unet(), scaled)  # no warning, which would be an error here
    with pytest.warns(UserWarning, match="trained on 0 to 1"):
        predict(load_trained_unet(), factor * scaled)

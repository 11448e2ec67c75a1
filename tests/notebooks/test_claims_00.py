"""What chapter 00 says about the picture and the network's mask, without showing it in a cell."""

import numpy as np
import pytest
from skimage.measure import label

from unet_tutorial import load_nuclei, load_trained_unet, predict
from unet_tutorial.data import normalise, split_strips


@pytest.fixture(scope="module")
def blobs():
    image, _ = load_nuclei()
    scaled = normalise(image, reference=split_strips(image).train)
    return label(predict(load_trained_unet(), scaled)[0] > 0.5, connectivity=1)


def test_the_brightest_nucleus_is_more_than_five_times_as_bright_as_the_dimmest():
    image, labels = load_nuclei()
    means = [image[labels == number].mean() for number in range(1, 126)]
    assert 5 < max(means) / min(means) < 6


def test_23_blobs_contain_two_to_four_nuclei(blobs):
    _, labels = load_nuclei()
    numbers = [set(labels[blobs == blob]) - {0} for blob in range(1, blobs.max() + 1)]
    counts = np.bincount([len(each) for each in numbers], minlength=5)
    assert counts.sum() == 97
    assert (counts[2:].sum(), len(counts)) == (23, 5)


def test_no_blob_leaves_or_joins_the_count_at_a_slightly_different_threshold(blobs):
    image, _ = load_nuclei()
    scaled = normalise(image, reference=split_strips(image).train)
    probability = predict(load_trained_unet(), scaled)[0]
    for threshold in (0.499, 0.501):  # far more than the difference between two machines
        assert label(probability > threshold, connectivity=1).max() == blobs.max()

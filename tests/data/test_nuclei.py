"""The nuclei image, its checksums and its split."""

import doctest
import hashlib
import re

import imagecodecs
import numpy as np
import pytest
import torch

from unet_tutorial import data
from unet_tutorial.data import crops, image_folder, load_nuclei, nuclei, split_strips


def test_examples_in_docstrings():
    result = doctest.testmod(nuclei)
    assert (result.failed, result.attempted) == (0, 3)


def test_the_datasets_can_be_had_here_too():
    assert data.RandomCrops is crops.RandomCrops
    assert data.ImageMaskFolder is image_folder.ImageMaskFolder


# The nuclei


@pytest.mark.parametrize("name", ["image.png", "labels.png"])
def test_the_files_are_those_of_the_readme(name):
    readme = (nuclei.NUCLEI / "README.md").read_text(encoding="utf-8")
    checksum = re.search(rf"^\| `{re.escape(name)}` .*`([0-9a-f]{{64}})` \|$", readme, re.M)
    assert checksum[1] == hashlib.sha256((nuclei.NUCLEI / name).read_bytes()).hexdigest()


def test_load_nuclei_gives_the_pixels_of_the_files():
    image, labels = load_nuclei()
    assert (image.dtype, image.shape) == (np.float32, (512, 512))
    assert (labels.dtype, labels.shape) == (np.int32, (512, 512))
    pixels, numbers = (  # read by another library
        imagecodecs.png_decode((nuclei.NUCLEI / name).read_bytes())
        for name in ("image.png", "labels.png")
    )
    assert pixels.dtype == numbers.dtype == np.uint8
    np.testing.assert_array_equal(image, np.array([v / 255 for v in range(256)], "f4")[pixels])
    np.testing.assert_array_equal(labels, numbers)


def test_what_the_readme_says_of_the_nuclei():
    image, labels = load_nuclei()
    assert sorted(set(labels.ravel().tolist())) == list(range(126))
    assert image.min() == 0
    assert round(float(image.max()) * 255) == 235


def test_load_nuclei_gives_arrays_of_ones_own():
    image, labels = load_nuclei()
    image[:], labels[:] = 7, 7
    again, labels_again = load_nuclei()
    assert again.max() <= 1
    assert labels_again.min() == 0


# The split


def test_strips_are_views_of_the_columns_they_name():
    columns = np.tile(np.arange(512), (3, 2, 1))  # (3, 2, 512)
    strips = split_strips(columns)
    expected = {"train": (0, 207, 208), "validation": (240, 303, 64), "test": (336, 511, 176)}
    for name, (first, last, width) in expected.items():
        strip = getattr(strips, name)
        assert strip.shape == (3, 2, width)
        assert (strip[0, 0, 0], strip[2, 1, -1]) == (first, last)
        assert np.shares_memory(strip, columns)


def test_strips_of_a_tensor():
    assert [tuple(s.shape) for s in split_strips(torch.zeros(1, 512))] == [
        (1, 208),
        (1, 64),
        (1, 176),
    ]


def test_no_nucleus_is_in_two_strips():
    inside = [set(np.unique(strip)) - {0} for strip in split_strips(load_nuclei()[1])]
    assert [len(nuclei) for nuclei in inside] == [62, 25, 36]
    assert len(set.union(*inside)) == 62 + 25 + 36


@pytest.mark.parametrize("shape", [(), (511,), (512, 480), (512, 0)])
def test_strips_of_another_width_are_refused(shape):
    with pytest.raises(ValueError, match="512 long" + ".*" + re.escape(str(shape))):
        split_strips(np.zeros(shape))

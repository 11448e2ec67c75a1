"""data: the nuclei and their checksums, the split, the normalisation."""

import doctest
import hashlib
import re

import imagecodecs
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unet_tutorial import data
from unet_tutorial.data import (
    crops,
    image_folder,
    load_nuclei,
    normalise,
    nuclei,
    split_strips,
)


def test_examples_in_docstrings():
    result = doctest.testmod(nuclei)
    assert result.failed == 0
    assert result.attempted == 4


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


# The normalisation


def percentile_by_hand(values, percent):
    """The value `percent` per cent of the way along the sorted values."""
    values = sorted(float(v) for v in values)
    place = percent / 100 * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def normalise_by_hand(image, reference, low, high):
    floor, ceiling = (percentile_by_hand(reference.ravel(), p) for p in (low, high))
    scaled = [(float(v) - floor) / (ceiling - floor) for v in image.ravel()]
    return np.array([min(max(v, 0), 1) for v in scaled]).reshape(image.shape)


TYPES = ["uint8", "uint16", "int16", "int32", "float32", "float64"]


@pytest.mark.parametrize("dtype", TYPES)
@settings(max_examples=20, derandomize=True, deadline=None)
@given(seed=st.integers(0, 999), low=st.floats(0, 40), high=st.floats(60, 100))
def test_normalise_is_the_sum_by_hand(dtype, seed, low, high):
    rng = np.random.default_rng(seed)
    top = 255 if dtype == "uint8" else 30000
    image, reference = (rng.integers(0, top, shape).astype(dtype) for shape in [(5, 7), (6, 4)])
    result = normalise(image, reference, low=low, high=high)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, normalise_by_hand(image, reference, low, high), atol=1e-5)


def test_normalise_by_default_takes_percentiles_1_and_99_8():
    values = np.arange(1001).reshape(7, 143)  # percentile p of 0 ... 1000 is 10 p
    result = normalise(np.array([[5, 10, 504, 998, 999]]), values)
    np.testing.assert_allclose(result, [[0, 0, 0.5, 1, 1]], atol=1e-6)


def test_normalise_16_bit_equals_8_bit():
    grey8 = np.random.default_rng(0).integers(0, 256, (40, 50)).astype(np.uint8)
    grey16 = grey8.astype(np.uint16) * 257  # 255 becomes 65535
    expected = normalise(grey8, grey8[:, :20])
    np.testing.assert_allclose(normalise(grey16, grey16[:, :20]), expected, atol=1e-6)
    assert 0 < expected.mean() < 1


def test_normalise_does_not_wrap_around_below_the_floor():
    dark, reference = np.zeros((2, 2), np.uint16), np.array([[1000, 2000]], np.uint16)
    assert (normalise(dark, reference) == 0).all()


def test_normalise_scales_each_channel_by_itself():
    image = np.random.default_rng(0).integers(0, 99, (3, 6, 5))
    image[1] *= 100
    reference = image[:, :4, :3]
    result = normalise(image, reference)
    for channel in range(3):
        alone = normalise(image[channel], reference[channel])
        np.testing.assert_allclose(result[channel], alone, atol=1e-6)


def test_normalise_leaves_its_arguments_alone():
    image = np.array([[0.0, 1, 2, 3]], np.float32)
    before = image.copy()
    normalise(image, image)
    np.testing.assert_array_equal(image, before)


GREY = np.arange(20.0).reshape(4, 5)


@pytest.mark.parametrize(
    ("image", "reference", "percentiles", "message"),
    [
        (GREY, np.ones((4, 5)), {}, "equal.*no range"),
        (GREY, GREY[None], {}, r"\(4, 5\).*\(1, 4, 5\).*channels come first"),
        (np.stack([GREY] * 3), np.stack([GREY] * 2), {}, "as many channels"),
        (GREY[0], GREY, {}, r"image must be .*\(5,\)"),
        (GREY, GREY[None, None], {}, r"reference must be .*\(1, 1, 4, 5\)"),
        (GREY[:, :0], GREY, {}, "image must be .*not empty"),
        (GREY, GREY[:0], {}, "reference must be .*not empty"),
        (GREY * np.nan, GREY, {}, "image has NaN"),
        (GREY, GREY + np.inf, {}, "reference has NaN or infinite"),
        (GREY > 3, GREY, {}, "image must hold integers or floats, got bool"),
        (GREY, GREY * 1j, {}, "reference must hold .*complex"),
        (GREY, GREY, {"low": 50, "high": 50}, "low < high.*50 and 50"),
        (GREY, GREY, {"low": -1}, "percentiles"),
        (GREY, GREY, {"high": 101}, "percentiles"),
        (GREY, GREY, {"low": float("nan")}, "percentiles"),
    ],
)
def test_normalise_refuses(image, reference, percentiles, message):
    with pytest.raises(ValueError, match=message):
        normalise(image, reference, **percentiles)


def test_one_empty_channel_is_told_from_the_others():
    image = np.stack([GREY, np.zeros_like(GREY)])
    with pytest.raises(ValueError, match="channel by channel"):
        normalise(image, image)

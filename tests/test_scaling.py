"""Scaling of images, against the percentiles worked out by hand."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unet_tutorial import scaling
from unet_tutorial.data import Scaling, measure_scaling, normalise
from unet_tutorial.shapes import images


@pytest.mark.parametrize(("module", "examples"), [(scaling, 2), (images, 1)])
def test_examples_in_docstrings(module, examples):
    result = doctest.testmod(module)
    assert (result.failed, result.attempted) == (0, examples)


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
    with pytest.raises(ValueError, match=r"0.19 0\. .*18\.962  0\."):
        normalise(image, image)


def test_a_scaling_is_its_reference_in_two_numbers_a_channel():
    image = np.random.default_rng(0).integers(0, 999, (3, 6, 5))
    kept = measure_scaling(image[..., :3], low=5, high=90)
    assert kept == Scaling(*kept)
    assert all(type(number) is float for numbers in kept for number in numbers)
    expected = normalise(image, image[..., :3], low=5, high=90)
    np.testing.assert_array_equal(normalise(image, kept), expected)


def test_a_scaling_is_for_its_number_of_channels():
    with pytest.raises(ValueError, match=r"3 channels.*for 1"):
        normalise(np.stack([GREY] * 3), measure_scaling(GREY))


@pytest.mark.parametrize("shape", [(40, 64, 3), (64, 40, 4), (5, 5, 1)])
def test_channels_last_is_refused_by_name(shape):
    image = np.random.default_rng(0).random(shape)
    for scale in (normalise, lambda image, _: measure_scaling(image)):
        with pytest.raises(ValueError, match=r"channels come last.*np\.moveaxis"):
            scale(image, image)
    first = np.moveaxis(image, -1, -3)
    assert normalise(first, first).shape == first.shape


@pytest.mark.parametrize("shape", [(3, 40, 3), (1, 9, 1), (4, 2, 4)])
def test_channels_first_is_never_refused(shape):
    image = np.random.default_rng(0).random(shape)
    assert normalise(image, image).shape == shape

"""Sizes of the stages for any image: compared with the U-Net's parts, run one by one."""

import doctest

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unet_tutorial import UNet
from unet_tutorial.shapes import unet, unet_sizes
from unet_tutorial.shapes.unet import nearest_sizes
from unet_tutorial.teaching.explorers.the_u import size_trace
from unet_tutorial.teaching.explorers.the_u.size_trace import DroppedPixels, trace_unet_sizes

SETTINGS = [(480, 480, 1, 1, 64), (16, 48, 3, 2, 5), (64, 32, 1, 4, 1), (16, 16, 8, 8, 7)]


@settings(deadline=None)
@given(side=st.integers(1, 5000))
def test_the_nearest_sizes_are_found_by_walking(side):
    below, above = side, side
    while below % 16:
        below -= 1
    while above % 16:
        above += 1
    assert nearest_sizes(side) == sorted({size for size in (below, above) if size > 0})


PARTS = UNet(1, 1, base_channels=1).eval()


def run_parts(height, width):
    """Run the parts one by one, like chapter 08; return their output sizes and the failing part."""
    x = torch.zeros(1, 1, height, width)
    outputs, skips = [("input", *x.shape[1:])], []
    with torch.no_grad():
        for name, part in PARTS.named_children():
            try:
                if name.startswith("up"):
                    x = part(x, skips.pop())
                else:
                    x = part(x)
                    skips.append(x)
            except RuntimeError:
                return outputs, name
            if name == "down4":
                skips.pop()
            outputs.append((name, *x.shape[1:]))
    return outputs, ""


@settings(max_examples=120, deadline=None)
@given(height=st.integers(1, 130), width=st.integers(1, 130))
def test_an_image_gets_as_far_as_in_a_real_unet(height, width):
    found = trace_unet_sizes(height, width, 1, 1, 1)
    assert ([tuple(stage) for stage in found.stages], found.failed_part) == run_parts(height, width)


@pytest.mark.parametrize("sizes", SETTINGS)
def test_a_size_that_fits_reaches_the_end(sizes):
    assert trace_unet_sizes(*sizes) == (unet_sizes(*sizes), [], "", None)


def test_dropped_pixels_of_odd_sizes():
    both = trace_unet_sizes(100, 75)
    assert both.dropped == [
        DroppedPixels(0, 0, 1),
        DroppedPixels(1, 0, 1),
        DroppedPixels(2, 1, 0),
        DroppedPixels(3, 0, 1),
    ]
    assert (both.failed_part, both.upsampled) == ("up1", (12, 8))
    assert trace_unet_sizes(100, 100).upsampled == (24, 24)
    assert trace_unet_sizes(5, 100)[1:] == ([DroppedPixels(0, 1, 0)], "down3", None)


@settings(deadline=None)
@given(height=st.integers(1, 300), width=st.integers(1, 300))
def test_pixels_are_dropped_exactly_if_a_part_fails(height, width):
    found = trace_unet_sizes(height, width)
    passes = height % 16 == 0 and width % 16 == 0
    assert (found.failed_part == "") == passes
    if passes or found.upsampled:
        assert (found.dropped == []) == passes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: trace_unet_sizes(0, 16), "height must be at least 1"),
        (lambda: trace_unet_sizes(16, 1.5), "width must be a whole number"),
        (lambda: trace_unet_sizes(16, 16, 1, 0), "num_classes must be at least 1"),
        (lambda: nearest_sizes(0), "side must be at least 1"),
    ],
)
def test_bad_arguments_raise_an_error_that_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("module", [unet, size_trace])
def test_the_examples_hold(module):
    result = doctest.testmod(module)
    assert result.failed == 0
    assert result.attempted >= 2

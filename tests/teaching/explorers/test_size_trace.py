"""How far an image of any size gets through the U-Net: against its parts, run one by one."""

import doctest

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unet_tutorial import UNet
from unet_tutorial.shapes import unet, unet_sizes
from unet_tutorial.shapes.unet import nearest_sizes
from unet_tutorial.teaching.explorers.the_u import size_trace
from unet_tutorial.teaching.explorers.the_u.size_trace import Loss, unet_passage

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


def by_hand(height, width):
    """Run the parts one after another, as chapter 08 does; what they give, and which one fails."""
    x = torch.zeros(1, 1, height, width)
    given_out, skips = [("input", *x.shape[1:])], []
    with torch.no_grad():
        for name, part in PARTS.named_children():
            try:
                if name.startswith("up"):
                    x = part(x, skips.pop())
                else:
                    x = part(x)
                    skips.append(x)
            except RuntimeError:
                return given_out, name
            if name == "down4":
                skips.pop()
            given_out.append((name, *x.shape[1:]))
    return given_out, ""


@settings(max_examples=120, deadline=None)
@given(height=st.integers(1, 130), width=st.integers(1, 130))
def test_an_image_gets_as_far_as_through_the_parts_themselves(height, width):
    found = unet_passage(height, width, 1, 1, 1)
    assert ([tuple(stage) for stage in found.stages], found.fails) == by_hand(height, width)


@pytest.mark.parametrize("sizes", SETTINGS)
def test_a_size_that_fits_passes(sizes):
    assert unet_passage(*sizes) == (unet_sizes(*sizes), [], "", None)


def test_what_is_lost_on_the_way():
    both = unet_passage(100, 75)
    assert both.losses == [Loss(0, 0, 1), Loss(1, 0, 1), Loss(2, 1, 0), Loss(3, 0, 1)]
    assert (both.fails, both.upsampled) == ("up1", (12, 8))
    assert unet_passage(100, 100).upsampled == (24, 24)
    assert unet_passage(5, 100)[1:] == ([Loss(0, 1, 0)], "down3", None)


@settings(deadline=None)
@given(height=st.integers(1, 300), width=st.integers(1, 300))
def test_something_is_lost_exactly_where_it_does_not_pass(height, width):
    found = unet_passage(height, width)
    passes = height % 16 == 0 and width % 16 == 0
    assert (found.fails == "") == passes
    if passes or found.upsampled:
        assert (found.losses == []) == passes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: unet_passage(0, 16), "height must be at least 1"),
        (lambda: unet_passage(16, 1.5), "width must be a whole number"),
        (lambda: unet_passage(16, 16, 1, 0), "num_classes must be at least 1"),
        (lambda: nearest_sizes(0), "side must be at least 1"),
    ],
)
def test_bad_arguments_are_refused_in_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("module", [unet, size_trace])
def test_the_examples_hold(module):
    result = doctest.testmod(module)
    assert result.failed == 0
    assert result.attempted >= 2

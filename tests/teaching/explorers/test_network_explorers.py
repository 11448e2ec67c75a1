"""The explorers of the U and of the receptive field: every setting draws, and the text agrees."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import PolyCollection
from matplotlib.text import Text

from unet_tutorial.teaching.drawing.alt_text import SHORTEST_ALT, encode_jpeg
from unet_tutorial.teaching.drawing.intensity import convert_to_grey
from unet_tutorial.teaching.explorers import receptive_field, the_u
from unet_tutorial.teaching.explorers.canvas.fast_artists import QuickImage
from unet_tutorial.teaching.explorers.receptive_field.picture import draw_field_on_image
from unet_tutorial.teaching.explorers.receptive_field.receptive_fields import (
    CONTRACTING,
    compute_field,
)
from unet_tutorial.teaching.explorers.the_u.costs import compute_level_costs
from unet_tutorial.teaching.explorers.the_u.formatting import format_bytes, format_count
from unet_tutorial.teaching.explorers.the_u.picture import _COLUMNS, draw_u_costs
from unet_tutorial.teaching.explorers.the_u.size_trace import trace_unet_sizes

IMAGE = np.random.default_rng(0).random((480, 480))
# Shared by all tests: the view depends only on the current values of the controls.
U, FIELD, STRIP = the_u(), receptive_field(IMAGE), receptive_field(IMAGE[:96, :176])
WIDTHS = {"channels": st.integers(1, 8), "classes": st.integers(1, 8)}
WIDTHS |= {"base_channels": st.integers(1, 128)}


def read_texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def find_numbers(text):
    return set(re.findall(r"\d[\d,]*(?:\.\d)?", text.replace(", ", " ")))


def check_view(view):
    """Check that the view can be drawn and that its text contains every number of the picture."""
    assert encode_jpeg(view.figure).startswith(b"\xff\xd8\xff")
    assert len(view.alt) >= SHORTEST_ALT
    for line in read_texts(view.figure):
        assert find_numbers(line) <= find_numbers(view.text) | {"0", "1"}, line


# The U.


def test_the_u_says_the_numbers_of_chapter_09():
    text = the_u().view.text
    for part in (
        "(1, 480, 480) gives logits of (1, 480, 480)",
        "in_conv (64, 480, 480), up4 (64, 480, 480), out_conv (1, 480, 480)",
        "181,441 parameters (0.6 %)",
        "531.8 MB of activations (51.2 %)",
        "14,159,872 parameters (45.6 %), 12.7 billion multiplications (7.5 %)",
        "31,036,481 parameters; 169.1 billion multiplications and 1,039 MB",
    ):
        assert part in text
    assert "31,036,481" in the_u().view.alt


@settings(max_examples=15, deadline=None)
@given(height=st.integers(1, 128), width=st.integers(1, 128), widths=st.fixed_dictionaries(WIDTHS))
def test_every_size_that_fits_is_drawn(height, width, widths):
    view = U.set(height=16 * height, width=16 * width, **widths).view
    check_view(view)
    assert "not reached" not in read_texts(view.figure)
    one_value = (height, width) == (1, 1)
    assert ("BatchNorm cannot train" in view.text) == one_value


@settings(max_examples=15, deadline=None)
@given(
    height=st.integers(1, 2048), width=st.integers(1, 2048), widths=st.fixed_dictionaries(WIDTHS)
)
def test_every_other_size_is_drawn_too(height, width, widths):
    check_view(U.set(height=height, width=width, **widths).view)


def test_a_size_that_fails_says_where_and_what_fits():
    view = the_u(100, 100).view
    for part in (
        "Level 2 has 25 rows and 25 columns: its pooling drops a row and a column.",
        "up2 gets 24 by 24 from below, but the skip connection of level 2 brings 25 by 25",
        "height and width must divide by 16",
        "height 96 or 112; width 96 or 112",
    ):
        assert part in view.text
    written = read_texts(view.figure)
    assert written.count("not reached") == 4  # up2, up3, up4, out_conv
    assert {"25 × 25", "≠ 24 × 24", "a row and a column lost"} <= set(written)
    assert written.count("it does not run") == 2  # multiplications and activations
    assert "height 480 as it is; width 64 or 80" in the_u(480, 75).view.text


def test_a_size_with_nothing_to_pool_says_so():
    view = the_u(5, 100).view
    assert "down3 cannot pool 1 by 25" in view.text
    assert "height 16; width 96 or 112" in view.text
    assert "nothing to pool" in read_texts(view.figure)
    assert read_texts(view.figure).count("not reached") == 7


def test_a_bar_is_as_long_as_the_level_s_share():
    figure = draw_u_costs(trace_unet_sizes(480, 480), compute_level_costs(480, 480))
    *_, bars, frames, _legend = figure.findobj(PolyCollection)
    spans = [[np.ptp(p.vertices[:, 0]) for p in part.get_paths()] for part in (bars, frames)]
    left = [p.vertices[:, 0].min() for p in bars.get_paths()]
    filled = np.divide(*spans)
    expected = [
        [0.6, 2.6, 10.2, 41.0, 45.6],  # parameters
        [21.3, 23.7, 23.7, 23.7, 7.5],  # multiplications
        [51.2, 27.0, 13.5, 6.7, 1.6],  # activations
    ]
    for column, shares in zip(_COLUMNS, expected, strict=True):
        mine = filled[np.isclose(left, column)]
        assert 100 * mine == pytest.approx(shares, abs=0.06)


@pytest.mark.parametrize(
    ("number", "said"),
    [(12_288, "12,288"), (1_234_567, "1.2 million"), (36_008_755_200, "36.0 billion")],
)
def test_counts_have_a_unit(number, said):
    assert format_count(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (288, "288 bytes"),
        (10_240, "10.2 kB"),
        (531_763_200, "531.8 MB"),
        (1_038_643_200, "1,039 MB"),
        (37_900_000_000, "37.9 GB"),
    ],
)
def test_bytes_have_a_unit(number, said):
    assert format_bytes(number) == said


def test_numbers_out_of_range_are_refused():
    with pytest.raises(ValueError, match="height goes from 1 to 2048, not to 5000"):
        the_u(height=5000)
    with pytest.raises(ValueError, match="base_channels goes from 1 to 128"):
        the_u(base_channels=0)
    with pytest.raises(ValueError, match="five levels"):
        draw_u_costs(trace_unet_sizes(16, 16), compute_level_costs(16, 16)[:4])


# The receptive field.


@settings(max_examples=15, deadline=None)
@given(row=st.integers(0, 479), column=st.integers(0, 479), data=st.data())
def test_every_pixel_s_field_is_shown(row, column, data):
    stage = data.draw(st.sampled_from([value for _, value in FIELD.controls["stage"].options]))
    view = FIELD.set(row=row, column=column, stage=stage).view
    check_view(view)
    rows, columns = compute_field(row, 480, stage), compute_field(column, 480, stage)
    assert f"rows {rows.first} to {rows.last}: {rows.side} pixels" in view.text
    assert f"columns {columns.first} to {columns.last}: {columns.side} pixels" in view.text
    cut = rows.side < rows.uncut or columns.side < columns.uncut
    assert ("edge cuts" in view.text) == ("cut at the edge" in read_texts(view.figure)) == cut


@settings(max_examples=15, deadline=None)
@given(row=st.integers(0, 95), column=st.integers(0, 175))
def test_a_narrow_image_is_shown_too(row, column):
    check_view(STRIP.set(row=row, column=column).view)


def test_moving_it_finds_188_and_204():
    explorer = receptive_field(IMAGE)
    said = [explorer.set(row=240 + place).view.text.splitlines()[0] for place in range(16)]
    sides = [int(re.search(r"rows \d+ to \d+: (\d+)", line).group(1)) for line in said]
    assert sides == [188, 188, *[204] * 12, 188, 188]
    assert "the logit at row 240, column 240. It depends on rows 146 to 333: 188 pixels" in said[0]


def test_a_lower_level_s_value_has_its_place():
    view = receptive_field(IMAGE, 247, 33, "down4", CONTRACTING).view
    assert "the value of down4 at row 15, column 2, of 30 by 30: level 4" in view.text
    assert "rows 178 to 317: 140 pixels, columns 0 to 109: 110 pixels" in view.text
    assert "which would have 140 rows and 140 columns" in view.text


def test_one_stage_leaves_nothing_to_choose():
    explorer = receptive_field(IMAGE, stages=["in_conv"])
    assert list(explorer.controls) == ["row", "column"]
    assert "rows 238 to 242: 5 pixels, columns 238 to 242: 5 pixels" in explorer.view.text


def test_the_picture_is_bright_where_the_patch_is():
    grey = np.full((64, 96), 200, np.uint8)
    fields = {"down1": (compute_field(30, 64, "down1"), compute_field(50, 96, "down1"))}
    figure = draw_field_on_image(grey, fields, "down1", (30, 50))
    shown, patch = (image.colours for image in figure.findobj(QuickImage))
    bright = np.zeros((64, 96), bool)
    bright[24:38, 44:58] = True  # 14 by 14, from 2 * 15 - 6 and 2 * 25 - 6
    assert (shown[..., 0] == np.where(bright, 200, 90)).all()
    assert patch.shape == (14, 14, 3)


def test_grey_goes_from_the_least_value_to_nearly_the_largest():
    grey = convert_to_grey(np.arange(1001).reshape(7, 143))
    assert (grey.dtype, grey.min(), grey.max()) == (np.uint8, 0, 255)
    assert grey.ravel()[:996].tolist() == [round(255 * i / 995) for i in range(996)]
    assert (convert_to_grey(np.ones((2, 3))) == 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: receptive_field(IMAGE[:100]), "must divide by 16, .* 100x480 does not"),
        (lambda: receptive_field(IMAGE[0]), r"must be \(H, W\) and not empty"),
        (lambda: receptive_field(IMAGE, row=480), "row goes from 0 to 479, not to 480"),
        (lambda: receptive_field(IMAGE, stage="down5"), "stage can be one of"),
        (lambda: receptive_field(IMAGE, stages=["down5"]), "stages must be one or more of"),
        (lambda: receptive_field(IMAGE, stages=[]), "stages must be one or more of"),
        (lambda: draw_field_on_image(IMAGE, {}, "up1", (0, 0)), "must be uint8"),
        (lambda: draw_field_on_image(convert_to_grey(IMAGE), {}, "up1", (0, 0)), "has no fields"),
    ],
)
def test_bad_arguments_raise_an_error_that_says_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()

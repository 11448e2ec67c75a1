"""The explorer of sizes: text, numbers and pictures compared with torch, for every setting."""

import importlib
import itertools
import math
import re
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from torch.nn import functional as F

from unet_tutorial.shapes import conv_output_size, conv_transpose_output_size
from unet_tutorial.teaching.drawing.alt_text import encode_jpeg
from unet_tutorial.teaching.drawing.style import WIDTH
from unet_tutorial.teaching.explorers import sizes
from unet_tutorial.teaching.explorers.canvas.fast_artists import _compute_text_outlines
from unet_tutorial.teaching.explorers.sizes import picture as drawing
from unet_tutorial.teaching.explorers.sizes.cell_grid import _CORNERS, Grid
from unet_tutorial.teaching.explorers.sizes.words import SizeDescription

explorer_module = importlib.import_module("unet_tutorial.teaching.explorers.sizes.explorer")
NAMES = "size", "kernel_size", "stride", "padding", "dilation", "output_padding"
RANGES = {
    name: range(low, high + 1)
    for name, low, high in (
        ("size", 1, 10),
        ("kernel_size", 1, 5),
        ("stride", 1, 4),
        ("padding", 0, 3),
        ("dilation", 1, 3),
        ("output_padding", 0, 3),
    )
}
SETTINGS = [dict(zip(NAMES, values, strict=True)) for values in itertools.product(*RANGES.values())]
any_setting = st.sampled_from(SETTINGS)


def convolve(images, setting):
    """Convolve with a kernel of ones in torch; None if torch refuses."""
    ones = torch.ones(1, 1, setting["kernel_size"], setting["kernel_size"])
    try:
        return F.conv2d(
            images, ones, None, setting["stride"], setting["padding"], setting["dilation"]
        )
    except RuntimeError:
        return None


def convolve_transposed(images, setting):
    """Apply torch's transposed convolution with a kernel of ones; None if there's no output."""
    ones = torch.ones(1, 1, setting["kernel_size"], setting["kernel_size"])
    s, p, d, q = (setting[name] for name in ("stride", "padding", "dilation", "output_padding"))
    try:
        sheet = F.conv_transpose2d(images, ones, None, s, p, q, 1, d)
    except RuntimeError:
        return None
    return sheet if sheet.shape[-1] else None


@pytest.fixture(scope="module")
def words():
    """Describe every setting without drawing it: (setting, text, alt, notes)."""
    said = []
    with mock.patch.object(explorer_module, "draw_round_trip") as drawn:
        for number, setting in enumerate(SETTINGS):
            view = explorer_module._draw(step=number % 256, **setting)
            said.append((setting, view.text, view.alt, drawn.call_args.kwargs["notes"]))
    return said


def compute_formula(formula):
    """Compute the value of a formula in a text."""
    plain = formula.replace("·", "*").replace("−", "-")
    assert re.fullmatch(r"[\d\s()*/+-]*(floor)?[\d\s()*/+-]*", plain), plain
    return eval(plain, {"floor": math.floor})


def find_formula(text, name):
    """Find (formula, its value, output size) in the sentence that begins with `name`."""
    found = re.search(rf"(?m)^{name}: (.*?) = (\d+), so (\d+) × \3 pixels become (\d+) × \4", text)
    return (found[1], int(found[2]), int(found[4])) if found else None


def test_every_setting_has_complete_text(words):
    assert len(words) == 10 * 5 * 4 * 4 * 3 * 4
    for _, text, alt, _ in words:
        assert len(alt) >= 30
        assert all(line.strip() and line[-1] == "." for line in text.splitlines())
        assert "None" not in text + alt
        assert "-" not in text.replace("output_padding", "")  # a minus sign, not a hyphen


def test_the_formulas_are_right_and_give_the_sizes_in_the_text(words):
    there = back = 0
    for setting, text, _, notes in words:
        first, second = (
            find_formula(text, "Convolution"),
            find_formula(text, "Transposed convolution"),
        )
        layer = [setting[name] for name in NAMES[1:5]]
        if first is None:
            with pytest.raises(ValueError, match="there is no output") as refusal:
                conv_output_size(setting["size"], *layer)
            assert f"The convolution is refused: {refusal.value}" in text
            assert second is None
            continue
        there += 1
        out = conv_output_size(setting["size"], *layer)
        assert compute_formula(first[0]) == first[1] == first[2] == out
        assert notes[0][0] == f"{first[0]} = {out}"
        k, s, p, d = layer
        if second is None:
            with pytest.raises(ValueError, match=r"there is no output|must be smaller") as refusal:
                conv_transpose_output_size(out, k, s, p, setting["output_padding"], d)
            assert f"The transposed convolution is refused: {refusal.value}" in text
            continue
        back += 1
        size = conv_transpose_output_size(out, k, s, p, setting["output_padding"], d)
        assert compute_formula(second[0]) == second[1] == second[2] == size
        assert ("the size comes back" in text) == (size == setting["size"])
    assert there > 7000
    assert back > 4000


def test_the_text_about_lost_pixels_agrees_with_torch():
    """Torch's gradient is 0 at the pixels that no output depends on."""
    lost = between = 0
    for setting in SETTINGS[:: len(RANGES["output_padding"])]:
        image = torch.zeros(1, 1, setting["size"], setting["size"], requires_grad=True)
        out = convolve(image, setting)
        if out is None:
            continue
        out.sum().backward()
        unseen = [n for n, row in enumerate((image.grad[0, 0] == 0).all(dim=1)) if row]
        words = SizeDescription(*setting.values())
        text = words.describe_lost_pixels(explorer_module.compute_round_trip(*setting.values()))
        assert ("Every pixel of the input is seen." in text) == (not unseen)
        edge = re.search(r"loses (\d) rows? at the bottom and \1 columns? at the right", text)
        at_edge = int(edge[1]) if edge else 0
        inner = re.search(r"No tap falls on (?:row \d and column|rows and columns) ([^:]*):", text)
        named = [int(n) for n in re.findall(r"\d+", inner[1])] if inner else []
        assert named + list(range(setting["size"] - at_edge, setting["size"])) == unseen
        lost, between = lost + bool(at_edge), between + bool(named)
    assert lost > 100
    assert between > 100


def test_notes_fit_under_their_grids(words):
    font = FontProperties(size=9.5)
    left, right = drawing._NOTES
    room = {}  # inches for each line; all digits have the same width
    for _, _, _, (there, back) in words:
        assert max(len(there), len(back)) <= 2
        there, back = ([re.sub(r"\d", "0", line) for line in lines] for lines in (there, back))
        room |= {line: (right if back else WIDTH) - left for line in there}
        room |= {line: WIDTH - right for line in back}
    for line, inches in room.items():
        assert _compute_text_outlines(line, font)[1] / 72 < inches - 0.1, line


def crop_to_image(grid, mask):
    """Crop a mask of the grid to the image's pixels."""
    rows, columns = np.nonzero(grid.image)
    return mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


@settings(max_examples=150, deadline=None)
@given(any_setting, st.integers(0, 255))
def test_highlighted_and_hatched_cells_agree_with_torch(setting, step):
    size, kernel_size, stride, padding, dilation, output_padding = setting.values()
    image = torch.zeros(1, 1, size, size, requires_grad=True)
    out = convolve(image, setting)
    if out is None:
        return
    side, layer = out.shape[-1], (kernel_size, stride, padding, dilation)
    pixel = divmod(step % side**2, side)
    seen = drawing._mark_input(size, layer, side, pixel)
    (lit,) = torch.autograd.grad(out[0, 0][pixel], image, retain_graph=True)
    np.testing.assert_array_equal(crop_to_image(seen, seen.lit), lit[0, 0] > 0)
    (ever,) = torch.autograd.grad(out.sum(), image)
    np.testing.assert_array_equal(crop_to_image(seen, seen.missed), ever[0, 0] == 0)
    assert seen.image.sum() + seen.ring.sum() == (size + 2 * padding) ** 2
    assert seen.lit.sum() == kernel_size**2

    unit = torch.zeros(1, 1, side, side)
    unit[0, 0][pixel] = 1
    stamp = convolve_transposed(unit, setting)
    if stamp is None:
        return
    trip = explorer_module.compute_round_trip(*setting.values())
    sheet = drawing._mark_stamped(trip, layer, output_padding, pixel)
    np.testing.assert_array_equal(crop_to_image(sheet, sheet.lit), stamp[0, 0] > 0)
    blank = convolve_transposed(torch.ones(1, 1, side, side), setting)[0, 0] == 0
    np.testing.assert_array_equal(crop_to_image(sheet, sheet.missed | sheet.added), blank)
    assert sheet.added.sum() == trip.sheet**2 - (trip.sheet - output_padding) ** 2


@settings(max_examples=25, deadline=None)
@given(any_setting, st.integers(0, 255))
def test_every_setting_can_be_drawn(setting, step):
    view = explorer_module._draw(step=step, **setting)
    assert encode_jpeg(view.figure)[:3] == b"\xff\xd8\xff"
    assert tuple(view.figure.get_size_inches()) == (WIDTH, drawing._HEIGHT)


@pytest.mark.parametrize(
    "setting",
    [
        {"size": 10, "kernel_size": 1, "padding": 3, "dilation": 3, "output_padding": 2},
        {"size": 1, "kernel_size": 5, "dilation": 3},
        {"size": 10, "kernel_size": 5, "padding": 3, "stride": 4, "output_padding": 3},
        {"size": 1, "kernel_size": 1},
    ],
)
def test_the_grids_stay_in_their_columns(setting):
    """The widest settings that the controls allow don't overlap arrows, notes or the edge."""
    placed = []
    with mock.patch.object(drawing, "draw_grids", lambda _, grids: placed.extend(grids)):
        sizes(**setting).view  # noqa: B018
    grids = [grid for grid in placed if grid.y > 1]
    assert len({grid.cell for grid in grids}) == 1
    for grid, (left, width) in zip(grids, drawing._COLUMNS, strict=False):
        side = len(grid.masks.image) * grid.cell
        assert left - 1e-9 <= grid.x <= grid.x + side <= left + width + 1e-9
        assert drawing._TOP >= grid.y >= grid.y - side > 0.95


def test_cells_are_where_the_mask_says():
    mask = np.array([[False, True], [False, False]])
    grid = Grid(1.0, 3.0, 0.5, None)
    expected = [[(1.5, 2.5), (2.0, 2.5), (2.0, 3.0), (1.5, 3.0)]]  # first row, second column
    np.testing.assert_allclose(grid.place_shapes(_CORNERS, mask), expected)
    np.testing.assert_allclose(grid.compute_square(0, 1, 1), expected[0])


def test_the_step_follows_the_settings():
    explorer = sizes()
    step = explorer.controls["step"]
    assert (step.max, step.value) == (15, 0)  # 4 * 4 output pixels
    explorer.set(step=15, stride=3)
    assert (step.max, step.value) == (3, 3)  # 2 * 2: the last of them
    assert "Output pixel 3 of 0 to 3, at row 1, column 1," in explorer.view.text
    explorer.set(kernel_size=5, dilation=3)  # fits nowhere
    assert (step.max, step.value) == (0, 0)
    explorer.set(padding=3, stride=1, dilation=1)
    assert step.max == 63  # 6 + 6 - 5 + 1 = 8 a side


def test_a_step_beyond_the_last_shows_the_last_and_says_so():
    view = explorer_module._draw(99, 0, size=6, kernel_size=3, stride=1, padding=0, dilation=1)
    assert "Output pixel 15 of 0 to 15 (there is no pixel 99: the last is shown)" in view.text


def test_numbers_by_hand():
    text = sizes(size=8, stride=2, step=4).view.text
    assert text.splitlines() == [
        "Convolution: floor((8 + 2·0 − 1·(3 − 1) − 1) / 2) + 1 = 3, so 8 × 8 pixels become "
        "3 × 3. Of all sizes, 7 and 8 become 3.",
        "Output pixel 4 of 0 to 8, at row 1, column 1, sees rows 2, 3 and 4 and columns 2, 3 "
        "and 4 of the input.",
        "The convolution loses 1 row at the bottom and 1 column at the right: no window reaches "
        "them, so no output pixel depends on them.",
        "Transposed convolution: (3 − 1)·2 + 1·(3 − 1) + 1 + 0 − 2·0 = 7, so 3 × 3 pixels become "
        "7 × 7; 8 × 8 went in, which output_padding 1 would bring back.",
        "The same pixel stamps rows 2, 3 and 4 and columns 2, 3 and 4. Every pixel that comes "
        "back is stamped.",
    ]
    padded = sizes(size=3, padding=1, output_padding=0).view.text
    assert "columns −1, 0 and 1 of the input; 5 of its 9 places are padding." in padded
    pooled = sizes(size=7, kernel_size=2, stride=2, output_padding=1).view.text
    assert "loses 1 row at the bottom and 1 column at the right" in pooled
    assert "No stamp reaches row 6 and column 6 of what comes back." in pooled
    gaps = sizes(size=9, stride=2, dilation=2).view.text
    assert "No tap falls on rows and columns 1, 3, 5 and 7: they lie between the taps." in gaps


@pytest.mark.parametrize("wrong", [{"size": 11}, {"stride": 0}, {"step": 16}, {"kernel_size": 6}])
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"goes from"):
        sizes(**wrong)

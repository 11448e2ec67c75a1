"""Check that the figures are correct, and readable without seeing colours."""

import ast
import html.parser
import io
import itertools
import json
import re
import tomllib
from functools import partial
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.text import Text
from PIL import Image

from tools.figures import __main__ as make_figures
from tools.figures import animations, blocks, concepts, fields, worked_examples
from unet_tutorial.blocks import Down, OutConv, Up
from unet_tutorial.shapes import Stage, unet_sizes
from unet_tutorial.teaching.chapters import cell_source
from unet_tutorial.teaching.drawing import (
    PALETTE,
    bars,
    colour_labels,
    curves,
    described,
    error_map,
    grid,
    grids,
    overlay,
    panels,
    u_diagram,
)
from unet_tutorial.teaching.drawing.alt_text import (
    ALT_TEXTS,
    SHORTEST_ALT,
    encode_png,
    read_descriptions,
)
from unet_tutorial.teaching.drawing.boxes import ARROWS
from unet_tutorial.teaching.drawing.charts import (
    _BAR_FILLS,
    _LABEL_GAP,
    LINE_STYLES,
    _separate_labels,
)
from unet_tutorial.teaching.drawing.grids import _HIGHLIGHTS, format_number
from unet_tutorial.teaching.drawing.images import _FALSE_EDGE, _MISSED
from unet_tutorial.teaching.drawing.style import mix_colours, with_style

ROOT = Path(__file__).resolve().parents[3]
DRAWING = ROOT / "unet_tutorial" / "teaching" / "drawing"
ALT = "Two squares side by side; the right one is darker than the left one."
IMAGE = np.linspace(0, 1, 48).reshape(6, 8)
MASK = IMAGE > 0.5
TELLING = ("ink", "blue", "vermillion", "green", "purple", "orange")

US = {
    "u": (480, 480),
    "u wide": (64, 96, 3, 5, 8),
    "u narrow": (16, 16, 1, 1, 1),
    "u large": (1024, 2048, 3, 12),
}
# One sample of every kind of picture; the rules below apply to all of them.
SAMPLES = {
    **{name: lambda sizes=sizes: u_diagram(unet_sizes(*sizes)) for name, sizes in US.items()},
    "u lit": lambda: u_diagram(unet_sizes(480, 480), lit=["down2", "skip_connection"]),
    "panels": lambda: panels([IMAGE, MASK, overlay(IMAGE, MASK)], ["one", "two", "three"]),
    "panels with strips": lambda: panels(
        [IMAGE, MASK], ["one", "two"], strips={"trained on": (0, 3), "never seen": (5, 8)}
    ),
    "errors": lambda: error_map(MASK, MASK[::-1]),
    "errors tall": lambda: error_map(MASK.T, MASK.T[:, ::-1]),
    "curves": lambda: curves(
        {"loss": {"train": [3, 2, 1], "validation": [3, 2, 1.1]}, "Dice": {"U-Net": [0.1, 0.5, 1]}},
        xlabel="epoch",
        references={"Otsu": 0.82, "smoothed threshold": 0.88},
    ),
    "curves log": lambda: curves(
        {"difference": {"tiled": [1, 0.1, 1e-6]}}, x=[0, 32, 96], xlabel="margin", log_y=True
    ),
    "bars": lambda: bars(
        {"parameters": [0.6, 2.6, 10], "memory": [51, 27, 13], "work": [21, 24, 24]},
        ["level 0", "level 1", "level 2"],
        ylabel="percent",
    ),
    "bars lying": lambda: bars(
        {"Dice": [0.29, 0.82]},
        ["all foreground", "Otsu's method with the threshold of the training strip"],
        ylabel="Dice",
        horizontal=True,
    ),
    "grids": lambda: grids(
        [np.eye(5) - 2, "*", np.ones((3, 3)), "=", [[-1234, 0.125]]],
        highlights=[np.eye(5), None, None, None, [[2, 3]]],
        titles=["input", "", "kernel", "", "a title wider than its grid"],
    ),
    "channels_summed": worked_examples.draw_summed_channels,
    "outline_in_numbers": lambda: worked_examples.draw_outline_in_numbers(
        np.arange(400).reshape(20, 20) % 256, 3, 5
    ),
    "max_pool": worked_examples.draw_max_pool,
    "field_in_one_dimension": fields.draw_field_in_one_dimension,
    "transposed_stamping": worked_examples.draw_transposed_stamping,
    "same_or_valid": worked_examples.draw_same_or_valid,
    "classify_or_segment": lambda: concepts.draw_classify_or_segment(IMAGE, MASK),
    "double_conv": blocks.draw_double_conv,
    "down": blocks.draw_down,
    "up": blocks.draw_up,
    "out_conv": blocks.draw_out_conv,
    "animation_convolution": animations.animate_convolution().frames[0],
    "animation_stamping": animations.animate_stamping().frames[0],
    "animation_stamping last": animations.animate_stamping().frames[4],
    "animation_zero_stuffed": animations.animate_zero_stuffing().frames[0],
    "concatenation": concepts.draw_concatenation,
    "one_by_one": concepts.draw_one_by_one,
    "tiling": lambda: concepts.draw_tiling(np.eye(60), np.eye(60, dtype=bool)),
}


GROUNDS = {}  # name: the picture (H, W, 3) without its texts, filled by `figures`


@pytest.fixture(scope="module")
def figures():
    """Each sample, drawn once: its figure and its texts, with their bounding boxes."""
    drawn = {}
    for name, draw in SAMPLES.items():
        figure, written = draw(), []
        canvas = FigureCanvasAgg(figure)
        with mock.patch.object(Text, "draw", lambda text, _, seen=written: seen.append(text)):
            canvas.draw()
        GROUNDS[name] = np.array(canvas.buffer_rgba())[..., :3] / 255
        boxes = {t: t.get_window_extent(canvas.get_renderer()) for t in written if t.get_text()}
        drawn[name] = figure, boxes
    return drawn


def collect_texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


# Colour. Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB.
EYES = {
    "usual": np.eye(3),
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def to_linear_rgb(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def to_lab(rgb):
    """Convert a linear RGB colour to CIE L*a*b*, under D65."""
    xyz = TO_XYZ @ rgb / (TO_XYZ @ np.ones(3))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def luminance(colour):
    return float(TO_XYZ[1] @ to_linear_rgb(colour))


def contrast(one, other):
    """WCAG's contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_colour_measures_give_known_values():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert to_lab(to_linear_rgb("#FFFFFF")) == pytest.approx([100, 0, 0], abs=0.01)
    assert to_lab(to_linear_rgb("#FF0000")) == pytest.approx([53.2, 80.1, 67.2], abs=0.1)
    red, green = (np.array(EYES["deuteranopia"]) @ to_linear_rgb(c) for c in ("#B40000", "#556B00"))
    usual = np.linalg.norm(to_lab(to_linear_rgb("#B40000")) - to_lab(to_linear_rgb("#556B00")))
    assert np.linalg.norm(to_lab(red.clip(0, 1)) - to_lab(green.clip(0, 1))) < usual / 2


@pytest.mark.parametrize("eyes", EYES)
def test_the_colours_can_be_told_apart(eyes):
    seen = {
        name: to_lab((EYES[eyes] @ to_linear_rgb(PALETTE[name])).clip(0, 1)) for name in TELLING
    }
    for one, other in itertools.combinations(TELLING, 2):
        distance = np.linalg.norm(seen[one] - seen[other])
        assert distance > 15, f"{one} and {other}: {distance:.1f}"


def test_text_and_lines_contrast_with_the_background():
    behind = [PALETTE["paper"], PALETTE["band"], "#FFFFFF"]
    lit = [
        mix_colours(PALETTE[colour], "#FFFFFF", white) for colour, white, _ in _HIGHLIGHTS.values()
    ]
    assert min(contrast(PALETTE["ink"], ground) for ground in behind + lit) >= 4.5
    assert min(contrast(PALETTE["muted"], ground) for ground in behind) >= 4.5
    drawn = {colour for colour, _, _ in LINE_STYLES} | {"vermillion", "green", "purple", "blue"}
    assert min(contrast(PALETTE[colour], PALETTE["paper"]) for colour in drawn) >= 3


def test_no_meaning_depends_on_colour_alone():
    assert (
        len({dashes for _, dashes, _ in LINE_STYLES})
        == len({m for *_, m in LINE_STYLES})
        == len(LINE_STYLES)
    )
    assert len({hatch for _, hatch in _BAR_FILLS}) == len(_BAR_FILLS)
    assert len({hatch for *_, hatch in _HIGHLIGHTS.values()}) == len(_HIGHLIGHTS)
    assert len({(line, width) for _, _, line, width in ARROWS.values()}) >= 4  # and up or down
    found, false, missed = (luminance(c) for c in (PALETTE["faint"], PALETTE["orange"], _MISSED))
    assert found > 1.5 * false > 1.5 * 4 * missed
    assert luminance(_FALSE_EDGE) < false / 2


def simulate_vision(eyes, picture):
    """Simulate how a type of vision sees a picture, in L*a*b*; "grey" sees only lightness."""
    as_linear = np.where(picture <= 0.04045, picture / 12.92, ((picture + 0.055) / 1.055) ** 2.4)
    if eyes == "grey":
        as_linear = np.repeat(as_linear @ TO_XYZ[1:2].T, 3, axis=-1)
    pixels = (as_linear @ np.array(EYES.get(eyes, EYES["usual"])).T).clip(0, 1).reshape(-1, 3)
    colours, places = np.unique(pixels.round(3), axis=0, return_inverse=True)
    return np.array([to_lab(colour) for colour in colours])[places.ravel()].reshape(picture.shape)


LOOKS = {
    "cells": lambda: grid(np.full((1, 6), np.nan), highlight=np.arange(6)[None]),
    "bars": lambda: bars({str(n): [1] for n in range(5)}, [""], ylabel="y"),
}


def crop_swatches(figure):
    """Crop each cell or bar of a picture, without its edge, to arrays of one size."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = np.array(canvas.buffer_rgba())[..., :3] / 255
    axes = figure.axes[0]
    boxes = [patch.get_window_extent() for patch in axes.patches if patch.get_fill()]
    size = int(min(min(box.width, box.height) for box in boxes)) - 8
    corners = [(round(len(page) - box.y1) + 4, round(box.x0) + 4) for box in boxes]
    return [page[y : y + size, x : x + size] for y, x in corners]


@pytest.mark.parametrize("eyes", [*EYES, "grey"])
@pytest.mark.parametrize("kind", LOOKS)
def test_styles_look_different_in_grey_too(kind, eyes):
    """Cells or bars in different styles look different, thanks to their hatches."""
    cells = [simulate_vision(eyes, swatch) for swatch in crop_swatches(LOOKS[kind]())]
    assert len(cells) == {"cells": 6, "bars": 5}[kind]
    for (i, one), (j, other) in itertools.combinations(enumerate(cells), 2):
        distance = np.linalg.norm(one - other, axis=-1).mean()
        assert distance > 3, f"{kind} {i} and {j}, {eyes}: {distance:.1f}"


# All pictures.


@pytest.mark.parametrize("name", SAMPLES)
def test_every_text_is_inside_and_none_overlaps_another(figures, name):
    figure, boxes = figures[name]
    assert boxes
    for text, box in boxes.items():
        assert min(box.x0, box.y0) >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text
    for (text, box), (other, second) in itertools.combinations(boxes.items(), 2):
        across = min(box.x1, second.x1) - max(box.x0, second.x0)
        along = min(box.y1, second.y1) - max(box.y0, second.y0)
        assert across <= 1 or along <= 2, f"{text!r} overlaps {other!r}"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_text_is_large_and_dark_enough(figures, name):
    for text in figures[name][1]:
        assert text.get_fontsize() >= 9, text
        assert to_hex(text.get_color()).upper() in (PALETTE["ink"], PALETTE["muted"]), text


@pytest.mark.parametrize("name", SAMPLES)
def test_every_text_contrasts_with_the_pixels_behind_it(figures, name):
    """At least 95% of the pixels behind a text contrast with it; a thin line may cross it."""
    ground = GROUNDS[name]
    for text, box in figures[name][1].items():
        rows = slice(int(len(ground) - box.y1), int(len(ground) - box.y0) + 1)
        behind = ground[rows, int(box.x0) : int(box.x1) + 1].reshape(-1, 3)
        ratios = [contrast(text.get_color(), pixel) for pixel in np.unique(behind, axis=0)]
        _, counts = np.unique(behind, axis=0, return_counts=True)
        low = counts[np.array(ratios) < 4.5].sum() / counts.sum()
        assert low < 0.05, f"{text}: {low:.0%} of the pixels behind it are too dark"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_picture_fits_the_page_and_has_an_opaque_background(figures, name):
    figure, _ = figures[name]
    assert figure.get_figwidth() <= 9
    assert to_hex(figure.get_facecolor(), keep_alpha=True).upper() == f"{PALETTE['paper']}FF"


@pytest.mark.parametrize("name", ["curves", "grids"])
def test_a_reader_s_own_settings_change_nothing(name):
    plain = encode_png(SAMPLES[name](), dpi=60)
    with matplotlib.style.context("dark_background"), matplotlib.rc_context({"font.size": 20}):
        assert encode_png(SAMPLES[name](), dpi=60) == plain


@pytest.mark.parametrize("path", sorted(DRAWING.glob("*.py")), ids=lambda path: path.stem)
def test_no_module_uses_pyplot_or_torch(path):
    """A Figure made without pyplot isn't shown twice, and its memory is freed."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.name for alias in node.names} | {getattr(node, "module", "")}
    assert not {name for name in names if name and ("pyplot" in name or name == "torch")}
    assert "show()" not in path.read_text(encoding="utf-8")


# The U.


@pytest.mark.parametrize("name", US)
def test_the_u_shows_every_stage_s_name_and_size(figures, name):
    stages = unet_sizes(*US[name])
    written = collect_texts(figures[name][0])
    for name, channels, height, width in stages:
        assert name in written or f"{name} = bottleneck" in written
        assert f"({channels}, {height}, {width})" in written
    base = stages[1].channels
    assert {f"{base * 2**level} + {base * 2**level}" for level in range(4)} <= set(written)
    assert {f"level {level}" for level in range(5)} <= set(written)
    assert {text for text, *_ in ARROWS.values()} <= set(written)


def collect_fills(figure):
    return [to_hex(patch.get_facecolor()) for patch in figure.findobj(Polygon)]


def collect_bold_texts(figure):
    every = figure.findobj(Text)
    return {text.get_text() for text in every if text.get_weight() == "bold"} - {""}


def test_lit_stages_are_strong_and_the_others_pale():
    stages = unet_sizes(32, 32)
    whole, lit = u_diagram(stages), u_diagram(stages, lit=["down1", "up4"])
    assert collect_bold_texts(lit) == {"down1", "up4"}
    assert collect_bold_texts(whole) == {stage.name for stage in stages} - {"down4"} | {
        "down4 = bottleneck"
    }
    pairs = list(zip(collect_fills(whole), collect_fills(lit), strict=True))
    changed = [luminance(after) > luminance(before) for before, after in pairs if before != after]
    assert all(changed)  # pale is lighter
    # Strong: 2 boxes of down1 and 3 of up4, with 3 faces each; 2 and 3 arrow heads that lead to
    # them; and the legend's 5 heads and 2 boxes.
    strong = sum(before == after for before, after in pairs)
    assert strong == (2 + 3) * 3 + (2 + 3) + 5 + 2 * 3


@pytest.mark.parametrize(
    ("kind", "arrows", "slabs"),
    [
        ("double_conv", 9, 9),
        ("max_pool", 4, 4),
        ("transposed_convolution", 4, 4),
        ("skip_connection", 4, 4),
        ("one_by_one", 1, 1),
    ],
)
def test_an_operation_can_be_lit(kind, arrows, slabs):
    stages = unet_sizes(32, 32)
    whole, lit = u_diagram(stages), u_diagram(stages, lit=[kind])
    same = sum(a == b for a, b in zip(collect_fills(whole), collect_fills(lit), strict=True))
    assert same == arrows + 3 * slabs + 5 + 2 * 3
    made_by_it = {"double_conv": 9, "one_by_one": 1}.get(kind, 0)
    assert len(collect_bold_texts(lit)) == made_by_it


def test_the_u_s_boxes_shrink_with_the_image_and_widen_with_the_channels():
    figure = u_diagram(unet_sizes(64, 64))
    fronts = [p.get_xy() for p in figure.findobj(Polygon) if len(p.get_xy()) == 5][::3]
    by_left = sorted((xy[:, 0].min(), np.ptp(xy[:, 0]), np.ptp(xy[:, 1])) for xy in fronts)
    heights = [round(float(height), 6) for *_, height in by_left]
    assert len(set(heights)) == 5 + 1  # five levels and the legend
    image, *_, logits = [entry for entry in by_left if entry[2] == max(e[2] for e in by_left)]
    assert image[1] == pytest.approx(logits[1])
    assert image[1] < by_left[-2][1]


@pytest.mark.parametrize(
    ("stages", "lit", "message"),
    [
        (
            unet_sizes(32, 32),
            "down1",
            r"a list of names, but is the string 'down1'\. Use \['down1'\]",
        ),
        (unet_sizes(32, 32), ["down9"], r"names \['down9'\]\. Choose from \['input', .*max_pool"),
        (unet_sizes(32, 32)[1:], [], r"stages are \['in_conv'.*unet_sizes\(height, width\)"),
        ([Stage("input", 1, 32, 32)] * 11, [], "a U-Net has"),
    ],
)
def test_the_u_refuses_what_is_no_u(stages, lit, message):
    with pytest.raises(ValueError, match=message):
        u_diagram(stages, lit)


# Images.


def collect_images(figure):
    return [axes.images[0] for axes in figure.axes]


def test_panels_show_the_arrays_themselves():
    tensor = torch.arange(12.0).reshape(3, 4)
    colour = np.zeros((3, 4, 3), np.uint8)
    figure = panels([tensor, tensor > 5, colour], ["a", "b", "c"])
    grey, mask, rgb = collect_images(figure)
    np.testing.assert_array_equal(grey.get_array(), tensor)
    np.testing.assert_array_equal(mask.get_array(), tensor > 5)
    np.testing.assert_array_equal(rgb.get_array(), colour)
    assert mask.get_clim() == (0, 1)
    assert grey.get_clim() == (0, pytest.approx(11 * 0.995))
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c"]
    assert not any(len(axes.get_xticks()) or len(axes.get_yticks()) for axes in figure.axes)


def test_a_mask_of_one_value_keeps_black_and_white():
    empty, full = collect_images(
        panels([np.zeros((2, 2), bool), np.ones((2, 2), bool)], ["0", "1"])
    )
    assert empty.get_clim() == full.get_clim() == (0, 1)


def test_a_few_bright_pixels_are_not_lost():
    image = np.zeros((100, 100))
    image[0, 0] = 7.0  # far above the 99.5th percentile, which is 0
    assert collect_images(panels([image], ["a"]))[0].get_clim() == (0, 7)


def test_panels_take_limits_and_columns():
    figure = panels([IMAGE, 2 * IMAGE, MASK], ["a", "b", "c"], columns=2, limits=(0, 5))
    assert [image.get_clim() for image in collect_images(figure)] == [(0, 5)] * 3
    rows = {axes.get_subplotspec().rowspan.start for axes in figure.axes}
    assert (rows, len(figure.axes)) == ({0, 1}, 3)
    assert figure.get_figheight() > panels([IMAGE], ["a"], columns=2).get_figheight()


def test_panels_mark_strips_by_lines_inside_the_image_and_names_below():
    strips = {"left": (0, 2), "right": (5, 8)}
    (axes,) = panels([IMAGE], ["a"], strips=strips).axes  # 8 columns: their centres are 0 to 7
    assert sorted({line.get_xdata()[0] for line in axes.lines}) == [1.5, 4.5]
    assert list(axes.get_xticks()) == [0.5, 6.0]
    assert [text.get_text() for text in axes.get_xticklabels()] == list(strips)


@pytest.mark.parametrize(
    ("images", "titles", "message"),
    [
        ([], [], "at least one image, .* there are 0 images and 0 titles"),
        ([IMAGE], ["a", "b"], "1 images and 2 titles"),
        ([IMAGE[0]], ["a row"], r"'a row' must be \(H, W\).*it is float64 \(8,\)"),
        ([np.zeros((1, 6, 8))], ["a"], r"it is float64 \(1, 6, 8\)"),
        ([np.zeros((6, 8, 3))], ["a"], r"uint8 \(H, W, 3\).*it is float64 \(6, 8, 3\)"),
        ([np.zeros((0, 8))], ["a"], "not empty"),
    ],
)
def test_panels_refuse_what_is_no_image(images, titles, message):
    with pytest.raises(ValueError, match=message):
        panels(images, titles)


def test_overlay_by_hand():
    image = np.full((5, 5), 0.0)
    image[0, 0] = 1.0  # white; the rest black
    mask = np.zeros((5, 5), int)
    mask[1:4, 1:4] = 1
    drawn = overlay(image, torch.tensor(mask))
    assert (drawn.shape, drawn.dtype) == ((5, 5, 3), np.uint8)
    orange = np.round(255 * np.array(to_rgb(PALETTE["orange"])))
    np.testing.assert_array_equal(drawn[0, 0], [255, 255, 255])
    np.testing.assert_array_equal(drawn[4, 4], [0, 0, 0])
    np.testing.assert_array_equal(drawn[2, 4], [0, 0, 0])  # next to the mask: not outlined
    np.testing.assert_array_equal(drawn[1, 1], orange)  # outline
    np.testing.assert_allclose(drawn[2, 2], 0.3 * orange, atol=1)  # tinted, within the outline


def test_overlay_without_foreground_is_the_grey_image():
    drawn = overlay(IMAGE, np.zeros(IMAGE.shape, bool))
    assert (drawn[..., 0] == drawn[..., 1]).all()
    assert (np.diff(drawn[..., 0].ravel().astype(int)) >= 0).all()
    assert overlay(np.ones((2, 2)), np.zeros((2, 2))).max() == 0  # a flat image is black


@pytest.mark.parametrize("draw", [overlay, error_map])
def test_two_arrays_must_agree(draw):
    with pytest.raises(ValueError, match=r"same shape \(H, W\).*\(6, 8\) and \(8, 6\)"):
        draw(IMAGE > 0, MASK.T)
    with pytest.raises(ValueError, match=r"only 0 and 1, .* from 0 to 0\.9\. .*probability > 0\.5"):
        draw(IMAGE > 0, 0.9 * IMAGE)


def test_touching_objects_are_separated_by_an_outline():
    labels = np.zeros((7, 9), int)
    labels[1:6, 1:5], labels[1:6, 5:8] = 1, 6  # 1 and 6 have the same colour of five
    drawn = colour_labels(labels)
    ink, paper = (np.round(255 * np.array(to_rgb(PALETTE[n]))) for n in ("ink", "paper"))
    np.testing.assert_array_equal(drawn[3, 4], ink)
    np.testing.assert_array_equal(drawn[3, 5], ink)
    np.testing.assert_array_equal(drawn[0, 0], paper)
    np.testing.assert_array_equal(drawn[3, 2], drawn[3, 6])
    assert luminance(to_hex(drawn[3, 2] / 255)) > 0.1
    labels[labels == 6] = 2
    assert (colour_labels(labels)[3, 2] != colour_labels(labels)[3, 6]).any()
    with pytest.raises(ValueError, match=r"integers \(H, W\), but are float64 \(6, 8\)"):
        colour_labels(IMAGE)


def test_the_error_map_counts_and_paints_each_kind():
    figure = error_map([[1, 1, 0, 0], [1, 1, 0, 0]], [[1, 0, 1, 0], [1, 0, 0, 0]])
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["found: 2 pixels", "false: 2 pixels", "missed: 1 pixels"]
    painted = figure.axes[0].images[0].get_array()
    assert [to_hex(pixel).upper() for pixel in painted[0]] == [
        PALETTE["faint"], PALETTE["orange"], _MISSED.upper(), PALETTE["paper"]
    ]  # fmt: skip
    assert figure.axes[0].collections[0].hatches == ["//////"]
    assert not error_map(MASK, MASK).axes[0].collections  # nothing to hatch


# Curves and bars.


def test_curves_draw_each_line_once_in_its_own_style():
    series = {"loss": {str(n): [n, n + 1, n + 2] for n in range(5)}, "Dice": {"a": [0.5, 0.7, 0.9]}}
    figure = curves(series, xlabel="epoch", references={"Otsu": 0.82})
    loss, score = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "Dice"]
    assert {axes.get_xlabel() for axes in figure.axes} == {"epoch"}
    for number, line in enumerate(loss.lines):
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(line.get_ydata(), [number, number + 1, number + 2])
    assert len({line.get_marker() for line in loss.lines}) == 5
    assert len({line.get_color() for line in loss.lines}) == 5
    assert [list(line.get_ydata()) for line in score.lines] == [[0.5, 0.7, 0.9], [0.82, 0.82]]
    assert {"0", "1", "2", "3", "4", "a", "Otsu"} <= set(collect_texts(figure))


def test_labels_are_in_the_order_of_the_line_ends():
    figure = curves({"y": {"low": [9, 0], "high": [0, 9], "middle": [5, 5]}}, xlabel="x")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    heights = {
        text.get_text(): text.get_window_extent(canvas.get_renderer()).y0
        for text in figure.findobj(Text)
    }
    assert heights["low"] < heights["middle"] < heights["high"]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_labels_are_moved_apart_and_no_further(heights):
    heights = sorted(heights)
    moved = _separate_labels(heights, _LABEL_GAP)
    assert all(b - a >= _LABEL_GAP - 1e-9 for a, b in itertools.pairwise(moved))
    assert moved[0] >= -1e-9
    assert moved[-1] <= 1 + 1e-9
    if all(b - a >= _LABEL_GAP for a, b in itertools.pairwise(heights)):
        assert moved == pytest.approx(heights)


def test_separate_labels_by_hand():
    assert _separate_labels([0.5, 0.5], 0.1) == pytest.approx([0.45, 0.55])
    assert _separate_labels([0.0, 0.0, 0.9], 0.1) == pytest.approx([0.0, 0.1, 0.9])
    assert _separate_labels([1.0, 1.0], 0.1) == pytest.approx([0.9, 1.0])


def test_a_logarithmic_axis_leaves_zero_out_and_refuses_less():
    figure = curves({"d": {"a": [1, 0.1, 0]}}, x=[0, 48, 96], xlabel="margin", log_y=True)
    (axes,) = figure.axes
    assert axes.get_yscale() == "log"
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), [1, 0.1, np.nan])
    assert list(axes.get_xticks()) == [0, 48, 96]
    with pytest.raises(ValueError, match="'a' has a minimum of -2, and a logarithmic axis can't"):
        curves({"d": {"a": [1, -2]}}, xlabel="x", log_y=True)


@pytest.mark.parametrize(
    ("series", "x", "message"),
    [
        ({}, None, r"at least one panel, with 1 to 5 lines each; .* \[\]"),
        ({"y": {}}, None, r"numbers of lines are \[0\]"),
        ({"y": {str(n): [1] for n in range(6)}}, None, r"numbers of lines are \[6\]"),
        ({"y": {"a": []}}, None, "'a' has 0 values; give it at least one"),
        ({"y": {"a": [1, 2]}}, [1, 2, 3], "'a' has 2 values; give it 3 values, one per x"),
    ],
)
def test_curves_refuse(series, x, message):
    with pytest.raises(ValueError, match=message):
        curves(series, x=x, xlabel="x")


@pytest.mark.parametrize("horizontal", [False, True])
def test_bars_are_as_long_as_their_values_and_show_them(horizontal):
    series = {"a": [1.5, 20], "b": [3, 0.25]}
    figure = bars(series, ["one", "two"], ylabel="pixels", number="{:.2f}", horizontal=horizontal)
    (axes,) = figure.axes
    lengths = [p.get_width() if horizontal else p.get_height() for p in axes.patches]
    assert lengths == [1.5, 20, 3, 0.25]
    assert {"1.50", "20.00", "3.00", "0.25", "one", "two", "pixels", "a", "b"} <= set(
        collect_texts(figure)
    )
    assert [patch.get_hatch() for patch in axes.patches] == ["", "", "///", "///"]
    places = [p.get_y() + p.get_height() / 2 if horizontal else p.get_x() + p.get_width() / 2
              for p in axes.patches]  # fmt: skip
    assert places == pytest.approx([-0.2, 0.8, 0.2, 1.2])


def test_one_kind_of_bars_needs_no_legend():
    assert not bars({"Dice": [0.5]}, ["a"], ylabel="Dice").legends
    assert bars({"a": [0.5], "b": [0.5]}, ["a"], ylabel="Dice").legends


@pytest.mark.parametrize("horizontal", [False, True])
def test_a_highlighted_category_is_bold_among_pale_bars(horizontal):
    series, options = {"a": [1, 2], "b": [3, 4]}, {"ylabel": "y", "horizontal": horizontal}
    plain = bars(series, ["one", "two"], **options)
    figure = bars(series, ["one", "two"], highlight="two", **options)
    bold = [text.get_text() for text in figure.findobj(Text) if text.get_weight() == "bold"]
    assert sorted(filter(None, bold)) == ["2", "4", "two"]
    before, after = (
        [patch.get_facecolor() for patch in figure.axes[0].patches] for figure in (plain, figure)
    )
    changed = [old != new for old, new in zip(before, after, strict=True)]
    assert changed == [True, False, True, False]
    with pytest.raises(ValueError, match=r"highlight is 'x'; give one of \['one', 'two'\]"):
        bars(series, ["one", "two"], highlight="x", **options)


@pytest.mark.parametrize(
    ("series", "categories", "message"),
    [
        ({"a": [1, 2]}, ["one"], r"there are 1 categories, and \{'a': 2\} values"),
        ({"a": []}, [], r"at least one category.*there are 0 categories, and \{'a': 0\} values"),
        ({}, ["one"], "1 to 5 series; there are 0"),
        ({str(n): [1] for n in range(6)}, ["one"], "1 to 5 series; there are 6"),
    ],
)
def test_bars_refuse(series, categories, message):
    with pytest.raises(ValueError, match=message):
        bars(series, categories, ylabel="y")


# Grids.


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-3, "−3"), (444, "444"), (12345, "12345"), (0.5, "0.5"), (1 / 3, "0.333"),
     (-0.25, "−0.25"), (-0.0, "0"), (2.0, "2"), (float("nan"), ""), (True, "1")],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert format_number(value) == text


def test_grids_show_every_number_and_operator_in_its_place():
    left, right = np.array([[1, 2], [3, 4]]), torch.tensor([[5.5]])
    figure = grids([left, "*", right], titles=["one", "", "two"])
    assert collect_texts(figure) == ["1", "2", "3", "4", "one", "*", "5.5", "two"]
    at = {t.get_text(): t.get_position() for t in figure.findobj(Text) if t.get_text()}
    assert at["1"][0] == at["3"][0] < at["2"][0] == at["4"][0] < at["*"][0] < at["5.5"][0]
    assert at["1"][1] == at["2"][1] > at["3"][1]
    middle = (at["1"][1] + at["3"][1]) / 2
    assert at["5.5"][1] == pytest.approx(middle) == at["*"][1]


def test_highlights_differ_from_plain_cells_in_fill_hatch_and_weight():
    figure = grid([[1, 2, 3, 4, 5, 6]], highlight=[[0, 1, 2, 3, 4, 5]], title="marks")
    cells = [patch for patch in figure.axes[0].patches if patch.get_fill()]
    hatches = ["", *(hatch for *_, hatch in _HIGHLIGHTS.values())]
    assert [cell.get_x() for cell in cells] == sorted(cell.get_x() for cell in cells)
    assert [cell.get_hatch() or "" for cell in cells] == hatches
    assert len({to_hex(cell.get_facecolor()) for cell in cells}) == 6
    assert collect_bold_texts(figure) == {"2", "3", "4", "5", "6", "marks"}
    plain = grid([[1, 2]], highlight=torch.tensor([[False, True]]))
    assert collect_bold_texts(plain) == {"2"}


def test_a_grid_is_no_wider_than_it_needs():
    assert grid([[1]]).get_figwidth() < 1
    assert grids([np.ones((2, 28))]).get_figwidth() == pytest.approx(9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"items": []}, "at least one item"),
        ({"items": ["*"]}, r"the shapes are \[\]"),
        ({"items": [np.ones(3)]}, r"\[\(3,\)\]"),
        ({"items": [np.ones((2, 0))]}, "not empty"),
        ({"items": [np.ones((2, 2))], "titles": []}, "1 items, 1 highlights and 0 titles"),
        ({"items": [np.ones((2, 40))]}, r"40 columns .* array\[:8, :8\]"),
        (
            {"items": [np.eye(2)], "highlights": [np.eye(3)]},
            r"its array, \(2, 2\), but is \(3, 3\)",
        ),
        (
            {"items": [np.eye(2)], "highlights": [9 * np.eye(2)]},
            r"may contain 0 to 5, .* has \[0 9\]",
        ),
    ],
)
def test_grids_refuse(arguments, message):
    with pytest.raises(ValueError, match=message):
        grids(**arguments)


# Worked examples: the numbers in them.


def integer_arrays(rows, columns):
    row = st.lists(st.integers(-9, 9), min_size=columns, max_size=columns)
    return st.lists(row, min_size=rows, max_size=rows).map(np.array)


@settings(deadline=None)
@given(st.data())
def test_convolve_valid_equals_torch(data):
    sides = [data.draw(st.integers(*ends)) for ends in ((3, 7), (3, 7), (1, 3), (1, 3))]
    image, kernel = (data.draw(integer_arrays(*pair)) for pair in (sides[:2], sides[2:]))
    both = [torch.tensor(array)[None, None].double() for array in (image, kernel)]
    expected = torch.nn.functional.conv2d(*both)
    np.testing.assert_array_equal(worked_examples.convolve_valid(image, kernel), expected[0, 0])


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (1, 4)])
@pytest.mark.parametrize("image", [[[1, 2], [3, 4]], [[7, 0, 5]]])
def test_conv_transpose_equals_torch(image, shape, stride):
    image, kernel = np.array(image), np.arange(1, 1 + np.prod(shape)).reshape(shape)
    total, owner = worked_examples.conv_transpose(image, kernel, stride)

    def torch_s(*arrays):
        both = [torch.tensor(array)[None, None].double() for array in arrays]
        return torch.nn.functional.conv_transpose2d(*both, stride=stride)[0, 0].numpy()

    np.testing.assert_array_equal(total, torch_s(image, kernel))
    numbers, ones = np.arange(1, 1 + image.size).reshape(image.shape), np.ones(shape)
    reached = torch_s(np.ones(image.shape), ones)
    np.testing.assert_array_equal(owner == worked_examples.OVERLAP, reached > 1)
    np.testing.assert_array_equal(owner[reached < 2], torch_s(numbers, ones)[reached < 2])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("max_pool", {"4", "7", "8", "6"}),
        ("transposed_stamping", {"10", "output, 4 × 4", "output, 5 × 5"}),
        (
            "same_or_valid",
            {"the whole U-Net: 572 becomes 388", "the whole U-Net: 480 becomes 480"},
        ),
        ("channels_summed", {"the whole weight is (out, in, kH, kW) = (2, 3, 2, 2)"}),
        (
            "double_conv",
            {"5 × 5", "3 × 3", "1 pixel", "(N, 64, 240, 240)", "(N, 128, 240, 240)"},
        ),
        (
            "down",
            {"MaxPool2d(2, 2)", "(N, 64, 480, 480)", "(N, 64, 240, 240)", "(N, 128, 240, 240)"},
        ),
        (
            "up",
            {
                "x (N, 128, 240, 240)",
                "skip (N, 64, 480, 480)",
                "(N, 64 + 64, 480, 480)",
                "(N, 64, 480, 480)",
                "torch.cat,\ndim=1",
            },
        ),
        ("out_conv", {"(N, 64, 480, 480)", "Conv2d 1×1", "with bias", "(N, 1, 480, 480)"}),
        ("one_by_one", {"the lit pixel: 2·0 + (−1)·3 + 1·1 + (−2)·4 + 3 = −7"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pictures_contain_the_right_texts(figures, name, said):
    assert said <= set(collect_texts(figures[name][0]))


def record_shapes(shapes, layer, given, made):
    shapes.update(tuple(tensor.shape[1:]) for tensor in (*given, made))


def test_the_pictures_of_blocks_have_the_blocks_shapes(figures):
    """The shapes in the picture are those of the tensors in the block itself."""
    x = torch.zeros(1, 128, 240, 240, device="meta")
    skip = torch.zeros(1, 64, 480, 480, device="meta")
    seen = {}
    for name, block, inputs in (
        ("down", Down(64, 128), [skip]),
        ("up", Up(128, 64), [x, skip]),
        ("out_conv", OutConv(64, 1), [skip]),
    ):
        shapes = seen.setdefault(name, {tuple(each.shape[1:]) for each in inputs})
        for layer in (each for each in block.modules() if not list(each.children())):
            layer.register_forward_hook(partial(record_shapes, shapes))
        block.eval().to("meta")(*inputs)
        texts = " ".join(collect_texts(figures[name][0])).replace("64 + 64", "128")
        said = re.findall(r"\(N, (\d+), (\d+), (\d+)\)", texts)
        assert {tuple(map(int, shape)) for shape in said} == shapes, name


# Descriptions.


class TagParser(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_a_described_figure_is_an_image_and_a_text():
    figure = grid([[1, 2]])
    shown = described(figure, ALT)
    formats, _ = DisplayFormatter().format(shown)
    assert set(formats) == {"text/html", "text/plain", "image/png"}
    assert formats["text/plain"] == ALT
    ((tag, attributes),) = TagParser(formats["text/html"]).found
    assert (tag, attributes["alt"], attributes["width"]) == ("img", ALT, "130")
    assert "max-width: 100%" in attributes["style"]
    with Image.open(io.BytesIO(shown.png)) as image:
        assert image.size == (195, round(figure.get_figheight() * 150))
        assert image.info.keys() <= {"dpi"}


@pytest.mark.parametrize(
    "alt", ['5 < 6 & "quoted" <script>alert(1)</script>', "it's > 30 — ½ ≠ 1, naïve 日本語 text"]
)
def test_the_alt_text_is_escaped(alt):
    tags = TagParser(described(grid([[1]]), alt)._repr_html_()).found
    assert [tag for tag, _ in tags] == ["img"]
    assert tags[0][1]["alt"] == alt


@pytest.mark.parametrize("alt", ["", " " * 40, "a plot", None, 7])
def test_a_picture_needs_its_description(alt):
    with pytest.raises(ValueError, match="at least 30 characters"):
        described(grid([[1]]), alt)


def test_a_key_stands_for_its_description():
    texts = read_descriptions()
    assert described(grid([[1]]), "stamp-steps").alt == texts["stamp-steps"]
    with pytest.raises(KeyError, match=r"no description 'stamp-step'.*stamp-steps"):
        described(grid([[1]]), "stamp-step")


def test_every_description_is_used_once_and_in_its_chapter():
    written, used = {}, {}
    for path in sorted(ALT_TEXTS.glob("*.toml")):
        for key, text in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert key not in written, "keys are unique across the course"
            assert len(text) >= SHORTEST_ALT
            written[key] = path.stem
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join(cell_source(cell) for cell in cells if cell["cell_type"] == "code")
        for call in re.findall(r"described\(.*?\)$", code, re.S | re.M):
            key = re.search(r'"([\w-]+)"\s*,?\s*\)$', call)[1]
            assert key not in used
            used[key] = path.stem[:2]
    assert used == written
    assert len(used) >= 39


def test_only_figures_can_be_described():
    with pytest.raises(TypeError, match=r"but got ndarray\. To draw an array, use panels"):
        described(IMAGE, ALT)


@pytest.mark.parametrize("name", ["panels", "errors"])
def test_the_same_picture_has_the_same_bytes(name):
    assert described(SAMPLES[name](), ALT).png == described(SAMPLES[name](), ALT).png


def test_256_colours_look_like_the_original():
    figure = SAMPLES["curves"]()
    buffer = io.BytesIO()
    with_style(figure.savefig)(buffer, format="png", dpi=100)
    with Image.open(buffer) as full, Image.open(io.BytesIO(encode_png(figure, 100))) as fewer:
        apart = np.asarray(full.convert("RGB"), int) - np.asarray(fewer.convert("RGB"), int)
    assert np.abs(apart).mean() < 0.2
    assert (np.abs(apart).max(axis=2) > 32).mean() < 1e-3


# The command that writes figures/.


def test_every_figure_has_its_command_and_every_command_its_figure():
    moving = {"stamps.webp", "stamps.png"}  # `make explorers` writes these
    made = {path.name for path in make_figures.FIGURES.iterdir()}
    assert made == set(make_figures.PICTURES) | moving


def test_the_command_writes_the_same_bytes_twice(tmp_path, monkeypatch, capsys):
    few = {"u.svg": make_figures._make_u_drawer("down1"), "grid.png": lambda: grid([[1]])}
    few["two.webm"] = lambda: animations.Animation([partial(grid, [[n]]) for n in (1, 2)], 1)
    monkeypatch.setattr(make_figures, "PICTURES", few)
    paths = make_figures.main(tmp_path / "new" / "folder")
    assert capsys.readouterr().out.split() == [str(path) for path in paths]
    assert [path.name for path in paths] == list(few)
    first = [path.read_bytes() for path in paths]
    assert first == [path.read_bytes() for path in make_figures.main(tmp_path / "again")]
    assert {path.name for path in paths[0].parent.iterdir()} == set(few)
    svg = first[0].decode()
    assert "<dc:date>" not in svg
    assert "Matplotlib" not in svg
    assert " \n" not in svg
    assert "<text" not in svg  # letters are outlines: the same on every machine


def test_the_command_leaves_the_old_picture_if_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "u.svg"
    path.write_text("old")
    figure = Figure()
    monkeypatch.setattr(figure, "savefig", mock.Mock(side_effect=OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        make_figures._write_picture(figure, path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["u.svg"]


def test_the_pictures_in_figures_are_small():
    assert max(path.stat().st_size for path in make_figures.FIGURES.glob("*.svg")) < 120_000
    assert max(path.stat().st_size for path in make_figures.FIGURES.glob("*.webm")) < 150_000


SVGS = sorted((ROOT / "figures").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("path", SVGS, ids=lambda path: path.stem)
def test_each_svg_has_an_opaque_background(path):
    """Its first path is an opaque rectangle of the picture's size; its texts are ink or muted."""
    root = ElementTree.parse(path).getroot()
    width, height = root.get("viewBox").split()[2:]
    first = next(root.iter(f"{SVG}path"))
    assert re.findall(r"[\d.]+", first.get("d")) == [
        *("0", height), *(width, height), *(width, "0"), *("0", "0")
    ]  # fmt: skip
    assert first.get("style") == f"fill: {PALETTE['paper'].lower()}"
    texts = [group for group in root.iter(f"{SVG}g") if group.get("id", "").startswith("text_")]
    styles = [letters.get("style") for text in texts for letters in text]
    assert styles
    assert set(styles) <= {f"fill: {PALETTE[name].lower()}" for name in ("ink", "muted")}


def test_the_png_in_figures_is_opaque():
    with Image.open(make_figures.FIGURES / "hero.png") as image:
        assert image.convert("RGBA").getchannel("A").getextrema() == (255, 255)


def test_the_small_image_is_a_mean():
    image = np.zeros((512, 512))
    image[16:20, 16:20] = 1.0  # the first block of the centre crop
    small = make_figures._shrink_image(np.where(np.arange(512) < 256, 1.0, 0.0) * np.ones((512, 1)))
    assert small.shape == (120, 120)
    assert (small[:, :60] == 1).all()
    assert (small[:, 60:] == 0).all()
    mask = make_figures._shrink_image(image > 0)
    assert mask.dtype == bool
    assert np.argwhere(mask).tolist() == [[0, 0]]

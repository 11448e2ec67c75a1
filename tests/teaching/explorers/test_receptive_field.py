"""The explorer of the receptive field: its squares and its words against a network's gradients."""

import base64
import io
import re
from functools import cache

import numpy as np
import pytest
import torch
from node import run_module
from PIL import Image
from torch import nn

from unet_tutorial import UNet
from unet_tutorial.data import load_nuclei
from unet_tutorial.reach import measure_reach
from unet_tutorial.shapes import receptive_field as chain_field
from unet_tutorial.shapes.unet import level_of
from unet_tutorial.teaching.drawing.intensity import convert_to_grey
from unet_tutorial.teaching.explorers import receptive_field
from unet_tutorial.teaching.explorers.frame.widget import read_data
from unet_tutorial.teaching.explorers.receptive_field.explorer import CONTRACTING, STAGES

SIDE = 512
FIELDS = """
import { readBy, uncutLength } from "./receptive_field/fields.js";
answer(given.map(([stage, pixel, side]) =>
  ({ read: readBy(stage, pixel, side), uncut: uncutLength(stage, pixel) })));
"""
SHOW = """
import { explorer } from "./receptive_field/built/explorer.js";

const all = (tree, found = []) => {
  found.push(tree);
  (tree.children ?? []).forEach((child) => all(child, found));
  return found;
};

function look(state, data) {
  const parts = all(explorer.picture(state, data, true)).filter(({ named }) => named);
  const find = (name) => parts.filter(({ named }) => named.class?.split(" ").includes(name));
  return {
    sentence: explorer.sentence(state, data).replace(/<[^>]*>/g, ""),
    at: state.looked ?? state.pinned,
    others: find("others")[1].named.d ?? "",
    read: find("read").length,
    lit: find("read").map(({ named }) => [Number(named.y), Number(named.height)]),
    hits: parts.map(({ named }) => named["data-pixels"]).filter(Boolean),
    label: explorer.picture(state, data, true).named["aria-label"],
  };
}

answer(given.map(({ data, steps = [] }) => {
  let state = explorer.start(data);
  for (const [how, ...what] of steps) state = explorer[how](state, ...what, data);
  return look(state, data);
}));
"""


@cache
def make_averaging_unet():
    """Make a U-Net with positive weights and average pooling: every pixel in a field matters."""
    torch.manual_seed(0)
    network = UNet(1, 1, base_channels=1).double().eval()
    for parameter in network.parameters():
        parameter.data.abs_().add_(0.1)
    for level in range(1, 5):
        getattr(network, f"down{level}").downsampling[0] = nn.AvgPool2d(2)
    return network


@cache
def run_stages(height, width):
    """Run the network; return the input and each stage's output, by name."""
    image = torch.ones(1, 1, height, width, dtype=torch.float64, requires_grad=True)
    found = {"image": image}
    hooks = [
        part.register_forward_hook(lambda part, _, output, name=name: found.update({name: output}))
        for name, part in make_averaging_unet().named_children()
    ]
    make_averaging_unet()(image)
    for hook in hooks:
        hook.remove()
    return found


def find_columns(stage, pixel, side, of):
    """Find the columns of an earlier stage, or of the image, that a value depends on."""
    found = run_stages(16, side)
    value = found[stage][0, 0, 3 >> level_of(stage), pixel >> level_of(stage)]
    (gradient,) = torch.autograd.grad(value, found[of], retain_graph=True)
    return gradient[0, 0].any(dim=0).nonzero().ravel().tolist()


def compute_fields(cases):
    return zip(cases, run_module(FIELDS, cases), strict=True)


def test_a_value_sees_what_its_gradient_says():
    """All 16 places of a block, in the middle and at both edges; all pixels of small images."""
    cases = [
        (stage, start + pixel, SIDE)
        for stage in STAGES
        for start in (256, 0, SIDE - 16)
        for pixel in range(16)
    ]
    cases += [
        (stage, pixel, side)
        for side in (16, 32, 48, 112, 208)
        for stage in ("down4", "up1", "out_conv")
        for pixel in range(side)
    ]
    for (stage, pixel, side), field in compute_fields(cases):
        first, last = field["read"]["image"]
        assert find_columns(stage, pixel, side, "image") == list(range(first, last + 1))


def test_each_stage_on_the_way_supplies_what_its_gradient_says():
    cases = [("out_conv", pixel, SIDE) for pixel in (0, 5, 256, 258, 265, 271)]
    cases += [("up2", 256, SIDE), ("down3", 300, SIDE), ("in_conv", 7, SIDE)]
    for (stage, pixel, side), field in compute_fields(cases):
        for name, (first, last) in field["read"].items():
            if name != stage:
                assert find_columns(stage, pixel, side, name) == list(range(first, last + 1)), name


def test_uncut_is_the_side_far_from_the_edges():
    cases = [(stage, pixel, side) for stage in STAGES for side in (16, 512) for pixel in range(16)]
    far = {(case[0], case[1]): field for case, field in compute_fields(cases)}
    middle = [(stage, 256 + pixel, SIDE) for stage in STAGES for pixel in range(16)]
    for (stage, pixel, _), field in compute_fields(middle):
        first, last = field["read"]["image"]
        assert far[stage, pixel - 256]["uncut"] == last - first + 1


def test_the_fields_are_those_of_shapes_and_reach():
    middle = {
        case: field["read"]["image"]
        for case, field in compute_fields([(s, 256 + p, SIDE) for s in STAGES for p in range(16)])
    }
    chain = [(3, 1), (3, 1)]
    for stage in CONTRACTING:
        first, last = middle[stage, 256, SIDE]
        assert last - first + 1 == chain_field(chain)
        chain += [(2, 2), (3, 1), (3, 1)]
    block, beyond = measure_reach(UNet(base_channels=1), 1)
    logits = [middle["out_conv", 256 + place, SIDE] for place in range(block)]
    assert min(first for first, _ in logits) == 256 - beyond
    assert max(last for _, last in logits) == 256 + block - 1 + beyond
    assert [last - first + 1 for first, last in logits] == [188, 188, *[204] * 12, 188, 188]


def show(*steps, **settings):
    """Show the shipped explorer after some steps."""
    data = read_data("receptive_field") | settings
    return run_module(SHOW, [{"data": data, "steps": list(steps)}])[0]


def test_sixteen_steps_down_explain_188_and_204():
    states = [[["move", "image", "ArrowDown"]] * count for count in range(17)]
    data = read_data("receptive_field")
    shown = run_module(SHOW, [{"data": data, "steps": steps} for steps in states])
    for row, each in enumerate(shown, 128):
        rows = 204 if row % 16 in range(2, 14) else 188
        assert f"depends on {rows} × 188 pixels" in each["sentence"]
        where = "farther inside" if rows == 204 else "next to a border"
        assert f"Row {row} is {where}" in each["sentence"]
        (sum_,) = re.findall(r"(\d+) \+ (\d+)·16 = (\d+)\.", each["sentence"])
        assert int(sum_[0]) + 16 * int(sum_[1]) == int(sum_[2]) == rows
        assert int(sum_[0]) == 140


def test_a_field_that_the_edge_cuts_says_what_it_would_be():
    corner = ["pin", "image:0,0"]
    for stage, cut, uncut in (("down4", 78, 140), ("in_conv", 3, 5), ("out_conv", 94, 188)):
        said = show(["set", "stage", stage], corner)["sentence"]
        assert f"depends on {cut} × {cut} pixels: rows 0 to {cut - 1}, columns 0" in said
        assert f"It would be {uncut} × {uncut}, but the image ends" in said


@pytest.mark.parametrize(
    ("stage", "words"),
    [("in_conv", "1 + 2·2 = 5."), ("down1", "2·5 + 4 = 14."), ("down4", "2·68 + 4 = 140.")],
)
def test_on_the_way_down_a_field_doubles_and_gains_four(stage, words):
    assert words in show(["set", "stage", stage])["sentence"]


def test_moving_a_pixel_moves_the_field_in_jumps():
    """The question of chapter 04: how far, and after how many steps?"""
    right = [["set", "stage", "down2"], *[["move", "image", "ArrowRight"]] * 8]
    data = read_data("receptive_field")
    shown = run_module(SHOW, [{"data": data, "steps": right[: 1 + count]} for count in range(9)])
    firsts = [int(re.search(r"columns (\d+)", each["sentence"])[1]) for each in shown]
    assert firsts == [114] * 4 + [118] * 4 + [122]


def test_pointing_at_a_stage_shows_its_square_alone_and_leaving_brings_all_back():
    assert show()["others"].count("M") > 5
    looked = show(["point", "down3:5,0"])
    assert looked["others"] == ""
    assert (looked["at"]["stage"], looked["at"]["row"] // 8) == ("down3", 5)
    assert show(["point", "down3:5,0"], ["point", None]) == show()
    kept = show(["pin", "down3:5,0"])
    assert kept["sentence"] == looked["sentence"]
    assert kept["others"].count("M") > 5


def test_keys_climb_the_ladder():
    left = show(*[["move", "ladder", "ArrowLeft"]] * 5)
    assert left["at"]["stage"] == "down4"
    down = show(*[["move", "ladder", "ArrowLeft"]] * 5, ["move", "ladder", "ArrowDown"])
    assert down["at"]["row"] == left["at"]["row"] + 16
    assert show(*[["move", "ladder", "ArrowLeft"]] * 50)["at"]["stage"] == "in_conv"
    assert show(*[["move", "ladder", "ArrowUp"]] * 300)["at"]["row"] == 0


def test_the_ladder_s_amber_is_as_high_as_what_is_read():
    shown = show()
    scale = 1024 / 3 / 256
    (_, height), *_ = shown["lit"]
    assert height == pytest.approx(188 * scale, abs=0.02)
    assert len(shown["lit"]) == 11
    assert len(show(["set", "stage", "down2"])["lit"]) == 4


def test_a_learner_s_own_image_travels_as_greys():
    image = load_nuclei()[0][:96, :176]
    widget = receptive_field(image, stage="down2")
    assert (widget.data["rows"], widget.data["columns"], widget.data["stage"]) == (96, 176, "down2")
    png = base64.b64decode(widget.data["image"]["href"].partition(",")[2])
    with Image.open(io.BytesIO(png)) as picture:
        greys = np.asarray(picture.convert("L")).astype(int)
    assert np.abs(greys - convert_to_grey(image)).max() <= 9  # half a step of 16 greys
    assert widget.still is None
    shown = run_module(SHOW, [{"data": widget.data, "steps": [["pin", "image:95,175"]]}])[0]
    assert (shown["at"]["row"], shown["at"]["column"]) == (95, 175)


def test_a_large_image_is_shrunk_on_its_way():
    widget = receptive_field(np.random.default_rng(0).random((1040, 32)))
    assert widget.data["rows"] == 1040
    assert widget.data["image"]["height"] == 260


def test_both_calls_of_the_chapters_have_a_still():
    assert "188 × 188" in receptive_field().still.sentence
    assert "32 × 32" in receptive_field(stage="down2", stages=CONTRACTING).still.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image": np.zeros((100, 96))}, "must divide by 16"),
        ({"image": np.zeros((3, 96, 96))}, r"must be \(H, W\)"),
        ({"stages": ["down5"]}, "not \\['down5'\\]"),
        ({"stages": []}, "one or more"),
        ({"stage": "up1", "stages": CONTRACTING}, "not 'up1'"),
    ],
)
def test_bad_arguments_raise_an_error_that_says_why(arguments, message):
    with pytest.raises(ValueError, match=message):
        receptive_field(**arguments)


def test_grey_goes_from_the_least_value_to_nearly_the_largest():
    grey = convert_to_grey(np.arange(1001).reshape(7, 143))
    assert (grey.dtype, grey.min(), grey.max()) == (np.uint8, 0, 255)
    assert grey.ravel()[:996].tolist() == [round(255 * i / 995) for i in range(996)]
    assert (convert_to_grey(np.ones((2, 3))) == 0).all()

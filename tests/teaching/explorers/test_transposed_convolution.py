"""The explorer of transposed convolutions: its sums and its words against PyTorch."""

import io
import re
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from node import run_module
from PIL import Image
from torch import nn

from unet_tutorial.data import load_nuclei, normalise
from unet_tutorial.shapes import conv_transpose_output_size
from unet_tutorial.teaching.explorers.frame.widget import read_data
from unet_tutorial.teaching.explorers.transposed_convolution.data import compute_data
from unet_tutorial.teaching.explorers.transposed_convolution.explorer import (
    CONTROLS,
    transposed_convolution,
)
from unet_tutorial.unet import UNet, load_trained_unet

NAME = "transposed_convolution"
# (size, kernel, stride, padding, output_padding, ink), and a weight that is changed by one
ASK = """
import { explorer } from "./transposed_convolution/built/explorer.js";
const data = { weave: [1], side: 32, channels: [0] };
const NAMES = ["size", "kernel", "stride", "padding", "output_padding", "ink"];
const wordsOf = (html) => html.replace(/<[^>]*>/g, "");
const all = (tree, name) => [tree, ...(tree.children ?? []).flatMap((each) => all(each, name))]
  .filter((each) => each.named && name in each.named);

function settled(settings) {
  const chosen = Object.fromEntries(NAMES.map((name, i) => [name, settings[i]]));
  const state = explorer.move({ ...explorer.start(data), ...chosen }, "kernel", "+", data);
  return explorer.pin(state, "sheet:0,0", data);
}

/** The numbers on the sheet as they are drawn, by place; legible or not. */
function sheetOf(state) {
  const places = all(explorer.picture(state, data, true), "data-hit")
    .map((cell) => cell.named["data-hit"]).filter((hit) => hit.startsWith("sheet"));
  return Object.fromEntries(places.map((hit) => [hit.slice(6), atPlace(state, hit)]));
}

function atPlace(state, hit) {
  const pinned = explorer.pin(state, hit, data);
  const lit = all(explorer.picture(pinned, data, true), "class")
    .filter((each) => each.name === "text" && / lit/.test(each.named.class));
  const sheet = lit[lit.length - 1].children[0];  // after the input's and the kernel's
  const before = lit.slice(0, -1).map((each) => each.children[0]);
  const terms = before.filter((words) => words.includes("·"));
  return { value: sheet, terms, sentence: wordsOf(explorer.sentence(pinned, data)) };
}
answer(given.map((settings) => sheetOf(settled(settings))));
"""
OPTIONS = """
import { explorer } from "./transposed_convolution/built/explorer.js";
const all = (tree) => [tree, ...(tree.children ?? []).flatMap(all)];
answer(given.states.map((chosen) => {
  const state = { ...explorer.start(given.data), ...chosen };
  return explorer.controls(state, given.data).flat().filter(Boolean).flatMap(all)
    .filter((each) => each.named?.["data-set"])
    .map((each) => [each.named["data-set"], each.named.title ?? null]);
}));
"""
TRAINED = """
import { explorer } from "./transposed_convolution/built/explorer.js";
const { data, hits } = given;
const wordsOf = (html) => html.replace(/<[^>]*>/g, "");
const state = explorer.set(explorer.start(data), "ink", "trained", data);
answer({
  channel: state.channel,
  rest: wordsOf(explorer.sentence(state, data)),
  said: hits.map((hit) => wordsOf(explorer.sentence(explorer.point(state, hit, data), data))),
});
"""


def numbers_in(words):
    return [int(number) for number in re.findall(r"-?\d+", words.replace("−", "-"))]


def make_inputs(size, kernel, ink):
    """The explorer's input and kernel, whose first weight was changed by one in the numbers."""
    if ink == "constant":
        return torch.ones(size, size).double(), torch.ones(kernel, kernel).double()
    pixels = [[1 + (3 * row + 2 * column) % 4 for column in range(size)] for row in range(size)]
    weights = torch.arange(1.0, kernel**2 + 1).reshape(kernel, kernel).double()
    weights[0, 0] += 1
    return torch.tensor(pixels).double(), weights


def stamp_all(pixels, weights, stride, added):
    """Every place of the sheet, before the padding crops it."""
    weights = weights[None, None]
    return F.conv_transpose2d(pixels[None, None], weights, None, stride, 0, added)[0, 0]


def list_settings():
    """Numbers with every kernel and stride; with less variety, all that can be added to them."""
    kernels, strides = (1, 2, 3, 4), (1, 2, 3)
    yield from ([*each, 0, 0, "numbers"] for each in product((2, 3), kernels, strides))
    yield from ([*each, 0, 0, "constant"] for each in product((3,), kernels, strides))
    yield from ([4, kernel, 2, 0, 0, ink] for kernel in (2, 3) for ink in ("numbers", "constant"))
    for settings in product((2,), (2, 3), (1, 2, 3), (0, 1), (0, 1)):
        if any(settings[3:]) and settings[4] < settings[2]:
            yield [*settings, "numbers"]


@pytest.fixture(scope="module")
def sheets():
    settings = list(list_settings())
    return list(zip(settings, run_module(ASK, settings), strict=True))


def test_every_place_of_every_sheet_is_pytorch_s(sheets):
    assert len(sheets) > 40
    for (size, kernel, stride, _, added, ink), sheet in sheets:
        pixels, weights = make_inputs(size, kernel, ink)
        expected = stamp_all(pixels, weights, stride, added)
        assert len(sheet) == expected.numel()
        for place, drawn in sheet.items():
            row, column = map(int, place.split(","))
            assert numbers_in(drawn["value"]) == [expected[row, column]], place


def test_what_padding_crops_is_said_to_be_cropped_and_nothing_else(sheets):
    for (size, kernel, stride, padding, added, _), sheet in sheets:
        side = conv_transpose_output_size(size, kernel, stride, padding, added)
        for place, drawn in sheet.items():
            inside = all(padding <= int(at) < padding + side for at in place.split(","))
            assert ("crops" not in drawn["sentence"]) == inside, (place, drawn)


def test_the_terms_are_what_each_pixel_stamps_alone(sheets):
    compared = 0
    for (size, kernel, stride, padding, added, ink), sheet in sheets:
        if size != 3 or padding or added:
            continue
        pixels, weights = make_inputs(size, kernel, ink)
        alone = torch.eye(size * size).double().reshape(-1, size, size)  # one pixel of ink 1 each
        by_pixel = torch.stack([stamp_all(each, weights, stride, 0) for each in alone], dim=-1)
        for place, drawn in sheet.items():
            by = by_pixel[tuple(map(int, place.split(",")))].reshape(size, size)
            expected = [[int(pixels[i, j]), int(by[i, j])] for i, j in by.nonzero().tolist()]
            assert [numbers_in(term) for term in drawn["terms"]] == expected
            compared += 1
    assert compared > 300


def test_sentences_say_the_sum_and_count_the_stamps(sheets):
    counted = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    seen = set()
    for (size, kernel, stride, _, added, ink), sheet in sheets:
        ones = stamp_all(*make_inputs(size, kernel, "constant"), stride, added)
        for place, drawn in sheet.items():
            said, count = drawn["sentence"], int(ones[tuple(map(int, place.split(",")))])
            if "crops" in said:
                continue
            if count == 0:
                assert "No stamp reaches" in said or "stay 0" in said
            elif ink == "constant":
                word = counted[count] if count < 10 else str(count)
                assert said.lower().startswith(f"{word} stamp"), said
            else:
                assert numbers_in(said)[-1] == numbers_in(drawn["value"])[0]
            seen.add(min(count, 5))
    assert seen == {0, 1, 2, 3, 4, 5}


def test_what_is_said_of_constant_ink_holds_on_a_large_sheet(sheets):
    for (_, kernel, stride, *_, ink), sheet in sheets:
        if ink != "constant":
            continue
        large = stamp_all(*make_inputs(24, kernel, ink), stride, 0)[12:18, 12:18]
        expected = sorted({int(count) for count in large.flatten()})
        said = [d["sentence"] for d in sheet.values() if "Away from the edges" in d["sentence"]]
        assert said
        for sentence in said:
            assert numbers_in(sentence.partition("edges")[2]) == expected
            assert ("checkerboard" in sentence) == (len(expected) > 1 and expected[0] > 0)
            assert ("even" in sentence) == (len(expected) == 1)


SENTENCES = """
import { explorer } from "./transposed_convolution/built/explorer.js";
const data = { weave: [1], side: 32, channels: [0] };
const wordsOf = (html) => html.replace(/<[^>]*>/g, "");
answer(given.map(([settings, how, hit]) => wordsOf(
  explorer.sentence(explorer[how]({ ...explorer.start(data), ...settings }, hit, data)))));
"""


MOVED = """
import { explorer } from "./transposed_convolution/built/explorer.js";
const data = { weave: [1], side: 32, channels: [0] };
answer(given.map(([ink, kind, key]) =>
  explorer.move(explorer.set(explorer.start(data), "ink", ink), kind, key, data).pinned.column));
"""


def test_what_padding_crops_of_a_stamp_and_of_a_weight_is_counted():
    asked = [
        [{"padding": 1}, "pin", "kernel:0,0"],
        [{"padding": 1}, "point", "kernel:1,1"],
        [{"padding": 1}, "point", "input:0,0"],
        [{"padding": 1, "kernel": 1}, "point", "input:0,0"],
        [{"padding": 1, "kernel": 1, "size": 2}, "point", "kernel:0,0"],
        [{"padding": 1, "output_padding": 1}, "point", "sheet:9,9"],
        [{}, "point", "input:1,1"],
    ]
    corner, middle, pixel, only, every, blank, strong = run_module(SENTENCES, asked)
    assert "twice as strong" in strong
    assert "crops 7 of its 16 places. Change it with + and −" in corner
    assert "crops" not in middle
    assert middle.endswith("Click or tap it to change it.")
    assert "onto the sheet, as it is. Padding crops 5 of its 9 places." in pixel
    assert only.endswith("Padding crops its only place.")
    assert "crops all of its 4 places." in every
    assert blank == "No stamp reaches this place, and padding crops it."


def refuse(*settings):
    try:
        conv_transpose_output_size(*settings)
    except ValueError as error:
        return str(error)


def test_the_keys_move_along_a_row_in_numbers_and_in_maps():
    keys = ("ArrowRight", "Home", "End", "ArrowLeft")
    asked = [[*face, key] for face in (("numbers", "sheet"), ("trained", "pixel")) for key in keys]
    columns = run_module(MOVED, asked)
    assert columns == [5, 0, 8, 3, 1, 0, 31, 0]


def test_options_that_are_struck_through_say_what_python_says():
    names = ("size", "kernel", "stride", "padding", "output_padding")
    base = dict(zip(names, (4, 3, 2, 0, 0), strict=True))
    states = [
        base,
        base | {"output_padding": 1},
        base | {"size": 2, "kernel": 1, "stride": 1},
        base | {"padding": 1, "kernel": 1},
    ]
    refused = 0
    for state, options in zip(
        states, run_module(OPTIONS, {"states": states, "data": read_data(NAME)}), strict=True
    ):
        for option, why in options:
            name, _, value = option.partition(":")
            if name not in names:
                continue
            expected = refuse(*(state | {name: int(value)}).values())
            assert why == (expected and expected.replace(" or than dilation=1", ""))
            refused += why is not None
    assert refused >= 3


def test_python_says_which_controls_there_are():
    widget = transposed_convolution(controls="size kernel")
    (options,) = run_module(OPTIONS, {"states": [{}], "data": widget.data})
    assert {option.partition(":")[0] for option, _ in options} == {"size", "kernel", "reset"}
    (options,) = run_module(OPTIONS, {"states": [{}], "data": transposed_convolution().data})
    assert {option.partition(":")[0] for option, _ in options} == {*CONTROLS, "reset"}
    with pytest.raises(ValueError, match="'dilation'"):
        transposed_convolution(controls="size dilation")


# The trained network's face


@pytest.fixture(scope="module")
def image():
    return normalise(*[load_nuclei()[0]] * 2)[100:180, 60:150]  # 80 by 90: a square of 80 fits


def run_layer(model, patch):
    """(ink, sheet, after), each (C, H, W), from the blocks one by one."""
    with torch.no_grad():
        skips = [model.in_conv(torch.tensor(patch)[None, None].float())]
        for down in (model.down1, model.down2, model.down3, model.down4):
            skips.append(down(skips[-1]))
        ink = skips.pop()
        for up in (model.up1, model.up2, model.up3):
            ink = up(ink, skips.pop())
        sheet = F.conv_transpose2d(ink, model.up4.upsampling.weight, model.up4.upsampling.bias, 2)
        return [each[0].double().numpy() for each in (ink, sheet, model.up4(ink, skips.pop()))]


@pytest.mark.parametrize("make", [load_trained_unet, lambda: UNet(base_channels=2)])
def test_the_maps_of_any_network_are_measured_truthfully(make, image):
    torch.manual_seed(0)
    model = make().eval()
    data, pictures = compute_data(model, image)
    ink, sheet, after = run_layer(model, image[:, 5:85])
    assert data["side"] == 80
    assert data["inChannels"] == len(ink)
    assert list(pictures) == [data["atlas"]["href"]]
    for i, channel in enumerate(data["channels"]):
        quarters = [[sheet[channel, r::2, c::2].mean() for c in (0, 1)] for r in (0, 1)]
        np.testing.assert_allclose(data["stamps"][i], quarters, atol=0.006)
        spread = sheet[channel].std()
        assert data["weave"][i] == pytest.approx(100 * np.ptp(quarters) / spread, abs=1)
    liveliest = after[after.std(axis=(1, 2)).argmax()]
    quarters = [liveliest[r::2, c::2].mean() for r in (0, 1) for c in (0, 1)]
    assert data["weaveAfter"] == pytest.approx(100 * np.ptp(quarters) / liveliest.std(), abs=1)


def test_each_quarter_in_the_picture_is_every_second_pixel_of_the_sheet(image):
    data, pictures = compute_data(load_trained_unet(), image)
    with Image.open(io.BytesIO(pictures["maps.png"])) as picture:
        atlas = np.asarray(picture)
    side, tops = data["side"], data["tops"]
    for k in range(len(data["channels"])):
        sheet = atlas[tops["sheet"] :, k * side :][:side, :side]
        for i, j in product((0, 1), repeat=2):
            quarter = atlas[tops[f"quarter{i}{j}"] :, k * side // 2 :][: side // 2, : side // 2]
            assert np.array_equal(quarter, sheet[i::2, j::2])
            assert quarter.std() > 0


def test_the_model_is_left_as_it_was(image):
    model = UNet(base_channels=2).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    transposed_convolution(model=model, image=image)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not any(part._forward_hooks for part in model.modules())


def say_part(percent):
    return f"{percent} % of" if percent < 100 else f"{percent / 100 + 1e-9:.1f} times"


def test_sentences_are_true_for_the_network_that_was_handed_over(image):
    hits = ["features:1,2", "pixel:5,8", "weight:1,0"]
    torch.manual_seed(0)
    for model, is_woven in ((load_trained_unet(), True), (UNet(base_channels=2).eval(), None)):
        data, _ = compute_data(model, image)
        answer = run_module(TRAINED, {"data": data, "hits": hits})
        k = answer["channel"]
        assert data["weave"][k] == max(data["weave"])
        assert f"differ by up to {say_part(data['weave'][k])} the map's" in answer["rest"]
        assert f"differ by up to {say_part(data['weaveAfter'])} its own" in answer["rest"]
        woven = is_woven if is_woven is not None else data["weave"][k] >= 25
        assert ("that's the weave you see" in answer["rest"]) == woven
        features, pixel, weight = answer["said"]
        assert f"its {data['inChannels']} channels" in features
        assert numbers_in(pixel)[:6] == [5, 8, 2, 4, 1, 0]
        (own, others) = (
            data["stamps"][k][1][0],
            [data["stamps"][k][i][j] for i, j in ((0, 0), (0, 1), (1, 1))],
        )
        said = [float(x) for x in re.findall(r"-?\d+\.\d+", weight.replace("−", "-"))]
        assert said == [own, *others]


def test_a_map_that_is_hardly_woven_is_not_called_woven():
    data = read_data(NAME) | {"weave": [3] * 8, "weaveAfter": 2}
    rest = run_module(TRAINED, {"data": data, "hits": []})["rest"]
    assert "hardly sees a weave" in rest
    assert "3 %" in rest


@pytest.mark.parametrize(
    ("model", "shape", "words"),
    [
        (nn.Sequential(nn.Conv2d(1, 2, 3)), (32, 32), "None"),
        (nn.Sequential(nn.ConvTranspose2d(1, 2, 2, stride=2)), (32, 32), "part of a block"),
        (nn.Sequential(nn.Sequential(nn.ConvTranspose2d(1, 2, 3, stride=2))), (32, 32), "kernel 2"),
        (UNet(base_channels=2), (15, 40), r"\(15, 40\)"),
        (UNet(base_channels=2), (1, 32, 32), r"\(1, 32, 32\)"),
    ],
)
def test_what_cannot_be_shown_is_refused(model, shape, words):
    with pytest.raises(ValueError, match=words):
        transposed_convolution(model=model, image=np.zeros(shape, np.float32))


def test_a_model_needs_its_image():
    with pytest.raises(ValueError, match="both a model and an image"):
        transposed_convolution(model=UNet(base_channels=2))

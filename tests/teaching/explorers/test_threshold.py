"""The explorer of the threshold against the package's own scores, and chapter 12's watershed."""

import io

import numpy as np
import pytest
import torch
from node import run_module
from PIL import Image
from scipy.ndimage import distance_transform_edt
from skimage.feature import peak_local_max
from skimage.filters import gaussian
from skimage.measure import label
from skimage.segmentation import watershed

from unet_tutorial.data import load_nuclei, split_strips
from unet_tutorial.metrics import dice, iou, match_objects
from unet_tutorial.teaching.explorers.frame.widget import inline_pictures, read_data
from unet_tutorial.teaching.explorers.threshold.counting import (
    label_pieces,
    split_pieces,
    tally,
)
from unet_tutorial.teaching.explorers.threshold.data import (
    DISTANCES,
    SMOOTHINGS,
    compute_scene,
)
from unet_tutorial.teaching.explorers.threshold.explorer import threshold
from unet_tutorial.teaching.explorers.threshold.levels import choose_levels, find_levels

READ_PNG = """
import { readPng } from "./frame/png.js";
const found = [];
for (const href of given) {
  const { width, height, pixels } = await readPng(href);
  found.push({ width, height, pixels: [...pixels] });
}
answer(found);
"""
CURVES = """
import { curvesOf, plateauOf } from "./threshold/scores.js";
answer(given.map((scene) => ({ ...curvesOf(scene), plateau: plateauOf(scene) })));
"""
# What is said and lit at each threshold and split, at first and at some pixels.
LOOK = """
import { explorer } from "./threshold/index.js";
import { pieceAt } from "./threshold/pieces.js";
import { sceneOf } from "./threshold/state.js";
const data = await explorer.prepare(given.data);
const scene = sceneOf(data);
const words = (state) => explorer.sentence(state, data).replace(/<[^>]*>/g, "");
const all = (tree, found = []) => {
  if (tree.named) found.push(tree), tree.children.forEach((child) => all(child, found));
  return found;
};
const state = { ...explorer.start(data), ...given.settings };
const drawn = all(explorer.picture(state, data, true));
const marks = drawn.filter(({ named }) => named.class === "holds");
answer({
  said: words(state),
  marks: marks.map(({ children }) => children[1].children.join("")),
  pieces: given.places.map(([row, column]) => {
    const piece = pieceAt(state, scene, { row, column });
    const looked = explorer.point(state, `image:${row},${column}`, data);
    return piece && { ...piece, said: words(looked) };
  }),
});
"""
WALK = """
import { explorer } from "./threshold/index.js";
const data = await explorer.prepare(given.data);
let state = explorer.start(data);
const words = () => explorer.sentence(state, data).replace(/<[^>]*>/g, "");
const all = (tree) => [tree.named, ...[tree.children ?? []].flat(9).flatMap(all)].filter(Boolean);
const pressed = () =>
  explorer
    .controls(state, data)
    .flatMap(all)
    .filter((named) => named["aria-checked"] === "true")
    .map((named) => named["data-set"]);
const seen = [];
for (const [how, ...what] of given.steps) {
  state = explorer[how](state, ...what, data);
  const { at, split, pinned } = state;
  seen.push({ at, split, pinned, said: words(), pressed: pressed() });
}
answer(seen);
"""


def make_blobs(shape=(40, 90), seed=0):
    """Return probabilities with bumps that touch, and numbered nuclei that don't quite match."""
    generator = np.random.default_rng(seed)
    rows, columns = np.indices(shape)
    probability, truth = np.zeros(shape), np.zeros(shape, dtype=int)
    for number in range(1, 9):
        y, x = generator.uniform(0, shape[0]), generator.uniform(0, shape[1])
        apart = np.hypot(rows - y, columns - x)
        probability = np.maximum(probability, np.exp(-((apart / generator.uniform(5, 9)) ** 2)))
        truth[(apart < generator.uniform(4, 7)) & (truth == 0)] = 3 * number  # with gaps
    noisy = probability + generator.normal(0, 0.05, shape)
    return noisy.clip(0, 1).astype(np.float32), truth


def as_own(scene, pictures):
    return {"scenes": {"own": inline_pictures(scene, pictures)}, "scene": "own"}


@pytest.fixture(scope="module")
def blobs():
    probability, truth = make_blobs()
    scene, pictures = compute_scene("own", probability, probability, truth, count="watershed")
    return probability, truth, scene, as_own(scene, pictures)


def thresholds_of(scene):
    return [scene["low"] + i * scene["step"] for i in range(len(scene["bars"]) - 1)]


# Levels


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_level_says_which_thresholds_a_value_is_above(dtype):
    values = np.random.default_rng(1).choice(np.arange(101) / 100, (30, 40)).astype(dtype)
    levels = choose_levels(values, "probability")
    above = find_levels(values, levels.thresholds)
    for i, t in enumerate(levels.thresholds.tolist()):
        assert np.array_equal(above > i, values > t)
    assert levels.thresholds[levels.start] == 0.5
    assert len(levels.thresholds) == 97


@pytest.mark.parametrize(
    "values",
    [
        np.arange(256).reshape(16, 16) / 255,
        np.arange(0, 60, dtype=np.uint8).reshape(6, 10),
        np.random.default_rng(2).normal(-3, 500, (50, 50)),
        np.random.default_rng(3).uniform(0, 1e-3, (50, 50)).astype(np.float32),
        np.full((4, 4), 7.5),
        np.full((4, 4), 3),
    ],
)
def test_other_values_get_at_most_100_thresholds_that_suit_them(values):
    thresholds, start, digits = choose_levels(values, "value")
    assert 1 <= len(thresholds) <= 101
    assert 0 <= start < len(thresholds)
    assert len({f"{t:.{digits}f}" for t in thresholds}) == len(thresholds)
    if np.ptp(values):
        assert thresholds[0] < np.percentile(values, 10)
        assert thresholds[-1] > np.percentile(values, 90)


def test_no_grey_level_of_an_8_bit_image_is_on_a_threshold():
    image, _ = load_nuclei()
    strip = split_strips(image).train
    thresholds = choose_levels(strip, "grey value").thresholds
    grey = np.arange(256) / 255
    assert np.abs(thresholds[:, None] - grey).min() > 0.4 / 255
    assert len(thresholds) > 80


# Scores


def test_the_dice_at_each_threshold_is_the_package_s(blobs):
    probability, truth, scene, _ = blobs
    image, labels = load_nuclei()
    grey, nuclei = image[:64, :64], labels[:64, :64]
    other, _ = compute_scene("grey", grey, grey, nuclei, "grey value")
    curves = run_module(CURVES, [scene, other])
    for made, given, values, true in zip(
        curves, (scene, other), (probability, grey), (truth, nuclei), strict=True
    ):
        thresholds = thresholds_of(given)
        expected = [dice(values > t, true > 0) for t in thresholds]
        assert made["dice"] == pytest.approx(expected)
        assert made["share"] == pytest.approx([(values > t).mean() for t in thresholds])
        plateau = made["plateau"]
        inside = expected[plateau["from"] : plateau["to"] + 1]
        assert min(inside) > plateau["least"] >= max(expected) - 0.025
        around = [plateau["from"] - 1, plateau["to"] + 1]
        assert all(expected[i] <= plateau["least"] for i in around if 0 <= i < len(expected))


# Pieces


def test_pieces_nuclei_and_pairs_are_counted_as_the_package_does(blobs):
    probability, truth, scene, _ = blobs
    for i, t in enumerate(thresholds_of(scene)):
        pieces, shared, alone, found, marks = scene["pieces"][i]
        numbered = label(probability > t, connectivity=1)
        assert pieces == numbered.max()
        assert found == match_objects(numbered, truth).true_positives
        held = [nuclei_held_by(numbered == p, probability > t, truth) for p in range(1, pieces + 1)]
        assert shared == sum(len(each) > 1 for each in held)
        assert alone == sum(len(each) == 1 for each in held)
        odd = [len(each) for each in held if len(each) != 1]
        assert sorted(mark[2] for mark in marks) == sorted(odd)[-len(marks) :] or len(odd) > 30


def nuclei_held_by(piece, mask, truth):
    return [
        n for n in np.unique(truth)[1:]
        if 2 * (piece & (truth == n)).sum() > (mask & (truth == n)).sum()
    ]  # fmt: skip


def test_two_halves_of_exactly_half_a_nucleus_are_one_pair():
    truth = np.zeros((4, 8), dtype=int)
    truth[1:3, 1:7] = 1
    halves = truth.copy()
    halves[:, 4:] *= 2
    assert match_objects(halves, truth).true_positives == 1
    assert tally(halves, truth).found == 1
    assert tally(truth, halves).found == 1
    assert tally(truth, halves).shared == 1
    assert tally(np.zeros_like(truth), truth)[:4] == (0, 0, 0, 0)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("distance", DISTANCES)
def test_the_watershed_is_that_of_chapter_12(blobs, smoothing, distance):
    probability, truth, scene, _ = blobs
    mask = probability > 0.5
    height = gaussian(distance_transform_edt(mask), smoothing)
    tops = peak_local_max(
        height, min_distance=distance, labels=label(mask, connectivity=1), exclude_border=False
    )
    seeds = np.zeros(mask.shape, dtype=int)
    seeds[tuple(tops.T)] = np.arange(1, len(tops) + 1)
    expected = watershed(-height, seeds, mask=mask)
    assert np.array_equal(split_pieces(mask, smoothing, distance), expected)
    place = SMOOTHINGS.index(smoothing) * len(DISTANCES) + DISTANCES.index(distance)
    pieces, _, _, found, _ = scene["splits"][place]
    assert pieces == len(tops)
    assert found == match_objects(expected, truth).true_positives


@pytest.mark.parametrize("settings", [{"at": 20}, {"split": True, "smoothing": 1, "distance": 5}])
def test_what_a_pixel_belongs_to_is_its_piece_with_its_iou(blobs, settings):
    probability, truth, scene, data = blobs
    at = settings.get("at", scene["start"])
    mask = probability > thresholds_of(scene)[at]
    numbered = label_pieces(mask) if "at" in settings else split_pieces(mask, 1, 5)
    places = [(r, c) for r in range(1, 40, 4) for c in range(2, 90, 5)]
    looked = run_module(LOOK, {"data": data, "settings": settings, "places": places})
    assert sum(piece is not None for piece in looked["pieces"]) > 20
    for place, piece in zip(places, looked["pieces"], strict=True):
        number = numbered[place]
        assert (piece is None) == (number == 0)
        if not number:
            continue
        own = numbered == number
        assert sorted(piece["pixels"]) == np.flatnonzero(own).tolist()
        ious = [iou(own, truth == n) for n in np.unique(truth)[1:]]
        best = max(ious)
        assert (piece["best"]["iou"] if piece["best"] else 0) == pytest.approx(best)
        held = nuclei_held_by(own, mask, truth)
        assert [n - 1 for n in piece["holds"]] == [
            np.unique(truth)[1:].tolist().index(n) for n in held
        ]
        if best:
            assert f"{best:.2f}" in piece["said"]
            assert ("too little to be found" in piece["said"]) == (best < 0.5)
        else:
            assert piece["said"].endswith("it's invented.")
    assert looked["said"].count(str(numbered.max())) >= 1


# Words


@pytest.mark.parametrize("seed", range(7))
def test_whether_a_threshold_separates_the_nuclei_is_said_truly(seed):
    probability, truth = make_blobs(seed=seed)
    if seed >= 5:  # two nuclei, far apart or side by side
        truth = np.zeros_like(truth)
        left = 50 if seed == 5 else 9
        truth[3:9, 3:9], truth[3:9, left : left + 6] = 1, 2
        probability = np.where(truth > 0, 1.0, 0.0)
    scene, pictures = compute_scene("own", probability, probability, truth, count="pieces")
    look = {"data": as_own(scene, pictures), "settings": {}, "places": []}
    said = run_module(LOOK, look)["said"]
    joined = [
        any(
            len(nuclei_held_by(numbered == p, mask, truth)) > 1
            for p in range(1, numbered.max() + 1)
        )
        for mask in (probability > t for t in thresholds_of(scene))
        for numbered in [label(mask, connectivity=1)]
    ]
    assert ("no threshold separates them all" in said) == all(joined)
    if not all(joined):
        most = max(
            match_objects(label(probability > t, connectivity=1), truth).true_positives
            for t, is_joined in zip(thresholds_of(scene), joined, strict=True)
            if not is_joined
        )
        assert f"at most {most} of the {len(np.unique(truth)) - 1} nuclei are found" in said


def test_on_the_training_strip_no_threshold_separates_the_nuclei():
    data = read_data("threshold")
    said = run_module(LOOK, {"data": data, "settings": {}, "places": []})["said"]
    assert said == (
        "Above 0.50 there are 42 pieces for 62 nuclei; 14 of them hold several. "
        "Even at 0.98 eight do: no threshold separates them all."
    )
    chosen = {"split": True, "smoothing": 2, "distance": 7}
    looked = run_module(LOOK, {"data": data, "settings": chosen, "places": []})
    assert looked["said"].startswith("58 pieces for 62 nuclei, but only 57 of the nuclei are found")
    assert sorted(looked["marks"]) == ["2", "2", "3"]


# What can be done


def test_pointer_and_keys_move_the_threshold_and_moving_it_ends_the_watershed(blobs):
    data = blobs[3]
    steps = [
        ["pin", "line:0,0"],  # of two columns a bar
        ["pin", "line:0,195"],
        ["pin", "line:0,100"],
        ["pin", "bar:49"],
        ["move", "line", "ArrowLeft"],
        ["move", "line", "End"],
        ["move", "line", "ArrowRight"],
        ["set", "split", "watershed"],
        ["move", "line", "focus"],
        ["set", "distance", 7],
        ["pin", "bar:10"],
        ["set", "smoothing", 2],
        ["set", "split", "connected"],
    ]
    seen = run_module(WALK, {"data": data, "steps": steps})
    assert [one["at"] for one in seen] == [0, 96, 49, 48, 47, 96, 96, 48, 48, 48, 9, 48, 48]
    ends = [one["split"] for one in seen[7:]]
    assert ends == [True, True, True, False, True, False]
    assert seen[9]["pressed"] == ["split:watershed", "smoothing:0", "distance:7"]
    assert seen[10]["pressed"] == ["split:connected"]  # the watershed's settings are over, too


def test_a_pixel_is_kept_until_it_is_clicked_again(blobs):
    steps = [
        ["pin", "image:5,7"],
        ["move", "image", "ArrowRight"],
        ["move", "image", "ArrowUp"],
        ["move", "image", "ArrowUp"],
        ["pin", "bar:30"],
        ["pin", "image:0,11"],
        ["move", "image", "focus"],
        ["move", "image", "Enter"],
    ]
    seen = run_module(WALK, {"data": blobs[3], "steps": steps})
    places = [one["pinned"] and (one["pinned"]["row"], one["pinned"]["column"]) for one in seen]
    assert places == [(5, 7), (5, 11), (1, 11), (0, 11), (0, 11), None, None, (20, 45)]
    assert seen[4]["said"].startswith("Above 0.31")  # about what was moved last


def test_without_truth_it_says_how_much_is_above():
    probability, _ = make_blobs()
    scene, pictures = compute_scene("own", probability, probability)
    steps = [["point", "bar:0"], ["point", None], ["point", "image:0,0"]]
    bar, first, pixel = run_module(WALK, {"data": as_own(scene, pictures), "steps": steps})
    share = round(100 * (probability > 0.5).mean())
    assert first["said"].startswith(f"Above 0.50 probability lies {share} % of the image")
    assert bar["said"] == f"{(probability <= 0.02).sum():,} pixels have a probability at most 0.02."
    level = (probability[0, 0] > np.arange(2, 99) / 100).sum()
    assert "background" in pixel["said"]
    assert f"{(level + 1) / 100:.2f}" in pixel["said"]
    assert "expert" not in pixel["said"]


# PNG


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pngs_are_read_as_they_were_written(dtype):
    generator = np.random.default_rng(0)
    most = np.iinfo(dtype).max
    smooth = np.add.outer(np.arange(33), 3 * np.arange(21)) % (most + 1)
    noise = generator.integers(0, most, (20, 31), endpoint=True)
    image, _ = load_nuclei()
    greys = np.rint(most * image[:90, :110])
    shapes = (smooth, noise, noise[:1], noise[:, :1], greys)
    arrays = [array.astype(dtype) for array in shapes]
    pngs = []
    for array in arrays:
        buffer = io.BytesIO()
        Image.fromarray(array).save(buffer, "png", optimize=True)
        pngs.append(buffer.getvalue())
    files = {str(i): png for i, png in enumerate(pngs)}
    hrefs = inline_pictures([{"href": file} for file in files], files)
    read = run_module(READ_PNG, [each["href"] for each in hrefs])
    for array, png in zip(arrays, read, strict=True):
        assert (png["height"], png["width"]) == array.shape
        assert png["pixels"] == array.ravel().tolist()


# The call


def test_the_chapters_calls_keep_a_still_and_others_do_not():
    image, labels = load_nuclei()
    strip, truth = split_strips(image).train.T, split_strips(labels).train.T
    widget = threshold(strip, strip, truth, name="grey value")
    assert widget.still.path.stem == "train"
    html = widget._repr_mimebundle_()[0]["text/html"]
    assert "&quot;scene&quot;: &quot;train&quot;" in html
    assert widget.data["scenes"]["own"]["values"]["href"].startswith("data:image/png;base64,")
    assert len(html) < 100_000
    for other in (
        threshold(strip, strip, name="grey value"),
        threshold(strip, strip, truth),
        threshold(strip[:, ::-1], strip[:, ::-1], truth[:, ::-1], name="grey value"),
        threshold(strip, strip, np.where(truth < 9, truth, 0), name="grey value"),
    ):
        assert other.still is None


def test_tensors_and_masks_are_taken_too():
    probability, truth = make_blobs()
    batch = torch.from_numpy(probability)[None, None].requires_grad_()
    scene = threshold(batch, batch, torch.from_numpy(truth > 0)).data["scenes"]["own"]
    assert scene["nuclei"] == label(truth > 0, connectivity=1).max()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"values": np.zeros((3, 4))}, "one shape"),
        ({"truth": np.zeros((3, 4), int)}, "one shape"),
        ({"image": np.zeros((2, 5, 6))}, r"\(2, 5, 6\)"),
        ({"values": np.full((5, 6), np.nan)}, "finite"),
        ({"values": np.full((5, 6), 1.5)}, "from 0 to 1"),
        ({"truth": np.full((5, 6), 0.5)}, "whole numbers"),
        ({"truth": np.full((5, 6), -1)}, "whole numbers"),
        ({"count": "dots"}, "'dots'"),
        ({"name": "<b>"}, "must be words"),
        ({"image": np.zeros((1001, 1000))}, "1,001,000 pixels"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, words):
    given = {"image": np.zeros((5, 6)), "values": np.zeros((5, 6)), **change}
    with pytest.raises(ValueError, match=words):
        threshold(given.pop("image"), given.pop("values"), **given)

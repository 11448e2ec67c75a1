"""What the explorers ship is what their sources make today. It takes Node alone.

If one of these fails, run `make explorers`.
"""

import io
import json

import numpy as np
import pytest
from build_explorers import (
    COLOURS,
    EXPLORERS,
    export_data,
    format_first_line,
    iterate_still_files,
    join_styles,
    list_explorers,
    list_modules,
    make_stills,
)
from node import run_module
from PIL import Image

from unet_tutorial.teaching.explorers.frame.widget import read_data

NAMES = list_explorers()
MOST_BYTES = {"explorer.js": 60_000, "explorer.css": 15_000, "data.json": 16_000, "*.png": 100_000}
LARGE_FILES = {
    "the_u/atlas.png": 300_000,  # the maps of a network with 16 sets of skips
    "threshold/data.json": 24_000,  # where merged nuclei are, at 97 thresholds; zipped, 3 kB
}
# What an explorer unpacks before it is shown.
READY = """
const ready = async ({ prepare }, data) => (prepare ? prepare(data) : data);
"""
# Both versions of an explorer go the same way, at random: presses, points, clicks, keys.
WALK = (
    READY
    + """
const { explorer: source } = await import(`./${given.name}/index.js`);
const { explorer: shipped } = await import(`./${given.name}/built/explorer.js`);
const data = await ready(source, given.data);
let seed = 7;
const any = (list) => list[(seed = (seed * 48271) % 2147483647) % list.length];
const namesIn = (trees, name) => [trees].flat(Infinity).filter(Boolean).flatMap((tree) =>
  [tree.named?.[name], ...namesIn(tree.children ?? [], name)].filter((one) => one !== undefined));
const looks = ({ controls, picture, sentence }, state) => JSON.stringify([
  controls(state, data), sentence(state, data),
  picture(state, data, true), picture(state, data, false)]);
const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Enter",
  "+", "-", "7"];

function chooseStep(state) {
  const picture = source.picture(state, data, true);
  const controls = namesIn(source.controls(state, data), "data-set");
  const enabled = controls.filter((set) => !set.startsWith("reset"));
  const pixels = namesIn(picture, "data-pixels").map((pixels) =>
    `${pixels.split(":")[0]}:1,${any([0, 1, 2, 3, 4, 5])}`);
  const hits = [...namesIn(picture, "data-hit"), ...pixels];
  const kind = any(namesIn(picture, "data-keys"));
  const [name, value] = any(enabled).split(":");
  const number = /^-?\\d+$/.test(value) ? Number(value) : value;
  const steps = [
    (explorer, state) => explorer.set(state, name, number, data),
    (explorer, state) => explorer.move(state, kind, any.key, data),
    (explorer, state) => explorer.point(state, any.hit, data),
    (explorer, state) => explorer.pin(state, any.hit, data),
    (explorer, state) => explorer.point(state, null, data),
  ];
  any.key = any(KEYS);
  any.hit = any(hits);
  return any(steps);
}

let states = [source.start(data), shipped.start(data)];
const seen = new Set();
const differ = [];
for (let step = 0; step < 200; step += 1) {
  const looked = [looks(source, states[0]), looks(shipped, states[1])];
  seen.add(looked[0]);
  if (looked[0] !== looked[1]) differ.push(step);
  const act = chooseStep(states[0]);
  let next;
  try {
    next = [act(source, states[0]), act(shipped, states[1])];
    source.picture(next[0], data, true);
  } catch (error) {
    if (error.name !== "RangeError") throw error;
    continue; // an impossible setting, which the page doesn't let anybody choose
  }
  states = next;
}
answer({ differ, seen: seen.size });
"""
)
# The paths to the parts that the Tab key stops at, wherever one points and whatever one keeps.
PLACES = (
    READY
    + """
const { explorer, stills = { still: {} } } = await import(`./${given.name}/index.js`);
const listed = (tree, name, path = "") => [
  ...(tree.named && name in tree.named ? [{ path, is: tree.named[name] }] : []),
  ...(tree.children ?? []).flatMap((child, i) => listed(child, name, `${path}/${i}`))];

/** As it is at first, and after each press of a control. */
function statesOf(data) {
  const start = explorer.start(data);
  const controls = explorer.controls(start, data).flat(Infinity).filter(Boolean);
  const presses = listed({ children: controls }, "data-set").map(({ is }) => is.split(":"))
    .filter(([name]) => name !== "reset");
  const number = (value) => (/^\\d+$/.test(value) ? Number(value) : value);
  return [start, ...presses.map(([name, value]) => explorer.set(start, name, number(value), data))];
}

function placesIn(state, data, wide) {
  const picture = explorer.picture(state, data, wide);
  const pixels = listed(picture, "data-pixels").map(({ is }) => `${is.split(":")[0]}:1,2`);
  const hits = [...listed(picture, "data-hit").map(({ is }) => is), ...pixels];
  const isSome = (i) => hits.length < 30 || i % 7 === 0;
  const some = hits.filter((hit, i) => isSome(i) && !hit.startsWith("step"));
  const states = some.flatMap((hit) =>
    [explorer.point(state, hit, data), explorer.pin(state, hit, data)]);
  const stops = (each) => listed(explorer.picture(each, data, wide), "data-keys");
  const paths = [state, ...states].map((each) =>
    stops(each).map(({ path, is }) => is + path).join());
  return { hits: some.length, paths: [...new Set(paths)] };
}

const found = [];
for (const settings of Object.values(stills)) {
  const data = await ready(explorer, { ...given.data, ...settings });
  for (const state of statesOf(data)) {
    found.push(placesIn(state, data, true), placesIn(state, data, false));
  }
}
answer(found);
"""
)

# The viewBox of a picture on a phone, at first and after each press of a control.
ON_A_PHONE = """
const { explorer, stills = { still: {} } } = await import(`./${given.name}/index.js`);
const { PHONE } = await import("./frame/phone.js");
const setsIn = (trees) => [trees].flat(Infinity).filter(Boolean).flatMap((tree) =>
  [tree.named?.["data-set"], ...setsIn(tree.children ?? [])]).filter(Boolean);
const asNumber = (value) => (/^\\d+$/.test(value) ? Number(value) : value);

/** Parts that scroll sideways don't count as wide; parts are below one another. */
function boxOf(tree) {
  if (tree.name === "svg") return tree.named.viewBox.split(" ").map(Number);
  const within = (part) => (part.named.class === "strip" ? part.children[0] : part);
  const parts = tree.children.map(within);
  const heights = parts.map((part) => boxOf(part)[3]);
  return [0, 0, boxOf(parts.at(-1))[2], heights.reduce((sum, height) => sum + height)];
}

const boxes = Object.entries(stills).flatMap(([still, settings]) => {
  const data = { ...given.data, ...settings };
  const start = explorer.start(data);
  const presses = setsIn(explorer.controls(start, data)).filter((set) => !set.startsWith("reset"));
  const pressed = ([name, value]) => explorer.set(start, name, asNumber(value), data);
  const states = [["", start], ...presses.map((set) => [set, pressed(set.split(":"))])];
  return states.map(([set, state]) =>
    [`${still} ${set}`, boxOf(explorer.picture(state, data, false))]);
});
answer({ PHONE, boxes });
"""

# The parts that the Tab key changes by bringing them the focus.
FOCUSED = (
    READY
    + """
const { explorer, stills = { still: {} } } = await import(`./${given.name}/index.js`);
const keysIn = (tree) =>
  [tree.named?.["data-keys"], ...(tree.children ?? []).flatMap(keysIn)].filter(Boolean);
const moved = [];
for (const settings of Object.values(stills)) {
  const data = await ready(explorer, { ...given.data, ...settings });
  const start = explorer.start(data);
  const looks = (state) =>
    JSON.stringify([explorer.sentence(state, data), explorer.picture(state, data, true)]);
  for (const kind of keysIn(explorer.picture(start, data, true))) {
    if (looks(explorer.move(start, kind, "focus", data)) !== looks(start)) moved.push(kind);
  }
}
answer(moved);
"""
)


def built(name):
    return EXPLORERS / name / "built"


def read(path):
    return path.read_text(encoding="utf-8")


def test_there_are_explorers():
    assert "transposed_convolution" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_joined_module_is_made_from_these_modules(name):
    first, _, rest = read(built(name) / "explorer.js").partition("\n")
    assert first == format_first_line(name).strip()
    assert {path.parent.name for path in list_modules(name)} >= {"frame", name}
    assert "http://" not in rest.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in rest


@pytest.mark.parametrize("name", NAMES)
def test_the_joined_module_does_what_its_sources_do(name):
    walked = run_module(WALK, {"name": name, "data": read_data(name)})
    assert walked["differ"] == []
    assert walked["seen"] > 15


@pytest.mark.parametrize("name", NAMES)
def test_the_focus_stays(name):
    """Each grid keeps its place in the tree: draw.js goes by places, not by names."""
    found = run_module(PLACES, {"name": name, "data": read_data(name)})
    assert len(found) > 5
    assert sum(each["hits"] for each in found) > 10
    assert [each["paths"] for each in found if len(each["paths"]) > 1] == []
    assert all(each["paths"][0] for each in found)


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_picture_and_sentence_are_on_one_screen(name):
    asked = run_module(ON_A_PHONE, {"name": name, "data": read_data(name)})
    width, height = asked["PHONE"].values()
    boxes = dict(asked["boxes"])
    assert len(boxes) > 2
    assert {tuple(box[:3]) for box in boxes.values()} == {(0, 0, width)}
    higher = {press: box[3] - height for press, box in boxes.items() if box[3] > height + 0.01}
    assert len(higher) < len(boxes) / 4
    # With padding, three maps don't fit below one another; there, the sentence stays on the screen.
    assert {press for press, more in higher.items() if more > 64} <= {"two_kernels padding:1"}


@pytest.mark.parametrize("name", NAMES)
def test_style_sheets_are_current_and_an_explorer_s_own_rules_apply_to_it_alone(name):
    css = read(built(name) / "explorer.css")
    assert css == join_styles(name)
    frame = read(EXPLORERS / "frame" / "look.css")
    own = css.removeprefix(frame)
    assert bool(own) == (EXPLORERS / name / "look.css").exists()
    assert own.count(".explorer") == own.count(f".explorer.{name}")


@pytest.mark.parametrize("name", NAMES)
def test_stills_are_what_the_picture_functions_give(name):
    made = make_stills(name)
    assert "still" in made
    files = dict(iterate_still_files(made))
    for file, content in files.items():
        assert read(built(name) / file) == content, file
    for still, each in made.items():
        assert len(each["label"]) > 30
        assert each["sentence"]
        assert "undefined" not in each["svg"] + each["sentence"]
        with Image.open(built(name) / f"{still}.png") as picture:
            assert picture.width >= 844
            assert len(picture.getcolors()) <= COLOURS
    assert {path.stem for path in built(name).glob("*.svg")} == set(made)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_data_are_what_the_shipped_network_and_image_give(name):
    files = export_data(name)
    assert (built(name) / "data.json").exists() == bool(files)
    for file, content in files.items():
        if file.endswith("_maps.png"):
            assert_same_numbers(content, (built(name) / file).read_bytes())
        elif file.endswith(".png"):
            flipped = 0.001 if file == "changes.png" else 0  # pixels of masks
            assert_same_greys(content, (built(name) / file).read_bytes(), flipped)
        else:
            assert_near(json.loads(content), json.loads(read(built(name) / file)))


def assert_near(one, other):
    """Equal, but for the last digit of a number: other processors round otherwise."""
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        one, other = list(one.values()), list(other.values())
    if isinstance(one, list):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_near(*pair)
    elif isinstance(one, float):
        assert one == pytest.approx(other, abs=0.011)
    elif isinstance(one, int):
        assert abs(one - other) <= max(1, abs(one) // 100)  # counts of pixels
    else:
        assert one == other


def assert_same_numbers(one, other):
    """Equal, but for a few pixels at the edges of what is numbered."""
    numbers, shipped = (np.asarray(Image.open(io.BytesIO(png))) for png in (one, other))
    assert numbers.max() > 9
    assert (numbers != shipped).mean() < 0.01


def assert_same_greys(one, other, flipped=0):
    """Equal, but for a few pixels that are a grey darker or lighter, and a share that isn't."""
    pair = []
    for png in (one, other):
        with Image.open(io.BytesIO(png)) as picture:
            pair.append(np.asarray(picture.convert("RGBA").convert("L")).astype(int))
    apart = np.abs(pair[0] - pair[1])
    assert pair[0].std() > 20
    assert (apart > 17).mean() <= flipped  # the step of 16 greys
    assert (apart > 0).mean() < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_what_an_explorer_ships_is_small(name):
    for pattern, most in MOST_BYTES.items():
        for path in built(name).glob(pattern):
            allowed = LARGE_FILES.get(f"{name}/{path.name}", most)
            assert path.stat().st_size < allowed, path.name


@pytest.mark.parametrize("name", [name for name in NAMES if name != "the_u"])  # it shows where
def test_the_tab_key_selects_nothing(name):
    assert run_module(FOCUSED, {"name": name, "data": read_data(name)}) == []

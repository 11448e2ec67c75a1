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
# Both versions of an explorer go the same way, at random: presses, points, clicks, keys.
WALK = """
const { explorer: source } = await import(`./${given.name}/index.js`);
const { explorer: shipped } = await import(`./${given.name}/built/explorer.js`);
const { data } = given;
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
  const pixels = namesIn(picture, "data-pixels").map((pixels) => pixels.split(":")[0] + ":1,2");
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
# The paths to the parts that the Tab key stops at, wherever one points and whatever one keeps.
PLACES = """
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
  const some = hits.filter((hit, i) => i % 7 === 0 && !hit.startsWith("step"));
  const states = some.flatMap((hit) =>
    [explorer.point(state, hit, data), explorer.pin(state, hit, data)]);
  const stops = (each) => listed(explorer.picture(each, data, wide), "data-keys");
  const paths = [state, ...states].map((each) =>
    stops(each).map(({ path, is }) => is + path).join());
  return { hits: some.length, paths: [...new Set(paths)] };
}

answer(Object.values(stills).flatMap((settings) => {
  const data = { ...given.data, ...settings };
  return statesOf(data).flatMap((state) =>
    [true, false].map((wide) => placesIn(state, data, wide)));
}));
"""


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
    assert walked["seen"] > 50


@pytest.mark.parametrize("name", NAMES)
def test_the_focus_stays(name):
    """Each grid keeps its place in the tree: draw.js goes by places, not by names."""
    found = run_module(PLACES, {"name": name, "data": read_data(name)})
    assert len(found) > 10
    assert sum(each["hits"] for each in found) > 100
    assert [each["paths"] for each in found if len(each["paths"]) > 1] == []
    assert all(each["paths"][0] for each in found)


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
        if file.endswith(".png"):
            assert_same_greys(content, (built(name) / file).read_bytes())
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
        assert abs(one - other) <= 1
    else:
        assert one == other


def assert_same_greys(one, other):
    """Equal, but for a few pixels that are a grey darker or lighter."""
    pair = []
    for png in (one, other):
        with Image.open(io.BytesIO(png)) as picture:
            pair.append(np.asarray(picture.convert("L")).astype(int))
    apart = np.abs(pair[0] - pair[1])
    assert pair[0].std() > 20
    assert apart.max() <= 17  # the step of 16 greys
    assert (apart > 0).mean() < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_what_an_explorer_ships_is_small(name):
    for pattern, most in MOST_BYTES.items():
        for path in built(name).glob(pattern):
            assert path.stat().st_size < most, path.name

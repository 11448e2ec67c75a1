"""The U on its page: sizes and costs compared with Python's, and what pointing at it shows."""

import inspect
import re

import pytest
from node import run_module

from unet_tutorial import UNet
from unet_tutorial.shapes import unet_sizes
from unet_tutorial.shapes.unet import level_of, nearest_sizes
from unet_tutorial.teaching.explorers.frame.widget import read_data
from unet_tutorial.teaching.explorers.the_u.costs import compute_part_costs, sum_costs
from unet_tutorial.teaching.explorers.the_u.network import BLOCKS
from unet_tutorial.teaching.explorers.the_u.size_trace import trace_unet_sizes

SIDES = range(1, 105)
BASES = (1, 3, 8, 64, 128)

SIZES = """
const { traceSizes, nearestSides, partCosts } = await import("./the_u/arithmetic.js");
const listed = ({ stages, dropped, failed, upsampled }) => [
  stages.map(({ name, channels, height, width }) => [name, channels, height, width]),
  dropped.map(({ level, rows, columns }) => [level, rows, columns]),
  failed, upsampled && [upsampled.height, upsampled.width]];
answer({
  traces: given.sides.flatMap((height) => given.sides.map((width) =>
    listed(traceSizes(height, width, 1 + (height % 7))))),
  nearest: given.sides.map(nearestSides),
  costs: given.costs.map((sizes) => Object.entries(partCosts(...sizes)).map(([name, each]) =>
    [name, each.parameters, each.activations, each.multiplications])),
});
"""


def test_sizes_and_costs_are_those_of_python():
    fits = [16, 48, 96, 480, 1024, 2048]
    settings = [(height, width, base) for height in fits for width in fits for base in BASES]
    found = run_module(SIZES, {"sides": list(SIDES), "costs": settings})
    traces = iter(found["traces"])
    broken = set()
    for height in SIDES:
        for width in SIDES:
            trace = trace_unet_sizes(height, width, base_channels=1 + height % 7)
            stages = [list(stage) for stage in trace.stages]
            dropped = [list(each) for each in trace.dropped]
            upsampled = trace.upsampled and list(trace.upsampled)
            assert next(traces) == [stages, dropped, trace.failed_part, upsampled]
            broken.add(trace.failed_part)
    assert len(found["traces"]) > 10_000
    assert broken == {"", *BLOCKS[1:9]}  # each down and each up
    assert found["nearest"] == [nearest_sizes(side) for side in SIDES]
    for sizes, costs in zip(settings, found["costs"], strict=True):
        expected = compute_part_costs(*sizes[:2], base_channels=sizes[2])
        assert costs == [[name, *cost] for name, cost in expected.items()]


# What is given is a list of [settings, hits]; the answer, the sentence on each hit.
SAY = """
const { explorer } = await import("./the_u/index.js");
answer(given.map(([settings, ...hits]) => {
  const data = { ...settings };
  const start = explorer.start(data);
  const plain = (html) => html.replace(/<br>/g, " ").replace(/<[^>]*>/g, "");
  const stateOn = (hit) => (hit ? explorer.point(start, hit, data) : start);
  return [null, ...hits].map((hit) => plain(explorer.sentence(stateOn(hit), data)));
}));
"""


def test_the_boxes_say_how_the_sizes_go():
    (whole, *on_blocks), (broken, second, skip, later) = run_module(
        SAY,
        [
            [
                {"height": 480, "width": 96, "base_channels": 64},
                *("block:in_conv", "block:down2", "block:up2", "block:out_conv", "skip:1"),
            ],
            [{"height": 100, "width": 72}, "block:down3", "skip:2", "block:up3"],
        ],
    )
    assert whole.startswith("An image of 480 × 96 comes back as a map of 480 × 96. Both sides")
    assert "down to 30 × 6, and every skip fits." in whole
    assert on_blocks == [
        "in_conv makes 64 maps of the image and keeps its size, 480 × 96.",
        "down2 halves 240 × 48 to 120 × 24 and doubles 128 maps to 256.",
        "up2 doubles 60 × 12 to 120 × 24 and joins the skip of down2, which has the same size. "
        "It returns 256 maps.",
        "out_conv makes one map of 64 maps: one number for every pixel, 480 × 96.",
        "Skip 1 carries the 128 maps of 240 × 48 from down1 to up3, where maps of the same size "
        "come from below.",
    ]
    assert broken == (  # 72 is 18, then 9 columns: the fourth pooling drops one
        "down4 pools 12 × 9, and the last column is left over. So at up1, 12 × 8 meets the skip's "
        "12 × 9, and they can't be joined. What fits: height 96 or 112, width 64 or 80."
    )
    assert second == (
        "down3 halves 25 × 18 to 12 × 9 and doubles 32 maps to 64. With an odd side, the last row "
        "is left over."
    )
    assert skip.endswith("from down2 to up2, which is never reached: up1 fails before it.")
    assert later == "up3 is never reached: up1 fails before it."


def test_a_size_that_breaks_is_told_with_python_s_numbers():
    sides = [(height, width) for height in range(1, 130, 3) for width in (16, 75, 96, 100, 113)]
    said = run_module(SAY, [[{"height": height, "width": width}] for height, width in sides])
    for (height, width), (sentence,) in zip(sides, said, strict=True):
        trace = trace_unet_sizes(height, width, base_channels=8)
        assert ("What fits" in sentence) == bool(trace.failed_part)
        if trace.failed_part:
            assert trace.failed_part in sentence
        if trace.upsampled:
            kept = trace.stages[1 + level_of(trace.failed_part)]
            meets = f"{trace.upsampled[0]} × {trace.upsampled[1]} meets the skip's "
            assert f"{meets}{kept.height} × {kept.width}" in sentence
        for side in (side for side in (height, width) if side % 16):
            assert " or ".join(map(str, nearest_sizes(side))) in sentence


def test_costs_are_told_with_python_s_numbers():
    big = {"height": 480, "width": 480, "base_channels": 64}
    said = run_module(
        SAY,
        [[{**big, "measure": "parameters"}, "block:down4"]]
        + [[{**big, "measure": measure}] for measure in ("memory", "multiplications")]
        + [[{"measure": measure, "height": 100}] for measure in ("parameters", "memory")],
    )
    costs = compute_part_costs(480, 480)
    whole, down4 = sum_costs(costs.values()), costs["down4"]
    assert said[0][0].startswith(f"The whole network has {whole.parameters:,} parameters, 45.6 %")
    assert said[0][1] == (
        f"down4 has {down4.parameters:,} parameters (45.6 %), {down4.bytes / 1e6:.1f} MB for "
        f"activations (1.6 %) and {down4.macs / 1e9:.1f} billion multiplications (7.5 %), "
        "for one image."
    )
    most = max(costs, key=lambda name: costs[name].bytes)
    share = 100 * costs[most].bytes / whole.bytes
    assert f"fills {whole.bytes / 1e6:,.0f} MB with" in said[1][0]
    assert f"{share:.1f} % of that in {most} alone" in said[1][0]
    assert f"takes {whole.macs / 1e9:.1f} billion multiplications" in said[2][0]
    assert "An image of 100 × 96 wouldn't pass, but parameters don't depend on it." in said[3][0]
    assert "it doesn't run, and there's nothing to measure" in said[4][0]


FORMATS = """
const { formatBytes, formatCount } = await import("./the_u/arithmetic.js");
answer([given.counts.map(formatCount), given.bytes.map(formatBytes)]);
"""


def test_amounts_have_a_unit():
    counts = {12_288: "12,288", 1_234_567: "1.2 million", 36_008_755_200: "36.0 billion"}
    amounts = {288: "288 bytes", 10_240: "10.2 kB", 531_763_200: "531.8 MB"}
    amounts |= {1_038_643_200: "1,039 MB", 37_900_000_000: "37.9 GB"}
    found = run_module(FORMATS, {"counts": list(counts), "bytes": list(amounts)})
    assert found == [list(counts.values()), list(amounts.values())]


BOXES = """
const { placesOf } = await import("./the_u/boxes_places.js");
const { amountsOf, startBoxes } = await import("./the_u/boxes_state.js");
answer(given.map(([height, width, base_channels, measure, wide]) => {
  const state = startBoxes({ height, width, base_channels, measure });
  const { layout, at } = placesOf(state, amountsOf(state), wide);
  const { input, ...blocks } = at;
  const boxOf = ([name, { x, y, width, height }]) => [name, x, y, width, height];
  return [layout.width, layout.height, Object.entries(blocks).map(boxOf)];
}));
"""


def test_areas_are_shares_and_everything_is_within_the_picture():
    kinds = {"parameters": 0, "memory": 1, "multiplications": 2}
    settings = [
        (height, width, base, measure, wide)
        for height, width in ((16, 16), (96, 96), (16, 2048), (2048, 480))
        for base in BASES
        for measure in (*kinds, None)
        for wide in (True, False)
    ]
    found = run_module(BOXES, settings)
    for (height, width, base, measure, wide), (across, down, boxes) in zip(
        settings, found, strict=True
    ):
        room = 0 if wide else 34  # for a label
        for _, x, y, w, h in boxes:
            assert 0 <= x <= x + w <= across
            assert 0 <= y <= y + h <= down - room
        if measure:
            costs = compute_part_costs(height, width, base_channels=base)
            whole = sum_costs(costs.values())[kinds[measure]]
            total = sum(w * h for *_, w, h in boxes)
            for name, _, _, w, h in boxes:
                share = costs[name][kinds[measure]] / whole
                assert w * h / total == pytest.approx(share, rel=1e-6)


CODE = """
const { BLOCKS, codeOf, levelOf, readBy, walkFrom } = await import("./the_u/u.js");
answer(BLOCKS.map((name) =>
  [name, codeOf(name), levelOf(name), readBy(name), walkFrom(name, "ArrowRight")]));
"""


def test_blocks_and_their_lines_are_those_of_the_network():
    source = inspect.getsource(UNet.forward)
    lines = re.findall(r"^ +((?:\w+ = |return )self\.\w+\(.*?\))(?:  #.*)?$", source, re.MULTILINE)
    found = run_module(CODE)
    assert [name for name, *_ in found] == list(BLOCKS) == [s.name for s in unet_sizes(16, 16)[1:]]
    assert [code for _, code, *_ in found] == lines
    makers = {line.split(" = ")[0]: name for line, name in zip(lines, BLOCKS, strict=True)}
    for (name, code, level, read, after), next_name in zip(
        found, [*BLOCKS[1:], BLOCKS[-1]], strict=True
    ):
        assert level == level_of(name)
        assert read == [makers[v] for v in re.findall(r"\w+", code.split("(")[1]) if v in makers]
        assert after == next_name


# ---- With maps


@pytest.fixture(scope="module")
def data():
    return {**read_data("the_u"), "face": "maps"}


CUTS = """
const { explorer } = await import("./the_u/index.js");
const { data } = given;
const found = (tree, name) => [
  ...(tree.named && tree.named.class?.split(" ").includes(name) ? [tree] : []),
  ...(tree.children ?? []).flatMap((child) => found(child, name))];
const hitsIn = (tree) =>
  [tree.named?.["data-hit"], ...(tree.children ?? []).flatMap(hitsIn)].filter(Boolean);
const nameOf = (block) => hitsIn(block)[0].slice(6);
const boxOf = (tree) => tree.children.find((child) => child.name === "svg")?.named.viewBox;
answer([...Array(16).keys()].map((on) => {
  const off = [0, 1, 2, 3].filter((level) => !((on >> level) & 1));
  const cut = (state, level) => explorer.pin(state, `skip:${level}`, data);
  const state = off.reduce(cut, explorer.start(data));
  const picture = explorer.picture(state, data, true);
  const blocks = found(picture, "block");
  return {
    on: state.on,
    tiles: Object.fromEntries(blocks.map((each) => [nameOf(each), boxOf(each)])),
    touched: found(picture, "touched").map(nameOf),
    switches: found(picture, "skip").map((each) => each.named["aria-checked"]),
    sentence: explorer.sentence(state, data).replace(/<[^>]*>/g, ""),
  };
}));
"""


def test_each_combination_of_skips_shows_its_own_maps_and_says_what_has_changed(data):
    found = run_module(CUTS, {"data": data})
    for on, shown in enumerate(found):
        assert shown["on"] == on
        assert shown["switches"] == [("false", "true")[on >> level & 1] for level in range(4)]
        for block in data["blocks"][:-1]:
            name, side = block["name"], block["side"]
            top = block["tops"][on >> level_of(name) if name.startswith("up") else 0]
            assert shown["tiles"][name] == f"0 {top} {side} {side}"
        ups = [name for name in BLOCKS[5:9] if on >> level_of(name) != 15 >> level_of(name)]
        assert set(shown["touched"]) == {*ups, *(["out_conv"] if on != 15 else [])}
        change, sentence = data["changes"][on], shown["sentence"]
        if on == 15:
            assert f"Dice of {change['dice']:.2f} on this patch" in sentence
        elif change["lost"] > 0.9 * data["changes"][15]["pixels"]:
            assert f"{change['lost']:,} of {data['changes'][15]['pixels']:,} pixels" in sentence
        else:
            assert f"gained {change['gained']:,} pixels and lost {change['lost']:,}" in sentence
        if on != 15:
            cut = "it" if on.bit_count() == 3 else "them"
            assert (
                f"That's how much these weights rely on {cut}, not how well a network " in sentence
            )
            assert sentence.endswith(f"trained without {cut} would do.")


KEYS = """
const { explorer } = await import("./the_u/index.js");
const { data } = given;
const press = (kind, ...keys) =>
  keys.reduce((state, key) => explorer.move(state, kind, key, data), explorer.start(data));
const clicked = (...hits) =>
  hits.reduce((state, hit) => explorer.pin(state, hit, data), explorer.start(data));
const words = (state) => explorer.sentence(state, data).replace(/<[^>]*>/g, "");
answer({
  walked: press("blocks", "ArrowLeft", "ArrowLeft", "focus").open,
  first: press("blocks", "Home").open,
  chosen: words(press("skips", "focus", "ArrowDown", "ArrowDown")),
  cut: press("skips", "focus", "ArrowDown", "Enter").on,
  again: press("skips", "focus", "ArrowDown", "Enter", "Enter").on,
  marked: press("open", "ArrowRight", "ArrowDown", "End").kept,
  place: words(clicked("block:up1", "map10:3,4")),
  pixel: words(clicked("mask:3,4")),
});
"""


def test_keys_walk_cut_and_mark(data):
    found = run_module(KEYS, {"data": data})
    assert found["walked"] == "up3"
    assert found["first"] == "in_conv"
    assert found["chosen"].startswith("Skip 2 carries the 32 maps of 24 × 24 of down2 to up2.")
    assert (found["cut"], found["again"]) == (13, 15)
    assert found["marked"] == {"kind": "map", "row": 49, "column": 95}
    assert found["place"].startswith("One value at level 3 stands for 8 × 8 pixels of the image")
    assert "Only 12 × 12 values are left" in found["place"]
    assert found["pixel"].startswith("One value at level 0 stands for one pixel")


MARKS = """
const { mark } = await import("./the_u/maps_picture.js");
const placeOf = ({ named }) => [named.x, named.y, named.width].map(Number);
answer(given.map(([open, row, column, pixels]) =>
  placeOf(mark({ open, at: { row, column } }, { side: 96 }, pixels, { x: 0, y: 0, side: 9600 }))));
"""


def test_a_mark_frames_the_same_place_in_every_map():
    pointed = {"up1": 12, "up3": 48, "in_conv": 96}  # and the sides of their maps
    asked = [
        (open_, side // 3, side - 1, pixels)
        for open_, side in pointed.items()
        for pixels in (96, 48, 24, 12, 6)
    ]
    for (open_, row, column, pixels), (x, y, size) in zip(
        asked, run_module(MARKS, asked), strict=True
    ):
        side = pointed[open_]
        unit = 9600 / pixels
        first = {"y": row * pixels // side, "x": column * pixels // side}  # pixel of this map
        assert (x + 1, y + 1) == (first["x"] * unit, first["y"] * unit)
        assert size - 2 == max(unit, 9600 / side)


def test_sentences_are_true_for_other_networks(data):
    def with_changes(on15, others, **more):
        return {**data, **more, "changes": [others] * 15 + [on15]}

    full = {"pixels": 100, "gained": 0, "lost": 0, "near": 0}
    cut = """
    const { explorer } = await import("./the_u/index.js");
    answer(given.map((data) => {
      const first = explorer.start(data);
      const states = [first, explorer.pin(first, "skip:3", data)];
      return states.map((state) => explorer.sentence(state, data).replace(/<[^>]*>/g, ""));
    }));
    """
    same, empty, grown = run_module(
        cut,
        [
            with_changes(full, full),
            with_changes({**full, "pixels": 0}, {**full, "pixels": 0}),
            with_changes(full, {"pixels": 160, "gained": 60, "lost": 0, "near": 30}, truth=False),
        ],
    )
    assert same[0].startswith("With all its skips, the network marks 100 pixels on this patch.")
    assert same[1] == (
        "Without skip 3, the mask is the same. So these weights don't rely on it here."
    )
    assert empty[0].startswith("With all its skips, the network marks 0 pixels")
    assert empty[1].startswith("Without skip 3, the mask is the same.")
    assert "gained 60 pixels and lost 0, 50 % of them within two pixels" in grown[1]

"""The explorer of max pooling: its winners and its words against PyTorch."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from node import run_module

from unet_tutorial.data import load_nuclei
from unet_tutorial.shapes import max_pool_output_size
from unet_tutorial.teaching.explorers.frame.widget import read_data
from unet_tutorial.teaching.explorers.pooling.explorer import pooling

READ = """
import { explorer } from "./pooling/built/explorer.js";

function all(tree, found = []) {
  if (!tree.named) return found;
  found.push(tree);
  tree.children.forEach((child) => all(child, found));
  return found;
}

const wordsIn = (children) => children.map((child) => child.children?.join("") ?? child).join("");

/** What is drawn in each cell: its words, and whether it is lit, hatched, padding or a winner. */
function cellsOf(state, data, wide = true) {
  const cells = {};
  let last = null;
  for (const { name, named, children } of all(explorer.picture(state, data, wide))) {
    if (name === "rect" && named["data-hit"]) {
      last = { words: "", is: named.class.split(" "), width: named.width };
      cells[named["data-hit"]] = last;
    } else if (name === "text" && /number/.test(named.class) && last) {
      last.words += wordsIn(children);
      last.is.push(...named.class.split(" "));
    }
  }
  return cells;
}

const said = (state, data) => explorer.sentence(state, data).replace(/<[^>]*>/g, "");

function pointed(state, data, hit) {
  const at = explorer.point(state, hit, data);
  const lit = Object.entries(cellsOf(at, data)).filter(([, cell]) => cell.is.includes("lit"));
  return { lit: lit.map(([lit]) => lit), sentence: said(at, data) };
}

answer(given.map(({ image, settings = {}, presses = [] }) => {
  const data = { image };
  let state = { ...explorer.start(data), ...settings };
  for (const [how, ...what] of presses) state = explorer[how](state, ...what, data);
  const cells = cellsOf(state, data);
  const everywhere = Object.keys(cells).map((hit) => [hit, pointed(state, data, hit)]);
  const options = explorer.controls(state, data).flat().flatMap((tree) => all(tree))
    .filter((each) => each.named["data-set"]);
  return {
    cells,
    narrow: cellsOf(state, data, false),
    sentence: said(state, data),
    at: Object.fromEntries(everywhere),
    options: options.map(({ named }) => [named["data-set"], named.title ?? null]),
  };
}));
"""


@pytest.fixture(scope="module")
def cases():
    """Images with many ties, odd sides and negative values, without padding and with it."""
    generator = np.random.default_rng(0)
    shapes = [(6, 6), (7, 7), (8, 8), (9, 9), (2, 2), (3, 2), (5, 8), (7, 4)]
    images = [generator.integers(-3, 4, shape) for shape in shapes]
    images += [-generator.permutation(49).reshape(7, 7) - 1]
    return [
        {"image": image.tolist(), "settings": {"size": max(image.shape), "padding": padding}}
        for image, padding in product(images, (0, 1))
    ]


@pytest.fixture(scope="module")
def drawn(cases):
    return run_module(READ, cases)


def pool(case):
    """Return the image, PyTorch's output, and the (row, column) of each winner, in its shape."""
    image = torch.tensor(case["image"], dtype=torch.float64)
    pooled, winners = F.max_pool2d(
        image[None], 2, padding=case["settings"]["padding"], return_indices=True
    )
    places = np.stack(np.unravel_index(winners[0].numpy(), image.shape), axis=-1)
    return image.numpy(), pooled[0].numpy(), places


def number(words):
    return float(words.replace("−", "-"))


def place(hit):
    row, column = hit.split(":")[1].split(",")
    return int(row), int(column)


def find(cells, kind, flag):
    return {
        place(hit) for hit, cell in cells.items() if hit.startswith(kind) and flag in cell["is"]
    }


def find_windows(case):
    """Map each pixel of the image to the output whose window has it."""
    image, pooled, _ = pool(case)
    padding = case["settings"]["padding"]
    windows = {}
    for row, column in np.ndindex(*pooled.shape):
        for u, v in np.ndindex(2, 2):
            windows[2 * row + u - padding, 2 * column + v - padding] = (row, column)
    return {at: output for at, output in windows.items() if at in set(np.ndindex(*image.shape))}


def test_outputs_and_winners_equal_pytorchs(cases, drawn):
    for case, one in zip(cases, drawn, strict=True):
        _, pooled, winners = pool(case)
        outputs = {hit: cell for hit, cell in one["cells"].items() if hit.startswith("output")}
        assert {place(hit): number(cell["words"]) for hit, cell in outputs.items()} == dict(
            np.ndenumerate(pooled)
        )
        expected = {tuple(winners[at]) for at in np.ndindex(*pooled.shape)}
        assert find(one["cells"], "image", "strong") == expected


def test_unread_pixels_are_hatched(cases, drawn):
    for case, one in zip(cases, drawn, strict=True):
        image, _, _ = pool(case)
        unread = set(np.ndindex(*image.shape)) - set(find_windows(case))
        assert find(one["cells"], "image", "unread") == unread


def test_an_output_lights_its_winner_and_a_winner_its_output(cases, drawn):
    for case, one in zip(cases, drawn, strict=True):
        _, pooled, winners = pool(case)
        for row, column in np.ndindex(*pooled.shape):
            winner = "image:{},{}".format(*winners[row, column])
            output = f"output:{row},{column}"
            assert set(one["at"][output]["lit"]) == {winner, output}
            assert set(one["at"][winner]["lit"]) == {winner, output}


def test_a_pixels_sentence_says_who_won(cases, drawn):
    for case, one in zip(cases, drawn, strict=True):
        image, pooled, winners = pool(case)
        windows = find_windows(case)
        for at, value in np.ndenumerate(image):
            said = one["at"]["image:{},{}".format(*at)]["sentence"].replace("−", "-")
            here = windows.get(at)
            if here is None:
                expected = f"No window reaches this {value:.0f}: it could be anything."
            elif tuple(winners[here]) == at:
                equal = [image[pixel] for pixel, output in windows.items() if output == here]
                tie = ", and the first of " if equal.count(value) > 1 else ": it goes on"
                expected = f"{value:.0f} is the largest of its window{tie}"
            elif pooled[here] == value:
                expected = f"{value:.0f} is there more than once in this window: only"
            else:
                expected = f"{value:.0f} lost to {pooled[here]:.0f}:"
            assert said.startswith(expected)


def test_an_outputs_sentence_counts_its_window(cases, drawn):
    for case, one in zip(cases, drawn, strict=True):
        image, pooled, _ = pool(case)
        windows = find_windows(case)
        for at, value in np.ndenumerate(pooled):
            pixels = [image[pixel] for pixel, output in windows.items() if output == at]
            equal = pixels.count(value)
            said = one["at"]["output:{},{}".format(*at)]["sentence"].replace("−", "-")
            if len(pixels) == 1:
                expected = f"{value:.0f} wins because it is alone"
            elif equal > 1:
                expected = (
                    f"{value:.0f} is there "
                    + {2: "twice", 3: "three times", 4: "four times"}[equal]
                    + " in this window: only the first one wins."
                )
            else:
                others = {1: "pixel is", 2: "two are", 3: "three are"}[len(pixels) - 1]
                expected = f"{value:.0f} wins; the other {others} forgotten."
            assert said.startswith(expected)


def test_sides_are_shapes(cases, drawn):
    for case, one in zip(cases, drawn, strict=True):
        shape = np.shape(case["image"])
        size = max_pool_output_size(shape, 2, padding=case["settings"]["padding"])
        before, after = (f"{rows} × {columns}" for rows, columns in (shape, size))
        assert before in one["sentence"]
        assert f"becomes {after}" in one["sentence"]
        assert not any("becomes" in here["sentence"] for here in one["at"].values())


def test_refusals_are_shapes():
    asked = [{"image": np.zeros(shape).tolist()} for shape in ((2, 2), (9, 9), (3, 7))]
    for case, one in zip(asked, run_module(READ, asked), strict=True):
        shape = np.shape(case["image"])
        for option, title in one["options"]:
            name, value = option.split(":")
            if name != "reset":
                size = int(value) if name == "size" else max(shape)
                padding = int(value) if name == "padding" else 0
                assert title == refuse(min(size, *shape), padding)


def refuse(size, padding):
    try:
        max_pool_output_size(size, 2, padding=padding)
    except ValueError as error:
        return str(error)
    return None


def test_opens_on_the_brightest():
    (one,) = run_module(READ, [read_data("pooling")])
    assert one["sentence"] == (
        "223 wins; the other three are forgotten. "
        "7 × 7 becomes 3 × 3: no window reaches the last row and column."
    )
    assert [option for option, _ in one["options"]] == [
        *(f"size:{size}" for size in range(6, 10)),
        "padding:0",
        "padding:1",
        "reset:",
    ]


def test_padding_has_a_price():
    image = read_data("pooling")["image"]
    presses = [["set", "padding", 1], ["set", "size", 8]]
    odd, even = run_module(READ, [{"image": image, "presses": presses[:count]} for count in (1, 2)])
    assert odd["sentence"].startswith(
        "With padding 1, 7 × 7 becomes 4 × 4: the last windows see the last row and column, "
        "but the first ones see padding."
    )
    assert even["sentence"].startswith(
        "With padding 1, even 8 × 8 is no longer halved: it becomes 5 × 5."
    )
    assert not find(odd["cells"], "image", "unread")


def test_the_last_output_stays_the_last_with_padding():
    image = read_data("pooling")["image"]
    for pin, stays in (("output:2,2", (3, 3)), ("output:2,1", (2, 1))):
        presses = [["pin", pin], ["set", "padding", 1]]
        (one,) = run_module(READ, [{"image": image, "presses": presses}])
        assert find(one["cells"], "output", "lit") == {stays}


def test_the_focus_stays():
    """Whatever is selected, each grid has the same place in the tree; draw.js goes by places."""
    script = """
import { explorer } from "./pooling/built/explorer.js";
function stops(tree, path = "") {
  const here = tree.named?.["data-keys"] ? [`${tree.named["data-keys"]} ${path}`] : [];
  return [...here, ...(tree.children ?? []).flatMap((child, i) => stops(child, `${path}/${i}`))];
}
const hits = (tree) =>
  [tree.named?.["data-hit"], ...(tree.children ?? []).flatMap(hits)].filter(Boolean);
answer(given.map((data) => {
  const start = explorer.start(data);
  const all = [null, ...hits(explorer.picture(start, data, true))];
  const pointed = (hit) => explorer.point(start, hit, data);
  return all.map((hit) => stops(explorer.picture(pointed(hit), data, true)).join());
}));
"""
    for paths in run_module(script, [read_data("pooling")]):
        assert len(paths) > 40
        assert len(set(paths)) == 1


def test_every_cell_can_be_hit():
    image = read_data("pooling")["image"]
    presses = [["set", "size", 9], ["set", "padding", 1]]
    (one,) = run_module(READ, [{"image": image, "presses": presses}])
    for cell in [*one["cells"].values(), *one["narrow"].values()]:
        assert float(cell["width"]) >= 24


def test_arrow_keys_stay_on_the_image_and_its_padding():
    presses = [
        ["set", "padding", 1],
        *[["move", "image", key] for key in ("Home", "ArrowUp", "ArrowUp")],
    ]
    (one,) = run_module(READ, [{**read_data("pooling"), "presses": presses}])
    assert find(one["cells"], "image", "lit") == {(-1, -1)}
    assert one["sentence"].startswith("Padding counts as minus infinity, so it never wins.")


def test_ships_a_piece_of_the_nuclei_image():
    image, labels = load_nuclei()
    piece = np.array(read_data("pooling")["image"])
    np.testing.assert_array_equal(piece, np.round(255 * image[446:455, 41:50]))
    assert set(np.unique(labels[446:455, 41:50])) == {0, 88}


def test_python_hands_over_an_image():
    given = np.linspace(0, 1, 20).reshape(4, 5)
    assert pooling(torch.tensor(given, requires_grad=True)).data["image"] == given.tolist()
    assert pooling().data == read_data("pooling")
    assert pooling(given).still is None
    assert "223" in pooling().still.sentence


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.zeros((512, 512)), r"2 to 9 pixels, not the shape \(512, 512\).*image\[:9, :9\]"),
        (np.zeros((1, 4)), "2 to 9 pixels"),
        (np.zeros((1, 4, 4)), "Give one channel"),
        ([[1.0, float("inf")]] * 2, "finite numbers, not inf"),
        ([["a", "b"]] * 2, "real numbers"),
    ],
)
def test_refuses(image, said):
    with pytest.raises(ValueError, match=said):
        pooling(image)

"""The explorer of convolutions: its sums, its readers and its words against PyTorch."""

import re
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from node import run_module
from torch.autograd.functional import jacobian

from unet_tutorial.shapes import conv_output_size
from unet_tutorial.teaching.explorers.convolution.explorer import CONTROLS, convolution

NAMES = ("size", "kernel", "stride", "padding")
# What is drawn, by place: the words in a cell, and whether it is lit, hatched or padding.
READ = """
import { explorer } from "./convolution/built/explorer.js";
const wordsOf = (html) => html.replace(/<[^>]*>/g, "");
function all(tree, found = []) {
  if (!tree.named) return found;
  found.push(tree);
  tree.children.forEach((child) => all(child, found));
  return found;
}

const wordsIn = (children) => children.map((child) => child.children?.join("") ?? child).join("");

function cellsOf(state, data, wide = true) {
  const cells = {};
  let last = null;
  for (const { name, named, children } of all(explorer.picture(state, data, wide))) {
    if (name === "rect" && named["data-hit"]) {
      last = { words: "", is: named.class.split(" "), width: named.width };
      cells[named["data-hit"]] = last;
    } else if (name === "text" && /number/.test(named.class)) last.words += wordsIn(children);
  }
  return cells;
}

function settled({ image, kernels, weights, settings }) {
  const data = { image, kernels };
  const start = explorer.start(data);
  const kept = weights ? { preset: "yours", own: { [settings.kernel]: weights } } : {};
  const chosen = { ...start, ...settings, ...kept, pinned: { kind: "output", row: 0, column: 0 } };
  return [chosen, data];
}

const said = (state, data) => wordsOf(explorer.sentence(state, data));

/** What is lit where the pointer is, and what is said there. */
function pointed(state, data, hit) {
  const at = explorer.point(state, hit, data);
  const lit = Object.entries(cellsOf(at, data)).filter(([, cell]) => cell.is.includes("lit"));
  return { cells: Object.fromEntries(lit), sentence: said(at, data) };
}
"""
EVERYWHERE = (
    READ
    + """
answer(given.map((one) => {
  const [state, data] = settled(one);
  const start = { cells: cellsOf(state, data), sentence: said(state, data) };
  const hits = Object.keys(start.cells).map((hit) => [hit, pointed(state, data, hit)]);
  return { start, ...Object.fromEntries(hits) };
}));
"""
)
PRESSED = (
    READ
    + """
answer(given.map(([data, presses]) => {
  let state = explorer.start(data);
  for (const [how, ...what] of presses) state = explorer[how](state, ...what, data);
  const [cells, narrow] = [true, false].map((wide) => cellsOf(state, data, wide));
  return { cells, narrow, sentence: said(state, data) };
}));
"""
)
OPTIONS = (
    READ
    + """
answer(given.map((settings) => {
  const state = { ...explorer.start({}), ...settings };
  return explorer.controls(state, {}).flat().filter(Boolean).flatMap((tree) => all(tree))
    .filter((each) => each.named["data-set"])
    .map((each) => [each.named["data-set"], each.named.title ?? null]);
}));
"""
)


def number(words):
    """Read a number as the explorer writes it."""
    if "/" in words:
        return 1 / number(words.split("/")[1])
    return float(words.replace("−", "-").replace(",", ""))


def read_map(cells, kind):
    """Return the numbers of one grid without padding, as an array."""
    places = [(place(hit), cell) for hit, cell in cells.items() if hit.startswith(f"{kind}:")]
    inside = {at: number(cell["words"]) for at, cell in places if "outside" not in cell["is"]}
    rows, columns = (max(at[axis] for at in inside) + 1 for axis in (0, 1))
    return np.array([[inside[r, c] for c in range(columns)] for r in range(rows)])


def place(hit):
    row, column = hit.split(":")[1].split(",")
    return int(row), int(column)


def find(cells, kind, flag):
    return {
        place(hit) for hit, cell in cells.items() if hit.startswith(kind) and flag in cell["is"]
    }


def place_set(mask):
    return {tuple(at) for at in np.argwhere(mask)}


@pytest.fixture(scope="module")
def cases():
    """Settings that fit, each with an image of whole numbers and weights that are never 0."""
    generator = np.random.default_rng(0)
    square, tall = generator.integers(-9, 10, (8, 8)), generator.integers(-9, 10, (7, 5))
    found = []
    for kernel, stride, padded in product((1, 2, 3, 5), (1, 2, 3), (False, True)):
        padding = padded * (1 if kernel % 2 else 2)
        size = 4 if (kernel + padding) % 3 == 2 else 7
        settings = {"size": size, "kernel": kernel, "stride": stride, "padding": padding}
        if refuse(**settings) is None:
            weights = generator.choice([-3, -2, -1, 1, 2, 3], (kernel, kernel)).tolist()
            image = (tall if (kernel + stride) % 2 else square).tolist()
            found.append({"image": image, "weights": weights, "settings": settings})
    assert len(found) > 20
    return found


def refuse(size, kernel, stride, padding):
    try:
        conv_output_size(size, kernel, stride, padding)
    except ValueError as error:
        return str(error)
    return None


@pytest.fixture(scope="module")
def drawn(cases):
    return run_module(EVERYWHERE, cases)


def convolve(case):
    """Return the image, the output and d output / d image of a case, all from PyTorch."""
    settings = case["settings"]
    side = settings["size"]
    image = torch.tensor(case["image"], dtype=torch.float64)[:side, :side]
    kernel = torch.tensor(case["weights"], dtype=torch.float64)[None, None]

    def layer(x):
        return F.conv2d(x[None, None], kernel, None, settings["stride"], settings["padding"])[0, 0]

    return image.numpy(), layer(image).numpy(), jacobian(layer, image).numpy()


def test_sums_equal_pytorchs(cases, drawn):
    for case, places in zip(cases, drawn, strict=True):
        _, output, _ = convolve(case)
        cells = places["start"]["cells"]
        np.testing.assert_array_equal(read_map(cells, "output"), output)
        assert len(output) == conv_output_size(
            min(case["settings"]["size"], len(case["image"])),
            *(case["settings"][name] for name in NAMES[1:]),
        )


def test_who_reads_what_equals_autograds(cases, drawn):
    for case, places in zip(cases, drawn, strict=True):
        image, output, gradient = convolve(case)
        unread = place_set(~gradient.any(axis=(0, 1)))
        assert find(places["start"]["cells"], "image", "unread") == unread
        for row, column in np.ndindex(*output.shape):
            cells = places[f"output:{row},{column}"]["cells"]
            assert lit_inside(cells, "image") == place_set(gradient[row, column])
        for row, column in np.ndindex(*image.shape):
            here = places[f"image:{row},{column}"]
            assert find(here["cells"], "output", "lit") == place_set(gradient[:, :, row, column])


def test_products_in_the_window_add_up_to_the_output(cases, drawn):
    for case, places in zip(cases, drawn, strict=True):
        _, output, _ = convolve(case)
        for row, column in np.ndindex(*output.shape):
            cells = places[f"output:{row},{column}"]["cells"]
            lit = [cell["words"] for hit, cell in cells.items() if hit.startswith("image")]
            assert len(lit) == case["settings"]["kernel"] ** 2
            assert (
                sum(number(a) * number(b) for a, b in (words.split("·") for words in lit))
                == (output[row, column])
            )


def test_pixels_and_weights_show_what_they_add(cases, drawn):
    for case, places in zip(cases, drawn, strict=True):
        image, output, gradient = convolve(case)
        added = np.zeros_like(output)
        for u, v in np.ndindex(*np.shape(case["weights"])):
            cells = places[f"kernel:{u},{v}"]["cells"]
            terms = {
                at: cells[f"output:{at[0]},{at[1]}"]["words"] for at in np.ndindex(*output.shape)
            }
            for at, words in terms.items():
                value, weight = map(number, words.split("·"))
                assert weight == case["weights"][u][v]
                added[at] += value * weight
        np.testing.assert_array_equal(added, output)
        row, column = np.array(image.shape) // 2
        cells = places[f"image:{row},{column}"]["cells"]
        for at in find(cells, "output", "lit"):
            value, weight = map(number, cells[f"output:{at[0]},{at[1]}"]["words"].split("·"))
            assert (value, weight) == (image[row, column], gradient[at][row, column])


def test_sentences_say_the_same_numbers(cases, drawn):
    for case, places in zip(cases, drawn, strict=True):
        image, output, gradient = convolve(case)
        unread = (~gradient.any(axis=(0, 1))).sum()
        counted = re.search(r"(\d+) of (\d+) pixels could", places["start"]["sentence"])
        assert counted is None or (int(counted[1]), int(counted[2])) == (unread, image.size)
        assert (counted is None) == (unread == 0)
        for row, column in np.ndindex(*output.shape):
            said = places[f"output:{row},{column}"]["sentence"]
            assert f"{output[row, column]:.0f}".replace("-", "−") in said.replace(",", "")
            if " = " in said:
                terms, total = re.match(r"(.*) = (−?[\d,]+)\.", said).groups()
                products = [number(a) * number(b) for a, b in re.findall(r"(\S+)·(\S+)", terms)]
                assert sum(products) == number(total) == output[row, column]
            assert "pixels could" not in said  # where the pointer is, nothing else is said


COUNTED = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def test_a_pixels_sentence_counts_its_readers(cases, drawn):
    for case, places in zip(cases, drawn, strict=True):
        image, _, gradient = convolve(case)
        for row, column in np.ndindex(*image.shape):
            count = (gradient[:, :, row, column] != 0).sum()
            words = COUNTED[count] if count < 10 else str(count)
            said = places[f"image:{row},{column}"]["sentence"]
            assert said.lower().startswith(
                f"{words} window" if count else "no window reaches this pixel"
            )


def test_opens_on_a_jump():
    (first,) = run_module(PRESSED, [[{}, []]])
    assert first["sentence"] == "The kernel finds a jump from 0 to 9 here: 9·1 + 9·1 + 9·1 = 27."
    assert read_map(first["cells"], "output").shape == (5, 5)


def test_stride_3_loses_nothing_at_6_and_9():
    stride = ["set", "stride", 3]
    sizes = range(4, 11)
    drawn = run_module(PRESSED, [[{}, [stride, ["set", "size", size]]] for size in sizes])
    whole = [
        size
        for size, one in zip(sizes, drawn, strict=True)
        if not find(one["cells"], "image", "unread")
    ]
    assert whole == [6, 9]
    assert drawn[3]["sentence"].startswith(
        "7 × 7 becomes 2 × 2: no window reaches the last row and column, "
        "so 13 of 49 pixels could hold anything."
    )
    assert drawn[2]["sentence"].startswith("6 × 6 becomes 2 × 2, and every pixel is read.")


def test_presets():
    image = np.random.default_rng(1).integers(0, 10, (7, 7))
    names = ("edge", "blur", "sharpen", "copy")
    data = {"image": image.tolist()}
    drawn = run_module(PRESSED, [[data, [["set", "preset", name]]] for name in names])
    edge, blur, sharpen, copy = (read_map(one["cells"], "output") for one in drawn)
    middle = image[1:-1, 1:-1]
    left, right = (
        F.avg_pool2d(torch.tensor(image[None, None, :, c], dtype=torch.float64), (3, 1), 1)
        for c in (slice(0, 5), slice(2, 7))
    )
    np.testing.assert_allclose(edge, 3 * (right - left)[0, 0].numpy())
    mean = F.avg_pool2d(torch.tensor(image[None, None], dtype=torch.float64), 3, 1)[0, 0]
    np.testing.assert_allclose(blur, mean.numpy(), atol=0.005)
    crosses = image[:-2, 1:-1] + image[2:, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:]
    np.testing.assert_array_equal(sharpen, 5 * middle - crosses)
    np.testing.assert_array_equal(copy, middle)


def test_few_digits_are_marked_as_rounded():
    values = np.random.default_rng(2).random((7, 7)).astype(np.float32)
    data = {"image": values.tolist()}
    (one,) = run_module(PRESSED, [[data, [["pin", "output:0,0"]]]])
    right, left = values[:3, 2].sum(), values[:3, 0].sum()
    assert float(one["sentence"].split("≈ ")[1][:-1]) == pytest.approx(right - left, abs=0.005)
    assert max(len(cell["words"]) for cell in one["cells"].values()) <= len("0.12·−1")


def test_weights_change_by_keys_and_buttons():
    weight = ["pin", "kernel:1,2"]
    keys = [["move", "kernel", key] for key in ("7", "+", "-", "-")]
    ways = [[weight, *keys[:count]] for count in range(5)] + [[weight, ["pin", "step:+"]]]
    drawn = run_module(PRESSED, [[{}, presses] for presses in ways])
    assert [one["cells"]["kernel:1,2"]["words"] for one in drawn] == ["1", "7", "8", "7", "6", "2"]
    kept = run_module(
        PRESSED, [[{}, [*ways[1], ["set", "preset", "edge"], ["set", "preset", "yours"]]]]
    )
    assert kept[0]["cells"]["kernel:1,2"]["words"] == "7"


def test_a_selected_weight_shows_the_sums():
    image = np.random.default_rng(4).integers(1, 10, (7, 7))
    data, pin = {"image": image.tolist()}, ["pin", "kernel:0,0"]
    ways = [[pin], [pin, ["pin", "step:+"]], [pin, ["point", "kernel:0,0"]]]
    ways += [[pin, ["point", "kernel:0,1"]], [pin, ["set", "preset", "blur"]]]
    drawn = run_module(PRESSED, [[data, presses] for presses in ways])
    for one, corner in zip(drawn, (-1, 0, -1), strict=False):
        weights = torch.tensor([[corner, 0, 1], [-1, 0, 1], [-1, 0, 1]], dtype=torch.float64)
        expected = F.conv2d(torch.tensor(image)[None, None].double(), weights[None, None])[0, 0]
        np.testing.assert_array_equal(read_map(one["cells"], "output"), expected)
    assert "·" in drawn[3]["cells"]["output:0,0"]["words"]
    assert len(find(drawn[4]["cells"], "output", "lit")) == 1


@pytest.mark.parametrize(
    ("presses", "said"),
    [
        ([["set", "kernel", 1], ["set", "preset", "blur"]], "The kernel copies its one pixel: "),
        ([["set", "stride", 2], ["pin", "kernel:2,2"]], "every second pixel of every second row"),
        ([["pin", "kernel:2,2"]], "2 left. Change it with + and −."),
        ([["pin", "kernel:2,2"], ["point", "kernel:2,0"]], "2 up. Click or tap it to change it."),
        (
            [["set", "kernel", 5], ["set", "padding", 2], ["pin", "output:0,0"]],
            " 16 of the 25 pixels in the window are padding.",
        ),
        (
            [["set", "kernel", 1], ["set", "padding", 2], ["pin", "output:0,0"]],
            "The one pixel in this window is padding, so the sum is 0.",
        ),
    ],
)
def test_sentences(presses, said):
    (one,) = run_module(PRESSED, [[{}, presses]])
    assert said in one["sentence"]


def test_the_middle_stays_the_middle():
    middle, grow = ["pin", "image:3,3"], ["set", "size", 9]
    ways = [[middle], [middle, grow], [["pin", "image:2,3"], grow]]
    drawn = run_module(PRESSED, [[{"kernels": 2}, presses] for presses in ways])
    assert drawn[0]["sentence"].endswith("and so of all nine second outputs.")
    assert drawn[1]["sentence"].endswith("and so of all 25 second outputs.")
    assert find(drawn[2]["cells"], "output", "lit") == set(np.ndindex(3, 4))


def test_arrow_keys_stay_on_the_image_and_its_padding():
    presses = [["set", "padding", 2], ["move", "image", "ArrowRight"]]
    corner = [["move", "image", key] for key in ["Home"] + ["ArrowUp"] * 20]
    (one,) = run_module(PRESSED, [[{}, presses + corner]])
    assert find(one["cells"], "image", "lit") == {(-2, -2)}
    assert one["sentence"].startswith("This 0 is padding, not image; one window reads it.")


def test_refusals_are_shapes():
    settings = [
        dict(zip(NAMES, values, strict=True))
        for values in product(range(4, 11), range(1, 6), (1, 2, 3), (0, 1, 2))
    ]
    refused = 0
    for chosen, options in zip(settings, run_module(OPTIONS, settings), strict=True):
        for option, title in options:
            name, value = option.split(":")
            if name in NAMES:
                expected = refuse(**{**chosen, name: int(value)})
                assert title == (expected and expected.replace(" with dilation=1", ""))
                refused += expected is not None
    assert refused > 50


@pytest.mark.parametrize("padding", [0, 1])
def test_two_kernels_see_5_by_5(padding):
    image = np.random.default_rng(3).integers(0, 10, (7, 6))
    case = {"image": image.tolist(), "kernels": 2, "settings": {"size": 7, "padding": padding}}
    (places,) = run_module(EVERYWHERE, [case])
    ones = torch.ones(1, 1, 3, 3, dtype=torch.float64)

    def first(x):
        return F.conv2d(x[None, None], ones, padding=padding)[0, 0]

    def both(x):
        return first(first(x))

    given = torch.tensor(image, dtype=torch.float64)
    cells = places["start"]["cells"]
    np.testing.assert_array_equal(read_map(cells, "middle"), first(given))
    np.testing.assert_array_equal(read_map(cells, "output"), both(given))
    through, once = jacobian(both, given).numpy(), jacobian(first, given).numpy()
    second = jacobian(first, first(given)).numpy()
    for row, column in np.ndindex(*through.shape[:2]):
        here = places[f"output:{row},{column}"]
        assert lit_inside(here["cells"], "image") == place_set(through[row, column])
        assert lit_inside(here["cells"], "middle") == place_set(second[row, column])
        assert f"read {side_by_side(through[row, column])} pixels" in here["sentence"]
    for row, column in np.ndindex(*image.shape):
        here = places[f"image:{row},{column}"]
        assert lit_inside(here["cells"], "middle") == place_set(once[:, :, row, column])
        assert find(here["cells"], "output", "lit") == place_set(through[:, :, row, column])


def lit_inside(cells, kind):
    return find(cells, kind, "lit") - find(cells, kind, "outside")


def side_by_side(mask):
    """Format the height and width of the only block of a mask."""
    rows, columns = np.nonzero(mask)
    return f"{np.ptp(rows) + 1} × {np.ptp(columns) + 1}"


def test_frames_stay_in_the_picture():
    """Padding reads nothing, so no frame goes beyond the grids."""
    presses = [["set", "padding", 1], ["pin", "output:0,0"]]
    frames = run_module(
        READ
        + """
const state = given.reduce((state, [how, ...what]) => explorer[how](state, ...what, {}),
  explorer.start({ kernels: 2 }));
answer(all(explorer.picture(state, {}, true)).filter(({ named }) => named.class === "frame")
  .map(({ named }) => [named.x, named.y].map(Number)));
""",
        presses,
    )
    assert len(frames) == 3
    assert all(x > 0 and y > 20 for x, y in frames)


def test_each_map_that_is_padded_says_so():
    titles = run_module(
        READ
        + """
const state = explorer.set(explorer.start({ kernels: 2 }), "padding", 1);
answer([true, false].map((wide) => all(explorer.picture(state, {}, wide))
  .filter(({ named }) => named.class === "heading").map(({ children }) => children.join(""))));
""",
        None,
    )
    narrow = ["image 7 × 7, padded", "first 7 × 7, padded", "second 7 × 7"]
    wide = ["image 7 × 7, padded", "first output 7 × 7, padded", "second output 7 × 7"]
    assert titles == [wide, narrow]


def test_first_sight_of_two_kernels():
    (one,) = run_module(PRESSED, [[{"kernels": 2}, []]])
    assert one["sentence"] == "This 56 adds up 3 × 3 sums, and they read 5 × 5 pixels of the image."


def test_every_cell_can_be_hit():
    """24 pixels, on a wide page of 844 and on a phone with 358."""
    settings = [
        dict(zip(NAMES, each, strict=True)) for each in product((4, 10), (1, 5), (1, 3), (0, 2))
    ]
    order = ("padding", "size", "kernel", "stride")  # so that each step is possible
    presses = [
        [["set", name, each[name]] for name in order] for each in settings if refuse(**each) is None
    ]
    asked = [[{}, each] for each in presses]
    asked += [[{"kernels": 2}, [["set", "size", size], ["set", "padding", 1]]] for size in (5, 9)]
    for one in run_module(PRESSED, asked):
        for cell in [*one["cells"].values(), *one["narrow"].values()]:
            assert float(cell["width"]) >= 24


def test_python_hands_over_what_is_asked_for():
    widget = convolution("size padding", torch.arange(20, dtype=torch.uint8).reshape(4, 5))
    assert widget.data["controls"] == ["size", "padding"]
    assert widget.data["image"] == np.arange(20).reshape(4, 5).tolist()
    assert convolution(image=np.eye(3, dtype=bool)).data["image"] == np.eye(3).tolist()
    assert convolution().data == {"controls": list(CONTROLS[1])}
    assert convolution(kernels=2).data == {"controls": list(CONTROLS[2]), "kernels": 2}


def test_there_are_stills_of_both_chapters():
    assert "27" in convolution("size").still.sentence
    assert "5 × 5" in convolution(kernels=2).still.sentence
    assert convolution(image=np.ones((5, 5))).still is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"controls": "size dilation"}, "no control 'dilation'. Choose from: size kernel stride"),
        ({"controls": "stride", "kernels": 2}, "no control 'stride'. Choose from: size padding."),
        ({"kernels": 3}, "kernels must be 1 or 2, not 3"),
        ({"image": np.zeros((512, 512))}, r"3 to 10 pixels, not the shape \(512, 512\).*:10, :10"),
        ({"image": np.zeros((4, 4)), "kernels": 2}, "5 to 9 pixels"),
        ({"image": torch.zeros(1, 7, 7)}, "Give one channel"),
        ({"image": [[1.0, 2.0, float("nan")]] * 3}, "finite numbers, not nan"),
        ({"image": np.full((3, 3), 1j)}, "real numbers, not complex128"),
    ],
)
def test_refuses(given, said):
    with pytest.raises(ValueError, match=said):
        convolution(**given)

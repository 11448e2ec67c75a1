"""The kinds of questions of chapters 02 and 04: a sweep, and an oracle for each.

The oracles read the numbers in a question's text, or in its picture's description, and compute the
answer in plain loops, without torch.
"""

import ast
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import count, product

import pytest

from unet_tutorial.classroom.quiz.bank import draw_bank, load_kinds
from unet_tutorial.classroom.quiz.question import format_value

KINDS = {f"{each.chapter} {each.name}": each for each in load_kinds(("02", "04"))}
VARIANTS = 8  # the bank doesn't draw a question twice
MISCONCEPTIONS = 9  # at most per kind


@cache
def draw_variants(name):
    return list(draw_bank([KINDS[name]], "a sweep", VARIANTS))


def integers(text):
    return [int(found) for found in re.findall(r"(?<![\w.])-?\d+", text)]


def lists(text):
    return [ast.literal_eval(found) for found in re.findall(r"\[\[[-\d, \[\]]*\]\]", text)]


def shapes(text):
    return [ast.literal_eval(found) for found in re.findall(r"\(\d+(?:, \d+)+\)", text)]


def find(pattern, text):
    return [int(found) for found in re.search(pattern, text).groups()]


def block(text):
    return [[int(x) for x in row.split()] for row in text.split("```")[1].strip().splitlines()]


def options(q):
    return [q.right, *(wrong.value for wrong in q.wrong)]


def name_line(failing):
    return f"line {failing}" if failing else "none: all lines run"


def convolve(image, kernel, stride=1, padding=0):
    """Return the output as a dictionary, by places."""
    pixels = {(i, j): v for i, row in enumerate(image) for j, v in enumerate(row)}
    height, width, side = len(image), len(image[0]), len(kernel)
    starts = [range(-padding, n + padding - side + 1, stride) for n in (height, width)]
    return {
        ((r + padding) // stride, (c + padding) // stride): sum(
            kernel[i][j] * pixels.get((r + i, c + j), 0) for i, j in product(range(side), repeat=2)
        )
        for r, c in product(*starts)
    }


def pool(image, side, stride, padding=0):
    starts = [range(-padding, n + padding - side + 1, stride) for n in (len(image), len(image[0]))]
    return [
        [
            max(row[j] for row in image[max(r, 0) : r + side] for j in inside(c, side, row))
            for c in starts[1]
        ]
        for r in starts[0]
    ]


def inside(start, side, row):
    return range(max(start, 0), min(start + side, len(row)))


ORACLES = {}


def oracle(name):
    return lambda compute: ORACLES.setdefault(name, compute)


@oracle("02 size_of_a_map")
def _(q):
    *sides, kernel, _, stride, padding = integers(q.text)
    return " × ".join(
        str(len(range(-padding, side + padding - kernel + 1, stride))) for side in sides
    )


@oracle("02 kernel_for_a_size")
def _(q):
    _, padding, side, _, out, _ = integers(q.text)
    return next(k for k in count(1) if len(range(-padding, side + padding - k + 1)) == out)


@oracle("02 unread_pixels")
def _(q):
    kernel, _, stride, side, _ = integers(q.text)
    read = {start + i for start in range(0, side - kernel + 1, stride) for i in range(kernel)}
    return sum(not {r, c} <= read for r, c in product(range(side), repeat=2))


@oracle("02 pixels_that_saw_padding")
def _(q):
    height, width, layers, *_, padding = integers(q.text)
    places = product(range(height), range(width))
    return sum(min(r, c, height - 1 - r, width - 1 - c) < layers * padding for r, c in places)


@oracle("02 value_by_hand")
def _(q):
    image, kernel = lists(q.alt)
    bias, place = find(r"bias of (\d+)", q.text)[0], find(r"row (\d), column (\d)", q.text)
    return convolve(image, kernel, stride=2, padding=1)[tuple(place)] + bias


@oracle("02 kernel_of_a_map")
def _(q):
    image, output = lists(q.alt)
    made = {(i, j): v for i, row in enumerate(output) for j, v in enumerate(row)}
    (right,) = (each for each in options(q) if convolve(image, lists(each)[0]) == made)
    return right


@oracle("02 place_of_a_weight")
def _(q):
    height, width, _, bright, row, column, *_ = integers(q.text)
    image = [[bright * ((r, c) == (row, column)) for c in range(width)] for r in range(height)]
    wanted = find(r"is the number (\d+)\?", q.text)[0]
    output = convolve(image, block(q.text), padding=1)
    return "row {}, column {}".format(*next(at for at, value in output.items() if value == wanted))


@oracle("02 map_of_a_weight")
def _(q):
    out = find(r"What is channel (\d)", q.text)[0]
    moves = {(0, 0): "", (-1, 0): "one row down", (1, 0): "one row up"}
    moves |= {(0, -1): "one column to the right", (0, 1): "one column to the left"}
    entries = re.findall(r"weight\[(\d), (\d), (\d), (\d)\] = (-?\d)", q.text)
    terms = {
        (moves[int(i) - 1, int(j) - 1], int(channel), int(factor))
        for o, channel, i, j, factor in entries
        if int(o) == out
    }

    def read(option):
        found = re.findall(r"([+−]?) ?(?:(\d) · )?channel (\d)(?: \(moved (.*?)\))?", option)
        return {
            (move, int(c), int(sign.replace("−", "-") + (n or "1"))) for sign, n, c, move in found
        }

    (right,) = (each for each in options(q) if read(each) == terms)
    return right


@oracle("02 parameters_of_a_layer")
def _(q):
    before, after, kernel = find(r"Conv2d\((\d+), (\d+), kernel_size=(\d)", q.text)
    return after * (before * kernel**2 + ("bias=False" not in q.text))


@oracle("02 shape_of_a_weight")
def _(q):
    (_, before, *sides), (_, after, *outs) = shapes(q.text)
    return str((after, before, *(a - b + 1 for a, b in zip(sides, outs, strict=True))))


@oracle("02 field_of_layers")
def _(q):
    seen, layers = {0}, re.findall(r"kernel_size=(\d), stride=(\d)", q.text)
    for kernel, stride in (map(int, layer) for layer in reversed(layers)):
        seen = {stride * place + i for place in seen for i in range(kernel)}
    return max(seen) - min(seen) + 1


@oracle("02 failing_line_of_convolutions")
def _(q):
    image = shapes(q.text)[0]
    layers = [
        tuple(map(int, found))
        for found in re.findall(r"Conv2d\((\d+), (\d+), kernel_size=(\d+)", q.text)
    ]
    channels, *sides = image[1:]
    for line, (before, after, kernel), stride in zip((2, 3, 5), layers, (1, 2, 1), strict=True):
        if line == 5 and "x[0, 0]" in q.text:
            return name_line(5)  # one number is missing in the shape
        if before != channels or kernel > min(sides):
            return name_line(line)
        channels, sides = after, [len(range(0, n - kernel + 1, stride)) for n in sides]
    return name_line(0)


@oracle("04 pooled_value")
def _(q):
    image, side = lists(q.alt)[0], find(r"stride=(\d)", q.text)[0]
    row, column = find(r"row (\d), column (\d)", q.text)
    return pool(image, side, side)[row][column]


@oracle("04 change_by_a_pixel")
def _(q):
    image = lists(q.alt)[0]
    row, column, _, before, after = find(
        r"row (\d), column (\d) \(counted from (\d)\) is changed from (\d+) to (\d+)", q.text
    )
    assert image[row][column] == before
    old = sum(map(sum, pool(image, 2, 2)))
    image[row][column] = after
    return sum(map(sum, pool(image, 2, 2))) - old


@oracle("04 padding_of_a_pooling")
def _(q):
    return f"`{pool(block(q.text), 3, 2, 1)}`"


@oracle("04 setting_that_halves")
def _(q):
    def halves(layer):
        kernel, stride, padding = find(r"size=(\d+), stride=(\d+), padding=(\d+)", layer)
        assert 2 * padding <= kernel  # PyTorch refuses other ones
        return all(
            len(range(-padding, side + padding - kernel + 1, stride)) == side // 2
            for side in range(10, 50, 2)
        )

    (right,) = filter(halves, options(q))
    return right


@oracle("04 size_after_poolings")
def _(q):
    *sides, times = integers(q.text)[:3]
    return " × ".join(str(side // 2**times) for side in sides)


@oracle("04 largest_side")
def _(q):
    times, left = integers(q.text)[0], find(r"out (\d+) pixels", q.text)[0]
    return (left + 1) * 2**times - 1


@oracle("04 values_per_pixel")
def _(q):
    base, level = find(r"makes (\d+)", q.text)[0], find(r"output of level (\d)", q.text)[0]
    (factor,) = (
        number
        for number, words in enumerate(("keeps the", "doubles the", "triples the"), 1)
        if words in q.text
    )
    return base * Fraction(factor, 4) ** level


@oracle("04 work_of_a_level")
def _(q):
    dimensions = next(
        n for n, words in enumerate(("sounds", "images", "volumes"), 1) if words in q.text
    )
    ways = ("stay the same", "double", "grow threefold", "grow fourfold")
    factor = next(n for n, words in enumerate(ways, 1) if f"channels {words}" in q.text)
    stride, level = find(r"each side by (\d)", q.text)[0], find(r"of level (\d) take", q.text)[0]
    ratio = 1.0
    for _ in range(level - 1):
        ratio *= factor * factor / stride**dimensions
    (right,) = (each for each in options(q) if read_ratio(each) == pytest.approx(ratio))
    return right


def read_ratio(option):
    return 1 if option == "equally many" else Fraction(option.split()[0])


@oracle("04 parameters_of_a_down")
def _(q):
    before, after = find(r"takes (\d+) channels and returns (\d+)", q.text)
    return sum(9 * taken * after + 2 * after for taken in (before, after))


@oracle("04 parameters_of_strides")
def _(q):
    widths = integers(re.search(r"run on (.*?) channels", q.text)[1])
    side = find(r"convolution of (\d)", q.text)[0]
    return sum(width * (width * side * side + 1) for width in widths)


@oracle("04 failing_line_of_an_encoder")
def _(q):
    image, blocks = (
        find(r"rand\((\d+), (\d+), (\d+), (\d+)\)", q.text),
        re.findall(r"\((\d+), (\d+)\)\(", q.text),
    )
    kernel, stride, padding = find(r"size=(\d), stride=(\d), padding=(\d)", q.text)
    (_, first), (taken, made), (last, _) = (tuple(map(int, each)) for each in blocks)
    if taken != first:
        return name_line(3)
    side = image[-1] // 2
    if 2 * padding > kernel:
        return name_line(4)
    side = len(range(-padding, side + padding - kernel + 1, stride))
    return name_line(5 if last != made or side < 2 else 0)


@oracle("04 field_of_a_level")
def _(q):
    written = re.search(r"has (one|\d) convolution", q.text)[1]
    kernel, stride = find(r"kernels of (\d)", q.text)[0], find(r"pooling of (\d)", q.text)[0]
    level = find(r"end of level (\d)", q.text)[0]
    convolutions = [(kernel, 1)] * (1 if written == "one" else int(written))
    first = last = 0
    for side, step in [*convolutions, (stride, stride)] * level + convolutions:
        first, last = first * step, last * step + side - 1
    return last - first + 1


@oracle("04 columns_of_a_value")
def _(q):
    seen = set(find(r"value in column (\d+)", q.text))
    for layer in reversed(re.findall(r"nn\.(\w+)2d", q.text)):
        reads = (lambda x: (x - 1, x, x + 1)) if layer == "Conv" else (lambda x: (2 * x, 2 * x + 1))
        seen = {read for place in seen for read in reads(place)}
    return f"columns {min(seen)} to {max(seen)}"


@oracle("04 level_that_moves")
def _(q):
    moved, level = find(r"moved by (\d+) pixels", q.text)[0], 0
    while level < 4 and moved % 2 == 0:
        moved, level = moved // 2, level + 1
    return f"level {level}, by {moved} value{'' if moved == 1 else 's'}"


def test_each_kind_has_an_oracle_and_each_chapter_enough_kinds():
    assert set(ORACLES) == set(KINDS)
    assert min(Counter(each.chapter for each in KINDS.values()).values()) >= 8


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_right_answer_is_right(name):
    for variant in draw_variants(name):
        asked, expected = variant.question, ORACLES[name](variant.question)
        if asked.numerical:
            assert asked.right == pytest.approx(float(expected), rel=1e-9), asked.text
        else:
            assert asked.right == expected, asked.text


@pytest.mark.parametrize("name", sorted(KINDS))
def test_questions_differ_and_their_texts_are_whole(name):
    variants = draw_variants(name)
    assert len(variants) == VARIANTS
    for asked in (variant.question for variant in variants):
        shown = [format_value(value).replace(" ", "") for value in options(asked)]
        assert len(set(shown)) == len(shown) >= 3
        told = [wrong.misconception for wrong in asked.wrong]
        assert all(text[0].islower() and not text.endswith(".") for text in told)
        words = re.sub(r"\$[^$]*\$", "", " ".join([asked.text, asked.why, *shown, *told]))
        assert not re.search(r"[{}]|None\b|\bnan\b|np\.(int|float)|(?<!torch\.)tensor\(", words)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_has_more_than_one_answer_and_few_misconceptions(name):
    variants = [variant.question for variant in draw_variants(name)]
    assert len({variant.right for variant in variants}) > 2
    assert len({wrong.misconception for each in variants for wrong in each.wrong}) <= MISCONCEPTIONS

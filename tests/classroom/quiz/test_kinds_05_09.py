"""The kinds of questions of chapters 05 and 09: a sweep, and an oracle for each.

The oracles read the numbers in a question's text, and compute the answer without torch.
"""

import ast
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import product

import pytest

from unet_tutorial.classroom.quiz.bank import draw_bank, load_kinds
from unet_tutorial.classroom.quiz.question import format_value

KINDS = {f"{each.chapter} {each.name}": each for each in load_kinds(["05", "09"])}
VARIANTS = 8


@cache
def draw_variants(name):
    return list(draw_bank([KINDS[name]], "a sweep", VARIANTS))


def whole_numbers(text):
    return [
        int(found.replace(",", "")) for found in re.findall(r"(?<![\w.,-])\d+(?:,\d{3})*", text)
    ]


def lists(text):
    return [ast.literal_eval(found) for found in re.findall(r"\[[-\d., \[\]]*\]", text)]


def settings(text):
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", text)}


def options(q):
    return [q.right, *(wrong.value for wrong in q.wrong)]


def choose(q, fits):
    """Return the option that fits; if several do, all of them, which is no right answer."""
    return " or ".join(option for option in options(q) if fits(option))


ORACLES = {}


def oracle(name):
    return lambda compute: ORACLES.setdefault(name, compute)


@oracle("05 size_of_the_output")
def _(q):
    s, rows = settings(q.text), int(re.search(r"with (\d+) rows", q.text)[1])
    sheet = {n * s["stride"] + i for n in range(rows) for i in range(s["kernel_size"])}
    return max(sheet) + 1 + s["output_padding"] - 2 * s["padding"]


@oracle("05 output_padding_back")
def _(q):
    s, sides = settings(q.text), re.search(r"(\d+) × (\d+)", q.text).groups()
    missing = []
    for side in map(int, sides):
        padded = side + 2 * s["padding"]
        starts = range(0, padded - s["kernel_size"] + 1, s["stride"])
        missing.append(padded - starts[-1] - s["kernel_size"])  # what no window reads
    return f"`{tuple(missing)}`"


@oracle("05 settings_that_enlarge")
def _(q):
    factor = int(re.search(r"exactly (\d) · n", q.text)[1])

    def fits(option):
        k, s, p, o = settings(option).values()
        return s == factor and k + o == 2 * p + factor

    return choose(q, fits)


@oracle("05 ends_of_a_sheet")
def _(q):
    s, row = settings(q.text), lists(q.text)[0]
    return f"`{(row + [0] * s['output_padding'])[s['padding'] : -s['padding']]}`"


@oracle("05 padding_of_zero_stuffed")
def _(q):
    kernel, _, padding = map(int, re.findall(r"(?:kernel|stride|padding) (\d+)", q.text)[:3])
    return kernel - 1 - padding


@oracle("05 value_of_an_overlap")
def _(q):
    (ink, kernel), stride = lists(q.alt), int(re.search(r"stride (\d)", q.text)[1])
    row, column = map(int, re.search(r"row (\d), column (\d)", q.text).groups())
    places = product(range(2), range(2), range(len(kernel)), range(len(kernel)))
    return sum(
        ink[i][j] * kernel[a][b]
        for i, j, a, b in places
        if (i * stride + a, j * stride + b) == (row, column)
    )


@oracle("05 stamps_on_a_pixel")
def _(q):
    kernel, stride, padding, size = (
        int(re.search(found, q.text)[1])
        for found in (r"a (\d) ×", r"stride (\d)", r"padding (\d)", r"image of (\d+)")
    )
    place = map(int, re.search(r"row (\d+), column (\d+)", q.text).groups())
    reached = [
        sum(0 <= where + padding - i * stride < kernel for i in range(size)) for where in place
    ]
    return reached[0] * reached[1]


@oracle("05 even_kernel")
def _(q):
    return choose(
        q, lambda option: settings(option)["kernel_size"] % settings(option)["stride"] == 0
    )


@oracle("05 settings_of_a_matrix")
def _(q):
    columns = list(zip(*lists(q.alt)[0], strict=True))
    first, second, third = ([i for i, w in enumerate(column) if w] for column in columns[:3])
    kernel, stride = len(second), third[0] - second[0]
    return f"`kernel_size={kernel}, stride={stride}, padding={kernel - len(first)}`"


@oracle("05 parameters_of_a_layer")
def _(q):
    before, after = map(int, re.search(r"\((\d+), (\d+)", q.text).groups())
    return (before * settings(q.text)["kernel_size"] ** 2 + 1) * after


@oracle("05 layer_of_a_weight")
def _(q):
    wanted = ast.literal_eval(re.search(r"\(.*?\)", q.text)[0])

    def fits(option):
        name, a, b, *kernel = re.fullmatch(
            r"`nn\.(\w+)\((\d+), (\d+), kernel_size=\((\d), (\d)\)\)`", option
        ).groups()
        order = (a, b) if name == "ConvTranspose2d" else (b, a)
        return tuple(map(int, (*order, *kernel))) == wanted

    return choose(q, fits)


@oracle("05 channels_that_keep_all")
def _(q):
    height, width = map(int, re.search(r"kernel_size=\((\d), (\d)\)", q.text).groups())
    return height * width * int(re.search(r"with (\d) channels", q.text)[1])


def name_line(failing):
    return f"line {failing}" if failing else "none: all lines run"


@oracle("05 failing_line_of_a_way_up")
def _(q):
    channels, side = map(int, re.search(r"rand\(1, (\d+), (\d+)", q.text).groups())
    taken, made = map(int, re.search(r"2d\((\d+), (\d+), kernel", q.text).groups())
    s = settings(q.text.partition("\n2")[2].partition("\n")[0])
    if taken != channels or s["output_padding"] >= s["stride"]:
        return name_line(3)
    weight, rows = re.findall(r"rand\((\d+, \d+), 2", q.text)[0], re.findall(r"(\d+)\)\]", q.text)
    if int(weight.split(", ")[0]) != made:
        return name_line(4)
    enlarged = (side - 1) * s["stride"] + s["kernel_size"] + s["output_padding"]
    return name_line(0 if 2 * enlarged == int(rows[0]) else 5)


def double_conv(before, after):
    return 9 * before * after + 9 * after**2 + 4 * after


@oracle("09 parameters_of_a_level")
def _(q):
    half, o = map(int, re.search(r"DoubleConv\((\d+), (\d+)\)", q.text).groups())
    return double_conv(half, o) + 4 * 2 * o * o + o + double_conv(2 * o, o)


@oracle("09 saved_by_adding")
def _(q):
    base = int(re.search(r"has (\d+), ", q.text)[1])
    return 9 * base**2 * (1 + 4 + 16 + 64)


@oracle("09 macs_of_a_layer")
def _(q):
    before, after = map(int, re.search(r"2d\((\d+), (\d+), ", q.text).groups())
    s = {"stride": 1, **settings(q.text)}
    height, width = map(int, re.search(r"(\d+) × (\d+) pixels", q.text).groups())
    pixels = height * width
    if "Transpose" not in q.text:
        pixels = len(range(0, height, s["stride"])) * len(range(0, width, s["stride"]))
    return before * after * s["kernel_size"] ** 2 * pixels / 1e6


def count_unet(base):
    return 7574 * base**2 + 209 * base + 1


@oracle("09 base_channels_of_a_count")
def _(q):
    wanted = int(re.search(r"the same, has ([\d,]+)\.", q.text)[1].replace(",", ""))
    return next(base for base in range(1, 100) if count_unet(base) == wanted)


@oracle("09 factors_of_three_costs")
def _(q):
    channels, more = (int(found) for found in re.findall(r"turns (\d+) channels", q.text))
    side, other = (int(found) for found in re.findall(r"on (?:an? \w+ of )?(\d+) ×", q.text))
    c, dimensions = Fraction(more, channels), 3 if "volume" in q.text else 2
    pixels = Fraction(other, side) ** dimensions
    return f"parameters × {c**2}, activations × {c * pixels}, multiplications × {c**2 * pixels}"


@oracle("09 what_bars_show")
def _(q):
    shares = [float(found) for found in re.findall(r"\d+\.\d", q.alt)]
    growth = shares[1] / shares[0] if shares[0] > shares[-1] else shares[-1] / shares[-2]
    pixel, by = ("voxels", 1 / 8) if "volumes" in q.text else ("pixels", 1 / 4)
    factors = {"parameters": 4, "activations": 2 * by, "multiplications": 4 * by}
    factors |= {f"{pixel} per channel": by, "channels": 2}
    return min(factors, key=lambda name: abs(factors[name] - growth))


@oracle("09 kept_by_a_double_conv")
def _(q):
    number, _, height, width = ast.literal_eval(re.search(r"\(\d.*?\)", q.text)[0])
    after = int(re.search(r"BatchNorm2d\((\d+)\)", q.text)[1])
    return 4 * (number * after * height * width) * 4 / 1e6


@oracle("09 memory_of_an_optimiser")
def _(q):
    parameters, size = whole_numbers(q.text)[0], 4 if "float32" in q.text else 2
    kept = 3 if "momentum" in q.text else 5 if "amsgrad" in q.text else 4
    return parameters * size * kept / 1e6


@oracle("09 batch_that_fits")
def _(q):
    millions, megabytes, gigabytes = (
        float(re.search(rf"([\d.]+) {unit}", q.text)[1]) for unit in ("million", "MB", "GB")
    )
    return (1000 * gigabytes - 16 * millions) // megabytes


@oracle("09 change_that_saves_most")
def _(q):
    base, number, side = (
        int(re.search(found, q.text)[1])
        for found in (r"base_channels=(\d+)", r"on (\d+) grey", r"of (\d+) ×")
    )

    def plan(option):
        n, c, h, fewer, less = number, base, side, 0, 0
        value = whole_numbers(option) or [settings(option)["base_channels"]]
        if "bottleneck" in option:
            b = 8 * base
            fewer = double_conv(b, 2 * b) - double_conv(b, b) + 4 * b * b
            less = 4 * b / 16**2
        elif "instead" in option:
            n = value[0]
        elif "pixels" in option:
            h = value[0]
        else:
            c = value[0]
        kept = 4 * h * h * (20.40625 * c + 1 - less)
        return 16 * (count_unet(c) - fewer) + n * kept

    return min(options(q), key=plan)


@oracle("09 kept_after_a_loop")
def _(q):
    if "no_grad" in q.text or ".backward" in q.text:
        return 0
    return 1 if ".item" in q.text or ".detach" in q.text else whole_numbers(q.text)[0]


@oracle("09 failing_line_of_gradients")
def _(q):
    if "no_grad" in q.text or "detach" in q.text:
        return name_line(5)
    again = q.text.count("loss.backward") == 2 and "retain_graph" not in q.text
    return name_line(6 if again else 0)


def test_each_kind_has_an_oracle_and_each_chapter_enough_kinds():
    assert set(ORACLES) == set(KINDS)
    assert min(Counter(each.chapter for each in KINDS.values()).values()) >= 8


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_right_answer_is_right(name):
    for variant in draw_variants(name):
        asked, expected = variant.question, ORACLES[name](variant.question)
        if asked.numerical:
            assert asked.right == pytest.approx(expected, abs=max(asked.tolerance / 2, 1e-9)), asked
        else:
            assert asked.right == expected, asked


@pytest.mark.parametrize("name", sorted(KINDS))
def test_questions_differ_and_their_texts_are_whole(name):
    variants = draw_variants(name)
    assert len(variants) == VARIANTS  # the bank drops what it has already drawn
    for variant in variants:
        asked = variant.question
        shown = [format_value(value) for value in options(asked)]
        assert len({re.sub(r"\s", "", each) for each in shown}) == len(shown)
        told = [wrong.misconception for wrong in asked.wrong]
        assert all(text[0].islower() and not text.endswith(".") for text in told)
        texts = " ".join([asked.text, asked.why, *shown, *told])
        assert not re.search(r"[{}]|None\b|\bnan\b|np\.(int|float)|(?<!torch\.)tensor\(", texts)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_same_secret_draws_the_same_questions(name):
    again = draw_bank([KINDS[name]], "a sweep", 2)
    assert [variant.question for variant in again] == [v.question for v in draw_variants(name)[:2]]

"""The kinds of questions of chapters 01, 03, 06, 07, 08 and 10: a sweep, and an oracle for each.

The oracles read the numbers in a question's text, and compute the answer without torch.
"""

import ast
import math
import re
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest

from unet_tutorial.classroom.quiz.bank import draw_bank, load_kinds
from unet_tutorial.classroom.quiz.question import format_value

CHAPTERS = ("01", "03", "06", "07", "08", "10")
KINDS = {f"{each.chapter} {each.name}": each for each in load_kinds(CHAPTERS)}
VARIANTS = 8
SLOW = {"10 epoch_to_keep": 3, "10 cause_of_curves": 3}  # each trains a small network


@cache
def draw_variants(name):
    return list(draw_bank([KINDS[name]], "a sweep", SLOW.get(name, VARIANTS)))


def numbers(text):
    return [float(found) for found in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", text)]


def whole_numbers(text):
    return [int(found) for found in re.findall(r"(?<![\w.])-?\d+(?![\w.]*\d)", text)]


def lists(text):
    return [ast.literal_eval(found) for found in re.findall(r"\[[-\d., \[\]]*\]", text)]


def shapes(text):
    return [ast.literal_eval(found) for found in re.findall(r"\(\d+(?:, \d+)+\)", text)]


def table(text):
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows if "---" not in row[0]][1:]


def dice(predicted, true):
    shared = sum(a and b for a, b in zip(predicted, true, strict=True))
    return 2 * shared / (sum(predicted) + sum(true))


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


ORACLES = {}


def oracle(name):
    return lambda compute: ORACLES.setdefault(name, compute)


@oracle("01 dice_of_two_masks")
def _(q):
    rows = [re.findall(r"\b[01]\b", part) for part in q.alt.partition("The truth")[::2]]
    return dice(*([int(cell) for cell in part] for part in rows))


@oracle("01 accuracy_of_nothing")
def _(q):
    height, width, marked = whole_numbers(q.text)
    return f"accuracy {1 - marked / (height * width):.2f}, Dice 0.00"


@oracle("01 threshold_on_bytes")
def _(q):
    return sum(level > 0 for row in lists(q.text)[0] for level in row)


@oracle("01 score_to_report")
def _(q):
    return max(table(q.text), key=lambda row: float(row[2]))[3]


@oracle("01 threshold_from_counts")
def _(q):
    rows = [[int(cell) for cell in row] for row in table(q.text)]
    total = sum(row[1] for row in rows)

    def score(row):
        above = [other for other in rows if other[0] > row[0]]
        marked = sum(inside + outside for _, inside, outside in above)
        return Fraction(2 * sum(inside for _, inside, _ in above), marked + total)

    return max(rows[:-1], key=score)[0]


@oracle("01 shape_at_a_stage")
def _(q):
    height, width, base, steps = whole_numbers(q.text)
    return str((base * 2**steps, height // 2**steps, width // 2**steps))


@oracle("03 parameters_of_a_block")
def _(q):
    before, after = map(int, re.search(r"Conv2d\((\d+), (\d+)", q.text).groups())
    return 9 * before * after + 9 * after**2 + 4 * after


@oracle("03 value_after_batch_norm")
def _(q):
    found = re.findall(r"holds? (\d+) and (\d+)|second (\d+) and (\d+)", q.text)
    a, b, c, d = (int(value) for pair in found for value in pair if value)
    scale, shift = (int(x) for x in re.findall(r"\$ = (-?\d+)", q.text))
    mean = (a + b + c + d) / 4
    deviation = math.sqrt(sum((value - mean) ** 2 for value in (a, b, c, d)) / 4)
    return scale * (a - mean) / deviation + shift


@oracle("03 running_mean")
def _(q):
    running = 0
    for mean in whole_numbers(q.text.partition("means are")[2]):
        running += (mean - running) / 10
    return running


@oracle("03 bias_before_batch_norm")
def _(q):
    scale, variance, bias = whole_numbers(q.text)[:3]
    return "not at all" if "train" in q.text else f"{scale * bias / math.sqrt(variance):+.2f}"


@oracle("03 relu_between")
def _(q):
    row, first, second = lists(q.text)
    middle = [sum(w * x for w, x in zip(first, row[i:], strict=False)) for i in range(3)]
    return sum(w * max(x, 0) for w, x in zip(second, middle, strict=True))


@oracle("03 layers_for_a_field")
def _(q):
    width, kernel = whole_numbers(q.text)[:2]
    return math.ceil((width - 1) / (kernel - 1))


@oracle("06 channels_of_a_join")
def _(q):
    below, skip = whole_numbers(q.text)[:2]
    return below // 2 + skip


@oracle("06 parameters_of_a_step_up")
def _(q):
    (before, half), (_, after) = re.findall(r"\((\d+), (\d+)", q.text)[:2]
    before, half, after = int(before), int(half), int(after)
    return 4 * before * half + half + 9 * before * after + 9 * after**2 + 4 * after


@oracle("06 skip_that_fits")
def _(q):
    n, c, h, w = shapes(q.text)[-1]
    return str((n, c // 2, 2 * h, 2 * w))


@oracle("06 dimension_of_a_join")
def _(q):
    shape = list(shapes(q.text)[0])
    written = re.search(r"dim=(-?\d)", q.text)
    shape[int(written[1]) if written else 0] *= 2
    return str(tuple(shape))


@oracle("06 channel_in_another_order")
def _(q):
    upsampled, skip = map(
        int, re.search(r"with (\d+) upsampled channels and (\d+)", q.text).groups()
    )
    old = int(re.search(r"\[:, (\d+)\]", q.text)[1])
    before = ["u"] * upsampled + ["s"] * skip
    kind, place = before[old], before[:old].count(before[old])
    after = ["s"] * skip + ["u"] * upsampled
    return [i for i, each in enumerate(after) if each == kind][place]


@oracle("06 value_of_a_join")
def _(q):
    skip, upsampled, weights = lists(q.text)[:3]
    return sum(w * x for w, x in zip(weights, skip + upsampled, strict=True))


@oracle("07 threshold_on_the_logit")
def _(q):
    threshold = float(re.search(r"p > ([\d.]+)", q.text)[1])
    low, high = -10, 10
    while high - low > 1e-9:  # the logit whose sigmoid is the threshold, by bisection
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(middle) < threshold else (low, middle)
    return low


@oracle("07 probability_of_a_class")
def _(q):
    logits = {name: float(z) for name, z in re.findall(r"(\w+) (-?\d)(?=[,.])", q.text)}
    chosen = re.search(r"give to (\w+)", q.text)[1]
    if "exactly one" in q.text:
        return f"{math.exp(logits[chosen]) / sum(map(math.exp, logits.values())):.2f}"
    return f"{sigmoid(logits[chosen]):.2f}"


@oracle("07 two_classes_as_one")
def _(q):
    (a, b), (c, d) = lists(q.text)
    first, second = map(int, re.findall(r"bias (-?\d+)", q.text))
    return f"weights {[c - a, d - b]}, bias {second - first}"


@oracle("07 logit_at_a_pixel")
def _(q):
    maps, weights = lists(q.alt), lists(q.text)[0]
    bias, row, column = (
        int(re.search(f"{name} (\\d+)", q.text)[1]) for name in ("bias", "row", "column")
    )
    return sum(w * each[row][column] for w, each in zip(weights, maps, strict=True)) + bias


@oracle("07 parameters_of_the_last_layer")
def _(q):
    channels = whole_numbers(q.text)[0]
    classes = re.search(r"softmax over (.*?)\.", q.text)[1].replace(" and ", ", ").split(", ")
    return (channels + 1) * len(classes)


@oracle("07 loss_of_a_pixel")
def _(q):
    probability = numbers(q.text)[0]
    return -math.log(probability if "it's nucleus" in q.text else 1 - probability)


@oracle("07 pixels_of_a_mask")
def _(q):
    logits = [z for row in lists(q.text)[0][0][0] for z in row]
    line = re.search(r"mask = (.*)", q.text)[1]
    if "softmax" in line or line.count("sigmoid") == 2:
        return 8
    return sum(z > (0.5 if line == "logits > 0.5" else 0) for z in logits)


def name_line(failing):
    return f"line {failing}" if failing else "none: all lines run"


@oracle("03 failing_line_of_a_block")
def _(q):
    shape, (_, after) = shapes(q.text)[0], re.findall(r"Conv2d\((\d+), (\d+)", q.text)[0]
    layers = [int(found) for found in re.findall(r"nn\.\w+\((\d+)", q.text)]
    if shape[1] != layers[0]:
        return name_line(2)
    values = shape[0] * math.prod(side - 2 * ("padding" not in q.text) for side in shape[2:])
    fitting = [
        values > 1 and layers[1] == int(after),
        layers[2] == int(after),
        layers[3] == int(after),
    ]
    return name_line(dict(zip(fitting[::-1], (6, 5, 3), strict=True)).get(False))


@oracle("06 failing_line_of_a_step_up")
def _(q):
    (n, c, h, w), (m, s, *sides) = shapes(q.text)[:2]
    (i, o), (taken, _) = (map(int, pair) for pair in re.findall(r"\((\d+), (\d+), ker", q.text))
    if i != c:
        return name_line(3)
    dimension = int(re.search(r"dim=(\d)", q.text)[1])
    up, skip = [n, o, 2 * h, 2 * w], [m, s, *sides]
    if any(a != b for d, (a, b) in enumerate(zip(up, skip, strict=True)) if d != dimension):
        return name_line(4)
    return name_line(0 if (o + s if dimension == 1 else o) == taken else 5)


@oracle("08 failing_line_of_a_pass")
def _(q):
    _, _, height, width = (int(x) for x in re.search(r"rand\((.*?)\)", q.text)[1].split(", "))
    ups = re.findall(r"Up\((\d+), (\d+)\)\((\w+), (\w+)\)", q.text)
    levels = {f"x{i}": [0, height // 2**i, width // 2**i] for i in range(3)}
    for i, made in enumerate(re.findall(r"(?:Conv|Down)\(\d+, (\d+)\)\(", q.text)):
        levels[f"x{i}"][0] = int(made)
    for line, (taken, made, x, skip) in enumerate(ups, 4):
        channels, *sides = levels[x]
        joined, *around = levels[skip]
        fits = [2 * side for side in sides] == around and joined + channels // 2 == channels
        if channels != int(taken) or not fits:
            return name_line(line)
        levels[f"y{5 - line}"] = [int(made), *around]
    taken = int(re.search(r"Conv2d\((\d+)", q.text)[1])
    return name_line(0 if taken == levels["y0"][0] else 6)


@oracle("08 size_that_passes")
def _(q):
    sizes = [str(q.right), *(wrong.value for wrong in q.wrong)]
    fitting = [size for size in sizes if all(side % 16 == 0 for side in whole_numbers(size))]
    return " or ".join(fitting)


@oracle("08 image_of_a_bottleneck")
def _(q):
    channels, rows, columns = whole_numbers(q.text)[-3:]
    return f"{channels // 16} channels, {16 * rows} × {16 * columns} pixels"


@oracle("08 step_that_fails")
def _(q):
    height = whole_numbers(q.text)[0]
    failing = [step for step in (1, 2, 3, 4) if height // 2 ** (4 - step) % 2]
    return f"`up{failing[0]}`" if failing else "none of them: all sizes fit"


@oracle("08 parameters_of_wider")
def _(q):
    base = int(re.findall(r"base_channels=(\d+)", q.text)[1])
    widths = [base * 2**level for level in range(5)]
    pairs = [(1, base), *pairwise(widths)]  # in_conv and the steps down
    ups = list(zip(widths[1:], widths, strict=False))
    blocks = sum(9 * i * o + 9 * o * o + 4 * o for i, o in pairs + ups)
    total = blocks + sum(2 * i * i + i // 2 for i, _ in ups) + base + 1
    return f"about {float(f'{total:.2g}') / 1e6:.12g} million"


@oracle("08 memory_of_a_skip")
def _(q):
    number, height, width, base, _, level = whole_numbers(q.text)[:6]
    return 4 * number * base * 2**level * (height // 2**level) * (width // 2**level) / 1e6


@oracle("08 parts_without_gradient")
def _(q):
    cut = re.search(r"outputs of `(\w+)` and `(\w+)`", q.text).groups()
    ways = {"in_conv": ["down1", "up4"], "down1": ["down2", "up3"], "down2": ["down3", "up2"]}
    ways |= {"down3": ["down4", "up1"], "down4": ["up1"], "up1": ["up2"], "up2": ["up3"]}
    ways |= {"up3": ["up4"], "up4": ["loss"]}

    def reaches(part):
        return part == "loss" or (part not in cut and any(map(reaches, ways[part])))

    return ", ".join(f"`{part}`" for part in ways if not reaches(part))


@oracle("10 steps_of_a_training")
def _(q):
    crops, batch, epochs = whole_numbers(q.text)
    return sum(len(range(0, crops, batch)) for _ in range(epochs))


@oracle("10 weight_after_steps")
def _(q):
    weight, slope = whole_numbers(q.text)[:2]
    rate = float(re.search(r"rate of ([\d.]+\d)", q.text)[1])
    steps = int(re.search(r"There are (\d+) steps", q.text)[1])
    cleared = int(re.search(r"before step (\d+)", q.text)[1])
    gradient = 0
    for step in range(1, steps + 1):
        gradient = slope if step in (1, cleared) else gradient + slope
        weight -= rate * gradient
    return weight


@oracle("10 order_of_a_step")
def _(q):
    lines = re.findall(r"zero_grad|backward|step(?=\(\))", q.text)
    if "zero_grad" not in lines:
        return "Each step also uses the gradients of earlier batches."
    after = {line: lines[(i + 1) % 3] for i, line in enumerate(lines)}  # in the endless loop
    if after["backward"] == "zero_grad":
        return "The weights never change."
    whose = "its own batch" if lines.index("backward") < lines.index("step") else "the batch before"
    return f"Each step uses the gradient of {whose}."


@oracle("10 soft_dice_of_pixels")
def _(q):
    chances, truth = lists(q.text)[:2]
    shared = sum(p * t for p, t in zip(chances, truth, strict=True))
    return 1 - 2 * shared / (sum(chances) + sum(truth))


@oracle("10 epoch_to_keep")
def _(q):
    validation = numbers(q.alt.partition("Validation")[2])
    return 1 + validation.index(min(validation))


@oracle("10 cause_of_curves")
def _(q):
    train, validation = (numbers(part) for part in q.alt.partition("Validation")[::2])
    if len(set(train)) == 1:
        return "The weights never change."
    if sum(b > a for a, b in pairwise(train)) >= 3:
        return "The learning rate is too large."
    if validation[-1] - min(validation) > 0.15:
        return "It learns the training images by heart."
    still_falling = train[-4] - train[-1] > 0.01 and min(train) > 0.5
    done = "Nothing is wrong: it has learned what it can."
    return "The learning rate is too small." if still_falling else done


@oracle("10 mask_of_a_turned_image")
def _(q):
    image, mask, turned = lists(q.text)
    where = {v: (i, j) for i, row in enumerate(image) for j, v in enumerate(row)}
    moved = [[mask[where[v][0]][where[v][1]] for v in row] for row in turned]
    return f"`{moved}`"


@oracle("10 first_new_column")
def _(q):
    size, last = whole_numbers(q.text)[1], whole_numbers(q.text.partition("from 0 to")[2])[0]
    return last + size


@oracle("10 shape_of_the_last_batch")
def _(q):
    channels = int(re.search(r"of (\d) channel", q.text)[1])
    length, size, batch = map(
        int, re.search(r"cuts (\d+).*? (\d+) per epoch.*=(\d+)", q.text).groups()
    )
    return str(((length - 1) % batch + 1, channels, size, size))


def test_each_kind_has_an_oracle_and_each_chapter_enough_kinds():
    assert set(ORACLES) == set(KINDS)
    assert min(Counter(each.chapter for each in KINDS.values()).values()) >= 4


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
    assert len(variants) == SLOW.get(name, VARIANTS)  # the bank drops what it has already drawn
    for variant in variants:
        asked = variant.question
        shown = [format_value(asked.right), *(format_value(wrong.value) for wrong in asked.wrong)]
        assert len(set(shown)) == len(shown)
        told = [wrong.misconception for wrong in asked.wrong]
        assert all(text[0].islower() and not text.endswith(".") for text in told)
        formulas = re.sub(r"\$[^$]*\$", "", " ".join([asked.text, asked.why, *shown, *told]))
        assert not re.search(r"[{}]|None\b|\bnan\b|np\.(int|float)|(?<!torch\.)tensor\(", formulas)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_same_secret_draws_the_same_questions(name):
    again = draw_bank([KINDS[name]], "a sweep", 2)
    assert [variant.question for variant in again] == [v.question for v in draw_variants(name)[:2]]

"""The browser's size arithmetic against `unet_tutorial.shapes`, refusals word for word."""

import re
from collections import Counter
from itertools import product

from node import run_module

from unet_tutorial.shapes import (
    conv_output_size,
    conv_transpose_output_size,
    max_pool_output_size,
)

SWEEP = """
import { convSide, poolSide, refusal, transposedSide } from "./frame/sizes.js";
const sides = { convSide, poolSide, transposedSide };
const said = ([name, settings]) => refusal(sides[name], ...settings) || sides[name](...settings);
answer(given.map(said));
"""
SIDES = {
    "convSide": conv_output_size,
    "poolSide": max_pool_output_size,
    "transposedSide": conv_transpose_output_size,
}
FITTING = [5, 2, 2, 1, 1, 1]  # size, kernel, stride, padding, output padding or dilation
NOT_WHOLE = (2.5, -0.5, True, False, None)
NAMES = ("size", "kernel_size", "stride", "padding", "dilation")


def list_settings():
    for name in ("convSide", "poolSide"):
        for settings in product(range(14), range(6), range(6), range(-1, 4), range(4)):
            yield name, list(settings)
    allowed = product(range(1, 8), range(1, 6), range(1, 5), range(4), range(3), range(1, 4))
    edges = product((0, 3), (0, 2), (0, 2), (-1, 1), (-1, 1), (0, 2))
    yield from (("transposedSide", list(settings)) for settings in (*allowed, *edges))
    for name, place, value in product(SIDES, range(5), NOT_WHOLE):
        if (name, place, value) != ("poolSide", 2, None):  # there, None is the kernel's side
            yield name, [*FITTING[:place], value, *FITTING[place + 1 : 5]]
    yield from (("transposedSide", [*FITTING[:5], value]) for value in NOT_WHOLE)
    yield from (("poolSide", [size, kernel]) for size in range(9) for kernel in range(9))


def say(name, settings):
    try:
        return SIDES[name](*settings)
    except ValueError as error:
        return str(error)


def kinds_of_refusals(settings, answers):
    """How often each is refused for which reason: the text without its values."""
    value = re.compile(r"(?<![\w.])-?\d+(\.\d+)?|(?<=not )(True|False|None)")
    return Counter(
        (name, value.sub("…", answer))
        for (name, _), answer in zip(settings, answers, strict=True)
        if isinstance(answer, str)
    )


def test_every_side_and_every_refusal_is_python_s():
    settings = list(list_settings())
    expected = [say(*setting) for setting in settings]
    kinds = kinds_of_refusals(settings, expected)
    assert len(settings) > 10_000
    assert len(settings) / 4 < kinds.total() < len(settings) * 3 / 4
    common = 2 * len(NAMES)  # not whole, too small
    own = Counter(name for name, _ in kinds)
    assert own == {"convSide": common + 1, "poolSide": common + 2, "transposedSide": common + 4}
    answers = run_module(SWEEP, settings)
    wrong = [each for each in zip(settings, answers, expected, strict=True) if each[1] != each[2]]
    assert wrong == []

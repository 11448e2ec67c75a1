"""2.3 Back through the size formula."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import (
    compare_function,
)
from unet_tutorial.teaching.checks.exercise import exercise


def _sizes_by_search(out: int, kernel_size: int, stride: int, padding: int) -> list[int]:
    """Return every size up to 120 on which the kernel has `out` places, by counting them."""
    return [
        size
        for size in range(1, 121)
        if len(range(0, size + 2 * padding - kernel_size + 1, stride)) == out
    ]


def _smallest(out: int, kernel_size: int, stride: int, padding: int) -> int:
    """Return the smallest size on which the kernel has `out` places, though it be none."""
    return (out - 1) * stride + kernel_size - 2 * padding


def _others(*case: int, first: int = 0, last: int = 0, least: int = 1) -> list[int]:
    """Return the sizes that go in, with some more (or less) at either end."""
    start = _smallest(*case)
    return [n for n in range(start + first, start + case[2] + last) if n >= least]


SIZE_MISTAKES = [
    (lambda *c: _others(*c, least=-999), "An image has one pixel at least."),
    (lambda *c: _others(*c, least=0), "An image has one pixel at least."),
    (lambda *c: [_smallest(*c)], "That is the smallest. Do larger ones give the same?"),
    (lambda *c: _others(*c)[-1:], "That is the largest. Do smaller ones give the same?"),
    (lambda *c: _others(*c)[::-1], "Give the sizes in increasing order."),
    (lambda o, k, s, p: _others(o, k, s, 0), "The padding is not taken into account."),
    (
        lambda o, k, s, p: [n - p for n in _others(o, k, s, 0) if n > p],
        "Padding lies on both sides.",
    ),
    (lambda *c: _others(*c, last=1), "The largest is too large: the kernel has one place more."),
    (lambda *c: _others(*c, last=-1), "Try the next larger size too. Does it give more places?"),
    (lambda *c: _others(*c, first=c[2], last=c[2]), "On these sizes the kernel has a place more."),
]


@exercise(
    misconception="One output size has one input size.",
    hints=(
        "The formula rounds down, so several sizes may give the same. Print the output sizes of "
        "n = 1 to 12 for kernel 3 and stride 2, and look for a pattern.",
        "The last place of the kernel starts at (out - 1) · s. What is the smallest padded row "
        "that holds this place? How many pixels may come after it until one more place fits?",
        "The smallest size is (out - 1) · s + k - 2p. One more place fits when s more pixels have "
        "come. An image of no pixels, or fewer, is none.",
    ),
)
def sizes_that_went_in(answer, *, seed=0) -> str:
    """Check a function (out, kernel_size, stride, padding) that lists all input sizes."""
    draw = random.Random(seed)
    cases = [(7, 5, 3, 1), (3, 3, 2, 0), (6, 3, 1, 1), (2, 4, 3, 3), (1, 1, 1, 2), (1, 2, 3, 1)]
    for _ in range(30):
        kernel_size = draw.randint(1, 7)
        cases.append((draw.randint(1, 12), kernel_size, draw.randint(1, 5), draw.randint(0, 4)))

    tried = compare_function(
        answer,
        _sizes_by_search,
        cases,
        mistakes=SIZE_MISTAKES,
        otherwise="Put one of your sizes into the formula for the output size, and one that you "
        "left out.",
    )
    return f"{tried} settings, each against a count of the kernel's places in rows up to 120"

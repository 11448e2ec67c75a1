"""2.3 Back through the size formula."""

from __future__ import annotations

import random

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _search_sizes(out: int, kernel_size: int, stride: int, padding: int) -> list[int]:
    """Return every size that gives the kernel `out` places, by counting places."""
    sizes = range(1, out * stride + kernel_size + 1)
    padded = {size: size + 2 * padding for size in sizes}
    return [n for n, side in padded.items() if len(range(0, side - kernel_size + 1, stride)) == out]


def _list_sizes(
    out: int, kernel_size: int, stride: int, padding: int, *, least: int = 1, more: int = 0
) -> list[int]:
    """Return the sizes by the formula, from `least` on, and `more` beyond the largest."""
    smallest = (out - 1) * stride + kernel_size - 2 * padding
    return [n for n in range(smallest, smallest + stride + more) if n >= least]


def _search_rounding_to_zero(out: int, kernel_size: int, stride: int, padding: int) -> list[int]:
    """Return what a search gives that rounds with `int(x / stride)`, which rounds -0.5 to 0."""
    sizes = range(1, out * stride + kernel_size + 1)
    return [n for n in sizes if int((n + 2 * padding - kernel_size) / stride) + 1 == out]


REFERENCE = _search_sizes
MISTAKES = [
    (_search_rounding_to_zero,
     "The kernel doesn't even fit on the smallest of these. Which way does `int` round a "
     "negative number? `//` always rounds down."),
    *((lambda *case, most=most: [n for n in _list_sizes(*case) if n < most],
       "Your sizes end too early. How large can an image be, at most?")
      for most in (101, 201, 513, 1001)),
    (lambda *case: _list_sizes(*case, least=-999), "An image has at least one pixel."),
    (lambda *case: _list_sizes(*case, least=0), "An image has at least one pixel."),
    (lambda *case: _list_sizes(*case, least=-999)[:1],
     "That is the smallest. Do larger ones give the same?"),
    (lambda *case: _list_sizes(*case)[-1:], "That is the largest. Do smaller ones give the same?"),
    (lambda *case: _list_sizes(*case)[::-1], "Give the sizes in increasing order."),
    (lambda out, k, s, p: _list_sizes(out, k, s, 0), "The padding is ignored."),
    (lambda out, k, s, p: _list_sizes(out, k + p, s, p), "Padding is added on both sides."),
    (lambda *case: _list_sizes(*case, more=1),
     "The largest is too large: it gives the kernel one more place."),
    (lambda *case: _list_sizes(*case)[:-1],
     "Try the next larger size too. Does it give more places?"),
    (lambda out, *rest: _list_sizes(out + 1, *rest),
     "These sizes give the kernel one place too many."),
]  # fmt: skip


@exercise(
    misconception="Each output size belongs to one input size.",
    question=(
        "The output is 3 pixels wide, kernel 3, stride 2. How wide was the image? Does anybody "
        "have another answer?"
    ),
    hints=(
        "The formula rounds down, so several sizes may give the same output. Print the output "
        "sizes of n = 1 to 12 for kernel 3 and stride 2, and look for a pattern.",
        "The last place of the kernel starts at (out - 1) · s. What is the shortest padded row "
        "that has room for it? How many pixels can you add until one more place fits?",
        "The smallest size is (out - 1) · s + k - 2p. One more place fits after s more pixels. "
        "Leave out sizes of 0 and below: they are no images.",
    ),
)
def sizes_that_went_in(answer, *, seed=0) -> str:
    """Check a function (out, kernel_size, stride, padding) that lists all input sizes."""
    draw = random.Random(seed)
    cases = [(7, 5, 3, 1), (3, 3, 2, 0), (6, 3, 1, 1), (2, 4, 3, 3), (1, 1, 1, 2), (1, 2, 3, 1)]
    cases += [(1, 5, 3, 0), (1, 7, 4, 2)]  # where int(x / stride) finds sizes that are too small
    cases += [(240, 3, 2, 1), (210, 2, 5, 0), (300, 1, 4, 2)]  # beyond what a hasty search tries
    for _ in range(30):
        kernel_size = draw.randint(1, 7)
        cases.append((draw.randint(1, 12), kernel_size, draw.randint(1, 5), draw.randint(0, 4)))
    tried = compare_function(
        answer,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Put one of your sizes into the formula for the output size, and one that you "
        "left out.",
    )
    return f"{tried} settings, each against a count of the kernel's places"

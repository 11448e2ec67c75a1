"""A question on a weight that's written number by number."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from itertools import compress, product

import torch
import torch.nn.functional as F
from torch import Tensor

from unet_tutorial.classroom.quiz.kinds.options import draw_wrong
from unet_tutorial.classroom.quiz.question import Question, kind

_MOVES = {
    (0, 1): "moved one row down",
    (2, 1): "moved one row up",
    (1, 0): "moved one column to the right",
    (1, 2): "moved one column to the left",
    (1, 1): "",
}
_Term = tuple[int, int, tuple[int, int]]  # a factor, an input channel, a place in the kernel


@kind("02", "map_of_a_weight", "What a weight makes of its channels")
def ask_map_of_a_weight(draw: random.Random) -> Question:
    """Find out what one output channel is, from the few weights that aren't 0."""
    before, after = draw.sample([2, 3, 4], 2)
    (one, two), (out, other) = draw.sample(range(before), 2), draw.sample(range(after), 2)
    factor, place = draw.choice([-3, -2, -1, 2, 3]), draw.choice(list(_MOVES)[:4])
    right = [(1, one, place), (factor, two, (1, 1))]
    options = _list_mistakes(one, two, factor, place)
    weight = torch.zeros(after, before, 3, 3)
    entries = [(out, *right[0]), (out, *right[1]), (other, 4, two, (1, 1))]
    for output, number, channel, (i, j) in entries:
        weight[output, channel, i, j] = number
    _require_right(weight, out, right, options.values())
    lines = [f"weight[{o}, {c}, {i}, {j}] = {n}" for o, n, c, (i, j) in entries]
    code = "\n".join(
        [
            f"weight = torch.zeros({after}, {before}, 3, 3)",
            *draw.sample(lines, 3),
            "maps = F.conv2d(images, weight, padding=1)",
        ]
    )
    return Question(
        text=f"A weight is written number by number:\n\n```\n{code}\n```\n\n`images` is a batch of "
        f"{before} channels. What is channel {out} of `maps`? (Where a channel is moved, zeros "
        "come in.)",
        right=_describe(right),
        wrong=draw_wrong(
            draw, _describe(right), {why: _describe(each) for why, each in options.items()}
        ),
        why=f"A weight's shape is (out, in, kH, kW), so only `weight[{out}, ...]` matters. The "
        "middle of a kernel is at [1, 1], on the pixel itself. A weight elsewhere reads a "
        f"neighbour: [{place[0]}, {place[1]}] is {_name_side(place)} the middle, so each output "
        f"pixel is the number that was {_name_side(place)} it, and the channel is "
        f"{_MOVES[place]}.",
    )


def _list_mistakes(
    one: int, two: int, factor: int, place: tuple[int, int]
) -> dict[str, list[_Term]]:
    """Return what each misconception makes of the weights, and some of them together."""
    mistakes = (
        "moves the image to where the weight is",
        "takes the kernels of the two channels for each other's",
        "adds the weights of another output channel",
    )
    options: dict[str, list[_Term]] = {
        "mixes up the rows and columns of a kernel": [(1, one, place[::-1]), (factor, two, (1, 1))]
    }
    for moves, swaps, adds in product((False, True), repeat=3):
        if not (moves or swaps or adds):
            continue
        first, second = (two, one) if swaps else (one, two)
        where = (2 - place[0], 2 - place[1]) if moves else place
        terms = [(1, first, where), (factor + 4 * adds, second, (1, 1))]
        options[", and ".join(compress(mistakes, (moves, swaps, adds)))] = terms
    return options


def _describe(terms: Sequence[_Term]) -> str:
    """Return what a map is in words, such as "channel 0, moved one row up, − 2 · channel 1"."""
    words = ""
    for factor, channel, place in terms:
        sign = ("+ " if factor > 0 else "− ") if words else ""
        size = "" if abs(factor) == 1 else f"{abs(factor)} · "
        moved = f" ({_MOVES[place]})" if _MOVES[place] else ""
        words += f" {sign}{size}channel {channel}{moved}"
    return words.strip()


def _name_side(place: tuple[int, int]) -> str:
    return {(0, 1): "above", (2, 1): "below", (1, 0): "left of", (1, 2): "right of"}[place]


def _require_right(weight: Tensor, out: int, right: Sequence[_Term], others: Collection) -> None:
    """Raise AssertionError unless only the right terms make what the weight makes."""
    images = torch.rand(weight.shape[1], 5, 6, generator=torch.Generator().manual_seed(0))
    made = F.conv2d(images, weight, padding=1)[out]
    fits = [torch.allclose(made, _compute_map(images, terms)) for terms in (right, *others)]
    assert fits == [True] + [False] * len(others)


def _compute_map(images: Tensor, terms: Sequence[_Term]) -> Tensor:
    """Add up moved channels, by cutting them out of images with a frame of zeros."""
    framed, (height, width) = F.pad(images, (1, 1, 1, 1)), images.shape[1:]
    return sum(
        factor * framed[channel, i : i + height, j : j + width] for factor, channel, (i, j) in terms
    )

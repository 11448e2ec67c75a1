"""Questions on sizes after several poolings, and on how many values are left."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import prod

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.classroom.quiz.kinds.options import choose_wrong, draw_wrong
from unet_tutorial.classroom.quiz.question import Question, kind


def _pool_side(side: int, times: int) -> int:
    row = torch.empty(1, side)
    for _ in range(times):
        row = F.max_pool1d(row, 2)
    return row.shape[-1]


def _repeat(step: Callable[[int], int], times: int, side: int) -> int:
    for _ in range(times):
        side = step(side)
    return side


@kind("04", "size_after_poolings", "Size after several poolings")
def ask_size_after_poolings(draw: random.Random) -> Question:
    """Pool an image of odd sides several times."""
    times, sides = draw.randint(2, 5), (draw.randint(70, 500), draw.randint(70, 500))
    right = _format_size(_pool_side(side, times) for side in sides)
    mistakes = {
        "rounds up": lambda n: -(-n // 2),
        "pads each pooling by 1": lambda n: n // 2 + 1,
        "takes one off at each pooling, from even sides as well": lambda n: (n - 1) // 2,
    }
    told = {
        why: _format_size(_repeat(step, times, n) for n in sides) for why, step in mistakes.items()
    }
    told["divides by twice the number of poolings, instead of halving again and again"] = (
        _format_size(n // (2 * times) for n in sides)
    )
    told["pools once too often"] = _format_size(_pool_side(n, times + 1) for n in sides)
    told["counts the image as the first output"] = _format_size(
        _pool_side(n, times - 1) for n in sides
    )
    heights = [_pool_side(sides[0], t) for t in range(times + 1)]
    return Question(
        text=f"An image of {sides[0]} × {sides[1]} pixels (height × width) goes through {times} "
        "max poolings in a row, each with kernel size 2, stride 2 and no padding. Which height and "
        "width does the last output have?",
        right=right,
        wrong=draw_wrong(draw, right, told),
        why="Each pooling halves and rounds down, since a row or column that doesn't fill a window "
        f"is dropped. The height becomes {' → '.join(map(str, heights))}.",
    )


def _format_size(sides: Iterable[int]) -> str:
    return " × ".join(map(str, sides))


@kind("04", "largest_side", "The largest image that gives a size")
def ask_largest_side(draw: random.Random) -> Question:
    """Go back through several poolings to the largest side."""
    times, left = draw.randint(2, 4), draw.randint(5, 40)
    widths = range(left * 2**times, (left + 2) * 2**times)
    right = max(width for width in widths if _pool_side(width, times) == left)
    return Question(
        text=f"Images go through {times} max poolings in a row, each with kernel size 2, stride 2 "
        f"and no padding. An image comes out {left} pixels wide. How wide was it at most?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "forgets that poolings drop columns": left * 2**times,
                "lets the poolings drop one column in all": left * 2**times + 1,
                "doesn't double the columns that a later pooling drops": left * 2**times + times,
                "multiplies by the number of poolings": 2 * times * left + 1,
                "takes the first width that's too large": right + 1,
            },
            most=5,
        ),
        why="Each pooling may have dropped a column, so going back, a width doubles and may get "
        f"one more each time: {', '.join(str((left + 1) * 2**t - 1) for t in range(times + 1))}.",
        numerical=True,
    )


@kind("04", "values_per_pixel", "Values per pixel of the image")
def ask_values_per_pixel(draw: random.Random) -> Question:
    """Compare how many values a level of the encoder has with the image's pixels."""
    base, factor = draw.choice([4, 8, 12, 16, 24, 32, 48]), draw.choice([1, 2, 3])
    level = draw.randint(1, 4)
    layers = [nn.Conv2d(1, base, 1, device="meta")]
    for step in range(level):
        width = base * factor**step
        layers += [nn.MaxPool2d(2), nn.Conv2d(width, factor * width, 1, device="meta")]
    shape = nn.Sequential(*layers)(torch.empty(1, 1, 480, 480, device="meta")).shape
    right, channels = prod(shape) / 480**2, shape[1]
    grows = {1: "keeps the channels", 2: "doubles the channels", 3: "triples the channels"}[factor]
    return Question(
        text=f"An encoder makes {base} channels of a grey image at full resolution, level 0. Each "
        f"further level begins with a max pooling of 2 × 2 with stride 2, and then {grows}. The "
        "sides are divided without a remainder. How many values does the output of level "
        f"{level} have, divided by the number of the image's pixels?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "divides by 2 per pooling, for one side only": channels / 2**level,
                "leaves the channels of level 0 as they are": base / 4**level,
                "counts the channels, but not the places that are lost": float(channels),
                "counts one level too few": channels / factor / 4 ** (level - 1),
                "divides by 4 once, whatever the level": channels / 4,
            },
            most=5,
        ),
        why=f"Level {level} has {channels} channels. Each pooling leaves a quarter of the places, "
        f"so that's {channels} / {4**level} = {right:.6g} values per pixel.",
        tolerance=right / 200,
        numerical=True,
    )


@kind("04", "work_of_a_level", "How the work changes from level to level")
def ask_work_of_a_level(draw: random.Random) -> Question:
    """Compare the multiplications of two levels' convolutions."""
    factor, stride = draw.choice([1, 2, 3, 4]), draw.choice([2, 2, 3])
    dimensions, levels = draw.choice([1, 2, 2, 3]), draw.randint(1, 3)
    first = _count_multiplications(4, stride**3, dimensions)
    last = _count_multiplications(4 * factor**levels, stride ** (3 - levels), dimensions)
    right = Fraction(last, first)
    told = {
        "lets the channels count once": Fraction(factor**levels, stride ** (dimensions * levels)),
        "divides the places by the stride in one direction only": Fraction(
            factor ** (2 * levels), stride**levels
        ),
        "leaves out that there are fewer places": Fraction(factor ** (2 * levels)),
        "leaves out that there are more channels": Fraction(1, stride ** (dimensions * levels)),
        "turns the comparison round": 1 / right,
        "expects the work of all levels to be equal": Fraction(1),
        "lets the channels count once, and the stride in one direction only": Fraction(
            factor**levels, stride**levels
        ),
        "takes one step too many": Fraction(factor**2, stride**dimensions) ** (levels + 1),
        "takes one step too many, and lets the channels count once": Fraction(
            factor, stride**dimensions
        )
        ** (levels + 1),
    }
    what = {1: "sounds (one side)", 2: "images (two sides)", 3: "volumes (three sides)"}[dimensions]
    grow = {1: "stay the same", 2: "double", 3: "grow threefold", 4: "grow fourfold"}[factor]
    return Question(
        text=f"An encoder works on {what}. From level to level, a pooling divides each side by "
        f"{stride}, without a remainder, and the channels {grow}. At each level, there's one "
        "convolution with as many output channels as input channels, and a kernel of 3 in every "
        "direction. How many multiplications does the convolution of level "
        f"{levels + 1} take, compared with that of level 1?",
        right=_format_ratio(right),
        wrong=draw_wrong(
            draw, _format_ratio(right), {why: _format_ratio(ratio) for why, ratio in told.items()}
        ),
        why=f"Per level, there are {factor} · {factor} times as many pairs of channels, and one of "
        f"{stride**dimensions} places is left: {factor**2}/{stride**dimensions} of the work. From "
        f"level 1 to level {levels + 1}, that's {_format_ratio(right)}.",
    )


def _count_multiplications(channels: int, side: int, dimensions: int) -> int:
    layer = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dimensions - 1](
        channels, channels, 3, padding=1, device="meta"
    )
    out = layer(torch.empty(channels, *[side] * dimensions, device="meta"))
    return layer.weight.numel() * prod(out.shape[1:])


def _format_ratio(ratio: Fraction) -> str:
    return "equally many" if ratio == 1 else f"{ratio}{' times' * (ratio > 1)} as many"

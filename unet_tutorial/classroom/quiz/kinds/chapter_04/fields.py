"""Questions on what a pooled value sees, and on images that move."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.classroom.quiz.kinds.fields import find_columns
from unet_tutorial.classroom.quiz.kinds.options import choose_wrong, draw_wrong
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, kind

_CODE = {
    "conv": "nn.Conv2d(8, 8, kernel_size=3, padding=1)",
    "pool": "nn.MaxPool2d(kernel_size=2, stride=2)",
}


@kind("04", "field_of_a_level", "How far a value sees after poolings")
def ask_field_of_a_level(draw: random.Random) -> Question:
    """Find the width of the receptive field at a level of an encoder."""
    count, kernel, stride = draw.randint(1, 3), draw.choice([3, 5]), draw.choice([2, 2, 3])
    level = draw.randint(1, 4)
    if stride**level > 16:
        raise DrawAgain
    right, gain = _measure_field(count, kernel, stride, level), count * (kernel - 1)
    convolutions = "one convolution" if count == 1 else f"{count} convolutions in a row"
    return Question(
        text=f"Each level of an encoder has {convolutions}, with kernels of {kernel} × {kernel} "
        f"and stride 1. From each level to the next, there's a max pooling of {stride} × {stride} "
        f"with stride {stride}. Level 0 works on the image. On how many pixels of one row of the "
        f"image does a value at the end of level {level} depend, far from the border?",
        right=right,
        wrong=choose_wrong(
            right,
            {
                "leaves out the poolings": 1 + gain * (level + 1),
                "leaves out the convolutions of level 0": right - gain,
                "leaves out the convolutions of the levels above": stride**level * (1 + gain),
                "counts the pooling's window as one pixel": right - stride**level + 1,
            },
            most=5,
        ),
        why=f"Go back from one value: each level's convolutions add {gain}, and each pooling "
        f"multiplies by {stride}. In front of the convolutions of level {level}, that's "
        f"{1 + gain} values; level by level, it's "
        f"{', '.join(map(str, _trace_back(gain, stride, level)))}, and the last one is in the "
        "image.",
        numerical=True,
    )


def _trace_back(gain: int, stride: int, level: int) -> list[int]:
    widths = [1 + gain]
    for _ in range(level):
        widths.append(stride * widths[-1] + gain)
    return widths


@cache
def _measure_field(count: int, kernel: int, stride: int, level: int) -> int:
    layers: list[nn.Module] = []
    for step in range(level + 1):
        layers += [nn.MaxPool1d(stride)] * (step > 0)
        layers += [nn.Conv1d(1, 1, kernel, padding=kernel // 2) for _ in range(count)]
    first, last = find_columns(nn.Sequential(*layers), 256 // stride**level, 512)
    return last - first + 1


@kind("04", "columns_of_a_value", "Which columns of the image a value sees")
def ask_columns_of_a_value(draw: random.Random) -> Question:
    """Walk back through convolutions and poolings to the first and the last column."""
    names = draw.choice(
        [["conv"] * 2 + ["pool"] * 2, ["conv"] * 2 + ["pool"], ["conv", "pool", "pool"]]
    )
    names = draw.sample(names, len(names))
    column = draw.randint(5, 15)
    makers = {"conv": lambda: nn.Conv1d(1, 1, 3, padding=1), "pool": lambda: nn.MaxPool1d(2)}
    seen = find_columns(nn.Sequential(*(makers[name]() for name in names)), column, 128)
    right, lines = _format_columns(seen), "\n".join(_CODE[name] for name in names)
    ways = {
        "goes through the layers from first to last": _walk(names[::-1], column),
        "forgets that a window's last column is one further right": _walk(names, column, last=0),
        "leaves out the convolutions": _walk([n for n in names if n == "pool"], column),
        "leaves out the poolings": _walk([n for n in names if n == "conv"], column),
        "counts columns from 1": (seen[0] + 1, seen[1] + 1),
    }
    return Question(
        text=f"These layers run one after the other:\n\n```\n{lines}\n```\n\nOn which columns of "
        f"the image does a value in column {column} of the output depend? (All columns are counted "
        "from 0, and both ends are included.)",
        right=right,
        wrong=draw_wrong(draw, right, {why: _format_columns(each) for why, each in ways.items()}),
        why="Go back from the last layer: a 3 × 3 convolution reads one more column on either "
        "side, and columns $a$ to $b$ after a pooling are $2a$ to $2b + 1$ before it. That gives "
        f"{' → '.join(f'{a} to {b}' for a, b in _list_ways(names, column))}.",
    )


def _walk(names: Sequence[str], column: int, last: int = 1) -> tuple[int, int]:
    """Go back through layers, where a pooling's window ends `last` columns after its beginning."""
    first, end = column, column
    for name in reversed(names):
        first, end = (first - 1, end + 1) if name == "conv" else (2 * first, 2 * end + last)
    return first, end


def _list_ways(names: Sequence[str], column: int) -> list[tuple[int, int]]:
    return [_walk(names[n:], column) for n in range(len(names), -1, -1)]


def _format_columns(columns: tuple[int, int]) -> str:
    return "columns {} to {}".format(*columns)


@kind("04", "level_that_moves", "Where a moved image only moves the output")
def ask_level_that_moves(draw: random.Random) -> Question:
    """Find the deepest level whose output is a moved copy."""
    moved = draw.randint(1, 60) * 2
    row = torch.rand(1, 1024, generator=torch.Generator().manual_seed(draw.getrandbits(31)))
    level = max(n for n in range(5) if _moves_only(row, moved, n))
    told = {
        "expects every pooling to keep a move": (4, -(-moved // 16)),
        "expects no pooling to keep a move": (0, moved),
        "doesn't halve the move": (level, moved),
        "halves the move once too rarely": (level, moved // 2 ** (level - 1)),
        "goes one level too deep, and rounds": (level + 1, -(-moved // 2 ** (level + 1))),
    }
    right = _format_move((level, moved // 2**level))
    return Question(
        text="In a U-Net's encoder, level 0 has convolutions of stride 1, and each of the levels 1 "
        "to 4 has a max pooling of 2 × 2 with stride 2 and then such convolutions. The image is "
        f"moved by {moved} pixels to the right. Which is the deepest level whose output is a moved "
        "copy of what it was, whatever the image, and by how many values is it moved there? (Leave "
        "the border out of account.)",
        right=right,
        wrong=choose_wrong(
            right, {why: _format_move(each) for why, each in told.items() if each[0] <= 4}
        ),
        why="A pooling's output is a moved copy only if windows move onto windows, so its input "
        "must move by an even number, which is then halved: "
        f"{' → '.join(str(moved // 2**n) for n in range(level + 1))}."
        + (" That's odd, so the next pooling changes more." if level < 4 else ""),
    )


def _moves_only(row: torch.Tensor, moved: int, level: int) -> bool:
    before, after = (F.max_pool1d(each, 2**level) for each in (row, torch.roll(row, moved, dims=1)))
    return any(torch.equal(torch.roll(before, n, dims=1), after) for n in range(moved + 1))


def _format_move(where: tuple[int, int]) -> str:
    return f"level {where[0]}, by {where[1]} value{'s' * (where[1] != 1)}"

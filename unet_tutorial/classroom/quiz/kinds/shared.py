"""What the kinds of several chapters share: pictures, shapes, counts, and code that may fail."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.blocks import DoubleConv, Down, OutConv, Up
from unet_tutorial.classroom.quiz.question import Question, Wrong
from unet_tutorial.teaching.drawing import grids

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAMES = {"torch": torch, "nn": nn, "F": F, "np": np}
_NAMES |= {"DoubleConv": DoubleConv, "Down": Down, "Up": Up, "OutConv": OutConv}


def save_figure(figure: Figure) -> bytes:
    """Return a figure as a PNG."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()


def draw_grids(
    arrays: Sequence[np.ndarray],
    titles: Sequence[str],
    highlights: Sequence[np.ndarray | None] | None = None,
) -> bytes:
    """Draw small arrays (H, W) side by side, with a gap between them, and return a PNG."""
    highlights = highlights or [None] * len(arrays)
    items, lit, heads = [], [], []
    for array, highlight, title in zip(arrays, highlights, titles, strict=True):
        items += [array, ""]
        lit += [highlight, None]
        heads += [title, ""]
    return save_figure(grids(items[:-1], highlights=lit[:-1], titles=heads[:-1]))


def count_parameters(module: nn.Module) -> int:
    """Return how many parameters training changes."""
    return sum(parameter.numel() for parameter in module.parameters())


def format_shape(shape: Sequence[int]) -> str:
    """Return a shape as PyTorch's users write it: (1, 64, 96, 96)."""
    return str(tuple(shape))


def find_failing_line(code: str) -> tuple[int, Exception] | None:
    """Run code line by line, and return the number of the line that fails, from 1, and its error.

    The code may use torch, nn, F, np and the blocks of the course. None if all lines run.
    """
    names = dict(_NAMES)
    for number, line in enumerate(code.splitlines(), 1):
        try:
            exec(line, names)
        except Exception as error:
            return number, error
    return None


def ask_failing_line(code: str, told: Mapping[int, str], note: str = "") -> Question:
    """Ask which line of some code raises an error, if any does. The code is run to find out.

    Args:
        code: its lines; see `find_failing_line`.
        told: the misconception of those who wrongly choose a line, by its number; 0 for none.
        note: what the words in the code mean, if the question must say so.
    """
    failing, error = find_failing_line(code) or (0, None)
    numbered = "\n".join(f"{i}  {line}" for i, line in enumerate(code.splitlines(), 1))
    why = "All lines run without an error."
    if error is not None:
        why = f"Line {failing} raises a `{type(error).__name__}`: `{str(error).splitlines()[0]}`"
    return Question(
        text=f"Which of these lines is the first to raise an error, if any does? {note}".strip()
        + f"\n\n```\n{numbered}\n```",
        right=_name_line(failing),
        wrong=tuple(Wrong(_name_line(line), why) for line, why in told.items() if line != failing),
        why=why,
    )


def _name_line(number: int) -> str:
    return f"line {number}" if number else "none: all lines run"

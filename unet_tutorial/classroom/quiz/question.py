"""What a kind of question is made of. An instructor's own kind is a short file such as this one:

    import torch
    from unet_tutorial.classroom.quiz import Question, Wrong, kind

    @kind("02", "my_border", "Rows lost at the border")
    def ask_my_border(draw):  # draw is a random.Random
        size, kernel = draw.randint(20, 60), draw.choice([3, 5, 7])
        rows = torch.nn.Conv2d(1, 1, kernel)(torch.zeros(1, 1, size, size)).shape[-2]
        return Question(
            text=f"An image has {size} x {size} pixels. A convolution with a {kernel} x {kernel} "
            "kernel and no padding is applied to it. How many rows fewer does its output have?",
            right=size - rows,
            wrong=(
                Wrong((size - rows) // 2, "counts the rows lost at one border only"),
                Wrong(kernel, "subtracts the kernel's size and forgets the + 1"),
                Wrong(0, "expects every convolution to keep the size"),
            ),
            why=f"The output has {rows} rows: ${size} - {kernel} + 1$.",
        )

Its questions are drawn with `unet-tutorial quiz ... --kinds FILE.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


class DrawAgain(Exception):
    """These numbers make no good question; the bank draws others."""


@dataclass(frozen=True)
class Wrong:
    """A wrong option, or a wrong number, that a known misconception gives.

    `misconception` is a short sentence in the present tense: "counts pixels instead of gaps".
    """

    value: str | int | float
    misconception: str


@dataclass(frozen=True)
class Question:
    """A question with its numbers.

    Attributes:
        text: markdown with `code`, fenced blocks of code, and formulas in single dollars.
        right: the right option, or the right number.
        wrong: multiple choice: 2 to 4 wrong options; numerical: the wrong numbers that are
            recognised (0 or more).
        why: the explanation that is shown after the attempt.
        picture: a PNG, or nothing.
        alt: the picture's description, which does not give the answer away.
        tolerance: how far a number may be from `right`; 0 by default.
        numerical: whether a number is typed in, instead of an option chosen.
    """

    text: str
    right: str | int | float
    wrong: tuple[Wrong, ...]
    why: str
    picture: bytes = b""
    alt: str = ""
    tolerance: float = 0.0
    numerical: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of question of one chapter; called with a `random.Random`, it returns a question."""

    chapter: str
    name: str
    title: str
    ask: Callable[[random.Random], Question]

    def __call__(self, draw: random.Random) -> Question:
        """Return a question with numbers from `draw`. Raises DrawAgain if they are unsuitable."""
        return self.ask(draw)


def kind(
    chapter: str, name: str, title: str
) -> Callable[[Callable[[random.Random], Question]], Kind]:
    """Make a function a kind of question, which the bank then finds in its module.

    Args:
        chapter: two digits, such as "02".
        name: what the kind is called in files and exports, such as "size_after_layer".
        title: what instructors read, such as "Size after one layer".
    """
    return lambda ask: Kind(chapter, name, title, ask)


def format_value(value: str | int | float) -> str:
    """Return an option or a number as it is shown: 0.5 for 0.5, 3 for 3.0, a text as it is."""
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else f"{value:.6g}"

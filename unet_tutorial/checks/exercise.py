"""What every check does before and after it looks at an answer."""

from __future__ import annotations

import contextlib
import io
import os
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps

import torch

from unet_tutorial.checks import store
from unet_tutorial.checks.untouched import is_untouched

COLUMNS = 78


@dataclass(frozen=True)
class Exercise:
    """What is known of an exercise apart from its text, which stands in the chapter."""

    number: str  # "5.2"
    title: str  # as in the chapter's heading
    misconception: str  # what somebody believes who gets it wrong
    objectives: tuple[int, ...]  # which of the chapter's objectives it trains, from 1
    hints: tuple[str, str, str]  # each says more than the one before
    check: str  # the name of the function in unet_tutorial.checks


EXERCISES: dict[str, Exercise] = {}


class CheckFailed(AssertionError):
    """An answer is not right; the message says what was tried, what came, and a hint.

    Jupyter shows the message alone, without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        return str(self).split("\n")


class NotTriedYet(CheckFailed):
    """An untouched exercise is graded: no points."""


def exercise(
    number: str,
    *,
    title: str,
    misconception: str,
    objectives: tuple[int, ...],
    hints: tuple[str, str, str],
) -> Callable:
    """Make a check of a function that looks at an answer.

    The function takes the answers (and options with defaults, such as a seed). It calls `refuse`
    or one of the `compare_` functions where an answer is wrong, and returns what was tried, as the
    end of the sentence "5.2 is right: ...".
    """

    def decorate(look: Callable[..., str]) -> Callable[..., None]:
        this = Exercise(number, title, misconception, objectives, hints, look.__name__)
        if number in EXERCISES:
            raise ValueError(f"there are two exercises {number}")
        EXERCISES[number] = this

        @wraps(look)
        def check(*answers, **options) -> None:
            untouched = [is_untouched(answer, number) for answer in answers]
            if any(untouched):
                say_not_tried(this, in_part=not all(untouched))
                return
            tried = looked_at(this, look, answers, options)
            store.record(number, tried=True, passed=True)
            print(wrapped(f"✓ {number} is right: {tried}.", "  "))

        check.exercise = this
        return check

    return decorate


def say_not_tried(this: Exercise, in_part: bool) -> None:
    """Say that the exercise, or a part of it, is untouched; a grader hears it as an error."""
    message = f"{this.number} has not been tried yet."
    if in_part:
        message = f"{this.number} is not finished: a part of the answer is as it was."
    if is_graded():
        raise NotTriedYet(message)
    print(f"○ {message}")


def is_graded() -> bool:
    """Return whether nbgrader runs this, to grade or to validate."""
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def looked_at(this: Exercise, look: Callable[..., str], answers: tuple, options: dict) -> str:
    """Return what the check tried, or raise CheckFailed with a message that names the exercise."""
    try:
        with undisturbed():
            return look(*answers, **options)
    except CheckFailed as failed:
        reason = str(failed)
    except Exception as error:
        reason = indented("came", f"{type(error).__name__}: {error}") + indented(
            "hint", "The check could not read this answer. Look at the kind of value asked for."
        )
    store.record(this.number, tried=True)
    raise CheckFailed(f"✗ {this.number} is not right yet.\n{reason.rstrip()}")


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Leave the random numbers of the notebook as they were, and stderr empty."""
    with (
        torch.random.fork_rng(devices=[]),
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield


def refuse(hint: str, *, tried: object = None, expected: object = None, came: object = None):
    """Refuse an answer: raise CheckFailed with a hint that names the likely mistake.

    `tried` is the input that failed, `expected` what it should give, `came` what it gave: texts,
    already made by `shown` where they are values. Leave `expected` out where it is the answer.
    """
    lines = (("tried", tried), ("expected", expected), ("came", came), ("hint", hint))
    raise CheckFailed("".join(indented(name, text) for name, text in lines if text is not None))


def indented(name: str, text: object) -> str:
    """Return one entry of a message, its further lines under the first."""
    lines = [wrapped(line, "") for line in str(text).split("\n")]
    return f"  {name + ':':10}" + "\n".join(lines).replace("\n", "\n" + " " * 12) + "\n"


def wrapped(text: str, indent: str) -> str:
    """Return a text in lines that fit a notebook, which would break them inside a word."""
    return textwrap.fill(text, COLUMNS, subsequent_indent=indent, break_long_words=False)

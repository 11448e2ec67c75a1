"""Which exercises there are, and what every check does before and after it looks at an answer.

An exercise is one module, `chapter_05/ex2_tripling_settings.py`: number 5.2, checked by
`checks.tripling_settings`. Its title and its task are in the chapter's notebook.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, wraps
from importlib import import_module
from pathlib import Path

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store
from unet_tutorial.teaching.checks.message import (
    UNTRIED,
    format_field,
    format_passed,
    format_refusal,
    format_untried,
)
from unet_tutorial.teaching.checks.stubs import is_untouched

MODULE = re.compile(r"chapter_(\d\d)[./]ex(\d)_(\w+)$")


@dataclass(frozen=True)
class Exercise:
    """An exercise, known by its module: its words are read without importing it.

    The modules need torch, and pages for teachers are made where it is missing.
    """

    path: Path

    @property
    def number(self) -> str:
        """Such as "5.2"."""
        return _parse_module(self.path.with_suffix("").as_posix())[0]

    @property
    def check(self) -> str:
        """The name of the function in `unet_tutorial.teaching.checks`."""
        return _parse_module(self.path.with_suffix("").as_posix())[1]

    @property
    def title(self) -> str:
        """The heading in the chapter, without its number."""
        return chapters.exercise_title(self.number)

    @property
    def misconception(self) -> str:
        """What people believe who get it wrong."""
        return self._words["misconception"]

    @property
    def question(self) -> str:
        """What a teacher asks to bring the misconception to light."""
        return self._words["question"]

    @property
    def hints(self) -> tuple[str, str, str]:
        """Three hints, each of which says more than the one before."""
        return self._words["hints"]

    @cached_property
    def _words(self) -> dict:
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        (check,) = [function for function in functions if function.name == self.check]
        (decorator,) = check.decorator_list
        return {word.arg: ast.literal_eval(word.value) for word in decorator.keywords}

    def load_check(self) -> Callable[..., None]:
        """Import the exercise's module and return its check."""
        module = f"{__package__}.{self.path.parent.name}.{self.path.stem}"
        return getattr(import_module(module), self.check)


def _parse_module(name: str) -> tuple[str, str]:
    """Return the number and the check that a module's path or dotted name stands for."""
    chapter, exercise, check = MODULE.search(name).groups()
    return f"{int(chapter)}.{exercise}", check


def _find_exercises() -> dict[str, Exercise]:
    paths = sorted(Path(__file__).parent.glob("chapter_*/ex*.py"))
    return {each.number: each for each in map(Exercise, paths)}


EXERCISES: dict[str, Exercise] = _find_exercises()


class CheckFailed(AssertionError):
    """An answer is not right; the message says what was tried, what it gave, and a hint.

    Jupyter shows the message alone, without a traceback.
    """

    def _render_traceback_(self) -> list[str]:
        return str(self).split("\n")


class NotTriedYet(CheckFailed):
    """An untouched exercise is graded: no points."""


def exercise(*, misconception: str, question: str, hints: tuple[str, str, str]) -> Callable:
    """Decorator: turns a function that looks at answers into the check of its module's exercise.

    The function takes the answers (and options with defaults, such as a seed). It calls `refuse`
    or one of the `compare_` functions where an answer is wrong, and returns what was tried, as the
    end of the sentence "5.2 is right: ...".

    Args:
        misconception: what people believe who get it wrong. Like all of these, a literal.
        question: what a teacher asks to bring that to light.
        hints: three, each of which says more than the one before.
    """

    def decorate(look: Callable[..., str]) -> Callable[..., None]:
        number, _ = _parse_module(f"{look.__module__}")

        @wraps(look)
        def check(*answers, **options) -> None:
            untouched = [is_untouched(answer, number) for answer in answers]
            if any(untouched):
                report_untouched(number, in_part=not all(untouched))
                return
            tried = run_check(number, look, answers, options)
            progress_store.record(number, tried=True, passed=True)
            print(format_passed(number, tried))

        return check

    return decorate


def report_untouched(number: str, *, in_part: bool) -> None:
    """Print that an exercise, or a part of it, is untouched; when graded, raise NotTriedYet."""
    message = format_untried(number, in_part=in_part)
    if is_graded():
        raise NotTriedYet(message)
    print(f"{UNTRIED} {message}")


def is_graded() -> bool:
    """Return whether nbgrader runs this, to grade or to validate."""
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def run_check(number: str, look: Callable[..., str], answers: tuple, options: dict) -> str:
    """Return what the check tried, or raise CheckFailed with a message that names the exercise."""
    try:
        with _isolated():
            return look(*answers, **options)
    except CheckFailed as failed:
        fields = str(failed)
    except Exception as error:
        fields = format_field("got", f"{type(error).__name__}: {error}") + format_field(
            "hint", "The check could not read this answer. Look at the kind of value asked for."
        )
    progress_store.record(number, tried=True)
    raise CheckFailed(format_refusal(number, fields))


@contextlib.contextmanager
def _isolated() -> Iterator[None]:
    """Leave the random numbers of the notebook as they were, and stderr empty."""
    import torch  # here, so that this module's words can be read where torch is missing

    with (
        torch.random.fork_rng(devices=[]),
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield


def refuse(hint: str, *, tried: object = None, expected: object = None, got: object = None):
    """Refuse an answer: raise CheckFailed with a hint that names the likely mistake.

    `tried` is the input that failed, `expected` what it should give, `got` what it gave: texts,
    already made by `format_value` where they are values. Leave `expected` out where it is the
    answer.
    """
    fields = {"tried": tried, "expected": expected, "got": got, "hint": hint}
    texts = [format_field(name, text) for name, text in fields.items() if text is not None]
    raise CheckFailed("".join(texts))

"""List the exercises, and do what all checks have in common.

An exercise is one module: `chapter_05/ex2_tripling_settings.py` is exercise 5.2, checked by
`checks.tripling_settings`. Its title and its task are in the chapter's notebook.
"""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import os
import re
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, wraps
from importlib import import_module
from pathlib import Path

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store
from unet_tutorial.teaching.checks.card import Card, find_kernel, show_card
from unet_tutorial.teaching.checks.message import NOT_TRIED, NOT_YET, RIGHT
from unet_tutorial.teaching.checks.processor_time import (
    OUT_OF_TIME,
    SECONDS,
    OutOfTimeError,
    limit_processor_time,
)
from unet_tutorial.teaching.checks.stubs import is_untouched

_UNREADABLE = "The check could not read this answer. Which type does the task ask for?"
_MODULE = re.compile(r"chapter_(\d\d)[./]ex(\d)_(\w+)$")


@dataclass(frozen=True)
class Exercise:
    """An exercise, found by the path of its module.

    Its texts are read from the source, without importing the module: that would need torch, and
    teaching pages are also made where torch isn't installed.
    """

    path: Path

    @property
    def number(self) -> str:
        """Number, such as "5.2"."""
        return _parse_module(self.path.with_suffix("").as_posix())[0]

    @property
    def check(self) -> str:
        """Name of the check in `unet_tutorial.teaching.checks`."""
        return _parse_module(self.path.with_suffix("").as_posix())[1]

    @property
    def title(self) -> str:
        """Heading in the chapter, without the number."""
        return chapters.exercise_title(self.number)

    @property
    def misconception(self) -> str:
        """The belief that leads to a wrong answer."""
        return self._decorator_arguments["misconception"]

    @property
    def question(self) -> str:
        """A teacher's question that reveals the misconception."""
        return self._decorator_arguments["question"]

    @property
    def hints(self) -> tuple[str, str, str]:
        """Three hints, each more detailed than the one before."""
        return self._decorator_arguments["hints"]

    @cached_property
    def _decorator_arguments(self) -> dict:
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        checks = [each for each in functions if each.name == self.check and each.decorator_list]
        if not checks:
            raise ValueError(f"{self.path} must define the check {self.check}, with @exercise.")
        decorator = checks[0].decorator_list[0]
        return {word.arg: ast.literal_eval(word.value) for word in decorator.keywords}

    def load_check(self) -> Callable[..., None]:
        """Import the exercise's module and return its check."""
        module = f"{__package__}.{self.path.parent.name}.{self.path.stem}"
        return getattr(import_module(module), self.check)


def _parse_module(name: str) -> tuple[str, str]:
    """Return the number and the name of the check, from a module's path or dotted name."""
    found = _MODULE.search(name)
    if found is None:
        raise ValueError(f"{name} isn't named like chapter_05/ex2_name_of_the_check (one digit).")
    chapter, exercise, check = found.groups()
    return f"{int(chapter)}.{exercise}", check


def _find_exercises() -> dict[str, Exercise]:
    paths = sorted(Path(__file__).parent.glob("chapter_*/ex*.py"))
    return {each.number: each for each in map(Exercise, paths)}


EXERCISES: dict[str, Exercise] = _find_exercises()


class CheckFailed(AssertionError):
    """Raised for a wrong answer. Its text is the whole message: input, result and hint.

    In a notebook, the learner sees a card and buttons for help instead of a traceback.
    """

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self.card, self.is_shown = card, False

    def _render_traceback_(self) -> list[str]:
        lines = str(self).split("\n")
        if is_graded() or find_kernel() is None:  # nbgrader shows students the traceback alone
            return lines
        if not self.is_shown:  # IPython asks twice: for the page and for its history
            self.is_shown = True
            show_card(self.card)
            _offer_help(self.card.number)
        return lines[:1]


class NotTriedYet(CheckFailed):
    """Raised for an untouched exercise when it is graded: it gets no points."""


def exercise(*, misconception: str, question: str, hints: tuple[str, str, str]) -> Callable:
    """Decorator: turns a function that examines answers into the check of its module's exercise.

    The function takes the answers, and options with defaults such as a seed. It calls `refuse` or
    a `compare_` function if an answer is wrong. It returns what was tried, as the end of the
    sentence "Right: ...".

    Args (literals, since `Exercise` reads them from the source):
        misconception: the belief that leads to a wrong answer.
        question: a teacher's question that reveals the misconception.
        hints: three hints, each more detailed than the one before.
    """

    def decorate(examine: Callable[..., str]) -> Callable[..., None]:
        number, _ = _parse_module(examine.__module__)

        @wraps(examine)
        def check(*answers, **options) -> None:
            untouched = [is_untouched(answer, number) for answer in answers]
            if any(untouched):
                _report_untouched(number, in_part=not all(untouched))
                return
            tried = _run_check(number, examine, answers, options)
            progress_store.record_progress(number, tried=True, passed=True)
            show_card(Card(RIGHT, number, tried, _note_syntax_error()), once=True)

        return check

    return decorate


def _report_untouched(number: str, *, in_part: bool) -> None:
    """Show that an exercise, or part of it, is untouched; when graded, raise NotTriedYet."""
    part = "part of the answer is still as it was" if in_part else ""
    if is_graded():
        raise NotTriedYet(Card(NOT_TRIED, number, part))
    ending = part or "run the cell with your answer first"
    show_card(Card(NOT_TRIED, number, ending, _note_syntax_error()))
    _offer_help(number)


def _offer_help(number: str) -> None:
    """Show the buttons for hints and the solution, in a notebook that a learner runs."""
    if find_kernel() is None:
        return
    with contextlib.suppress(ImportError):  # without ipywidgets, checks.hint is still there
        from unet_tutorial.teaching.checks.buttons import show_buttons

        show_buttons(number)


def _note_syntax_error() -> dict[str, str]:
    """Return a note if the last cell didn't run: the check then sees the answer from before it."""
    last = getattr(find_kernel(), "last_execution_result", None)
    if not isinstance(getattr(last, "error_before_exec", None), SyntaxError):
        return {}
    return {
        "note": "The last cell you ran has a syntax error, so nothing in it was run. If it holds "
        "your answer, this check has seen the version before it."
    }


def is_graded() -> bool:
    """Whether nbgrader is running this notebook, to grade or to validate it."""
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def _run_check(number: str, examine: Callable[..., str], answers: tuple, options: dict) -> str:
    """Return what the check tried; raise CheckFailed, with the exercise's number, if it fails."""
    try:
        with _isolate_notebook(), limit_processor_time(SECONDS):
            return examine(*answers, **options)
    except CheckFailed as failed:
        fields = failed.card.fields
    except OutOfTimeError:
        fields = {"hint": OUT_OF_TIME}
    except Exception as error:
        hint = explain_error(error) or _UNREADABLE
        fields = {"received": f"{type(error).__name__}: {error}", "hint": hint}
    progress_store.record_progress(number, tried=True)
    more = {"more": f'checks.hint("{number}")'}
    raise CheckFailed(Card(NOT_YET, number, fields={**fields, **_note_syntax_error(), **more}))


def explain_error(error: BaseException) -> str | None:
    """Return a hint for an error that a learner's code raised, with their line; None otherwise."""
    frames = traceback.walk_tb(error.__traceback__)
    own = [each for each in frames if each[0].f_globals.get("__name__") == "__main__"]
    if not own:
        return None
    frame, line = own[-1]
    code = linecache.getline(frame.f_code.co_filename, line).strip()
    return f"Your own code stopped with this error{f', in the line `{code}`' if code else ''}."


@contextlib.contextmanager
def _isolate_notebook() -> Iterator[None]:
    """Restore the notebook's random numbers afterwards; hide warnings and stderr."""
    import torch  # here: the texts of exercises are also read where torch isn't installed

    with (
        torch.random.fork_rng(devices=[]),
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield


def refuse(hint: str, *, tried: object = None, expected: object = None, got: object = None):
    """Refuse an answer: raise CheckFailed with a hint at the likely mistake.

    Args (texts; format values with `format_value`):
        tried: the input that failed.
        expected: the right result. Leave it out if it's the answer to the exercise.
        got: the wrong result.
    """
    fields = {"tried": tried, "expected": expected, "received": got, "hint": hint}
    texts = {name: str(text) for name, text in fields.items() if text is not None}
    raise CheckFailed(Card(NOT_YET, "", fields=texts))

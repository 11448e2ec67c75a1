"""Draws a bank of questions: each kind's variants, from a secret."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import math
import pkgutil
import random
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from unet_tutorial.classroom.quiz import kinds as course_kinds
from unet_tutorial.classroom.quiz.question import DrawAgain, Kind, Question, format_value

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # which XML doesn't allow
_ATTEMPTS = 100  # in a row, before a kind is given up


class BankError(ValueError):
    """A kind of question that is missing, or gives no question that can be asked."""


@dataclass(frozen=True)
class Variant:
    """One question of the bank. `code` identifies it, and is part of the text that students see."""

    kind: Kind
    number: int
    code: str
    question: Question

    @property
    def name(self) -> str:
        """What the question is called in an LMS: "02 size_after_layer 007 [q-1a2b3c4d]"."""
        return f"{self.kind.chapter} {self.kind.name} {self.number:03d} [{self.code}]"

    @property
    def options(self) -> list[str]:
        """The options as they are shown, sorted, so that their order says nothing."""
        values = (self.question.right, *(each.value for each in self.question.wrong))
        return sorted(map(format_value, values), key=_sort_key)


def load_kinds(chapters: Sequence[str], files: Iterable[Path] = ()) -> list[Kind]:
    """Return the kinds of the chapters ("02"), and all those of an instructor's own files.

    Raises:
        BankError: a chapter without any kinds, a file that can't be read, or one name twice.
    """
    own = [found for file in files for found in _find_kinds([_import_file(file)])]
    kinds = [*own]
    for chapter in chapters:
        found = list(_find_kinds(_import_chapter(chapter)))
        if not found and not any(each.chapter == chapter for each in own):
            raise BankError(
                f"There are no questions for chapter {chapter!r}; there are for "
                f"{', '.join(list_chapters())}. Write your own, and pass the file with --kinds."
            )
        kinds += found
    if not kinds:
        raise BankError(f"Give chapters, such as {' '.join(list_chapters()[:2])}, or --kinds.")
    return sorted(_require_different_names(kinds), key=lambda each: (each.chapter, each.name))


def list_chapters() -> list[str]:
    """Return the chapters that come with questions, such as ["02", "05"]."""
    names = (module.name for module in pkgutil.iter_modules(course_kinds.__path__))
    return sorted({found[1] for name in names if (found := re.match(r"chapter_(\d\d)$", name))})


def _import_chapter(chapter: str) -> Iterator[ModuleType]:
    if chapter not in list_chapters():
        return
    module = importlib.import_module(f"{course_kinds.__name__}.chapter_{chapter}")
    yield module
    for inside in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield importlib.import_module(f"{module.__name__}.{inside.name}")


def _import_file(path: Path) -> ModuleType:
    """Run an instructor's file as a module."""
    spec = importlib.util.spec_from_file_location(f"own_kinds_{path.stem}", path)
    if spec is None or not path.is_file():
        raise BankError(f"{path} is not a Python file. Give one that ends in .py, with --kinds.")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BankError(f"{path} can't be run: {type(error).__name__}: {error}") from error
    if not any(_find_kinds([module])):
        raise BankError(f"{path} has no question: decorate a function with @kind(...).")
    return module


def _find_kinds(modules: Iterable[ModuleType]) -> Iterator[Kind]:
    for module in modules:
        yield from (value for value in vars(module).values() if isinstance(value, Kind))


def _require_different_names(kinds: list[Kind]) -> list[Kind]:
    """Return the kinds once each, even if a module imports another's."""
    named: dict[tuple[str, str], Kind] = {}
    for each in kinds:
        if named.setdefault((each.chapter, each.name), each) is not each:
            raise BankError(
                f"Chapter {each.chapter} has two kinds that are called {each.name!r}. "
                "Give one of them another name."
            )
    return list(named.values())


def draw_bank(kinds: Iterable[Kind], secret: str, count: int) -> Iterator[Variant]:
    """Yield up to `count` different variants of each kind; fewer, if it hasn't that many.

    Raises:
        BankError: a kind that gives no question which can be asked.
    """
    for each in kinds:
        known: set[str] = set()
        for number in range(1, count + 1):
            variant = _draw_variant(each, secret, number, known)
            if variant is None:
                break
            known.add(variant.code)
            yield variant


def _draw_variant(kind: Kind, secret: str, number: int, known: set[str]) -> Variant | None:
    """Draw a question that isn't among the known ones; None if there is none."""
    draw = random.Random(_hash_texts([secret, kind.chapter, kind.name, str(number)]))
    for _ in range(_ATTEMPTS):
        question = _ask(kind, draw)
        if question is None:
            continue
        require_askable(kind, question)
        code = _compute_code(kind, question)
        if code not in known and not _has_equal_options(question):
            return Variant(kind, number, code, question)
    if known:
        return None
    raise BankError(
        f"{kind.chapter} {kind.name}: {_ATTEMPTS} draws gave no question whose options differ."
    )


def _ask(kind: Kind, draw: random.Random) -> Question | None:
    """Return a question, or None if its numbers are unsuitable; say where a kind fails."""
    try:
        return kind(draw)
    except DrawAgain:
        return None
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1]
        raise BankError(
            f"{kind.chapter} {kind.name} fails in {line.filename}, line {line.lineno}: "
            f"{type(error).__name__}: {error}"
        ) from error


def require_askable(kind: Kind, question: Question) -> None:
    """Raise BankError if a question can't be asked, whatever its numbers are."""
    for fault, present in _list_faults(question):
        if present:
            raise BankError(f"{kind.chapter} {kind.name}: {fault}.")


def _list_faults(question: Question) -> Iterator[tuple[str, bool]]:
    texts = [question.text, question.why, question.alt, *map(str, _list_values(question))]
    numbers = [value for value in _list_values(question) if not isinstance(value, str)]
    yield "text is empty", not question.text.strip()
    yield "why is empty", not question.why.strip()
    yield "a text has control characters", any(_CONTROL.search(text) for text in texts)
    yield "a picture needs alt, its description", bool(question.picture) and not question.alt
    yield "picture is not a PNG", question.picture[:4] not in (b"", b"\x89PNG")
    misconceptions = [wrong.misconception.strip() for wrong in question.wrong]
    yield "each wrong value needs a misconception", not all(misconceptions)
    yield "a number is not finite", not all(map(math.isfinite, numbers))
    if not question.numerical:
        yield "multiple choice needs 2 to 4 wrong options", not 2 <= len(question.wrong) <= 4
        return
    yield "numerical needs numbers", len(numbers) <= len(question.wrong)
    rounding = abs(float(format_value(question.right)) - question.right)
    yield f"right is {question.right!r} and needs a tolerance", rounding > question.tolerance


def _list_values(question: Question) -> list[str | int | float]:
    return [question.right, *(wrong.value for wrong in question.wrong)]


def _has_equal_options(question: Question) -> bool:
    """Whether two options can't be told apart: as numbers, or as texts without their spaces."""
    if question.numerical:
        numbers = sorted(map(float, _list_values(question)))
        margin = 2 * question.tolerance
        return any(b - a <= margin for a, b in pairwise(numbers))
    shown = [_normalize(format_value(value)) for value in _list_values(question)]
    return len(set(shown)) < len(shown)


def _normalize(shown: str) -> str | float:
    try:
        return float(shown)
    except ValueError:
        return re.sub(r"\s", "", shown)


def _compute_code(kind: Kind, question: Question) -> str:
    """Return a code that is the same for the same question.

    It depends only on what students see: not on the secret, nor on which answer is right.
    """
    picture = hashlib.sha256(question.picture).hexdigest()
    options = [] if question.numerical else sorted(map(format_value, _list_values(question)))
    digest = _hash_texts([kind.chapter, kind.name, question.text, picture, *options])
    return f"q-{digest:064x}"[:10]


def _hash_texts(texts: list[str]) -> int:
    return int(hashlib.sha256(json.dumps(texts).encode()).hexdigest(), 16)


def _sort_key(shown: str) -> tuple:
    """Sort numbers by value, also those inside a text: "line 2" comes before "line 10"."""
    value = _normalize(shown)
    if isinstance(value, float):
        return (0, value)
    parts = re.split(r"(\d+)", shown)
    return (1, *(f"{int(part):09}" if place % 2 else part for place, part in enumerate(parts)))

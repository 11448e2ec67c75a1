"""Help for a learner: the hints and the solution of an exercise, for printing and for buttons."""

from __future__ import annotations

import re
from typing import NamedTuple

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store
from unet_tutorial.teaching.checks.exercise import EXERCISES, Exercise
from unet_tutorial.teaching.checks.message import wrap_text

HINTS = 3
_FORBIDDEN = "Your course doesn't show solutions. Ask your instructor, or take a hint."
_PLACEHOLDER = re.compile(r"(?m)^(?:\w+ = \(?| *)\.\.\..*\n")  # such as: weight = ...  # a tensor


class Help(NamedTuple):
    """A text for a learner, and the code that follows it, if any."""

    text: str
    code: str = ""


def hint(number: str, which: int | None = None) -> None:
    """Print the next of an exercise's three hints, `hint("5.2")`, or one of them, `hint("5.2", 1)`.

    A hint that was read before can be read again without taking another.
    """
    shown = get_hint(number, which)
    print(wrap_text(shown.text))
    is_last = shown.text.startswith(f"Hint {HINTS} ")
    if is_last and progress_store.is_solution_allowed(str(number).strip()):
        print(f'That was the last hint. checks.solution("{number}") shows a solution.')


def solution(number: str) -> None:
    """Print a solution of an exercise; while hints are left, the first call only says so."""
    shown = get_solution(number)
    print(f"{shown.text}\n\n{shown.code}" if shown.code else shown.text)


def get_hint(number: str, which: int | None = None) -> Help:
    """Return a hint, the next one if `which` is None, and record that it was read.

    Raises ValueError if there is no such exercise or hint.
    """
    this = _find_exercise(number)
    if which not in (None, *range(1, HINTS + 1)):
        raise ValueError(f"There are {HINTS} hints, 1 to {HINTS}, no {which!r}.")
    taken = progress_store.get_entry(progress_store.load_progress(), this.number)["hints"]
    given = which or min(taken + 1, HINTS)
    progress_store.record_progress(this.number, hints=max(given, taken))
    return Help(f"Hint {given} of {HINTS} for {this.number}: {this.hints[given - 1]}")


def get_solution(number: str) -> Help:
    """Return a solution; while hints are left, the first call only returns how many."""
    this = _find_exercise(number)
    if not progress_store.is_solution_allowed(this.number):
        return Help(_FORBIDDEN)
    kept = progress_store.get_entry(progress_store.load_progress(), this.number)
    left = HINTS - kept["hints"]
    if left > 0 and not kept["asked"]:
        progress_store.record_progress(this.number, asked=True)
        hints = "hint is" if left == 1 else "hints are"
        return Help(f"{left} {hints} left for {this.number}. Ask once more to see a solution.")
    code = _PLACEHOLDER.sub("", chapters.read_solution(this.number))
    return Help(f"A solution of {this.number}:", code)


def _find_exercise(number: str) -> Exercise:
    """Return the exercise with this number; raise ValueError if there is none."""
    text = str(number).strip()
    if text in EXERCISES:
        return EXERCISES[text]
    chapter = text.partition(".")[0].lstrip("0")
    near = [each for each in EXERCISES if each.partition(".")[0] == chapter]
    raise ValueError(
        f"There is no exercise {number!r}. "
        + (f"Chapter {chapter} has {', '.join(near)}." if near else 'Write it as "5.2".')
    )

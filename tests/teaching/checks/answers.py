"""Answers to try on the checks: the mistakes that exercises list, and those in answers_NN.py."""

import importlib
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.teaching.checks import EXERCISES

LEAST_RIGHT, LEAST_WRONG = 2, 6


class Args(tuple):
    """Several answers to one check: Args((3, 3), 9) is checked as check((3, 3), 9)."""

    def __new__(cls, *answers):
        return super().__new__(cls, answers)


@dataclass
class Answers:
    """Answers to one exercise.

    right: answers that must pass, written differently than the chapter's solution.
    wrong: pairs of a realistic wrong answer and a part of its hint. The exercise's own MISTAKES
        aren't repeated here.
    equivalent: {mutant that passes: why it is still right}; mutants are named as `mutants.py`
        prints them, or by a pattern such as "by_sets, line 5: *" ([[] is an opening bracket).
    """

    right: list
    wrong: list
    equivalent: dict[str, str]


def to_arguments(answer):
    return tuple(answer) if isinstance(answer, Args) else (answer,)


def load_answers():
    """Collect {number: Answers} from every answers_NN.py in this folder."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("answers_*.py")):
        found |= importlib.import_module(path.stem).ANSWERS
    return found


def load_exercise_module(number):
    """Import the module of an exercise; it may have a REFERENCE and MISTAKES."""
    return importlib.import_module(EXERCISES[number].load_check().__module__)


def list_mistakes(number):
    """Return (answers, hint) for each mistake that an exercise lists; one of the answers is wrong.

    REFERENCE is the right answer and MISTAKES a list of (wrong answer, hint). If a check takes
    several answers, both are dicts by the names of its parameters.
    """
    module = load_exercise_module(number)
    mistakes = getattr(module, "MISTAKES", [])
    if not isinstance(mistakes, dict):
        return [((wrong,), hint) for wrong, hint in mistakes]
    return [
        (tuple((module.REFERENCE | {name: wrong}).values()), hint)
        for name, pairs in mistakes.items()
        for wrong, hint in pairs
    ]


def reference_answers(number):
    """Return an exercise's REFERENCE as arguments for its check, or None if it has none."""
    reference = getattr(load_exercise_module(number), "REFERENCE", None)
    if isinstance(reference, dict) and isinstance(load_exercise_module(number).MISTAKES, dict):
        return tuple(reference.values())
    return None if reference is None else (reference,)


CHAPTERS = sorted({int(number.partition(".")[0]) for number in EXERCISES})

"""Answers to try on the checks: what exercises list as mistakes, and more in answers_NN.py."""

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

    right: answers that must pass, written in another way than the chapter's solution.
    wrong: pairs of a realistic wrong answer and a part of the hint meant for it. What the
        exercise's own MISTAKES lists isn't repeated here.
    equivalent: {mutant of the solution that passes: why it is right all the same}; a mutant is
        named as `mutants.py` prints it.
    """

    right: list
    wrong: list
    equivalent: dict[str, str]


def arguments(answer):
    return tuple(answer) if isinstance(answer, Args) else (answer,)


def all_answers():
    """{number: Answers} of every answers_NN.py in this folder."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("answers_*.py")):
        found |= importlib.import_module(path.stem).ANSWERS
    return found


def exercise_module(number):
    """The module of an exercise, with its REFERENCE and MISTAKES where it has them."""
    return importlib.import_module(EXERCISES[number].load_check().__module__)


def listed_mistakes(number):
    """(answers, hint) of each mistake that an exercise lists: one answer wrong, the others right.

    REFERENCE is the right answer and MISTAKES a list of (wrong answer, hint); where a check takes
    several answers, both are dicts by the names of its parameters.
    """
    module = exercise_module(number)
    mistakes = getattr(module, "MISTAKES", [])
    if not isinstance(mistakes, dict):
        return [((wrong,), hint) for wrong, hint in mistakes]
    return [
        (tuple((module.REFERENCE | {name: wrong}).values()), hint)
        for name, pairs in mistakes.items()
        for wrong, hint in pairs
    ]


def reference_answers(number):
    """The right answer of an exercise as its check takes it, or None where it lists none."""
    reference = getattr(exercise_module(number), "REFERENCE", None)
    if isinstance(reference, dict) and isinstance(exercise_module(number).MISTAKES, dict):
        return tuple(reference.values())
    return None if reference is None else (reference,)


CHAPTERS = sorted({int(number.partition(".")[0]) for number in EXERCISES})

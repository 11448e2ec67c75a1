"""What a catalogue of answers is made of; one catalogue a chapter lies beside this file."""

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

    right: answers, written otherwise than the chapter's solution, that must pass.
    wrong: pairs of a realistic wrong answer and a part of the hint that is meant for it.
    equivalent: {mutant of the solution that passes: why it is right all the same}; a mutant is
        named as `mutants.py` prints it.
    """

    right: list
    wrong: list
    equivalent: dict[str, str]


def arguments(answer):
    return tuple(answer) if isinstance(answer, Args) else (answer,)


def all_answers():
    """{number: Answers} of every catalogue_NN.py in this folder."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("catalogue_*.py")):
        found |= importlib.import_module(path.stem).ANSWERS
    return found


CHAPTERS = sorted({int(number.partition(".")[0]) for number in EXERCISES})

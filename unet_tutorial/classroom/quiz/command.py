"""The verbs `quiz`, which makes a question bank, and `quiz-answers`, which reads the answers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from unet_tutorial.classroom.course_verb import print_error

_FORMATS = ("moodle", "qti", "paper")
_SHORT = 12  # characters: a shorter secret can be guessed by trying
_NEXT = {
    "moodle": (
        "moodle/",
        "Moodle: Question bank > Import > Moodle XML format. Then add random questions to a quiz, "
        "one from the category of each kind.",
    ),
    "qti": (
        "qti/",
        "Canvas: Settings > Import Course Content > QTI .zip file. Each quiz picks one question "
        "of each kind.",
    ),
    "paper": ("paper.html", "Open it in a browser and print it; paper_key.html has the answers."),
}


def add_quiz(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `quiz`."""
    about = "make a question bank for an LMS, and papers, with numbers drawn from a secret"
    parser = verbs.add_parser("quiz", help=about, description=about)
    parser.add_argument("chapters", nargs="*", metavar="NN", help="such as 02 05")
    parser.add_argument("--seed", required=True, metavar="SECRET", help="any text; keep it secret")
    parser.add_argument(
        "--variants", type=_parse_count, default=30, help="questions of each kind (default: 30)"
    )
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="a new folder")
    parser.add_argument(
        "--kinds", type=Path, nargs="+", default=[], metavar="FILE.py", help="your own questions"
    )
    parser.add_argument("--format", nargs="+", choices=_FORMATS, default=list(_FORMATS))
    parser.add_argument(
        "--versions", type=_parse_count, default=4, help="how many papers, up to 26 (default: 4)"
    )
    parser.set_defaults(run=_run_quiz)


def _parse_count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, 1 or more")
    return int(text)


def _run_quiz(chosen: argparse.Namespace) -> int:
    """Make the bank and print the next steps; return the exit status."""
    from unet_tutorial.classroom.quiz.bank import BankError
    from unet_tutorial.classroom.quiz.make_bank import make_bank

    try:
        bank = make_bank(
            [chapter.zfill(2) for chapter in dict.fromkeys(chosen.chapters)],
            chosen.seed,
            chosen.variants,
            chosen.output,
            own=chosen.kinds,
            formats=chosen.format,
            versions=min(chosen.versions, 26),
        )
    except (BankError, OSError) as error:
        return print_error(error)
    if len(chosen.seed) < _SHORT:
        print(
            "unet-tutorial: A short secret can be guessed by trying. For a quiz that counts, take "
            f"{_SHORT} characters or more.",
            file=sys.stderr,
        )
    _print_bank(bank, chosen)
    return 0


def _print_bank(bank, chosen: argparse.Namespace) -> None:
    total, fewest = sum(bank.counts.values()), min(bank.counts.values())
    print(f"{bank.name}: {total} questions of {len(bank.counts)} kinds, in {chosen.output}")
    if fewest < chosen.variants:
        fewer = [f"{name} ({n})" for name, n in bank.counts.items() if n < chosen.variants]
        print(f"  These kinds have fewer different questions: {', '.join(fewer)}.")
    if bank.left_out:
        print(
            f"  Not in QTI, since the answer is 0 or has five decimals: {bank.left_out} questions."
        )
    for name in chosen.format:
        print("  {:12}{}".format(*_NEXT[name]))
    print(
        f"  {'bank.json':12}For you alone: it says what each answer means. quiz-answers needs it."
    )
    print(
        "Next: import the questions. After the quiz, download the answers and run\n"
        f"  unet-tutorial quiz-answers {chosen.output} ANSWERS.csv"
    )


def add_quiz_answers(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `quiz-answers`."""
    about = "list the misconceptions that a class's answers to a quiz point to"
    parser = verbs.add_parser("quiz-answers", help=about, description=about)
    parser.add_argument("bank", type=Path, metavar="FOLDER", help="what unet-tutorial quiz made")
    parser.add_argument(
        "export", type=Path, metavar="ANSWERS.csv", help="the answers, as your LMS exports them"
    )
    parser.set_defaults(run=_run_quiz_answers)


def _run_quiz_answers(chosen: argparse.Namespace) -> int:
    """Print the tables; return the exit status."""
    from unet_tutorial.classroom.quiz.answers import UnclearAnswers, format_tally, tally_answers

    try:
        tally = tally_answers(chosen.bank, chosen.export)
    except (UnclearAnswers, OSError) as error:
        return print_error(error)
    print(format_tally(tally), end="")
    print("Next: bring the first lines into class; the chapters' teaching pages have a question on")
    print("each misconception.")
    return 0

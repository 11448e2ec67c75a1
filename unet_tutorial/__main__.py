"""The command `unet-tutorial`, or `python -m unet_tutorial`: one function adds each verb."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from unet_tutorial.classroom.course_verb import print_error
from unet_tutorial.classroom.doctor import checks
from unet_tutorial.classroom.workspace import lab, sync
from unet_tutorial.classroom.workspace.record import DEFAULT_FOLDER, CommandError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    split = arguments.index("--") if "--" in arguments else len(arguments)
    chosen = build_parser().parse_args(arguments[:split], argparse.Namespace(extra_arguments=[]))
    chosen.extra_arguments = arguments[split + 1 :]
    try:
        return chosen.run(chosen)
    except (CommandError, OSError) as error:
        return print_error(error)


def build_parser() -> argparse.ArgumentParser:
    """Build the parser; each verb sets `run` to the function that carries it out."""
    parser = argparse.ArgumentParser(prog="unet-tutorial", description="Build a U-Net by hand.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for add in (_add_lab, _add_start, _add_update, _add_doctor, _add_instructor_verbs):
        add(verbs)
    return parser


def _add_lab(verbs) -> None:
    about = "open JupyterLab on your copy of the chapters; anything after -- is passed on to it"
    parser = _add_verb(verbs, "lab", about)
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--port", type=int, help="the port to listen on (default: any free port)")
    parser.set_defaults(
        run=lambda chosen: lab.open_lab(
            chosen.folder,
            port=chosen.port,
            browser=not chosen.no_browser,
            extra_arguments=chosen.extra_arguments,
        )
    )


def _add_start(verbs) -> None:
    parser = _add_verb(verbs, "start", "write the chapters into a folder for you to work in")
    parser.add_argument(
        "--chapters", nargs="+", default=[], metavar="NN", help="such as 02 04 (default: all)"
    )
    parser.set_defaults(run=lambda chosen: sync.start(chosen.folder, chosen.chapters))


def _add_update(verbs) -> None:
    about = "update your copy of the chapters to the installed version, keeping your answers"
    parser = _add_verb(verbs, "update", about)
    parser.set_defaults(run=lambda chosen: sync.update(chosen.folder))


def _add_doctor(verbs) -> None:
    about = "check this machine, and print a line that you can send to your teacher"
    parser = _add_verb(verbs, "doctor", about)
    parser.set_defaults(run=lambda chosen: checks.run_doctor(chosen.folder))


def _add_instructor_verbs(verbs) -> None:
    from unet_tutorial.classroom import commands
    from unet_tutorial.classroom.giving_back.command import add_give_back
    from unet_tutorial.classroom.quiz.command import add_quiz, add_quiz_answers
    from unet_tutorial.classroom.words.command import add_words

    for add in (
        commands.add_course,
        commands.add_release,
        commands.add_collect,
        commands.add_grade,
        add_words,
        add_give_back,
        add_quiz,
        add_quiz_answers,
    ):
        add(verbs)


def _add_verb(verbs, name: str, about: str) -> argparse.ArgumentParser:
    """Add the parser of a verb that works on a folder of chapters."""
    parser = verbs.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    parser.add_argument(
        "folder", nargs="?", type=Path, help=f"where the chapters are (default: {DEFAULT_FOLDER})"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

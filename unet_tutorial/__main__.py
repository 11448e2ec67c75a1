"""The command `unet-tutorial`, also `python -m unet_tutorial`: one function a verb."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from unet_tutorial.classroom.doctor import checks
from unet_tutorial.classroom.workspace import lab as jupyterlab
from unet_tutorial.classroom.workspace import sync
from unet_tutorial.classroom.workspace.record import DEFAULT, Refused


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    split = arguments.index("--") if "--" in arguments else len(arguments)
    chosen = parser().parse_args(arguments[:split], argparse.Namespace(passed_on=[]))
    chosen.passed_on = arguments[split + 1 :]
    try:
        return chosen.run(chosen)
    except (Refused, OSError) as error:
        print(f"unet-tutorial: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser; each verb adds its own, and sets `run` to what it does."""
    made = argparse.ArgumentParser(prog="unet-tutorial", description="Build a U-Net by hand.")
    verbs = made.add_subparsers(dest="verb", required=True, metavar="VERB")
    for add in (add_lab, add_start, add_update, add_doctor, add_instructors):
        add(verbs)
    return made


def add_lab(verbs) -> None:
    """unet-tutorial lab"""
    about = "open JupyterLab on your copy of the chapters; what follows -- is passed on to it"
    lab = add_verb(verbs, "lab", about)
    lab.add_argument("--no-browser", action="store_true", help="print the address only")
    lab.add_argument("--port", type=int, help="the port to listen on (default: any free)")
    lab.set_defaults(
        run=lambda chosen: jupyterlab.lab(
            chosen.folder,
            port=chosen.port,
            browser=not chosen.no_browser,
            passed_on=chosen.passed_on,
        )
    )


def add_start(verbs) -> None:
    """unet-tutorial start"""
    start = add_verb(verbs, "start", "write the chapters into a folder, to work in")
    start.add_argument(
        "--chapters", nargs="+", default=[], metavar="NN", help="such as 02 04 (default: all)"
    )
    start.set_defaults(run=lambda chosen: sync.start(chosen.folder, chosen.chapters))


def add_update(verbs) -> None:
    """unet-tutorial update"""
    about = "bring a new version's text into your copy of the chapters; your answers stay"
    update = add_verb(verbs, "update", about)
    update.set_defaults(run=lambda chosen: sync.update(chosen.folder))


def add_doctor(verbs) -> None:
    """unet-tutorial doctor"""
    about = "check this machine, and end in one line to paste to your teacher"
    check = add_verb(verbs, "doctor", about)
    check.set_defaults(run=lambda chosen: checks.doctor(chosen.folder))


def add_instructors(verbs) -> None:
    """unet-tutorial course and unet-tutorial grade"""
    from unet_tutorial.classroom.commands import add_course, add_grade

    add_course(verbs)
    add_grade(verbs)


def add_verb(verbs, name: str, about: str) -> argparse.ArgumentParser:
    """Add the parser of a verb that works on a folder of chapters."""
    made = verbs.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    made.add_argument(
        "folder", nargs="?", type=Path, help=f"where the chapters are (default: {DEFAULT})"
    )
    return made


if __name__ == "__main__":
    sys.exit(main())

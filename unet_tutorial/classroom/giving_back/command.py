"""The verb `give-back` of the command `unet-tutorial`."""

from __future__ import annotations

import argparse
from pathlib import Path

from unet_tutorial.classroom.assignments import resolve_assignment
from unet_tutorial.classroom.course_verb import add_course_verb, print_error
from unet_tutorial.classroom.extras import has_extra


def add_give_back(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `give-back`."""
    about = "make feedback pages, and what Moodle, Canvas or another system takes of them"
    parser = add_course_verb(verbs, "give-back", about)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where to write (default: give-back/ASSIGNMENT in the course)",
    )
    parser.add_argument(
        "--unfinished", action="store_true", help="write points even if some are still to be given"
    )
    parser.add_argument(
        "--column",
        default="",
        metavar="HEADING",
        help='the assignment in Canvas\'s gradebook, such as "Convolution (1234)"',
    )
    parser.set_defaults(run=_run_give_back)


def _run_give_back(chosen: argparse.Namespace) -> int:
    """Make everything, and print what to do with it; return the exit status."""
    if not has_extra():
        return 1
    from unet_tutorial.classroom.giving_back.give_back import format_given_back, give_back
    from unet_tutorial.classroom.nbgrader_config import load_config

    try:
        config = load_config(chosen.course.resolve())
        name = resolve_assignment(chosen.course, chosen.assignment)
        made = give_back(
            config,
            name,
            output=chosen.output,
            unfinished=chosen.unfinished,
            column=chosen.column,
        )
    except (LookupError, ValueError, OSError) as error:
        return print_error(error)
    print(format_given_back(made))
    if made.unfinished:
        print(f"Next: unet-tutorial words {chosen.course} {name}, then grade and give-back again.")
    else:
        print("Next: upload these. For the next chapter: unet-tutorial release")
    return 0

"""The verb `words` of the command `unet-tutorial`."""

from __future__ import annotations

import argparse
import webbrowser

from unet_tutorial.classroom.assignments import resolve_assignment
from unet_tutorial.classroom.course_verb import add_course_verb, print_error
from unet_tutorial.classroom.extras import has_extra


def add_words(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `words`."""
    about = "grade answers in words by question, on a page that only this computer can open"
    parser = add_course_verb(verbs, "words", about)
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.set_defaults(run=_run_words)


def _run_words(chosen: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C; return the exit status."""
    if not has_extra():
        return 1
    from unet_tutorial.classroom.words.table import open_table

    try:
        chosen.assignment = resolve_assignment(chosen.course, chosen.assignment)
        table = open_table(chosen.course, chosen.assignment)
    except (LookupError, ValueError, OSError) as error:
        return print_error(error)
    if not any(each.answers for each in table.questions.values()):
        print(
            f"There is nothing to grade: nobody has answered {' or '.join(table.questions)}. "
            f"Collect the submissions with: unet-tutorial collect {chosen.course} "
            f"{chosen.assignment}"
        )
        return 0
    next_step = (
        f"unet-tutorial grade {chosen.course}, "
        f"and then unet-tutorial give-back {chosen.course} {chosen.assignment}"
    )
    _serve(table, next_step, show=not chosen.no_browser)
    return 0


def _serve(table, next_step: str, *, show: bool) -> None:
    """Serve the page until Ctrl-C."""
    from unet_tutorial.classroom.words.server import PageServer

    with PageServer(table, next_step) as server:
        print(_format_start(table, server.address), flush=True)
        if show:
            webbrowser.open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
        with table.lock:  # what is being saved is saved
            print(_format_end(table, next_step))


def _format_start(table, address: str) -> str:
    lines = []
    for name, question in table.questions.items():
        different = len({each.digest for each in question.answers})
        lines.append(
            f"{name}: {len(question.answers)} answers, {different} of them different. "
            f"{len(question.blank)} students left it blank (0 points)."
        )
    return "\n".join(
        [
            *lines,
            f"Grade them here:  {address}",
            f"Saved at once in: {table.path}",
            "You can fill that file in a spreadsheet instead, but not at the same time.",
            "Press Ctrl-C to end.",
        ]
    )


def _format_end(table, next_step: str) -> str:
    from unet_tutorial.classroom.words.table import count_graded

    try:
        done, total = count_graded(table.read_rows(), table.questions)
    except (ValueError, OSError) as error:
        return f"unet-tutorial: {error}"
    lines = [f"{done} of {total} answers have points, in {table.path}."]
    if done < total:
        lines.append("To go on with the others, run the same command again.")
    return "\n".join([*lines, f"Next: {next_step}"])

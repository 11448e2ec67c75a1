"""The instructors' verbs of the command `unet-tutorial`: `course` and `grade`."""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import sys
from pathlib import Path

from unet_tutorial.classroom.course_record import describe_other_version

_NBGRADER_MISSING = (
    'nbgrader is not installed. Install it with: python -m pip install "unet-tutorial[instructor]"'
)


def add_grade(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `grade`."""
    about = "grade a course's submissions with nbgrader, even if some are damaged or incomplete"
    parser = verbs.add_parser("grade", help=about, description=about)
    parser.add_argument("course", type=Path, help="the course's folder")
    parser.add_argument("--assignment", help="the name of one assignment (default: all)")
    parser.add_argument(
        "--workers", type=int, default=None, help="how many submissions to run in parallel"
    )
    parser.add_argument(
        "--again", action="store_true", help="grade everything again, even what hasn't changed"
    )
    parser.set_defaults(run=_run_grade)


def _run_grade(chosen: argparse.Namespace) -> int:
    """Grade and print the report; return the exit status, 1 if a submission was not graded."""
    if not _check_nbgrader():
        return 1
    from unet_tutorial.classroom.grading.batch import grade  # nbgrader is an extra
    from unet_tutorial.classroom.grading.report import format_report

    workers = chosen.workers or max(1, min(4, (os.cpu_count() or 2) // 2))
    try:
        outcomes = grade(chosen.course, chosen.assignment, workers=workers, again=chosen.again)
    except (LookupError, ValueError) as error:
        print(f"unet-tutorial: {error.args[0]}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"unet-tutorial: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nStopped. Finished grades are saved. Run the same command again to continue.",
            file=sys.stderr,
        )
        return 130
    print(format_report(outcomes))
    _warn_of_other_version(chosen.course)
    return int(any(each.problem for each in outcomes))


def _warn_of_other_version(course: Path) -> None:
    """Print a warning on stderr if another version of the tutorial made the course."""
    if other := describe_other_version(course):
        print(f"unet-tutorial: {other}", file=sys.stderr)


def _check_nbgrader() -> bool:
    """Whether nbgrader is installed; if it isn't, print how to install it."""
    if importlib.util.find_spec("nbgrader") is not None:
        return True
    print(f"unet-tutorial: {_NBGRADER_MISSING}", file=sys.stderr)
    return False


def add_course(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `course`."""
    about = "make an nbgrader course from some chapters, or add chapters to a course"
    parser = verbs.add_parser("course", help=about, description=about)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder, or a course")
    parser.add_argument("--chapters", nargs="+", required=True, metavar="NN", help="such as 02 05")
    parser.add_argument(
        "--points",
        nargs="+",
        default=[],
        type=_parse_points,
        metavar="5.2=4",
        help="points for an exercise, or for the question that you grade by hand: explain-5=6",
    )
    parser.add_argument(
        "--solutions",
        action=argparse.BooleanOptionalAction,
        help="whether checks.solution may show students the solutions "
        "(default: unchanged; yes for a new course)",
    )
    parser.set_defaults(run=_run_course)


def _parse_points(text: str) -> tuple[str, float]:
    """Parse "5.2=4" into the exercise and its points."""
    number, _, value = text.partition("=")
    try:
        points = float(value)
    except ValueError:
        points = math.nan
    if not number or not 0 <= points < math.inf:
        raise argparse.ArgumentTypeError(
            f"{text!r}: write it as 5.2=4, the exercise and 0 or more points"
        )
    return number, int(points) if points.is_integer() else points


def _run_course(chosen: argparse.Namespace) -> int:
    """Make the course and print where everything is; return the exit status."""
    if not _check_nbgrader():
        return 1
    from unet_tutorial.classroom.course.make_course import CourseError, make_course

    try:
        stems = make_course(chosen.folder, chosen.chapters, dict(chosen.points), chosen.solutions)
    except CourseError as error:
        print(f"unet-tutorial: {error}", file=sys.stderr)
        return 1
    _warn_of_other_version(chosen.folder)
    print(f"These chapters are ready in {chosen.folder}: {', '.join(stems)}.")
    print("  for students:  zips/")
    print("  for you:       pages/ (teaching pages), source/ (with solutions)")
    print("  next:          run nbgrader's commands in that folder; see INSTRUCTORS.md")
    return 0

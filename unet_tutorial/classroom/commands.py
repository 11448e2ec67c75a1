"""The instructor's verbs of the command unet-tutorial."""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import sys
from pathlib import Path

from unet_tutorial.classroom.course_record import describe_other_version

MISSING = 'nbgrader is not installed: python -m pip install "unet-tutorial[instructor]"'


def add_grade(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `grade`."""
    about = "grade the submissions of a course with nbgrader, whatever state they are in"
    parser = verbs.add_parser("grade", help=about, description=about)
    parser.add_argument("course", type=Path, help="the course's folder")
    parser.add_argument("--assignment", help="the name of one assignment (default: all)")
    parser.add_argument(
        "--workers", type=int, default=None, help="how many submissions run at a time"
    )
    parser.add_argument(
        "--again", action="store_true", help="grade also what is graded and unchanged"
    )
    parser.set_defaults(run=run_grade)


def run_grade(chosen: argparse.Namespace) -> int:
    """Grade, print the table, and return the exit status: 1 where a submission was not graded."""
    if not has_nbgrader():
        return 1
    from unet_tutorial.classroom.grading.batch import grade  # nbgrader is an extra
    from unet_tutorial.classroom.grading.report import table

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
        print("\nStopped. What is graded stays graded; the same command goes on.", file=sys.stderr)
        return 130
    print(table(outcomes))
    _tell_version(chosen.course)
    return int(any(each.problem for each in outcomes))


def _tell_version(course: Path) -> None:
    """Say on stderr that another version of the tutorial made the course, where that is so."""
    if other := describe_other_version(course):
        print(f"unet-tutorial: {other}", file=sys.stderr)


def has_nbgrader() -> bool:
    """Return whether nbgrader is installed; say how to install it where it is not."""
    if importlib.util.find_spec("nbgrader") is not None:
        return True
    print(f"unet-tutorial: {MISSING}", file=sys.stderr)
    return False


def add_course(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `course`."""
    about = "make an nbgrader course of some chapters, or add chapters to one"
    parser = verbs.add_parser("course", help=about, description=about)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder, or a course")
    parser.add_argument("--chapters", nargs="+", required=True, metavar="NN", help="such as 02 05")
    parser.add_argument(
        "--points",
        nargs="+",
        default=[],
        type=points_of,
        metavar="5.2=4",
        help="points of an exercise, or of the question graded by hand: explain-5=6",
    )
    parser.add_argument(
        "--solutions",
        action=argparse.BooleanOptionalAction,
        help="whether checks.solution shows students a solution (default: as before, at first yes)",
    )
    parser.set_defaults(run=run_course)


def points_of(text: str) -> tuple[str, float]:
    """Return the exercise and the points that "5.2=4" names."""
    number, _, value = text.partition("=")
    try:
        points = float(value)
    except ValueError:
        points = math.nan
    if not number or not 0 <= points < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: write it as 5.2=4, with 0 points or more")
    return number, int(points) if points.is_integer() else points


def run_course(chosen: argparse.Namespace) -> int:
    """Make the course and say what is where; return the exit status."""
    if not has_nbgrader():
        return 1
    from unet_tutorial.classroom.course.make_course import CourseError, make_course

    try:
        stems = make_course(chosen.folder, chosen.chapters, dict(chosen.points), chosen.solutions)
    except CourseError as error:
        print(f"unet-tutorial: {error}", file=sys.stderr)
        return 1
    _tell_version(chosen.folder)
    print(f"The course in {chosen.folder} has these chapters ready: {', '.join(stems)}.")
    print("  for students:  zips/")
    print("  for you:       pages/ (teaching pages), source/ (with solutions)")
    print("  from here on:  run nbgrader's commands in that folder; see INSTRUCTORS.md")
    return 0

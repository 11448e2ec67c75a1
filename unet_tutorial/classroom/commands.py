"""The instructors' verbs of the command `unet-tutorial`: `course`, `collect` and `grade`."""

from __future__ import annotations

import argparse
import importlib.util
import math
import sys
from pathlib import Path

from unet_tutorial.classroom.course_record import describe_other_version

_NBGRADER_MISSING = (
    "nbgrader, nh3 or babel is not installed. Install them with: "
    'python -m pip install "unet-tutorial[instructor]"'
)


def add_collect(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `collect`."""
    about = "collect a download of submissions, and list what was taken and what wasn't"
    parser = verbs.add_parser("collect", help=about, description=about)
    parser.add_argument("course", type=Path, help="the course's folder")
    parser.add_argument("assignment", help="the name of the assignment, such as 02_convolution")
    parser.add_argument(
        "--force", action="store_true", help="replace work that you've changed in submitted/, too"
    )
    parser.set_defaults(run=_run_collect)


def _run_collect(chosen: argparse.Namespace) -> int:
    """Collect and print the table; return the exit status, 1 if nothing was collected."""
    if not _check_nbgrader():
        return 1
    from unet_tutorial.classroom.collect.collect import collect
    from unet_tutorial.classroom.collect.report import format_collection
    from unet_tutorial.classroom.nbgrader_config import load_config

    try:
        config = load_config(chosen.course.resolve())
        collection = collect(config, chosen.assignment, force=chosen.force)
    except (ValueError, OSError) as error:
        print(f"unet-tutorial: {error}", file=sys.stderr)
        return 1
    print(format_collection(collection), end="")
    return 0


def add_grade(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `grade`."""
    about = "grade a course's submissions, even if some are damaged or incomplete"
    parser = verbs.add_parser("grade", help=about, description=about)
    parser.add_argument("course", type=Path, help="the course's folder")
    parser.add_argument("--assignment", help="the name of one assignment (default: all)")
    parser.add_argument(
        "--workers", type=int, default=None, help="how many submissions to run in parallel"
    )
    parser.add_argument(
        "--again", action="store_true", help="grade everything again, even what hasn't changed"
    )
    parser.add_argument(
        "--isolate", action="store_true", help="run each submission inside bubblewrap (Linux)"
    )
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="let the workers of this Dask scheduler run submissions"
    )
    parser.set_defaults(run=_run_grade)


def _run_grade(chosen: argparse.Namespace) -> int:
    """Grade and print the report; return the exit status, 1 if a submission was not graded."""
    if not _check_nbgrader():
        return 1
    from unet_tutorial.classroom.grading.batch import grade  # nbgrader is an extra
    from unet_tutorial.classroom.grading.report import format_report

    names = ("workers", "again", "isolate", "dask")
    options = {name: getattr(chosen, name) for name in names}
    try:
        outcomes = grade(chosen.course, chosen.assignment, **options)
    except (LookupError, ValueError) as error:
        print(f"unet-tutorial: {error.args[0]}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"unet-tutorial: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nStopped. What was graded is saved. Run the same command again to continue.",
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
    """Whether nbgrader and nh3 are installed; if not, print how to install them."""
    if all(importlib.util.find_spec(name) is not None for name in ("nbgrader", "nh3")):
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
        "(default: unchanged; no for a new course)",
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
    print("  time zone:     c.Course.time_zone in nbgrader_config.py; please check it")
    print("  next:          run nbgrader's commands in that folder; see INSTRUCTORS.md")
    return 0

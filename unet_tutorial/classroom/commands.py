"""Instructors' verbs of the command `unet-tutorial`: `course`, `release`, `collect`, `grade`."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from unet_tutorial.classroom.assignments import resolve_assignment
from unet_tutorial.classroom.course_record import describe_other_version
from unet_tutorial.classroom.course_verb import add_course_verb, print_error
from unet_tutorial.classroom.extras import has_extra


def add_collect(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `collect`."""
    about = "collect a download of submissions, and list what was taken and what wasn't"
    parser = add_course_verb(verbs, "collect", about)
    parser.add_argument(
        "download",
        type=Path,
        nargs="*",
        help="the download, and tables such as Moodle's worksheet (default: what's in "
        "downloaded/ already)",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace work that you've changed in submitted/, too"
    )
    parser.set_defaults(run=_run_collect)


def _run_collect(chosen: argparse.Namespace) -> int:
    """Collect and print the table; return the exit status, 1 if nothing was collected."""
    if not has_extra():
        return 1
    from unet_tutorial.classroom.collect.collect import collect, put_download
    from unet_tutorial.classroom.collect.report import format_collection
    from unet_tutorial.classroom.nbgrader_config import load_config

    try:
        config = load_config(chosen.course.resolve())
        name = resolve_assignment(chosen.course, chosen.assignment)
        if chosen.download:
            put_download(chosen.course, name, chosen.download)
        collection = collect(config, name, force=chosen.force)
    except (LookupError, ValueError, OSError) as error:
        return print_error(error)
    print(format_collection(collection), end="")
    print(f"Next: unet-tutorial grade {chosen.course} --isolate")
    return 0


def add_grade(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `grade`."""
    about = "grade a course's submissions, even if some are damaged or incomplete"
    parser = verbs.add_parser("grade", help=about, description=about)
    parser.add_argument("course", type=Path, help="the course's folder")
    parser.add_argument(
        "--assignment", help="one assignment, such as 02_convolution, or 02 (default: all)"
    )
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
    if not has_extra():
        return 1
    from unet_tutorial.classroom.grading.batch import grade  # nbgrader is an extra
    from unet_tutorial.classroom.grading.report import format_report

    names = ("workers", "again", "isolate", "dask")
    options = {name: getattr(chosen, name) for name in names}
    try:
        name = chosen.assignment and resolve_assignment(chosen.course, chosen.assignment)
        outcomes = grade(chosen.course, name, **options)
    except (LookupError, ValueError, OSError) as error:
        return print_error(error)
    except KeyboardInterrupt:
        print(
            "\nStopped. What was graded is saved. Run the same command again to continue.",
            file=sys.stderr,
        )
        return 130
    print(format_report(outcomes))
    _print_next_steps(chosen.course, outcomes)
    _warn_of_other_version(chosen.course)
    return int(any(each.problem for each in outcomes))


def _print_next_steps(course: Path, outcomes) -> None:
    """Print what each assignment needs next: points for answers in words, or to be given back."""
    for name in sorted({each.assignment for each in outcomes}):
        waits = any(each.to_grade for each in outcomes if each.assignment == name)
        verb = "words" if waits else "give-back"
        print(f"Next: unet-tutorial {verb} {course} {name}")


def _warn_of_other_version(course: Path) -> None:
    """Print a warning on stderr if another version of the tutorial made the course."""
    if other := describe_other_version(course):
        print(f"unet-tutorial: {other}", file=sys.stderr)


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
    if not has_extra():
        return 1
    from unet_tutorial.classroom.course.make_course import CourseError, make_course

    try:
        stems = make_course(chosen.folder, chosen.chapters, dict(chosen.points), chosen.solutions)
    except CourseError as error:
        return print_error(error)
    _warn_of_other_version(chosen.folder)
    print(f"These chapters are ready in {chosen.folder.resolve()}: {', '.join(stems)}.")
    print("  pages/               what you teach from: plan, misconceptions, rubric")
    print("  source/              the chapters with solutions and hidden tests, for you to change")
    print("  roster.csv           your students: one row each")
    print("  nbgrader_config.py   c.Course.time_zone is your time zone; please check it")
    print(f'Next: unet-tutorial release {chosen.folder} {stems[0]} --due "2025-03-07 23:59"')
    return 0


def add_release(verbs: argparse._SubParsersAction) -> None:
    """Add the verb `release`."""
    about = "make the zip that students get, enter the roster, and set the due date"
    parser = add_course_verb(verbs, "release", about)
    parser.add_argument(
        "--due", metavar="TIME", help='such as "2025-03-07 23:59" (default: as it is)'
    )
    parser.set_defaults(run=_run_release)


def _run_release(chosen: argparse.Namespace) -> int:
    """Release and print what to hand out; return the exit status."""
    if not has_extra():
        return 1
    from unet_tutorial.classroom.course.release import release

    try:
        made = release(chosen.course, chosen.assignment, chosen.due)
    except (LookupError, ValueError, OSError) as error:
        return print_error(error)
    print(made.news or f"{made.students} students are in the gradebook.")
    print(f"Due: {made.due or 'no date, so nothing is late'}")
    print(f"Give your students {made.zip_file}")
    print(
        f"Next: download their work, and run unet-tutorial collect {chosen.course} "
        f"{made.assignment} DOWNLOAD.zip"
    )
    return 0

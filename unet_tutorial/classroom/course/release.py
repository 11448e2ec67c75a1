"""Release an assignment: the students' zip, the roster and the due date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from unet_tutorial.classroom.assignments import resolve_assignment
from unet_tutorial.classroom.collect.collect import find_time_zone
from unet_tutorial.classroom.collect.roster import import_roster
from unet_tutorial.classroom.collect.times import UnclearTimes, read_times
from unet_tutorial.classroom.course.make_course import CourseError, make_course
from unet_tutorial.classroom.nbgrader_config import load_config


@dataclass(frozen=True)
class Release:
    """What was released."""

    assignment: str
    zip_file: Path
    due: str  # in the course's time zone; "" if the assignment has no due date
    students: int
    news: str  # about the roster


def release(course: Path, assignment: str, due: str | None = None) -> Release:
    """Release an assignment from its source, and set its due date.

    Args:
        course: the course's folder.
        assignment: its name, or its chapter's number.
        due: such as "2025-03-07 23:59", in the course's time zone unless it names another; None
            leaves it as it is.

    Raises:
        LookupError: the course has no such assignment.
        ValueError: the due date or the roster can't be read, or nbgrader refuses the source.
    """
    config = load_config(course.resolve())
    name = resolve_assignment(course, assignment)
    directory, zone = CourseDirectory(config=config), find_time_zone(config)
    when = None if due is None else _read_due(due, zone)
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        news = import_roster(course, gradebook)
    make_course(course, [name[:2]])
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        if when is not None:
            gradebook.update_or_create_assignment(name, duedate=when)
        stored = gradebook.find_assignment(name).duedate
        students = len(gradebook.students)
    shown = f"{stored.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M} {zone}" if stored else ""
    return Release(name, course / "zips" / f"{name}.zip", shown, students, news)


def _read_due(text: str, zone) -> datetime:
    """Read a due date into UTC without a zone, as nbgrader keeps it."""
    try:
        (when,) = read_times([text], zone)
    except UnclearTimes:
        when = None
    if when is None:
        raise CourseError(f"--due {text!r} is no date and time. Write it like 2025-03-07 23:59.")
    return when

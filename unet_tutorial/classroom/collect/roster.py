"""The roster: COURSE/roster.csv, read into the gradebook by every command that needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from nbgrader.api import Gradebook

from unet_tutorial.classroom.collect.people import Student
from unet_tutorial.classroom.collect.worksheet import UnclearTable, read_columns

ROSTER = "roster.csv"
TEMPLATE = "id,first_name,last_name,email,lms_user_id\n"
_HEADINGS = {  # of other programs, in order of preference
    "id": ("id", "student_id", "sis login id", "username"),
    "first_name": ("first_name", "first name"),
    "last_name": ("last_name", "last name", "surname"),
    "email": ("email", "email address"),
    "lms_user_id": ("lms_user_id",),
}


def read_roster(course: Path) -> list[Student]:
    """Read a course's roster.csv; no file, no students.

    Columns are those of nbgrader's `db student import`, or those of an export from Canvas's
    gradebook or from Moodle.

    Raises:
        UnclearTable: the column of the ids is missing, or an id is missing or there twice.
    """
    path = course / ROSTER
    if not path.exists():
        return []
    columns = {head.casefold(): cells for head, cells in read_columns(path).items()}
    if not columns:
        return []
    if "sis login id" in columns:  # Canvas, whose ID is a number of its own
        columns = _rename_canvas(columns)
    found = {
        name: next((columns[each] for each in heads if each in columns), None)
        for name, heads in _HEADINGS.items()
    }
    if found["id"] is None:
        raise UnclearTable(
            f"{ROSTER} has no column id. It has: {', '.join(columns)}. Rename the column that has "
            "the students' ids to id."
        )
    _require_distinct(found["id"])
    given = {name: cells for name, cells in found.items() if cells is not None}
    return [
        Student(**dict(zip(given, row, strict=True))) for row in zip(*given.values(), strict=True)
    ]


def _rename_canvas(columns: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Give the columns of Canvas's gradebook our names; rows without a login are no students."""
    rows = [n for n, login in enumerate(columns["sis login id"]) if login]
    kept = {head: [cells[n] for n in rows] for head, cells in columns.items()}
    names = [name.partition(", ") for name in kept.get("student", [])]
    made = {"id": kept["sis login id"], "lms_user_id": kept.get("id", [""] * len(rows))}
    if names:
        made |= {"last_name": [last for last, _, _ in names]}
        made |= {"first_name": [first for _, _, first in names]}
    return made


def _require_distinct(ids: list[str]) -> None:
    if "" in ids:
        raise UnclearTable(f"{ROSTER}: the column id is empty in row {ids.index('') + 2}.")
    twice = [each for each, count in Counter(ids).items() if count > 1]
    if twice:
        raise UnclearTable(f"{ROSTER}: the column id has {', '.join(twice)} more than once.")


def import_roster(course: Path, gradebook: Gradebook) -> str:
    """Bring the gradebook up to date with roster.csv, and say in words what was new; "" if nothing.

    Nobody is removed: grades of students who have left stay.

    Raises:
        UnclearTable: see `read_roster`.
    """
    students = read_roster(course)
    known = {each.id for each in gradebook.students}
    for each in students:
        about = asdict(each)
        gradebook.update_or_create_student(about.pop("id"), **about)
    new = [each.id for each in students if each.id not in known]
    return f"{ROSTER}: {len(students)} students, {len(new)} of them new." if new else ""

"""Find the student in the roster to whom a learning management system's name belongs."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dateutil import parser as dates

_PARTICIPANT = re.compile(r"\D+(\d+)")  # "Participant 123456", in any language
_SUBMITTED = "Last modified (submission)"


@dataclass(frozen=True)
class Student:
    """A student in the gradebook."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def name_words(self) -> list[str]:
        """The words of the name, normalised, first name first."""
        return _split_name(self.first_name) + _split_name(self.last_name)

    @property
    def joined_names(self) -> set[str]:
        """The name without spaces, in both orders."""
        first, last = ("".join(_split_name(name)) for name in (self.first_name, self.last_name))
        return {first + last, last + first} - {""}


def _split_name(name: str) -> list[str]:
    """Split a name into words without case, accents and apostrophes: Seán O'Brien: sean, obrien."""
    characters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(each for each in characters if not unicodedata.combining(each))
    return re.findall(r"[^\W_]+", re.sub("['’]", "", plain))


def find_student(students: Iterable[Student], name: str, number: str = "") -> Student | None:
    """Find the only student who matches a name or number; None if there are several or none.

    Args:
        students: the roster.
        name: may have the surname first, no spaces, or a group or an id next to it.
        number: the system's number of the user, compared with `lms_user_id` and the id.
    """
    students = list(students)
    words = _split_name(name)
    rules = (  # the first rule that finds somebody decides
        lambda student: number and number in (student.lms_user_id, student.id),
        lambda student: student.id.casefold() in (name.casefold(), *words),
        lambda student: "".join(words) in student.joined_names,
        lambda student: student.name_words and set(student.name_words) <= set(words),
    )
    for matches in rules:
        found = [student for student in students if matches(student)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def make_student_id(name: str) -> str:
    """Make a student id from a name, for somebody who isn't in the roster."""
    return re.sub(r"[^\w.-]+", "_", name).strip("_.") or "unknown"


@dataclass(frozen=True)
class Participant:
    """A participant in one of the CSV files that were downloaded with the submissions."""

    student: Student | None = None
    submitted: datetime | None = None  # in UTC


def read_participants(folder: Path, students: Iterable[Student]) -> dict[str, Participant]:
    """Read the participants in a folder's CSV files, by participant number or student id.

    Two kinds of files are read: Moodle's grading worksheet, and tables with the columns
    `student_id` and `timestamp`.
    """
    students, participants = list(students), {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line in csv.DictReader(file):
                values = {key: value or "" for key, value in line.items() if isinstance(key, str)}
                if "student_id" in values:
                    time = _parse_time(values.get("timestamp", ""))
                    participants[values["student_id"].strip()] = Participant(submitted=time)
                elif number := _PARTICIPANT.fullmatch(next(iter(values.values()), "")):
                    participants[number[1]] = _parse_moodle_row(values, students)
    return participants


def _parse_moodle_row(values: dict[str, str], students: list[Student]) -> Participant:
    """Parse a row of Moodle's worksheet; find the student by e-mail address, id, or name."""
    cells = {cell.strip().casefold() for cell in values.values()} - {""}
    found = [
        student for student in students if {student.id.casefold(), student.email.casefold()} & cells
    ]
    student = found[0] if len(found) == 1 else None
    student = student or find_student(students, values.get("Full name", ""))
    return Participant(student, _parse_time(values.get(_SUBMITTED, "")))


def _parse_time(text: str) -> datetime | None:
    """Convert a time to UTC; without a zone it's local time. None if the text isn't a time."""
    try:
        return dates.parse(text).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):  # Moodle writes "-" if nothing was submitted
        return None

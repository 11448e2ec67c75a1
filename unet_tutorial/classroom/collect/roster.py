"""Which student of the roster a learning management system's name means."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dateutil import parser as dates

PARTICIPANT = re.compile(r"\D+(\d+)")  # "Participant 123456", in any language
SUBMITTED = "Last modified (submission)"


@dataclass(frozen=True)
class Student:
    """One student as the gradebook has them."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def words(self) -> list[str]:
        """The plain words of the name, first name first."""
        return words_of(self.first_name) + words_of(self.last_name)

    @property
    def joined(self) -> set[str]:
        """The name without spaces, in both orders."""
        first, last = ("".join(words_of(name)) for name in (self.first_name, self.last_name))
        return {first + last, last + first} - {""}


def words_of(name: str) -> list[str]:
    """Return the words of a name without case, accents and apostrophes: O'Brien is obrien."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(
        letter for letter in letters if not unicodedata.combining(letter) and letter not in "'’"
    )
    return re.findall(r"[^\W_]+", kept)


def find_student(students: Iterable[Student], name: str, number: str = "") -> Student | None:
    """Return the one student that a name or a system's own number means, or None.

    `number` is compared with `lms_user_id` and the id. A name may come with the surname first,
    without spaces, with a group or an id beside it; where two students fit, neither is returned.
    """
    students = list(students)
    words = words_of(name)
    ways = (
        lambda student: number and number in (student.lms_user_id, student.id),
        lambda student: student.id.casefold() in (name.casefold(), *words),
        lambda student: "".join(words) in student.joined,
        lambda student: student.words and set(student.words) <= set(words),
    )
    for way in ways:
        found = [student for student in students if way(student)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def id_from(name: str) -> str:
    """Return a student id made of a name, for somebody whom the roster does not have."""
    return re.sub(r"[^\w.-]+", "_", name).strip("_.") or "unknown"


@dataclass(frozen=True)
class Row:
    """What a table beside the download says of one participant."""

    student: Student | None = None
    submitted: datetime | None = None  # in UTC


def read_tables(folder: Path, students: Iterable[Student]) -> dict[str, Row]:
    """Return what the CSV files in a folder say, by participant number or student id.

    Two kinds are known: Moodle's grading worksheet, and a table with the columns `student_id` and
    `timestamp`.
    """
    students, rows = list(students), {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line in csv.DictReader(file):
                values = {key: value or "" for key, value in line.items() if isinstance(key, str)}
                if "student_id" in values:
                    time = to_utc(values.get("timestamp", ""))
                    rows[values["student_id"].strip()] = Row(submitted=time)
                elif number := PARTICIPANT.fullmatch(next(iter(values.values()), "")):
                    rows[number[1]] = moodle_row(values, students)
    return rows


def moodle_row(values: dict[str, str], students: list[Student]) -> Row:
    """Return a participant of Moodle's worksheet: found by e-mail address, id number, or name."""
    cells = {cell.strip().casefold() for cell in values.values()} - {""}
    found = [
        student for student in students if {student.id.casefold(), student.email.casefold()} & cells
    ]
    student = found[0] if len(found) == 1 else None
    student = student or find_student(students, values.get("Full name", ""))
    return Row(student, to_utc(values.get(SUBMITTED, "")))


def to_utc(text: str) -> datetime | None:
    """Return the time that a text names, in UTC; None where it names none.

    A time without a zone is one of this computer's.
    """
    try:
        return dates.parse(text).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):  # "-" where nothing was handed in
        return None

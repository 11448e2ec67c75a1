"""Who is who and when they handed in: the tables downloaded along with the submissions.

Moodle's grading worksheet, and any table with the columns `student_id` and `timestamp`. Columns
whose heading isn't known, since it's in another language, are recognised by their content.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from unet_tutorial.classroom.collect.people import Student, find_students, normalise
from unet_tutorial.classroom.collect.times import UnclearTimes, look_like_times, read_times

_TIMES = ("timestamp", "last modified (submission)")  # headings that are known
_GRADES = ("last modified (grade)",)
_NUMBER = re.compile(r"[^\d@]*?(\d+)")  # "Participant 123456", in any language


class UnclearTable(ValueError):
    """A table can't be read; the message names the column and says what to do."""


@dataclass
class Table:
    """What one table says of the participants."""

    students: dict[str, Student] = field(default_factory=dict)  # by Moodle's number
    times: dict[str, datetime] = field(default_factory=dict)  # UTC, by student id
    numbers: dict[str, datetime] = field(default_factory=dict)  # UTC, by Moodle's number
    notes: list[str] = field(default_factory=list)


def read_tables(
    folder: Path, students: Sequence[Student], numbers: set[str], zone: ZoneInfo
) -> Table:
    """Read the CSV files in a folder; `times.csv` and others by student id come before Moodle's.

    Args:
        folder: where the tables are.
        students: the roster.
        numbers: Moodle's numbers in the download.
        zone: the time zone of the times that don't name one.

    Raises:
        UnclearTable: a column of times is ambiguous or can't be read.
    """
    whole = Table()
    for path in sorted(folder.glob("*.csv"), key=lambda path: (path.name == "times.csv", path)):
        columns = read_columns(path)
        head = _find_times(path.name, columns, zone)
        times = _read_times(path.name, head, columns[head], zone) if head else []
        _add_rows(whole, path.name, columns, times, students, numbers)
    return whole


@dataclass(frozen=True)
class Sheet:
    """A table as it's written in a file: its rows, headings first, and how to write it again."""

    rows: list[list[str]]
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    before: str = ""  # a line such as "sep=;"

    def encode(self) -> bytes:
        """Return the file's bytes."""
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline).writerows(self.rows)
        return (self.before + text.getvalue()).encode(self.encoding)


def read_sheet(path: Path) -> Sheet:
    """Read a table, whatever separates the columns and in any encoding."""
    data = path.read_bytes()
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    known = data.startswith(codecs.BOM_UTF8)
    for encoding in ("utf-16" if wide else "utf-8-sig" if known else "utf-8", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeError:
            continue
    before = re.match(r"(sep=.\r?\n)?", text)[0]
    lines = text.removeprefix(before).lstrip()
    first = lines.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    newline = "\r\n" if first.endswith("\r") else "\n"
    rows = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter)
    return Sheet([row for row in rows if any(row)], delimiter, encoding, newline, before)


def read_rows(path: Path) -> list[list[str]]:
    """Read a table's rows, headings first."""
    return read_sheet(path).rows


def read_columns(path: Path) -> dict[str, list[str]]:
    """Read a table's columns by heading."""
    rows = read_rows(path)
    if len(rows) < 2:
        return {}
    heads = [head.strip() or f"column {n}" for n, head in enumerate(rows[0], 1)]
    return {
        head: [row[n].strip() if n < len(row) else "" for row in rows[1:]]
        for n, head in enumerate(heads)
    }


def _find_times(file: str, columns: Mapping[str, list[str]], zone: ZoneInfo) -> str:
    """Find the column of the times of submission: by its heading, or by its content."""
    known = {head.casefold(): head for head in columns}
    for head in _TIMES:
        if head in known:
            return known[head]
    found = [
        head
        for head, texts in columns.items()
        if look_like_times(texts, zone) and head.casefold() not in _GRADES
    ]
    if len(found) < 2:
        return found[0] if found else ""
    return _choose_earlier(file, columns, found, zone)


def _choose_earlier(
    file: str, columns: Mapping[str, list[str]], found: list[str], zone: ZoneInfo
) -> str:
    """Choose the column whose times are never later: work is handed in before it's graded."""
    times = {head: _read_times(file, head, columns[head], zone) for head in found}
    for head in found:
        pairs = [
            (mine, theirs)
            for other in found
            if other != head
            for mine, theirs in zip(times[head], times[other], strict=True)
            if mine and theirs
        ]
        if pairs and all(mine < theirs for mine, theirs in pairs):
            return head
    names = " and ".join(f'"{head}"' for head in found)
    raise UnclearTable(
        f"{file}: the columns {names} both hold times. Give the one with the times of submission "
        "the heading timestamp."
    )


def _read_times(file: str, head: str, texts: list[str], zone: ZoneInfo) -> list[datetime | None]:
    try:
        return read_times(texts, zone)
    except UnclearTimes as error:
        raise UnclearTable(
            f'{file}: the column "{head}" {error}. Write its times like 2025-03-07 21:15, or '
            "delete the column to count nobody as late."
        ) from None


def _add_rows(
    whole: Table,
    file: str,
    columns: Mapping[str, list[str]],
    times: list[datetime | None],
    students: Sequence[Student],
    numbers: set[str],
) -> None:
    """Add what a table's rows say; note what they leave open."""
    rows = list(zip(*columns.values(), strict=True))
    found = match_numbers(columns, numbers)
    who = _match_students(columns, students)
    strangers = []
    for place, (row, time) in enumerate(zip(rows, times or [None] * len(rows), strict=True)):
        number, student = found.get(place, ""), who[place]
        if number and student:
            whole.students[number] = student
        if number and time:
            whole.numbers[number] = time
        elif student and time:
            whole.times[student.id] = time
        elif time:
            strangers.append(next(filter(None, row)))
    if not (found or any(who)):
        whole.notes.append(f"{file} wasn't used: it names nobody in the roster.")
    elif not times:
        whole.notes.append(f"{file} has no column with times of submission.")
    elif strangers:
        names = ", ".join(strangers)
        whole.notes.append(f"{file} has times of people who aren't in the roster: {names}.")


def match_numbers(columns: Mapping[str, list[str]], numbers: set[str]) -> dict[int, str]:
    """Find Moodle's number in each row: those in the column that has most of the download's."""
    by_column = [
        {place: match[1] for place, cell in enumerate(cells) if (match := _NUMBER.fullmatch(cell))}
        for cells in columns.values()
    ]
    best = max(by_column, key=lambda found: len(numbers & set(found.values())), default={})
    return best if numbers & set(best.values()) else {}


def _match_students(
    columns: Mapping[str, list[str]], students: Sequence[Student]
) -> list[Student | None]:
    """Find the student of each row, by the column that names most: with ids, addresses or names."""
    neighbours = [map(" ".join, zip(*pair, strict=True)) for pair in pairwise(columns.values())]
    cells = [*columns.values(), *map(list, neighbours)]
    if "student_id" in columns:
        cells = [columns["student_id"]]
    ids = {each: student for student in students for each in student.ids}
    by_id = _choose_best([[ids.get(normalise(cell)) for cell in column] for column in cells])
    left = [student for student in students if student not in by_id]
    return _choose_best(
        [
            [known or _find_by_name(cell, left) for known, cell in zip(by_id, column, strict=True)]
            for column in cells
        ]
    )


def _choose_best(columns: Sequence[list[Student | None]]) -> list[Student | None]:
    return max(columns, key=lambda found: len({*found} - {None}), default=[])


def _find_by_name(cell: str, students: Sequence[Student]) -> Student | None:
    found, is_sure = find_students(students, cell)
    return found[0] if is_sure and len(found) == 1 and not any(map(str.isdigit, cell)) else None

"""The table of points for answers in words, COURSE/words/ASSIGNMENT.csv: a row for each answer.

    question,student_id,name,answer,points,most,comment,note,answer_id
    explain-2,ada,Ada Lovelace,The kernel fits ...,1.5,3,Which places?,,sha-4be0c1d2e3f4a5b6

The page of `unet-tutorial words` fills it, or a person with a spreadsheet. Only `points` and
`comment` are read from it; the other columns say for which answer. More columns are kept.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from unet_tutorial.classroom.collect.worksheet import read_rows
from unet_tutorial.files import atomic_write

COLUMNS = ("question", "student_id", "name", "answer", "points", "most", "comment", "note",
           "answer_id")  # fmt: skip
_READ = ("question", "student_id", "points", "comment", "answer_id")  # it can't do without these
_DIGEST = re.compile(r"sha-([0-9a-f]{16})")  # a spreadsheet would take digits alone for a number
_FORMULA = re.compile(r"'*(?!-?[\d.,]+$)[=+\-@\t]")  # a spreadsheet would run what begins so
_MAX_TEXT = 30_000  # characters of a cell; spreadsheets have room for 32,767


class SheetError(ValueError):
    """The table can't be read; the message names the row and the column, and what to do."""


@dataclass
class Row:
    """One student's answer to one question, and what was entered for it."""

    question: str
    student: str
    digest: str  # of the answer
    points: float | None = None
    comment: str = ""
    cells: dict[str, str] = field(default_factory=dict)  # the other columns
    number: int = 0  # in the file; the headings are row 1

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells a row apart from all others."""
        return self.question, self.student, self.digest

    @property
    def is_entered(self) -> bool:
        """Whether there are points or a comment."""
        return self.points is not None or bool(self.comment)


def find_sheet(root: Path, assignment: str) -> Path:
    """Find where an assignment's table is, or would be."""
    return root / "words" / f"{assignment}.csv"


def read_sheet(path: Path, most: Mapping[str, float], students: Collection[str]) -> list[Row]:
    """Read a table; no rows if there is none.

    Rows without an entry that can't be read are left out.

    Args:
        path: the file, with any separator, decimal sign and encoding.
        most: the most points, by question.
        students: their ids.

    Raises:
        SheetError: a column is missing, or an entry or what it's for can't be read.
    """
    if not path.is_file():
        return []
    try:
        head, *lines = read_rows(path) or [[]]
    except csv.Error as error:
        raise SheetError(f"{path} isn't a table that can be read: {error}.") from None
    names = [each.strip().casefold() for each in head]
    if missing := [each for each in _READ if each not in names]:
        raise SheetError(
            f"{path.name}, row 1: there is no column {', '.join(missing)}. Give the columns their "
            f"headings back ({', '.join(COLUMNS)}), or move the file away to begin anew."
        )
    reader = _RowReader(path.name, most, students)
    rows = [
        reader.read_row(dict(zip(names, line + [""] * len(names), strict=False)), number)
        for number, line in enumerate(lines, 2)
    ]
    rows = [row for row in rows if row]
    fill_same_answers(rows)
    return rows


class _RowReader:
    """Reads rows, and raises SheetError if it can't."""

    def __init__(self, file: str, most: Mapping[str, float], students: Collection[str]) -> None:
        self.file, self.most = file, most
        self.students: dict[str, list[str]] = {}
        for each in students:
            self.students.setdefault(_normalise_id(each), []).append(each)

    def read_row(self, cells: dict[str, str], number: int) -> Row | None:
        """Read a row; None if nothing is entered in it and it isn't for a known answer."""
        entered = cells["points"].strip() or cells["comment"].strip()
        try:
            row = Row(
                question=self._read_question(cells["question"].strip(), number),
                student=self._read_student(_unguard(cells["student_id"].strip()), number),
                digest=self._read_digest(cells["answer_id"].strip(), number),
                cells={name: _unguard(text) for name, text in cells.items() if name not in _READ},
                number=number,
            )
        except SheetError:
            if entered:
                raise
            return None
        try:
            row.points = read_points_text(cells["points"], self.most[row.question])
        except ValueError as error:
            raise self._explain(number, f"points, {row.student}", error) from None
        row.comment = clean_text(_unguard(cells["comment"]))
        return row

    def _read_question(self, text: str, number: int) -> str:
        if text in self.most:
            return text
        known = ", ".join(self.most) or "none"
        raise self._explain(number, "question", f"there is no question {text!r}, only {known}")

    def _read_student(self, text: str, number: int) -> str:
        found = self.students.get(_normalise_id(text), [])
        if text in found or len(found) == 1:
            return text if text in found else found[0]
        raise self._explain(number, "student_id", f"nobody in the course has the id {text!r}")

    def _read_digest(self, text: str, number: int) -> str:
        if match := _DIGEST.fullmatch(text):
            return match[1]
        problem = f"{text!r} doesn't say which answer it is (it begins with sha-)"
        raise self._explain(number, "answer_id", problem)

    def _explain(self, number: int, column: str, problem: object) -> SheetError:
        return SheetError(
            f"{self.file}, row {number}, column {column}: {problem}. Correct it or delete the row, "
            "then run the same command again."
        )


def read_points_text(text: str, most: float) -> float | None:
    """Read points that a person typed, such as "1.5" or "1,5"; None if there are none.

    Raises:
        ValueError: they aren't a number from 0 to `most`.
    """
    text = text.strip()
    if not text:
        return None
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= most:
        raise ValueError(f"{text!r} isn't a number from 0 to {most:g}")
    return points


def _normalise_id(text: str) -> str:
    """Normalise an id, also if a spreadsheet took it for a number: 0071 became 71, 1e3 1000."""
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text.strip().casefold()


def clean_text(text: str) -> str:
    """Clean a text so that every spreadsheet keeps it: one kind of line break, no control codes."""
    lines = "\n".join(text.strip().splitlines())
    return re.sub(r"[\x00-\x08\x0e-\x1f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", lines)


def fill_same_answers(rows: Sequence[Row]) -> None:
    """Fill the empty rows of answers that are the same, if what was entered for them is, too."""
    for same in group_rows(rows).values():
        entries = {(row.points, row.comment) for row in same if row.is_entered}
        if len(entries) == 1:
            points, comment = entries.pop()
            for row in same:
                row.points, row.comment = points, comment


def group_rows(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Group the rows of the same answers, by question and digest."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.question, row.digest), []).append(row)
    return groups


def write_sheet(path: Path, rows: Sequence[Row]) -> None:
    """Write a table, whole or not at all, with the separator that the file has so far.

    Raises:
        OSError: the file can't be written, as when another program has it open.
    """
    delimiter = _find_delimiter(path)
    others = dict.fromkeys(name for row in rows for name in row.cells if name not in COLUMNS)
    content = io.StringIO(newline="")
    writer = csv.writer(content, delimiter=delimiter)
    writer.writerow([*COLUMNS, *others])
    for row in rows:
        points = "" if row.points is None else format_points(row.points)
        cells = row.cells | {
            "question": row.question,
            "student_id": row.student,
            "answer_id": f"sha-{row.digest}",
            "points": points.replace(".", ",") if delimiter == ";" else points,
            "comment": row.comment,
        }
        writer.writerow([_guard(cells.get(name, "")) for name in (*COLUMNS, *others)])
    path.parent.mkdir(exist_ok=True)
    atomic_write(path, content.getvalue().encode("utf-8-sig"))  # Excel needs the mark


def format_points(points: float) -> str:
    """Format points so that reading them gives the same number: 2, 1.5."""
    return str(points).removesuffix(".0")


def _find_delimiter(path: Path) -> str:
    if not path.is_file():
        return ","
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return max(",;\t", key=file.readline().count)


def _guard(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    text = clean_text(text)
    text = text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
    return f"'{text}" if _FORMULA.match(text) else text


def _unguard(text: str) -> str:
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text

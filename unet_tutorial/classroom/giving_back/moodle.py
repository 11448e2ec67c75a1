"""For Moodle: an archive of feedback files, and the grading worksheet filled in.

Moodle takes a feedback file if a part of its path is NAME_NUMBER_assignsubmission_file, as in its
own download (mod/assign/feedback/file/importziplib.php), and a worksheet if its headings are those
of the download (mod/assign/feedback/offline/importgradeslib.php). It skips grades of students whose
feedback has changed since the worksheet was downloaded, so the worksheet is uploaded first.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.classroom.collect.worksheet import (
    Sheet,
    UnclearTable,
    match_numbers,
    read_sheet,
)
from unet_tutorial.classroom.giving_back.results import Result

_GRADE = {  # Moodle's heading in its languages
    *("grade", "bewertung", "note", "calificación", "nota", "valutazione", "voto", "cijfer"),
    *("beoordeling", "avaliação", "ocena", "оценка", "оцінка", "betyg", "karakter", "karakterer"),
    *("arvosana", "známka", "hodnocení", "not", "βαθμός", "osztályzat", "hinne", "qualificació"),
    *("成绩", "成績", "評点", "評定", "성적", "التقدير", "ציון"),
}
_NUMBER = re.compile(r"\d+([.,]\d+)?")


@dataclass(frozen=True)
class Worksheet:
    """A worksheet that was filled in."""

    name: str
    sheet: Sheet
    students: set[str]  # who has a row in it
    count: int  # of grades
    most: float  # the highest grade

    @property
    def is_as_downloaded(self) -> bool:
        """Whether its form is Moodle's own, which every version of Moodle reads."""
        return self.sheet.delimiter == "," and self.sheet.encoding.startswith("utf-8")


def list_feedback(results: Sequence[Result]) -> Iterator[tuple[str, Path]]:
    """Yield the name in the archive of each student's page, and its file."""
    for each in results:
        if each.collected.system == "moodle" and each.page:
            name = each.collected.label.replace("_", " ")  # Moodle looks for the number after "_"
            folder = f"{name}_{each.collected.number}_assignsubmission_file_"
            yield f"{folder}/{each.page.name}", each.page


def fill_worksheets(
    folder: Path, results: Sequence[Result], *, unfinished: bool
) -> Iterator[Worksheet]:
    """Fill in each of Moodle's worksheets in a folder.

    Raises:
        UnclearTable: nothing says which column has the grades, or they aren't numbers.
    """
    by_number = {r.collected.number: r for r in results if r.collected.system == "moodle"}
    for path in sorted(folder.glob("*.csv")):
        sheet = read_sheet(path)
        if len(sheet.rows) < 2:
            continue
        rows = match_numbers(_list_columns(sheet), set(by_number))
        found = {place: by_number[n] for place, n in rows.items() if n in by_number}
        if found and path.name != "times.csv":
            yield _fill(path.name, sheet, found, unfinished=unfinished)


def _list_columns(sheet: Sheet) -> dict[str, list[str]]:
    """List the columns by their places, since headings may repeat."""
    width = len(sheet.rows[0])
    return {
        str(n): [row[n].strip() if n < len(row) else "" for row in sheet.rows[1:]]
        for n in range(width)
    }


def _fill(file: str, sheet: Sheet, found: Mapping[int, Result], *, unfinished: bool) -> Worksheet:
    """Fill in the grades, on the worksheet's own scale and with its decimal mark."""
    columns = list(_list_columns(sheet).values())
    grade = _find_grades(file, sheet.rows[0], columns)
    highest = columns[grade + 1] if grade + 1 < len(columns) else []
    text = next((cell for cell in highest if _NUMBER.fullmatch(cell)), "")
    if not text and any("," in cell for cell in highest):
        raise UnclearTable(
            f'{file}: the column "{sheet.rows[0][grade + 1]}" is a scale in words. Let Moodle '
            "grade the assignment with points, and download the worksheet again."
        )
    most = float(text.replace(",", ".")) if text else max(each.most for each in found.values())
    # Moodle reads a point in every language, but a comma only where the language writes it.
    numbers = [cell for cell in (*highest, *columns[grade]) if _NUMBER.fullmatch(cell)]
    mark = "," if any("," in cell for cell in numbers) else "."
    rows, count = [list(row) for row in sheet.rows], 0
    for place, result in found.items():
        scale = most / result.most if result.most else 1
        written = result.format_points(unfinished=unfinished, mark=mark, scale=scale)
        rows[place + 1] += [""] * (len(sheet.rows[0]) - len(rows[place + 1]))
        rows[place + 1][grade] = written
        count += bool(written)
    students = {each.student for each in found.values()}
    return Worksheet(file, dataclasses.replace(sheet, rows=rows), students, count, most)


def _find_grades(file: str, heads: Sequence[str], columns: Sequence[Sequence[str]]) -> int:
    """Find the column of the grades: by its heading, or left of the highest grade's."""
    known = [n for n, head in enumerate(heads) if head.strip().casefold() in _GRADE]
    if len(known) == 1:
        return known[0]
    found = [
        n - 1
        for n, cells in enumerate(columns)
        if n > 0
        and len(set(cells)) == 1
        and _NUMBER.fullmatch(cells[0])
        and all(cell in ("", "-") or _NUMBER.fullmatch(cell) for cell in columns[n - 1])
    ]
    if len(found) == 1:
        return found[0]
    raise UnclearTable(
        f"{file}: which column has the grades? It has: {', '.join(heads)}. Give it the heading "
        "Grade, and change it back before you upload the file."
    )

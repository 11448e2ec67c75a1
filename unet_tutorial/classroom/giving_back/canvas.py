"""For Canvas: a table that its gradebook imports, and an archive of pages to upload again.

Canvas's gradebook takes the columns Student, ID, SIS User ID, SIS Login ID and Section, then one
for each assignment, called "Title (1234)" (lib/gradebook_importer.rb). Its upload of submissions
takes the first two numbers between underscores in a file's name for those of the student and of the
file that was handed in (infer_comment_context_from_filename in app/models).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.classroom.collect.worksheet import Sheet, UnclearTable, read_sheet
from unet_tutorial.classroom.giving_back.results import Result

HEADS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
_ASSIGNMENT = re.compile(r"(?P<title>.+) \((?P<number>\d+)\)")


@dataclass(frozen=True)
class Export:
    """An export of Canvas's gradebook."""

    file: str
    rows: list[dict[str, str]]  # by heading

    @property
    def assignments(self) -> dict[str, str]:
        """The titles of the assignments, by heading."""
        found = {head: _ASSIGNMENT.fullmatch(head) for head in self.rows[0]}
        return {head: match["title"] for head, match in found.items() if match}

    def find_column(self, wanted: str, assignment: str) -> str:
        """Find the heading of an assignment.

        Args:
            wanted: its heading, title or number in Canvas; "" to look for the chapter's name.
            assignment: its name here.

        Raises:
            UnclearTable: no heading, or several, have the words of the chapter's name.
        """
        if wanted:
            same = [h for h, t in self.assignments.items() if wanted in (t, h[len(t) + 2 : -1])]
            return same[0] if len(same) == 1 else wanted
        words = set(re.findall(r"[a-z]+", assignment))
        found = [
            h for h, t in self.assignments.items() if words <= set(re.findall("[a-z]+", t.lower()))
        ]
        if len(found) == 1:
            return found[0]
        heads = ", ".join(found or self.assignments) or "none"
        raise UnclearTable(
            f"{self.file}: which column is {assignment}? Its assignments: {heads}. Run give-back "
            'again with --column "TITLE (NUMBER)", as in one of these.'
        )

    def read_most(self, column: str) -> float:
        """Read the points of an assignment in Canvas; 0 if the export doesn't say."""
        for row in self.rows:
            text = row.get(column, "").replace(",", ".")
            if "Points Possible" in row["Student"] and re.fullmatch(r"\d+(\.\d+)?", text):
                return float(text)
        return 0.0


def read_export(folder: Path) -> Export | None:
    """Read the export of the gradebook in a folder, if there is one."""
    for path in sorted(folder.glob("*.csv")):
        rows = read_sheet(path).rows
        heads = [head.strip() for head in rows[0]] if rows else []
        if {"ID", "Section"} <= set(heads) and {"Student", "LastName"} & set(heads):
            cells = [[*row, *[""] * len(heads)][: len(heads)] for row in rows[1:]]
            made = [dict(zip(heads, row, strict=True)) for row in cells]
            for row in made:
                row.setdefault("Student", f"{row.get('LastName', '')}, {row.get('FirstName', '')}")
            return Export(path.name, made) if made else None
    return None


def list_feedback(results: Sequence[Result], assignment: str) -> Iterator[tuple[str, Path]]:
    """Yield the name in the archive of each student's page, and its file."""
    for each in results:
        label = each.collected
        if label.system == "canvas" and each.page:
            yield f"{label.label}_{label.number}_{label.upload}_{assignment}.html", each.page


def find_rows(results: Sequence[Result], export: Export | None) -> dict[str, dict[str, str]]:
    """Find what Canvas calls each student: the export's row, or one that is made."""
    if export is None:
        return {each.student: _make_row(each) for each in results}
    by_number = {row["ID"].strip(): row for row in export.rows if row["ID"].strip()}
    by_login = {row.get("SIS Login ID", "").strip(): row for row in export.rows}
    found = {
        each.student: by_number.get(_find_number(each)) or by_login.get(each.student)
        for each in results
    }
    return {student: row for student, row in found.items() if row}


def _make_row(result: Result) -> dict[str, str]:
    name = ", ".join(filter(None, (result.last_name, result.first_name))) or result.student
    return {"Student": name, "ID": _find_number(result), "SIS Login ID": result.student}


def _find_number(result: Result) -> str:
    return result.collected.number if result.collected.system == "canvas" else result.lms_user_id


def format_grades(
    results: Sequence[Result],
    rows: Mapping[str, Mapping[str, str]],
    column: str,
    most: float,
    *,
    unfinished: bool,
) -> bytes:
    """Format the table for the gradebook.

    Args:
        results: what everybody got.
        rows: what Canvas calls each of them, from `find_rows`.
        column: the assignment's heading in Canvas, such as "Convolution (1234)".
        most: its points in Canvas; 0 if they are the same as here.
        unfinished: whether to write points while some are still to be given.
    """
    table = [[*HEADS, column]]
    for each in results:
        if row := rows.get(each.student):
            scale = most / each.most if most and each.most else 1
            points = each.format_points(unfinished=unfinished, scale=scale)
            table.append([*(row.get(head, "").strip() for head in HEADS), points])
    return Sheet(table).encode()

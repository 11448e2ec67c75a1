"""Step 6, second part: bring the points in words/ASSIGNMENT.csv into the gradebook.

Points are entered in that table or in nbgrader's formgrader, which doesn't say when. So what each
said when they last agreed is kept in `.unet-tutorial/words/ASSIGNMENT.json`: the one that has
changed since then counts. If both have changed, the formgrader's counts, and the table says so.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nbgrader.api import Comment, Grade, Gradebook

from unet_tutorial.classroom.grading.outcome import Outcome
from unet_tutorial.classroom.grading.pipeline.step6_record import KeptPoints
from unet_tutorial.classroom.grading.words_sheet import Row, clean_text, find_sheet, read_sheet
from unet_tutorial.files import KEPT, atomic_write

_SEEN = {"digest": "", "points": [None, None], "comment": ["", ""], "raw": None}


def read_words(
    gradebook: Gradebook, root: Path, assignment: str, students: Iterable[str]
) -> list[Row]:
    """Read an assignment's table of points for answers in words; no rows if there is none.

    Raises:
        SheetError: an entry can't be read, or is for nobody among `students` and the gradebook's.
    """
    known = {each.id for each in gradebook.students} | set(students)
    most = find_questions(gradebook, assignment)
    return read_sheet(find_sheet(root, assignment), most, known)


def find_questions(gradebook: Gradebook, assignment: str) -> dict[str, float]:
    """Find the most points of each answer that is graded by hand, by its name in the table."""
    return {
        name_question(assignment, book.name, cell.name): float(cell.max_score)
        for book in gradebook.find_assignment(assignment).notebooks
        for cell in book.grade_cells
        if cell.name in {each.name for each in book.solution_cells}
    }


def name_question(assignment: str, notebook: str, cell: str) -> str:
    """Return a question's name in the table."""
    return cell if notebook == assignment else f"{notebook}/{cell}"


def apply_words(
    gradebook: Gradebook, root: Path, assignment: str, outcomes: Sequence[Outcome]
) -> None:
    """Write what was entered for the recorded answers to the gradebook, and complete the outcomes.

    Args:
        gradebook: where the submissions are recorded.
        root: the course's folder.
        assignment: its name.
        outcomes: of the assignment's submissions.

    Raises:
        SheetError: an entry can't be read.
    """
    rows = read_words(gradebook, root, assignment, (each.student for each in outcomes))
    seen = SeenEntries(root, assignment)
    for outcome in outcomes:
        outcome.words = []
        mine = [row for row in rows if row.student == outcome.student]
        if mine and not outcome.problem:
            _apply_rows(gradebook, root, outcome, mine, seen)
    gradebook.db.commit()
    seen.save()


def _apply_rows(
    gradebook: Gradebook, root: Path, outcome: Outcome, rows: Sequence[Row], seen: SeenEntries
) -> None:
    for book in gradebook.find_submission(outcome.assignment, outcome.student).notebooks:
        kept = KeptPoints(root, outcome, book.name)
        comments = {each.name: each for each in book.comments}
        for grade in book.grades:
            question = name_question(outcome.assignment, book.name, grade.name)
            mine = {row.digest: row for row in rows if row.question == question}
            digest = outcome.digests.get(book.name, {}).get(grade.name, "")
            for row in mine.values():  # for an earlier answer, which may come back
                if row.digest != digest and row.points is not None:
                    kept.keep(grade.name, row.digest, row.points)
            if not mine:
                continue
            entries = seen.read(question, outcome.student, digest, comments[grade.name])
            if digest in mine:
                _apply_row(outcome, mine[digest], grade, comments[grade.name], entries)
                if grade.manual_score is None:
                    kept.forget(grade.name, digest)
            outcome.asked = [
                each for each in outcome.asked if not each.startswith(f"{grade.name}:")
            ]
            kept.update(grade, digest, digest)
        kept.save()


def _apply_row(outcome: Outcome, row: Row, grade: Grade, comment: Comment, seen: dict) -> None:
    """Write a row to the gradebook, or the other way round what was changed there."""
    text = read_comment(comment, seen)
    points, is_unclear = merge(row.points, grade.manual_score, seen["points"])
    words, is_comment_unclear = merge(row.comment, text, seen["comment"])
    where = f"words/{outcome.assignment}.csv, row {row.number},"
    rule = "Both are new, so the formgrader's counts. To decide, enter the same in both."
    if is_unclear:
        entered = "nothing" if row.points is None else f"{row.points:g}"
        outcome.words.append(
            f"{grade.name}: {where} says {entered}, the formgrader {points:g}. {rule}"
        )
    else:
        grade.manual_score, seen["points"] = points, [row.points, points]
    if is_comment_unclear:
        outcome.words.append(
            f"{grade.name}: {where} and the formgrader have different comments. {rule}"
        )
    elif words != text:
        # What the formgrader shows is the manual comment alone, so it has the automatic one, too.
        parts = filter(None, (words, words and comment.auto_comment))
        comment.manual_comment = "\n\n".join(parts) or None
    if not is_comment_unclear:
        seen["comment"], seen["raw"] = [row.comment, words], comment.manual_comment


def merge(sheet: object, book: object, seen: Sequence) -> tuple:
    """Return what counts, and whether that's unclear since both have changed.

    Args:
        sheet: what the table says now.
        book: what the gradebook says now.
        seen: what the two said when they were compared last.
    """
    if book in (None, ""):  # an empty field isn't an entry
        return sheet, False
    if sheet in (book, seen[0]):
        return book, False
    return (sheet, False) if book == seen[1] else (book, True)


def read_comment(comment: Comment, seen: Mapping) -> str:
    """Read what a person wrote as a comment, without the automatic comment."""
    raw = comment.manual_comment or ""
    if raw and raw == seen["raw"]:
        return seen["comment"][1]
    return clean_text(raw.removesuffix(comment.auto_comment or ""))


class SeenEntries:
    """What the table and the gradebook said when they were compared last, for each answer."""

    def __init__(self, root: Path, assignment: str) -> None:
        self.path = root / KEPT / "words" / f"{assignment}.json"
        try:
            self.all = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.all = {}

    def read(self, question: str, student: str, digest: str, comment: Comment) -> dict:
        """Read what was entered for an answer; changes to it are saved by `save`.

        A comment that the table has for an earlier answer is removed from the gradebook.
        """
        entries = self.all.setdefault(question, {}).setdefault(student, copy.deepcopy(_SEEN))
        if entries["digest"] != digest:
            sheet, book = entries["comment"]
            if sheet and sheet == book and comment.manual_comment == entries["raw"]:
                comment.manual_comment = None
            entries |= copy.deepcopy(_SEEN) | {"digest": digest}
        return entries

    def save(self) -> None:
        """Save everything, if there is anything."""
        if self.all:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(self.path, json.dumps(self.all, indent=1).encode())

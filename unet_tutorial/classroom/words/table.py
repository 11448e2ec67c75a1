"""An assignment's answers in words next to what was entered for them in words/ASSIGNMENT.csv."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning

from unet_tutorial.classroom.grading.outcome import load_report
from unet_tutorial.classroom.grading.pipeline.step1_pack import read_assignment
from unet_tutorial.classroom.grading.pipeline.step6_words import (
    SeenEntries,
    find_questions,
    merge,
    read_comment,
)
from unet_tutorial.classroom.grading.words_sheet import (
    Row,
    clean_text,
    fill_same_answers,
    find_sheet,
    group_rows,
    read_points_text,
    read_sheet,
    write_sheet,
)
from unet_tutorial.classroom.nbgrader_config import load_config
from unet_tutorial.classroom.words.answers import Answer, Question, read_questions

_EARLIER = "for an earlier answer: it doesn't count"
_UNCLEAR = "The {name} in the formgrader differ, and count as long as they do: {now}"


@dataclass
class Table:
    """The answers, and the file in which points and comments are entered for them."""

    root: Path
    assignment: str
    questions: Mapping[str, Question]
    names: Mapping[str, str]  # of the students, by id
    unclear: dict[tuple[str, str, str], str] = field(default_factory=dict)  # notes, by row
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def path(self) -> Path:
        """The file."""
        return find_sheet(self.root, self.assignment)

    def read_rows(self) -> list[Row]:
        """Read the file; it has a row for each answer, and those entered for earlier answers.

        Raises:
            SheetError: an entry in the file can't be read.
        """
        most = {name: each.most for name, each in self.questions.items()}
        found = {row.key: row for row in read_sheet(self.path, most, self.names)}
        rows = []
        for question in self.questions.values():
            # In the order of the digests, so that it doesn't show whose answer it is.
            for answer in sorted(question.answers, key=lambda each: (each.digest, each.student)):
                new = Row(question.name, answer.student, answer.digest)
                row = found.pop(new.key, new)
                row.cells |= self._describe(question, answer)
                rows.append(row)
        for row in found.values():
            row.cells["note"] = _EARLIER
        rows += [row for row in found.values() if row.is_entered]
        fill_same_answers(rows)
        return rows

    def _describe(self, question: Question, answer: Answer) -> dict[str, str]:
        return {
            "name": self.names.get(answer.student, ""),
            "most": f"{question.most:g}",
            "answer": answer.text,
            "note": " ".join(answer.notes),
        }

    def enter(self, question: str, digest: str, points: str, comment: str) -> None:
        """Enter points and a comment for an answer, and for all that are the same.

        Raises:
            LookupError: there is no such answer.
            ValueError: the points or the file can't be read.
            OSError: the file can't be written.
        """
        if question not in self.questions:
            raise LookupError(f"There is no question {question!r}.")
        value = read_points_text(points, self.questions[question].most)
        with self.lock:
            rows = self.read_rows()
            same = group_rows(rows).get((question, digest))
            if not same:
                raise LookupError("There is no such answer. Load this page again.")
            for row in same:
                row.points, row.comment = value, clean_text(comment)
            write_sheet(self.path, rows)

    def follow_gradebook(self, gradebook: Gradebook) -> None:
        """Write to the file what was entered in the formgrader since the last time."""
        seen = SeenEntries(self.root, self.assignment)
        rows = self.read_rows()
        for row in rows:
            self._follow_grade(row, gradebook, seen)
        fill_same_answers(rows)
        write_sheet(self.path, rows)
        gradebook.db.commit()
        seen.save()

    def _follow_grade(self, row: Row, gradebook: Gradebook, seen: SeenEntries) -> None:
        notebook, _, cell = row.question.rpartition("/")
        notebook = notebook or self.assignment
        outcome, _ = load_report(self.root, row.student, self.assignment)
        graded = outcome.digests.get(notebook, {}).get(cell) if outcome else None
        if graded != row.digest:  # the gradebook has another answer, or none
            return
        try:
            grade = gradebook.find_grade(cell, notebook, self.assignment, row.student)
            comment = gradebook.find_comment(cell, notebook, self.assignment, row.student)
        except MissingEntry:
            return
        entries = seen.read(row.question, row.student, row.digest, comment)
        is_new = row.number == 0  # not in the file, which isn't the same as emptied
        text = read_comment(comment, entries)
        for name, now in (("points", grade.manual_score), ("comment", text)):
            entered = getattr(row, name)
            value, is_unclear = merge(entered, now, [entered, None] if is_new else entries[name])
            if is_unclear:
                self.unclear[row.key] = _UNCLEAR.format(name=name, now=now)
            elif value == now:
                setattr(row, name, value)
                entries[name] = [now, now]
                entries["raw"] = comment.manual_comment


def open_table(root: Path, assignment: str) -> Table:
    """Read an assignment's answers in a course's folder, and bring its file up to date.

    Raises:
        FileNotFoundError: `root` isn't a course.
        LookupError: the course has no such assignment, or it asks no question in words.
        SheetError: an entry in the file can't be read.
    """
    course = CourseDirectory(config=load_config(Path(root).resolve()))
    with warnings.catch_warnings(), Gradebook(course.db_url, course.course_id) as gradebook:
        warnings.simplefilter("ignore", SAWarning)  # about nbgrader's own queries
        _require_assignment(gradebook, assignment)
        most = find_questions(gradebook, assignment)
        if not most:
            raise LookupError(f"{assignment} has no question that is answered in words.")
        questions = read_questions(course, read_assignment(course, assignment), most)
        people = (each for question in questions.values() for each in question.answers)
        names = {each.student: "" for each in people}
        names |= {
            each.id: " ".join(filter(None, (each.first_name, each.last_name)))
            for each in gradebook.students
        }
        table = Table(Path(course.root), assignment, questions, names)
        table.follow_gradebook(gradebook)
    return table


def _require_assignment(gradebook: Gradebook, assignment: str) -> None:
    names = sorted(each.name for each in gradebook.assignments)
    if assignment not in names:
        known = f"It has {', '.join(names)}." if names else "It has none yet."
        raise LookupError(f"The course has no assignment {assignment}. {known}")


def count_graded(rows: Sequence[Row], questions: Mapping[str, Question]) -> tuple[int, int]:
    """Return how many answers have points, and how many there are."""
    current = {
        (question.name, each.student, each.digest)
        for question in questions.values()
        for each in question.answers
    }
    return sum(row.key in current and row.points is not None for row in rows), len(current)

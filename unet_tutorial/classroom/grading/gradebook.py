"""Recording what the workers found: the gradebook, the graded notebooks, a report to resume."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning

from unet_tutorial.classroom.grading.pipeline.step3_comments import FLAG
from unet_tutorial.classroom.grading.sandbox.course_guard import files_in
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE
from unet_tutorial.classroom.grading.sqlite_snapshot import SQLITE, bytes_of, in_memory
from unet_tutorial.classroom.grading.worker import Outcome, read_points
from unet_tutorial.files import atomic_write

REPORTS = Path(".unet-tutorial") / "grading"


def recorded(course: CourseDirectory, outcome: Outcome, content: bytes) -> bytes:
    """Return a gradebook's content with a submission's grades.

    It is never in a file meanwhile, where what runs beside could change it.
    """
    rows = dict(outcome.rows)
    submission = rows.pop("", {})
    with (
        quiet(),
        in_memory(content) as (database, uri),
        Gradebook(f"{SQLITE}{uri}&uri=true", course.course_id) as gradebook,
    ):
        who = outcome.assignment, outcome.student
        gradebook.update_or_create_student(outcome.student)
        gradebook.update_or_create_submission(*who, **submission)
        for notebook, row in rows.items():
            record_notebook(gradebook, notebook, *who, row)
        gradebook.db.commit()
        return bytes_of(database)


def keep_notebooks(course: CourseDirectory, outcome: Outcome) -> None:
    """Move a submission's graded notebooks into the course."""
    target = graded_folder(course, outcome)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(outcome.folder, target)


def graded_folder(course: CourseDirectory, outcome: Outcome) -> Path:
    """Return where the graded notebooks of a submission belong."""
    step = course.autograded_directory
    return Path(course.format_path(step, outcome.student, outcome.assignment))


def is_recorded(course: CourseDirectory, gradebook: Gradebook, outcome: Outcome) -> bool:
    """Return whether a submission's grades and graded notebooks are in the course.

    Where they are, the outcome takes over the points that the gradebook has now.
    """
    try:
        submission = gradebook.find_submission(outcome.assignment, outcome.student)
    except MissingEntry:
        return False
    read_points(submission, outcome)
    return graded_folder(course, outcome).is_dir()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Leave out the warnings that SQLAlchemy has for nbgrader."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def record_notebook(
    gradebook: Gradebook, notebook: str, assignment: str, student: str, row: dict
) -> None:
    """Write the grades and comments of one notebook; what a person wrote stays as it is."""
    where = notebook, assignment, student
    for name, values in row["grades"].items():
        grade = gradebook.find_grade(name, *where)
        grade.auto_score = values["auto_score"]
        grade.needs_manual_grade = values["needs_manual_grade"]
    for name, text in row["comments"].items():
        gradebook.find_comment(name, *where).auto_comment = text
    gradebook.find_submission_notebook(*where).late_submission_penalty = row["late"]


def add_flags(outcome: Outcome, flags: list[str]) -> None:
    """Add what was seen from outside while a submission ran to its outcome and its comments."""
    outcome.flags += flags
    books = [row for name, row in outcome.rows.items() if name and row["comments"]]
    if flags and books:
        comments = books[0]["comments"]
        first = sorted(comments)[0]
        lines = [comments[first] or "", *(FLAG + text for text in flags)]
        comments[first] = "\n".join(line for line in lines if line)


def report_path(root: Path, student: str, assignment: str) -> Path:
    """Return where the report on a submission is kept."""
    return root / REPORTS / assignment / f"{student}.json"


def save_report(root: Path, outcome: Outcome, digest: str) -> None:
    """Keep what came of a submission, so that it need not be graded again while it is the same."""
    path = report_path(root, outcome.student, outcome.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = dataclasses.asdict(outcome) | {"rows": {}, "folder": "", "digest": digest}
    atomic_write(path, json.dumps(kept, indent=1).encode())


def load_report(root: Path, student: str, assignment: str, digest: str) -> Outcome | None:
    """Return what came of a submission, or None where it was not graded as it is now."""
    try:
        kept = json.loads(report_path(root, student, assignment).read_text(encoding="utf-8"))
        if kept.pop("digest") == digest:
            return Outcome(**kept)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def digest_of(*folders: Path, also: str = "") -> str:
    """Return one text for all that grading depends on: the folders' files, the checks, `also`."""
    total = hashlib.sha256(f"{also}\0".encode())
    for folder in (*folders, PACKAGE / "checks"):
        for path in sorted(files_in([folder])):
            if path.is_file() and path.suffix != ".pyc":
                total.update(f"{path.name}\0".encode() + path.read_bytes())
    return total.hexdigest()

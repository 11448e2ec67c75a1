"""Recording what the workers found: the gradebook, the graded notebooks, and a report to resume."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning

from unet_tutorial.instructor.kernel import PACKAGE
from unet_tutorial.instructor.private import Outcome
from unet_tutorial.instructor.reasons import FLAG

REPORTS = Path(".unet-tutorial") / "grading"


def record(course: CourseDirectory, outcome: Outcome) -> None:
    """Write a submission's grades into the gradebook, and its graded notebooks into the course."""
    rows = dict(outcome.rows)
    submission = rows.pop("", {})
    with quiet(), Gradebook(course.db_url, course.course_id) as gradebook:
        who = outcome.assignment, outcome.student
        gradebook.update_or_create_student(outcome.student)
        gradebook.update_or_create_submission(*who, **submission)
        for notebook, row in rows.items():
            record_notebook(gradebook, notebook, *who, row)
        gradebook.db.commit()
    target = Path(
        course.format_path(course.autograded_directory, outcome.student, outcome.assignment)
    )
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(outcome.folder, target)


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
    part = path.with_suffix(".part")
    part.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    os.replace(part, path)


def load_report(root: Path, student: str, assignment: str, digest: str) -> Outcome | None:
    """Return what came of a submission, or None where it was not graded as it is now."""
    try:
        kept = json.loads(report_path(root, student, assignment).read_text(encoding="utf-8"))
        if kept.pop("digest") == digest:
            return Outcome(**kept)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def digest_of(*folders: Path) -> str:
    """Return one text for all that grading depends on: what is in the folders, and the checks."""
    total = hashlib.sha256()
    for folder in (*folders, PACKAGE / "checks"):
        for path in sorted([folder, *folder.rglob("*")]):
            if path.is_file() and path.suffix != ".pyc":
                total.update(f"{path.name}\0".encode() + path.read_bytes())
    return total.hexdigest()

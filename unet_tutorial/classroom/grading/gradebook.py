"""Store the workers' results: the gradebook, the graded notebooks and a report per submission."""

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
from unet_tutorial.classroom.grading.sandbox.course_guard import list_files
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE
from unet_tutorial.classroom.grading.sqlite_snapshot import (
    SQLITE,
    open_in_memory,
    serialize_database,
)
from unet_tutorial.classroom.grading.worker import Outcome, read_points
from unet_tutorial.files import atomic_write

_REPORTS = Path(".unet-tutorial") / "grading"
_CHECKS = PACKAGE / "teaching" / "checks"


def add_grades(course: CourseDirectory, outcome: Outcome, content: bytes) -> bytes:
    """Add a submission's grades to a gradebook's content, and return the new content.

    The gradebook stays in memory: in a file, a submission that is still running could change it.
    """
    rows = dict(outcome.rows)
    submission = rows.pop("", {})
    with (
        ignore_sqlalchemy_warnings(),
        open_in_memory(content) as (database, uri),
        Gradebook(f"{SQLITE}{uri}&uri=true", course.course_id) as gradebook,
    ):
        key = outcome.assignment, outcome.student
        gradebook.update_or_create_student(outcome.student)
        gradebook.update_or_create_submission(*key, **submission)
        for notebook, row in rows.items():
            _record_notebook(gradebook, notebook, *key, row)
        gradebook.db.commit()
        return serialize_database(database)


def move_graded_notebooks(course: CourseDirectory, outcome: Outcome) -> None:
    """Move a submission's graded notebooks into the course."""
    target = _autograded_folder(course, outcome)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(outcome.folder, target)


def _autograded_folder(course: CourseDirectory, outcome: Outcome) -> Path:
    step = course.autograded_directory
    return Path(course.format_path(step, outcome.student, outcome.assignment))


def update_points(course: CourseDirectory, gradebook: Gradebook, outcome: Outcome) -> bool:
    """Update an outcome's points: the instructor may have changed them in the gradebook.

    Returns False if the gradebook or `autograded/` no longer has the submission.
    """
    try:
        submission = gradebook.find_submission(outcome.assignment, outcome.student)
    except MissingEntry:
        return False
    read_points(submission, outcome)
    return _autograded_folder(course, outcome).is_dir()


@contextlib.contextmanager
def ignore_sqlalchemy_warnings() -> Iterator[None]:
    """Context manager: hides SQLAlchemy's warnings about nbgrader's own queries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def _record_notebook(
    gradebook: Gradebook, notebook: str, assignment: str, student: str, row: dict
) -> None:
    """Record one notebook's automatic grades and comments; manual ones stay unchanged."""
    key = notebook, assignment, student
    for name, values in row["grades"].items():
        grade = gradebook.find_grade(name, *key)
        grade.auto_score = values["auto_score"]
        grade.needs_manual_grade = values["needs_manual_grade"]
    for name, text in row["comments"].items():
        gradebook.find_comment(name, *key).auto_comment = text
    gradebook.find_submission_notebook(*key).late_submission_penalty = row["late"]


def add_flags(outcome: Outcome, flags: list[str]) -> None:
    """Add flags to an outcome, and to the first comment on its submission."""
    outcome.flags += flags
    commented = [row for name, row in outcome.rows.items() if name and row["comments"]]
    if flags and commented:
        comments = commented[0]["comments"]
        first = sorted(comments)[0]
        lines = [comments[first] or "", *(FLAG + text for text in flags)]
        comments[first] = "\n".join(line for line in lines if line)


def _report_path(root: Path, student: str, assignment: str) -> Path:
    return root / _REPORTS / assignment / f"{student}.json"


def save_report(root: Path, outcome: Outcome, digest: str) -> None:
    """Save an outcome, so that the submission isn't graded again until its digest changes."""
    path = _report_path(root, outcome.student, outcome.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    report = dataclasses.asdict(outcome) | {"rows": {}, "folder": "", "digest": digest}
    atomic_write(path, json.dumps(report, indent=1).encode())


def load_report(root: Path, student: str, assignment: str, digest: str) -> Outcome | None:
    """Load a submission's saved outcome, or None if there is none with this digest."""
    try:
        report = json.loads(_report_path(root, student, assignment).read_text(encoding="utf-8"))
        if report.pop("digest") == digest:
            return Outcome(**report)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def compute_digest(*folders: Path, also: str = "") -> str:
    """Compute a hash of everything that grading depends on: files, checks and the text `also`."""
    total = hashlib.sha256(f"{also}\0".encode())
    for folder in (*folders, _CHECKS):
        for path in sorted(list_files([folder])):
            if path.is_file() and path.suffix != ".pyc":
                total.update(f"{path.name}\0".encode() + path.read_bytes())
    return total.hexdigest()

"""Grading one submission in a private copy of its course, and taking the result over.

Runs in worker processes: each grades many submissions, one after another. Of the real course only
the submission is read: the rest comes from the grader, since in the course a submission that runs
beside may be writing. What comes back is recorded by `recording`, in one process.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from unet_tutorial.classroom.collect.renamed_files import adopt, candidates
from unet_tutorial.classroom.grading.pipeline.step3_comments import FLAG, MENDED
from unet_tutorial.classroom.grading.sqlite_snapshot import SQLITE, database_of
from unet_tutorial.classroom.nbgrader_config import CONFIG, load_config, open_course

DATABASE = "gradebook.db"


@dataclass
class Outcome:
    """What came of one submission; `problem` says in words why it could not be graded at all."""

    student: str
    assignment: str
    points: float | None = None
    most: float | None = None
    by_hand: float = 0.0  # of those, what waits for a person
    problem: str = ""
    failed: list[str] = field(default_factory=list)  # names of checks
    flags: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    rows: dict = field(default_factory=dict)  # what goes into the gradebook, by notebook
    folder: str = ""  # where the graded notebooks are


def begin_worker(threads: int, place: Path) -> None:
    """Prepare a worker process: few threads, temporary files in `place`, no libraries' warnings."""
    tempfile.tempdir = str(place)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    warnings.simplefilter("ignore")


def grade_privately(
    root: Path, student: str, assignment: str, place: Path, files: dict[str, bytes]
) -> Outcome:
    """Return what comes of one submission, graded in a copy of the course under `place`.

    `files` are the course's, by their names in it: see `files_for`.
    """
    outcome = Outcome(student, assignment)
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        api = open_course(copy_course(root, folder, student, assignment, files))
        submitted = Path(
            api.coursedir.format_path(api.coursedir.submitted_directory, student, assignment)
        )
        adopt(submitted, folder / "source" / assignment)
        result = api.autograde(assignment, student, force=True)
        if result["success"]:
            read_result(api, outcome)
        else:
            outcome.problem = problem_in(result, submitted)
    except Exception as error:
        outcome.problem = f"{type(error).__name__}: {error}"
    keep_graded(folder, outcome, place)
    return outcome


def files_for(
    course: CourseDirectory, assignment: str, contents: dict[Path, bytes]
) -> dict[str, bytes]:
    """Return the files that a private copy of a course needs, by the names that they have in it.

    `contents` are those of the course's files: the sources, the configuration, the gradebook.
    """
    root, database = Path(course.root), database_of(course)
    source = Path(course.format_path(course.source_directory, ".", assignment))
    if not source.is_relative_to(root):
        raise ValueError(f"{source} is not in the course's folder, {root}: it cannot be copied.")
    files = {
        path.relative_to(root).as_posix(): content
        for path, content in contents.items()
        if path == root / CONFIG or path.is_relative_to(source)
    }
    return files | {DATABASE: contents[database]}


def copy_course(
    root: Path, folder: Path, student: str, assignment: str, files: dict[str, bytes]
) -> Config:
    """Make a course of one submission in a folder, and return its configuration."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    config = load_config(root, folder)
    real = CourseDirectory(config=config)
    submitted = Path(real.format_path(real.submitted_directory, student, assignment))
    shutil.copytree(submitted, folder / submitted.relative_to(root), symlinks=True)
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = f"{SQLITE}{folder / DATABASE}"
    return config


def read_result(api: NbGraderAPI, outcome: Outcome) -> None:
    """Take what the private gradebook says of a submission into its outcome."""
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        submission = gradebook.find_submission(outcome.assignment, outcome.student)
        read_points(submission, outcome)
        outcome.rows = {book.name: rows_of(book) for book in submission.notebooks}
        outcome.rows[""] = {"timestamp": submission.timestamp}
        for book in submission.notebooks:
            grades = [grade for grade in book.grades if grade.auto_score is not None]
            lost = [each.name for each in grades if each.auto_score < each.max_score]
            outcome.failed += sorted(lost)
            for comment in book.comments:
                read_comment(comment.auto_comment or "", outcome)


def read_points(submission, outcome: Outcome) -> None:
    """Take the points that a gradebook has for a submission into its outcome."""
    outcome.points, outcome.most = submission.score, submission.max_score
    grades = [grade for book in submission.notebooks for grade in book.grades]
    outcome.by_hand = float(sum(each.max_score for each in grades if each.needs_manual_grade))


def rows_of(book) -> dict:
    """Return what the gradebook holds of one submitted notebook."""
    return {
        "grades": {
            each.name: {
                "auto_score": each.auto_score,
                "needs_manual_grade": each.needs_manual_grade,
            }
            for each in book.grades
        },
        "comments": {each.name: each.auto_comment for each in book.comments},
        "late": book.late_submission_penalty,
    }


def read_comment(comment: str, outcome: Outcome) -> None:
    """Take the flags and the notes on mending out of a comment."""
    for line in comment.split("\n"):
        if line.startswith(FLAG):
            outcome.flags.append(line.removeprefix(FLAG))
        elif line.startswith(MENDED):
            outcome.mended.append(line.removeprefix(MENDED))


def problem_in(result: dict, submitted: Path) -> str:
    """Return in words why nbgrader could not grade a submission."""
    log = f"{result.get('log', '')}\n{result.get('error', '')}"
    if "No notebooks" in log:
        names = sorted(path.name for path in submitted.rglob("*") if path.is_file())
        there = ", ".join(names) if names else "nothing"
        wanted = (
            " has no notebook of this assignment" if candidates(submitted) else " has no notebook"
        )
        return f"The submission{wanted}: there is {there}."
    errors = re.findall(r"(?m)^\s*([\w.]+(?:Error|Exception): .+)$", log)
    return (
        errors[-1].strip() if errors else "nbgrader could not grade it: see `nbgrader autograde`."
    )


def keep_graded(folder: Path, outcome: Outcome, place: Path) -> None:
    """Keep the graded notebooks of a private course, and remove the rest of it."""
    graded = folder / "autograded" / outcome.student / outcome.assignment
    if not outcome.problem and graded.is_dir():
        outcome.folder = tempfile.mkdtemp(dir=place)
        shutil.copytree(graded, outcome.folder, dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)

"""Grade one submission in a private copy of its course.

This runs in worker processes, each of which grades one submission after another. From the course's
folder, a worker reads only the submission; the other files come from the main process, since
another submission that is running at the same time could have changed them. `gradebook` stores the
results, in the main process.
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

from unet_tutorial.classroom.collect.renamed_files import copy_to_expected_names, list_candidates
from unet_tutorial.classroom.grading.pipeline.step3_comments import FLAG, REPAIRED
from unet_tutorial.classroom.grading.sqlite_snapshot import SQLITE, locate_gradebook
from unet_tutorial.classroom.nbgrader_config import CONFIG, load_config, open_course

_DATABASE = "gradebook.db"


@dataclass
class Outcome:
    """The result of grading one submission; `problem` says why it couldn't be graded at all.

    Reports store these fields under their names.
    """

    student: str
    assignment: str
    points: float | None = None
    most: float | None = None
    by_hand: float = 0.0  # how many of `most` still have to be graded by hand
    problem: str = ""
    failed: list[str] = field(default_factory=list)  # names of checks
    flags: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)  # what was repaired before the run
    rows: dict = field(default_factory=dict)  # by notebook, for the gradebook; "": the submission
    folder: str = ""  # where the graded notebooks are


def prepare_worker(threads: int, place: Path) -> None:
    """Prepare a worker process: few threads, temporary files in `place`, no warnings."""
    tempfile.tempdir = str(place)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    warnings.simplefilter("ignore")


def grade_submission(
    root: Path, student: str, assignment: str, place: Path, files: dict[str, bytes]
) -> Outcome:
    """Grade one submission in a copy of its course.

    Args:
        root: the course's folder, of which only the submission is read.
        student: whose submission to grade.
        assignment: its assignment.
        place: a folder for the copy and for the graded notebooks.
        files: the course's other files, from `select_course_files`.
    """
    outcome = Outcome(student, assignment)
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        api = open_course(_copy_course(root, folder, student, assignment, files))
        submitted = Path(
            api.coursedir.format_path(api.coursedir.submitted_directory, student, assignment)
        )
        copy_to_expected_names(submitted, folder / "source" / assignment)
        result = api.autograde(assignment, student, force=True)
        if result["success"]:
            _read_result(api, outcome)
        else:
            outcome.problem = _explain_failure(result, submitted)
    except Exception as error:
        outcome.problem = f"{type(error).__name__}: {error}"
    _keep_graded_notebooks(folder, outcome, place)
    return outcome


def select_course_files(
    course: CourseDirectory, assignment: str, contents: dict[Path, bytes]
) -> dict[str, bytes]:
    """Select the files that a private copy of the course needs to grade one assignment.

    Args:
        course: the course to copy.
        assignment: the assignment to grade.
        contents: the sources, the configuration and the gradebook, by their paths.

    Returns:
        Contents by file name, relative to the course's folder.

    Raises:
        ValueError: the assignment's source isn't in the course's folder.
    """
    root, database = Path(course.root), locate_gradebook(course)
    source = Path(course.format_path(course.source_directory, ".", assignment))
    if not source.is_relative_to(root):
        raise ValueError(
            f"{source} is not in the course's folder, {root}, so it cannot be copied for grading. "
            "Use `nbgrader autograde` for this course."
        )
    files = {
        path.relative_to(root).as_posix(): content
        for path, content in contents.items()
        if path == root / CONFIG or path.is_relative_to(source)
    }
    return files | {_DATABASE: contents[database]}


def _copy_course(
    root: Path, folder: Path, student: str, assignment: str, files: dict[str, bytes]
) -> Config:
    """Create a course with one submission in a folder, and return its configuration."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    config = load_config(root, folder)
    original = CourseDirectory(config=config)
    submitted = Path(original.format_path(original.submitted_directory, student, assignment))
    shutil.copytree(submitted, folder / submitted.relative_to(root), symlinks=True)
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = f"{SQLITE}{folder / _DATABASE}"
    return config


def _read_result(api: NbGraderAPI, outcome: Outcome) -> None:
    """Read a submission's grades and comments from the private gradebook into its outcome."""
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        submission = gradebook.find_submission(outcome.assignment, outcome.student)
        read_points(submission, outcome)
        outcome.rows = {book.name: _read_rows(book) for book in submission.notebooks}
        outcome.rows[""] = {"timestamp": submission.timestamp}
        for book in submission.notebooks:
            grades = [grade for grade in book.grades if grade.auto_score is not None]
            lost = [each.name for each in grades if each.auto_score < each.max_score]
            outcome.failed += sorted(lost)
            for comment in book.comments:
                _parse_comment(comment.auto_comment or "", outcome)


def read_points(submission, outcome: Outcome) -> None:
    """Read a submission's points from a gradebook into its outcome."""
    outcome.points, outcome.most = submission.score, submission.max_score
    grades = [grade for book in submission.notebooks for grade in book.grades]
    outcome.by_hand = float(sum(each.max_score for each in grades if each.needs_manual_grade))


def _read_rows(book) -> dict:
    """Read the gradebook's entries on one submitted notebook."""
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


def _parse_comment(comment: str, outcome: Outcome) -> None:
    """Add a comment's flags and notes on repairs to the outcome."""
    for line in comment.split("\n"):
        if line.startswith(FLAG):
            outcome.flags.append(line.removeprefix(FLAG))
        elif line.startswith(REPAIRED):
            outcome.mended.append(line.removeprefix(REPAIRED))


def _explain_failure(result: dict, submitted: Path) -> str:
    """Explain why nbgrader couldn't grade a submission."""
    log = f"{result.get('log', '')}\n{result.get('error', '')}"
    if "No notebooks" in log:
        names = sorted(path.name for path in submitted.rglob("*") if path.is_file())
        missing = "notebook of this assignment" if list_candidates(submitted) else "notebook"
        contents = f"It contains {', '.join(names)}." if names else "Its folder is empty."
        return f"The submission has no {missing}. {contents}"
    errors = re.findall(r"(?m)^\s*([\w.]+(?:Error|Exception): .+)$", log)
    if errors:
        return errors[-1].strip()
    return "nbgrader could not grade it. Run `nbgrader autograde` to see why."


def _keep_graded_notebooks(folder: Path, outcome: Outcome, place: Path) -> None:
    """Copy the graded notebooks out of the private course, then delete that course."""
    graded = folder / "autograded" / outcome.student / outcome.assignment
    if not outcome.problem and graded.is_dir():
        outcome.folder = tempfile.mkdtemp(dir=place)
        shutil.copytree(graded, outcome.folder, dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)

"""What each student got, and the page that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from unet_tutorial.classroom.collect.record import Submission, read_record
from unet_tutorial.classroom.grading.pipeline.step7_total import update_totals
from unet_tutorial.classroom.nbgrader_config import open_course


class NothingToGiveBack(LookupError):
    """The assignment has no graded work; the message says what to do."""


@dataclass(frozen=True)
class Result:
    """What one student got."""

    student: str
    first_name: str
    last_name: str
    points: float  # the penalty for late work is taken off
    most: float
    penalty: float
    waiting: float  # how many of `most` wait for points by hand
    to_grade: tuple[str, ...]  # the cells that wait for them
    page: Path | None  # the feedback; None if there is none
    collected: Submission  # how the download named the student
    lms_user_id: str = ""

    @property
    def name(self) -> str:
        """The whole name, or the id."""
        return f"{self.first_name} {self.last_name}".strip() or self.student

    def format_points(self, *, unfinished: bool = False, mark: str = ".", scale: float = 1) -> str:
        """Format the points; "" while some are still to be given, unless `unfinished`."""
        if self.waiting and not unfinished:
            return ""
        return f"{self.points * scale:.6g}".replace(".", mark)


def read_results(config: Config, assignment: str) -> list[Result]:
    """Make the feedback of an assignment, and read what everybody got.

    Raises:
        NothingToGiveBack: nobody's work was graded.
    """
    course = CourseDirectory(config=config)
    root = Path(course.root)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        update_totals(gradebook, config)
        graded = [
            each.student.id
            for each in gradebook.assignment_submissions(assignment)
            if Path(course.format_path("autograded", each.student.id, assignment)).is_dir()
        ]
    if not graded:
        raise NothingToGiveBack(
            f"Nothing of {assignment} has been graded yet. Run: unet-tutorial grade {root}"
        )
    done = open_course(config).generate_feedback(assignment, force=True)
    if not done["success"]:
        reason = done.get("error") or done.get("log", "")[-500:]
        raise NothingToGiveBack(f"The feedback can't be made: {reason}")
    with Gradebook(course.db_url, course.course_id) as gradebook:
        return sorted(
            _read_submissions(course, gradebook, assignment, set(graded)),
            key=lambda each: each.student,
        )


def _read_submissions(
    course: CourseDirectory, gradebook: Gradebook, assignment: str, graded: set[str]
) -> Iterator[Result]:
    record = read_record(Path(course.root), assignment)
    collected = {each.student: each for each in record.submissions}
    for each in gradebook.assignment_submissions(assignment):
        student = each.student
        if student.id not in graded:
            continue
        folder = course.format_path(course.feedback_directory, student.id, assignment)
        pages = sorted(Path(folder).glob("*.html"))
        grades = [grade for book in each.notebooks for grade in book.grades]
        waiting = [grade for grade in grades if grade.needs_manual_grade]
        penalty = float(each.late_submission_penalty or 0)
        yield Result(
            student.id,
            student.first_name or "",
            student.last_name or "",
            max(0.0, float(each.score) - penalty),
            float(each.max_score),
            penalty,
            float(sum(grade.max_score for grade in waiting)),
            tuple(sorted(grade.name for grade in waiting)),
            pages[0] if pages else None,
            collected.get(student.id, Submission(student.id)),
            student.lms_user_id or "",
        )


def find_ungraded(config: Config, assignment: str, results: Sequence[Result]) -> list[str]:
    """Find the students who handed in work that isn't graded."""
    course = CourseDirectory(config=config)
    submitted = Path(course.format_path(course.submitted_directory, "*", assignment))
    found = {path.parent.name for path in submitted.parent.parent.glob(f"*/{assignment}")}
    return sorted(found - {each.student for each in results})

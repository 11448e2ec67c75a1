"""Step 6: record a result: its points in the gradebook, and its notebooks in autograded/.

Points that were given by hand belong to the answer that the instructor saw. If it has changed, they
are kept in `.unet-tutorial/grading/by_hand.json`, and the answer has to be graded again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbgrader.api import Grade, Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from unet_tutorial.classroom.collect.read_notebook import read_damaged_notebook
from unet_tutorial.classroom.grading.outcome import Outcome
from unet_tutorial.classroom.grading.pipeline.result import NotebookResult, SubmissionResult
from unet_tutorial.classroom.grading.pipeline.safe_notebook import make_safe, make_safe_text
from unet_tutorial.classroom.grading.pipeline.step1_pack import Assignment, list_files
from unet_tutorial.classroom.grading.pipeline.step5_judge import compute_digest
from unet_tutorial.classroom.released_notebook import ReleasedNotebook, parse_released
from unet_tutorial.files import KEPT, atomic_write

_BY_HAND = Path(KEPT) / "grading" / "by_hand.json"
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".mp4")
_NOTE = "Note: "  # the beginning of a line in a comment that says on what a mark rests


class Recorder:
    """Writes results to a course: one at a time, in the main process alone."""

    def __init__(self, course: CourseDirectory, gradebook: Gradebook) -> None:
        self.course, self.gradebook, self.root = course, gradebook, Path(course.root)

    def record(
        self, outcome: Outcome, result: SubmissionResult, assignment: Assignment, earlier: Mapping
    ) -> None:
        """Record a result, and complete the outcome.

        Args:
            outcome: gets what the table shows.
            result: the parsed result.
            assignment: the assignment as it was released.
            earlier: the digests of the answers that were recorded before, by notebook and cell.
        """
        key = outcome.assignment, outcome.student
        self.gradebook.update_or_create_student(outcome.student)
        self.gradebook.update_or_create_submission(*key)
        for name in assignment.most:
            notebook = result.notebooks.get(name)
            if notebook is None:
                self._record_missing(name, *key)
            else:
                known = earlier.get(name) or self._read_earlier(outcome, name)
                self._record_notebook(name, outcome, notebook, known)
        self.gradebook.db.commit()
        self._write_notebooks(outcome, result, assignment)

    def _record_missing(self, name: str, assignment: str, student: str) -> None:
        """Record that a notebook of the assignment wasn't handed in."""
        book = self.gradebook.find_submission_notebook(name, assignment, student)
        for grade in book.grades:
            grade.auto_score, grade.needs_manual_grade = 0, False

    def _record_notebook(
        self, name: str, outcome: Outcome, notebook: NotebookResult, earlier: Mapping[str, str]
    ) -> None:
        book = self.gradebook.find_submission_notebook(name, outcome.assignment, outcome.student)
        kept = KeptPoints(self.root, outcome, name)
        for grade in book.grades:
            grade.auto_score = notebook.points.get(grade.name)
            digest = notebook.digests.get(grade.name, "")
            kept.update(grade, earlier.get(grade.name, digest), digest)
        kept.save()
        answers = [comment for comment in book.comments]
        for index, comment in enumerate(sorted(answers, key=lambda each: each.name)):
            lines = list(notebook.reasons.get(comment.name, []))
            if index == 0:  # what concerns the whole notebook goes to the first answer
                lines[:0] = [_NOTE + each for each in (*outcome.collected, *notebook.guesses)]
            comment.auto_comment = "\n".join(map(make_safe_text, lines)) or None
        outcome.failed += sorted(
            grade.name
            for grade in book.grades
            if grade.auto_score is not None and grade.auto_score < grade.max_score
        )
        outcome.guesses += notebook.guesses
        outcome.tricks += notebook.tricks
        outcome.digests[name] = dict(notebook.digests)

    def _read_earlier(self, outcome: Outcome, name: str) -> dict[str, str]:
        """Read the digests of the answers in autograded/, which the instructor has seen."""
        path = self._autograded(outcome) / f"{name}.ipynb"
        if not path.is_file():
            return {}
        notebook, _ = read_damaged_notebook(path)
        texts = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in notebook.cells
            if "grade_id" in cell.metadata.get("nbgrader", {})
        }
        released = self._released(outcome.assignment, name)
        found = {cell: released.find_answer(cell) or cell for cell in texts}
        return {cell: compute_digest(texts.get(answer, "")) for cell, answer in found.items()}

    def _released(self, assignment: str, name: str) -> ReleasedNotebook:
        folder = self.course.format_path(self.course.source_directory, ".", assignment)
        return parse_released(Path(folder, f"{name}.ipynb").read_text(encoding="utf-8"))

    def _autograded(self, outcome: Outcome) -> Path:
        step = self.course.autograded_directory
        return Path(self.course.format_path(step, outcome.student, outcome.assignment))

    def _write_notebooks(
        self, outcome: Outcome, result: SubmissionResult, assignment: Assignment
    ) -> None:
        """Write the graded notebooks, so that a browser runs nothing that a student wrote."""
        target = self._autograded(outcome)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        submitted = Path(
            self.course.format_path(
                self.course.submitted_directory, outcome.student, outcome.assignment
            )
        )
        files = {path.relative_to(submitted): path.read_bytes() for path in list_files(submitted)}
        files |= {Path(name): data for name, data in assignment.files.items()}
        for name, data in files.items():
            if (name.suffix.lower() in _PICTURES and name.suffix != ".svg") or _is_released(
                name, assignment
            ):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                (target / name).write_bytes(data)
        for name, notebook in result.notebooks.items():
            released = parse_released(assignment.files[f"{name}.ipynb"].decode())
            made = make_safe(notebook.cells, released, assignment.checksums[name])
            nbformat.write(made, target / f"{name}.ipynb")


def _is_released(name: Path, assignment: Assignment) -> bool:
    return name.as_posix() in assignment.files and name.suffix in _PICTURES


class KeptPoints:
    """The points that were given by hand to one notebook's answers, by the answers' digests."""

    def __init__(self, root: Path, outcome: Outcome, notebook: str) -> None:
        self.path, self.outcome = root / _BY_HAND, outcome
        self.key = f"{outcome.assignment}/{outcome.student}/{notebook}"
        try:
            self.all = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.all = {}
        self.kept = self.all.setdefault(self.key, {})
        self.saved = json.dumps(self.all, indent=1)

    def keep(self, cell: str, digest: str, points: float) -> None:
        """Keep points that were given for an earlier answer."""
        self.kept.setdefault(cell, {})[digest] = points

    def forget(self, cell: str, digest: str) -> None:
        """Forget the points of an answer, since they were taken back."""
        self.kept.get(cell, {}).pop(digest, None)

    def update(self, grade: Grade, earlier: str, now: str) -> None:
        """Keep the points given by hand for the earlier answer; take back those for this one."""
        kept = self.kept.setdefault(grade.name, {})
        if grade.manual_score is not None:
            kept[earlier] = grade.manual_score
        if earlier != now:
            grade.manual_score = kept.get(now)
        others = [points for digest, points in kept.items() if digest != now]
        is_asked = bool(others) and now not in kept
        grade.needs_manual_grade = grade.manual_score is None and (
            grade.auto_score is None or is_asked
        )
        if is_asked:
            self.outcome.asked.append(
                f"{grade.name}: {others[-1]:g} points were given by hand, but the answer has "
                "changed since. Please grade it again."
            )
        if not kept:
            del self.kept[grade.name]

    def save(self) -> None:
        """Save the points, if any have changed."""
        if (text := json.dumps(self.all, indent=1)) != self.saved:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(self.path, text.encode())


def read_points(gradebook: Gradebook, outcome: Outcome) -> bool:
    """Read a submission's points from the gradebook; return False if it isn't there."""
    try:
        submission = gradebook.find_submission(outcome.assignment, outcome.student)
    except MissingEntry:
        return False
    grades = [grade for book in submission.notebooks for grade in book.grades]
    outcome.penalty = float(submission.late_submission_penalty or 0.0)
    outcome.points = max(0.0, float(submission.score) - outcome.penalty)
    outcome.most = float(submission.max_score)
    waiting = {grade.name: grade for grade in grades if grade.needs_manual_grade}
    outcome.to_grade = float(sum(grade.max_score for grade in waiting.values()))
    outcome.asked = [each for each in outcome.asked if each.partition(":")[0] in waiting]
    return True

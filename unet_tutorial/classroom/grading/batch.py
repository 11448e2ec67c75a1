"""Grade all submissions of a course, several at a time; a run that was stopped can be resumed."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from tqdm.auto import tqdm

from unet_tutorial.classroom.grading.gradebook import (
    add_flags,
    add_grades,
    compute_digest,
    ignore_sqlalchemy_warnings,
    load_report,
    move_graded_notebooks,
    save_report,
    update_points,
)
from unet_tutorial.classroom.grading.sandbox.course_guard import build_guard
from unet_tutorial.classroom.grading.sqlite_snapshot import locate_gradebook
from unet_tutorial.classroom.grading.worker import (
    Outcome,
    grade_submission,
    prepare_worker,
    select_course_files,
)
from unet_tutorial.classroom.nbgrader_config import CONFIG, load_config

_Task = tuple[str, str]  # student, assignment
_WORKER_DIED = "The submission ended the process that graded it, twice, so it was not graded."


def grade(
    root: Path, assignment: str | None = None, *, workers: int = 1, again: bool = False
) -> list[Outcome]:
    """Grade a course's submissions, and return the outcomes by assignment and student.

    Args:
        root: the course's folder.
        assignment: the only assignment to grade; by default, all of them.
        workers: how many submissions to grade at a time.
        again: also grade submissions that haven't changed since they were graded.

    Raises:
        FileNotFoundError: `root` isn't a course.
        LookupError: the course has no such assignment.
        ValueError: the gradebook can't be read or isn't a SQLite file.
    """
    root = Path(root).resolve()
    course = CourseDirectory(config=load_config(root))
    tasks = list(_find_tasks(course, assignment))
    due = _load_due_dates(course)
    digests = {
        task: compute_digest(*_input_folders(course, *task), root / CONFIG, also=due[task[1]])
        for task in tasks
    }
    known = {} if again else _load_known_outcomes(course, digests)
    grader = _BatchGrader(course, workers)
    graded = grader.grade_all([task for task in tasks if task not in known], digests)
    outcomes = known | {(each.student, each.assignment): each for each in graded}
    return [outcomes[task] for task in tasks]


def _find_tasks(course: CourseDirectory, assignment: str | None) -> Iterator[_Task]:
    """Yield each submission's student and assignment.

    Raises LookupError if the course doesn't have the assignment, or has none.
    """
    locate_gradebook(course)  # raises ValueError before anything is graded
    with Gradebook(course.db_url, course.course_id) as gradebook:
        names = sorted(each.name for each in gradebook.assignments)
    if not names:
        raise LookupError(
            "The course has no assignments yet. Release one with `nbgrader generate_assignment`."
        )
    if assignment is not None and assignment not in names:
        raise LookupError(f"The course has no assignment {assignment}. It has {', '.join(names)}.")
    for name in names if assignment is None else [assignment]:
        found = Path(course.root).glob(
            course.directory_structure.format(
                nbgrader_step=course.submitted_directory, student_id="*", assignment_id=name
            )
        )
        yield from ((path.parent.name, name) for path in sorted(found) if path.is_dir())


def _load_due_dates(course: CourseDirectory) -> dict[str, str]:
    """Load each assignment's due date as text; late penalties depend on it."""
    with Gradebook(course.db_url, course.course_id) as gradebook:
        return {each.name: str(each.duedate) for each in gradebook.assignments}


def _input_folders(course: CourseDirectory, student: str, assignment: str) -> list[Path]:
    """Return the folders that the grade of a submission depends on."""
    steps = ((course.submitted_directory, student), (course.source_directory, "."))
    return [Path(course.format_path(step, who, assignment)) for step, who in steps]


def _load_known_outcomes(
    course: CourseDirectory, digests: dict[_Task, str]
) -> dict[_Task, Outcome]:
    """Load the outcomes that are still valid: unchanged inputs, and still in the gradebook."""
    root = Path(course.root)
    found = {task: load_report(root, *task, digest) for task, digest in digests.items()}
    known = {task: outcome for task, outcome in found.items() if outcome is not None}
    with ignore_sqlalchemy_warnings(), Gradebook(course.db_url, course.course_id) as gradebook:
        return {
            task: outcome
            for task, outcome in known.items()
            if outcome.problem or update_points(course, gradebook, outcome)
        }


class _BatchGrader:
    """Grades many submissions: workers run them, and this process records the outcomes."""

    def __init__(self, course: CourseDirectory, workers: int) -> None:
        self.course, self.workers = course, max(1, workers)
        self.root, self.guard = Path(course.root), build_guard(course)
        # Changes to the course while a task ran: any of the tasks running then may have made them.
        self.suspected: dict[_Task, list[str]] = {}

    def grade_all(self, tasks: list[_Task], digests: dict[_Task, str]) -> list[Outcome]:
        """Grade the tasks and return their outcomes in the order in which they finish.

        The course is restored at the end, even after an error or Ctrl-C.
        """
        outcomes: list[Outcome] = []
        try:
            with (
                tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as place,
                tqdm(total=len(tasks), desc="grading", unit="submission", disable=None) as bar,
                closing(self._run_tasks(tasks, Path(place))) as found,
            ):
                for outcome in found:
                    self._record(outcome, digests)
                    outcomes.append(outcome)
                    bar.set_postfix_str(outcome.student)
                    bar.update()
        finally:
            for each in self.guard.check():  # changes by processes that outlived their submission
                tqdm.write(each)
        return outcomes

    def _run_tasks(self, tasks: list[_Task], place: Path) -> Iterator[Outcome]:
        """Yield each task's outcome; if a worker dies, run the tasks that it may have run alone."""
        waiting = list(tasks)
        while waiting:
            try:
                for outcome in self._run_pool(waiting, place, self.workers):
                    waiting.remove((outcome.student, outcome.assignment))
                    yield outcome
            except BrokenProcessPool:
                for task in [task for task in self.running if task in waiting]:
                    waiting.remove(task)
                    yield self._run_alone(task, place)

    def _run_alone(self, task: _Task, place: Path) -> Outcome:
        try:
            return next(self._run_pool([task], place, 1))
        except BrokenProcessPool:
            flags = [_WORKER_DIED, *self.suspected.pop(task, [])]
            return Outcome(*task, problem=_WORKER_DIED, flags=flags)

    def _run_pool(self, tasks: list[_Task], place: Path, workers: int) -> Iterator[Outcome]:
        """Run the tasks in worker processes, and yield their outcomes as they finish."""
        left, futures = list(tasks), {}
        threads = max(1, (os.cpu_count() or 1) // workers)
        with ProcessPoolExecutor(
            min(workers, len(tasks)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=prepare_worker,
            initargs=(threads, place),
        ) as pool:
            while left or futures:
                # One task a worker, so that `running` lists exactly those that run now.
                while left and len(futures) < workers:
                    task = left.pop(0)
                    files = select_course_files(self.course, task[1], self.guard.contents)
                    future = pool.submit(grade_submission, self.root, *task, place, files)
                    futures[future] = task
                self.running = list(futures.values())
                done, _ = wait(futures, return_when=FIRST_COMPLETED)
                yield from self._collect_finished(done, futures)

    def _collect_finished(
        self, done: set[Future], futures: dict[Future, _Task]
    ) -> Iterator[Outcome]:
        """Yield the outcomes of finished tasks, flagged with changes made while they ran."""
        names = ", ".join(sorted(student for student, _ in futures.values()))
        for each in self.guard.check():
            for task in futures.values():
                self.suspected.setdefault(task, []).append(f"{each} (Running then: {names}.)")
        for future in done:
            outcome = future.result()
            add_flags(outcome, self.suspected.pop(futures.pop(future), []))
            yield outcome

    def _record(self, outcome: Outcome, digests: dict[_Task, str]) -> None:
        """Record an outcome in the course."""
        if not outcome.problem:
            # The guard's content of the gradebook rather than the file's, since another submission
            # may just be writing to the file.
            gradebook = self.guard.database
            content = add_grades(self.course, outcome, self.guard.contents[gradebook])
            self.guard.write(gradebook, content)
            move_graded_notebooks(self.course, outcome)
        save_report(self.root, outcome, digests[outcome.student, outcome.assignment])

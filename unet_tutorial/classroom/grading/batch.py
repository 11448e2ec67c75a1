"""Grading all submissions of a course: several at a time, resumable, with a table at the end."""

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
    digest_of,
    is_recorded,
    keep_notebooks,
    load_report,
    quiet,
    recorded,
    save_report,
)
from unet_tutorial.classroom.grading.sandbox.course_guard import guard_of
from unet_tutorial.classroom.grading.sqlite_snapshot import database_of
from unet_tutorial.classroom.grading.worker import (
    Outcome,
    begin_worker,
    files_for,
    grade_privately,
)
from unet_tutorial.classroom.nbgrader_config import CONFIG, load_config

Task = tuple[str, str]  # student, assignment
ENDED = "It ended the process that graded it, twice; it was not graded."


def grade(
    root: Path, assignment: str | None = None, *, workers: int = 1, again: bool = False
) -> list[Outcome]:
    """Grade the submissions of a course and return what came of each, by assignment and student.

    `root` is the course's folder; `assignment` one of its names (all of them else); `again` grades
    what is graded and unchanged too. Errors: FileNotFoundError where `root` is no course,
    LookupError where it has no such assignment.
    """
    root = Path(root).resolve()
    course = CourseDirectory(config=load_config(root))
    tasks = list(tasks_of(course, assignment))
    due = due_dates(course)
    digests = {
        task: digest_of(*folders_of(course, *task), root / CONFIG, also=due[task[1]])
        for task in tasks
    }
    known = {} if again else known_outcomes(course, digests)
    graded = Grading(course, workers).all([task for task in tasks if task not in known], digests)
    outcomes = known | {(each.student, each.assignment): each for each in graded}
    return [outcomes[task] for task in tasks]


def tasks_of(course: CourseDirectory, assignment: str | None) -> Iterator[Task]:
    """Yield who handed in what.

    Errors: LookupError where the gradebook has no such assignment, or none at all.
    """
    database_of(course)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        names = sorted(each.name for each in gradebook.assignments)
    if (assignment is not None and assignment not in names) or not names:
        there = f"It has {', '.join(names)}." if names else "Nothing was released yet."
        raise LookupError(f"The course has no assignment {assignment or ''}. {there}")
    for name in names if assignment is None else [assignment]:
        found = Path(course.root).glob(
            course.directory_structure.format(
                nbgrader_step=course.submitted_directory, student_id="*", assignment_id=name
            )
        )
        yield from ((path.parent.name, name) for path in sorted(found) if path.is_dir())


def due_dates(course: CourseDirectory) -> dict[str, str]:
    """Return when each assignment is due, in words, on which a late penalty depends."""
    with Gradebook(course.db_url, course.course_id) as gradebook:
        return {each.name: str(each.duedate) for each in gradebook.assignments}


def folders_of(course: CourseDirectory, student: str, assignment: str) -> list[Path]:
    """Return the folders on which the grade of a submission depends."""
    steps = ((course.submitted_directory, student), (course.source_directory, "."))
    return [Path(course.format_path(step, who, assignment)) for step, who in steps]


def known_outcomes(course: CourseDirectory, digests: dict[Task, str]) -> dict[Task, Outcome]:
    """Return what is graded already, unchanged since, and still in the gradebook."""
    root = Path(course.root)
    found = {task: load_report(root, *task, digest) for task, digest in digests.items()}
    known = {task: outcome for task, outcome in found.items() if outcome is not None}
    with quiet(), Gradebook(course.db_url, course.course_id) as gradebook:
        return {
            task: outcome
            for task, outcome in known.items()
            if outcome.problem or is_recorded(course, gradebook, outcome)
        }


class Grading:
    """One grading of many submissions: workers run them, this process records what came of them."""

    def __init__(self, course: CourseDirectory, workers: int) -> None:
        self.course, self.workers = course, max(1, workers)
        self.root, self.guard = Path(course.root), guard_of(course)
        self.suspected: dict[Task, list[str]] = {}  # of what changed while they ran

    def all(self, tasks: list[Task], digests: dict[Task, str]) -> list[Outcome]:
        """Grade every task and return the outcomes in the order in which they came.

        However it ends, what changed in the course meanwhile is put back.
        """
        outcomes: list[Outcome] = []
        try:
            with (
                tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as place,
                tqdm(total=len(tasks), desc="grading", unit="submission", disable=None) as bar,
                closing(self.outcomes_of(tasks, Path(place))) as found,
            ):
                for outcome in found:
                    self.take(outcome, digests)
                    outcomes.append(outcome)
                    bar.set_postfix_str(outcome.student)
                    bar.update()
        finally:
            for each in self.guard.check():  # of something that outlived its submission
                tqdm.write(each)
        return outcomes

    def outcomes_of(self, tasks: list[Task], place: Path) -> Iterator[Outcome]:
        """Yield what comes of each task; one that ends its worker is tried again alone."""
        waiting = list(tasks)
        while waiting:
            try:
                for outcome in self.run_pool(waiting, place, self.workers):
                    waiting.remove((outcome.student, outcome.assignment))
                    yield outcome
            except BrokenProcessPool:
                for task in [task for task in self.running if task in waiting]:
                    waiting.remove(task)
                    yield self.alone(task, place)

    def alone(self, task: Task, place: Path) -> Outcome:
        """Return what comes of one task in a worker of its own."""
        try:
            return next(self.run_pool([task], place, 1))
        except BrokenProcessPool:
            return Outcome(*task, problem=ENDED, flags=[ENDED, *self.suspected.pop(task, [])])

    def run_pool(self, tasks: list[Task], place: Path, workers: int) -> Iterator[Outcome]:
        """Run tasks in worker processes, as many at a time, and yield what comes of each."""
        left, futures = list(tasks), {}
        threads = max(1, (os.cpu_count() or 1) // workers)
        with ProcessPoolExecutor(
            min(workers, len(tasks)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=begin_worker,
            initargs=(threads, place),
        ) as pool:
            while left or futures:
                while left and len(futures) < workers:
                    task = left.pop(0)
                    files = files_for(self.course, task[1], self.guard.contents)
                    future = pool.submit(grade_privately, self.root, *task, place, files)
                    futures[future] = task
                self.running = list(futures.values())
                done, _ = wait(futures, return_when=FIRST_COMPLETED)
                yield from self.finished(done, futures)

    def finished(self, done: set[Future], futures: dict[Future, Task]) -> Iterator[Outcome]:
        """Yield the outcomes of futures that are done, marked with what changed while they ran."""
        ran = ", ".join(sorted(student for student, _ in futures.values()))
        for each in self.guard.check():
            for task in futures.values():
                self.suspected.setdefault(task, []).append(f"{each} (While {ran} ran.)")
        for future in done:
            outcome = future.result()
            add_flags(outcome, self.suspected.pop(futures.pop(future), []))
            yield outcome

    def take(self, outcome: Outcome, digests: dict[Task, str]) -> None:
        """Record an outcome in the course."""
        if not outcome.problem:
            # What the course must hold, not what it holds: another submission may be writing there.
            gradebook = self.guard.database
            content = recorded(self.course, outcome, self.guard.contents[gradebook])
            self.guard.write(gradebook, content)
            keep_notebooks(self.course, outcome)
        save_report(self.root, outcome, digests[outcome.student, outcome.assignment])

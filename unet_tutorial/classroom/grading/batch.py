"""Grade all submissions of a course, several at a time; a run that was stopped can be resumed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from tqdm.auto import tqdm
from traitlets.config import Config

from unet_tutorial.classroom.collect.record import read_record
from unet_tutorial.classroom.grading.outcome import Outcome, load_report, save_report
from unet_tutorial.classroom.grading.pipeline.result import InvalidResult, parse_result
from unet_tutorial.classroom.grading.pipeline.step1_pack import (
    Assignment,
    list_files,
    pack_submission,
    read_assignment,
)
from unet_tutorial.classroom.grading.pipeline.step6_record import Recorder, read_points
from unet_tutorial.classroom.grading.pipeline.step6_words import apply_words, read_words
from unet_tutorial.classroom.grading.pipeline.step7_total import update_totals
from unet_tutorial.classroom.grading.sandbox.bubblewrap import require_bubblewrap
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE
from unet_tutorial.classroom.grading.sandbox.launch import run_package, stop_running
from unet_tutorial.classroom.nbgrader_config import load_config, read_limits

_Task = tuple[str, str]  # student, assignment
_ENDED = "The submission ended the process that graded it, twice, so it was not graded."


def grade(
    root: Path,
    assignment: str | None = None,
    *,
    workers: int | None = None,
    again: bool = False,
    isolate: bool = False,
    dask: str | None = None,
) -> list[Outcome]:
    """Grade a course's submissions, and return the outcomes by assignment and student.

    Args:
        root: the course's folder.
        assignment: the only assignment to grade; by default, all of them.
        workers: how many submissions to run at a time; by default, one per core, up to four.
        again: also run submissions that haven't changed since they were graded.
        isolate: run each submission inside bubblewrap.
        dask: the address of a Dask scheduler, whose workers run the submissions.

    Raises:
        FileNotFoundError: `root` isn't a course.
        LookupError: the course has no such assignment.
        SheetError: points that were entered in words/ can't be read.
        CannotIsolate: bubblewrap isn't installed or doesn't work here.
    """
    config = load_config(Path(root).resolve())
    course = CourseDirectory(config=config)
    if isolate:
        require_bubblewrap(Path(course.root))
    workers = workers or max(1, min(4, os.cpu_count() or 1))
    with (
        _ignore_sqlalchemy_warnings(),
        Gradebook(course.db_url, course.course_id) as gradebook,
        _open_executor(workers, dask) as (executor, at_a_time),
    ):
        batch = _Batch(config, course, gradebook)
        tasks = list(batch.find_tasks(assignment))
        for name, students in _group_students(tasks).items():
            read_words(gradebook, Path(course.root), name, students)  # an error comes at once
        batch.grade_all(tasks, executor, at_a_time, again=again, isolate=isolate)
        return batch.collect(tasks)


@contextlib.contextmanager
def _open_executor(workers: int, dask: str | None) -> Iterator[tuple[Executor, int]]:
    """Context manager: what runs submissions, and how many it's given at a time."""
    if dask is None:
        with ThreadPoolExecutor(workers) as executor:  # each thread waits for a process
            yield executor, workers
        return
    from distributed import Client  # an extra

    with Client(dask) as client, client.get_executor(pure=False, retries=3) as executor:
        yield executor, 2 * max(1, sum(client.nthreads().values()))


@contextlib.contextmanager
def _ignore_sqlalchemy_warnings() -> Iterator[None]:
    """Context manager: hides SQLAlchemy's warnings about nbgrader's own queries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


class _Batch:
    """Grades many submissions: an executor runs them, and this process records the results."""

    def __init__(self, config: Config, course: CourseDirectory, gradebook: Gradebook) -> None:
        self.config, self.course, self.gradebook = config, course, gradebook
        self.root, self.limits = Path(course.root), read_limits(config)
        self.recorder = Recorder(course, gradebook)
        self.assignments: dict[str, Assignment] = {}
        self.outcomes: dict[_Task, Outcome] = {}
        self.digests: dict[_Task, str] = {}
        self.checks = compute_checks_digest()

    def find_tasks(self, assignment: str | None) -> Iterator[_Task]:
        """Yield each submission's student and assignment.

        Raises LookupError if the course doesn't have the assignment, or has none.
        """
        names = sorted(each.name for each in self.gradebook.assignments)
        if not names:
            raise LookupError(
                "The course has no assignments yet. Make one with `unet-tutorial course`."
            )
        if assignment is not None and assignment not in names:
            raise LookupError(
                f"The course has no assignment {assignment}. It has {', '.join(names)}."
            )
        for name in names if assignment is None else [assignment]:
            for folder in sorted(self._submitted("*", name).parent.parent.glob(f"*/{name}")):
                if folder.is_dir():
                    yield folder.parent.name, name

    def _submitted(self, student: str, assignment: str) -> Path:
        step = self.course.submitted_directory
        return Path(self.course.format_path(step, student, assignment))

    def grade_all(
        self, tasks: list[_Task], executor: Executor, at_a_time: int, *, again: bool, isolate: bool
    ) -> None:
        """Run what is new or changed, and record each result as soon as it's there."""
        waiting = [task for task in tasks if again or not self._load_known(task)]
        run = partial(run_package, isolate=isolate)
        futures: dict[Future, _Task] = {}
        try:
            with _show_progress(len(waiting)) as advance:
                while waiting or futures:
                    while waiting and len(futures) < at_a_time:
                        task = waiting.pop(0)
                        futures[executor.submit(run, self._pack(task))] = task
                    done, _ = wait(futures, return_when=FIRST_COMPLETED)
                    for future in done:
                        task = futures.pop(future)
                        self._record(task, future.result())
                        advance(task[0])
        finally:  # after an error or Ctrl-C, those that run are stopped
            for future in futures:
                future.cancel()
            stop_running()

    def _load_known(self, task: _Task) -> bool:
        """Load a submission's outcome; return whether nothing has changed since."""
        self._pack(task)
        known, digest = load_report(self.root, *task)
        if known is None or digest != self.digests[task]:
            return False
        self.outcomes[task] = known
        return bool(known.problem) or self._is_recorded(task)

    def _is_recorded(self, task: _Task) -> bool:
        """Whether the gradebook and autograded/ have a submission."""
        step = self.course.autograded_directory
        try:
            self.gradebook.find_submission(task[1], task[0])
        except MissingEntry:
            return False
        return Path(self.course.format_path(step, *task)).is_dir()

    def _pack(self, task: _Task) -> bytes:
        """Pack a submission, and remember by which digest it's known."""
        student, name = task
        if name not in self.assignments:
            self.assignments[name] = read_assignment(self.course, name)
        folder = self._submitted(student, name)
        package = pack_submission(folder, self.assignments[name], self.limits)
        self.digests[task] = hashlib.sha256(package + self.checks).hexdigest()
        return package

    def _record(self, task: _Task, data: bytes) -> None:
        """Record a submission's result in the course."""
        outcome, assignment = Outcome(*task), self.assignments[task[1]]
        outcome.collected = _describe_collected(self.root, *task)
        try:
            result = parse_result(data, assignment.most) if data else None
            outcome.problem = result.problem if result else _ENDED
        except InvalidResult as error:
            outcome.problem = f"Its result can't be used: {error}. Look at the notebook."
        if not outcome.problem:
            earlier, _ = load_report(self.root, *task)
            digests = earlier.digests if earlier and self._is_recorded(task) else {}
            self.recorder.record(outcome, result, assignment, digests)
        self.outcomes[task] = outcome
        save_report(self.root, outcome, self.digests[task])

    def collect(self, tasks: list[_Task]) -> list[Outcome]:
        """Compute the totals as they are now, and return the outcomes."""
        self.gradebook.db.expire_all()  # the instructor may be grading by hand
        for student, name in tasks:
            if not self.outcomes[student, name].problem:
                folder = str(self._submitted(student, name))
                if time := self.course.get_existing_timestamp(folder):
                    self.gradebook.update_or_create_submission(name, student, timestamp=time)
        for name, students in _group_students(tasks).items():
            outcomes = [self.outcomes[student, name] for student in students]
            apply_words(self.gradebook, self.root, name, outcomes)
        update_totals(self.gradebook, self.config)
        for task in tasks:
            self.outcomes[task].collected = _describe_collected(self.root, *task)
            if not self.outcomes[task].problem:
                read_points(self.gradebook, self.outcomes[task])
        return [self.outcomes[task] for task in tasks]


def _group_students(tasks: list[_Task]) -> dict[str, list[str]]:
    """Group the students by assignment."""
    return {name: [who for who, each in tasks if each == name] for _, name in tasks}


def _describe_collected(root: Path, student: str, assignment: str) -> list[str]:
    """Describe what collecting left out of a submission, and what it guessed."""
    return [
        line
        for each in read_record(root, assignment).submissions
        if each.student == student
        for line in (
            *each.notes,
            *(f"{left.file} left out: {left.why}" for left in each.left_out if left.matters),
        )
    ]


def compute_checks_digest(folder: Path = PACKAGE / "teaching" / "checks") -> bytes:
    """Compute a digest of the installed checks: if they change, everything is graded again."""
    total = hashlib.sha256()
    for path in list_files(folder):
        total.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return total.digest()


@contextlib.contextmanager
def _show_progress(total: int) -> Iterator[Callable[[str], None]]:
    """Context manager: shows a bar on a terminal, and plain lines elsewhere."""
    with tqdm(total=total, desc="grading", unit="submission", disable=None) as bar:

        def advance(student: str) -> None:
            bar.set_postfix_str(student)
            bar.update()
            if bar.disable:
                advance.count += 1
                print(f"graded {advance.count} of {total}: {student}", file=sys.stderr, flush=True)

        advance.count = 0
        yield advance

"""Step 2: run a submission from its first cell to its last, even if cells crash or never end."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Float, Integer

from unet_tutorial.classroom.collect.read_notebook import METADATA_KEY
from unet_tutorial.classroom.grading.pipeline.step1_repair import has_module_name, locate_source
from unet_tutorial.classroom.grading.sandbox.cell_result import (
    DIED,
    HUNG,
    MEMORY,
    OUTPUT,
    TIME,
    Limits,
)
from unet_tutorial.classroom.grading.sandbox.course_guard import guard_course
from unet_tutorial.classroom.grading.sandbox.kernel import Kernel
from unet_tutorial.classroom.grading.sandbox.tampering import TamperDetector
from unet_tutorial.classroom.released_notebook import (
    ReleasedNotebook,
    find_bound_names,
    read_released,
)

_TEACHING_FACTOR = 4  # a teaching cell may train a network: it gets four times an answer's time
_MAX_RESTARTS = 8
_MAX_SHOWN = 4000  # characters that are kept of an output that is too long
_MAX_OUTPUTS = 20  # outputs that are kept of a cell that was stopped
_NAME_ERROR = re.compile(r"NameError: name '(\w+)' is not defined")
_STOP_REASONS = {
    DIED: "This cell ended the kernel.",
    TIME: "This cell ran for longer than {seconds:g} seconds and was stopped.",
    HUNG: "This cell ran for longer than {seconds:g} seconds and ignored the interrupt, so its "
    "kernel was killed.",
    MEMORY: "This cell used more than {gigabytes:g} GB of memory and was killed.",
    OUTPUT: "This cell wrote more than {characters:,} characters and was stopped.",
}
_NOT_RUN = "This cell was not run: {reason}"


class ExecuteToTheEnd(Execute):
    """Runs every cell of a submission: if one kills the kernel, the rest run in a new kernel."""

    notebook_timeout = Integer(300, help="seconds that a whole submission may take").tag(
        config=True
    )
    memory = Float(4.0, help="gigabytes that a submission may use").tag(config=True)
    output = Integer(2_000_000, help="characters that a cell may write").tag(config=True)
    skip_unchanged = Bool(
        True,
        help="skip the teaching cells that the student didn't change: exercises need only the "
        "first code cell",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict, km: object = None
    ) -> tuple[NotebookNode, dict]:
        """Run a notebook in a copy of its folder, and add what happened to its metadata."""
        request = resources["nbgrader"]
        released = read_released(locate_source(self, request))
        found = nb.metadata.setdefault(METADATA_KEY, nbformat.from_dict({}))
        limits = Limits(float(self.timeout or 30), self.memory, self.output)
        course = self.parent.parent.coursedir
        folder = Path(resources["metadata"]["path"])
        with (
            guard_course(course, request["assignment"]) as guard,
            _copy_submission(folder) as copy,
        ):
            skip = released.teaching_cells if self.skip_unchanged else {}
            run = SubmissionRun(nb.cells, released, limits, self.notebook_timeout, copy)
            flags = run.run_all(skip)
            # An answer may use a name that a skipped cell defines: then run everything.
            if skip and run.is_missing_names(skip):
                flags = run.run_all({})
        found["reasons"] = run.reasons
        found["flags"] = [*found.get("flags", []), *flags, *guard.changes]
        return nb, resources


@contextlib.contextmanager
def _copy_submission(folder: Path) -> Iterator[Path]:
    """Context manager: a temporary copy of a submission, without files named like modules."""

    def select_ignored(place: str, names: list[str]) -> list[str]:
        is_top = Path(place) == folder  # only files in the top folder can be imported by name
        return [name for name in names if is_top and has_module_name(folder / name)]

    with tempfile.TemporaryDirectory(prefix="work-", ignore_cleanup_errors=True) as place:
        copy = Path(place) / "submission"
        shutil.copytree(folder, copy, ignore=select_ignored, symlinks=True)
        yield copy


class SubmissionRun:
    """The run of one submission, which sets its cells' outputs.

    `reasons` maps the names of cells that were stopped to the reason.

    Args:
        cells: the submission's cells.
        released: the notebook as it was released.
        limits: limits for each cell; teaching cells get more time.
        seconds: the limit for the whole submission.
        folder: a copy of the submission's folder.
    """

    def __init__(
        self,
        cells: list[NotebookNode],
        released: ReleasedNotebook,
        limits: Limits,
        seconds: float,
        folder: Path,
    ) -> None:
        self.cells = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
        self.released, self.limits, self.seconds, self.folder = released, limits, seconds, folder
        self.reasons: dict[str, str] = {}

    def run_all(self, skip: dict[str, str]) -> list[str]:
        """Run every cell except those whose source is in `skip`; return signs of tampering."""
        self.reasons, self.done, self.restarts_left = {}, [], _MAX_RESTARTS
        self.deadline = time.monotonic() + self.seconds
        with Kernel(self.folder, self.limits) as self.kernel:
            self.detector = TamperDetector(self.kernel)
            self._start_kernel()
            for cell in self.cells:
                cell.outputs, cell.execution_count = [], None
                if cell.source.strip() not in skip:
                    self._run_if_allowed(cell)
            self.detector.compare_with_baseline("the end")
        return self.detector.found

    def _run_if_allowed(self, cell: NotebookNode) -> None:
        """Run a cell, unless the submission has used up its time or its kernels."""
        if time.monotonic() > self.deadline:
            reason = f"the notebook had used up its {self.seconds:g} seconds."
            self._mark_stopped(cell, _NOT_RUN.format(reason=reason))
        elif self.restarts_left <= 0:
            reason = f"earlier cells had ended {_MAX_RESTARTS} kernels."
            self._mark_stopped(cell, _NOT_RUN.format(reason=reason))
        else:
            self._run_cell(cell)

    def _run_cell(self, cell: NotebookNode, *, is_retry: bool = False) -> None:
        """Run one cell; if its kernel dies, try it once more in a new kernel."""
        if is_grade(cell):
            self.detector.compare_with_baseline(cell_name(cell))
        seconds = self._time_limit(cell)
        result = self.kernel.run(cell.source, seconds)
        if result.dead:
            self._restart_kernel()
            if result.stopped_by == DIED and not is_retry and self.restarts_left > 0:
                # A thread that an earlier cell started may have ended the kernel.
                self._run_cell(cell, is_retry=True)
                return
        elif not is_grade(cell):
            self.done.append(cell)
        cell.outputs = result.outputs
        cell.execution_count = len(self.done)
        if result.stopped_by:
            limits = vars(self.limits) | {"seconds": round(seconds, 1)}
            self._mark_stopped(cell, _STOP_REASONS[result.stopped_by].format(**limits))
        elif is_grade(cell):
            _normalise_check_outputs(cell)

    def _time_limit(self, cell: NotebookNode) -> float:
        """Return how many seconds a cell may run; more for teaching cells, such as a training."""
        setup = self.released.setup_cell
        known = {*self.released.teaching_cells, setup.learner_source.strip() if setup else ""}
        factor = _TEACHING_FACTOR if cell.source.strip() in known else 1
        return max(1.0, min(self.limits.seconds * factor, self.deadline - time.monotonic()))

    def _restart_kernel(self) -> None:
        """Start a new kernel and run the earlier cells again, without those that kill it now."""
        while self.restarts_left > 0:
            self.restarts_left -= 1
            self._start_kernel()
            for cell in self.done:
                if self.kernel.run(cell.source, self._time_limit(cell)).dead:
                    self.done.remove(cell)
                    break
            else:
                return
        self._start_kernel()

    def _start_kernel(self) -> None:
        """Start a kernel; run the released setup cell in it if the submission no longer has it."""
        self.kernel.start()
        self.detector.record_baseline()
        setup = self.released.setup_cell
        if setup and all(
            cell.source.strip() != setup.learner_source.strip() for cell in self.cells
        ):
            self.kernel.run(setup.learner_source, self.limits.seconds * _TEACHING_FACTOR)

    def _mark_stopped(self, cell: NotebookNode, reason: str) -> None:
        """Shorten the outputs of a cell that was stopped, and add the reason as an error."""
        del cell.outputs[_MAX_OUTPUTS:]
        for output in cell.outputs:
            if output.output_type == "stream" and len(output.text) > _MAX_SHOWN:
                output.text = output.text[:_MAX_SHOWN] + "\n... and more ...\n"
        error = {"ename": "Stopped", "evalue": reason, "traceback": [reason]}
        cell.outputs.append(nbformat.v4.new_output("error", **error))
        self.reasons[cell_name(cell)] = reason

    def is_missing_names(self, skip: dict[str, str]) -> bool:
        """Whether a cell failed because a skipped teaching cell would have defined a name."""
        missing = set()
        for cell in self.cells:
            for output in cell.outputs:
                name, value = output.get("ename", ""), output.get("evalue", "")
                # A check puts an answer's NameError into its own message: search the value too.
                missing.update(_NAME_ERROR.findall(f"{value}\n{name}: {value}"))
        return any(missing & find_bound_names(source) for source in skip)


def cell_name(cell: NotebookNode) -> str:
    """Return nbgrader's id of a graded cell, and the cell's own id otherwise."""
    is_graded = is_grade(cell) or is_solution(cell)
    return cell.metadata.nbgrader["grade_id"] if is_graded else cell.id


def _normalise_check_outputs(cell: NotebookNode) -> None:
    """Normalise a check's outputs so that nbgrader scores them right.

    Text on stderr moves to stdout, so that a warning costs no points. A value counts as a score
    only if it's a valid number of points; otherwise it becomes text.
    """
    outputs = []
    for output in cell.outputs:
        if output.output_type == "stream":
            output.name = "stdout"
        if output.output_type == "execute_result":
            text = str(output.get("data", {}).get("text/plain", ""))
            if not _is_points(text, float(cell.metadata.nbgrader["points"])):
                output = nbformat.v4.new_output("stream", text=text[:_MAX_SHOWN] + "\n")
        outputs.append(output)
    cell.outputs = outputs


def _is_points(text: str, most: float) -> bool:
    """Whether a text is a number from 0 to `most`."""
    try:
        return 0.0 <= float(text) <= most
    except ValueError:
        return False

"""Running a submission to its end, whatever its cells do: nbgrader's Execute, made to last."""

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

from unet_tutorial.classroom.collect.read_notebook import NOTES
from unet_tutorial.classroom.grading.pipeline.step1_repair import shadows, source_of
from unet_tutorial.classroom.grading.sandbox.cell_result import (
    DIED,
    HUNG,
    MEMORY,
    OUTPUT,
    TIME,
    Limits,
)
from unet_tutorial.classroom.grading.sandbox.course_guard import guarding
from unet_tutorial.classroom.grading.sandbox.kernel import Kernel
from unet_tutorial.classroom.grading.sandbox.tampering import Suspicion
from unet_tutorial.classroom.released_notebook import Released, names_bound, read_released

PATIENCE = 4  # how many times longer a teaching cell may run than one of the student's
RESTARTS = 8  # kernels that one submission may use up
SHOWN = 4000  # characters that are kept of too much output
NAME_ERROR = re.compile(r"NameError: name '(\w+)' is not defined")
WHY = {
    DIED: "This cell ended the kernel.",
    TIME: "This cell ran for longer than {seconds:g} seconds and was stopped.",
    HUNG: "This cell ran for longer than {seconds:g} seconds and could only be killed.",
    MEMORY: "This cell used more than {gigabytes:g} GB of memory and was killed.",
    OUTPUT: "This cell wrote more than {characters:,} characters and was stopped.",
}
NOT_RUN = "This cell was not run: {reason}"


class ExecuteToTheEnd(Execute):
    """Runs each cell of a submission; what kills the kernel is marked, and the rest runs on."""

    notebook_timeout = Integer(300, help="seconds that a whole submission may take").tag(
        config=True
    )
    memory = Float(4.0, help="gigabytes that a submission may use").tag(config=True)
    output = Integer(2_000_000, help="characters that a cell may write").tag(config=True)
    skip_unchanged = Bool(
        True,
        help="leave out the teaching cells that the student did not touch: every exercise runs "
        "after the first code cell alone",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict, km: object = None
    ) -> tuple[NotebookNode, dict]:
        """Run a notebook in a copy of its folder, and note what happened in its metadata."""
        released = read_released(source_of(self, resources["nbgrader"]))
        found = nb.metadata.setdefault(NOTES, nbformat.from_dict({}))
        limits = Limits(float(self.timeout or 30), self.memory, self.output)
        course = self.parent.parent.coursedir
        folder = Path(resources["metadata"]["path"])
        with guarding(course, resources["nbgrader"]) as guard, copied(folder) as copy:
            skip = released.teaching if self.skip_unchanged else {}
            run = Run(nb.cells, released, limits, self.notebook_timeout, copy)
            suspicions = run.all(skip)
            if skip and run.lacks_names(skip):
                suspicions = run.all({})
        found["reasons"] = run.reasons
        found["flags"] = [*found.get("flags", []), *suspicions, *guard.changes]
        return nb, resources


@contextlib.contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """Give a copy of a submission's folder that is thrown away, without what shadows a library."""

    def left_out(place: str, names: list[str]) -> list[str]:
        at_the_top = Path(place) == folder
        return [name for name in names if at_the_top and shadows(folder / name)]

    with tempfile.TemporaryDirectory(prefix="work-", ignore_cleanup_errors=True) as place:
        copy = Path(place) / "submission"
        shutil.copytree(folder, copy, ignore=left_out, symlinks=True)
        yield copy


class Run:
    """The run of one submission; `reasons` says, by graded cell, why one was stopped."""

    def __init__(
        self,
        cells: list[NotebookNode],
        released: Released,
        limits: Limits,
        seconds: float,
        folder: Path,
    ) -> None:
        self.cells = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
        self.released, self.limits, self.seconds, self.folder = released, limits, seconds, folder
        self.reasons: dict[str, str] = {}

    def all(self, skip: dict[str, str]) -> list[str]:
        """Run every cell but those whose source is in `skip`; return what is suspicious."""
        self.reasons, self.done, self.left = {}, [], RESTARTS
        self.until = time.monotonic() + self.seconds
        with Kernel(self.folder, self.limits) as self.kernel:
            self.suspicion = Suspicion(self.kernel)
            self.start()
            for cell in self.cells:
                cell.outputs, cell.execution_count = [], None
                if cell.source.strip() not in skip:
                    self.run_in_time(cell)
            self.suspicion.look("the end")
        return self.suspicion.found

    def run_in_time(self, cell: NotebookNode) -> None:
        """Run a cell, unless the time or the kernels of the submission are used up."""
        if time.monotonic() > self.until:
            self.stop(
                cell, NOT_RUN.format(reason=f"the notebook ran for {self.seconds:g} seconds.")
            )
        elif self.left <= 0:
            self.stop(cell, NOT_RUN.format(reason=f"{RESTARTS} kernels were ended before it."))
        else:
            self.run(cell)

    def run(self, cell: NotebookNode, *, again: bool = False) -> None:
        """Run one cell; where its kernel dies, run it once more, and then without it."""
        if is_grade(cell):
            self.suspicion.look(name_of(cell))
        seconds = self.seconds_for(cell)
        result = self.kernel.run(cell.source, seconds)
        if result.dead:
            self.restart()
            if result.ended == DIED and not again and self.left > 0:
                self.run(cell, again=True)  # it may have been another cell's thread
                return
        elif not is_grade(cell):
            self.done.append(cell)
        cell.outputs = result.outputs
        cell.execution_count = len(self.done)
        if result.ended:
            limits = vars(self.limits) | {"seconds": round(seconds, 1)}
            self.stop(cell, WHY[result.ended].format(**limits))
        elif is_grade(cell):
            sound_out(cell)

    def seconds_for(self, cell: NotebookNode) -> float:
        """Return how long a cell may run: a teaching cell, such as a training, for longer."""
        setup = self.released.setup
        known = {*self.released.teaching, setup.shown.strip() if setup else ""}
        seconds = self.limits.seconds * (PATIENCE if cell.source.strip() in known else 1)
        return max(1.0, min(seconds, self.until - time.monotonic()))

    def restart(self) -> None:
        """Start a fresh kernel and run there again what ran so far; a cell that dies now is out."""
        while self.left > 0:
            self.left -= 1
            self.start()
            for cell in self.done:
                if self.kernel.run(cell.source, self.seconds_for(cell)).dead:
                    self.done.remove(cell)
                    break
            else:
                return
        self.start()

    def start(self) -> None:
        """Start a kernel, and run the released first cell where a submission has lost its own."""
        self.kernel.start()
        self.suspicion.begin()
        setup = self.released.setup
        if setup and all(cell.source.strip() != setup.shown.strip() for cell in self.cells):
            self.kernel.run(setup.shown, self.limits.seconds * PATIENCE)

    def stop(self, cell: NotebookNode, reason: str) -> None:
        """Mark a cell as stopped, with the reason as its last output."""
        del cell.outputs[20:]
        for output in cell.outputs:
            if output.output_type == "stream" and len(output.text) > SHOWN:
                output.text = output.text[:SHOWN] + "\n... and more ...\n"
        error = {"ename": "Stopped", "evalue": reason, "traceback": [reason]}
        cell.outputs.append(nbformat.v4.new_output("error", **error))
        self.reasons[name_of(cell)] = reason

    def lacks_names(self, skip: dict[str, str]) -> bool:
        """Return whether a cell failed for a name that a left-out teaching cell defines."""
        lacking = {
            name
            for cell in self.cells
            for output in cell.outputs
            for name in NAME_ERROR.findall(str(output.get("evalue", "")) + named(output))
        }
        return any(lacking & names_bound(source) for source in skip)


def named(output: NotebookNode) -> str:
    """Return an error as "name: value"."""
    return f"\n{output.get('ename', '')}: {output.get('evalue', '')}"


def name_of(cell: NotebookNode) -> str:
    """Return nbgrader's id of a cell, or its own."""
    graded = is_grade(cell) or is_solution(cell)
    return cell.metadata.nbgrader["grade_id"] if graded else cell.id


def sound_out(cell: NotebookNode) -> None:
    """Make a check's outputs mean what nbgrader takes them for.

    Warnings on stderr cost nothing; a value is taken as points only where it is a number of them.
    """
    kept = []
    for output in cell.outputs:
        if output.output_type == "stream":
            output.name = "stdout"
        if output.output_type == "execute_result":
            text = str(output.get("data", {}).get("text/plain", ""))
            if not is_points(text, float(cell.metadata.nbgrader["points"])):
                output = nbformat.v4.new_output("stream", text=text[:SHOWN] + "\n")
        kept.append(output)
    cell.outputs = kept


def is_points(text: str, most: float) -> bool:
    """Return whether a text is a number of points between none and the most."""
    try:
        return 0.0 <= float(text) <= most
    except ValueError:
        return False

"""Step 4: run the chosen cells, even if some crash, never end or kill the kernel.

Cells that aren't graded share one time limit. If they use it up, or too many kernels, all that is
graded runs once more in a new kernel, with only the cells that it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from unet_tutorial.classroom.grading.pipeline.cell_names import (
    find_answers,
    find_names,
    find_statements,
)
from unet_tutorial.classroom.grading.pipeline.step2_repair import (
    CHECK,
    OWN,
    SETUP,
    TEACHING,
    Part,
)
from unet_tutorial.classroom.grading.pipeline.step3_choose import choose_needed, choose_parts
from unet_tutorial.classroom.grading.sandbox.cell_result import (
    CLOCK,
    DIED,
    HUNG,
    MEMORY,
    OUTPUT,
    TIME,
    CellResult,
)
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE, Kernel
from unet_tutorial.classroom.limits import Limits
from unet_tutorial.classroom.released_notebook import ReleasedNotebook, parse_exercise_number

_TEACHING_FACTOR = 4  # a chapter's cell may train a network: it gets four times an answer's time
_MAX_RESTARTS = 8
_MAX_SHOWN = 4000  # characters that are kept of an output that is too long
_MAX_OUTPUTS = 20  # outputs that are kept of a cell that was stopped
_MAX_TRICKS = 10  # one patch can change hundreds of names; ten are enough to see what happened
_STOP_REASONS = {
    DIED: "This cell ended the kernel.",
    TIME: "This cell computed for longer than {seconds:g} seconds and was stopped.",
    HUNG: "This cell computed for longer than {seconds:g} seconds and ignored the interrupt, so "
    "its kernel was killed.",
    CLOCK: "This cell was stopped after {clock:g} seconds by the clock. It had computed for only "
    "{used:.1f} seconds, and waited for the rest.",
    MEMORY: "This cell used more than {memory:g} GB of memory and was killed.",
    OUTPUT: "This cell wrote more than {output:,} characters and was stopped.",
}
_NOT_RUN = "This cell was not run: {reason}"
_RAN_AGAIN = (
    "The cells that aren't graded used up {what}. What is graded was run again, with only "
    "the cells that it needs."
)


@dataclass
class RunFindings:
    """What happened: why cells were stopped, by cell; guesses; and signs of tricks."""

    reasons: dict[str, str] = field(default_factory=dict)
    guesses: list[str] = field(default_factory=list)
    tricks: list[str] = field(default_factory=list)
    right: dict[str, list[bool]] = field(default_factory=dict)  # by check: which answers are


def run_parts(
    parts: Sequence[Part], released: ReleasedNotebook, limits: Limits, folder: Path
) -> RunFindings:
    """Run a submission's parts in a folder; set the cells' outputs, and return what happened."""
    run = SubmissionRun(parts, released, limits, folder)
    chosen = choose_parts(parts, skip_unchanged=limits.skip_unchanged)
    run.run_all([part for part in chosen if part.cell.cell_type == "code"])
    if run.used_up:
        needed = [part for part in choose_needed(parts) if part.cell.cell_type == "code"]
        guess = _RAN_AGAIN.format(what=run.used_up)
        tricks = run.found.tricks
        run.run_all(needed)
        run.found.guesses.append(guess)
        run.found.tricks = list(dict.fromkeys([*tricks, *run.found.tricks]))
    run.found.guesses += run.describe_waiting()
    return run.found


def cell_name(part: Part) -> str:
    """Return the released name of a graded cell, and the cell's own id otherwise."""
    return part.name or part.cell.id


class SubmissionRun:
    """The run of one submission.

    Args:
        parts: the submission's cells.
        released: the notebook as it was released.
        limits: limits for each cell; a chapter's cells get more time.
        folder: where the kernel runs.
    """

    def __init__(
        self, parts: Sequence[Part], released: ReleasedNotebook, limits: Limits, folder: Path
    ) -> None:
        self.parts, self.released, self.limits, self.folder = parts, released, limits, folder
        setup = released.setup_cell
        self.setup = setup.learner_source if setup else ""
        self.bound = {
            name
            for cell in released.nbgrader_cells.values()
            if cell.cell_type == "code" and not cell.nbgrader["grade"]
            for name in find_names(cell.learner_source).binds
        }
        self.used_up = ""

    def run_all(self, parts: Sequence[Part]) -> None:
        """Run these cells in a new kernel, in order."""
        for part in self.parts:
            if part.cell.cell_type == "code":
                part.cell.outputs, part.cell.execution_count = [], None
        self.found, self.done, self.waited = RunFindings(), [], []
        self.restarts_left, self.seconds_left = _MAX_RESTARTS, self.limits.notebook_timeout
        self.clock_left, self.used_up = self.seconds_left * self.limits.clock_factor, ""
        with Kernel(self.folder, self.limits) as self.kernel:
            self._start_kernel()
            for part in parts:
                if part.cell.source.strip():
                    self._run_if_allowed(part)

    def _run_if_allowed(self, part: Part) -> None:
        """Run a cell, unless its kind has used up its time, or the submission its kernels."""
        is_graded = part.role not in (OWN, TEACHING)
        if not is_graded and self.seconds_left <= 0:
            self.used_up = f"their {self.limits.notebook_timeout:g} seconds"
            self._mark_stopped(part, _NOT_RUN.format(reason="its time was used up."))
        elif self.restarts_left <= 0:
            self.used_up = f"{_MAX_RESTARTS} kernels"
            reason = f"earlier cells had ended {_MAX_RESTARTS} kernels."
            self._mark_stopped(part, _NOT_RUN.format(reason=reason))
        else:
            self._run_part(part)

    def _run_part(self, part: Part, *, is_retry: bool = False) -> None:
        """Run one cell; if its kernel dies, try it once more in a new kernel."""
        seconds = self._time_limit(part)
        result = self._run_check(part, seconds) if part.role == CHECK else self._run(part, seconds)
        if result.dead:
            self._restart_kernel()
            if result.stopped_by == DIED and not is_retry and self.restarts_left > 0:
                # A thread that an earlier cell started may have ended the kernel.
                self._run_part(part, is_retry=True)
                return
        elif part.role != CHECK:
            self.done.append(part)
        part.cell.outputs, part.cell.execution_count = result.outputs, len(self.done)
        if result.stopped_by:
            self._explain_stop(part, result, seconds)

    def _run(self, part: Part, seconds: float) -> CellResult:
        result = self.kernel.run(part.cell.source, seconds)
        if part.role in (OWN, TEACHING):
            self.seconds_left -= max(result.seconds, 0.01)
        return result

    def _run_check(self, part: Part, seconds: float) -> CellResult:
        """Run a check as it was released, with what the released setup gives it."""
        needed = find_names(part.cell.source).needs - self.bound
        setup = find_statements(self.setup, needed)
        now = self.kernel.call_tool("list_identities")
        tricks = self.kernel.call_tool("prepare_check", str(PACKAGE.parent), setup)
        result = self.kernel.run(part.cell.source, seconds)
        if result.failed and not result.stopped_by:
            self._score_answers(part, result)
        if not result.dead:
            self.kernel.call_tool("finish_check")
        self._report_tricks(part, now, tricks)
        return result

    def _score_answers(self, part: Part, result: CellResult) -> None:
        """Find out which of an exercise's answers are right, if it has several."""
        names = find_answers(part.cell.source)
        if len(names) < 2 or not set(names) <= self.bound:
            return
        number = parse_exercise_number(part.name)
        right, run = self.kernel.run_tool("score_parts", number, part.cell.source, names)
        if len(right) == len(names) and any(right) and not all(right):
            self.found.right[part.name] = [each is True for each in right]
        result.dead = run.dead

    def _report_tricks(self, part: Part, now: dict | None, tricks: list | None) -> None:
        if not isinstance(now, dict) or not isinstance(tricks, list):
            tricks = ["The kernel didn't answer before this check."]
        else:
            replaced = [each for each, known in self.known.items() if now.get(each, known) != known]
            tricks = [*tricks, *(f"{each} was replaced." for each in replaced)]
        room = _MAX_TRICKS - len(self.found.tricks)
        known = {each.partition(": ")[2] for each in self.found.tricks}
        new = [each for each in tricks if each not in known]
        self.found.tricks += [f"{part.name}: {each}" for each in new[:room]]

    def _time_limit(self, part: Part) -> float:
        """Return how long a cell may compute; a chapter's cell longer, such as a training."""
        if part.role in (SETUP, TEACHING):
            seconds = self.limits.timeout * _TEACHING_FACTOR
        else:
            seconds = self.limits.timeout
        if part.role in (OWN, TEACHING):
            seconds = min(seconds, self.seconds_left)
        return max(1.0, seconds)

    def _restart_kernel(self) -> None:
        """Start a new kernel and run the earlier cells again, without those that kill it now."""
        while self.restarts_left > 0:
            self.restarts_left -= 1
            self._start_kernel()
            for part in self.done:
                if part.role in (OWN, TEACHING) and self.seconds_left <= 0:
                    continue
                if self._run(part, self._time_limit(part)).dead:
                    self.done.remove(part)
                    break
            else:
                return
        self._start_kernel()

    def _start_kernel(self) -> None:
        """Start a kernel and run the released setup cell, which the submission may lack.

        What checks use is recorded before the student's own cells can replace it.
        """
        self.kernel.start()
        self.kernel.run(self.setup, self.limits.timeout * _TEACHING_FACTOR)
        self.known = self.kernel.call_tool("list_identities") or {}

    def _explain_stop(self, part: Part, result: CellResult, seconds: float) -> None:
        values = vars(self.limits) | {"seconds": round(seconds, 1), "used": result.seconds}
        values["clock"] = seconds * self.limits.clock_factor
        self._mark_stopped(part, _STOP_REASONS[result.stopped_by].format(**values))
        if result.stopped_by == CLOCK and part.role not in (OWN, TEACHING):
            self.waited.append(cell_name(part))

    def _mark_stopped(self, part: Part, reason: str) -> None:
        """Shorten the outputs of a cell that was stopped, and add the reason as an error."""
        outputs = part.cell.outputs
        del outputs[_MAX_OUTPUTS:]
        for output in outputs:
            if output.output_type == "stream" and len(output.text) > _MAX_SHOWN:
                output.text = output.text[:_MAX_SHOWN] + "\n... and more ...\n"
        error = {"ename": "Stopped", "evalue": reason, "traceback": [reason]}
        outputs.append(nbformat.v4.new_output("error", **error))
        self.found.reasons[cell_name(part)] = reason

    def describe_waiting(self) -> list[str]:
        """Describe the graded cells that were stopped by the clock rather than by their work."""
        return [
            f"{name} was stopped by the clock: it waited, or this machine was too busy."
            for name in self.waited
        ]

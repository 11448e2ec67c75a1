"""What became of one submission, for the table, and its report in `.unet-tutorial/grading/`."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

from unet_tutorial.files import KEPT, atomic_write

_REPORTS = Path(KEPT) / "grading"


@dataclass
class Outcome:
    """The outcome of grading one submission; `problem` says why it couldn't be graded at all."""

    student: str
    assignment: str
    problem: str = ""
    failed: list[str] = field(default_factory=list)  # names of checks
    guesses: list[str] = field(default_factory=list)  # on which a mark rests
    tricks: list[str] = field(default_factory=list)  # signs of a trick, for the instructor alone
    collected: list[str] = field(default_factory=list)  # what collecting left out or guessed
    digests: dict[str, dict[str, str]] = field(default_factory=dict)  # by notebook and cell
    # From the gradebook, as it is now:
    points: float | None = None  # the penalty is taken off
    most: float | None = None
    penalty: float = 0.0
    to_grade: float = 0.0  # how many of `most` still have to be graded by hand
    asked: list[str] = field(default_factory=list)  # about points for earlier answers
    words: list[str] = field(default_factory=list)  # where the table of words/ isn't followed


def _report_path(root: Path, student: str, assignment: str) -> Path:
    return root / _REPORTS / assignment / f"{student}.json"


def save_report(root: Path, outcome: Outcome, digest: str) -> None:
    """Save an outcome, so that the submission isn't run again until its digest changes."""
    path = _report_path(root, outcome.student, outcome.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    report = dataclasses.asdict(outcome) | {"digest": digest}
    atomic_write(path, json.dumps(report, indent=1).encode())


def load_report(root: Path, student: str, assignment: str) -> tuple[Outcome | None, str]:
    """Load a submission's saved outcome and its digest; (None, "") if there is none."""
    try:
        report = json.loads(_report_path(root, student, assignment).read_text(encoding="utf-8"))
        digest = report.pop("digest")
        return Outcome(**report), digest
    except (OSError, ValueError, KeyError, TypeError):
        return None, ""

"""Step 5: give points from what the checks said, and the reasons for those that were lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import nbformat
from nbformat.notebooknode import NotebookNode

from unet_tutorial.classroom.grading.pipeline.result import NotebookResult
from unet_tutorial.classroom.grading.pipeline.step2_repair import (
    ANSWER,
    CHECK,
    OWN,
    Findings,
    Part,
    is_blank,
)
from unet_tutorial.classroom.grading.pipeline.step4_run import RunFindings
from unet_tutorial.classroom.released_notebook import ReleasedNotebook
from unet_tutorial.teaching.chapters import HIDDEN
from unet_tutorial.teaching.checks.message import is_passed, parse_refusal

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_MAX_LENGTH = 300
_CHAPTER_CHECK = re.compile(r"(?m)^checks\.\w+\(")
_NO_RESPONSE = "No response."
_SILENT = "The check ran, but did not say that the answer is right."


def judge_parts(
    parts: Sequence[Part], released: ReleasedNotebook, found: Findings, run: RunFindings
) -> NotebookResult:
    """Judge the cells of a submission that has run."""
    result = NotebookResult(
        guesses=[*found.guesses, *run.guesses], tricks=[*found.tricks, *run.tricks]
    )
    answers = {part.name: part for part in parts if part.role == ANSWER}
    for part in parts:
        if not part.name or not part.cell.metadata.nbgrader["grade"]:
            continue
        most = float(part.cell.metadata.nbgrader["points"])
        if part.role == ANSWER:  # in words
            result.points[part.name] = 0.0 if part.name in found.blank else None
        else:
            result.points[part.name] = _score_check(
                part, most, result, run.right.get(part.name, ())
            )
        answer = answers.get(released.find_answer(part.name) or part.name)
        points = result.points[part.name]
        if answer is None:
            continue
        result.digests[part.name] = compute_digest(answer.cell.source)
        if points is not None and points < most:
            lines = _explain_lost_points(part, answer, parts, released, found, run)
            result.reasons.setdefault(answer.name, []).extend(lines)
    return result


def compute_digest(answer: str) -> str:
    """Compute the digest by which an answer is recognised, apart from white space at its ends."""
    return hashlib.sha256(answer.strip().encode(errors="replace")).hexdigest()[:16]


def _score_check(
    part: Part, most: float, result: NotebookResult, right: Sequence[bool] = ()
) -> float | None:
    """Return a check's points: all, none, or the number that its last line gave."""
    if part.role != CHECK or part.cell.cell_type != "code":
        return None  # by hand
    if _find_error(part.cell):
        return _score_answers(part, most, result, right)
    if _CHAPTER_CHECK.search(part.cell.source):
        texts = [line for each in part.cell.outputs for line in read_text(each).split("\n")]
        if not any(map(is_passed, texts)):
            part.cell.outputs.append(_make_error(_SILENT))
            result.tricks.append(f"{part.name}: {_SILENT}")
            return 0.0
    scores = [
        _parse_points(str(each.data.get("text/plain", "")), most)
        for each in part.cell.outputs
        if each.output_type == "execute_result"
    ]
    return next((score for score in scores if score is not None), most)


def _score_answers(part: Part, most: float, result: NotebookResult, right: Sequence[bool]) -> float:
    """Return the points of the right answers, if an exercise has several; 0 otherwise."""
    if not any(right):
        return 0.0
    result.guesses.append(f"{part.name}: {sum(right)} of its {len(right)} answers are right.")
    return round(most * sum(right) / len(right), 2)


def _parse_points(text: str, most: float) -> float | None:
    """Return a number from 0 to `most`, or None if the text is something else."""
    try:
        points = float(text)
    except ValueError:
        return None
    return points if 0.0 <= points <= most else None


def _make_error(text: str) -> NotebookNode:
    return nbformat.v4.new_output("error", ename="Stopped", evalue=text, traceback=[text])


def _explain_lost_points(
    check: Part,
    answer: Part,
    parts: Sequence[Part],
    released: ReleasedNotebook,
    found: Findings,
    run: RunFindings,
) -> list[str]:
    """Explain why a check gave fewer points: what happened in the answer and in the check."""
    if answer.name in found.missing:
        return [f"The cell {answer.name} was missing from the submission."]
    between = parts[parts.index(answer) + 1 : parts.index(check)]
    is_answered_elsewhere = any(part.role == OWN for part in between)
    if (
        is_blank(answer.cell.source, released.nbgrader_cells[answer.name])
        and not is_answered_elsewhere
    ):
        return [_NO_RESPONSE]
    lines = []
    for part in (answer, check):
        if part.name in run.reasons:
            lines.append(f"{part.name}: {run.reasons[part.name]}")
        elif error := _find_error(part.cell):
            lines.append(f"{part.name}: {_summarise_error(error, part.cell)}")
    return lines


def read_text(output: NotebookNode) -> str:
    """Return what an output shows as plain text: what was printed, or the text of a card."""
    return str(output.get("text", "") or output.get("data", {}).get("text/plain", ""))


def _find_error(cell: NotebookNode) -> NotebookNode | None:
    return next((each for each in cell.get("outputs", []) if each.output_type == "error"), None)


def _summarise_error(error: NotebookNode, cell: NotebookNode) -> str:
    """Summarise an error in one line, without giving hidden tests away.

    For our checks this is the verdict and the hint; for other errors, Python's name and message.
    """
    message = COLOURS.sub("", error.evalue).strip()
    first = message.partition("\n")[0]
    if error.ename in ("CheckFailed", "NotTriedYet"):
        text = " ".join(" ".join(parse_refusal(message)).split())
    elif HIDDEN[0] in cell.source:
        text = f"A test failed ({error.ename})."
    else:
        text = f"{error.ename}: {first}" if first else error.ename
    return text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 1] + "…"

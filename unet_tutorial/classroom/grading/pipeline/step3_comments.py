"""Why points were lost, and what is to be looked at: the comments of a graded submission."""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade, is_solution

from unet_tutorial.classroom.collect.read_notebook import NOTES
from unet_tutorial.classroom.grading.pipeline.step1_repair import source_of
from unet_tutorial.classroom.grading.pipeline.step2_run import name_of
from unet_tutorial.classroom.grading.pipeline.step4_feedback import COLOURS
from unet_tutorial.classroom.released_notebook import Released, read_released
from unet_tutorial.teaching.chapters import HIDDEN
from unet_tutorial.teaching.checks.message import parse_refusal

FLAG, MENDED = "Marked for a look: ", "Mended: "
LONGEST = 300


class SaveReasons(NbGraderPreprocessor):
    """Writes into the gradebook, as comments, what the earlier steps found."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Write the comments of one notebook; runs after SaveAutoGrades."""
        asked = resources["nbgrader"]
        released = read_released(source_of(self, asked))
        comments = comments_of(nb, released)
        with Gradebook(asked["db_url"]) as gradebook:
            for name, lines in comments.items():
                comment = gradebook.find_comment(
                    name, asked["notebook"], asked["assignment"], asked["student"]
                )
                comment.auto_comment = "\n".join(shortened(lines, comment.auto_comment))
            gradebook.db.commit()
        nb.metadata.pop(NOTES, None)
        return nb, resources


def shortened(lines: list[str], before: str | None) -> list[str]:
    """Return the lines of a comment; of an answer that was not tried, nbgrader said enough."""
    if before is None:
        return lines
    return [*(line for line in lines if line.startswith((FLAG, MENDED))), before]


def comments_of(nb: NotebookNode, released: Released) -> dict[str, list[str]]:
    """Return the lines of the comment of each answer that has something to be said of it."""
    found = nb.metadata.get(NOTES, {})
    cells = {name_of(cell): cell for cell in nb.cells if is_grade(cell) or is_solution(cell)}
    answers = [name for name, cell in released.graded.items() if cell.is_answer and name in cells]
    comments: dict[str, list[str]] = {}
    for name, cell in cells.items():
        answer = released.answer_of(name)
        if not is_solution(cell) and answer in answers and lost_points(cell):
            lost = why_lost(cell, cells[answer], found)
            comments.setdefault(answer, []).extend(lost)
    if answers:
        general = [MENDED + text for text in found.get("mended", [])]
        general += [FLAG + text for text in found.get("flags", [])]
        comments[answers[0]] = [*general, *comments.get(answers[0], [])]
    return {name: lines for name, lines in comments.items() if lines}


def lost_points(check: NotebookNode) -> bool:
    """Return whether a check gave less than all its points; one that a person grades does not."""
    points, most = determine_grade(check)
    return points is not None and points < most


def why_lost(check: NotebookNode, answer: NotebookNode, found: dict) -> list[str]:
    """Return in words why a check gave no points: what became of the answer, and of the check."""
    reasons, missing = found.get("reasons", {}), found.get("missing", [])
    lines = []
    if name_of(answer) in missing:
        lines.append(f"The cell {name_of(answer)} was missing from the submission.")
    for cell in (answer, check):
        if name_of(cell) in reasons:
            lines.append(f"{name_of(cell)}: {reasons[name_of(cell)]}")
        elif error := first_error(cell):
            lines.append(f"{name_of(cell)}: {told(error, cell)}")
    return lines


def first_error(cell: NotebookNode) -> NotebookNode | None:
    """Return the first error among a cell's outputs."""
    return next((each for each in cell.get("outputs", []) if each.output_type == "error"), None)


def told(error: NotebookNode, cell: NotebookNode) -> str:
    """Return an error in one line: a check's verdict and hint, else Python's name and message.

    What a hidden test tried is not told.
    """
    message = COLOURS.sub("", error.evalue).strip()
    first = message.partition("\n")[0]
    if error.ename in ("CheckFailed", "NotTriedYet"):
        text = " ".join(" ".join(parse_refusal(message)).split())
    elif HIDDEN[0] in cell.source:
        text = f"A test failed ({error.ename})."
    else:
        text = f"{error.ename}: {first}" if first else error.ename
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

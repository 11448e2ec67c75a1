"""Step 3: write comments that explain lost points and say what the instructor should look at."""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade, is_solution

from unet_tutorial.classroom.collect.read_notebook import METADATA_KEY
from unet_tutorial.classroom.grading.pipeline.step1_repair import locate_source
from unet_tutorial.classroom.grading.pipeline.step2_run import cell_name
from unet_tutorial.classroom.grading.pipeline.step4_feedback import COLOURS
from unet_tutorial.classroom.released_notebook import ReleasedNotebook, read_released
from unet_tutorial.teaching.chapters import HIDDEN
from unet_tutorial.teaching.checks.message import parse_refusal

# Beginnings of lines in comments, by which `worker` finds them again.
FLAG, REPAIRED = "Flagged for review: ", "Repaired: "
_MAX_LENGTH = 300


class SaveReasons(NbGraderPreprocessor):
    """Saves the findings of the earlier steps in the gradebook, as comments."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Save the comments on one notebook; has to run after nbgrader's SaveAutoGrades."""
        request = resources["nbgrader"]
        released = read_released(locate_source(self, request))
        comments = _collect_comments(nb, released)
        with Gradebook(request["db_url"]) as gradebook:
            for name, lines in comments.items():
                comment = gradebook.find_comment(
                    name, request["notebook"], request["assignment"], request["student"]
                )
                comment.auto_comment = "\n".join(_combine_comment(lines, comment.auto_comment))
            gradebook.db.commit()
        nb.metadata.pop(METADATA_KEY, None)
        return nb, resources


def _combine_comment(lines: list[str], nbgraders: str | None) -> list[str]:
    """Combine our lines with nbgrader's comment, which it writes only on an unchanged answer.

    Its "No response." then replaces the errors that the unchanged answer caused.
    """
    if nbgraders is None:
        return lines
    return [*(line for line in lines if line.startswith((FLAG, REPAIRED))), nbgraders]


def _collect_comments(nb: NotebookNode, released: ReleasedNotebook) -> dict[str, list[str]]:
    """Collect the lines of the comment on each answer; answers without comments are left out."""
    found = nb.metadata.get(METADATA_KEY, {})
    cells = {cell_name(cell): cell for cell in nb.cells if is_grade(cell) or is_solution(cell)}
    answers = [
        name for name, cell in released.nbgrader_cells.items() if cell.is_answer and name in cells
    ]
    comments: dict[str, list[str]] = {}
    for name, cell in cells.items():
        answer = released.find_answer(name)
        if not is_solution(cell) and answer in answers and _has_lost_points(cell):
            reasons = _explain_lost_points(cell, cells[answer], found)
            comments.setdefault(answer, []).extend(reasons)
    if answers:  # what concerns the whole notebook goes to the first answer
        general = [REPAIRED + text for text in found.get("mended", [])]
        general += [FLAG + text for text in found.get("flags", [])]
        comments[answers[0]] = [*general, *comments.get(answers[0], [])]
    return {name: lines for name, lines in comments.items() if lines}


def _has_lost_points(check: NotebookNode) -> bool:
    points, most = determine_grade(check)
    return points is not None and points < most  # None: it's graded by hand


def _explain_lost_points(check: NotebookNode, answer: NotebookNode, found: dict) -> list[str]:
    """Explain why a check gave fewer points: what happened in the answer and in the check."""
    reasons, missing = found.get("reasons", {}), found.get("missing", [])
    lines = []
    if cell_name(answer) in missing:
        lines.append(f"The cell {cell_name(answer)} was missing from the submission.")
    for cell in (answer, check):
        if cell_name(cell) in reasons:
            lines.append(f"{cell_name(cell)}: {reasons[cell_name(cell)]}")
        elif error := _find_error(cell):
            lines.append(f"{cell_name(cell)}: {_summarise_error(error, cell)}")
    return lines


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

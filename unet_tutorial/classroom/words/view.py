"""What the page shows, as data for its script."""

from __future__ import annotations

from collections.abc import Sequence

from unet_tutorial.classroom.course.teaching_pages import Lesson
from unet_tutorial.classroom.grading.words_sheet import Row, format_points, group_rows
from unet_tutorial.classroom.words.answers import Question, render_markdown
from unet_tutorial.classroom.words.table import Table


def build_view(table: Table, next_step: str) -> dict:
    """Build what the page shows: the questions, and for each the different answers.

    Args:
        table: the answers, and what was entered for them.
        next_step: what to do when everything is graded.
    """
    rows = table.read_rows()
    return {
        "assignment": table.assignment,
        "file": str(table.path),
        "next": next_step,
        "questions": [_build_question(each, table, rows) for each in table.questions.values()],
    }


def _build_question(question: Question, table: Table, rows: Sequence[Row]) -> dict:
    html = {each.digest: each.html for each in question.answers}
    groups = group_rows([row for row in rows if row.question == question.name])
    earlier = [row for (_, digest), same in groups.items() if digest not in html for row in same]
    return {
        "name": question.name,
        "most": question.most,
        "text": question.text,
        "model": question.model,
        "blank": len(question.blank),
        **_build_lesson(question.lesson, question.most),
        "answers": [
            {"digest": digest, "html": html[digest], **_build_entry(same, earlier, table)}
            for (_, digest), same in groups.items()
            if digest in html
        ],
    }


def _build_lesson(lesson: Lesson | None, most: float) -> dict:
    """Build the rubric and the samples; the criteria share the points out evenly."""
    if lesson is None:
        return {"rubric": [], "samples": [], "beware": ""}
    each = most / len(lesson.rubric)
    return {
        "rubric": [{"text": text, "points": f"{each:.3g}"} for text in lesson.rubric],
        "beware": render_markdown(lesson.beware),
        "samples": [
            {
                "points": f"{sample.points * each:.3g}",
                "answer": render_markdown(sample.answer),
                "why": sample.why,
            }
            for sample in lesson.half_right
        ],
    }


def _build_entry(same: Sequence[Row], earlier: Sequence[Row], table: Table) -> dict:
    """Build what was entered for an answer, whose it is, and what there is to say about it."""
    students = {row.student for row in same}
    entries = {(row.points, row.comment) for row in same}
    points, comment = entries.pop() if len(entries) == 1 else (None, "")
    notes = [row.cells["note"] for row in same if row.cells["note"]]
    notes += [table.unclear[row.key] for row in same if row.key in table.unclear]
    if entries:  # more than the one that was taken
        each = "; ".join(map(_format, same))
        notes.append(f"The file has several entries for this answer ({each}). Yours replaces them.")
    mine = [row for row in earlier if row.student in students]
    notes += [f"An earlier answer had {_format(row)}." for row in mine]
    return {
        "points": "" if points is None else format_points(points),
        "comment": comment,
        "notes": list(dict.fromkeys(notes)),
        "students": [{"id": each, "name": table.names.get(each, "")} for each in sorted(students)],
    }


def _format(row: Row) -> str:
    points = "no points" if row.points is None else f"{format_points(row.points)} points"
    return f"{points}, “{row.comment}”" if row.comment else points

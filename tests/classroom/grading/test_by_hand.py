"""Answers in words, points given by hand, and totals that follow from both."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from small_course import WORDS, attempt, cell, make_course, submit, write

from unet_tutorial.classroom.grading.batch import grade
from unet_tutorial.classroom.grading.pipeline.late_penalty import LateDays
from unet_tutorial.classroom.grading.report import format_report
from unet_tutorial.classroom.nbgrader_config import load_config, open_course

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning",
    "ignore:.*utcnow:DeprecationWarning",
    "ignore:.*event loop:DeprecationWarning",
)
LATE = """
from unet_tutorial.classroom.grading.pipeline.late_penalty import LateDays

c.AssignLatePenalties.plugin_class = LateDays
c.LateDays.per_day = 0.1
"""
STUB = "YOUR ANSWER HERE"
TEXT = "Because the letters change places."


def place(cells: list[dict], name: str) -> int:
    return [each["id"] for each in cells].index(name)


def add_after(cells: list[dict], name: str, source: str, kind: str = "markdown") -> None:
    cells.insert(place(cells, name) + 1, cell("mine", source, kind))


def split_answer(cells: list[dict]) -> None:
    """Split the answer above the stub, as JupyterLab does: both halves have the metadata."""
    index = place(cells, "explain-3")
    cells.insert(index, cells[index] | {"id": "upper", "source": TEXT})


def write_into(cells: list[dict], name: str) -> None:
    cells[place(cells, name)]["source"] += f"\n\n{TEXT}"


BLANK = {"explain_3": STUB}
WORDS_ELSEWHERE = {
    "next": (lambda cells: add_after(cells, "explain-3", TEXT)),
    "above": (lambda cells: add_after(cells, "explain-3-question", TEXT)),
    "code": (lambda cells: add_after(cells, "explain-3", TEXT, "code")),
    "split": split_answer,
    "question": (lambda cells: write_into(cells, "explain-3-question")),
    "summary": (lambda cells: write_into(cells, "built")),
}


def make_attempt(change=lambda cells: None, **answers: str) -> dict:
    made = attempt(WORDS, **answers)
    change(made["cells"])
    return made


def open_gradebook(root: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{root}/gradebook.db", "small")


def read_grade(root: Path, student: str, name: str = "explain-3") -> tuple:
    """Return a graded cell's automatic points, those by hand, and whether it is to be graded."""
    with open_gradebook(root) as gradebook:
        grade = gradebook.find_grade(name, WORDS, WORDS, student)
        return grade.auto_score, grade.manual_score, grade.needs_manual_grade


def give_points(root: Path, student: str, points: float, name: str = "explain-3") -> None:
    """Give points by hand, as the formgrader does."""
    with open_gradebook(root) as gradebook:
        found = gradebook.find_grade(name, WORDS, WORDS, student)
        found.manual_score, found.needs_manual_grade = points, False
        gradebook.db.commit()


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course, with answers in words in other cells, and with one late student."""
    root = make_course(tmp_path_factory.mktemp("course"))
    write(root / "nbgrader_config.py", (root / "nbgrader_config.py").read_text() + LATE)
    assert open_course(load_config(root)).generate_assignment(WORDS)["success"]
    with open_gradebook(root) as gradebook:
        gradebook.update_or_create_assignment(WORDS, duedate="2026-03-07 22:00:00 UTC")
    for name, change in WORDS_ELSEWHERE.items():
        submit(root, name, make_attempt(change, **BLANK), name=WORDS)
    submit(root, "blank", make_attempt(**BLANK), name=WORDS)
    submit(root, "emptied", make_attempt(explain_3=" \n"), name=WORDS)
    path = submit(root, "late", make_attempt(), name=WORDS)
    write(path.parent / "timestamp.txt", "2026-03-08 21:00:00 UTC")
    return root


@pytest.fixture(scope="module")
def graded(course) -> dict:
    return {each.student: each for each in grade(course, workers=2)}


@pytest.fixture
def copied(course, graded, tmp_path) -> Path:
    """A copy of the course with the late student only."""
    root = tmp_path / "course"
    shutil.copytree(course, root, ignore=shutil.ignore_patterns(*WORDS_ELSEWHERE, "blank", "empt*"))
    return root


# ---- answers in words


@pytest.mark.parametrize("student", WORDS_ELSEWHERE)
def test_words_in_another_cell_are_for_a_person_to_grade(course, graded, student):
    assert read_grade(course, student) == (None, None, True)
    path = course / "autograded" / student / WORDS / f"{WORDS}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    answers = [each for each in cells if each["metadata"].get("nbgrader", {}).get("points") == 4]
    assert [TEXT in "".join(each["source"]) for each in answers] == [True]
    guesses = graded[student].guesses
    assert [each.partition(" ")[0] for each in guesses] == ["explain-3"]
    assert graded[student].tricks == []


@pytest.mark.parametrize("student", ["blank", "emptied"])
def test_an_answer_without_words_has_no_points(course, graded, student):
    assert read_grade(course, student) == (0, None, False)
    assert graded[student].guesses == []


# ---- totals


def export(root: Path) -> dict:
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", "export"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    with (root / "grades.csv").open(encoding="utf-8") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}["late"]


def test_an_export_right_after_grading_by_hand_has_the_right_penalty(copied):
    give_points(copied, "late", 4)
    row = export(copied)  # two points for code, four for words, and a tenth less
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == ("6.0", "0.6", "5.4")


def test_grading_right_after_grading_by_hand_has_the_right_penalty(copied):
    give_points(copied, "late", 3)
    (outcome,) = grade(copied)
    assert (outcome.points, outcome.penalty, outcome.to_grade) == (4.5, 0.5, 0)
    line = format_report([outcome]).splitlines()[2].split()
    assert line == ["late", WORDS, "4.5", "of", "6", "-0.5"]


def test_feedback_right_after_grading_by_hand_has_the_right_penalty(copied):
    give_points(copied, "late", 4)
    assert open_course(load_config(copied)).generate_feedback(WORDS, "late")["success"]
    with open_gradebook(copied) as gradebook:
        assert gradebook.find_submission(WORDS, "late").late_submission_penalty == 0.6


@pytest.mark.parametrize(
    ("due", "handed_in", "penalty"),
    [
        ("2026-03-10", "2026-03-08", 0),
        ("2026-03-07", "2026-03-07", 0),
        ("2026-03-05", "2026-03-08", 0.6),
    ],
)
def test_the_penalty_follows_the_times_as_they_are_now(copied, due, handed_in, penalty):
    write(copied / "submitted" / "late" / WORDS / "timestamp.txt", f"{handed_in} 21:00:00 UTC")
    with open_gradebook(copied) as gradebook:
        gradebook.update_or_create_assignment(WORDS, duedate=f"{due} 22:00:00 UTC")
    (outcome,) = grade(copied)
    assert outcome.penalty == pytest.approx(penalty)


def test_points_given_by_hand_stay_if_everything_is_graded_again(copied):
    give_points(copied, "late", 3)
    (outcome,) = grade(copied, again=True)
    assert read_grade(copied, "late") == (None, 3, False)
    assert (outcome.to_grade, outcome.asked) == (0, [])


# ---- points for an earlier answer


def test_points_for_an_earlier_answer_are_shown_and_asked_about(copied):
    give_points(copied, "late", 3)
    submit(copied, "late", make_attempt(explain_3=TEXT), name=WORDS)
    (outcome,) = grade(copied)
    assert read_grade(copied, "late") == (None, None, True)
    assert outcome.asked[0].startswith("explain-3: 3 points were given by hand, but the answer")
    assert f"late, {WORDS}: explain-3: 3 points" in format_report([outcome])
    (outcome,) = grade(copied)  # as long as nobody has answered
    assert len(outcome.asked) == 1
    give_points(copied, "late", 2)
    (outcome,) = grade(copied)
    assert (outcome.asked, outcome.to_grade) == ([], 0)
    submit(copied, "late", make_attempt(), name=WORDS)  # the first one again
    (outcome,) = grade(copied)
    assert read_grade(copied, "late") == (None, 3, False)
    assert outcome.asked == []


def test_points_by_hand_for_code_belong_to_its_answer(copied):
    give_points(copied, "late", 0.5, "check-3-2")
    submit(copied, "late", make_attempt(solution_3_1="loud = TEXT.upper()"), name=WORDS)
    assert grade(copied)[0].asked == []
    assert read_grade(copied, "late", "check-3-2") == (1, 0.5, False)
    changed = make_attempt(solution_3_2="def back(text):\n    return text[::-1]")
    submit(copied, "late", changed, name=WORDS)
    (outcome,) = grade(copied)
    assert outcome.asked[0].startswith("check-3-2: 0.5 points were given by hand")
    assert read_grade(copied, "late", "check-3-2") == (1, None, True)


def test_the_answer_that_an_instructor_saw_is_read_from_autograded_without_a_report(copied):
    give_points(copied, "late", 3)
    shutil.rmtree(copied / ".unet-tutorial" / "grading")
    assert grade(copied)[0].asked == []
    shutil.rmtree(copied / ".unet-tutorial" / "grading")
    submit(copied, "late", make_attempt(explain_3=TEXT), name=WORDS)
    assert len(grade(copied)[0].asked) == 1


# ---- late days

HOUR = 3600


@pytest.mark.parametrize(
    ("hours", "free", "share", "penalty"),
    [(1, 0, 0.1, 1), (24, 0, 0.1, 1), (25, 0, 0.1, 2), (47, 2, 0.1, 0), (49, 2, 0.1, 1),
     (24 * 30, 0, 0.1, 10), (1, 0, 0.25, 2.5)],
)  # fmt: skip
def test_each_day_begun_costs(hours, free, share, penalty):
    plugin = LateDays(free_days=free, per_day=share)
    assert plugin.late_submission_penalty("ada", 10, hours * HOUR) == pytest.approx(penalty)

"""A course from its release to the exported grades, with all kinds of submissions."""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from small_course import NUMBERS, SOURCES, WORDS, attempt, make_course, submit, write
from submissions import Kind, build_kinds

from unet_tutorial.classroom import commands, extras
from unet_tutorial.classroom.collect.record import Collection, LeftOut, save_record
from unet_tutorial.classroom.collect.record import Submission as CollectedSubmission
from unet_tutorial.classroom.grading import batch
from unet_tutorial.classroom.grading.batch import compute_checks_digest, grade
from unet_tutorial.classroom.grading.outcome import load_report
from unet_tutorial.classroom.grading.report import format_report
from unet_tutorial.classroom.grading.sandbox import launch
from unet_tutorial.classroom.nbgrader_config import load_config, open_course, read_limits

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning",  # nbgrader uses joins that SQLAlchemy warns about
    "ignore:.*utcnow:DeprecationWarning",
    "ignore:.*event loop:DeprecationWarning",
)


def run_nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run one of nbgrader's own commands in a course."""
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", *arguments]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)


def read_comments(root: Path, student: str, assignment: str = NUMBERS) -> str:
    """Return all comments on a submission."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as gradebook:
        books = gradebook.find_submission(assignment, student).notebooks
        comments = [comment.comment for book in books for comment in book.comments]
    return "\n".join(text for text in comments if text)


def read_points(root: Path, student: str, assignment: str = NUMBERS) -> dict[str, float]:
    """Return the points of each check of a submission."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as gradebook:
        books = gradebook.find_submission(assignment, student).notebooks
        return {grade.name: grade.score for book in books for grade in book.grades}


def expected_points(kind: Kind) -> dict[str, float]:
    return dict(zip(("check-2-1", "check-2-2", "check-2-3"), kind.points, strict=True))


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Path:
    root = make_course(tmp_path_factory.mktemp("course"))
    api = open_course(load_config(root))
    for name in SOURCES:
        done = api.generate_assignment(name)
        assert done["success"], done
    return root


@pytest.fixture(scope="module")
def submitted(released) -> dict[str, Kind]:
    made = build_kinds()
    for student, kind in made.items():
        path = submit(released, student, kind.content, kind.file)
        if kind.extra_file:
            write(path.parent / kind.extra_file[0], kind.extra_file[1])
    submit(released, "no-notebook", "my answers: 42", "answers.docx")
    submit(released, "right", attempt(WORDS), name=WORDS)
    submit(released, "wrong", attempt(WORDS, solution_3_2="back = len"), name=WORDS)
    return made


@pytest.fixture(scope="module")
def outcomes(released, submitted) -> dict:
    found = grade(released, workers=2)
    return {(each.student, each.assignment): each for each in found}


STUDENTS = list(build_kinds())


@pytest.mark.parametrize("student", STUDENTS)
def test_each_submission_keeps_its_points_and_is_told_why_it_lost_others(
    outcomes, released, submitted, student
):
    kind, outcome = submitted[student], outcomes[student, NUMBERS]
    comment = read_comments(released, student)
    assert outcome.problem == ""
    assert read_points(released, student) == expected_points(kind), comment
    assert (outcome.points, outcome.most) == (sum(kind.points), 6)
    assert outcome.failed == kind.failed
    assert kind.comment in comment
    for number in "123":
        has_reason = kind.has_lost_points(f"check-2-{number}", int(number))
        assert not has_reason or f"2-{number}" in comment or "No response." in comment


@pytest.mark.parametrize("student", STUDENTS)
def test_the_table_says_on_what_marks_rest_and_nothing_else(outcomes, submitted, student):
    kind, outcome = submitted[student], outcomes[student, NUMBERS]
    assert kind.guess in "\n".join(outcome.guesses)
    assert bool(kind.guess) == bool(outcome.guesses), outcome.guesses


@pytest.mark.parametrize("student", STUDENTS)
def test_only_the_instructor_is_told_of_tricks(outcomes, released, submitted, student):
    kind, outcome = submitted[student], outcomes[student, NUMBERS]
    assert kind.trick in "\n".join(outcome.tricks)
    assert bool(kind.trick) == bool(outcome.tricks), outcome.tricks
    comment = read_comments(released, student)
    assert not any(trick in comment for trick in outcome.tricks)


def test_the_other_assignment(outcomes, released):
    points = {"check-3-1": 1, "check-3-2": 1, "explain-3": 0}
    assert read_points(released, "right", WORDS) == points
    assert read_points(released, "wrong", WORDS) == points | {"check-3-2": 0}
    assert outcomes["right", WORDS].to_grade == 4


def test_a_submission_without_a_notebook_is_named(outcomes):
    outcome = outcomes["no-notebook", NUMBERS]
    assert outcome.points is None
    assert outcome.problem == "The submission has no notebook. It contains answers.docx."


def test_a_comment_does_not_show_hidden_tests(outcomes, released):
    comment = read_comments(released, "wrong")
    assert "check-2-2: A test failed (AssertionError)." in comment
    assert "seven" not in comment


def test_a_reason_is_in_the_output_of_its_cell(outcomes, released):
    path = released / "autograded" / "hangs" / NUMBERS / f"{NUMBERS}.ipynb"
    assert "This cell was stopped after 8 seconds" in path.read_text(encoding="utf-8")


def test_the_report(outcomes):
    text = format_report(list(outcomes.values()))
    lines = {tuple(line.split()[:2]): line.split() for line in text.splitlines() if line}
    assert lines["exits", NUMBERS][2:] == ["4", "of", "6", "2.2"]
    assert lines["patched", NUMBERS][2:] == ["1", "of", "6", "2.2,", "2.3", "1", "⚑"]
    assert lines["right", WORDS][2:] == ["2", "of", "6", "4"]
    assert lines["no-notebook", NUMBERS][2:] == ["not", "graded"]
    assert f"backup, {NUMBERS}: solution-2-2 is there 2 times" in text
    assert f"patched, {NUMBERS}: ⚑ check-2-1: builtins.sum was replaced." in text
    assert f"({WORDS})" not in text


def test_exercises_that_most_failed_are_listed(outcomes):
    mine = [each for (student, _), each in outcomes.items() if student in ("wrong", "untried")]
    assert f"2.1 ({NUMBERS}): 2 of 2" in format_report(mine)


def test_unchanged_submissions_are_not_run_again(outcomes, released, monkeypatch):
    monkeypatch.setattr(batch, "run_package", lambda *_, **options: pytest.fail("it ran"))
    again = grade(released)
    assert {(each.student, each.assignment): each for each in again} == outcomes


def list_changed(root: Path, monkeypatch, **options) -> list[str]:
    """List the students whose work `grade` would run, without running it."""
    found = []
    monkeypatch.setattr(batch._Batch, "_record", lambda _, task, data: found.append(task[0]))
    monkeypatch.setattr(batch._Batch, "collect", lambda *_: [])
    monkeypatch.setattr(batch, "run_package", lambda package, isolate: b"")
    grade(root, **options)
    return found


@pytest.fixture
def graded_copy(outcomes, released, tmp_path):
    """A copy of the course with the graded work of two students."""
    root = tmp_path / "course"
    others = [name for name in STUDENTS if name not in ("right", "wrong")]
    shutil.copytree(released, root, ignore=shutil.ignore_patterns(*others, "no-notebook"))
    return root


def change_submission(root: Path) -> None:
    write(root / "submitted" / "right" / NUMBERS / "helper.py", "x = 1")


def change_time(root: Path) -> None:
    write(root / "submitted" / "right" / NUMBERS / "timestamp.txt", "2026-03-07 22:00:00 UTC")


def change_due_date(root: Path) -> None:
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as gradebook:
        gradebook.update_or_create_assignment(NUMBERS, duedate="2025-03-07 22:59:00 UTC")


def change_limit(root: Path) -> None:
    path = root / "nbgrader_config.py"
    path.write_text(path.read_text() + "\nc.Grading.timeout = 3\n")


def remove_graded(root: Path) -> None:
    shutil.rmtree(root / "autograded" / "right" / NUMBERS)


def remove_student(root: Path) -> None:
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as gradebook:
        gradebook.remove_submission(NUMBERS, "right")


@pytest.mark.parametrize(
    ("change", "runs"),
    [
        (lambda root: None, []),
        (change_submission, ["right"]),
        (change_time, []),
        (change_due_date, []),
        (change_limit, ["right", "wrong"]),
        (remove_graded, ["right"]),
        (remove_student, ["right"]),
    ],
)
def test_what_runs_again_after_a_change(graded_copy, monkeypatch, change, runs):
    change(graded_copy)
    assert list_changed(graded_copy, monkeypatch, assignment=NUMBERS) == runs


def test_everything_runs_again_if_a_check_changes(graded_copy, tmp_path, monkeypatch):
    check = write(tmp_path / "checks" / "chapter_02" / "ex1_a.py", "strict = False")
    before = compute_checks_digest(tmp_path / "checks")
    write(check, "strict = True")
    assert compute_checks_digest(tmp_path / "checks") != before
    monkeypatch.setattr(batch, "compute_checks_digest", lambda: b"other")
    assert list_changed(graded_copy, monkeypatch, assignment=NUMBERS) == ["right", "wrong"]


def test_what_collecting_left_out_is_in_the_table_and_in_feedback(graded_copy):
    left = [LeftOut("a.zip/old.ipynb", "old.ipynb", "there is a newer one")]
    wrong = CollectedSubmission("wrong", left_out=left, notes=["a guess"])
    save_record(graded_copy, Collection(NUMBERS, submissions=[wrong]))
    lines = ["a guess", "old.ipynb left out: there is a newer one"]
    found = {each.student: each.collected for each in grade(graded_copy, NUMBERS)}
    assert found == {"right": [], "wrong": lines}
    write(graded_copy / "submitted" / "wrong" / NUMBERS / "helper.py", "")
    assert f"wrong, {NUMBERS}: {lines[1]}" in format_report(grade(graded_copy, NUMBERS))
    assert f"Note: {lines[1]}" in read_comments(graded_copy, "wrong")


def test_feedback_and_export(outcomes, released):
    api = open_course(load_config(released))
    done = api.generate_feedback(NUMBERS, "hangs")
    assert done["success"], done
    page = released / "feedback" / "hangs" / NUMBERS / f"{NUMBERS}.html"
    assert "stopped after 8 seconds by the clock" in page.read_text(encoding="utf-8")
    exported = run_nbgrader(released, "export")
    assert exported.returncode == 0, exported.stderr
    with (released / "grades.csv").open(encoding="utf-8") as file:
        rows = {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}
    for (student, assignment), outcome in outcomes.items():
        if not outcome.problem:
            assert float(rows[student, assignment]["score"]) == outcome.points


def run_command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    commands.add_grade(parser.add_subparsers())
    chosen = parser.parse_args(["grade", *arguments])
    return chosen.run(chosen)


def test_the_command(outcomes, released, capsys):
    assert run_command(str(released), "--assignment", WORDS, "--workers", "1") == 0
    assert "wrong    03_words" in capsys.readouterr().out
    assert run_command(str(released), "--assignment", "nothing") == 1
    assert f"It has {NUMBERS}, {WORDS}." in capsys.readouterr().err
    assert run_command(str(released / "source")) == 1
    assert "isn't a course" in capsys.readouterr().err


def test_without_nbgrader_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(extras.importlib.util, "find_spec", lambda name: None)
    assert commands._run_grade(argparse.Namespace()) == 1
    assert 'pip install "unet-tutorial[instructor]"' in capsys.readouterr().err


def test_an_unknown_limit_is_an_error(released):
    config = load_config(released)
    config.ExecuteToTheEnd.memory = 3  # the name in courses made by version 0.2
    assert (read_limits(config).timeout, read_limits(config).memory) == (2, 0.5)
    config.Grading.seconds = 3
    with pytest.raises(ValueError, match="no limit seconds"):
        read_limits(config)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"problem": "", "notebooks": {"other": 1}}'])
def test_a_run_without_a_right_result_is_named_and_the_others_are_graded(
    graded_copy, monkeypatch, data
):
    monkeypatch.setattr(batch, "run_package", lambda package, isolate: data)
    change_submission(graded_copy)
    found = {each.student: each for each in grade(graded_copy, NUMBERS)}
    assert found["right"].problem
    assert found["wrong"].points == 0


def test_a_submission_that_ends_its_process_is_tried_twice(graded_copy, monkeypatch):
    tried = []
    monkeypatch.setattr(launch, "_run_once", lambda *_: tried.append(1) or b"")
    change_submission(graded_copy)
    found = {each.student: each for each in grade(graded_copy, NUMBERS)}
    assert len(tried) == 2
    assert "twice" in found["right"].problem


def test_what_was_graded_before_an_interruption_is_kept(graded_copy, monkeypatch):
    record = batch._Batch._record

    def stop_after_one(self, task, data):
        record(self, task, data)
        raise KeyboardInterrupt

    data = json.dumps({"problem": "No.", "notebooks": {}}).encode()
    monkeypatch.setattr(batch, "run_package", lambda package, isolate: data)
    monkeypatch.setattr(batch._Batch, "_record", stop_after_one)
    with pytest.raises(KeyboardInterrupt):
        grade(graded_copy, NUMBERS, again=True, workers=1)
    assert load_report(graded_copy, "right", NUMBERS)[0].problem == "No."
    assert load_report(graded_copy, "wrong", NUMBERS)[0].problem == ""

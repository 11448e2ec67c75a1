"""A course from its release to the exported grades, with all kinds of submissions."""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from small_course import NUMBERS, SOURCES, WORDS, attempt, make_course, submit, write
from submissions import Kind, build_kinds

from unet_tutorial.classroom import commands
from unet_tutorial.classroom.grading import gradebook
from unet_tutorial.classroom.grading.batch import (
    _BatchGrader,
    _input_folders,
    _load_due_dates,
    _load_known_outcomes,
    grade,
)
from unet_tutorial.classroom.grading.gradebook import (
    add_grades,
    compute_digest,
    save_report,
)
from unet_tutorial.classroom.grading.report import format_report
from unet_tutorial.classroom.grading.sandbox.course_guard import _CHANGED_FILES
from unet_tutorial.classroom.grading.worker import (
    Outcome,
    _copy_course,
    select_course_files,
)
from unet_tutorial.classroom.nbgrader_config import load_config, open_course

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning",  # nbgrader uses joins that SQLAlchemy warns about
    "ignore:.*utcnow:DeprecationWarning",
    "ignore:.*event loop:DeprecationWarning",
)
# The submissions that nbgrader's own command grades too: one for each kind of repair.
BY_NBGRADER = ("right", "muddled", "exits", "renamed", "cut-short", "writes-99")


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
    made = build_kinds(str(released))
    for student, kind in made.items():
        path = submit(released, student, kind.content, kind.file)
        if kind.extra_file:
            (path.parent / kind.extra_file[0]).write_text(kind.extra_file[1], encoding="utf-8")
    submit(released, "no-notebook", "my answers: 42", "answers.docx")
    submit(released, "right", attempt(WORDS), name=WORDS)
    submit(released, "wrong", attempt(WORDS, solution_3_2="back = len"), name=WORDS)
    return made


@pytest.fixture(scope="module")
def graded_by_nbgrader(released, submitted, tmp_path_factory):
    """A copy of the course that nbgrader's own command grades in the background.

    Calling the fixture waits for it, and returns the copy's folder and nbgrader's log.
    """
    root = tmp_path_factory.mktemp("plain") / "course"
    shutil.copytree(released, root)
    for folder in (root / "submitted").iterdir():
        if folder.name not in (*BY_NBGRADER, "no-notebook"):
            shutil.rmtree(folder)
    for student, kind in build_kinds(str(root)).items():
        if student == "writes-99":
            submit(root, student, kind.content)
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", "autograde", NUMBERS]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as process:

        def wait_for_grades() -> tuple[Path, str]:
            return root, process.communicate()[1]

        yield wait_for_grades
        process.kill()


@pytest.fixture(scope="module")
def outcomes(released, submitted, graded_by_nbgrader) -> dict:
    found = grade(released, workers=2)
    return {(each.student, each.assignment): each for each in found}


STUDENTS = list(build_kinds(""))


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
    assert kind.flag in comment
    # Submissions that ran at the same time as "writes-99" are flagged too: any of them may have
    # changed the gradebook.
    shared = [each for each in outcome.flags if "writes-99" in each.rpartition("(Running")[2]]
    own = outcome.flags if student == "writes-99" else [f for f in outcome.flags if f not in shared]
    assert bool(own) == bool(kind.flag), outcome.flags
    for number in "123":
        has_reason = kind.has_lost_points(f"check-2-{number}", int(number))
        assert not has_reason or f"2-{number}" in comment or "No response." in comment


def test_the_other_assignment(outcomes, released):
    assert read_points(released, "right", WORDS) == {"check-3-1": 1, "check-3-2": 1}
    assert read_points(released, "wrong", WORDS) == {"check-3-1": 1, "check-3-2": 0}
    assert "NameError: name 'back' is not defined" not in read_comments(released, "wrong", WORDS)


def test_a_submission_without_a_notebook_is_named(outcomes):
    outcome = outcomes["no-notebook", NUMBERS]
    assert outcome.points is None
    assert outcome.problem == "The submission has no notebook. It contains answers.docx."


def test_a_submission_cannot_change_the_course(outcomes, released, submitted):
    for name, make in SOURCES.items():
        path = released / "source" / name / f"{name}.ipynb"
        assert path.read_text(encoding="utf-8").count("BEGIN SOLUTION") == len(
            [each for each in make()["cells"] if each["id"].startswith("solution")]
        )
    assert len(list((released / _CHANGED_FILES).rglob("gradebook.db"))) == 1
    assert read_points(released, "wrong") == {"check-2-1": 0, "check-2-2": 0, "check-2-3": 0}


def test_a_comment_does_not_show_hidden_tests(outcomes, released):
    comment = read_comments(released, "wrong")
    assert "check-2-2: A test failed (AssertionError)." in comment
    assert "seven" not in comment


def test_a_reason_is_in_the_output_of_its_cell(outcomes, released):
    path = released / "autograded" / "hangs" / NUMBERS / f"{NUMBERS}.ipynb"
    assert "This cell ran for longer than 4 seconds" in path.read_text(encoding="utf-8")


def test_the_report(outcomes):
    text = format_report(list(outcomes.values()))
    lines = {tuple(line.split()[:2]): line.split() for line in text.splitlines() if line}
    assert lines["exits", NUMBERS][2:] == ["4", "of", "6", "2.2"]
    assert lines["patched", NUMBERS][2:] == ["1", "of", "6", "2.2,", "2.3", "1", "⚑"]
    assert lines["no-notebook", NUMBERS][2:] == ["not", "graded"]
    assert f"renamed, {NUMBERS}: The file was called '{NUMBERS} (1).ipynb'." in text
    failed = sum(kind.has_lost_points("check-2-2", 2) for kind in build_kinds("").values())
    assert f"2.2 ({NUMBERS}): {failed} of {len(STUDENTS)}" in text
    assert f"({WORDS})" not in text


def test_unchanged_submissions_are_not_graded_again(outcomes, released):
    folder = released / ".unet-tutorial" / "grading"
    reports = {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}
    again = grade(released)
    assert {(each.student, each.assignment): each.points for each in again} == {
        task: outcome.points for task, outcome in outcomes.items()
    }
    assert len(reports) == len(outcomes)
    assert reports == {path: path.stat().st_mtime_ns for path in reports}


@pytest.fixture
def graded_course(released, tmp_path):
    """A copy of the course with one graded submission and its report, but without its files."""
    root, task = tmp_path / "course", ("ada", NUMBERS)
    shutil.copytree(released, root, ignore=shutil.ignore_patterns("submitted", "autograded"))
    course = open_course(load_config(root)).coursedir
    with Gradebook(course.db_url) as gradebook:
        gradebook.update_or_create_student("ada")
        gradebook.update_or_create_submission(NUMBERS, "ada")
        for name, by_hand in (("check-2-1", False), ("check-2-2", False), ("check-2-3", True)):
            found = gradebook.find_grade(name, NUMBERS, NUMBERS, "ada")
            found.auto_score, found.needs_manual_grade = 0, by_hand
        gradebook.find_grade("check-2-2", NUMBERS, NUMBERS, "ada").manual_score = 1.5
        gradebook.db.commit()
    (root / "autograded" / "ada" / NUMBERS).mkdir(parents=True)
    save_report(root, Outcome(*task, points=0.0, most=6.0), "as it is")
    return course, {task: "as it is"}


def test_a_reused_outcome_has_the_points_of_the_gradebook(graded_course):
    (outcome,) = _load_known_outcomes(*graded_course).values()
    assert (outcome.points, outcome.most, outcome.by_hand) == (1.5, 6, 3)


def test_a_submission_missing_from_the_gradebook_or_the_folder_is_graded_again(graded_course):
    course = graded_course[0]
    shutil.rmtree(Path(course.root) / "autograded")
    assert _load_known_outcomes(*graded_course) == {}
    (Path(course.root) / "autograded" / "ada" / NUMBERS).mkdir(parents=True)
    assert len(_load_known_outcomes(*graded_course)) == 1
    with Gradebook(course.db_url) as gradebook:
        gradebook.remove_student("ada")
        gradebook.update_or_create_student("ada")
    assert _load_known_outcomes(*graded_course) == {}


def test_a_submission_is_graded_again_if_the_due_date_changes(graded_course):
    course = graded_course[0]
    folders = _input_folders(course, "ada", NUMBERS)
    before = compute_digest(*folders, also=_load_due_dates(course)[NUMBERS])
    (folders[1] / ".ipynb_checkpoints").mkdir()
    (folders[1] / ".ipynb_checkpoints" / "a.ipynb").write_text("{}")
    assert compute_digest(*folders, also=_load_due_dates(course)[NUMBERS]) == before
    with Gradebook(course.db_url) as gradebook:
        gradebook.update_or_create_assignment(NUMBERS, duedate="2025-03-07 22:59:00 UTC")
    assert compute_digest(*folders, also=_load_due_dates(course)[NUMBERS]) != before


def test_a_submission_is_graded_again_if_a_check_changes(graded_course, tmp_path, monkeypatch):
    folders = _input_folders(graded_course[0], "ada", NUMBERS)
    assert len(list(gradebook._CHECKS.glob("chapter_*/ex*.py"))) >= 55
    check = write(tmp_path / "checks" / "chapter_02" / "ex1_weight_of_a_layer.py", "strict = False")
    monkeypatch.setattr(gradebook, "_CHECKS", tmp_path / "checks")
    before = compute_digest(*folders)
    write(check, "strict = True")
    assert compute_digest(*folders) != before


def test_nbgraders_own_command_gives_the_same(outcomes, released, submitted, graded_by_nbgrader):
    root, log = graded_by_nbgrader()
    for student in BY_NBGRADER:
        assert read_points(root, student) == read_points(released, student), log
        assert read_points(root, student) == expected_points(submitted[student])
    assert "restored" in read_comments(root, "writes-99")
    mine, theirs = read_comments(released, "renamed"), read_comments(root, "renamed")
    assert mine == theirs
    assert "'no-notebook'" in log or "no-notebook" in log


def test_feedback_and_export(outcomes, released):
    api = open_course(load_config(released))
    done = api.generate_feedback(NUMBERS, "hangs")
    assert done["success"], done
    page = released / "feedback" / "hangs" / NUMBERS / f"{NUMBERS}.html"
    assert "ignored the interrupt, so its kernel was killed" in page.read_text(encoding="utf-8")
    exported = run_nbgrader(released, "export")
    assert exported.returncode == 0, exported.stderr
    with (released / "grades.csv").open(encoding="utf-8") as file:
        rows = {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}
    for (student, assignment), outcome in outcomes.items():
        if not outcome.problem:
            assert float(rows[student, assignment]["score"]) == outcome.points


def test_the_command(outcomes, released, capsys):
    parser = argparse.ArgumentParser()
    commands.add_grade(parser.add_subparsers())
    chosen = parser.parse_args(["grade", str(released), "--assignment", WORDS, "--workers", "1"])
    assert chosen.run(chosen) == 0
    assert "wrong    03_words" in capsys.readouterr().out
    chosen = parser.parse_args(["grade", str(released), "--assignment", "nothing"])
    assert chosen.run(chosen) == 1
    assert f"It has {NUMBERS}, {WORDS}." in capsys.readouterr().err
    chosen = parser.parse_args(["grade", str(released / "source")])
    assert chosen.run(chosen) == 1
    assert "isn't a course" in capsys.readouterr().err


def test_without_nbgrader_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(commands.importlib.util, "find_spec", lambda name: None)
    assert commands._run_grade(argparse.Namespace()) == 1
    assert 'pip install "unet-tutorial[instructor]"' in capsys.readouterr().err


def test_every_submission_that_ran_during_a_change_is_flagged(released, monkeypatch):
    grader = _BatchGrader(open_course(load_config(released)).coursedir, 2)
    monkeypatch.setattr(grader.guard, "check", iter([["It changed."], []]).__next__)
    futures = {Future(): (student, NUMBERS) for student in "ab"}
    for future, task in futures.items():
        future.set_result(Outcome(*task, points=1.0))
    found = [
        each for future in list(futures) for each in grader._collect_finished({future}, futures)
    ]
    assert [each.flags for each in found] == [["It changed. (Running then: a, b.)"]] * 2
    assert futures == grader.suspected == {}


def write_99(root: Path) -> None:
    """Change a gradebook as a submission might."""
    with closing(sqlite3.connect(root / "gradebook.db")) as database:
        database.execute("update grade set auto_score = 99, manual_score = 99")
        database.commit()


def test_a_run_that_is_stopped_still_restores_the_gradebook(graded_course, monkeypatch):
    grader, root = _BatchGrader(graded_course[0], 1), Path(graded_course[0].root)

    def write_and_stop(*arguments):
        write_99(root)
        raise KeyboardInterrupt

    monkeypatch.setattr(grader, "_run_tasks", write_and_stop)
    with pytest.raises(KeyboardInterrupt):
        grader.grade_all([("zoe", NUMBERS)], {})
    assert read_points(root, "ada") == {"check-2-1": 0, "check-2-2": 1.5, "check-2-3": 0}


@pytest.mark.parametrize("when", ["before", "during"])
def test_changes_made_while_grades_are_recorded_are_undone(graded_course, monkeypatch, when):
    """Another submission writes 99 before or while grades are recorded."""
    course, root = graded_course[0], Path(graded_course[0].root)
    grader = _BatchGrader(course, 2)

    def add_grades_and_write(*arguments):
        content = add_grades(*arguments)
        if when == "during":
            write_99(root)
        return content

    if when == "before":
        write_99(root)
    monkeypatch.setattr("unet_tutorial.classroom.grading.batch.add_grades", add_grades_and_write)
    score = {"auto_score": 1, "needs_manual_grade": False}
    row = {"grades": {"check-2-1": score}, "comments": {}, "late": 0.0}
    folder = write(root / "made" / "a.txt", "graded").parent
    grader._record(
        Outcome("ada", NUMBERS, rows={NUMBERS: row}, folder=str(folder)), graded_course[1]
    )
    assert read_points(root, "ada") == {"check-2-1": 1, "check-2-2": 1.5, "check-2-3": 0}
    (note,) = grader.guard.check()
    assert note.startswith("gradebook.db was changed while this ran; it was restored (")
    assert (root / "autograded" / "ada" / NUMBERS / "a.txt").read_text() == "graded"


def test_a_submission_is_graded_with_the_original_course(graded_course, tmp_path):
    """Another submission has overwritten the course since grading began."""
    course, root = graded_course[0], Path(graded_course[0].root)
    submit(root, "ada", attempt())
    files = select_course_files(course, NUMBERS, _BatchGrader(course, 2).guard.contents)
    source = Path("source", NUMBERS, f"{NUMBERS}.ipynb")
    text = (root / source).read_text(encoding="utf-8")
    (root / source).write_text("{}")
    (root / "gradebook.db").write_bytes(b"")
    (root / "nbgrader_config.py").unlink()
    private = tmp_path / "private"
    config = _copy_course(root, private, "ada", NUMBERS, files)
    assert config.CourseDirectory.root == str(private)
    assert config.Autograde.pre_convert_hook.endswith("add_renamed_notebooks")
    assert (private / source).read_text(encoding="utf-8") == text
    assert read_points(private, "ada")["check-2-2"] == 1.5
    assert [path.name for path in (private / "source").iterdir()] == [NUMBERS]
    assert (private / "submitted" / "ada" / NUMBERS / source.name).is_file()


def test_a_submission_that_ends_its_worker_does_not_stop_the_others(
    released, tmp_path, monkeypatch
):
    """Fake worker processes: the second submission ends every one that runs it."""
    grader = _BatchGrader(open_course(load_config(released)).coursedir, 2)

    def fake_pool(tasks, place, workers):
        grader.running = list(tasks)[:workers]
        for task in tasks:
            if task[0] == "killer":
                raise BrokenProcessPool
            grader.running = [each for each in tasks if each != task]
            yield Outcome(*task, points=6.0)

    monkeypatch.setattr(grader, "_run_pool", fake_pool)
    grader.suspected["killer", NUMBERS] = ["It changed."]
    tasks = [(student, NUMBERS) for student in ("ada", "killer", "zoe")]
    found = {each.student: each for each in grader._run_tasks(tasks, tmp_path)}
    assert {name: each.points for name, each in found.items()} == {
        "ada": 6,
        "killer": None,
        "zoe": 6,
    }
    assert "twice" in found["killer"].problem
    assert found["killer"].flags == [found["killer"].problem, "It changed."]

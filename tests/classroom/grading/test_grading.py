"""A course from its release to the exported grades, with everything that students hand in."""

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
from submissions import Kind, kinds

from unet_tutorial.classroom import commands
from unet_tutorial.classroom.grading.batch import (
    Grading,
    due_dates,
    folders_of,
    grade,
    known_outcomes,
)
from unet_tutorial.classroom.grading.gradebook import (
    digest_of,
    recorded,
    report_path,
    save_report,
)
from unet_tutorial.classroom.grading.report import table
from unet_tutorial.classroom.grading.sandbox.course_guard import ASIDE
from unet_tutorial.classroom.grading.worker import (
    Outcome,
    copy_course,
    files_for,
)
from unet_tutorial.classroom.nbgrader_config import load_config, open_course

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning",  # nbgrader joins what SQLAlchemy would not
    "ignore:.*utcnow:DeprecationWarning",
    "ignore:.*event loop:DeprecationWarning",
)
# What nbgrader's own command grades again: one of each way of mending.
BY_NBGRADER = ("right", "muddled", "exits", "renamed", "cut-short", "writes-99")


def nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run one of nbgrader's own commands in a course."""
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", *arguments]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)


def comments_in(root: Path, student: str, assignment: str = NUMBERS) -> str:
    """Return all comments on a submission."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as gradebook:
        books = gradebook.find_submission(assignment, student).notebooks
        comments = [comment.comment for book in books for comment in book.comments]
    return "\n".join(text for text in comments if text)


def points_in(root: Path, student: str, assignment: str = NUMBERS) -> dict[str, float]:
    """Return the points of each check of a submission."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as gradebook:
        books = gradebook.find_submission(assignment, student).notebooks
        return {grade.name: grade.score for book in books for grade in book.grades}


def expected(kind: Kind) -> dict[str, float]:
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
    made = kinds(str(released))
    for student, kind in made.items():
        path = submit(released, student, kind.made, kind.file)
        if kind.beside:
            (path.parent / kind.beside[0]).write_text(kind.beside[1], encoding="utf-8")
    submit(released, "no-notebook", "my answers: 42", "answers.docx")
    submit(released, "right", attempt(WORDS), name=WORDS)
    submit(released, "wrong", attempt(WORDS, solution_3_2="back = len"), name=WORDS)
    return made


@pytest.fixture(scope="module")
def by_nbgrader(released, submitted, tmp_path_factory):
    """The same course, graded by nbgrader's own command meanwhile; call it for its folder."""
    root = tmp_path_factory.mktemp("plain") / "course"
    shutil.copytree(released, root)
    for folder in (root / "submitted").iterdir():
        if folder.name not in (*BY_NBGRADER, "no-notebook"):
            shutil.rmtree(folder)
    for student, kind in kinds(str(root)).items():
        if student == "writes-99":
            submit(root, student, kind.made)
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", "autograde", NUMBERS]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as process:

        def graded() -> tuple[Path, str]:
            return root, process.communicate()[1]

        yield graded
        process.kill()


@pytest.fixture(scope="module")
def outcomes(released, submitted, by_nbgrader) -> dict:
    found = grade(released, workers=2)
    return {(each.student, each.assignment): each for each in found}


STUDENTS = list(kinds(""))


@pytest.mark.parametrize("student", STUDENTS)
def test_each_keeps_what_it_earned_and_hears_why_it_lost_the_rest(
    outcomes, released, submitted, student
):
    kind, outcome = submitted[student], outcomes[student, NUMBERS]
    said = comments_in(released, student)
    assert outcome.problem == ""
    assert points_in(released, student) == expected(kind), said
    assert (outcome.points, outcome.most) == (sum(kind.points), 6)
    assert outcome.failed == kind.failed
    assert kind.said in said
    assert kind.flagged in said
    # Who ran beside the one that wrote 99 is marked too: nobody can tell them apart.
    beside = [each for each in outcome.flags if "writes-99" in each.rpartition("(While")[2]]
    own = outcome.flags if student == "writes-99" else [f for f in outcome.flags if f not in beside]
    assert bool(own) == bool(kind.flagged), outcome.flags
    for number in "123":
        has_reason = kind.lost(f"check-2-{number}", int(number))
        assert not has_reason or f"2-{number}" in said or "No response." in said


def test_the_other_assignment(outcomes, released):
    assert points_in(released, "right", WORDS) == {"check-3-1": 1, "check-3-2": 1}
    assert points_in(released, "wrong", WORDS) == {"check-3-1": 1, "check-3-2": 0}
    assert "NameError: name 'back' is not defined" not in comments_in(released, "wrong", WORDS)


def test_a_submission_without_a_notebook_is_named(outcomes):
    outcome = outcomes["no-notebook", NUMBERS]
    assert outcome.points is None
    assert outcome.problem == "The submission has no notebook: there is answers.docx."


def test_a_submission_cannot_change_the_course(outcomes, released, submitted):
    for name, make in SOURCES.items():
        path = released / "source" / name / f"{name}.ipynb"
        assert path.read_text(encoding="utf-8").count("BEGIN SOLUTION") == len(
            [each for each in make()["cells"] if each["id"].startswith("solution")]
        )
    assert len(list((released / ASIDE).rglob("gradebook.db"))) == 1
    assert points_in(released, "wrong") == {"check-2-1": 0, "check-2-2": 0, "check-2-3": 0}


def test_a_comment_does_not_give_hidden_tests_away(outcomes, released):
    said = comments_in(released, "wrong")
    assert "check-2-2: A test failed (AssertionError)." in said
    assert "seven" not in said


def test_a_reason_is_in_the_output_of_its_cell(outcomes, released):
    path = released / "autograded" / "hangs" / NUMBERS / f"{NUMBERS}.ipynb"
    assert "This cell ran for longer than 4 seconds" in path.read_text(encoding="utf-8")


def test_the_table(outcomes):
    text = table(list(outcomes.values()))
    lines = {tuple(line.split()[:2]): line.split() for line in text.splitlines() if line}
    assert lines["exits", NUMBERS][2:] == ["4", "of", "6", "2.2"]
    assert lines["patched", NUMBERS][2:] == ["1", "of", "6", "2.2,", "2.3", "1", "⚑"]
    assert lines["no-notebook", NUMBERS][2:] == ["not", "graded"]
    assert f"renamed, {NUMBERS}: The file was called '{NUMBERS} (1).ipynb'." in text
    failed = sum(kind.lost("check-2-2", 2) for kind in kinds("").values())
    assert f"2.2 ({NUMBERS}): {failed} of {len(STUDENTS)}" in text
    assert f"({WORDS})" not in text


def test_what_is_graded_and_unchanged_is_skipped(outcomes, released):
    folder = report_path(released, "", "").parent
    reports = {path: path.stat().st_mtime_ns for path in folder.rglob("*.json")}
    again = grade(released)
    assert {(each.student, each.assignment): each.points for each in again} == {
        task: outcome.points for task, outcome in outcomes.items()
    }
    assert len(reports) == len(outcomes)
    assert reports == {path: path.stat().st_mtime_ns for path in reports}


@pytest.fixture
def reported(released, tmp_path):
    """A copy of the course, without work, with one submission graded: its folder and its report."""
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


def test_what_is_reused_has_the_gradebooks_points(reported):
    (outcome,) = known_outcomes(*reported).values()
    assert (outcome.points, outcome.most, outcome.by_hand) == (1.5, 6, 3)


def test_what_the_gradebook_or_the_folder_lost_is_graded_again(reported):
    course = reported[0]
    shutil.rmtree(Path(course.root) / "autograded")
    assert known_outcomes(*reported) == {}
    (Path(course.root) / "autograded" / "ada" / NUMBERS).mkdir(parents=True)
    assert len(known_outcomes(*reported)) == 1
    with Gradebook(course.db_url) as gradebook:
        gradebook.remove_student("ada")
        gradebook.update_or_create_student("ada")
    assert known_outcomes(*reported) == {}


def test_another_due_date_means_another_grading(reported):
    course = reported[0]
    folders = folders_of(course, "ada", NUMBERS)
    before = digest_of(*folders, also=due_dates(course)[NUMBERS])
    (folders[1] / ".ipynb_checkpoints").mkdir()
    (folders[1] / ".ipynb_checkpoints" / "a.ipynb").write_text("{}")
    assert digest_of(*folders, also=due_dates(course)[NUMBERS]) == before
    with Gradebook(course.db_url) as gradebook:
        gradebook.update_or_create_assignment(NUMBERS, duedate="2025-03-07 22:59:00 UTC")
    assert digest_of(*folders, also=due_dates(course)[NUMBERS]) != before


def test_nbgraders_own_command_gives_the_same(outcomes, released, submitted, by_nbgrader):
    root, log = by_nbgrader()
    for student in BY_NBGRADER:
        assert points_in(root, student) == points_in(released, student), log
        assert points_in(root, student) == expected(submitted[student])
    assert "put back" in comments_in(root, "writes-99")
    mine, theirs = comments_in(released, "renamed"), comments_in(root, "renamed")
    assert mine == theirs
    assert "'no-notebook'" in log or "no-notebook" in log


def test_feedback_and_export(outcomes, released):
    api = open_course(load_config(released))
    done = api.generate_feedback(NUMBERS, "hangs")
    assert done["success"], done
    page = released / "feedback" / "hangs" / NUMBERS / f"{NUMBERS}.html"
    assert "could only be killed" in page.read_text(encoding="utf-8")
    exported = nbgrader(released, "export")
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
    assert "is no course" in capsys.readouterr().err


def test_without_nbgrader_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(commands.importlib.util, "find_spec", lambda name: None)
    assert commands.run_grade(argparse.Namespace()) == 1
    assert 'pip install "unet-tutorial[instructor]"' in capsys.readouterr().err


def test_all_that_ran_while_something_changed_are_marked(released, monkeypatch):
    graders = Grading(open_course(load_config(released)).coursedir, 2)
    monkeypatch.setattr(graders.guard, "check", iter([["It changed."], []]).__next__)
    futures = {Future(): (student, NUMBERS) for student in "ab"}
    for future, task in futures.items():
        future.set_result(Outcome(*task, points=1.0))
    found = [each for future in list(futures) for each in graders.finished({future}, futures)]
    assert [each.flags for each in found] == [["It changed. (While a, b ran.)"]] * 2
    assert futures == graders.suspected == {}


def write_99(root: Path) -> None:
    """Do to a gradebook what a submission might do."""
    with closing(sqlite3.connect(root / "gradebook.db")) as database:
        database.execute("update grade set auto_score = 99, manual_score = 99")
        database.commit()


def test_a_grading_that_is_stopped_leaves_nothing_changed(reported, monkeypatch):
    graders, root = Grading(reported[0], 1), Path(reported[0].root)

    def stopped(*arguments):
        write_99(root)
        raise KeyboardInterrupt

    monkeypatch.setattr(graders, "outcomes_of", stopped)
    with pytest.raises(KeyboardInterrupt):
        graders.all([("zoe", NUMBERS)], {})
    assert points_in(root, "ada") == {"check-2-1": 0, "check-2-2": 1.5, "check-2-3": 0}


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_what_is_written_while_grades_are_recorded_is_not_taken_over(reported, monkeypatch, when):
    """A submission beside, which writes 99 while the grades of another one are recorded."""
    course, root = reported[0], Path(reported[0].root)
    graders = Grading(course, 2)

    def meanwhile(*arguments):
        content = recorded(*arguments)
        if when == "meanwhile":
            write_99(root)
        return content

    if when == "before":
        write_99(root)
    monkeypatch.setattr("unet_tutorial.classroom.grading.batch.recorded", meanwhile)
    score = {"auto_score": 1, "needs_manual_grade": False}
    row = {"grades": {"check-2-1": score}, "comments": {}, "late": 0.0}
    folder = write(root / "made" / "a.txt", "graded").parent
    graders.take(Outcome("ada", NUMBERS, rows={NUMBERS: row}, folder=str(folder)), reported[1])
    assert points_in(root, "ada") == {"check-2-1": 1, "check-2-2": 1.5, "check-2-3": 0}
    (said,) = graders.guard.check()
    assert said.startswith("gradebook.db was changed while this ran; it was put back (")
    assert (root / "autograded" / "ada" / NUMBERS / "a.txt").read_text() == "graded"


def test_a_submission_is_graded_by_the_course_as_it_was(reported, tmp_path):
    """Another one, which runs beside, has written over the course since the grading began."""
    course, root = reported[0], Path(reported[0].root)
    submit(root, "ada", attempt())
    files = files_for(course, NUMBERS, Grading(course, 2).guard.contents)
    source = Path("source", NUMBERS, f"{NUMBERS}.ipynb")
    text = (root / source).read_text(encoding="utf-8")
    (root / source).write_text("{}")
    (root / "gradebook.db").write_bytes(b"")
    (root / "nbgrader_config.py").unlink()
    private = tmp_path / "private"
    config = copy_course(root, private, "ada", NUMBERS, files)
    assert config.CourseDirectory.root == str(private)
    assert config.Autograde.pre_convert_hook.endswith("adopt_renamed")
    assert (private / source).read_text(encoding="utf-8") == text
    assert points_in(private, "ada")["check-2-2"] == 1.5
    assert [path.name for path in (private / "source").iterdir()] == [NUMBERS]
    assert (private / "submitted" / "ada" / NUMBERS / source.name).is_file()


def test_one_that_ends_its_grader_stops_no_other(released, tmp_path, monkeypatch):
    """Stand-ins for worker processes: the second submission ends every one that runs it."""
    graders = Grading(open_course(load_config(released)).coursedir, 2)

    def run_pool(tasks, place, workers):
        graders.running = list(tasks)[:workers]
        for task in tasks:
            if task[0] == "killer":
                raise BrokenProcessPool
            graders.running = [each for each in tasks if each != task]
            yield Outcome(*task, points=6.0)

    monkeypatch.setattr(graders, "run_pool", run_pool)
    graders.suspected["killer", NUMBERS] = ["It changed."]
    tasks = [(student, NUMBERS) for student in ("ada", "killer", "zoe")]
    found = {each.student: each for each in graders.outcomes_of(tasks, tmp_path)}
    assert {name: each.points for name, each in found.items()} == {
        "ada": 6,
        "killer": None,
        "zoe": 6,
    }
    assert "twice" in found["killer"].problem
    assert found["killer"].flags == [found["killer"].problem, "It changed."]

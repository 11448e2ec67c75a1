"""The command unet-tutorial course: making a course, adding to it, and never damaging it."""

from __future__ import annotations

import argparse
import copy
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.exportapp import ExportApp

from unet_tutorial.classroom import course_record
from unet_tutorial.classroom.commands import add_course
from unet_tutorial.classroom.course import assignment, teaching_pages
from unet_tutorial.classroom.course import make_course as courses
from unet_tutorial.classroom.course.make_course import CourseError, make_course
from unet_tutorial.classroom.nbgrader_config import load_config, open_course
from unet_tutorial.classroom.workspace import record
from unet_tutorial.teaching import chapters

FIRST, SECOND, THIRD = "02_convolution", "05_transposed_convolution", "08_unet"
EXPLAIN = re.compile(r"explain-\d+(-question)?")


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def notebook(root: Path, kind: str, stem: str = FIRST) -> dict:
    return read(root / kind / stem / f"{stem}.ipynb")


def cell(made: dict, name: str) -> dict:
    (found,) = [cell for cell in made["cells"] if cell["id"] == name]
    return found


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A new course of two chapters; tests must not change it."""
    root = tmp_path_factory.mktemp("courses") / "biology"
    assert make_course(root, ["02", "5"], {"2.1": 4, "explain-5": 1.5}) == [FIRST, SECOND]
    return root


@pytest.fixture
def course(fresh, tmp_path):
    """A copy of the course, which tests may change."""
    return Path(shutil.copytree(fresh, tmp_path / "biology"))


def test_the_files_of_a_course(fresh):
    for stem in (FIRST, SECOND):
        for kind in ("source", "release"):
            assert (fresh / kind / stem / f"{stem}.ipynb").is_file()
        assert (fresh / "zips" / f"{stem}.zip").is_file()
        assert (fresh / "pages" / f"{stem}.md").is_file()
    assert "configure(c)" in (fresh / "nbgrader_config.py").read_text(encoding="utf-8")
    left = {path.name for path in fresh.rglob("*") if re.search(r"\.(part|before)$", path.name)}
    assert left == set()
    with Gradebook(f"sqlite:///{fresh}/gradebook.db") as gradebook:
        assert [assignment.name for assignment in gradebook.assignments] == [FIRST, SECOND]


@pytest.mark.parametrize("stem", [FIRST, SECOND])
def test_the_release_is_the_learners_edition(fresh, stem):
    released = notebook(fresh, "release", stem)["cells"]
    ours = [cell for cell in released if not EXPLAIN.fullmatch(cell["id"])]
    assert len(released) - len(ours) == 2
    learners = chapters.make_learner_edition(chapters.read_chapter(int(stem[:2])))["cells"]
    assert [cell["id"] for cell in ours] == [cell["id"] for cell in learners]
    for released_cell, cell in zip(ours, learners, strict=True):
        source = assignment.rewrite_links(cell["source"], {FIRST, SECOND}, cell["cell_type"])
        assert chapters.cell_source(released_cell) == source
        assert released_cell.get("outputs", []) == []
        assert "jupyter" not in released_cell["metadata"]


def test_a_release_contains_no_solutions(fresh):
    for stem in (FIRST, SECOND):
        text = "".join(chapters.cell_source(c) for c in notebook(fresh, "release", stem)["cells"])
        assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN)", text)
        answer = teaching_pages.read_lesson(stem[:2]).answer
        assert answer in json.dumps(notebook(fresh, "source", stem), ensure_ascii=False)
        assert answer[:40] not in text


def test_only_links_to_chapters_of_the_course_are_kept(fresh):
    first = chapters.cell_source(cell(notebook(fresh, "release", SECOND), "title"))
    assert f"builds on [02](../{FIRST}/{FIRST}.ipynb) and 04" in first
    anchored = "[a](02_convolution.ipynb#Sizes) [b](04_down.ipynb#X) ![c](../figures/d.svg)"
    linked = f"[a](../{FIRST}/{FIRST}.ipynb#Sizes) b ![c](figures/d.svg)"
    assert assignment.rewrite_links(anchored, {FIRST}) == linked
    assert assignment.rewrite_links(anchored, {FIRST}, "code") == anchored
    for stem in (FIRST, SECOND):
        for each in notebook(fresh, "release", stem)["cells"]:
            for target in re.findall(
                r"(?:\]\(|src=\")([^)#:\"]+)[)#\"]", chapters.cell_source(each)
            ):
                assert (fresh / "release" / stem / target).exists(), target


def test_the_zip_is_one_folder_with_the_whole_release(fresh):
    with zipfile.ZipFile(fresh / "zips" / f"{FIRST}.zip") as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert {name.partition("/")[0] for name in names} == {FIRST}
        released = fresh / "release" / FIRST
        assert names == {
            f"{FIRST}/{path.relative_to(released).as_posix()}"
            for path in released.rglob("*")
            if path.is_file()
        }
        for name in names:
            assert archive.read(name) == (fresh / "release" / name).read_bytes()
    pictures = set(chapters.find_pictures(chapters.read_chapter(2)))
    assert pictures != set()
    assert pictures == {path.name for path in (released / "figures").iterdir()}
    assert {path.suffix for path in (released / "figures").iterdir()} == {".svg", ".webm"}


def test_points_reach_source_release_and_gradebook(fresh):
    for kind in ("source", "release"):
        cells = assignment.find_graded_cells(notebook(fresh, kind))
        assert cells["2.1"]["points"] == 4
        assert cells["explain-2"]["points"] == 3  # as many as its rubric's criteria
        assert (
            assignment.find_graded_cells(notebook(fresh, kind, SECOND))["explain-5"]["points"]
            == 1.5
        )
    with Gradebook(f"sqlite:///{fresh}/gradebook.db") as gradebook:
        found = gradebook.find_grade_cell("check-2-1", FIRST, FIRST)
        assert found.max_score == 4
        by_hand = gradebook.find_graded_cell("explain-2", FIRST, FIRST)
        assert (by_hand.cell_type, by_hand.max_score) == ("markdown", 3)


def test_students_can_edit_their_explanation_but_not_its_question(fresh):
    released = notebook(fresh, "release")
    names = [each["id"] for each in released["cells"]]
    place = names.index("explain-2-question")
    assert names[place : place + 3] == ["explain-2-question", "explain-2", "built"]
    assert released["cells"][place]["metadata"]["editable"] is False
    assert "editable" not in released["cells"][place + 1]["metadata"]
    question = chapters.cell_source(released["cells"][place])
    assert teaching_pages.read_lesson("02").question in question


def test_solutions_are_shown_only_if_the_instructor_says_so(fresh, course):
    record_path = f"release/{FIRST}/.unet-tutorial/course.json"
    assert read(fresh / record_path) == {"solutions": False}
    with zipfile.ZipFile(course / "zips" / f"{FIRST}.zip") as archive:
        assert json.loads(archive.read(f"{FIRST}/.unet-tutorial/course.json")) == {
            "solutions": False
        }
    make_course(course, ["02"], solutions=True)
    assert read(course / record_path) == {"solutions": True}
    make_course(course, ["08"])  # a chapter added later has the same setting
    assert read(course / f"release/{THIRD}/.unet-tutorial/course.json") == {"solutions": True}
    make_course(course, ["02"], solutions=False)
    assert read(course / record_path) == {"solutions": False}


def add_submission(root: Path) -> None:
    """Add a submission with 2.5 points to the gradebook."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Object of type <Submitted")
        gradebook.add_student("al1815")
        gradebook.add_submission(FIRST, "al1815")
        gradebook.find_grade("check-2-1", FIRST, FIRST, "al1815").auto_score = 2.5
        gradebook.db.commit()


def test_adding_a_chapter_changes_nothing_else(course):
    add_submission(course)
    before = {path: path.read_bytes() for path in course.rglob("*.ipynb")}
    assert make_course(course, ["08"]) == [THIRD]
    assert {path: path.read_bytes() for path in before} == before
    first = chapters.cell_source(cell(notebook(course, "release", THIRD), "title"))
    assert "builds on 03 to 07" in first  # the course has neither
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        assert gradebook.find_submission(FIRST, "al1815").score == 2.5
        assert len(gradebook.assignments) == 3


def add_exercise(root: Path) -> dict:
    """Add an instructor's own exercise to a source notebook, as INSTRUCTORS.md describes."""
    made = notebook(root, "source")
    solution = copy.deepcopy(cell(made, "solution-2-1"))
    check = copy.deepcopy(cell(made, "check-2-1"))
    for each, name in ((solution, "solution-2-91"), (check, "check-2-91")):
        each["id"] = each["metadata"]["nbgrader"]["grade_id"] = name
    solution["source"] = "mine = ...\n### BEGIN SOLUTION\nmine = 7\n### END SOLUTION"
    check["source"] = "assert mine == 7"
    check["metadata"]["nbgrader"]["points"] = 5
    place = [each["id"] for each in made["cells"]].index("explain-2-question")
    made["cells"][place:place] = [solution, check]
    assignment.write_source_notebook(root / "source" / FIRST / f"{FIRST}.ipynb", made)
    return made


def test_an_instructors_exercise_is_kept_and_released_with_its_chapter(course):
    made = add_exercise(course)
    make_course(course, ["08"])
    assert "check-2-91" not in str(notebook(course, "release"))
    assert notebook(course, "source") == made
    make_course(course, ["02"], {"2.91": 6})
    released = notebook(course, "release")
    stub = chapters.cell_source(cell(released, "solution-2-91"))
    assert stub == f"mine = ...\n{chapters.STUB}"
    assert assignment.find_graded_cells(released)["2.91"]["points"] == 6
    assert (
        cell(notebook(course, "source"), "solution-2-91")["source"]
        == (cell(made, "solution-2-91")["source"])
    )
    assert "| 2.91 | your own |  | 6 |" in (course / "pages" / f"{FIRST}.md").read_text("utf-8")


def test_the_release_is_kept_if_nbgrader_refuses_the_source(course):
    before = (course / "release" / FIRST / f"{FIRST}.ipynb").read_bytes()
    made = add_exercise(course)
    cell(made, "solution-2-91")["source"] = "mine = ...\n### BEGIN SOLUTION\nmine = 7"
    assignment.write_source_notebook(course / "source" / FIRST / f"{FIRST}.ipynb", made)
    with pytest.raises(CourseError, match=r"no end solution statement found.*Fix .*source"):
        make_course(course, ["02"])
    assert (course / "release" / FIRST / f"{FIRST}.ipynb").read_bytes() == before


def test_the_release_is_kept_after_ctrl_c(course, monkeypatch):
    path = course / "release" / FIRST
    before = (path / f"{FIRST}.ipynb").read_bytes()

    def interrupt(_, stem):
        (course / "release" / stem).mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(NbGraderAPI, "generate_assignment", interrupt)
    with pytest.raises(KeyboardInterrupt):
        make_course(course, ["02"])
    assert (path / f"{FIRST}.ipynb").read_bytes() == before
    path.rename(path.with_name(f".{FIRST}.before"))  # as if the power had failed
    with pytest.raises(RuntimeError), courses._restore_release_on_failure(course, FIRST):
        raise RuntimeError
    assert [each.name for each in path.parent.iterdir() if FIRST in each.name] == [FIRST]
    assert (path / f"{FIRST}.ipynb").read_bytes() == before


def test_a_half_written_source_is_not_in_the_source_folder(course, monkeypatch):
    seen = []

    def interrupt(part, _):
        seen.append(part)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        assignment.set_points(course / "source" / FIRST / f"{FIRST}.ipynb", {"2.1": 3})
    assert [each.parent for each in seen] == [course]
    assert not seen[0].exists()


def test_cells_cannot_be_added_once_there_are_submissions(course):
    add_submission(course)
    add_exercise(course)
    with pytest.raises(CourseError, match="there are submissions associated"):
        make_course(course, ["02"])
    assert "check-2-91" not in str(notebook(course, "release"))


def test_nbgraders_own_commands_give_feedback_and_export_grades(course, monkeypatch):
    add_submission(course)
    graded = notebook(course, "source")
    check = cell(graded, "check-2-1")
    secret = "raise RuntimeError('secret')"
    check["source"] += f"\n### BEGIN HIDDEN TESTS\n{secret}\n### END HIDDEN TESTS"
    trace = [f"----> 3 {secret}", "RuntimeError: secret"]
    check["outputs"] = [
        {"output_type": "error", "ename": "RuntimeError", "evalue": "secret", "traceback": trace}
    ]
    target = course / "autograded" / "al1815" / FIRST
    target.mkdir(parents=True)
    assignment.write_source_notebook(target / f"{FIRST}.ipynb", graded)
    assert open_course(load_config(course.resolve())).generate_feedback(FIRST)["success"]
    page = (course / "feedback" / "al1815" / FIRST / f"{FIRST}.html").read_text("utf-8")
    assert "A hidden test failed" in page
    assert "secret" not in page
    monkeypatch.chdir(course)
    app = ExportApp()
    app.initialize(["--to=grades.csv"])
    app.start()
    with (course / "grades.csv").open(encoding="utf-8") as file:
        rows = {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}
    assert rows["al1815", FIRST]["score"] == "2.5"
    assert rows["al1815", SECOND]["score"] == "0.0"


@pytest.mark.parametrize(
    ("chapters", "points", "message"),
    [
        (["02", "77"], {}, "No chapter 77 to assign. Choose from: 01 02 "),
        (["00"], {}, "No chapter 00"),
        (["90"], {}, "No chapter 90"),
        (["x"], {}, "No chapter 0x"),
        (["02"], {"5.1": 2}, r"No exercise 5\.1 in these chapters. They have: 2\.1 "),
        (["02"], {"2.77": 2, "explain-3": 1}, r"No exercise 2\.77, explain-3 in"),
    ],
)
def test_unknown_chapters_and_exercises_are_refused_before_anything_is_written(
    tmp_path, chapters, points, message
):
    with pytest.raises(CourseError, match=message):
        make_course(tmp_path / "new", chapters, points)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["notes.txt", "nbgrader_config.py"])
def test_a_folder_that_is_not_a_course_is_refused(tmp_path, name):
    (tmp_path / name).write_text("c = get_config()", encoding="utf-8")
    with pytest.raises(CourseError, match="isn't empty and isn't a course"):
        make_course(tmp_path, ["02"])
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(CourseError, match="isn't empty"):
        make_course(tmp_path / name, ["02"])


def section(page: str, heading: str) -> str:
    """Return the text of a page below a heading of the second level."""
    return page.partition(f"## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("chapter", teaching_pages.list_chapters_with_lessons())
def test_every_chapter_has_a_complete_teaching_page(chapter):
    lesson = teaching_pages.read_lesson(chapter)
    page = teaching_pages.format_teaching_page(chapter, {"explain": len(lesson.rubric)})
    title = chapters.cell_source(chapters.read_chapter(int(chapter))["cells"][0])
    objectives = re.findall(r"(?m)^- (.+)$", section(page, "Students will be able to"))
    assert len(objectives) == title.count("\n- ")
    assert len(objectives) >= 3, "a chapter has three objectives or more"
    assert all(f"\n- {objective}" in title for objective in objectives)
    assert not any(objective.endswith((",", ";", ".")) for objective in objectives)
    assert re.search(r"\d\d", section(page, "What it builds on"))
    assert sum(minutes for minutes, _ in lesson.plan) == teaching_pages.MINUTES
    assert f"–{teaching_pages.MINUTES} |" in page
    assert len(lesson.rubric) >= 3
    assert lesson.question.endswith(("?", "."))
    for text in (lesson.question, lesson.answer, lesson.beware, *lesson.rubric):
        assert text in page
    for number, exercise in teaching_pages.EXERCISES.items():
        if number.startswith(f"{int(chapter)}."):
            assert exercise.misconception in page
            assert exercise.question in page
            assert "?" in exercise.question


@pytest.mark.parametrize("chapter", teaching_pages.list_chapters_with_lessons())
def test_the_minutes_of_exercises_are_those_of_the_notebook(chapter):
    tasks = {
        each["id"]: chapters.cell_source(each)
        for each in chapters.read_chapter(int(chapter))["cells"]
        if each["id"].startswith("exercise-")
    }
    minutes = {
        name.removeprefix("exercise-").replace("-", "."): int(
            re.search(r"importance · (\d+) minutes", text)[1]
        )
        for name, text in tasks.items()
    }
    title = chapters.cell_source(chapters.read_chapter(int(chapter))["cells"][0])
    reading = re.search(r"\n(\d+) minutes, and about \d+ for", title)[1]
    assert f"\n{reading} minutes, and about {sum(minutes.values())} for the exercises" in title
    page = teaching_pages.format_teaching_page(chapter, dict.fromkeys(minutes, 1))
    plan = section(page, f"Plan for {teaching_pages.MINUTES} minutes")
    assert f"{reading} minutes to read the chapter and run its cells" in plan
    assert f"about {sum(minutes.values())} for all exercises" in plan
    for number, long in minutes.items():
        assert re.search(rf"\| {re.escape(number)} \| [^|]+ \| {long} \| 1 \|", page)
    (step,) = [line for line in plan.splitlines() if "for home" in line]
    start, end = map(int, re.match(r"\| (\d+)–(\d+) \|", step).groups())
    in_class = {number: int(long) for number, long in re.findall(r"([\d.]+) \((\d+) min", step)}
    assert 1 <= len(in_class) <= 2
    assert in_class.items() <= minutes.items()
    assert sum(in_class.values()) <= end - start
    rest = sum(minutes.values()) - sum(in_class.values())
    assert f"The other exercises, about {rest} minutes, are for home." in step


def test_every_chapter_with_exercises_has_a_lesson():
    exercised = {number.partition(".")[0].zfill(2) for number in teaching_pages.EXERCISES}
    taught = {number for number in assignment.list_chapter_stems() if number not in ("00", "90")}
    assert teaching_pages.list_chapters_with_lessons() == sorted(exercised) == sorted(taught)
    assert len(taught) >= 12


def main(*arguments: str) -> int:
    """Run the verb `course` of the command."""
    parser = argparse.ArgumentParser(prog="unet-tutorial")
    add_course(parser.add_subparsers())
    chosen = parser.parse_args(["course", *arguments])
    return chosen.run(chosen)


def test_a_course_remembers_the_version_that_made_it(course, monkeypatch, capsys):
    assert read(course / ".unet-tutorial" / "course.json")["version"] == record.installed_version()
    assert course_record.describe_other_version(course) == ""
    monkeypatch.setattr(course_record, "installed_version", lambda: "9.9")
    monkeypatch.setattr(courses, "make_course", lambda *given: [FIRST])
    assert main(str(course), "--chapters", "02") == 0
    message = capsys.readouterr().err
    assert f"made by unet-tutorial {record.installed_version()}; 9.9 is installed" in message
    (course / ".unet-tutorial" / "course.json").write_text("broken")
    assert "before 0.2.0" in course_record.describe_other_version(course)


WITHOUT_TORCH = """
import sys
from pathlib import Path
sys.modules["torch"] = None
from unet_tutorial.__main__ import main
sys.exit(main(["course", "biology", "--chapters", "02"]))
"""


def test_a_course_can_be_made_without_torch(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "biology" / "pages" / f"{FIRST}.md").is_file()


def test_the_command(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(courses, "make_course", lambda *given: calls.append(given) or [FIRST])
    arguments = [str(tmp_path), "--chapters", "02", "05", "--points", "2.1=4", "5.2=0.5"]
    assert main(*arguments, "--no-solutions") == 0
    assert main(str(tmp_path), "--chapters", "02") == 0
    points = {"2.1": 4, "5.2": 0.5}
    assert calls == [(tmp_path, ["02", "05"], points, False), (tmp_path, ["02"], {}, None)]


@pytest.mark.parametrize("points", ["5.2", "5.2=", "5.2=x", "5.2=-1", "=3", "5.2=inf"])
def test_malformed_points_are_refused(tmp_path, points, capsys):
    with pytest.raises(SystemExit):
        main(str(tmp_path), "--chapters", "05", "--points", points)
    assert "write it as 5.2=4" in capsys.readouterr().err


def test_the_command_reports_errors_in_one_line(tmp_path, capsys):
    assert main(str(tmp_path / "new"), "--chapters", "77") == 1
    message = capsys.readouterr().err
    assert message.startswith("unet-tutorial: No chapter 77")
    assert "Traceback" not in message

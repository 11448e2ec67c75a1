"""unet-tutorial course: a course made, released by nbgrader, added to, and never damaged."""

from __future__ import annotations

import argparse
import copy
import csv
import json
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.exportapp import ExportApp

from unet_tutorial.classroom import course_record
from unet_tutorial.classroom.commands import add_course
from unet_tutorial.classroom.course import assignment, teaching_pages
from unet_tutorial.classroom.course import make_course as courses
from unet_tutorial.classroom.course.make_course import CourseError, make_course
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
    """A course of two chapters, as it was made; not to be changed."""
    root = tmp_path_factory.mktemp("courses") / "biology"
    assert make_course(root, ["02", "5"], {"2.1": 4, "explain-5": 1.5}) == [FIRST, SECOND]
    return root


@pytest.fixture
def course(fresh, tmp_path):
    """A copy of it, to change."""
    return Path(shutil.copytree(fresh, tmp_path / "biology"))


def test_what_a_course_has(fresh):
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
    learners = chapters.learners_edition(chapters.read_chapter(int(stem[:2])))["cells"]
    assert [cell["id"] for cell in ours] == [cell["id"] for cell in learners]
    for released_cell, cell in zip(ours, learners, strict=True):
        source = assignment.relinked(cell["source"], {FIRST, SECOND}, cell["cell_type"])
        assert chapters.source_of(released_cell) == source
        assert released_cell.get("outputs", []) == []
        assert "jupyter" not in released_cell["metadata"]


def test_a_release_gives_nothing_away(fresh):
    for stem in (FIRST, SECOND):
        text = "".join(chapters.source_of(c) for c in notebook(fresh, "release", stem)["cells"])
        assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN)", text)
        answer = teaching_pages.read_teaching(stem[:2]).answer
        assert answer in json.dumps(notebook(fresh, "source", stem), ensure_ascii=False)
        assert answer[:40] not in text


def test_links_lead_to_chapters_of_the_course_only(fresh):
    first = chapters.source_of(cell(notebook(fresh, "release", SECOND), "title"))
    assert f"[chapter 02](../{FIRST}/{FIRST}.ipynb) (convolution" in first
    assert "and chapter 04 (halving)" in first
    anchored = "[a](02_convolution.ipynb#Sizes) [b](04_down.ipynb#X) ![c](../figures/d.svg)"
    linked = f"[a](../{FIRST}/{FIRST}.ipynb#Sizes) b ![c](figures/d.svg)"
    assert assignment.relinked(anchored, {FIRST}) == linked
    assert assignment.relinked(anchored, {FIRST}, "code") == anchored
    for stem in (FIRST, SECOND):
        for each in notebook(fresh, "release", stem)["cells"]:
            for target in re.findall(r"(?:\]\(|src=\")([^)#:\"]+)[)#\"]", chapters.source_of(each)):
                assert (fresh / "release" / stem / target).exists(), target


def test_the_zip_is_one_folder_with_all_that_the_release_has(fresh):
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
    pictures = set(chapters.pictures_of(chapters.read_chapter(2)))
    assert pictures != set()
    assert pictures == {path.name for path in (released / "figures").iterdir()}
    assert {path.suffix for path in (released / "figures").iterdir()} == {".svg", ".webm"}


def test_points_reach_source_release_and_gradebook(fresh):
    for kind in ("source", "release"):
        cells = assignment.graded_cells(notebook(fresh, kind))
        assert cells["2.1"]["points"] == 4
        assert cells["explain-2"]["points"] == 3  # what its rubric has
        assert assignment.graded_cells(notebook(fresh, kind, SECOND))["explain-5"]["points"] == 1.5
    with Gradebook(f"sqlite:///{fresh}/gradebook.db") as gradebook:
        found = gradebook.find_grade_cell("check-2-1", FIRST, FIRST)
        assert found.max_score == 4
        by_hand = gradebook.find_graded_cell("explain-2", FIRST, FIRST)
        assert (by_hand.cell_type, by_hand.max_score) == ("markdown", 3)


def test_students_read_the_explanation_question_and_may_only_write_their_answer(fresh):
    released = notebook(fresh, "release")
    names = [each["id"] for each in released["cells"]]
    place = names.index("explain-2-question")
    assert names[place : place + 3] == ["explain-2-question", "explain-2", "built"]
    assert released["cells"][place]["metadata"]["editable"] is False
    assert "editable" not in released["cells"][place + 1]["metadata"]
    question = chapters.source_of(released["cells"][place])
    assert teaching_pages.read_teaching("02").question in question


def test_solutions_are_shown_unless_switched_off(fresh, course):
    told = f"release/{FIRST}/.unet-tutorial/course.json"
    assert read(fresh / told) == {"solutions": True}
    make_course(course, ["02"], solutions=False)
    assert read(course / told) == {"solutions": False}
    with zipfile.ZipFile(course / "zips" / f"{FIRST}.zip") as archive:
        assert json.loads(archive.read(f"{FIRST}/.unet-tutorial/course.json")) == {
            "solutions": False
        }
    make_course(course, ["08"])  # a chapter added later does as the others
    assert read(course / f"release/{THIRD}/.unet-tutorial/course.json") == {"solutions": False}
    make_course(course, ["02"], solutions=True)
    assert read(course / told) == {"solutions": True}


def hand_in(root: Path) -> None:
    """Enter a submission that has earned 2.5 points into the gradebook."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Object of type <Submitted")
        gradebook.add_student("al1815")
        gradebook.add_submission(FIRST, "al1815")
        gradebook.find_grade("check-2-1", FIRST, FIRST, "al1815").auto_score = 2.5
        gradebook.db.commit()


def test_a_chapter_is_added_and_nothing_else_changes(course):
    hand_in(course)
    before = {path: path.read_bytes() for path in course.rglob("*.ipynb")}
    assert make_course(course, ["08"]) == [THIRD]
    assert {path: path.read_bytes() for path in before} == before
    first = chapters.source_of(cell(notebook(course, "release", THIRD), "title"))
    assert "chapter 03 to chapter 07" in first  # neither is in the course
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        assert gradebook.find_submission(FIRST, "al1815").score == 2.5
        assert len(gradebook.assignments) == 3


def own_exercise(root: Path) -> dict:
    """Add an instructor's own exercise to a source, as INSTRUCTORS.md describes it."""
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
    assignment.write_notebook(root / "source" / FIRST / f"{FIRST}.ipynb", made)
    return made


def test_an_own_exercise_stays_and_is_released_when_the_chapter_is_named_again(course):
    made = own_exercise(course)
    make_course(course, ["08"])
    assert "check-2-91" not in str(notebook(course, "release"))
    assert notebook(course, "source") == made
    make_course(course, ["02"], {"2.91": 6})
    released = notebook(course, "release")
    stub = chapters.source_of(cell(released, "solution-2-91"))
    assert stub == f"mine = ...\n{chapters.STUB}"
    assert assignment.graded_cells(released)["2.91"]["points"] == 6
    assert (
        cell(notebook(course, "source"), "solution-2-91")["source"]
        == (cell(made, "solution-2-91")["source"])
    )
    assert "| 2.91 | your own | 6 |" in (course / "pages" / f"{FIRST}.md").read_text("utf-8")


def test_a_source_that_nbgrader_refuses_leaves_the_release(course):
    before = (course / "release" / FIRST / f"{FIRST}.ipynb").read_bytes()
    made = own_exercise(course)
    cell(made, "solution-2-91")["source"] = "mine = ...\n### BEGIN SOLUTION\nmine = 7"
    assignment.write_notebook(course / "source" / FIRST / f"{FIRST}.ipynb", made)
    with pytest.raises(CourseError, match=r"no end solution statement found.*Mend .*source"):
        make_course(course, ["02"])
    assert (course / "release" / FIRST / f"{FIRST}.ipynb").read_bytes() == before


def test_ctrl_c_leaves_the_release(course, monkeypatch):
    path = course / "release" / FIRST
    before = (path / f"{FIRST}.ipynb").read_bytes()

    def stopped(_, stem):
        (course / "release" / stem).mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(courses.NbGraderAPI, "generate_assignment", stopped)
    with pytest.raises(KeyboardInterrupt):
        make_course(course, ["02"])
    assert (path / f"{FIRST}.ipynb").read_bytes() == before
    path.rename(path.with_name(f".{FIRST}.before"))  # as where the power failed
    with pytest.raises(RuntimeError), courses.keeping_release(course, FIRST):
        raise RuntimeError
    assert [each.name for each in path.parent.iterdir() if FIRST in each.name] == [FIRST]
    assert (path / f"{FIRST}.ipynb").read_bytes() == before


def test_a_source_half_written_is_nowhere_near_the_release(course, monkeypatch):
    seen = []

    def stopped(part, _):
        seen.append(part)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        assignment.set_points(courses.source_path(course, FIRST), {"2.1": 3})
    assert [each.parent for each in seen] == [course]
    assert not seen[0].exists()


def test_cells_cannot_be_added_under_submitted_work(course):
    hand_in(course)
    own_exercise(course)
    with pytest.raises(CourseError, match="there are submissions associated"):
        make_course(course, ["02"])
    assert "check-2-91" not in str(notebook(course, "release"))


def test_feedback_and_grades_are_given_back_by_nbgraders_own_commands(course, monkeypatch):
    hand_in(course)
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
    assignment.write_notebook(target / f"{FIRST}.ipynb", graded)
    assert courses.api(course).generate_feedback(FIRST)["success"]
    page = (course / "feedback" / "al1815" / FIRST / f"{FIRST}.html").read_text("utf-8")
    assert "Hidden tests ran here" in page
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
        (["02"], {"5.1": 2}, r"No exercise 5\.1 in the chapters named. They have: 2\.1 "),
        (["02"], {"2.77": 2, "explain-3": 1}, r"No exercise 2\.77, explain-3 in"),
    ],
)
def test_what_is_refused_before_anything_is_written(tmp_path, chapters, points, message):
    with pytest.raises(CourseError, match=message):
        make_course(tmp_path / "new", chapters, points)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["notes.txt", "nbgrader_config.py"])
def test_a_folder_of_something_else_is_refused(tmp_path, name):
    (tmp_path / name).write_text("c = get_config()", encoding="utf-8")
    with pytest.raises(CourseError, match="not empty and no course of this tutorial"):
        make_course(tmp_path, ["02"])
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(CourseError, match="not empty"):
        make_course(tmp_path / name, ["02"])


@pytest.mark.parametrize("chapter", teaching_pages.chapters_with_lessons())
def test_every_chapter_has_a_whole_teaching_page(chapter):
    lesson = teaching_pages.read_teaching(chapter)
    page = teaching_pages.page(chapter, {"explain": len(lesson.rubric)})
    title = chapters.source_of(chapters.read_chapter(int(chapter))["cells"][0])
    objectives = teaching_pages.objectives_of(title)
    assert len(objectives) == title.partition("**Time**")[0].count("\n- ") >= 3
    assert all(f"- {objective}\n" in page for objective in objectives)
    assert not any(objective.endswith((",", ";", ".")) for objective in objectives)
    assert len(teaching_pages.builds_on(title)) > 8
    assert sum(minutes for minutes, _ in lesson.plan) == teaching_pages.MINUTES
    assert f"–{teaching_pages.MINUTES} |" in page
    assert len(lesson.rubric) >= 3
    assert lesson.question.endswith(("?", "."))
    for text in (lesson.question, lesson.answer, lesson.beware, *lesson.rubric):
        assert text in page
    mine = {
        n: each for n, each in teaching_pages.EXERCISES.items() if n.startswith(f"{int(chapter)}.")
    }
    for each in mine.values():
        assert each.misconception in page
        assert each.question in page
        assert "?" in each.question


def test_every_chapter_with_exercises_has_a_lesson():
    exercised = {number.partition(".")[0].zfill(2) for number in teaching_pages.EXERCISES}
    taught = {number for number in assignment.chapter_stems() if number not in ("00", "90")}
    assert teaching_pages.chapters_with_lessons() == sorted(exercised) == sorted(taught)
    assert len(taught) >= 12


def main(*arguments: str) -> int:
    """Run the command's verb alone."""
    parser = argparse.ArgumentParser(prog="unet-tutorial")
    add_course(parser.add_subparsers())
    chosen = parser.parse_args(["course", *arguments])
    return chosen.run(chosen)


def test_a_course_remembers_the_version_that_made_it(course, monkeypatch, capsys):
    assert read(course / ".unet-tutorial" / "course.json")["version"] == record.version()
    assert course_record.describe_other_version(course) == ""
    monkeypatch.setattr(course_record, "version", lambda: "9.9")
    monkeypatch.setattr(courses, "make_course", lambda *given: [FIRST])
    assert main(str(course), "--chapters", "02") == 0
    told = capsys.readouterr().err
    assert f"made by unet-tutorial {record.version()}; 9.9 is installed" in told
    (course / ".unet-tutorial" / "course.json").write_text("broken")
    assert "before 0.2.0" in course_record.describe_other_version(course)


WITHOUT_TORCH = """
import sys
from pathlib import Path
sys.modules["torch"] = None
from unet_tutorial.__main__ import main
sys.exit(main(["course", "biology", "--chapters", "02"]))
"""


def test_a_course_is_made_where_torch_is_missing(tmp_path):
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
def test_points_that_are_none_are_refused(tmp_path, points, capsys):
    with pytest.raises(SystemExit):
        main(str(tmp_path), "--chapters", "05", "--points", points)
    assert "write it as 5.2=4" in capsys.readouterr().err


def test_the_command_complains_in_a_line(tmp_path, capsys):
    assert main(str(tmp_path / "new"), "--chapters", "77") == 1
    told = capsys.readouterr().err
    assert told.startswith("unet-tutorial: No chapter 77")
    assert "Traceback" not in told

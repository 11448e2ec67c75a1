"""COURSE/questions/02.toml: a question in words that students can't look up."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from unet_tutorial.classroom.course.make_course import CourseError, make_course
from unet_tutorial.classroom.course.teaching_pages import Sample, read_lesson
from unet_tutorial.teaching.chapters import cell_source

STEM = "02_convolution"
OWN = {
    "question": '"""\nWhy does a kernel of 4\nneed care?\n"""',
    "answer": '"Its centre is between two pixels."',
    "rubric": '["Finds the centre.", "Says what it shifts."]',
}
MORE = {
    "beware": '"It is slow."',
    "half_right": '[{points = 1, answer = "Odd ones have a centre.", why = "Only the first."}]',
}


def write_question(course: Path, **changes: str | None) -> Path:
    """Write questions/02.toml; None leaves a key out."""
    path = course / "questions" / "02.toml"
    path.parent.mkdir(exist_ok=True)
    keys = {**OWN, **changes}
    path.write_text("".join(f"{key} = {text}\n" for key, text in keys.items() if text), "utf-8")
    return path


def read_cells(course: Path, kind: str = "source") -> dict[str, dict]:
    text = (course / kind / STEM / f"{STEM}.ipynb").read_text("utf-8")
    return {cell["id"]: cell for cell in json.loads(text)["cells"]}


def edit_cell(course: Path, name: str, source: str) -> None:
    path = course / "source" / STEM / f"{STEM}.ipynb"
    made = json.loads(path.read_text("utf-8"))
    for cell in made["cells"]:
        if cell["id"] == name:
            cell["source"] = source
    path.write_text(json.dumps(made), "utf-8")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    root = tmp_path_factory.mktemp("courses") / "biology"
    make_course(root, ["02"])
    return root


@pytest.fixture
def course(fresh, tmp_path):
    return Path(shutil.copytree(fresh, tmp_path / "biology"))


def test_a_course_asks_its_own_question_everywhere(course):
    write_question(course, **MORE)
    others = {k: v for k, v in read_cells(course).items() if not k.startswith("explain-")}
    make_course(course, ["02"])
    made, released = read_cells(course), read_cells(course, "release")
    assert {k: v for k, v in made.items() if not k.startswith("explain-")} == others
    for cells in (made, released):
        text = cell_source(cells["explain-2-question"])
        assert "Why does a kernel of 4 need care?" in text
        assert read_lesson("02").question not in text
        assert cells["explain-2"]["metadata"]["nbgrader"]["points"] == 2  # as many as criteria
    assert "between two pixels" in cell_source(made["explain-2"])
    assert "between two pixels" not in str(released)
    with zipfile.ZipFile(course / "zips" / f"{STEM}.zip") as archive:
        assert b"Why does a kernel of 4" in archive.read(f"{STEM}/{STEM}.ipynb")
        assert not any("questions" in name for name in archive.namelist())
    page = (course / "pages" / f"{STEM}.md").read_text("utf-8")
    for text in ("Why does a kernel of 4 need", "Finds the centre.", "It is slow.", "Odd ones"):
        assert text in page
    assert read_lesson("02").rubric[0] not in page
    lesson = read_lesson("02", course)
    assert lesson.rubric == ("Finds the centre.", "Says what it shifts.")
    assert lesson.half_right == (Sample(1, "Odd ones have a centre.", "Only the first."),)
    assert lesson.plan == read_lesson("02").plan


def test_without_a_file_or_a_course_the_chapters_question_is_asked(course):
    assert read_lesson("02", course) == read_lesson("02")
    write_question(course)
    assert read_lesson("03", course) == read_lesson("03")
    make_course(course, ["03"])
    assert "Why does a kernel of 4" not in str(read_cells(course))  # 02 wasn't released again


def test_a_question_without_beware_has_a_page_without(course):
    write_question(course)
    make_course(course, ["02"])
    assert "Beware" not in (course / "pages" / f"{STEM}.md").read_text("utf-8")


def test_a_changed_or_removed_question_replaces_the_earlier_one(course):
    write_question(course)
    make_course(course, ["02"], {"explain-2": 7})
    path = write_question(course, question='"And 5?"')
    make_course(course, ["02"])
    made = read_cells(course)
    assert "And 5?" in cell_source(made["explain-2-question"])
    assert made["explain-2"]["metadata"]["nbgrader"]["points"] == 7  # the instructor's
    path.unlink()
    make_course(course, ["02"])
    assert read_lesson("02").question in cell_source(read_cells(course)["explain-2-question"])


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("explain-2-question", "Mine?"),
        ("explain-2", "### BEGIN SOLUTION\nMine.\n### END SOLUTION"),
    ],
)
def test_a_question_edited_by_hand_stays(course, name, source):
    edit_cell(course, name, source)
    before = read_cells(course)
    write_question(course)
    make_course(course, ["02"])
    assert read_cells(course) == before


def test_a_deleted_question_stays_deleted(course):
    path = course / "source" / STEM / f"{STEM}.ipynb"
    made = json.loads(path.read_text("utf-8"))
    made["cells"] = [x for x in made["cells"] if not x["id"].startswith("explain-")]
    path.write_text(json.dumps(made), "utf-8")
    write_question(course)
    make_course(course, ["02"])
    assert not any(name.startswith("explain-") for name in read_cells(course))


def test_a_course_made_before_questions_were_recorded(course):
    path = course / ".unet-tutorial" / "course.json"
    record = json.loads(path.read_text())
    del record["questions"]
    path.write_text(json.dumps(record))
    write_question(course)
    make_course(course, ["02"])
    assert "Why does a kernel of 4" in cell_source(read_cells(course)["explain-2-question"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": None}, "answer is missing. Add it: it's a text"),
        ({"rubrik": '["A"]'}, "rubrik isn't known. A question has: question, answer, rubric, "),
        ({"rubric": '"A"'}, "rubric must be a list of texts, and not empty. It is 'A'"),
        ({"rubric": "[1]"}, r"rubric must be a list of texts, and not empty. It is \[1\]"),
        ({"rubric": "[]"}, "rubric must be a list of texts"),
        ({"rubric": '["A", " "]'}, "rubric must be a list of texts"),
        ({"question": '" "'}, "question must be a text, and not empty"),
        ({"beware": "3"}, "beware must be a text"),
        ({"half_right": '["A"]'}, "half_right must be"),
        ({"half_right": '[{points = 1, answer = "A"}]'}, "half_right: why is missing"),
        ({"half_right": '[{points = true, answer = "A", why = "B"}]'}, "half_right: points must"),
        ({"half_right": '[{points = 3, answer = "A", why = "B"}]'}, "points is 3, but .* has 2"),
        ({"question": "Why?"}, "isn't a TOML file"),
    ],
)
def test_a_file_with_a_mistake_is_named_and_nothing_is_written(course, changes, message):
    path = write_question(course, **changes)
    before = {each: each.read_bytes() for each in course.rglob("*") if each.is_file()}
    with pytest.raises(CourseError, match=message) as caught:
        make_course(course, ["02"], {"2.1": 9})
    assert str(caught.value).startswith(str(path))
    assert {each: each.read_bytes() for each in course.rglob("*") if each.is_file()} == before


def test_a_question_saved_by_notepad_is_read(course):
    path = write_question(course)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_lesson("02", course).question == "Why does a kernel of 4 need care?"

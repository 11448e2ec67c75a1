"""What the page shows: everybody's answers as grading reads them, and the lesson next to them."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from small_course import NUMBERS, WORDS, write
from words_course import ATTACK, ELSEWHERE, QUESTION, SAME

from unet_tutorial.classroom.course.teaching_pages import (
    format_teaching_page,
    list_chapters_with_lessons,
    read_lesson,
)
from unet_tutorial.classroom.nbgrader_config import load_config, open_course
from unet_tutorial.classroom.words.table import open_table
from unet_tutorial.classroom.words.view import build_view

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning", "ignore:.*utcnow:DeprecationWarning"
)


def show(course) -> dict:
    """Return what the page shows of the question."""
    (question,) = build_view(course.open_table(), "")["questions"]
    return question


def find(question: dict, student: str) -> dict:
    """Return what the page shows of a student's answer."""
    (found,) = [
        each for each in question["answers"] if student in [who["id"] for who in each["students"]]
    ]
    return found


def test_answers_are_shown_once_and_blank_ones_are_counted(course):
    shown = show(course)
    assert (shown["name"], shown["most"], shown["blank"]) == (QUESTION, 4, 1)
    assert sorted(len(each["students"]) for each in shown["answers"]) == [1, 1, 1, 2]
    assert find(shown, "ada") is find(shown, "bob")
    assert find(shown, "ada")["html"] == f"<p>{SAME}</p>\n"
    assert {"id": "ada", "name": "Ada Lovelace"} in find(shown, "ada")["students"]
    assert "<strong>It</strong> copies $a_1$." in find(shown, "cem")["html"]
    assert "<h1>Twice" in find(shown, "cem")["html"]


def test_text_in_another_cell_is_the_answer_and_the_page_says_so(course):
    found = find(show(course), "fay")
    assert ELSEWHERE in found["html"]
    assert found["notes"] == [f"{QUESTION} is blank; the text of the cells around it was taken."]


def test_answers_have_the_digests_by_which_grading_knows_them(course):
    outcomes = course.grade()
    for answer in course.open_table().questions[QUESTION].answers:
        assert outcomes[answer.student].digests[WORDS][QUESTION] == answer.digest


def test_work_that_was_never_graded_is_shown_too(course):
    course.hand_in("gus", "Something new.")
    course.hand_in("ada", "Something else.")
    shown = show(course)
    assert find(shown, "gus")["html"] == "<p>Something new.</p>\n"
    assert find(shown, "ada")["html"] == "<p>Something else.</p>\n"


def test_renamed_and_damaged_notebooks_are_read(course):
    path = course.root / "submitted" / "cem" / WORDS / f"{WORDS}.ipynb"
    text = path.read_text()
    path.rename(path.with_name("homework (1).ipynb"))
    assert "copies" in find(show(course), "cem")["html"]
    path.with_name("homework (1).ipynb").write_text(text[: text.index("## What you built")])
    assert "copies" in find(show(course), "cem")["html"]
    path.with_name("homework (1).ipynb").write_text("")
    with pytest.raises(ValueError, match="not enough"):
        find(show(course), "cem")


def test_a_long_answer_is_cut(course):
    course.hand_in("ada", "long " * 100_000)
    found = find(show(course), "ada")
    assert len(found["html"]) < 21_000
    assert found["notes"] == ["It has 499,999 characters; the first 20,000 are shown."]


def test_odd_characters_are_shown(course):
    course.hand_in("ada", "a\ud800b\x00 **c**")
    assert find(show(course), "ada")["html"] == "<p>a\ufffdb\ufffd <strong>c</strong></p>\n"
    course.enter("ada", "1")
    course.grade()
    assert course.read("ada")[0] == 1


class Reader(HTMLParser):
    """Reads the tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.found += [(tag, *each) for each in attributes] or [(tag, "", "")]


def test_answers_load_nothing_and_lead_nowhere(course):
    picture = "data:image/png;base64,AAAA"
    course.hand_in("eve", f"{ATTACK}\n\n[x](https://evil.org) ![y](https://evil.org/y.png)\n\n"
                   f"![z]({picture}) <p style='color:red' class=points id=names>p</p>")  # fmt: skip
    found = Reader(find(show(course), "eve")["html"]).found
    assert ("img", "src", picture) in found
    assert {value for _, name, value in found if name == "src"} == {picture}
    assert {(tag, name) for tag, name, _ in found if name} <= {("img", "src"), ("img", "alt")}
    assert not {tag for tag, *_ in found} & {"script", "style", "iframe", "form", "svg", "input"}


def test_the_order_doesnt_show_whose_answer_it_is(course):
    for number in range(12):
        course.hand_in(f"s{number:02}", f"Answer {number}.")
    order = [each["students"][0]["id"] for each in show(course)["answers"]]
    assert order != sorted(order)
    assert order == [each["students"][0]["id"] for each in show(course)["answers"]]


# ---- the lesson


def ask(course, text: str) -> None:
    """Ask another question in the course."""
    path = course.root / "source" / WORDS / f"{WORDS}.ipynb"
    made = json.loads(path.read_text())
    (cell,) = [each for each in made["cells"] if each["id"] == f"{QUESTION}-question"]
    cell["source"] = text
    write(path, made)
    assert open_course(load_config(course.root)).generate_assignment(WORDS)["success"]


def test_the_chapters_question_comes_with_rubric_and_samples(course):
    lesson = read_lesson("03")
    ask(course, f"### In your own words\n\n{lesson.question}\n\nWrite three sentences.")
    shown = show(course)
    assert shown["text"] == f"<p>{lesson.question}</p>\n"
    assert shown["model"] == "<p>Because it copies.</p>\n"
    assert [each["text"] for each in shown["rubric"]] == list(lesson.rubric)
    assert [each["points"] for each in shown["rubric"]] == ["1.33"] * 3
    assert [each["points"] for each in shown["samples"]] == ["1.33", "2.67"]


def test_another_question_comes_without_the_chapters_rubric(course):
    ask(course, "Why is **this** so?")
    shown = show(course)
    assert "<strong>this</strong>" in shown["text"]
    assert (shown["rubric"], shown["samples"], shown["beware"]) == ([], [], "")


@pytest.mark.parametrize("chapter", list_chapters_with_lessons())
def test_every_chapter_has_two_samples_that_are_half_right(chapter):
    lesson = read_lesson(chapter)
    first, second = lesson.half_right
    assert 0 < first.points < second.points < len(lesson.rubric)
    page = format_teaching_page(chapter, {f"explain-{int(chapter)}": 6})
    for sample in lesson.half_right:
        assert f"{sample.points * 6 / len(lesson.rubric):g} of 6.** “{sample.answer}”" in page
        assert sample.why in page
        # It names as many criteria as it earns.
        earned = sample.why.partition(".")[0]
        assert sum(each in earned for each in ("first", "second", "third")) == sample.points


def test_a_course_without_such_a_question_is_told(course):
    with pytest.raises(LookupError, match=f"no assignment 09_no. It has {WORDS}."):
        open_table(course.root, "09_no")
    assert open_course(load_config(course.root)).generate_assignment(NUMBERS)["success"]
    with pytest.raises(LookupError, match=f"{NUMBERS} has no question that is answered in words"):
        open_table(course.root, NUMBERS)

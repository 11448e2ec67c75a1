"""Moodle XML, read as Moodle's question/format/xml/format.php reads it."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from small_quiz import CODE, draw_small, make_png

from unet_tutorial.classroom.quiz.moodle import format_moodle

# What import_headers, import_multichoice and import_numerical look for; nothing else is read.
COMMON = {"name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden"}
COMMON |= {"idnumber", "answer"}
READ = {
    "multichoice": COMMON
    | {"single", "shuffleanswers", "answernumbering", "showstandardinstruction"},
    "numerical": COMMON | {"unitgradingtype", "unitpenalty", "showunits", "unitsleft"},
}
NEEDED = {"name", "questiontext", "answer", "generalfeedback", "defaultgrade", "penalty"}


@pytest.fixture(scope="module")
def variants():
    return draw_small()


@pytest.fixture(scope="module")
def quiz(variants):
    return ElementTree.fromstring(format_moodle(variants, "Bank 1"))


def questions(quiz):
    return [each for each in quiz if each.get("type") != "category"]


def soup(element, path):
    return BeautifulSoup(element.findtext(path), "html.parser")


def test_the_file_is_utf8_and_begins_with_its_declaration(variants):
    content = format_moodle(variants, "Bank 1")
    assert re.match(rb"<\?xml version='1.0' encoding='UTF-8'\?>\n<quiz>", content)
    assert content == format_moodle(variants, "Bank 1")
    assert content != format_moodle(draw_small("another secret"), "Bank 1")


def test_each_kind_has_a_category_before_its_questions(quiz):
    categories, count = [], []
    for question in quiz:
        if question.get("type") == "category":
            categories.append(question.findtext("category/text"))
            count.append(0)
        else:
            count[-1] += 1
    assert categories == [  # "//" is a slash in a name
        "$course$/top/Bank 1/Chapter 02/Which line//statement fails?",
        "$course$/top/Bank 1/Chapter 02/Size after one layer",
        "$course$/top/Bank 1/Chapter 05/Read a picture",
    ]
    assert count == [3, 3, 3]


def test_every_element_is_one_that_moodle_reads(quiz):
    for question in questions(quiz):
        names = {child.tag for child in question}
        assert NEEDED <= names <= READ[question.get("type")]
        for child in question.iter():
            if child.tag in ("questiontext", "generalfeedback", "feedback"):
                assert child.get("format") == "html"
                assert child.find("text") is not None
        for answer in question.findall("answer"):
            assert {child.tag for child in answer} <= {"text", "feedback", "tolerance"}
    identifiers = [question.findtext("idnumber") for question in questions(quiz)]
    assert len(set(identifiers)) == len(identifiers) == 9


def test_fractions_and_values_are_those_of_the_questions(quiz, variants):
    for question, variant in zip(questions(quiz), variants, strict=True):
        asked = variant.question
        fractions = [answer.get("fraction") for answer in question.findall("answer")]
        assert sorted(fractions) == ["0"] * len(asked.wrong) + ["100"]
        (right,) = [a for a in question.findall("answer") if a.get("fraction") == "100"]
        if asked.numerical:  # Moodle takes the first answer that fits
            assert fractions[0] == "100"
            assert float(right.findtext("text")) == asked.right
            assert [float(a.findtext("tolerance")) for a in question.findall("answer")] == [0.4] * 2
        else:
            assert question.findtext("single") == "true"
            assert soup(right, "text").text == str(asked.right).replace("`", "")


def test_a_wrong_answer_says_where_to_look_and_a_right_one_nothing(quiz, variants):
    feedback = {}
    for question in questions(quiz):
        for answer in question.findall("answer"):
            feedback[answer.findtext("text")] = soup(answer, "feedback/text").text
    assert feedback["line 1"] == (
        "One way to arrive at this answer: “takes channels for pixels”. Look at that step again."
    )
    for variant in variants:
        right = str(variant.question.right)
        assert feedback.get(right, "") == "" or not variant.question.numerical


def test_texts_survive(quiz):
    size = next(q for q in questions(quiz) if q.findtext("name/text").startswith("02 size 001"))
    text = soup(size, "questiontext/text")
    kernel = re.search(r"Conv2d\(1, 1, (\d)\)", text.pre.text)[1]
    assert text.pre.text == CODE.format(k=kernel)
    assert text.b is None
    assert re.search(r"Use \\\(n_\{in\} < \d+\\\)\.", text.text)  # for Moodle's MathJax filter
    line = next(q for q in questions(quiz) if q.findtext("name/text").startswith("02 line"))
    text = soup(line, "questiontext/text")
    assert re.match(r"Which line fails with \d+ <b>channels</b> & one more\?", text.text)
    assert text.em.text == "one"
    options = [soup(answer, "text").text for answer in line.findall("answer")]
    assert "line 2: RuntimeError: expected 2*1*3 <channels>" in options
    assert 'no line fails: "ok" -- it\'s 3*5*7' in options


def test_names_and_texts_carry_the_code(quiz, variants):
    for question, variant in zip(questions(quiz), variants, strict=True):
        assert variant.code in question.findtext("name/text")
        assert soup(question, "questiontext/text").text.rstrip().endswith(f"[{variant.code}]")


def test_pictures_are_inside_and_each_is_used(quiz, variants):
    pictures = {v.code: v.question.picture for v in variants}
    for question in questions(quiz):
        text = question.find("questiontext")
        used = re.findall(r"@@PLUGINFILE@@/([^\"]+)", text.findtext("text"))
        files = {file.get("name"): file for file in text.findall("file")}
        assert list(files) == used
        assert bool(files) == bool(pictures[question.findtext("idnumber")])
        for file in files.values():
            assert (file.get("path"), file.get("encoding")) == ("/", "base64")
            assert base64.b64decode(file.text) == pictures[question.findtext("idnumber")]
    assert make_png(5).startswith(b"\x89PNG\r\n")
    alt = soup(questions(quiz)[-1], "questiontext/text").img["alt"]
    assert alt == 'A row [of] "bars" & $more$'

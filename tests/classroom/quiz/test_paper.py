"""Papers and their key, read as a student and a marker would."""

from __future__ import annotations

import base64
import re

import pytest
from bs4 import BeautifulSoup
from small_quiz import CODE, draw_small

from unet_tutorial.classroom.quiz.paper import choose_versions, format_key, format_papers


@pytest.fixture(scope="module")
def versions():
    return choose_versions(draw_small(), 5)


@pytest.fixture(scope="module")
def papers(versions):
    return BeautifulSoup(format_papers(versions, "Bank <1>"), "html.parser")


@pytest.fixture(scope="module")
def key(versions):
    return BeautifulSoup(format_key(versions, "Bank <1>"), "html.parser")


def test_versions_have_one_question_of_each_kind_and_begin_again_after_the_last(versions):
    for version in versions:
        assert [each.kind.name for each in version] == ["line", "size", "bars"]
    assert len({version[0].code for version in versions[:3]}) == 3
    assert versions[3] == versions[0]


def test_pages_need_nothing_from_elsewhere(versions):
    for page in (format_papers(versions, "B"), format_key(versions, "B")):
        soup = BeautifulSoup(page, "html.parser")
        assert not soup.find_all(["script", "link", "iframe"])
        assert all(img["src"].startswith("data:image/png;base64,") for img in soup.find_all("img"))
        assert not re.search(r"https?://(?!www\.w3\.org/1998/Math/MathML)", page)


def test_every_version_has_its_questions(papers, versions):
    articles = papers.find_all("article")
    assert [each.h1.text for each in articles] == [f"Version {letter}" for letter in "ABCDE"]
    for article, version in zip(articles, versions, strict=True):
        sections = article.find_all("section")
        assert [section.small.text for section in sections] == [each.code for each in version]
        line, size, bars = sections
        assert len(line.ol.find_all("li")) == 4
        assert bars.ol is None
        assert "Answer:" in bars.text
        picture = bars.img["src"].partition("base64,")[2]
        assert base64.b64decode(picture) == version[2].question.picture
        assert bars.img["alt"] == 'A row [of] "bars" & $more$'
        kernel = re.search(r"Conv2d\(1, 1, (\d)\)", size.pre.text)[1]
        assert size.pre.text == CODE.format(k=kernel)
        assert size.find("math").find("msub") is not None  # n with an index, not $n_{in}$


def test_papers_do_not_tell_the_answer(papers):
    text = papers.text
    assert "takes channels for pixels" not in text
    assert "counts the gaps" not in text
    assert "needs two channels" not in text


def test_the_keys_letters_are_those_of_the_papers(papers, key, versions):
    """Marked with the key alone, the right option of the question gets the point."""
    pairs = zip(papers.find_all("article"), key.find_all("article"), strict=True)
    for (paper, answers), version in zip(pairs, versions, strict=True):
        rows = answers.find_all("tr")[1:]
        for section, row, variant in zip(paper.find_all("section"), rows, version, strict=True):
            asked, (_, right, why, wrong) = variant.question, row.find_all("td")
            assert variant.code in row.text
            assert why.text.strip()
            for value in wrong.find_all("li"):
                shown, _, misconception = value.text.rpartition(": ")
                assert misconception in {each.misconception for each in asked.wrong}
                assert shown != right.text
            if asked.numerical:
                assert right.text == f"{asked.right} ± 0.4"
            else:
                letter, text = right.text.split(". ", 1)
                option = section.ol.find_all("li")["ABCD".index(letter)]
                assert option.text == text == str(asked.right).replace("`", "")


def test_the_pages_are_readable_by_everybody(papers, key):
    for page in (papers, key):
        assert page.html["lang"] == "en"
        assert page.title.text.endswith("Bank <1>")
        assert len(page.find_all("main")) == 1
        assert page.find("meta", attrs={"name": "viewport"})
        assert all(img.get("alt") for img in page.find_all("img"))

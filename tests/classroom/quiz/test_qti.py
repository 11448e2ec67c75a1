"""The QTI archive: what text2qti makes, against IMS QTI 1.2 and IMS content packaging."""

from __future__ import annotations

import dataclasses
import io
import re
import sys
import types
import zipfile
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from small_quiz import CODE, draw_small

from unet_tutorial.classroom.quiz.bank import BankError
from unet_tutorial.classroom.quiz.qti import can_be_qti, format_qti

xml_imsmanifest = pytest.importorskip("text2qti.xml_imsmanifest")  # the extra quiz

QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
PACKAGE = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"
# Children of an item in QTI 1.2 (ASI, section 3.4), in this order.
ORDER = ["itemmetadata", "presentation", "resprocessing", "itemfeedback"]


@pytest.fixture(scope="module")
def variants():
    return draw_small()


@pytest.fixture(scope="module")
def archive(variants):
    return zipfile.ZipFile(io.BytesIO(format_qti(variants, "Chapter 02 & others")))


@pytest.fixture(scope="module")
def manifest(archive):
    return ElementTree.fromstring(archive.read("imsmanifest.xml"))


@pytest.fixture(scope="module")
def assessment(archive, manifest):
    (resource,) = manifest.iterfind(f".//{PACKAGE}resource[@type='imsqti_xmlv1p2']")
    return ElementTree.fromstring(archive.read(resource.find(f"{PACKAGE}file").get("href")))


def soup(element):
    return BeautifulSoup(element.findtext(f".//{QTI}mattext"), "html.parser")


def right_of(item):
    """What gives the score: the `varequal` of the condition that sets it."""
    (condition,) = [
        c for c in item.iter(f"{QTI}respcondition") if c.find(f"{QTI}setvar") is not None
    ]
    assert condition.findtext(f"{QTI}setvar") == "100"
    return condition.find(f".//{QTI}varequal").text


def test_the_manifest_lists_what_is_in_the_archive(archive, manifest):
    hrefs = {unquote(file.get("href")) for file in manifest.iter(f"{PACKAGE}file")}
    assert hrefs | {"imsmanifest.xml", "non_cc_assessments/"} == set(archive.namelist())
    identifiers = {each.get("identifier") for each in manifest.iter(f"{PACKAGE}resource")}
    for dependency in manifest.iter(f"{PACKAGE}dependency"):
        assert dependency.get("identifierref") in identifiers


def test_each_kind_is_a_group_of_which_one_is_picked(assessment):
    assert assessment.tag == f"{QTI}questestinterop"
    assert assessment.find(f"{QTI}assessment").get("title") == "Chapter 02 & others"
    groups = assessment.findall(f"{QTI}assessment/{QTI}section/{QTI}section")
    assert [len(group.findall(f"{QTI}item")) for group in groups] == [3, 3, 3]
    for group in groups:
        path = f"{QTI}selection_ordering/{QTI}selection/{QTI}selection_number"
        assert group.findtext(path) == "1"


def test_items_have_the_children_of_qti(assessment):
    items = list(assessment.iter(f"{QTI}item"))
    assert len({item.get("ident") for item in items}) == len(items) == 9
    for item in items:
        names = [child.tag.removeprefix(QTI) for child in item]
        assert sorted(names, key=ORDER.index) == names
        assert set(names) == set(ORDER)
        responses = {r.get("ident") for r in item.iter() if r.tag.startswith(f"{QTI}response_")}
        assert {v.get("respident") for v in item.iter(f"{QTI}varequal")} <= responses
        feedback = {each.get("ident") for each in item.iter(f"{QTI}itemfeedback")}
        assert {d.get("linkrefid") for d in item.iter(f"{QTI}displayfeedback")} == feedback


def test_the_score_goes_to_the_right_answer(assessment, variants):
    for item, variant in zip(assessment.iter(f"{QTI}item"), variants, strict=True):
        asked = variant.question
        assert item.get("title") == variant.name
        assert f"[{variant.code}]" in soup(item).text
        if asked.numerical:
            low, high = item.find(f".//{QTI}vargte").text, item.find(f".//{QTI}varlte").text
            values = [float(text) for text in (low, right_of(item), high)]
            assert values == pytest.approx([asked.right - 0.4, asked.right, asked.right + 0.4])
            continue
        labels = {e.get("ident"): soup(e).text for e in item.iter(f"{QTI}response_label")}
        assert labels[right_of(item)] == str(asked.right).replace("`", "")
        assert len(labels) == len(asked.wrong) + 1
        told = {each.get("ident") for each in item.iter(f"{QTI}itemfeedback")}
        wrong = set(labels) - {right_of(item)}
        assert told == {f"{ident}_fb" for ident in wrong} | {"general_fb"}


def test_texts_survive(assessment):
    by_title = {item.get("title")[:11]: item for item in assessment.iter(f"{QTI}item")}
    text = soup(by_title["02 size 001"])
    kernel = re.search(r"Conv2d\(1, 1, (\d)\)", text.pre.text)[1]
    assert text.pre.text == CODE.format(k=kernel)
    assert text.b is None
    formula = text.find("img", class_="equation_image")
    assert re.fullmatch(r"n_\{in\} < \d+", formula["data-equation-content"])
    options = {soup(e).text for e in by_title["02 line 001"].iter(f"{QTI}response_label")}
    assert "line 2: RuntimeError: expected 2*1*3 <channels>" in options
    assert 'no line fails: "ok" -- it\'s 3*5*7' in options


def test_pictures_are_in_the_archive(archive, assessment, variants):
    pictures = {variant.name: variant.question.picture for variant in variants}
    for item in assessment.iter(f"{QTI}item"):
        images = soup(item).find_all("img", class_=lambda name: name != "equation_image")
        assert len(images) == bool(pictures[item.get("title")])
        for image in images:
            name = image["src"].removeprefix("%24IMS-CC-FILEBASE%24/")
            assert archive.read(name) == pictures[item.get("title")]
            assert image["alt"] == 'A row  of  "bars" & $more$'


def test_the_same_questions_give_the_same_bytes_on_any_day(variants, monkeypatch):
    first = format_qti(variants, "T")
    tomorrow = types.SimpleNamespace(date=types.SimpleNamespace(today=lambda: "2099-12-31"))
    monkeypatch.setattr(xml_imsmanifest, "datetime", tomorrow)
    assert format_qti(variants, "T") == first
    archive = zipfile.ZipFile(io.BytesIO(first))
    assert b"2099" not in archive.read("imsmanifest.xml")
    assert {entry.date_time for entry in archive.infolist()} == {(2025, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("right", "tolerance", "possible"),
    [
        (3, 0, True),
        (-3, 0, True),
        (0, 0, False),
        (0.1, 0.2, True),
        (0.25, 0, True),
        (0.3333333, 0.001, True),
        (0.00025, 0.00001, False),
        (0.12345, 0, False),
    ],
)
def test_numbers_that_text2qti_cannot_write_are_left_out(variants, right, tolerance, possible):
    bars = variants[-1]
    asked = dataclasses.replace(bars.question, right=right, tolerance=tolerance)
    assert can_be_qti(asked) == possible
    made = format_qti([variants[0], dataclasses.replace(bars, question=asked)], "T")
    archive = zipfile.ZipFile(io.BytesIO(made))
    texts = b"".join(archive.read(name) for name in archive.namelist())
    assert (bars.code.encode() in texts) == possible
    if possible:
        values = [float(text) for text in re.findall(rb"<var(?:gte|lte)[^>]*>([^<]+)", texts)]
        expected = [right - tolerance, right + tolerance]
        assert values == pytest.approx(expected, abs=0.1 * tolerance + 1e-9)


def test_a_missing_text2qti_is_explained(variants, monkeypatch):
    monkeypatch.setitem(sys.modules, "text2qti", None)
    with pytest.raises(BankError, match=r'pip install "unet-tutorial\[quiz\]"'):
        format_qti(variants, "T")

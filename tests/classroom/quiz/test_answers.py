"""From the LMS's export of answers to a class's misconceptions, counted by hand here."""

from __future__ import annotations

import csv
import io
import json
from itertools import chain

import pytest
from bs4 import BeautifulSoup
from small_quiz import draw_small, write_own

from unet_tutorial.classroom.quiz.answers import UnclearAnswers, format_tally, tally_answers
from unet_tutorial.classroom.quiz.make_bank import make_bank
from unet_tutorial.classroom.quiz.rich_text import format_option, format_tex, format_text

SECRET = "a secret for tests"


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bank")
    own = write_own(folder / "own.py")
    make_bank([], SECRET, 3, folder, own=[own], formats=[])
    return folder


@pytest.fixture(scope="module")
def variants():
    return {(each.kind.name, each.number): each for each in draw_small(SECRET)}


def shown(html):
    """As Moodle's html_to_text shows it, which puts two spaces for one now and then."""
    return BeautifulSoup(html, "html.parser").text.replace(" ", "\N{NO-BREAK SPACE} ")


def question(variant):
    """Moodle's question summary: the text, and the options after a colon."""
    text = shown(format_text(variant.question.text, format_tex))
    options = "; ".join(shown(format_option(each, format_tex)) for each in variant.options)
    return f"{text}\n\n[{variant.code}]: {options}"


def option(variant, n):
    """Wrong option number n, or the right one for None, as an export has it."""
    value = variant.question.right if n is None else variant.question.wrong[n].value
    return shown(format_option(value, format_tex))


def write(path, rows, delimiter=",", encoding="utf-8-sig"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def moodle_rows(variants, heads):
    """Four students; each got a question of three kinds, the variants drawn at random."""
    line, size, bars = ([variants[name, n] for n in (1, 2, 3)] for name in ("line", "size", "bars"))
    heads = ["Last name", "First name", "Email address", "Status", "Grade/3.00", *heads]
    numbers = [each.question.right for each in bars]
    answers = {
        ("Ash", "Ada", "a@x.org", "Finished", "3.00"): (
            [line[0], size[1], bars[2]],
            [option(line[0], None), option(size[1], None), f"{numbers[2]}"],
        ),
        ("Birch", "Ben", "b@x.org", "Finished", "0.00"): (
            [line[1], size[0], bars[0]],
            [option(line[1], 0), option(size[0], 0), f"{numbers[0] - 1},0"],
        ),
        ("Cedar", "Cy", "c@x.org", "Finished", "1.00"): (
            [line[2], size[2], bars[1]],
            [option(line[2], 2), option(size[2], 0), f"{numbers[1] + 0.3}"],
        ),
        ("Dorn", "Di", "d@x.org", "Finished", "0.00"): (
            [line[0], size[0], bars[1]],
            ["-", "", "several"],
        ),
    }
    rows = [
        [*who, *chain.from_iterable(zip(map(question, asked), said, strict=True))]
        for who, (asked, said) in answers.items()
    ]
    return [heads, *rows, ["Elm", "Eve", "e@x.org", *["-"] * 8]]


ENGLISH = [f"{name} {n}" for n in (1, 2, 3) for name in ("Question", "Response")]
GERMAN = [f"{name} {n}" for n in (1, 2, 3) for name in ("Frage", "Antwort")]
JAPANESE = [f"{name} {n}" for n in ("1a", "1b", "2") for name in ("問題", "解答")]


@pytest.mark.parametrize(
    ("heads", "delimiter", "encoding"),
    [(ENGLISH, ",", "utf-8-sig"), (GERMAN, ";", "utf-8"), (JAPANESE, "\t", "utf-16")],
)
def test_moodles_responses_are_read_in_any_language(
    bank, variants, tmp_path, heads, delimiter, encoding
):
    export = write(tmp_path / "r.csv", moodle_rows(variants, heads), delimiter, encoding)
    tally = tally_answers(bank, export)
    assert len(tally.students) == 4  # Eve made no attempt
    assert {each: len(who) for each, who in tally.had.items() if who} == {
        "takes channels for pixels": 1,
        "reads the error as a size.": 1,
        "forgets the + 1": 2,
        "counts the gaps": 1,
    }
    assert {len(who) for who in tally.could.values()} == {4}
    assert tally.kinds["forgets the + 1"] == {"02 Size after one layer"}
    assert dict(tally.right) == {
        "02 Which line/statement fails?": 1,
        "02 Size after one layer": 1,
        "05 Read a picture": 2,
    }
    assert set(tally.asked.values()) == {4}
    assert tally.unknown == {}


def test_right_answers_may_be_in_the_export_too(bank, variants, tmp_path):
    rows = moodle_rows(variants, ENGLISH)
    for row in rows:
        for place in (11, 9, 7):
            row.insert(place, "Right answer 1" if row is rows[0] else "whatever")
    assert len(tally_answers(bank, write(tmp_path / "r.csv", rows)).had["forgets the + 1"]) == 2


def test_canvas_student_analysis_is_read(bank, variants, tmp_path):
    """Only the questions that somebody got have a column; blanks are questions of others."""
    line, other, bars = variants["line", 1], variants["line", 2], variants["bars", 1]
    heads = [f"{n}: {question(each)}" for n, each in enumerate((line, other, bars), 4711)]
    right, end = bars.question.right, ["n correct", "n incorrect", "score"]
    who = {
        "Ada": ["Ada", "7", "s1", "A", "1", "2025-03-07 20:15:00 UTC", "1"],
        "Ben": ["Ben", "8", "s2", "A", "1", "2025-03-07 20:15:00 UTC", "1"],
        "Cy": ["Cy", "9", "s3", "A", "1", "2025-03-07 20:15:00 UTC", "1"],
    }
    rows = [
        ["name", "id", "sis_id", "section", "section_id", "submitted", "attempt"],
        [*who["Ada"], option(line, 0), "0", "", "", f"{right}", "1", "1", "1", "1"],
        [
            *who["Ada"][:5],
            "2025-03-08 20:15:00 UTC",
            "2",
            "",
            "",
            option(other, 0),
            "0",
            f"{right - 1}",
            "0",
            "0",
            "2",
            "0",
        ],
        [*who["Ben"], "", "0", "", "", "", "0", "0", "2", "0"],
        [*who["Cy"], "a size, ", "0", "", "", "twelve", "0", "0", "2", "0"],  # without the formula
    ]
    rows[0] += [heads[0], "1.0", heads[1], "1.0", heads[2], "1.0", *end]
    tally = tally_answers(bank, write(tmp_path / "r.csv", rows))
    assert len(tally.students) == 3
    assert len(tally.had["takes channels for pixels"]) == 1  # Ada, twice
    assert len(tally.could["takes channels for pixels"]) == 3
    assert len(tally.had["counts the gaps"]) == 1
    assert tally.right == {"05 Read a picture": 1}
    assert tally.kinds["reads the error as a size."] == {"02 Which line/statement fails?"}
    assert tally.asked == {"02 Which line/statement fails?": 4, "05 Read a picture": 4}


def test_the_table_has_the_commonest_first(bank, variants, tmp_path):
    export = write(tmp_path / "r.csv", moodle_rows(variants, ENGLISH))
    lines = format_tally(tally_answers(bank, export)).splitlines()
    assert lines[0] == "4 students answered questions of this bank."
    assert lines[3].split(maxsplit=2) == ["2", "4", "forgets the + 1 (02 Size after one layer)"]
    assert lines[7] == "No answer points to the other 2 misconceptions of these questions."
    assert lines[-1].split(maxsplit=2) == ["2", "4", "05 Read a picture"]


def test_an_option_changed_in_the_lms_is_reported_by_its_column(bank, variants, tmp_path):
    rows = moodle_rows(variants, ENGLISH)
    rows[2][6] = "line 1 (edited)"
    tally = tally_answers(bank, write(tmp_path / "r.csv", rows))
    assert tally.unknown == {"Response 1": ["line 1 (edited)"]}
    assert not tally.had["takes channels for pixels"]
    expected = """In the column "Response 1", these are no option of their question: 'line 1 (ed"""
    assert expected in format_tally(tally)


def test_a_class_without_mistakes_is_told_apart_from_a_wrong_export(bank, variants, tmp_path):
    rows = moodle_rows(variants, ENGLISH)[:2]
    text = format_tally(tally_answers(bank, write(tmp_path / "r.csv", rows)))
    assert "has the students' responses, not only the right answers" in text


def test_a_question_of_another_bank_is_an_error(bank, variants, tmp_path):
    rows = moodle_rows(variants, ENGLISH)
    rows[1][5] = "How many? [q-00000000]"
    with pytest.raises(UnclearAnswers, match='column "Response 1" has the question q-00000000'):
        tally_answers(bank, write(tmp_path / "r.csv", rows))


def test_a_missing_column_is_named(bank, variants, tmp_path):
    rows = [[*row[:6], *row[7:]] for row in moodle_rows(variants, ENGLISH)]
    with pytest.raises(UnclearAnswers, match=r'follows the column "Question 1".*tick "response"'):
        tally_answers(bank, write(tmp_path / "r.csv", rows))


@pytest.mark.parametrize("rows", [[], [["Last name", "Response 1"], ["Ash", "12"]]])
def test_an_export_without_questions_is_an_error(bank, tmp_path, rows):
    with pytest.raises(UnclearAnswers, match='tick "question text" and "response"'):
        tally_answers(bank, write(tmp_path / "r.csv", rows))


def test_a_folder_without_its_record_is_an_error(tmp_path):
    export = write(tmp_path / "r.csv", [["a"], ["b"]])
    with pytest.raises(UnclearAnswers, match=r"bank.json is missing. Give the folder"):
        tally_answers(tmp_path, export)
    (tmp_path / "bank.json").write_text(json.dumps({"questions": 1})[:-2])
    with pytest.raises(UnclearAnswers, match="damaged"):
        tally_answers(tmp_path, export)

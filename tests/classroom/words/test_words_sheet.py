"""The table of points, as the page writes it and as spreadsheets save it."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unet_tutorial.classroom.grading.words_sheet import (
    COLUMNS,
    Row,
    SheetError,
    read_points_text,
    read_sheet,
    write_sheet,
)

MOST, STUDENTS = {"explain-2": 3.0, "explain-5": 12.0}, ["ada", "0071", "50101", "1e3", "-x"]
A, B = "0123456789012345", "1234567890123e56"  # digests that a spreadsheet would round
HEAD = "question,student_id,points,comment,answer_id"


def save(path: Path, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path.write_bytes("\r\n".join([head, *lines, ""]).encode(encoding))
    return path


def read(path: Path) -> list[Row]:
    return read_sheet(path, MOST, STUDENTS)


def read_raw(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_no_file_has_no_rows(tmp_path):
    assert read(tmp_path / "missing.csv") == []


ODD = ["=1+1", "'=1", "''@", "+a", "-0.5", "@a", "a;b,c\td", '"', "=a\nb"]
PLAIN = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])) | st.sampled_from(ODD)


def write_and_read(row: Row) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "words", "a.csv")
        write_sheet(path, [row])
        formulas = [each for line in read_raw(path) for each in line if each[:1] in tuple("=+@")]
        assert formulas == []
        return read(path)[0]


@given(PLAIN, PLAIN)
def test_what_is_written_is_read(comment, answer):
    row = Row("explain-2", "0071", A, 1.3333333333333333, comment, {"answer": answer})
    found = write_and_read(row)
    assert (found.key, found.points) == (row.key, row.points)
    assert (found.comment, found.cells["answer"].strip()) == (comment.strip(), answer.strip())


@given(st.text(st.characters(), max_size=30))
def test_any_text_can_be_written_and_stays_the_same_from_then_on(text):
    once = write_and_read(Row("explain-2", "ada", A, 2, text, {"answer": text, "grader": text}))
    assert write_and_read(once) == once


def test_texts_stay_as_they_are(tmp_path):
    comment = 'Which "places"?\n- from 0, or 1; see = below\n  indented'
    write_sheet(
        tmp_path / "a.csv", [Row("explain-2", "-x", A, 2, comment, {"answer": "=HYPERLINK"})]
    )
    (row,) = read(tmp_path / "a.csv")
    assert (row.comment, row.cells["answer"], row.student) == (comment, "=HYPERLINK", "-x")
    assert tuple(read_raw(tmp_path / "a.csv")[0]) == COLUMNS
    assert (tmp_path / "a.csv").read_bytes()[:3] == b"\xef\xbb\xbf"


def test_a_long_answer_fits_into_a_cell(tmp_path):
    write_sheet(tmp_path / "a.csv", [Row("explain-2", "ada", A, 2, "", {"answer": "x" * 200_000})])
    assert len(read(tmp_path / "a.csv")[0].cells["answer"]) < 32_767


@pytest.mark.parametrize(
    ("separator", "points", "encoding"),
    [
        (",", "1.5", "utf-8"),
        (",", '"1,5"', "utf-8-sig"),
        (";", "1,5", "utf-8-sig"),
        (";", " 1.5 ", "cp1252"),
        ("\t", "1,50", "utf-16"),
        (";", "+1,5", "utf-8"),
    ],
)
def test_tables_of_any_spreadsheet_are_read(tmp_path, separator, points, encoding):
    head = separator.join(["Answer_ID", "Comment", "grader", "POINTS", "student_id ", "question"])
    line = separator.join([f"sha-{A}", "für dich", "kim", points, "ada", "explain-2"])
    (row,) = read(save(tmp_path / "a.csv", line, head=head, encoding=encoding))
    assert (row.key, row.points) == (("explain-2", "ada", A), 1.5)
    assert (row.comment, row.cells["grader"], row.number) == ("für dich", "kim", 2)


@pytest.mark.parametrize(
    ("saved", "known"),
    [("71", "0071"), ("71.0", "0071"), ("50101.00", "50101"), ("1000", "1e3"), ("ADA", "ada")],
)
def test_ids_that_a_spreadsheet_took_for_numbers_are_recognised(tmp_path, saved, known):
    (row,) = read(save(tmp_path / "a.csv", f"explain-2,{saved},1,,sha-{A}"))
    assert row.student == known


def test_the_separator_and_other_columns_stay(tmp_path):
    path = save(
        tmp_path / "a.csv", f"explain-2;ada;;;sha-{A};-0,5", head=HEAD.replace(",", ";") + ";minus"
    )
    rows = read(path)
    rows[0].points = 2.5
    write_sheet(path, rows)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == ";".join([*COLUMNS, "minus"])
    assert lines[1] == f"explain-2;ada;;;2,5;;;;sha-{A};-0,5"


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        (f"explain-2,ada,3.5,,sha-{A}", "points", "'3.5' isn't a number from 0 to 3"),
        (f"explain-2,ada,-1,,sha-{A}", "points", "'-1'"),
        (f"explain-2,ada,two,,sha-{A}", "points", "'two'"),
        (f"explain-2,ada,nan,,sha-{A}", "points", "'nan'"),
        (f"explain-2,ada,1e999,,sha-{A}", "points", "'1e999'"),
        (f"explain-2,ada,01. Mai,,sha-{A}", "points", "'01. Mai'"),
        (f"explain-3,ada,1,,sha-{A}", "question", "'explain-3', only explain-2, explain-5"),
        (f"explain-2,zoe,,fine,sha-{A}", "student_id", "'zoe'"),
        ("explain-2,ada,1,,1.23E+15", "answer_id", "'1.23E+15'"),
        ("explain-2,ada,1", "answer_id", "''"),
    ],
)
def test_an_entry_that_cant_be_read_is_named(tmp_path, line, column, value):
    path = save(tmp_path / "a.csv", f"explain-5,ada,12,,sha-{B}", line)
    with pytest.raises(SheetError, match=r"^a\.csv, row 3, column ") as error:
        read(path)
    assert f"column {column}" in str(error.value)
    assert value in str(error.value)


def test_a_row_without_an_entry_says_nothing(tmp_path):
    path = save(tmp_path / "a.csv", "gone,zoe,,,?", f"explain-2,ada,,,sha-{A}")
    assert [row.key for row in read(path)] == [("explain-2", "ada", A)]


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(SheetError, match="row 1: there is no column points, answer_id"):
        read(save(tmp_path / "a.csv", "explain-2,ada,", head="question,student_id,comment"))
    (tmp_path / "b.csv").write_bytes(b"")
    with pytest.raises(SheetError, match="there is no column question"):
        read(tmp_path / "b.csv")


def test_one_entry_is_for_all_answers_that_are_the_same(tmp_path):
    lines = [f"explain-2,{who},{points},{said},sha-{digest}" for who, points, said, digest in [
        ("ada", "", "", A), ("0071", "2", "good", A), ("50101", "", "", B),
        ("1e3", "1", "", B), ("-x", "0", "", B)]]  # fmt: skip
    rows = read(save(tmp_path / "a.csv", *lines))
    assert [(row.points, row.comment) for row in rows] == [
        (2, "good"), (2, "good"), (None, ""), (1, ""), (0, "")]  # fmt: skip


@pytest.mark.parametrize(("text", "points"), [("", None), (" ", None), ("0", 0), ("12", 12)])
def test_points_may_be_anything_from_nothing_to_the_most(text, points):
    assert read_points_text(text, 12) == points


def test_the_table_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    write_sheet(tmp_path / "a.csv", [Row("explain-2", "ada", A, 2)])
    before = (tmp_path / "a.csv").read_bytes()

    def refuse(*_):
        raise PermissionError("open in another program")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(PermissionError):
        write_sheet(tmp_path / "a.csv", [Row("explain-2", "ada", A, 1)])
    assert (tmp_path / "a.csv").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1

"""The commands `quiz` and `quiz-answers`, from the outside."""

from __future__ import annotations

import argparse
import ast
import io
import json
import sys
import zipfile
from pathlib import Path

import pytest
from small_quiz import draw_small, write_own

from unet_tutorial.classroom.quiz import question
from unet_tutorial.classroom.quiz.command import add_quiz, add_quiz_answers

SECRET = "horse battery staple"
FILES = ["bank.json", "moodle/02.xml", "moodle/05.xml", "paper.html", "paper_key.html"]
EXAMPLE = question.__doc__.partition("\n\n")[2].rpartition("\n\nIts questions")[0]


def run(*arguments):
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()
    add_quiz(verbs)
    add_quiz_answers(verbs)
    chosen = parser.parse_args([str(each) for each in arguments])
    return chosen.run(chosen)


@pytest.fixture
def own(tmp_path):
    return write_own(tmp_path / "own.py")


def make(folder, own, *more, secret=SECRET):
    start = ["quiz", "--seed", secret, "--variants", 4, "--output", folder, "--kinds", own]
    return run(*start, "--format", "moodle", "paper", *more)  # QTI needs an extra


def read(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def unpack(content):
    """The content, and what is packed inside an archive."""
    yield content
    if zipfile.is_zipfile(io.BytesIO(content)):
        archive = zipfile.ZipFile(io.BytesIO(content))
        yield from (archive.read(name) for name in archive.namelist())


def test_the_same_secret_gives_the_same_files_and_says_what_comes_next(tmp_path, own, capsys):
    assert make(tmp_path / "a", own) == 0
    printed = capsys.readouterr()
    assert "12 questions of 3 kinds" in printed.out
    assert "Question bank > Import > Moodle XML format" in printed.out
    assert f"unet-tutorial quiz-answers {tmp_path / 'a'} ANSWERS.csv" in printed.out
    assert printed.err == ""
    assert make(tmp_path / "b", own) == 0
    assert sorted(read(tmp_path / "a")) == FILES
    assert read(tmp_path / "a") == read(tmp_path / "b")


def test_another_secret_gives_other_files(tmp_path, own):
    make(tmp_path / "a", own)
    make(tmp_path / "b", own, secret=SECRET + "!")
    first, second = read(tmp_path / "a"), read(tmp_path / "b")
    assert [name for name in FILES if first[name] == second[name]] == []
    names = {json.loads(files["bank.json"])["bank"] for files in (first, second)}
    assert len(names) == 2


def test_no_file_has_the_secret(tmp_path, own):
    make(tmp_path / "a", own)
    for content in read(tmp_path / "a").values():
        for part in unpack(content):
            assert SECRET.encode() not in part


def test_what_students_see_does_not_say_which_answer_is_right(tmp_path, own):
    make(tmp_path / "a", own)
    record = json.loads((tmp_path / "a" / "bank.json").read_text(encoding="utf-8"))
    paper = (tmp_path / "a" / "paper.html").read_text(encoding="utf-8")
    for entry in record["questions"].values():
        for wrong in entry["wrong"]:
            assert wrong["misconception"] not in paper


def test_the_record_says_what_each_answer_means(tmp_path, own):
    make(tmp_path / "a", own)
    record = json.loads((tmp_path / "a" / "bank.json").read_text(encoding="utf-8"))
    for variant in draw_small(SECRET, 4):
        entry = record["questions"][variant.code]
        assert entry["name"] == variant.name
        assert entry["right"] == str(variant.question.right)
        meanings = {each["value"]: each["misconception"] for each in entry["wrong"]}
        expected = {str(each.value): each.misconception for each in variant.question.wrong}
        assert meanings == expected


def test_a_bank_that_may_be_in_use_is_not_overwritten(tmp_path, own, capsys):
    make(tmp_path / "a", own)
    before = read(tmp_path / "a")
    capsys.readouterr()
    assert make(tmp_path / "a", own, secret="another secret text") == 1
    assert "holds another bank" in capsys.readouterr().err
    assert read(tmp_path / "a") == before
    assert make(tmp_path / "a", own, "--variants", 6) == 0  # more questions of the same secret
    assert read(tmp_path / "a") != before


def test_one_format_and_fewer_papers(tmp_path, own):
    assert make(tmp_path / "a", own, "--versions", 2) == 0
    files = read(tmp_path / "a")
    assert sorted(files) == FILES[:5]
    assert files["paper.html"].count(b"<article") == 2


def test_without_text2qti_the_other_formats_work(tmp_path, own, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "text2qti", None)
    assert make(tmp_path / "a", own, "--format", "moodle", "qti") == 1
    assert "--format moodle paper" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
    assert make(tmp_path / "a", own, "--format", "moodle", "paper") == 0


def test_a_short_secret_is_remarked_on(tmp_path, own, capsys):
    assert make(tmp_path / "a", own, secret="2025") == 0
    assert "short secret can be guessed" in capsys.readouterr().err


def test_unknown_chapters_and_counts_are_errors(tmp_path, own, capsys):
    assert make(tmp_path / "a", own, "--format", "moodle") == 0
    start = ["quiz", "77", "--seed", SECRET, "--format", "moodle"]
    assert run(*start, "--output", tmp_path / "b") == 1
    assert "no questions for chapter '77'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        make(tmp_path / "a", own, "--variants", 0)
    assert "'0': give a whole number, 1 or more" in capsys.readouterr().err


def test_a_kind_with_fewer_questions_is_named(tmp_path, own, capsys):
    make(tmp_path / "a", own, "--variants", 120, "--format", "moodle")
    assert "02 line (97)" in capsys.readouterr().out  # c goes from 3 to 99


def test_the_example_for_instructors_works(tmp_path):
    """The file of the docstring that says how to write a kind, taken from there."""
    folder = tmp_path / "kinds"
    folder.mkdir()
    lines = [line.removeprefix("    ") for line in EXAMPLE.splitlines()]
    (folder / "own.py").write_text("\n".join(lines), encoding="utf-8")
    assert len(lines) < 30
    ast.parse("\n".join(lines))
    assert make(tmp_path / "a", folder) == 0
    record = json.loads((tmp_path / "a" / "bank.json").read_text(encoding="utf-8"))
    for entry in record["questions"].values():
        size, kernel = [int(word) for word in entry["text"].split() if word.isdecimal()][::2][:2]
        assert entry["kind"] == "my_border"
        assert int(entry["right"]) == size - len(range(size)[kernel - 1 :])


def test_quiz_answers_prints_the_table_and_what_comes_next(tmp_path, own, capsys):
    make(tmp_path / "a", own)
    variant = draw_small(SECRET, 4)[-1]
    export = tmp_path / "answers.csv"
    lines = ["Last name,First name,Email,Question 1,Response 1"]
    lines.append(f"Ash,Ada,a@x.org,How many? [{variant.code}],{variant.question.right - 1}")
    export.write_text("\n".join(lines), encoding="utf-8")
    capsys.readouterr()
    assert run("quiz-answers", tmp_path / "a", export) == 0
    printed = capsys.readouterr().out
    assert "counts the gaps (05 Read a picture)" in printed
    assert printed.splitlines()[-2].startswith("Next:")
    assert run("quiz-answers", tmp_path, export) == 1
    assert run("quiz-answers", tmp_path / "a", Path("no_such.csv")) == 1
    assert "no_such.csv" in capsys.readouterr().err

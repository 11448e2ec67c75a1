"""Drawing questions from a secret, and finding the kinds."""

from __future__ import annotations

import dataclasses

import pytest
from small_quiz import ask_bars, ask_line, ask_size, draw_small, make_png, write_own

from unet_tutorial.classroom.quiz import DrawAgain, Question, Wrong, bank, kind
from unet_tutorial.classroom.quiz.bank import BankError, draw_bank, list_chapters, load_kinds
from unet_tutorial.classroom.quiz.question import format_value

GOOD = Question("How many?", 3, (Wrong(4, "adds"), Wrong(5, "adds twice")), "Count.")


def draw(ask, count=5):
    return list(draw_bank([kind("02", "own", "Own")(ask)], "secret", count))


def test_the_same_secret_gives_the_same_questions_and_another_one_others():
    first = draw_small()
    assert draw_small() == first
    others = {each.question.text for each in draw_small("another secret")}
    same = [each for each in first if each.question.text in others]
    assert len(same) < 5  # of 9; ask_bars has one text


def test_a_longer_bank_begins_like_a_shorter_one():
    assert draw_small(count=8)[:3] == draw_small(count=3)[:3]


def test_questions_are_different_and_numbered():
    variants = draw(ask_size.ask, 60)
    assert [each.number for each in variants] == list(range(1, len(variants) + 1))
    assert len({each.question for each in variants}) == len({each.code for each in variants}) == 60


def test_a_kind_with_few_questions_gives_each_once():
    variants = draw(lambda draw: dataclasses.replace(GOOD, text=f"{draw.randint(1, 3)}?"), 30)
    assert sorted(each.question.text for each in variants) == ["1?", "2?", "3?"]


@pytest.mark.parametrize("equal", [3, 3.0, "3", " 3 ", "3.0"])
def test_a_question_with_equal_options_is_drawn_again(equal):
    def ask(draw):
        wrong = draw.choice([equal, 7])
        text = f"How many of {draw.randint(1, 999)}?"
        return dataclasses.replace(GOOD, text=text, wrong=(Wrong(wrong, "a"), GOOD.wrong[0]))

    assert {each.question.wrong[0].value for each in draw(ask, 20)} == {7}
    always = dataclasses.replace(GOOD, wrong=(Wrong(equal, "a"), GOOD.wrong[0]))
    with pytest.raises(BankError, match="02 own: 100 draws gave no question"):
        draw(lambda draw: always)


def test_a_wrong_number_inside_the_tolerance_is_drawn_again():
    def ask(draw):
        wrong, text = draw.choice([3.7, 4.2]), f"How many of {draw.randint(1, 999)}?"
        return Question(text, 3, (Wrong(wrong, "a"),), "why", tolerance=0.5, numerical=True)

    assert {each.question.wrong[0].value for each in draw(ask, 20)} == {4.2}


def test_a_kind_may_ask_to_draw_again_but_not_for_ever():
    def ask(draw):
        if draw.random() < 0.7:
            raise DrawAgain
        return dataclasses.replace(GOOD, text=f"{draw.random()}?")

    def refuse(draw):
        raise DrawAgain

    assert len(draw(ask)) == 5
    with pytest.raises(BankError, match="no question"):
        draw(refuse)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"text": " "}, "text is empty"),
        ({"why": ""}, "why is empty"),
        ({"why": "red \x1b[31m"}, "control characters"),
        ({"picture": make_png(1)}, "needs alt"),
        ({"picture": b"GIF89a", "alt": "x"}, "not a PNG"),
        ({"wrong": GOOD.wrong[:1]}, "2 to 4 wrong options"),
        ({"wrong": tuple(Wrong(n, "x") for n in range(5))}, "2 to 4 wrong options"),
        ({"wrong": (GOOD.wrong[0], Wrong(9, ""))}, "needs a misconception"),
        ({"right": float("nan")}, "not finite"),
        ({"right": "3", "numerical": True}, "needs numbers"),
        ({"right": 1 / 3, "numerical": True}, "needs a tolerance"),
    ],
)
def test_what_cannot_be_asked_is_refused(change, fault):
    with pytest.raises(BankError, match=f"02 own: .*{fault}"):
        draw(lambda draw: dataclasses.replace(GOOD, **change))


def test_an_error_in_a_kind_is_found_by_its_line():
    def ask(draw):
        return 1 // 0

    with pytest.raises(BankError, match=r"02 own fails in .*test_bank.py, line \d+: ZeroDivision"):
        draw(ask)


@pytest.mark.parametrize(
    "options",
    [
        ["line 1", "line 9", "line 10", "none"],
        ["-2", "-0.5", "1", "10"],
        ["3", "(1, 2, 3)", "(1, 10, 3)", "not at all"],
    ],
)
def test_options_are_sorted_as_people_would(options):
    wrong = tuple(Wrong(each, "a") for each in reversed(options[1:]))
    (variant,) = draw(lambda draw: dataclasses.replace(GOOD, right=options[0], wrong=wrong), 1)
    assert variant.options == options


def test_the_code_of_a_number_does_not_tell_the_number():
    codes = set()
    for right in (3, 4):
        made = Question("How many?", right, (), "why", numerical=True)
        codes |= {each.code for each in draw(lambda draw, made=made: made, 1)}
    assert len(codes) == 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "3"),
        (3.0, "3"),
        (31036481.0, "31036481"),
        (0.5, "0.5"),
        (-2.25, "-2.25"),
        ("3.0", "3.0"),
    ],
)
def test_values_are_shown_briefly(value, shown):
    assert format_value(value) == shown


# ---- finding the kinds


def test_the_courses_kinds_are_found():
    for chapter in list_chapters():
        kinds = load_kinds([chapter])
        assert kinds
        assert {each.chapter for each in kinds} == {chapter}


def test_an_instructors_files_add_kinds(tmp_path):
    assert load_kinds([], [write_own(tmp_path / "own.py")]) == [ask_line, ask_size, ask_bars]


def test_a_chapter_without_questions_is_an_error(tmp_path):
    with pytest.raises(BankError, match="no questions for chapter '77'"):
        load_kinds(["77"])
    with pytest.raises(BankError, match="--kinds"):
        load_kinds([])


def test_a_file_without_kinds_is_an_error(tmp_path):
    own = tmp_path / "own.py"
    with pytest.raises(BankError, match="not a Python file"):
        load_kinds([], [own])
    own.write_text("x = 1\n")
    with pytest.raises(BankError, match="@kind"):
        load_kinds([], [own])
    own.write_text("import no_such_package\n")
    with pytest.raises(BankError, match="can't be run: ModuleNotFoundError"):
        load_kinds([], [own])


def test_two_kinds_of_one_name_are_an_error(tmp_path, monkeypatch):
    other = kind("02", "size", "Another")(ask_size.ask)
    monkeypatch.setattr(bank, "_import_file", lambda path: {"a": write_module(ask_size)}[path])
    assert load_kinds([], ["a", "a"]) == [ask_size]
    monkeypatch.setattr(bank, "_import_file", lambda path: write_module(ask_size, other))
    with pytest.raises(BankError, match="two kinds that are called 'size'"):
        load_kinds([], ["a"])


def write_module(*kinds):
    """A module that has these kinds."""
    return type("Module", (), {f"ask_{n}": each for n, each in enumerate(kinds)})

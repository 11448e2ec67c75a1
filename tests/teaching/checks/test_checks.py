"""Every check takes what is right and refuses what is wrong, with the hint meant for it."""

import inspect

import pytest
import torch
from answers import (
    CHAPTERS,
    LEAST_RIGHT,
    LEAST_WRONG,
    all_answers,
    arguments,
    listed_mistakes,
    reference_answers,
)

from unet_tutorial import checks
from unet_tutorial.teaching.checks import EXERCISES, CheckFailed, progress_store
from unet_tutorial.teaching.checks.message import parse_refusal

ANSWERS = all_answers()
NUMBERS = sorted(EXERCISES, key=lambda number: tuple(map(int, number.split("."))))


def check_of(number):
    return getattr(checks, EXERCISES[number].check)


@pytest.fixture(autouse=True)
def nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress_store, "REMEMBERED", {})


def test_every_exercise_has_a_catalogue():
    assert set(ANSWERS) == set(EXERCISES)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exercises_are_numbered_from_one(chapter):
    numbers = [int(n.partition(".")[2]) for n in NUMBERS if n.startswith(f"{chapter}.")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= (1 if chapter == 1 else 3)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_exercise_says_what_it_is(number):
    this = EXERCISES[number]
    assert len(this.hints) == len(set(this.hints)) == 3
    assert all(len(hint) > 20 for hint in this.hints)
    assert len(this.misconception) > 10
    assert inspect.getdoc(check_of(number)), "say what the check wants"


@pytest.mark.parametrize(
    ("number", "answer"), [(n, answer) for n in NUMBERS for answer in ANSWERS[n].right]
)
def test_a_right_answer_passes(number, answer, capsys):
    check_of(number)(*arguments(answer))
    said = capsys.readouterr()
    assert said.out.startswith(f"✓ {number} is right: ")
    assert said.out.count("\n") <= 2, "a line, which may be wrapped once"
    assert max(map(len, said.out.splitlines())) <= 78
    assert said.err == ""
    assert progress_store.load()[number]["passed"]


@pytest.mark.parametrize(
    ("number", "answer", "part"), [(n, *pair) for n in NUMBERS for pair in ANSWERS[n].wrong]
)
def test_a_wrong_answer_meets_its_hint(number, answer, part, capsys):
    with pytest.raises(CheckFailed) as refused:
        check_of(number)(*arguments(answer))
    message = str(refused.value)
    assert message.startswith(f"✗ {number} is not right yet.\n")
    (hint,) = [line for line in message.split("  hint:     ")[1:]]
    assert part in " ".join(hint.split())
    assert len(message.splitlines()) <= 16
    assert max(map(len, message.splitlines())) <= 100
    assert capsys.readouterr().err == ""
    assert not progress_store.load()[number]["passed"]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_reference_passes(number, capsys):
    if (answers := reference_answers(number)) is not None:
        check_of(number)(*answers)
        assert capsys.readouterr().out.startswith(f"✓ {number} is right: ")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_listed_mistake_meets_its_own_hint(number):
    for answers, hint in listed_mistakes(number):
        with pytest.raises(CheckFailed) as refused:
            check_of(number)(*answers)
        assert parse_refusal(str(refused.value)).hint.split() == hint.split(), answers
        assert max(map(len, str(refused.value).splitlines())) <= 100


@pytest.mark.parametrize("number", NUMBERS)
def test_there_are_answers_enough(number):
    this, listed = ANSWERS[number], listed_mistakes(number)
    hints = {part for _, part in this.wrong} | {hint for _, hint in listed}
    assert len(this.right) >= LEAST_RIGHT
    assert len(this.wrong) + len(listed) >= LEAST_WRONG
    assert len(hints) >= 4, "as many hints as there are mistakes"


class AlwaysRight(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class AlwaysRightTensor(torch.Tensor):
    pass


class Silent:
    def __getattr__(self, name):
        raise RuntimeError(name)


def raising(*_, **__):
    raise ValueError("inside")


def endless(*arguments, **options):
    return endless(*arguments, **options)


def leaving(*_, **__):
    raise SystemExit


def taking_nothing():
    return 1


STRANGE = [
    None,
    Silent,
    AlwaysRight(3),
    torch.ones(3).as_subclass(AlwaysRightTensor),
    Silent(),
    float("nan"),
    "",
    [],
    {},
    torch.empty(0),
    raising,
    endless,
    leaving,
    taking_nothing,
    print,
    torch.nn.Identity,
    torch.nn.Identity(),
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("strange", STRANGE, ids=lambda each: type(each).__name__)
def test_an_answer_of_a_strange_kind_is_refused_in_words(number, strange, capsys):
    right = arguments(ANSWERS[number].right[0])
    for place in range(len(right)):
        answers = [*right[:place], strange, *right[place + 1 :]]
        with pytest.raises(CheckFailed) as refused:
            check_of(number)(*answers)
        assert "hint:" in str(refused.value)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number", NUMBERS)
def test_a_check_leaves_the_random_numbers_alone(number):
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    check_of(number)(*arguments(ANSWERS[number].right[0]))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_check_does_not_depend_on_the_default_dtype(number):
    torch.set_default_dtype(torch.float64)
    try:
        check_of(number)(*arguments(ANSWERS[number].right[0]))
    finally:
        torch.set_default_dtype(torch.float32)

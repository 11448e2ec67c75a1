"""Every check accepts right answers, and refuses wrong answers with the hint for the mistake."""

import inspect
from itertools import product

import pytest
import torch
from answers import (
    CHAPTERS,
    LEAST_RIGHT,
    LEAST_WRONG,
    list_mistakes,
    load_answers,
    reference_answers,
    to_arguments,
)

from unet_tutorial import checks
from unet_tutorial.teaching.checks import EXERCISES, CheckFailed, progress_store
from unet_tutorial.teaching.checks.message import parse_refusal

ANSWERS = load_answers()
NUMBERS = sorted(EXERCISES, key=lambda number: tuple(map(int, number.split("."))))


def load_check(number):
    return getattr(checks, EXERCISES[number].check)


@pytest.fixture(autouse=True)
def empty_progress(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress_store, "_REMEMBERED", {})


def test_every_exercise_has_answers():
    assert set(ANSWERS) == set(EXERCISES)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exercises_are_numbered_from_one(chapter):
    numbers = [int(n.partition(".")[2]) for n in NUMBERS if n.startswith(f"{chapter}.")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= (1 if chapter == 1 else 3), "a chapter has three exercises or more"


@pytest.mark.parametrize("number", NUMBERS)
def test_an_exercise_has_its_texts(number):
    this = EXERCISES[number]
    assert len(this.hints) == len(set(this.hints)) == 3
    assert min(map(len, this.hints)) > 20, "a hint is a sentence"
    assert len(this.misconception) > 10
    assert inspect.getdoc(load_check(number)), "the check needs a docstring"


@pytest.mark.parametrize(
    ("number", "answer"), [(n, answer) for n in NUMBERS for answer in ANSWERS[n].right]
)
def test_a_right_answer_passes(number, answer, capsys):
    load_check(number)(*to_arguments(answer))
    printed = capsys.readouterr()
    assert printed.out.startswith(f"✓ {number}  Right: ")
    assert printed.out.count("\n") <= 2, "a line, which may be wrapped once"
    assert max(map(len, printed.out.splitlines())) <= 78
    assert printed.err == ""
    assert progress_store.load_progress()[number]["passed"]


@pytest.mark.parametrize(
    ("number", "answer", "part"), [(n, *pair) for n in NUMBERS for pair in ANSWERS[n].wrong]
)
def test_a_wrong_answer_gets_its_hint(number, answer, part, capsys):
    with pytest.raises(CheckFailed) as refused:
        load_check(number)(*to_arguments(answer))
    message = str(refused.value)
    assert message.startswith(f"✗ {number}  Not yet.\n")
    assert message.count("\n  hint  ") == 1
    assert part in " ".join(parse_refusal(message).hint.split())
    assert len(message.splitlines()) <= 16
    assert max(map(len, message.splitlines())) <= 80
    assert capsys.readouterr().err == ""
    assert not progress_store.load_progress()[number]["passed"]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_reference_passes(number, capsys):
    if (answers := reference_answers(number)) is not None:
        load_check(number)(*answers)
        assert capsys.readouterr().out.startswith(f"✓ {number}  Right: ")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_listed_mistake_gets_its_own_hint(number):
    for answers, hint in list_mistakes(number):
        with pytest.raises(CheckFailed) as refused:
            load_check(number)(*answers)
        assert parse_refusal(str(refused.value)).hint.split() == hint.split(), answers
        assert max(map(len, str(refused.value).splitlines())) <= 100


@pytest.mark.parametrize("number", NUMBERS)
def test_there_are_enough_answers(number):
    this, listed = ANSWERS[number], list_mistakes(number)
    hints = {part for _, part in this.wrong} | {hint for _, hint in listed}
    assert len(this.right) >= LEAST_RIGHT
    assert len(this.wrong) + len(listed) >= LEAST_WRONG
    assert len(hints) >= 4, "different mistakes need different hints"


class AlwaysRight(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class AlwaysRightTensor(torch.Tensor):
    pass


class Silent:
    def __getattr__(self, name):
        raise RuntimeError(name)


def raise_error(*_, **__):
    raise ValueError("inside")


def recurse(*arguments, **options):
    return recurse(*arguments, **options)


def exit_python(*_, **__):
    raise SystemExit


def take_nothing():
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
    raise_error,
    recurse,
    exit_python,
    take_nothing,
    print,
    torch.nn.Identity,
    torch.nn.Identity(),
]


@pytest.mark.parametrize("number", NUMBERS)
def test_an_answer_of_a_strange_type_is_refused_with_a_hint(number, capsys):
    right = to_arguments(ANSWERS[number].right[0])
    for place, strange in product(range(len(right)), STRANGE):
        answers = [*right[:place], strange, *right[place + 1 :]]
        with pytest.raises(CheckFailed) as refused:
            load_check(number)(*answers)
        assert "\n  hint  " in str(refused.value), (
            f"answer {place} of type {type(strange).__name__}"
        )
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number", NUMBERS)
def test_a_check_does_not_change_the_random_numbers(number):
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    load_check(number)(*to_arguments(ANSWERS[number].right[0]))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_check_does_not_depend_on_the_default_dtype(number):
    torch.set_default_dtype(torch.float64)
    try:
        load_check(number)(*to_arguments(ANSWERS[number].right[0]))
    finally:
        torch.set_default_dtype(torch.float32)

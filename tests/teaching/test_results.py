"""What compare_guess and approximate print."""

import json

import numpy as np
import pytest
import torch

from unet_tutorial.teaching import results
from unet_tutorial.teaching.results import approximate, compare_guess


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A learner's workspace as the current folder."""
    (tmp_path / ".unet-tutorial").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def say(capsys):
    def compare(guess, result=203, name="sum", **options):
        compare_guess(guess, result, name, **options)
        return capsys.readouterr().out.removesuffix("\n")

    return compare


def test_without_a_guess_the_result_is_alone(say):
    for empty in (None, ..., "", (), (None, 3), [None, None]):
        assert say(empty) == "sum: 203"


@pytest.mark.parametrize(
    ("guess", "result", "verdict"),
    [
        (203, 203, "Exactly what you guessed."),
        (203.0, 203, "Exactly what you guessed."),
        (210, 203, "You guessed 210: close, but not exact."),
        (0.91, 0.95, "You guessed 0.91: close."),
        (0.9, 0.95, "You guessed 0.9: too low."),
        (406, 203, "You guessed 406: twice as much."),
        (101.5, 203, "You guessed 101.5: half of that."),
        (-203, 203, "You guessed -203: right, but for the sign."),
        (4, 203, "You guessed 4: too low."),
        (1000, 203, "You guessed 1,000: too high."),
        (5, 0, "You guessed 5: too high."),
        (0.67, 2 / 3, "Exactly what you guessed."),
        (2 / 3, 2 / 3, "Exactly what you guessed."),
        (67, 2 / 3, "You guessed 67: right, if you meant per cent."),
        (0.2, 20, "You guessed 0.2: right, if you meant a fraction of 1."),
        ((64, 96), (96, 64), "You guessed (64, 96): the right numbers in another order."),
        ((96, 1), (96, 64), "You guessed (96, 1): 1 of 2 right."),
        ((1, 2), (96, 64), "You guessed (1, 2)."),
        ((96, 64, 1), (96, 64), "You guessed (96, 64, 1), but it has 2 values."),
        ([96, 64], torch.Size([96, 64]), "Exactly what you guessed."),
        (96, (96, 64), "You guessed 96, but it's several values, such as (3, 4)."),
        (" One 5X5", "one 5x5", "Exactly what you guessed."),
        ("one 5×5, I think", "one 5x5", "Exactly what you guessed."),
        ("two 3x3", "one 5x5", "You guessed two 3x3."),
        ("many", 203, "You guessed many, but it's a number."),
        (True, 1, "You guessed True, but it's a number."),
        (torch.tensor(5), np.int64(5), "Exactly what you guessed."),
    ],
)
def test_a_guess_is_judged(say, guess, result, verdict):
    _, dot, judged = say(guess, result).partition(". ")
    assert dot
    assert judged == verdict


def test_any_value_can_be_a_guess(say):
    class Strange:
        def __eq__(self, other):
            raise ValueError

        __hash__ = None

    strange = [float("nan"), float("inf"), 10**400, 1j, {1}, {}, print, np.arange(3), Strange()]
    for each in strange:
        for result in (203, 0.5, (3, 4), "yes"):
            assert say(each, result).startswith("sum: ")


def test_what_counts_as_close_can_be_said(say):
    assert say(205, close=2).endswith("close, but not exact.")
    assert say(206, close=2).endswith("too high.")


def test_a_wrong_guess_may_have_a_meaning(say, monkeypatch):
    meanings = {"sum": {200: "the first stamp's share", (1, 2): "swapped", 0.33: "a third"}}
    monkeypatch.setattr(results, "read_meanings", lambda: meanings)
    assert say(200) == "sum: 203. You guessed 200: the first stamp's share."
    assert say([1, 2], (2, 1)).endswith("You guessed (1, 2): swapped.")
    assert say(1 / 3).endswith(": a third.")
    assert say(0.34).endswith(": too low.")
    assert say(200, name="another sum").endswith("You guessed 200: close, but not exact.")


def test_the_meanings_are_read_from_their_files(tmp_path, monkeypatch):
    texts = '["the size"]\n9 = "a"\n0.5 = "b"\n"(9, 8)" = "c"\none = "d"\n'.replace("0.5", '"0.5"')
    (tmp_path / "05.toml").write_text(texts)
    monkeypatch.setattr(results, "MEANINGS", tmp_path)
    results.read_meanings.cache_clear()
    read = results.read_meanings()
    results.read_meanings.cache_clear()
    assert read == {"the size": {9: "a", 0.5: "b", (9, 8): "c", "one": "d"}}


def test_a_number_that_differs_between_machines():
    assert approximate(0.947, 0.93, 0.96) == "≈ 0.95"
    assert approximate(59.2, 50, 70, digits=0) == "≈ 59"
    assert approximate(0.71, 0.93, 0.96) == "≈ 0.71, not between 0.93 and 0.96 as expected"
    assert approximate(float("nan"), 0, 1) == "≈ nan, not between 0 and 1 as expected"


def test_a_guess_at_a_number_that_differs(say):
    assert say(None, 0.947, "Dice", within=(0.93, 0.96)) == "Dice ≈ 0.95"
    assert say(0.95, 0.947, "Dice", within=(0.93, 0.96)) == "Dice ≈ 0.95. Exactly what you guessed."


def test_a_workspace_reminds_of_an_empty_guess(say, workspace):
    first, reminder = say(None).split("\n")
    assert first == "sum: 203"
    assert "guess" in reminder


def test_a_workspace_remembers_the_first_guess(say, workspace):
    assert say(60).endswith("You guessed 60: too low.")
    assert say(203).endswith("Exactly what you guessed. Your first guess was 60.")
    assert say(None).endswith("You guessed 60: too low. (That was your first guess.)")
    assert say([1, 2], (1, 2), "shape").endswith("Exactly what you guessed.")
    assert say(None, (1, 2), "shape").endswith("what you guessed. (That was your first guess.)")
    stored = json.loads((workspace / ".unet-tutorial/guesses.json").read_text())
    assert stored == {"sum": 60, "shape": [1, 2]}


def test_a_broken_store_stops_nothing(say, workspace):
    path = workspace / ".unet-tutorial" / "guesses.json"
    for text in ("{", "[]", "3"):
        path.write_text(text)
        assert say(60).endswith("too low.")
    path.unlink()
    path.mkdir()  # can't be written
    assert say(60).endswith("too low.")


def test_grading_remembers_nothing(say, workspace, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert say(None) == "sum: 203"
    say(60)
    assert not (workspace / ".unet-tutorial" / "guesses.json").exists()

"""Feedback says what failed without showing hidden tests."""

from __future__ import annotations

import pytest
from nbformat import from_dict

from unet_tutorial.classroom.grading.pipeline.step8_feedback import (
    _HIDDEN_TESTS_NOTE,
    HideHiddenTests,
)
from unet_tutorial.teaching.checks.card import Card
from unet_tutorial.teaching.checks.message import NOT_YET, RIGHT

VISIBLE, SECRET = "checks.stamp(stamp)", "checks.stamp(stamp, seed=2026)"
SOURCE = f"{VISIBLE}\n### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS"
REFUSAL = (
    "✗ 5.1 is not right yet.\n  tried:    stamp([3.25])\n  expected: [9.5]\n"
    "  hint:     Padding crops.\n            It adds nothing."
)


def error_output(name: str, value: str, *trace: str) -> dict:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": list(trace)}


def text_output(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text}


def card_output(card: Card) -> dict:
    data = {"text/plain": repr(card), "text/html": card._repr_html_()}
    return {"output_type": "display_data", "metadata": {}, "data": data}


PASSED = Card(RIGHT, "5.1", "12 rows")
REFUSED = Card(
    NOT_YET,
    "5.1",
    "",
    {"tried": "stamp([3.25])", "expected": "[9.5]", "hint": "Padding crops.\nIt adds nothing."},
)


def hide_tests(source: str, *outputs: dict, cell_type: str = "code"):
    """The cell as a student sees it."""
    cell = from_dict({"cell_type": cell_type, "source": source, "metadata": {}})
    cell.outputs = [from_dict(output) for output in outputs]
    return HideHiddenTests().preprocess_cell(cell, {}, 0)[0]


def test_hidden_tests_are_a_note():
    cell = hide_tests(SOURCE, card_output(PASSED))
    assert cell.source == f"{VISIBLE}\n{_HIDDEN_TESTS_NOTE}"
    assert cell.outputs == [card_output(PASSED)]


def test_a_visible_failure_is_shown_in_full():
    trace = ["---> 1 checks.stamp(stamp)", REFUSAL]
    for card in ([], [card_output(REFUSED)]):
        cell = hide_tests(SOURCE, *card, error_output("CheckFailed", REFUSAL, *trace))
        assert cell.outputs[-1].traceback == trace
        assert cell.outputs[:-1] == card
    assert cell.source == f"{VISIBLE}\n{_HIDDEN_TESTS_NOTE}"


@pytest.mark.parametrize(
    "outputs",
    [
        [text_output("✓ 5.1 is right: 12 rows.\n"), error_output("CheckFailed", REFUSAL, REFUSAL)],
        [
            text_output("printed by the answer\n"),
            card_output(PASSED),
            error_output("CheckFailed", repr(REFUSED), repr(REFUSED)),
        ],
        [
            card_output(PASSED),
            card_output(REFUSED),
            error_output("CheckFailed", repr(REFUSED), "✗ 5.1  Not yet."),
        ],
        [error_output("CheckFailed", REFUSAL, f"\x1b[32m----> 3\x1b[0m {SECRET}\n", REFUSAL)],
        [
            error_output(
                "CheckFailed", REFUSAL, f"----> 3 \x1b[1mchecks\x1b[0m{SECRET[6:]}\n", REFUSAL
            )
        ],
    ],
    ids=["version 0.1", "a card", "not noticed as graded", "traceback", "coloured traceback"],
)
def test_only_the_hint_of_a_hidden_failure_is_shown(outputs):
    shown = hide_tests(SOURCE, *outputs).outputs
    text = "\n".join(shown[-1].traceback)
    assert text.startswith("A hidden test failed")
    assert "Padding crops.\n            It adds nothing." in text
    for secret in ("2026", "3.25", "9.5"):
        assert secret not in str(shown)


ASSERTIONS = """assert f(1) == 2
### BEGIN HIDDEN TESTS
assert f(3) == 7, 'secret'
### END HIDDEN TESTS"""


def test_an_error_in_the_visible_test_is_shown_without_the_lines_below_it():
    trace = [
        "NameError    Traceback (most recent call last)",
        "Cell In[9], line 1\n----> \x1b[32m1\x1b[39m assert f(1) == 2\n"
        "      2 ### BEGIN HIDDEN TESTS\n"
        "      3 \x1b[31massert\x1b[39m f(3) == 7, 'secret'",
        "NameError: name 'f' is not defined",
    ]
    output = hide_tests(
        ASSERTIONS, error_output("NameError", "name 'f' is not defined", *trace)
    ).outputs[0]
    text = "\n".join(output.traceback)
    assert "----> 1 assert f(1) == 2" in text
    assert text.endswith("NameError: name 'f' is not defined")
    assert "secret" not in text
    assert "HIDDEN" not in text


def test_a_plain_assertion_shows_nothing():
    trace = "----> 3 assert f(3) == 7, 'secret'\nAssertionError: secret"
    output = hide_tests(ASSERTIONS, error_output("AssertionError", "secret", trace)).outputs[0]
    assert "secret" not in str(output)
    assert "f(3)" not in str(output)


@pytest.mark.parametrize(("source", "kind"), [(VISIBLE, "code"), (SOURCE, "markdown")])
def test_other_cells_do_not_change(source, kind):
    assert hide_tests(source, cell_type=kind).source == source

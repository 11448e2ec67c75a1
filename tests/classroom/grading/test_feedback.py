"""Feedback tells a student what failed and gives no hidden test away; late work costs."""

from __future__ import annotations

import pytest
from nbformat import from_dict

from unet_tutorial.classroom.grading.pipeline.late_penalty import LateDays
from unet_tutorial.classroom.grading.pipeline.step4_feedback import NOTE, HideHiddenTests

VISIBLE, SECRET = "checks.stamp(stamp)", "checks.stamp(stamp, seed=2026)"
SOURCE = f"{VISIBLE}\n### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS"
REFUSAL = (
    "✗ 5.1 is not right yet.\n  tried:    stamp([3.25])\n  expected: [9.5]\n"
    "  hint:     Padding crops.\n            It adds nothing."
)


def error(name: str, value: str, *trace: str) -> dict:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": list(trace)}


def printed(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(source: str, *outputs: dict, cell_type: str = "code"):
    """What is left of a cell."""
    cell = from_dict({"cell_type": cell_type, "source": source, "metadata": {}})
    cell.outputs = [from_dict(output) for output in outputs]
    return HideHiddenTests().preprocess_cell(cell, {}, 0)[0]


def test_hidden_tests_are_a_note():
    cell = shown(SOURCE, printed("✓ 5.1 is right: 12 rows.\n✓ 5.1 is right: 12 rows.\n"))
    assert cell.source == f"{VISIBLE}\n{NOTE}"
    assert cell.outputs[0].text.count("✓") == 2


def test_a_visible_failure_is_shown_whole():
    trace = ["---> 1 checks.stamp(stamp)", REFUSAL]
    cell = shown(SOURCE, error("CheckFailed", REFUSAL, *trace))
    assert cell.outputs[0].traceback == trace
    assert cell.source == f"{VISIBLE}\n{NOTE}"


@pytest.mark.parametrize(
    "outputs",
    [
        [printed("✓ 5.1 is right: 12 rows.\n"), error("CheckFailed", REFUSAL, REFUSAL)],
        [error("CheckFailed", REFUSAL, f"\x1b[32m----> 3\x1b[0m {SECRET}\n", REFUSAL)],
        [error("CheckFailed", REFUSAL, f"----> 3 \x1b[1mchecks\x1b[0m{SECRET[6:]}\n", REFUSAL)],
    ],
    ids=["the visible check passed", "traceback", "coloured traceback"],
)
def test_a_hidden_failure_keeps_its_hint_alone(outputs):
    text = "\n".join(shown(SOURCE, *outputs).outputs[-1].traceback)
    assert text.startswith("A hidden test failed")
    assert "Padding crops.\n            It adds nothing." in text
    for secret in ("2026", "3.25", "9.5"):
        assert secret not in text


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
    output = shown(ASSERTIONS, error("NameError", "name 'f' is not defined", *trace)).outputs[0]
    text = "\n".join(output.traceback)
    assert "----> 1 assert f(1) == 2" in text
    assert text.endswith("NameError: name 'f' is not defined")
    assert "secret" not in text
    assert "HIDDEN" not in text


def test_a_plain_assertion_shows_nothing():
    trace = "----> 3 assert f(3) == 7, 'secret'\nAssertionError: secret"
    output = shown(ASSERTIONS, error("AssertionError", "secret", trace)).outputs[0]
    assert "secret" not in str(output)
    assert "f(3)" not in str(output)


@pytest.mark.parametrize(("source", "kind"), [(VISIBLE, "code"), (SOURCE, "markdown")])
def test_other_cells_stay(source, kind):
    assert shown(source, cell_type=kind).source == source


HOUR = 3600


@pytest.mark.parametrize(
    ("hours", "free", "share", "penalty"),
    [(1, 0, 0.1, 1), (24, 0, 0.1, 1), (25, 0, 0.1, 2), (47, 2, 0.1, 0), (49, 2, 0.1, 1),
     (24 * 30, 0, 0.1, 10), (1, 0, 0.25, 2.5)],
)  # fmt: skip
def test_each_day_begun_costs(hours, free, share, penalty):
    plugin = LateDays(free_days=free, per_day=share)
    assert plugin.late_submission_penalty("ada", 10, hours * HOUR) == pytest.approx(penalty)

"""The base class of the explorers: controls, text, still and live pictures."""

import gc
import html
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from unet_tutorial.teaching.explorers.controls import (
    Slider,
    make_buttons,
    make_checkbox,
    make_number_field,
)
from unet_tutorial.teaching.explorers.explorer import Explorer, View, _format_paragraphs

INSTRUCTORS = Path(__file__).resolve().parents[3] / "INSTRUCTORS.md"


def make_squares(calls=None, **options):
    """Make an explorer of n squared that records its drawings in `calls`."""

    def draw(n, twice):
        if calls is not None:
            calls.append(n)
        many = n * n * (2 if twice else 1)
        alt = f"a square of {n} by {n} cells, which are {many} <together>"
        return View(Figure(figsize=(2, 1)), alt, f"n = {n}\n{many} cells & no more")

    controls = {"n": make_number_field("number", 1, 9, 3), "twice": make_checkbox("twice", False)}
    return Explorer("squares", controls, draw, **options)


def test_moving_a_control_changes_what_is_shown():
    explorer = make_squares()
    assert explorer.values == {"n": 3, "twice": False}
    assert explorer.set(n=4, twice=True) is explorer
    assert explorer.values == {"n": 4, "twice": True}
    assert explorer.view.text == "n = 4\n32 cells & no more"
    assert "32" in repr(explorer)
    assert repr(explorer).endswith("no more")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"n": 0}, "goes from 1 to 9"),
        ({"n": 10}, "goes from 1 to 9"),
        ({"n": 2.5}, "must be a whole number"),
        ({"n": None}, "must be a whole number"),
        ({"n": "3"}, "must be a whole number"),
        ({"n": True}, "cannot be True"),
        ({"twice": "no"}, "cannot be 'no'"),
        ({"m": 1}, "no control 'm'"),
    ],
)
def test_a_value_that_a_control_does_not_allow_is_refused(wrong, why):
    explorer = make_squares()
    with pytest.raises(ValueError, match=why):
        explorer.set(**wrong)
    assert explorer.values["n"] == 3


def test_buttons_accept_only_their_options():
    def draw(kind):
        return View(Figure(), f"a picture of the kind {kind}, thirty letters", kind)

    explorer = Explorer("kinds", {"kind": make_buttons("kind", [("one", 1), ("two", 2)], 1)}, draw)
    assert explorer.set(kind=2).values == {"kind": 2}
    with pytest.raises(ValueError, match="can be one of"):
        explorer.set(kind=3)


def test_it_offers_widgets_a_picture_and_text():
    bundle = make_squares()._repr_mimebundle_()
    assert set(bundle) == {
        "text/plain",
        "text/html",
        "application/vnd.jupyter.widget-view+json",
    }
    alt = "a square of 3 by 3 cells, which are 9 <together>"
    assert f'alt="{html.escape(alt)}"' in bundle["text/html"]
    assert "9 cells &amp; no more" in bundle["text/html"]
    assert bundle["text/plain"] == f"{alt}\nn = 3\n9 cells & no more"


def test_the_live_picture_and_text_follow_the_controls():
    explorer = make_squares()
    explorer._repr_mimebundle_()
    before = explorer._picture.value
    explorer.controls["n"].value = 5
    assert explorer._picture.value != before
    assert "25 &lt;together&gt;" in explorer._picture.value
    assert "25 cells &amp; no more" in explorer._text.value
    assert explorer._repr_mimebundle_()["text/plain"].endswith("25 cells & no more")


def test_it_draws_once_per_move_and_only_when_shown():
    calls = []
    explorer = make_squares(calls)
    explorer.set(n=4)
    assert calls == []
    explorer._repr_mimebundle_()
    assert calls == [4]
    explorer.set(n=6)
    assert calls == [4, 6]


@pytest.mark.parametrize("busy", [False, True])
def test_a_figure_is_dropped_once_shown_unless_it_was_expensive(busy):
    """Freeing many figures at once would cause a pause, but an expensive one isn't drawn twice."""
    calls = []
    explorer = make_squares(calls, busy=busy)
    explorer._repr_mimebundle_()
    explorer.set(n=6)
    assert (explorer._view is None) == (not busy)
    assert "36 cells" in repr(explorer)
    assert calls == ([3, 6] if busy else [3, 6, 6])


def test_a_busy_explorer_says_so_while_it_draws():
    explorer = make_squares(busy=True)
    explorer._repr_mimebundle_()
    shown = []
    explorer._text.observe(lambda change: shown.append(change["new"]), "value")
    explorer.set(n=7)
    assert "Working" in shown[0]
    assert "49 cells" in shown[-1]


def test_text_is_announced_and_escaped():
    shown = _format_paragraphs("a < b\n\nc")
    assert shown.startswith('<div role="status"')
    assert re.findall("<p[^>]*>(.*?)</p>", shown) == ["a &lt; b", "c"]


@pytest.mark.parametrize(
    "control",
    [
        make_number_field("a", 1, 3, 2),
        Slider("a", 0, 1, 0.5, 0.1),
        Slider("a", 0, 9, 3),
        make_checkbox("a", True),
    ],
)
def test_a_control_has_its_label(control):
    assert control.description == "a"


def test_a_slider_moves_with_its_field():
    control = Slider("row", 0, 9, 3)
    seen = []
    control.observe(lambda change: seen.append(change["new"]), "value")
    control.handle.value = 5
    assert (control.field.value, control.value) == (5, 5)
    control.field.value = 6
    assert (control.handle.value, control.value) == (6, 6)
    control.value = 8
    assert (control.handle.value, control.field.value) == (8, 8)
    assert seen == [5, 6, 8]
    assert (control.min, control.max) == (0, 9)


def test_a_move_that_the_drawing_makes_is_drawn_once():
    calls = []

    def draw(n, twice):
        calls.append((n, twice))
        explorer.controls["n"].value = min(n, 4)
        return View(Figure(figsize=(2, 1)), "a picture of at most four of something or other", "")

    explorer = make_squares()
    explorer._draw = draw
    explorer._get_widgets()
    explorer.set(n=9)
    assert explorer.values["n"] == 4
    assert calls == [(3, False), (9, False), (4, False)]


def test_garbage_collection_is_paused_while_drawing():
    seen = []

    def draw(n, twice):
        seen.append(gc.isenabled())
        return View(Figure(figsize=(2, 1)), "a picture that is drawn without a collection", "")

    explorer = make_squares()
    explorer._draw = draw
    explorer._get_widgets()
    assert gc.isenabled()
    gc.disable()
    try:
        explorer.set(n=4)
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert seen == [False, False]


def test_an_explorer_draws_again_after_an_error():
    explorer = make_squares(busy=True)
    explorer._get_widgets()
    draw, before = explorer._draw, explorer._text.value
    explorer._draw = lambda **values: 1 / 0
    with pytest.raises(ZeroDivisionError):
        explorer.set(n=5)
    explorer._draw = draw
    explorer.set(n=3)
    assert explorer._text.value == before


def test_the_explorers_in_the_instructors_guide_run():
    section = INSTRUCTORS.read_text(encoding="utf-8").split("## Something to show")[1]
    section = section.split("\n## ")[0]
    names = {}
    exec(re.search(r"```python\n(.*?)```", section, re.DOTALL)[1], names)
    calls = re.findall(r"^\| `(explorers\..*?)` \|", section, re.MULTILINE)
    assert len(calls) == 8
    for call in calls:
        assert len(repr(eval(call, names))) > 100, call

"""What a check shows: a card and buttons in a notebook, text elsewhere, a page of progress."""

import html.parser
import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from run_notebooks import create_client

from unet_tutorial import checks
from unet_tutorial.classroom.workspace.save_hook import WIDGET_VIEW, keep_stills
from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import EXERCISES, CheckFailed, NotTriedYet, progress_store
from unet_tutorial.teaching.checks.buttons import HelpButtons
from unet_tutorial.teaching.checks.card import COLOURS, Card
from unet_tutorial.teaching.checks.message import (
    NOT_TRIED,
    NOT_YET,
    RIGHT,
    is_passed,
    is_refused,
    parse_refusal,
)
from unet_tutorial.teaching.checks.progress_page import ProgressPage, _find_chapters

VERDICTS = [RIGHT, NOT_YET, NOT_TRIED]
FIELDS = {"tried": "<b>f</b>(1)", "received": "a < b\n  & c", "hint": "Use `a & b`.", "more": "x()"}


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    """A folder that `unet-tutorial start` could have made, without chapters."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress_store, "_REMEMBERED", {})
    (tmp_path / progress_store.KEPT).mkdir()
    return tmp_path


class Page(html.parser.HTMLParser):
    """The tags, attributes and text of some HTML; all its tags have to be closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def select(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


# ---- cards


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_card_says_its_verdict_in_words_and_as_text(verdict):
    card = Card(verdict, "5.2", "two of three", FIELDS)
    page = Page(card._repr_html_())
    (root,) = [each for each in page.select("div") if each.get("class") == "unet-check"]
    assert (root["data-verdict"], root["role"]) == (verdict.name, "status")
    assert f"{verdict.sign} {verdict.word}" in page.text
    assert repr(card).startswith(f"{verdict.sign} 5.2  {verdict.word}: two of three.\n")


def test_a_card_escapes_what_it_shows_and_keeps_its_lines():
    page = Page(Card(NOT_YET, "5.2", "", FIELDS)._repr_html_())
    assert "<b>f</b>(1)" in page.text
    assert "a < b\n  & c" in page.text
    assert page.select("b") == []
    assert "Use a & b." in page.text, "backticks mark code"
    assert len(page.select("code")) == 1
    assert [each["scope"] for each in page.select("th")] == ["row"] * 3
    assert "x()" not in page.text, "the buttons or the line in their place say how to get more"
    for cell in page.select("td"):
        assert "white-space: pre-wrap; overflow-wrap: anywhere" in cell["style"]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_colours_are_readable_on_light_and_dark_pages(verdict):
    border, badge, letters = COLOURS[verdict]
    assert contrast(badge, letters) >= 4.5
    for page in ("#ffffff", "#111111"):
        assert contrast(border, page) >= 2.5
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    tags = Page(Card(verdict, "5.2", "x", FIELDS)._repr_html_()).tags
    styles = [attributes["style"] for _, attributes in tags if "style" in attributes]
    coloured = [style for style in styles if re.search(r"(?<!-)color: |background: #", style)]
    assert len(coloured) == 1, "all but the badge has the page's colours"


@pytest.mark.parametrize(
    ("ending", "shown"),
    [
        ("the layer gives zeros", "The layer gives zeros."),
        ("k + q = 2p + 3", "k + q = 2p + 3."),
        ("nn.ReLU is one", "nn.ReLU is one."),
        ("|right - left| on 4 images", "|right - left| on 4 images."),
    ],
)
def test_a_card_begins_its_sentence_with_a_capital_unless_it_is_a_name(ending, shown):
    assert shown in Page(Card(RIGHT, "5.2", ending)._repr_html_()).text


# ---- what grading reads

OLD = (
    "✗ 5.1 is not right yet.\n  tried:    stamp([3.25])\n  got:      ' hint: no'\n"
    "            hint: no\n  hint:     Padding crops.\n            It adds nothing."
)


def test_a_hint_is_read_from_messages_of_both_versions():
    fields = {"received": "'\nhint  no", "hint": "Padding crops.\nIt adds nothing.", "more": "x()"}
    new = repr(Card(NOT_YET, "5.1", "", fields))
    assert parse_refusal(new) == ("✗ 5.1  Not yet.", "Padding crops.\nIt adds nothing.")
    assert parse_refusal(OLD) == ("✗ 5.1 is not right yet.", "Padding crops.\nIt adds nothing.")
    assert parse_refusal("○ 5.1  Not tried.") == ("○ 5.1  Not tried.", "")


def test_verdicts_are_read_from_messages_of_both_versions():
    assert is_passed("✓ 5.2 is right: all of them.\n")
    assert is_passed(repr(Card(RIGHT, "5.2", "all of them")))
    assert is_refused(OLD)
    assert is_refused(repr(Card(NOT_YET, "5.2")))
    for verdict in (NOT_YET, NOT_TRIED):
        assert not is_passed(repr(Card(verdict, "5.2", "x")))
    assert not is_refused(repr(Card(RIGHT, "5.2", "x")))


# ---- in a kernel

CHECK_WRONG = "checks.weight_of_a_layer((1, 1, 1, 1), 0)"
CHECK_RIGHT = "checks.weight_of_a_layer((32, 96, 3, 3), 288)"
CELLS = {
    "setup": "import os\nfrom unet_tutorial import checks",
    "twice": f"{CHECK_RIGHT}\n{CHECK_RIGHT}",
    "again": CHECK_RIGHT,
    "wrong": CHECK_WRONG,
    "untouched": "checks.weight_of_a_layer(..., ...)",
    "broken": "1 +",
    "after-broken": CHECK_RIGHT,
    "progress": "checks.progress()",
    "graded": f'os.environ["NBGRADER_EXECUTION"] = "autograde"\n{CHECK_WRONG}',
    "graded-untouched": "checks.weight_of_a_layer(..., ...)",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """The outputs of CELLS in one kernel; only "wrong" counts, as in JupyterLab, not in grading."""
    cells = [new_code_cell(source) for source in CELLS.values()]
    notebook = new_notebook(cells=cells)
    client = create_client(notebook, tmp_path_factory.mktemp("kernel"), allow_errors=True)
    with client.setup_kernel():
        for index, (name, cell) in enumerate(zip(CELLS, cells, strict=True)):
            client.execute_cell(cell, index, store_history=name == "wrong")
    return dict(zip(CELLS, [cell.outputs for cell in cells], strict=True))


def read_kinds(outputs):
    return [output.get("ename", output.output_type) for output in outputs]


def test_a_right_answer_is_shown_once_per_run_of_a_cell(outputs):
    for name in ("twice", "again"):
        (card,) = outputs[name]
        assert card.output_type == "display_data"
        assert set(card.data) == {"text/plain", "text/html"}
        assert is_passed(card.data["text/plain"])
    assert outputs["twice"][0].data == outputs["again"][0].data


def test_a_wrong_answer_is_a_card_and_buttons_and_raises(outputs):
    card, buttons, error = outputs["wrong"]
    assert 'data-verdict="not-yet"' in card.data["text/html"]
    assert WIDGET_VIEW in buttons.data
    assert error.ename == "CheckFailed"
    assert error.evalue == card.data["text/plain"]
    assert error.evalue.endswith('\n  more      checks.hint("2.1")')
    assert error.traceback == ["✗ 2.1  Not yet."]


def test_an_untouched_answer_is_a_card_and_buttons(outputs):
    card, buttons = outputs["untouched"]
    assert 'data-verdict="not-tried"' in card.data["text/html"]
    assert WIDGET_VIEW in buttons.data


def test_a_syntax_error_just_before_is_pointed_out(outputs):
    assert read_kinds(outputs["broken"]) == ["SyntaxError"]
    (card,) = outputs["after-broken"]
    assert "note      The last cell you ran has a syntax error" in card.data["text/plain"]
    assert "note" not in outputs["again"][0].data["text/plain"]


def test_grading_sees_text_alone(outputs):
    (error,) = outputs["graded"]
    assert error.evalue == "\n".join(error.traceback) == outputs["wrong"][-1].evalue
    (error,) = outputs["graded-untouched"]
    assert (error.ename, error.evalue) == ("NotTriedYet", "○ 2.1  Not tried.")


def test_a_saved_notebook_holds_no_buttons(outputs):
    cells = [
        new_code_cell("import unet_tutorial", outputs=outputs[name])
        for name in ("wrong", "untouched")
    ]
    model = {"type": "notebook", "content": new_notebook(cells=cells)}
    keep_stills(model)
    text = json.dumps(model["content"])
    assert WIDGET_VIEW not in text
    assert text.count("More hints: ") == 2
    nbformat.validate(nbformat.from_dict(model["content"]))


def test_progress_is_a_page(outputs):
    (page,) = outputs["progress"]
    assert "1 of 55 exercises passed" in page.data["text/html"]
    assert page.data["text/plain"].startswith("1 of 55 exercises passed\n")


def test_outside_a_notebook_the_text_is_printed(capsys):
    checks.weight_of_a_layer((32, 96, 3, 3), 288)
    assert is_passed(capsys.readouterr().out)
    with pytest.raises(CheckFailed) as error:
        checks.weight_of_a_layer((1, 1, 1, 1), 0)
    assert error.value._render_traceback_() == str(error.value).split("\n")
    assert issubclass(NotTriedYet, CheckFailed)


# ---- buttons


def read_states(buttons):
    return [button.disabled for button in buttons.hints]


def test_hints_open_one_after_the_other():
    buttons = HelpButtons("2.1")
    assert [button.description for button in buttons.buttons] == [
        "Hint 1", "Hint 2", "Hint 3", "Solution",
    ]  # fmt: skip
    assert buttons.hints[0].tooltip == "Hint 1 for 2.1"
    assert read_states(buttons) == [False, True, True]
    buttons.hints[0].click()
    assert "Hint 1 of 3 for 2.1: " in buttons.text.value
    assert read_states(buttons) == [False, False, True]
    buttons.hints[0].click()
    assert progress_store.load_progress()["2.1"]["hints"] == 1
    assert read_states(HelpButtons("2.1")) == [False, False, True], "also after the next check"


def test_the_button_gives_the_words_that_the_function_prints(capsys):
    buttons = HelpButtons("2.1")
    checks.hint("2.1", 1)
    printed = capsys.readouterr().out
    buttons.hints[0].click()
    assert " ".join(Page(buttons.text.value).text.split()) == " ".join(printed.split())


def test_the_solution_is_asked_for_twice_while_hints_are_left():
    buttons = HelpButtons("2.1")
    buttons.buttons[-1].click()
    assert "3 hints are left for 2.1. Ask once more" in Page(buttons.text.value).text
    buttons.buttons[-1].click()
    assert "weight_shape = (32, 96, 3, 3)" in Page(buttons.text.value).text
    assert len(Page(buttons.text.value).select("pre")) == 1


def test_a_course_may_hide_the_button_for_solutions(workspace):
    (workspace / progress_store.KEPT / "course.json").write_text('{"solutions": false}')
    assert [button.description for button in HelpButtons("2.1").buttons][-1] == "Hint 3"


# ---- progress


def copy_chapters(folder, *numbers):
    for path in chapters.chapter_paths(chapters.find_notebooks()):
        if path.name[:2] in numbers:
            (folder / path.name).write_bytes(path.read_bytes())


def test_the_text_of_the_progress_is_short(workspace):
    progress_store.record_progress("2.1", tried=True, passed=True)
    progress_store.record_progress("2.3", tried=True)
    text = repr(ProgressPage(_find_chapters(workspace)))
    assert text.startswith("1 of 55 exercises passed\n")
    assert re.search(r"(?m)^02  Convolution +✓○✗○○ +1 of 5$", text)
    assert len(text.split("\n")) <= 20
    assert "kernel ends" not in text
    (workspace / progress_store.KEPT).rename("elsewhere")
    assert "until the kernel ends" in repr(ProgressPage(_find_chapters(workspace)))


def test_every_exercise_is_a_link_to_its_cell(workspace):
    copy_chapters(workspace, *(f"{number:02d}" for number in range(13)))
    links = Page(ProgressPage(_find_chapters(workspace))._repr_html_()).select("a")
    assert len(links) == len(EXERCISES)
    for link, number in zip(links, EXERCISES, strict=True):
        file, _, cell_id = link["href"].partition("#cell-id=")
        (task,) = [each for each in nbformat.read(file, 4).cells if each.id == cell_id]
        assert f"### {number} · {EXERCISES[number].title}\n" in task.source


def test_chapters_that_are_not_in_the_workspace_are_left_out(workspace):
    copy_chapters(workspace, "00", "02", "05")
    page = Page(ProgressPage(_find_chapters(workspace))._repr_html_())
    assert "0 of 10 exercises passed" in page.text
    assert {link["href"][:2] for link in page.select("a")} == {"02", "05"}


def test_in_a_folder_without_chapters_nothing_is_linked(workspace):
    page = Page(ProgressPage(_find_chapters(workspace))._repr_html_())
    assert f"0 of {len(EXERCISES)} exercises passed" in page.text
    assert page.select("a") == []


def test_a_page_shows_states_in_words_and_opens_what_was_begun(workspace):
    progress_store.record_progress("2.1", tried=True, passed=True)
    progress_store.record_progress("2.2", tried=True, hints=2)
    for number in [each for each in EXERCISES if each.startswith("3.")]:
        progress_store.record_progress(number, tried=True, passed=True)
    page = Page(ProgressPage(_find_chapters(workspace))._repr_html_())
    assert "✓ Right 2.1 · " in page.text
    assert re.search(r"✗ Not yet 2\.2 · [^○]*\(2 hints read\)○ Not tried 2\.3", page.text)
    assert "5 of 5" in page.text
    opened = ["open" in details for details in page.select("details")]
    assert opened == [number == 2 for number in range(1, 13)]

"""What a student wrote is shown without running anything, in graded notebooks and comments."""

from __future__ import annotations

import base64
import json
from html.parser import HTMLParser

import pytest
from attacks import ATTACKS, KINDS
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import markdown2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from small_course import words

from unet_tutorial.classroom.grading.pipeline.safe_notebook import (
    clean_html,
    make_safe,
    make_safe_markdown,
    make_safe_text,
)
from unet_tutorial.classroom.released_notebook import parse_released

PNG = base64.b64encode(b"\x89PNG\r\n").decode()
PICTURE = f'<img src="data:image/png;base64,{PNG}">'
BANNED = {"iframe", "form", "object", "embed", "svg", "math", "base", "meta", "link", "input"}


class Browser(HTMLParser):
    """Finds what a browser would run or load in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found, self.inside = [], []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.inside.append(tag)
        if tag in BANNED:
            self.found.append(tag)
        for name, value in attributes:
            text = "".join((value or "").lower().split())
            is_script = name.startswith("on") or text.startswith(("javascript:", "data:text"))
            is_loaded = name == "src" and text.startswith(("//", "data:image/svg+xml,"))
            if is_script or is_loaded or (name == "style" and "url(" in text):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "steal" in data and {"script", "style"} & set(self.inside[-1:]):
            self.found.append(data)
        if "\\href" in data and not {"pre", "code"} & set(self.inside):
            self.found.append(data)


def render(*cells) -> str:
    """Render the safe copy of a notebook, as the formgrader and the feedback do."""
    safe = make_safe(cells, parse_released(json.dumps(words())), {})
    html, _ = HTMLExporter(template_name="classic", embed_images=False).from_notebook_node(safe)
    return html.partition("<body")[2]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_a_cell_or_an_output_runs(attack):
    outputs = [new_output("display_data", {kind: attack}) for kind in KINDS]
    outputs.append(new_output("stream", text=attack))
    outputs.append(new_output("error", ename=attack, evalue=attack, traceback=[attack]))
    code = new_code_cell(attack, outputs=outputs)
    code.metadata["tags"] = [f'"><{attack}']
    text = new_markdown_cell(attack)
    text.attachments = {"x": {"image/png": '"><script>steal()</script>'}}
    assert Browser(render(code, text, new_raw_cell(attack))).found == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_a_comment_runs(attack):
    assert Browser(markdown2html(make_safe_text(f"check-2-1: {attack}"))).found == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attack_is_one(attack):
    assert Browser(f"{attack}{markdown2html(attack)}").found != []


def test_plain_answers_stay_as_they_are():
    text = "Because **two** stamps overlap, $a_1 = 2$:\n\n- `x = 1`\n- more"
    assert make_safe_markdown(text) == text


def test_harmless_html_stays():
    for text in ("<b>bold</b>", PICTURE, '<p style="color:red">x</p>', "a &lt; b", "<sub>2</sub>"):
        assert clean_html(text) == text
    assert "1 &lt; 2" in make_safe_markdown("1 < 2")
    video = '<video src="data:video/mp4;base64,AAAA" controls=""></video>'
    assert clean_html(video) == video


def test_attached_pictures_are_shown():
    cell = new_markdown_cell("![a](attachment:a.png)")
    cell.attachments = {"a.png": {"image/png": PNG}}
    assert f"data:image/png;base64,{PNG}" in render(cell)


def test_only_released_metadata_and_sources_are_kept():
    check = new_code_cell("pass")
    check.metadata = {"nbgrader": {"grade_id": "check-3-1", "points": 99}, "tags": ["x"]}
    again = new_code_cell("pass", metadata=check.metadata)
    cells = make_safe(
        [check, again], parse_released(json.dumps(words())), {"check-3-1": "sum"}
    ).cells
    assert cells[0].source == "assert loud == 'UNET'"
    assert cells[0].metadata.nbgrader["points"] == 1
    assert cells[0].metadata.nbgrader["checksum"] == "sum"
    assert (cells[1].source, cells[1].metadata) == ("pass", {})

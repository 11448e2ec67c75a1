"""The widget in Python: what Jupyter is offered, and which still belongs to which settings."""

import base64
import io
import json
import subprocess
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from node import run_module
from PIL import Image

from unet_tutorial.classroom.workspace.save_hook import WIDGET_VIEW, keep_stills
from unet_tutorial.teaching.explorers.frame.widget import (
    HINT,
    ExplorerWidget,
    find_still,
    inline_pictures,
    read_data,
)

NAME = "transposed_convolution"
SENTENCE = "Four stamps overlap here and add up: 2·9 + 4·7 + 1·3 + 3·1 = 52."
STORE = """
import { makeStore } from "./frame/store.js";
const explorer = { start: (data) => ({ n: data.n }) };
const store = makeStore(explorer, { n: 1 });
const shown = [];
const leave = store.watch(() => shown.push(["one", store.state.n]));
store.watch(() => shown.push(["other", store.state.n]));
store.become({ n: 2 });
store.become(store.state);
leave();
store.become({ n: 3 });
store.restart();
store.restart({ n: 9 });
answer(shown);
"""


class Page(HTMLParser):
    """The attributes of each element."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def find(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_jupyter_is_offered_the_widget_the_still_and_the_text():
    bundle, _ = ExplorerWidget(NAME, {"controls": ["size"]})._repr_mimebundle_()
    assert set(bundle) == {WIDGET_VIEW, "text/html", "image/png", "text/plain"}
    assert SENTENCE in bundle["text/plain"]
    assert HINT in bundle["text/plain"]
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as picture:
        assert picture.format == "PNG"
    page = Page(bundle["text/html"])
    (image,) = page.find("img")
    assert image["src"] == f"data:image/png;base64,{bundle['image/png']}"
    assert "max-width: 100%" in image["style"]
    assert "4 × 4" in image["alt"]
    assert SENTENCE in bundle["text/html"]


def test_the_html_says_how_a_page_brings_the_explorer_to_life():
    settings = {"controls": ["size", "kernel"], "note": '"quotes" & <tags>', "left_out": None}
    page = Page(ExplorerWidget(NAME, settings)._repr_mimebundle_()[0]["text/html"])
    (outer,) = page.find("div")
    assert outer["data-explorer"] == NAME
    assert json.loads(outer["data-settings"]) == {k: settings[k] for k in ("controls", "note")}


def test_other_settings_have_no_still_so_that_no_picture_lies():
    bundle, _ = ExplorerWidget(NAME, {"note": "another"})._repr_mimebundle_()
    assert "image/png" not in bundle
    assert "<img" not in bundle["text/html"]
    assert "52" not in bundle["text/html"] + bundle["text/plain"]
    assert find_still(NAME, {"controls": ["size"]}) is not None
    assert find_still(NAME, {"note": "another"}) is None


def test_own_data_replace_the_shipped_ones_and_have_no_still():
    widget = ExplorerWidget(NAME, {"controls": ["ink"]}, {"weave": [5]})
    assert widget.data == {"weave": [5], "controls": ["ink"]}
    assert widget.still is None
    assert "data-settings" not in widget._repr_mimebundle_()[0]["text/html"]


def test_colab_is_told_which_manager_shows_the_widget(monkeypatch):
    manager = SimpleNamespace(_installed_url="https://manager.test/")
    colab = SimpleNamespace(enable_custom_widget_manager=lambda: None, _widgets=manager)
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    _, metadata = ExplorerWidget(NAME)._repr_mimebundle_()
    assert metadata[WIDGET_VIEW]["colab"] == {
        "custom_widget_manager": {"url": manager._installed_url}
    }


def test_a_saved_notebook_keeps_the_still_without_the_widget():
    data, _ = ExplorerWidget(NAME)._repr_mimebundle_()
    output = {"output_type": "execute_result", "data": data}
    model = {"type": "notebook", "content": {"cells": [{"source": "", "outputs": [output]}]}}
    keep_stills(model)
    ((kept,),) = (cell["outputs"] for cell in model["content"]["cells"])
    assert set(kept["data"]) == {"text/html", "image/png", "text/plain"}


def test_the_page_gets_one_module_and_one_style_sheet_for_each_explorer():
    widget = ExplorerWidget(NAME)
    state = widget.get_state()
    assert state["_esm"].startswith("// Made by `make explorers`")
    assert f".explorer.{NAME}" in state["_css"]
    assert NAME in state["_anywidget_id"]  # a page has one style sheet for each of these
    assert state["data"] == read_data(NAME)
    assert state["data"]["atlas"]["href"].startswith("data:image/png;base64,")


def test_pictures_in_data_become_addresses_that_hold_them():
    data = {"a": [{"href": "one.png", "width": 3}], "href": "two.png", "b": "one.png"}
    inlined = inline_pictures(data, {"one.png": b"1", "two.png": b"2"})
    one, two = (f"data:image/png;base64,{base64.b64encode(each).decode()}" for each in (b"1", b"2"))
    assert inlined == {"a": [{"href": one, "width": 3}], "href": two, "b": "one.png"}
    with pytest.raises(KeyError):
        inline_pictures(data, {"one.png": b"1"})


def test_importing_the_explorers_does_not_import_anywidget():
    code = "import sys; from unet_tutorial import explorers; print('anywidget' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_all_views_of_an_explorer_show_one_state():
    assert run_module(STORE) == [
        ["one", 2],
        ["other", 2],
        ["other", 3],
        ["other", 1],
        ["other", 9],
    ]

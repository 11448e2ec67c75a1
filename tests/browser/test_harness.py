"""What the tests in the browser would notice: each defect is put in on purpose."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

pytestmark = pytest.mark.browser

SETUP = """
import ipywidgets
from IPython.display import HTML, Javascript, display
from matplotlib.figure import Figure
from unet_tutorial.teaching.explorers.controls import (
    Slider, make_buttons, make_checkbox, make_number_field
)
from unet_tutorial.teaching.explorers.explorer import Explorer, View

def controls():
    return {
        "stride": Slider("stride", 1, 5, 3),
        "padding": make_number_field("padding", 0, 3, 3),
        "share": Slider("share", 0.0, 1.0, 0.5, step=0.1),
        "transposed": make_checkbox("transposed", False),
        "mode": make_buttons("mode", ["one", "two"], "one"),
    }

def draw(**values):
    figure = Figure((2, 1))
    figure.text(0.1, 0.5, str(values))
    return View(figure, f"The values are {values}.", f"Values: {values}.")

"""
EXPLORERS = {
    "sound": """
        Explorer("sound", controls(), draw)""",
    "dead": """
        def dead(padding, **values):
            return draw(**values)
        Explorer("dead", controls(), dead)""",
    "disabled": """
        explorer = Explorer("disabled", controls(), draw)
        explorer.controls["transposed"].disabled = True
        explorer""",
    "unreached": """
        Explorer("unreached", controls(), draw)""",
    "nameless": """
        explorer = Explorer("nameless", controls(), draw)
        explorer.controls["transposed"].description = ""
        explorer""",
    "unfit": """
        menu = ipywidgets.Dropdown(options=["a", "b"], description="menu")
        padding = make_number_field("padding", 0, 3, 3)
        Explorer("unfit", {"menu": menu, "padding": padding}, draw)""",
    "failing": """
        def failing(**values):
            assert not values["transposed"], "no such size"
            return draw(**values)
        Explorer("failing", controls(), failing)""",
}
COMPLAINTS = {
    "sound": [],
    "dead": ["dead, number 'padding': nothing changes when it is moved"],
    "disabled": ["disabled, tick 'transposed': it is disabled"],
    "unreached": ["unreached, tick 'transposed': Tab does not reach it"],
    "nameless": ["nameless, tick '': it has no label"],
    "unfit": ["unfit has a control that JupyterLab takes the keys of"],
    "failing": [
        "failing, tick 'transposed': nothing changes when it is moved",
        "failing, choice 'mode': nothing changes when it is moved",
    ],
}
ERRORS = {
    "display(Javascript(\"console.error('it went wrong')\"))": "it went wrong",
    "display(Javascript(\"setTimeout(() => { throw Error('it was thrown') })\"))": "it was thrown",
    "display(Javascript(\"Promise.reject(Error('it was refused'))\"))": "it was refused",
    "display(Javascript(\"fetch('/no/such/page')\"))": "404",
}
GONE = """
        view = {"model_id": "gone", "version_major": 2, "version_minor": 0}
        display({"application/vnd.jupyter.widget-view+json": view}, raw=True)"""
OUTSIDE = {
    "display(Javascript(\"fetch('https://example.org/fetched')\"))": "https://example.org/fetched",
    "display(Javascript(\"new WebSocket('ws://192.0.2.1/w')\"))": "ws://192.0.2.1/w",
    "display(HTML('<iframe src=\"http://example.org/i\">'))": "http://example.org/i",
    'display(HTML(\'<img alt="A dot" src="http://127.0.0.2/x.png">\'))': "http://127.0.0.2/x.png",
}
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
IN_PROSE = f"""![A dot](http://192.0.2.1/x.png) ![Another](//example.org/x.png)

![Missing](no_such.png) ![]({DOT})
"""


def code(source, cell_id=None):
    lines = [line.removeprefix(" " * 8) for line in source.strip("\n").split("\n")]
    return new_code_cell("\n".join(lines), **({"id": cell_id} if cell_id else {}))


def test_nothing_is_noticed_where_nothing_is_wrong(opened, tmp_path):
    product = new_code_cell("print(6 * 7)", id="product")
    notebook, watcher = opened(code(SETUP), product, code(EXPLORERS["sound"], "sound"))
    notebook.run_all()
    assert "42" in notebook.output("product").inner_text()
    assert notebook.errors() == notebook.undrawn() == notebook.without_alt() == []
    ((cell_id, (box,)),) = notebook.explorers().items()
    assert (cell_id, box.name) == ("sound", "sound")
    kinds = ["number", "slider", "number", "number", "slider", "tick", "choice"]
    assert [kind for kind, _ in box.controls()] == kinds
    assert box.move_all() == []
    said = box.box.locator(".unet-explorer-text").inner_text()
    assert "'stride': 5, 'padding': 2, 'share': 0.7, 'transposed': True, 'mode': 'two'" in said
    for shot in (box.shot, notebook.shot):
        shot(tmp_path / "shot.png")
        assert (tmp_path / "shot.png").stat().st_size > 1000
    notebook.save()
    assert "42" in str(notebook.saved()["cells"][2]["outputs"])
    notebook.restart_kernel()
    notebook.run_all()
    assert notebook.explorers()["sound"][0].move_all() == []
    watcher.assert_nothing()


def test_what_is_wrong_with_a_page_is_noticed(opened):
    notebook, watcher = opened(
        *map(code, [SETUP, *ERRORS, *OUTSIDE, GONE]), new_markdown_cell(IN_PROSE)
    )
    assert {"http://192.0.2.1/x.png", "http://example.org/x.png"} <= set(watcher.outside)
    missing = {said.partition(":")[0] for said in notebook.undrawn()}
    assert missing == {"A dot", "Another", "Missing"}
    assert len(notebook.without_alt()) == 1
    notebook.run_all()
    notebook.page.wait_for_timeout(1000)
    assert len(notebook.unshown()) == 1
    assert set(OUTSIDE.values()) <= set(watcher.outside)
    for told in ERRORS.values():
        assert any(told in error for error in watcher.errors), (told, watcher.errors)
    with pytest.raises(AssertionError, match="not on this machine"):
        watcher.assert_nothing()
    watcher.outside.clear()
    with pytest.raises(AssertionError, match="reported errors"):
        watcher.assert_nothing()


def test_what_is_wrong_with_explorers_is_noticed(opened, monkeypatch):
    monkeypatch.setattr("explorer_on_page.PATIENCE", 1.5)
    explorers = [(text, name) for name, text in EXPLORERS.items()]
    last = new_code_cell("1 / 0"), new_code_cell("print('not run')", id="not-run")
    notebook, _ = opened(code(SETUP), *(code(*one) for one in explorers), *last)
    notebook.run_all()
    assert "ZeroDivisionError" in notebook.errors()[0]
    assert notebook.output("not-run").inner_text() == ""
    unreached = notebook.page.locator(".unet-explorer-unreached input[type=checkbox]")
    unreached.evaluate("box => { box.tabIndex = -1 }")
    found = notebook.explorers()
    assert {name: found[name][0].move_all() for name in EXPLORERS} == COMPLAINTS
    assert "no such size" in notebook.errors()[-1]

"""What the tests in the browser would notice: each defect is put in on purpose."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

pytestmark = pytest.mark.browser

SETUP = """
from IPython.display import HTML, Javascript, display
from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

def change(line=""):
    explorer = ExplorerWidget("pooling")
    explorer._esm += line
    return explorer
"""
EXPLORERS = {  # by what is wrong with them: a line that replaces one of their functions
    "sound": "",
    "blind": "explorer.point = (state) => state;",
    "clinging": "explorer.point = (state, hit) => (hit ? explorer.pin(state, hit) : state);",
    "untouched": "explorer.pin = (state) => state;",
    "keyless": "explorer.move = (state) => state;",
    "stuck": "explorer.set = (state) => state;",
    "empty": "explorer.picture = () => ({ name: 'svg', named: {}, children: [] });",
}
NOTHING = "does nothing, or too much"
COMPLAINTS = {
    "sound": [],
    "blind": [f"pooling, {kind}: mouse {NOTHING}" for kind in ("image", "output")],
    "clinging": [f"pooling, {kind}: mouse {NOTHING}" for kind in ("image", "output")],
    "untouched": [f"pooling, {kind}: finger {NOTHING}" for kind in ("image", "output")],
    "keyless": [f"pooling, {kind}: keys {NOTHING}" for kind in ("image", "output")],
    "stuck": [f"pooling, row {name!r} does nothing" for name in ("size", "padding")],
    "empty": ["pooling has no part to point at"],
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
    notebook, watcher = opened(code(SETUP), product, code("change()", "sound"))
    notebook.run_all()
    assert "42" in notebook.output("product").inner_text()
    assert notebook.errors() == notebook.undrawn() == notebook.without_alt() == []
    ((cell_id, (box,)),) = notebook.explorers().items()
    assert (cell_id, box.name) == ("sound", "pooling")
    assert box.move_all() == []
    assert box.press("size")
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


def test_what_is_wrong_with_explorers_is_noticed(opened):
    explorers = [new_code_cell(f"change({line!r})", id=name) for name, line in EXPLORERS.items()]
    last = new_code_cell("1 / 0"), new_code_cell("print('not run')", id="not-run")
    notebook, _ = opened(code(SETUP), *explorers, *last)
    notebook.run_all()
    assert "ZeroDivisionError" in notebook.errors()[0]
    assert notebook.output("not-run").inner_text() == ""
    found = notebook.explorers()
    assert {name: found[name][0].move_all() for name in EXPLORERS} == COMPLAINTS

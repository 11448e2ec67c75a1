"""Finish the pages that Sphinx makes: explorers move, pictures open, chapters tell how to run."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from unet_tutorial.teaching.explorers.frame.widget import EXPLORERS, find_still

ADDRESS = Path(__file__).resolve().parents[1] / "site" / "address.toml"
_LIVE = re.compile(r'data-explorer="(\w+)" data-settings=')
# A picture in a video or a link stays as it is.
_PICTURE = re.compile(r"<video\b.*?</video>|<a\b[^>]*>\s*<img\b[^>]*>|<img\b[^>]*>", re.DOTALL)
_SOURCE = re.compile(r'(?<=\bsrc=")[^"]+')
_INLINE = re.compile(r"data:image/(\w+)[^,]*;base64,")
_RUN_CELL = re.compile(r"(?<=>)Run this cell [^<]*(?=</p>)")  # the last words of a still
_HREF = re.compile(r'"href":\s*"([^"]+)"')

_STILL_HINT = 'In JupyterLab, it moves: <a href="{home}#two-commands">how to run it</a>.'
_HOW_TO_RUN = """
<details class="run-it"><summary>To run cells, guess and check, open the notebook</summary>
<p>In a clone of the repository, <code>make lab</code> opens JupyterLab on your own copy of the
chapters; with the wheel, it's <code>unet-tutorial lab</code>. This one is <code>{file}</code>.
<a href="{home}#two-commands">How to install it</a></p>{colab}
</details>"""
_COLAB = """
<p><a href="https://colab.research.google.com/github/{github}/blob/{branch}/notebooks/{file}">Open
it in Colab</a>, and first run <code>%pip install git+https://github.com/{github}</code> there.</p>
"""


def finish_page(app: Any, page: str, template: str, context: dict, doctree: Any) -> None:
    """Finish the HTML of a page when Sphinx is about to write it (html-page-context)."""
    body = context.get("body", "")
    if page == "search":
        app.add_js_file("search_sections.js")
    body = body.replace(' aria-label="Toggle hidden content"', "")  # a fold's name is its text
    home = app.builder.get_relative_uri(page, "index")
    if page.startswith("notebooks/"):
        body = body.replace("</h1>", "</h1>" + format_how_to_run(page, home), 1)
    if page.startswith("api/"):
        body = body.replace(" -- ", " – ")  # between an argument and its description
        body = body.replace("<dl>\n<dd>", '<dl role="presentation">\n<dd>')  # lines, not a list
    body = _RUN_CELL.sub(_STILL_HINT.format(home=home), body)
    images = context["pathto"]("_images", 1)
    context["body"] = _PICTURE.sub(lambda found: _open_picture(found[0], app.outdir, images), body)
    _load_explorers(app, body)


def format_how_to_run(page: str, home: str, address: Path = ADDRESS) -> str:
    """Format what a reader needs to run a chapter, with a link to Colab if there's an address.

    Args:
        page: such as "notebooks/04_down".
        home: the front page's URL, as seen from there.
        address: the file that says where the repository is public.
    """
    public = tomllib.loads(address.read_text(encoding="utf-8"))
    file = f"{Path(page).name}.ipynb"
    colab = _COLAB.format(file=file, **public) if public["github"] else ""
    return _HOW_TO_RUN.format(file=file, home=home, colab=colab)


def _open_picture(tag: str, output: Path, images: str) -> str:
    """Make a picture a link to its file, in which it can be enlarged."""
    source = _SOURCE.search(tag)
    if not tag.startswith("<img") or source is None:
        return tag
    url = source[0]
    if found := _INLINE.match(url):
        name = _write_picture(base64.b64decode(url[found.end() :]), found[1], output / "_images")
        url = f"{images}/{name}"
    return f'<a class="picture" href="{url}">{_SOURCE.sub(lambda _: url, tag)}</a>'


def _write_picture(content: bytes, kind: str, folder: Path) -> str:
    """Write a picture under a name that only this content has, and return the name."""
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.{kind}"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return name


def _load_explorers(app: Any, body: str) -> None:
    """Let a page load the script that wakes its explorers, and their style sheets."""
    names = sorted(set(_LIVE.findall(body)))
    for name in names:
        app.add_css_file(f"explorers/{name}/explorer.css")
    if names:
        app.add_js_file("explorers.js", type="module")


def copy_explorers(folder: Path) -> None:
    """Copy each explorer's script, style sheet and data to a folder of its name."""
    for built in EXPLORERS.glob("*/built"):
        target = folder / built.parent.name
        target.mkdir(parents=True)
        data = built / "data.json"
        text = data.read_text(encoding="utf-8") if data.is_file() else "{}"
        (target / data.name).write_text(text, encoding="utf-8")
        for name in ("explorer.js", "explorer.css", *_HREF.findall(text)):
            shutil.copyfile(built / name, target / name)


@cache
def format_explorer(name: str, controls: str) -> str:
    """Format an explorer as a notebook's output does: its still, until a page wakes it.

    Args:
        name: the explorer's folder, such as "pooling".
        controls: which controls it has, separated by spaces.
    """
    still = find_still(name, {})
    settings = html.escape(json.dumps({"controls": controls.split()}))
    return (
        f'<div class="unet-explorer" data-explorer="{name}" data-settings="{settings}">'
        f"{still.format_image()}<p>{html.escape(still.sentence)}</p></div>"
    )

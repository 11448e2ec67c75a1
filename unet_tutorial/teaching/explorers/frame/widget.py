"""An explorer in a notebook: a live widget in the browser, and a still picture where it can't be.

The widget's JavaScript is `built/explorer.js` in the explorer's folder. `make explorers` makes it,
and everything else in `built/`.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from unet_tutorial.teaching.drawing.alt_text import format_image

EXPLORERS = Path(__file__).resolve().parents[1]
HINT = "Run this cell to point at it."
_NO_STILL = "There is no saved picture of these settings."
_NOT_PICTURED = {"controls"}  # settings that change nothing in the picture


class ExplorerWidget(anywidget.AnyWidget):
    """A picture that answers when you point at it. The browser does all of it, without the kernel.

    Args:
        name: the explorer's folder, such as "pooling".
        settings: what this one shows; added to the data that the explorer ships. None is left out.
        own_data: replaces the shipped data, for example by what a learner's model computes.
        same_as: settings with which the shipped data show the same as these own data, if there are
            any: their still is saved, and a page brings it to life.

    Example:
        `ExplorerWidget("pooling", {"controls": ["size"]})` on the last line of a cell.
    """

    hint = HINT  # under the still

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        name: str,
        settings: Mapping[str, Any] | None = None,
        own_data: Mapping[str, Any] | None = None,
        same_as: Mapping[str, Any] | None = None,
    ):
        given = {key: value for key, value in (settings or {}).items() if value is not None}
        shipped = read_data(name) if own_data is None else own_data
        super().__init__(
            _esm=_read_built(name, "explorer.js"),
            _css=_read_built(name, "explorer.css"),
            _anywidget_id=f"unet_tutorial.explorers.{name}",  # its style sheet in the page
            data={**shipped, **given},
        )
        self.name = name
        self._shipped = given if own_data is None else same_as  # settings of what is shipped

    @property
    def still(self) -> Still | None:
        """The saved picture of these settings, or None if there isn't one."""
        return None if self._shipped is None else find_still(self.name, self._shipped)

    def __repr__(self) -> str:
        return f"{self.still.text if self.still else _NO_STILL}\n{self.hint}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Offer Jupyter the live widget, the still picture and the text to choose from."""
        bundle, metadata = super()._repr_mimebundle_()  # Colab's metadata name its widget manager
        bundle["text/html"] = self._format_html()
        if self.still:
            bundle["image/png"] = base64.b64encode(self.still.png).decode("ascii")
        return bundle, metadata

    def _format_html(self) -> str:
        """Format still and sentence, and the settings with which a page brings it to life."""
        sentence = html.escape(self.still.sentence if self.still else _NO_STILL)
        words = f"<p>{sentence}<br>{self.hint}</p>"
        picture = self.still.format_image() if self.still else ""
        settings = "" if self._shipped is None else html.escape(json.dumps(self._shipped))
        named = f'data-explorer="{self.name}"' + f' data-settings="{settings}"' * bool(settings)
        return f'<div class="unet-explorer" {named}>{picture}{words}</div>'


class Still:
    """A saved picture of an explorer: the PNG, what it shows, and the sentence under it."""

    width = 844  # pixels on the page; the file has more, for fine screens

    def __init__(self, path: Path, label: str, sentence: str):
        self.path, self.label, self.sentence = path, label, sentence

    @property
    def png(self) -> bytes:
        """The picture's file."""
        return self.path.read_bytes()

    @property
    def text(self) -> str:
        """What the picture shows, and the sentence under it."""
        return f"{self.label}.\n{self.sentence}"

    def format_image(self) -> str:
        """Format the picture as an HTML image with alt text, never wider than the page."""
        return format_image(self.png, self.label, self.width)


def find_still(name: str, settings: Mapping[str, Any]) -> Still | None:
    """Find the saved picture of an explorer with exactly these settings.

    Args:
        name: the explorer's folder.
        settings: as for `ExplorerWidget`; which controls there are makes no difference.
    """
    shown = {key: value for key, value in settings.items() if key not in _NOT_PICTURED}
    for still, about in json.loads(_read_built(name, "stills.json")).items():
        if about["settings"] == shown:
            path = EXPLORERS / name / "built" / f"{still}.png"
            return Still(path, about["label"], about["sentence"])
    return None


@cache
def read_data(name: str) -> dict[str, Any]:
    """Read the data that an explorer ships, its pictures included; empty if it ships none."""
    built = EXPLORERS / name / "built"
    if not (built / "data.json").is_file():
        return {}
    pictures = {path.name: path.read_bytes() for path in built.glob("*.png")}
    return inline_pictures(json.loads(_read_built(name, "data.json")), pictures)


def inline_pictures(data: Any, pictures: Mapping[str, bytes]) -> Any:
    """Return data in which each `"href": FILE` is replaced by the picture's content.

    Args:
        data: dicts, lists, strings and numbers, as in data.json.
        pictures: PNG files by name.
    """
    if isinstance(data, list):
        return [inline_pictures(each, pictures) for each in data]
    if not isinstance(data, dict):
        return data
    return {
        key: _format_data_url(pictures[value])
        if key == "href"
        else inline_pictures(value, pictures)
        for key, value in data.items()
    }


def _format_data_url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


@cache
def _read_built(name: str, file: str) -> str:
    return (EXPLORERS / name / "built" / file).read_text(encoding="utf-8")

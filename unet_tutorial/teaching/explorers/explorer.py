"""What every explorer is: controls, a picture that follows them, and the same in words."""

from __future__ import annotations

import base64
import gc
import html
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import ipywidgets
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.alt_text import PAGE_DPI, as_jpeg, described
from unet_tutorial.teaching.explorers.controls import move

WORKING = "Working …"
STOPPED = "The kernel was restarted: run this cell again to move the controls."
# Without its kernel JupyterLab marks every widget as cut off; one sentence is enough.
CUT_OFF = f"""<style>
.unet-explorer .jupyter-widgets-disconnected::before,
.unet-explorer.jupyter-widgets-disconnected > *::before {{ display: none }}
.unet-explorer.jupyter-widgets-disconnected::before {{
  font: inherit; color: inherit; content: "{STOPPED}" }}
</style>"""


class View(NamedTuple):
    """What an explorer shows at one setting.

    Its picture, what one would see in it (alt text), and plain sentences that say the same in
    numbers, one paragraph a line.
    """

    figure: Figure
    alt: str
    text: str


class Explorer:
    """Controls, and what they show: widgets where a kernel runs, else a still picture with words.

    Args:
        name: what it explores, such as "sizes"; tells explorers apart on a page.
        controls: the widgets by the names of what they set, in the order of the keyboard.
        draw: called with the controls' values by those names; returns the View. It takes every
            setting that the controls allow.
        busy: say so while `draw` works, for what takes more than a moment.

    Example:
        `Explorer("squares", {"n": whole("number", 1, 9, 3)}, draw)` calls `draw(n=3)`.

    Source: none. Chapters 01 to 12 each show one.
    """

    hint = "Run this cell to move the controls."  # stands under the still picture

    def __init__(
        self,
        name: str,
        controls: Mapping[str, ipywidgets.ValueWidget],
        draw: Callable[..., View],
        *,
        busy: bool = False,
    ):
        self.name, self.controls, self._draw, self._busy = name, dict(controls), draw, busy
        self._keeps = busy  # the view, which else goes as soon as it is shown: see _no_collection
        self._view: View | None = None
        self._drawn: dict[str, Any] | None = None  # the values that the page shows
        self._picture, self._text = ipywidgets.HTML(), ipywidgets.HTML()
        self._picture.add_class("unet-explorer-picture")
        self._text.add_class("unet-explorer-text")
        self._box: ipywidgets.VBox | None = None
        for control in self.controls.values():
            control.observe(self._moved, "value")

    @property
    def values(self) -> dict[str, Any]:
        """What the controls stand at, by their names."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def view(self) -> View:
        """What is shown at the present setting."""
        if self._view is None:
            self._view = self._draw(**self.values)
        return self._view

    def set(self, **values: Any) -> Explorer:
        """Move controls, as a hand would, and return the explorer.

        Args:
            values: what controls are to stand at, by their names; the others stay.

        Raises:
            ValueError: no control of that name, or a value that it cannot take.
        """
        for name, value in values.items():
            if name not in self.controls:
                raise ValueError(f"there is no control {name!r}; there are {list(self.controls)}.")
            move(self.controls[name], name, value)
        return self

    def __repr__(self) -> str:
        return f"{self.view.alt}\n{self.view.text}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """The still picture in words and as an image, and the live one for who can show it."""
        still = described(self.view.figure, self.view.alt)._repr_html_()
        words = f"{self.view.text}\n{self.hint}"
        page = {"text/plain": repr(self), "text/html": still + paragraphs(words)}
        return self._live()._repr_mimebundle_() | page

    def _live(self) -> ipywidgets.VBox:
        """The widgets, made once: the same explorer shown twice moves in both places."""
        if self._box is None:
            row = ipywidgets.Box(
                list(self.controls.values()),
                layout=ipywidgets.Layout(display="flex", flex_flow="row wrap", grid_gap="2px 18px"),
            )
            cut_off = ipywidgets.HTML(CUT_OFF, layout=ipywidgets.Layout(display="none"))
            self._box = ipywidgets.VBox([row, self._picture, self._text, cut_off])
            self._box.add_class("unet-explorer").add_class(f"unet-explorer-{self.name}")
            self._show()
        return self._box

    def _moved(self, _change: Any) -> None:
        if self.values == self._drawn:  # following one move had made another, which is done too
            return
        self._view = self._drawn = None
        if self._box is None:
            return
        if self._busy:
            self._text.value = paragraphs(WORKING)
        self._show()

    def _show(self) -> None:
        with _no_collection():
            view = self.view
            image, text = live_image(view.figure, view.alt), paragraphs(view.text)
            del view
            if not self._keeps:
                self._view = None
        self._drawn = self.values
        with self._picture.hold_sync(), self._text.hold_sync():
            self._picture.value = image
            self._text.value = text


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for garbage meanwhile: that takes longer than to draw a picture.

    A figure is some 20,000 objects that point to each other. Gone before the search begins, it is
    swept up at once; kept, many of them would be swept up together, in a pause that one sees.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def live_image(figure: Figure, alt: str) -> str:
    """Return the figure as an HTML image with its alt text, drawn quickly and at page size."""
    data = base64.b64encode(as_jpeg(figure)).decode("ascii")
    width = round(figure.get_figwidth() * PAGE_DPI)
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" style="max-width: 100%; height: auto" '
        f'src="data:image/jpeg;base64,{data}">'
    )


def paragraphs(text: str) -> str:
    """Return plain text as HTML, a paragraph a line, which a screen reader announces."""
    lines = [html.escape(line) for line in text.splitlines() if line.strip()]
    shown = "".join(f'<p style="margin: 0 0 0.4em">{line}</p>' for line in lines)
    return f'<div role="status" style="line-height: 1.5">{shown}</div>'

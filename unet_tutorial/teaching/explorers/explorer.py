"""Base class of the explorers: controls, a picture that follows them, and the same in words."""

from __future__ import annotations

import gc
import html
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import ipywidgets
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.alt_text import (
    PAGE_DPI,
    described,
    encode_jpeg,
    format_image,
)
from unet_tutorial.teaching.explorers.controls import set_control

_WORKING = "Working …"
_STOPPED = "The kernel was restarted: run this cell again to move the controls."
# Without a kernel, JupyterLab marks every single widget as disconnected. We show one sentence.
_CUT_OFF_STYLE = f"""<style>
.unet-explorer .jupyter-widgets-disconnected::before,
.unet-explorer.jupyter-widgets-disconnected > *::before {{ display: none }}
.unet-explorer.jupyter-widgets-disconnected::before {{
  font: inherit; color: inherit; content: "{_STOPPED}" }}
</style>"""


class View(NamedTuple):
    """Picture and text of an explorer at one setting.

    Args:
        figure: the picture.
        alt: its alt text, which describes what you'd see.
        text: plain sentences with the same information in numbers; each line is a paragraph.
    """

    figure: Figure
    alt: str
    text: str


class Explorer:
    """Controls with a picture and text: live widgets with a kernel, a still picture without.

    Args:
        name: the explorer's topic, such as "threshold"; part of its CSS class.
        controls: the widgets by the name of the value they set, in keyboard (Tab) order.
        draw: called with the controls' values as keyword arguments; returns the View. It has to
            accept every setting that the controls allow.
        busy: True if drawing takes a while: we then show "Working …" and keep the result.

    Example:
        `Explorer("squares", {"n": make_number_field("number", 1, 9, 3)}, draw)` calls `draw(n=3)`.
    """

    hint = "Run this cell to move the controls."  # under the still picture

    def __init__(
        self,
        name: str,
        controls: Mapping[str, ipywidgets.ValueWidget],
        draw: Callable[..., View],
        *,
        busy: bool = False,
    ):
        self.name, self.controls, self._draw, self._busy = name, dict(controls), draw, busy
        self._keep_view = busy  # other views are dropped, see _disable_garbage_collection
        self._view: View | None = None
        self._shown_values: dict[str, Any] | None = None  # the values that the page shows
        self._picture, self._text = ipywidgets.HTML(), ipywidgets.HTML()
        self._picture.add_class("unet-explorer-picture")
        self._text.add_class("unet-explorer-text")
        self._box: ipywidgets.VBox | None = None
        for control in self.controls.values():
            control.observe(self._update, "value")

    @property
    def values(self) -> dict[str, Any]:
        """Current values of the controls, by name."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def view(self) -> View:
        """View of the current setting; drawn when first asked for."""
        if self._view is None:
            self._view = self._draw(**self.values)
        return self._view

    def set(self, **values: Any) -> Explorer:
        """Set controls, as you would with the mouse, and return the explorer.

        Args:
            values: new values by the controls' names; other controls keep theirs.

        Raises:
            ValueError: there is no control of that name, or it doesn't accept the value.
        """
        for name, value in values.items():
            if name not in self.controls:
                raise ValueError(f"no control {name!r}. Choose from {list(self.controls)}.")
            set_control(self.controls[name], name, value)
        return self

    def __repr__(self) -> str:
        return f"{self.view.alt}\n{self.view.text}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Offer Jupyter the text, the still picture and the live widgets to choose from."""
        still = described(self.view.figure, self.view.alt)._repr_html_()
        text = f"{self.view.text}\n{self.hint}"
        page = {"text/plain": repr(self), "text/html": still + _format_paragraphs(text)}
        return self._get_widgets()._repr_mimebundle_() | page

    def _get_widgets(self) -> ipywidgets.VBox:
        """Create the widgets once, so that an explorer shown twice follows in both places."""
        if self._box is None:
            row = ipywidgets.Box(
                list(self.controls.values()),
                layout=ipywidgets.Layout(display="flex", flex_flow="row wrap", grid_gap="2px 18px"),
            )
            cut_off = ipywidgets.HTML(_CUT_OFF_STYLE, layout=ipywidgets.Layout(display="none"))
            self._box = ipywidgets.VBox([row, self._picture, self._text, cut_off])
            self._box.add_class("unet-explorer").add_class(f"unet-explorer-{self.name}")
            self._show()
        return self._box

    def _update(self, _change: Any) -> None:
        if self.values == self._shown_values:  # the last redraw moved this control itself
            return
        self._view = self._shown_values = None
        if self._box is None:
            return
        if self._busy:
            self._text.value = _format_paragraphs(_WORKING)
        self._show()

    def _show(self) -> None:
        with _disable_garbage_collection():
            view = self.view
            image, text = _format_image_html(view.figure, view.alt), _format_paragraphs(view.text)
            del view
            if not self._keep_view:
                self._view = None
        self._shown_values = self.values
        with self._picture.hold_sync(), self._text.hold_sync():
            self._picture.value = image
            self._text.value = text


@contextmanager
def _disable_garbage_collection() -> Iterator[None]:
    """Pause garbage collection while drawing: a pass takes longer than drawing the picture.

    A figure is about 20,000 objects that refer to each other. We drop it before collection is back
    on, so that it's freed soon. If we kept several figures, freeing them together would cause a
    visible pause.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _format_image_html(figure: Figure, alt: str) -> str:
    """Encode the figure as an HTML image with its alt text, at the size it has on the page."""
    width = round(figure.get_figwidth() * PAGE_DPI)
    return format_image(encode_jpeg(figure), alt, width, "jpeg")


def _format_paragraphs(text: str) -> str:
    """Convert plain text to HTML that a screen reader announces; each line is a paragraph."""
    lines = [html.escape(line) for line in text.splitlines() if line.strip()]
    shown = "".join(f'<p style="margin: 0 0 0.4em">{line}</p>' for line in lines)
    return f'<div role="status" style="line-height: 1.5">{shown}</div>'

"""Buttons under a check in a notebook: three hints and a solution."""

from __future__ import annotations

import html
from functools import partial
from typing import Any

import ipywidgets
from IPython.display import display

from unet_tutorial.teaching.checks import progress_store
from unet_tutorial.teaching.checks.card import CODE_FONT, format_prose
from unet_tutorial.teaching.checks.help import HINTS, Help, get_hint, get_solution

_TEXT = "line-height: 1.5; max-width: 44em; padding: 2px 0 6px 16px"
_CODE = f"{CODE_FONT}; line-height: 1.4; white-space: pre-wrap; margin: 4px 0; background: none"
# Without its kernel, JupyterLab marks every button as cut off. We hide the row instead.
_CUT_OFF_STYLE = "<style>.unet-help.jupyter-widgets-disconnected { display: none }</style>"


def show_buttons(number: str) -> None:
    """Show the buttons of an exercise; what they give appears below them."""
    display(HelpButtons(number))


class HelpButtons:
    """A row of buttons: "Hint 1", "Hint 2", "Hint 3" and, unless a course forbids it, "Solution".

    A hint can be read once the one before it was read, so that nobody is told more than they
    wanted to know; whoever has read a hint can read it again. The solution can always be asked for.
    """

    def __init__(self, number: str) -> None:
        self.number = number
        self.text = ipywidgets.HTML()
        self.hints = [
            self._make_button(f"Hint {which}", partial(get_hint, number, which))
            for which in range(1, HINTS + 1)
        ]
        self.buttons = list(self.hints)
        if progress_store.is_solution_allowed(number):
            self.buttons.append(self._make_button("Solution", partial(get_solution, number)))
        self._enable_next_hint()

    def _make_button(self, label: str, get_help: partial[Help]) -> ipywidgets.Button:
        button = ipywidgets.Button(
            description=label,
            tooltip=f"{label} for {self.number}",
            layout=ipywidgets.Layout(width="max-content"),
        )
        button.on_click(lambda _: self._show_help(get_help()))
        return button

    def _show_help(self, shown: Help) -> None:
        self.text.value = format_help(shown)
        self._enable_next_hint()

    def _enable_next_hint(self) -> None:
        taken = progress_store.get_entry(progress_store.load_progress(), self.number)["hints"]
        for before, button in enumerate(self.hints):
            button.disabled = before > taken

    def __repr__(self) -> str:
        return f'more hints: checks.hint("{self.number}")'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Offer Jupyter the buttons, and a line of text for pages without a kernel."""
        row = ipywidgets.Box(
            self.buttons, layout=ipywidgets.Layout(flex_flow="row wrap", padding="0 0 0 14px")
        )
        style = ipywidgets.HTML(_CUT_OFF_STYLE, layout=ipywidgets.Layout(display="none"))
        box = ipywidgets.VBox([row, self.text, style]).add_class("unet-help")
        page = f'<div style="padding-left: 16px">More hints: {_format_call(self.number)}</div>'
        return box._repr_mimebundle_() | {"text/plain": repr(self), "text/html": page}


def _format_call(number: str) -> str:
    return format_prose(f'`checks.hint("{number}")`')


def format_help(shown: Help) -> str:
    """Format a hint or a solution as HTML; screen readers announce it when it appears."""
    code = f'<pre style="{_CODE}">{html.escape(shown.code)}</pre>' if shown.code else ""
    return f'<div role="alert" style="{_TEXT}">{format_prose(shown.text)}{code}</div>'

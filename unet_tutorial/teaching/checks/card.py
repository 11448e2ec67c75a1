"""Show a check's answer: as a card in a notebook, as text everywhere else."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unet_tutorial.teaching.checks.message import (
    NOT_TRIED,
    NOT_YET,
    RIGHT,
    Verdict,
    format_message,
)

# (left border, badge, letters on the badge): readable on light and on dark pages.
COLOURS = {
    RIGHT: ("#2e9b4f", "#1b6e36", "#ffffff"),
    NOT_YET: ("#d98c00", "#ffc14d", "#3d2600"),
    NOT_TRIED: ("#808080", "#595959", "#ffffff"),
}
CODE_FONT = "font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 0.95em"
_WRAPPED = "white-space: pre-wrap; overflow-wrap: anywhere"
_TABLE = "border: none; border-collapse: collapse; margin: 4px 0 0; width: auto; max-width: 100%"
_CELL = "border: none; background: none; text-align: left; vertical-align: top"
_PROSE = ("hint", "note")  # the other fields are values or code
_CELLS: dict[str, str] = {}  # by exercise, the run of a cell that has shown its card


@dataclass(frozen=True)
class Card:
    """What a check says of an answer.

    Args:
        verdict: RIGHT, NOT_YET or NOT_TRIED.
        number: the exercise, such as "5.2".
        ending: the end of the sentence "Right: ...", without a full stop.
        fields: what follows, by name: "tried", "expected", "received", "hint", "note", "more".
    """

    verdict: Verdict
    number: str
    ending: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return format_message(self.verdict, self.number, self.ending, self.fields)

    def _repr_html_(self) -> str:
        border, badge, letters = COLOURS[self.verdict]
        # The buttons below the card, or the text in their place, say how to get more hints.
        rows = [_format_row(*each) for each in self.fields.items() if each[0] != "more"]
        table = f'<table style="{_TABLE}">{"".join(rows)}</table>' if rows else ""
        return (
            f'<div class="unet-check" data-verdict="{self.verdict.name}" role="status" '
            f'style="border-left: 4px solid {border}; margin: 4px 0; padding: 3px 0 3px 12px">'
            f'<div style="line-height: 1.7">'
            f"<strong>{html.escape(self.number)}</strong> "
            f'<span style="background: {badge}; color: {letters}; border-radius: 4px; '
            f'padding: 1px 8px; margin: 0 6px; font-weight: 600; white-space: nowrap">'
            f"{self.verdict.sign} {self.verdict.word}</span> "
            f"{_format_sentence(self.ending)}</div>{table}</div>"
        )


def _format_row(name: str, text: str) -> str:
    style, shown = _WRAPPED, format_prose(text)
    if name not in _PROSE:
        style, shown = f"{_WRAPPED}; {CODE_FONT}", html.escape(text)
    return (
        f'<tr style="background: none; border: none">'
        f'<th scope="row" style="{_CELL}; padding: 1px 14px 1px 0; font-weight: 600">{name}</th>'
        f'<td style="{_CELL}; padding: 1px 0; {style}">{shown}</td></tr>'
    )


def _format_sentence(ending: str) -> str:
    """Format the end of a sentence as a whole one; a name such as k stays in lower case."""
    if not ending:
        return ""
    whole = re.sub(r"^[a-z]{2,}(?=[ ,])", lambda word: word[0].capitalize(), ending)
    return format_prose(f"{whole}.")


def format_prose(text: str) -> str:
    """Format a text as HTML, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", rf'<code style="{CODE_FONT}">\1</code>', html.escape(text))


def show_card(card: Card, *, once: bool = False) -> None:
    """Show a card in a notebook, or print its text.

    With `once`, one run of a cell shows at most one card of an exercise: a check cell calls its
    check again for the hidden tests.
    """
    cell = _identify_cell()
    if not (once and cell and _CELLS.get(card.number) == cell):
        display_or_print(card)
    _CELLS[card.number] = cell


def display_or_print(shown: object) -> None:
    """Display an object in a notebook; print it elsewhere, for example in a script."""
    if find_kernel() is None:
        print(shown)
        return
    from IPython.display import display  # here: scripts and commands do without it

    display(shown)


def find_kernel() -> Any | None:
    """Return IPython's shell if this runs in a notebook's kernel, else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell if hasattr(shell, "kernel") else None


def _identify_cell() -> str:
    """Return what identifies this run of a cell; "" outside a notebook.

    The execution count doesn't: it stays the same while nbgrader's tools run a notebook.
    """
    kernel = find_kernel()
    request = kernel.get_parent() if kernel else None
    return (request or {}).get("header", {}).get("msg_id", "")

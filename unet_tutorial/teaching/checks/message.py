"""The form of a check's message as text: written here, and read here again for grading.

✗ 5.1  Not yet.
  tried     stamp([1, 2])
  expected  [1, 2, 2, 4]
  received  [1, 4]
  hint      Where two stamps overlap, they add up.
  more      checks.hint("5.1")
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import NamedTuple

_COLUMNS, _INDENT = 78, 12
# Version 0.1 wrote "hint:". Further lines of a field are indented more than its name.
_HINT = re.compile(rf"(?m)^  hint:? +(.*(?:\n {{{_INDENT}}}.*)*)")


class Verdict(NamedTuple):
    """What a check says of an answer: its name in a stylesheet, its sign and its word."""

    name: str
    sign: str
    word: str


RIGHT = Verdict("right", "✓", "Right")
NOT_YET = Verdict("not-yet", "✗", "Not yet")
NOT_TRIED = Verdict("not-tried", "○", "Not tried")


class Refusal(NamedTuple):
    """The message for a wrong answer, split into its verdict and its hint ("" if there is none)."""

    verdict: str
    hint: str


def format_message(verdict: Verdict, number: str, ending: str, fields: Mapping[str, str]) -> str:
    """Format a check's message: the verdict, with the end of its sentence, then the fields."""
    sentence = f"{verdict.word}: {ending}." if ending else f"{verdict.word}."
    first = wrap_text(f"{verdict.sign} {number}  {sentence}", indent="  ")
    return "\n".join([first, *(format_field(*field) for field in fields.items())])


def format_field(name: str, text: str) -> str:
    """Format one field of a message, with its further lines indented under the first."""
    lines = "\n".join(wrap_text(line, columns=_COLUMNS - _INDENT) for line in text.split("\n"))
    return f"  {name:10}" + lines.replace("\n", "\n" + " " * _INDENT)


def parse_refusal(message: str) -> Refusal:
    """Split the message for a wrong answer into its verdict and its hint."""
    hint = _HINT.search(message)
    lines = [line.strip() for line in hint[1].split("\n")] if hint else []
    return Refusal(message.strip().partition("\n")[0], "\n".join(lines))


def is_passed(printed: str) -> bool:
    """Whether a line or a message is that of a passed check."""
    return printed.startswith(f"{RIGHT.sign} ")


def is_refused(printed: str) -> bool:
    """Whether a message is that of a wrong answer."""
    return printed.startswith(f"{NOT_YET.sign} ")


def wrap_text(text: str, indent: str = "", columns: int = _COLUMNS) -> str:
    """Wrap a text at spaces; a notebook would break long lines inside a word."""
    return textwrap.fill(text, columns, subsequent_indent=indent, break_long_words=False)

"""The form of a check's message: written here, and read here again for grading.

✗ 5.1 is not right yet.
  tried:    stamp([1, 2])
  expected: [1, 2, 2, 4]
  got:      [1, 4]
  hint:     Where two stamps overlap they add up.
"""

from __future__ import annotations

import re
import textwrap
from typing import NamedTuple

_COLUMNS = 78
_PASSED, _REFUSED, UNTRIED = "✓", "✗", "○"


class Refusal(NamedTuple):
    """The message for a wrong answer, split into its verdict and its hint ("" if there is none)."""

    verdict: str
    hint: str


def format_passed(number: str, tried: str) -> str:
    """Format the message for a right answer; `tried` ends the sentence."""
    return wrap_text(f"{_PASSED} {number} is right: {tried}.", indent="  ")


def format_untried(number: str, *, in_part: bool) -> str:
    """Format the message for an answer that is still `...`, entirely or in part."""
    if in_part:
        return f"{number} is not finished: a part of the answer is as it was."
    return f"{number} has not been tried yet."


def format_refusal(number: str, fields: str) -> str:
    """Format the message for a wrong answer; `fields` come from `format_field`."""
    return f"{_REFUSED} {number} is not right yet.\n{fields.rstrip()}"


def format_field(name: str, text: object) -> str:
    """Format one field of a message, with its further lines indented under the first."""
    lines = [wrap_text(line) for line in str(text).split("\n")]
    return f"  {name + ':':10}" + "\n".join(lines).replace("\n", "\n" + " " * 12) + "\n"


def parse_refusal(message: str) -> Refusal:
    """Split a message from `format_refusal` into its verdict and its hint."""
    verdict, _, fields = message.strip().partition("\n")
    hint = re.search(r"(?ms)^ *hint: *(.*)", fields)
    lines = [line.strip() for line in hint[1].split("\n")] if hint else []
    return Refusal(verdict, "\n".join(lines))


def is_passed(printed: str) -> bool:
    """Whether a cell's output begins with a passed check."""
    return printed.startswith(f"{_PASSED} ")


def wrap_text(text: str, indent: str = "") -> str:
    """Wrap a text at spaces; a notebook would break long lines inside a word."""
    return textwrap.fill(text, _COLUMNS, subsequent_indent=indent, break_long_words=False)

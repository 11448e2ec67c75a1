"""What a check's message looks like, and how grading reads it back: no other file knows the form.

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

COLUMNS = 78
PASSED, REFUSED, UNTRIED = "✓", "✗", "○"


class Refusal(NamedTuple):
    """A wrong answer's message taken apart: the verdict, and the hint ("" if there is none)."""

    verdict: str
    hint: str


def format_passed(number: str, tried: str) -> str:
    """Return the line for a right answer; `tried` ends the sentence."""
    return wrap(f"{PASSED} {number} is right: {tried}.", indent="  ")


def format_untried(number: str, *, in_part: bool) -> str:
    """Return the sentence for an answer that is still `...`, as a whole or in part."""
    if in_part:
        return f"{number} is not finished: a part of the answer is as it was."
    return f"{number} has not been tried yet."


def format_refusal(number: str, fields: str) -> str:
    """Return the message for a wrong answer; `fields` come from `format_field`."""
    return f"{REFUSED} {number} is not right yet.\n{fields.rstrip()}"


def format_field(name: str, text: object) -> str:
    """Return one entry of a message, its further lines under the first."""
    lines = [wrap(line) for line in str(text).split("\n")]
    return f"  {name + ':':10}" + "\n".join(lines).replace("\n", "\n" + " " * 12) + "\n"


def parse_refusal(message: str) -> Refusal:
    """Return the verdict and the hint of a message that `format_refusal` made."""
    verdict, _, fields = message.strip().partition("\n")
    hint = re.search(r"(?ms)^ *hint: *(.*)", fields)
    lines = [line.strip() for line in hint[1].split("\n")] if hint else []
    return Refusal(verdict, "\n".join(lines))


def is_passed(printed: str) -> bool:
    """Return whether the output of a cell begins with a check that passed."""
    return printed.startswith(f"{PASSED} ")


def wrap(text: str, indent: str = "") -> str:
    """Return a text in lines that fit a notebook, which would break them inside a word."""
    return textwrap.fill(text, COLUMNS, subsequent_indent=indent, break_long_words=False)

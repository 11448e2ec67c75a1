"""QTI 1.2 for Canvas and other LMSs, made by text2qti, an extra."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from unet_tutorial.classroom.quiz.bank import BankError, Variant
from unet_tutorial.classroom.quiz.moodle import describe_mistake
from unet_tutorial.classroom.quiz.question import Question, format_value
from unet_tutorial.classroom.quiz.rich_text import format_option, format_text

_MISSING = (
    "text2qti is not installed, which QTI needs. Install it with: "
    'python -m pip install "unet-tutorial[quiz]", or ask for --format moodle paper.'
)
_DAY = "2025-01-01"  # in place of today's date, so that the same secret gives the same file
_SPECIAL = str.maketrans({char: f"&#{ord(char)};" for char in "$`\\\n"})  # text2qti reads these


def require_text2qti() -> None:
    """Raise BankError if text2qti isn't installed; the message says how to install it."""
    try:
        import text2qti  # noqa: F401
    except ImportError:
        raise BankError(_MISSING) from None


def can_be_qti(question: Question) -> bool:
    """Whether text2qti can write it: numbers get four decimals, and none may be near 0."""
    if not question.numerical:
        return True
    low, high = question.right - question.tolerance, question.right + question.tolerance
    if min(abs(low), abs(high)) < 1e-4:
        return False
    numbers = (low, question.right, high)
    return all(abs(round(number, 4) - number) <= 0.1 * question.tolerance for number in numbers)


def format_qti(variants: Sequence[Variant], title: str) -> bytes:
    """Return variants as a QTI archive: a quiz that picks one question of each kind.

    Args:
        variants: sorted by kind; those that QTI can't ask are left out (`can_be_qti`).
        title: the quiz's name.

    Raises:
        BankError: text2qti is not installed, or refuses a question.
    """
    require_text2qti()
    from text2qti.config import Config
    from text2qti.err import Text2qtiError
    from text2qti.markdown import Markdown
    from text2qti.qti import QTI
    from text2qti.quiz import Quiz

    config = Config()
    formula = Markdown(config).latex_to_canvas_img
    with TemporaryDirectory() as folder:
        lines = [f"Quiz title: {title}", "shuffle answers: true", ""]
        asked = [each for each in variants if can_be_qti(each.question)]
        for _, group in groupby(asked, key=lambda variant: variant.kind):
            questions = [line for each in group for line in _list_lines(each, formula, folder)]
            lines += ["GROUP", "pick: 1", "points per question: 1", "", *questions, "END_GROUP", ""]
        try:
            made = QTI(Quiz("\n".join(lines), config=config))
        except Text2qtiError as error:
            raise BankError(f"text2qti refuses a question: {error}") from error
        return _pack_again(made.zip_bytes())


def _list_lines(variant: Variant, formula: Callable[[str], str], folder: str) -> list[str]:
    """Return the lines of a question in text2qti's format."""
    asked = variant.question
    blocks = [_protect(format_text(asked.text, formula))]
    if asked.picture:
        picture = Path(folder, f"{variant.code}.png")
        picture.write_bytes(asked.picture)
        alt = re.sub(r"[\[\]\n]", " ", asked.alt)
        blocks.append(f"![{_escape(alt)}]({picture})")
    blocks.append(_protect(f"<small>[{variant.code}]</small>"))
    text = "\n\n    ".join(blocks)
    lines = [f"Title: {variant.name}", f"1.  {text}"]
    lines.append(f"... {_protect(format_text(asked.why, formula))}")
    return [*lines, *_list_answers(variant, formula), ""]


def _list_answers(variant: Variant, formula: Callable[[str], str]) -> list[str]:
    asked = variant.question
    if asked.numerical:
        number, tolerance = format_value(asked.right), format_value(asked.tolerance)
        whole = float(asked.right).is_integer() and not asked.tolerance
        return [f"= {number}" if whole else f"= {number} +- {tolerance}"]
    feedback = {format_value(wrong.value): describe_mistake(wrong) for wrong in asked.wrong}
    lines = []
    for letter, option in zip("abcde", variant.options, strict=False):
        mark = "" if option in feedback else "*"
        lines.append(f"{mark}{letter}) {_protect(format_option(option, formula))}")
        if option in feedback:
            lines.append(f"... {_protect(format_text(feedback[option], formula))}")
    return lines


def _protect(shown: str) -> str:
    """Put HTML on one line that text2qti passes on as it is."""
    return f"<div>{shown.translate(_SPECIAL)}</div>"


def _escape(text: str) -> str:
    return html.escape(text).translate(_SPECIAL)


def _pack_again(archive: bytes) -> bytes:
    """Return the archive without today's date and the time of day."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "imsmanifest.xml":
                data = re.sub(rb"(:dateTime>)[^<]*(</)", rf"\g<1>{_DAY}\2".encode(), data)
            entry = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, data)
    return packed.getvalue()

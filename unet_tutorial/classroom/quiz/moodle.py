"""Moodle XML: a file of questions that Moodle imports, in a category for each kind.

The format: https://docs.moodle.org/en/Moodle_XML_format, and question/format/xml/format.php, which
reads it.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree

from unet_tutorial.classroom.quiz.bank import Variant
from unet_tutorial.classroom.quiz.question import Wrong, format_value
from unet_tutorial.classroom.quiz.rich_text import format_option, format_tex, format_text

_Element = ElementTree.Element
_child = ElementTree.SubElement


def format_moodle(variants: Iterable[Variant], bank: str) -> bytes:
    """Return variants as Moodle XML.

    Args:
        variants: sorted by kind; Moodle gets a category for each kind.
        bank: the bank's name, which the categories are put under.
    """
    quiz = _Element("quiz")
    for kind, group in groupby(variants, key=lambda variant: variant.kind):
        _add_category(quiz, [bank, f"Chapter {kind.chapter}", kind.title])
        for variant in group:
            _add_question(quiz, variant)
    ElementTree.indent(quiz)
    return ElementTree.tostring(quiz, encoding="UTF-8", xml_declaration=True) + b"\n"


def describe_mistake(wrong: Wrong) -> str:
    """Return what a student reads who chose this: where to look, and no judgement."""
    return (
        f"One way to arrive at this answer: “{wrong.misconception.rstrip('.')}”. "
        "Look at that step again."
    )


def _add_category(quiz: _Element, path: Sequence[str]) -> None:
    """Add the category that the questions after it belong to; a slash in a name is doubled."""
    question = _child(quiz, "question", type="category")
    names = [name.replace("/", "//") for name in path]
    _add_text(question, "category", "/".join(["$course$", "top", *names]))


def _add_question(quiz: _Element, variant: Variant) -> None:
    asked = variant.question
    question = _child(quiz, "question", type="numerical" if asked.numerical else "multichoice")
    _add_text(question, "name", variant.name)
    text = _add_html(question, "questiontext", _format_question(variant))
    if asked.picture:
        file = _child(text, "file", name=_name_picture(variant), path="/", encoding="base64")
        file.text = base64.b64encode(asked.picture).decode()
    _add_html(question, "generalfeedback", format_text(asked.why, format_tex))
    for name, value in {"defaultgrade": "1", "penalty": "0.3333333", "hidden": "0"}.items():
        _child(question, name).text = value
    _child(question, "idnumber").text = variant.code
    if asked.numerical:
        _add_numbers(question, variant)
    else:
        _add_options(question, variant)


def _format_question(variant: Variant) -> str:
    """Return the question's HTML: text, picture, and the code that comes back in exports."""
    parts = [format_text(variant.question.text, format_tex)]
    if variant.question.picture:
        alt = html.escape(variant.question.alt)
        parts.append(f'<p><img src="@@PLUGINFILE@@/{_name_picture(variant)}" alt="{alt}"></p>')
    parts.append(f"<p><small>[{variant.code}]</small></p>")
    return "\n".join(parts)


def _name_picture(variant: Variant) -> str:
    return f"{variant.code}.png"


def _add_numbers(question: _Element, variant: Variant) -> None:
    asked = variant.question
    answers = [
        (asked.right, "100", ""),
        *((w.value, "0", describe_mistake(w)) for w in asked.wrong),
    ]
    for value, fraction, feedback in answers:
        answer = _child(question, "answer", fraction=fraction, format="moodle_auto_format")
        _child(answer, "text").text = format_value(value)
        _child(answer, "tolerance").text = format_value(asked.tolerance)
        _add_html(answer, "feedback", format_text(feedback, format_tex))
    settings = {"unitgradingtype": "0", "unitpenalty": "0.1000000", "showunits": "3"}
    for name, value in {**settings, "unitsleft": "0"}.items():  # 3: no units
        _child(question, name).text = value


def _add_options(question: _Element, variant: Variant) -> None:
    settings = {"single": "true", "shuffleanswers": "true", "answernumbering": "abc"}
    for name, value in {**settings, "showstandardinstruction": "0"}.items():
        _child(question, name).text = value
    feedback = {format_value(w.value): describe_mistake(w) for w in variant.question.wrong}
    for option in variant.options:
        fraction = "0" if option in feedback else "100"
        answer = _child(question, "answer", fraction=fraction, format="html")
        _child(answer, "text").text = format_option(option, format_tex)
        _add_html(answer, "feedback", format_text(feedback.get(option, ""), format_tex))


def _add_text(parent: _Element, name: str, text: str) -> _Element:
    element = _child(parent, name)
    _child(element, "text").text = text
    return element


def _add_html(parent: _Element, name: str, text: str) -> _Element:
    element = _add_text(parent, name, text)
    element.set("format", "html")
    return element

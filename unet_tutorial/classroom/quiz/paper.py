"""Papers to print: versions A, B, C... with a question of each kind, and the key to them."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from itertools import groupby
from string import ascii_uppercase

from unet_tutorial.classroom.quiz.bank import Variant
from unet_tutorial.classroom.quiz.question import format_value
from unet_tutorial.classroom.quiz.rich_text import format_mathml, format_option, format_text

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.45 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0 2rem; align-items: baseline; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 1.6rem 0 .3rem; display: flex; justify-content: space-between; }
h2 small { font-weight: normal; opacity: .75; }
section, tr { break-inside: avoid; }
p { margin: .5rem 0; }
pre { border: 1px solid; padding: .5rem; line-height: 1.3; white-space: pre-wrap; }
code { overflow-wrap: anywhere; }
article + article { margin-top: 3rem; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
img { max-width: 100%; max-height: 7cm; background: white; }
ol { margin: .5rem 0; padding-left: 2rem; }
li { padding-left: .3rem; margin: .25rem 0; }
li pre { margin: 0; }
.line { border-bottom: 1px solid; display: inline-block; width: 10rem; height: 1.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; min-width: 40rem; font-size: .85rem; }
th, td { border: 1px solid; padding: .3rem .5rem; text-align: left; vertical-align: top; }
td p { margin: 0 0 .3rem; }
td ul { margin: 0; padding-left: 1rem; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10.5pt; max-width: none; padding: 0; }
  article + article { break-before: page; margin-top: 0; }
}
@page { margin: 18mm; }
"""


def choose_versions(variants: Iterable[Variant], count: int) -> list[list[Variant]]:
    """Return the questions of each version: one of each kind, different ones while they last.

    `variants` are sorted by kind.
    """
    groups = [list(group) for _, group in groupby(variants, key=lambda variant: variant.kind)]
    return [[group[n % len(group)] for group in groups] for n in range(count)]


def format_papers(versions: Sequence[Sequence[Variant]], bank: str) -> str:
    """Return the page of all versions, each on its own sheets; pictures and formulas inside."""
    return _format_page("Questions", bank, map(_format_version, ascii_uppercase, versions))


def format_key(versions: Sequence[Sequence[Variant]], bank: str) -> str:
    """Return the page with the right answers, and what each wrong one says of its author."""
    return _format_page("Key", bank, map(_format_answers, ascii_uppercase, versions))


def _format_page(title: str, bank: str, parts: Iterable[str]) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}: {html.escape(bank)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{''.join(parts)}</main>\n</body>\n</html>\n"
    )


def _format_version(letter: str, variants: Sequence[Variant]) -> str:
    questions = "".join(_format_question(number, each) for number, each in enumerate(variants, 1))
    return (
        f'<article aria-label="Version {letter}">\n<header><h1>Version {letter}</h1>'
        '<p>Name: <span class="line"></span></p><p>Date: <span class="line"></span></p></header>\n'
        f"{questions}</article>\n"
    )


def _format_question(number: int, variant: Variant) -> str:
    asked = variant.question
    picture = ""
    if asked.picture:
        data = base64.b64encode(asked.picture).decode()
        picture = f'<p><img src="data:image/png;base64,{data}" alt="{html.escape(asked.alt)}"></p>'
    return (
        f"<section>\n<h2>Question {number} <small>{variant.code}</small></h2>\n"
        f"{format_text(asked.text, format_mathml)}\n{picture}\n{_format_space(variant)}</section>\n"
    )


def _format_space(variant: Variant) -> str:
    """Return where the answer goes: a line for a number, or the options."""
    if variant.question.numerical:
        return '<p>Answer: <span class="line"></span></p>\n'
    options = "".join(
        f"<li>{format_option(each, format_mathml)}</li>\n" for each in variant.options
    )
    return f'<ol type="A">\n{options}</ol>\n'


def _format_answers(letter: str, variants: Sequence[Variant]) -> str:
    rows = "".join(_format_row(number, each) for number, each in enumerate(variants, 1))
    return (
        f'<article aria-label="Key to version {letter}">\n<h1>Key to version {letter}</h1>\n'
        '<div class="scroll" tabindex="0"><table>\n<tr><th scope="col">Question</th>'
        '<th scope="col">Right</th><th scope="col">Why</th>'
        f'<th scope="col">What a wrong answer tells</th></tr>\n{rows}</table></div></article>\n'
    )


def _format_row(number: int, variant: Variant) -> str:
    asked = variant.question
    order = variant.options.index
    wrong = "".join(
        f"<li><b>{_format_answer(variant, format_value(each.value))}</b>: "
        f"{format_option(each.misconception, format_mathml)}</li>"
        for each in sorted(asked.wrong, key=lambda wrong: order(format_value(wrong.value)))
    )
    right = _format_answer(variant, format_value(asked.right))
    if asked.numerical and asked.tolerance:
        right += f" ± {format_value(asked.tolerance)}"
    return (
        f"<tr><td>{number}<br>{html.escape(variant.kind.title)}<br>"
        f"<small>{variant.code}</small></td><td>{right}</td>"
        f"<td>{format_text(asked.why, format_mathml)}</td><td><ul>{wrong}</ul></td></tr>\n"
    )


def _format_answer(variant: Variant, shown: str) -> str:
    """Return a number, or an option after its letter."""
    if variant.question.numerical:
        return shown
    letter = ascii_uppercase[variant.options.index(shown)]
    return f"{letter}. {format_option(shown, format_mathml)}"

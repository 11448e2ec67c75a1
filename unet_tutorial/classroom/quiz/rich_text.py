"""Turns what a question says into HTML, and HTML into what an LMS's export says.

A text may use markdown, and formulas in single dollars. An option may use `code`, a fenced block
and formulas only, so that "3*3*64" or "[1, 2]" stays as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import lru_cache

import mistune

from unet_tutorial.classroom.quiz.question import format_value

Formula = Callable[[str], str]  # a formula in TeX to HTML
_BLOCKS_IN_OPTIONS = ["fenced_code", "blank_line"]
_INLINE_IN_OPTIONS = ["codespan", "inline_math", "linebreak"]


def format_text(text: str, formula: Formula) -> str:
    """Return a text as HTML; `formula` makes HTML of a formula."""
    return _make_parser(formula, options=False)(text).strip()


def format_option(value: str | int | float, formula: Formula) -> str:
    """Return an option as HTML; without a paragraph around it, if it's a single one."""
    made = _make_parser(formula, options=True)(format_value(value)).strip()
    single = re.fullmatch(r"<p>((?:(?!<p>).)*)</p>", made, re.DOTALL)
    return single[1] if single else made


def format_tex(tex: str) -> str:
    r"""Return a formula between \( and \), as Moodle's MathJax filter takes it."""
    return rf"\({html.escape(tex)}\)"


def format_mathml(tex: str) -> str:
    """Return a formula as MathML, which browsers show and print offline."""
    from latex2mathml.converter import convert

    return convert(tex)


def strip_markup(shown: str) -> str:
    """Return what remains of HTML when an LMS exports it as text, without spaces."""
    return strip_spaces(re.sub(r"<[^>]*>", "", shown))


def strip_spaces(text: str) -> str:
    """Return a text of an export without spaces, with `<` for `&lt;`."""
    return re.sub(r"\s", "", html.unescape(text))


@lru_cache(maxsize=16)
def _make_parser(formula: Formula, options: bool) -> mistune.Markdown:
    parser = mistune.create_markdown(
        renderer=_Renderer(formula), plugins=["math", "table"], hard_wrap=options
    )
    if options:
        parser.block.rules = list(_BLOCKS_IN_OPTIONS)
        parser.inline.rules = list(_INLINE_IN_OPTIONS)
    return parser


class _Renderer(mistune.HTMLRenderer):
    """Makes HTML; what looks like HTML in the markdown is shown as text."""

    def __init__(self, formula: Formula) -> None:
        super().__init__(escape=True)
        self._formula = formula

    def inline_math(self, text: str) -> str:
        return self._formula(text)

    def block_math(self, text: str) -> str:
        return f"<p>{self._formula(text)}</p>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{html.escape(code.rstrip())}</code></pre>\n"

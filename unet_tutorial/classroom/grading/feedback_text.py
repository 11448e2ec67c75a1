"""What a feedback page shows of texts and outputs: as HTML that is safe, private and offline."""

from __future__ import annotations

import base64
import html
import mimetypes
import re
import socket
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from latex2mathml.converter import convert
from nbconvert.filters import markdown2html
from nbformat.notebooknode import NotebookNode

from unet_tutorial.classroom.grading.pipeline.safe_notebook import clean_html
from unet_tutorial.classroom.grading.pipeline.step5_judge import COLOURS, read_text
from unet_tutorial.teaching.checks.message import is_refused

_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_MATH_TAGS = {
    *("math", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "ms"),
    *("mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr"),
    *("munder", "munderover"),
}
_MATH_ATTRIBUTES = {"display", "stretchy", "fence", "form", "separator", "columnalign", "width"}
_CODE = r"```.*?```|`[^`\n]*`"
_FORMULA = re.compile(rf"({_CODE})|\$\$(.+?)\$\$|\$(?! )([^$\n]+?)(?<! )\$", re.DOTALL)
_PLACE = "formula{}formula"
_TAG_OR_PLACE = re.compile(r"<[^>]*>|formula(\d+)formula")
_HEADING_LINK = re.compile(r'<a href="#[^"]*"[^>]*>¶</a>')
# A path from the root, or from a drive, with two names or more: only the last one is shown, and
# nothing of a home folder.
_NAME = r"[^\s/\\\"'<>:]"
_HOME = re.compile(
    r"(?<![\w/.:])(?:/root|(?:/home/|/Users/|[A-Za-z]:\\+Users\\+)[^\s/\\\"'<>:,;)]+)(?![\w/\\])"
)
_PATH = re.compile(rf"(?<![\w/.:])(?:[A-Za-z]:[/\\]+|~?/|\.\./)(?:{_NAME}+[/\\]+)+({_NAME}*)")
_SOURCE = re.compile(r'(<(?:img|video|source)\b[^>]*?\bsrc=")([^":]+)(")')
_NO_PICTURE = re.compile(r'<img\b(?![^>]*\bsrc="data:\w)[^>]*>')


def render_markdown(text: str, folder: Path) -> str:
    """Render markdown with its formulas as MathML, and pictures from a folder inside."""
    formulas: list[str] = []

    def keep(match: re.Match) -> str:
        if match[1]:
            return match[1]
        formulas.append(_format_formula(match[2] or match[3], is_block=bool(match[2])))
        return _PLACE.format(len(formulas) - 1)

    def put(match: re.Match) -> str:
        if not match[1]:  # a tag, in whose attributes nothing but text may be
            return re.sub(_PLACE.format(r"\d+"), "…", match[0])
        number = int(match[1])
        return formulas[number] if number < len(formulas) else match[0]

    shown = _HEADING_LINK.sub("", clean_html(markdown2html(_FORMULA.sub(keep, text))))
    shown = _TAG_OR_PLACE.sub(put, shown)
    shown = _SOURCE.sub(lambda match: match[1] + _embed(match[2], folder) + match[3], shown)
    return _NO_PICTURE.sub("<em>(a picture that isn't here)</em>", shown)


def _format_formula(tex: str, *, is_block: bool) -> str:
    """Format a formula as MathML; as code if it can't be read or would be anything else."""
    try:
        made = convert(html.unescape(tex), display="block" if is_block else "inline")
        parts = list(ElementTree.fromstring(made).iter())
        is_safe = all(
            part.tag.removeprefix(_MATHML) in _MATH_TAGS and set(part.attrib) <= _MATH_ATTRIBUTES
            for part in parts
        )
    except Exception:  # latex2mathml has many errors, and a student may write anything
        is_safe = False
    if is_safe and is_block:
        return f'<span class="formula">{made}</span>'
    return made if is_safe else f"<code>{html.escape(html.unescape(tex))}</code>"


def _embed(name: str, folder: Path) -> str:
    """Read a picture below a folder as a data address; "data:," if there is none."""
    path = (folder / name).resolve()
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not (kind.startswith(("image/", "video/")) and path.is_relative_to(folder.resolve())):
        return "data:,"
    if not path.is_file():
        return "data:,"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def format_comment(text: str) -> str:
    """Format a comment: as it was written, with its formulas as MathML."""
    shown, end = [], 0
    for match in _FORMULA.finditer(text):
        formula = match[2] or match[3]
        made = _format_formula(formula, is_block=bool(match[2])) if formula else match[0]
        shown += [html.escape(text[end : match.start()]), made if formula else html.escape(made)]
        end = match.end()
    return "".join([*shown, html.escape(text[end:])])


def hide_paths(text: str) -> str:
    """Replace paths of the instructor's machine by the names of their files, and hide its name."""
    host = socket.gethostname()
    if len(host) > 1 and host != "localhost":
        text = re.sub(rf"\b{re.escape(host)}\b", "…", text)
    return _PATH.sub(lambda match: match[1] or "…", _HOME.sub("…", text))


def format_outputs(outputs: Sequence[NotebookNode]) -> str:
    """Format the outputs of a cell: pictures, and the rest as text without paths."""
    parts: list[str] = []
    for output in outputs:
        picture = output.get("data", {}).get("image/png")
        if picture:
            alt = html.escape(str(output["data"].get("text/plain", "")), quote=True)
            parts.append(f'<img src="data:image/png;base64,{picture.strip()}" alt="{alt}">')
        elif text := COLOURS.sub("", _read_any_text(output)).strip():
            parts.append(f"<pre>{html.escape(hide_paths(text))}</pre>")
    return "\n".join(dict.fromkeys(parts))


def _read_any_text(output: NotebookNode) -> str:
    """Read an output's text; of an error, the check's message, or the lines of the notebook."""
    if output.output_type != "error":
        return read_text(output)
    if is_refused(output.evalue):
        return output.evalue
    frames = [COLOURS.sub("", str(each)) for each in output.traceback]
    shown = [each for each in frames if each.strip("-") and not each.startswith("File ")]
    return "\n".join(shown)

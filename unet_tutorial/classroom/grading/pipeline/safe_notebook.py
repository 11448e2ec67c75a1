"""Copies of graded notebooks in which nothing that a student wrote can run in a browser.

The formgrader shows them with the session of Jupyter, where a script could change grades. HTML is
cleaned with an allow-list, and `data:` is kept in the `src` of pictures and videos only.
"""

from __future__ import annotations

import base64
import binascii
import copy
import re
from collections.abc import Mapping, Sequence

import nbformat
import nh3
from nbconvert.filters import markdown2html
from nbformat.notebooknode import NotebookNode

from unet_tutorial.classroom.released_notebook import ReleasedNotebook

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TEXTS = ("text/plain",)
_EMBEDDED = re.compile(
    r"data:(image/(png|jpeg|gif|webp|svg\+xml)|video/(mp4|webm));base64,[\w+/=\s]*"
)
_MEDIA = {"img", "video", "source"}
_TAGS = (nh3.ALLOWED_TAGS | {"video", "source", "figure", "figcaption"}) - {"map", "area"}
_STYLES = {
    *("background", "background-color", "border", "border-left", "border-radius", "color"),
    *("display", "font", "font-family", "font-size", "font-style", "font-weight", "height"),
    *("line-height", "margin", "margin-top", "max-width", "padding", "text-align", "width"),
    *("vertical-align", "white-space"),
}
_ATTRIBUTES = {
    "*": {"style", "title", "alt", "colspan", "rowspan", "align"},
    "a": {"href"},
    "img": {"src", "width", "height"},
    "video": {"src", "width", "height", "controls", "loop"},
    "source": {"src", "type"},
}
_MATH_LINKS = re.compile(r"\\(href|url|require|unicode|html\w*|class|cssId|style|data)\b")
_MARKS = re.compile(r"[<&]|\]\s*[(\[:]")  # markdown without these becomes plain HTML


def make_safe(
    cells: Sequence[NotebookNode], released: ReleasedNotebook, checksums: Mapping[str, str]
) -> NotebookNode:
    """Make the copy that is shown of a graded notebook.

    Args:
        cells: its cells after the run. Of their metadata, only the graded cells' names are used.
        released: the notebook as it was released, whose metadata the copy gets.
        checksums: nbgrader's, by the names of graded cells.
    """
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    left = dict(released.nbgrader_cells)
    for cell in cells:
        graded = left.pop(str(cell.metadata.get("nbgrader", {}).get("grade_id")), None)
        made = _make_safe_cell(cell)
        if graded is not None and graded.cell_type == made.cell_type:
            if not graded.is_answer:
                made.source = graded.source
            made.metadata["nbgrader"] = nbformat.from_dict(copy.deepcopy(graded.nbgrader))
            made.metadata.nbgrader["checksum"] = checksums.get(graded.name)
        notebook.cells.append(made)
    return notebook


def _make_safe_cell(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type == "code":
        made = nbformat.v4.new_code_cell(cell.source, id=cell.id)
        made.outputs = [kept for each in cell.outputs if (kept := _make_safe_output(each))]
        made.execution_count = cell.get("execution_count")
        return made
    if cell.cell_type == "raw":
        return nbformat.v4.new_raw_cell(make_safe_text(cell.source), id=cell.id)
    source = _embed_attachments(cell)
    return nbformat.v4.new_markdown_cell(make_safe_markdown(source), id=cell.id)


def _embed_attachments(cell: NotebookNode) -> str:
    """Put a markdown cell's attached pictures into its text."""
    source = cell.source
    for name, versions in dict(cell.get("attachments", {})).items():
        for kind, data in versions.items():
            if kind in _PICTURES and (text := _clean_base64(data)):
                source = source.replace(f"attachment:{name}", f"data:{kind};base64,{text}")
    return source


def _clean_base64(data: object) -> str:
    """Return base64 text without white space; "" if it's something else."""
    text = "".join(str(data).split())
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return text


def make_safe_markdown(source: str) -> str:
    """Make markdown safe: text with HTML or links becomes clean HTML, in one line."""
    source = _MATH_LINKS.sub(r"\\text", source)
    if not _MARKS.search(source):
        return source
    cleaned = clean_html(markdown2html(source))
    # One line, since markdown would read what follows an empty line as markdown again.
    return "<div>" + cleaned.replace("\n", "&#10;") + "</div>"


def clean_html(text: str) -> str:
    """Clean HTML with the allow-list."""
    return nh3.clean(
        _MATH_LINKS.sub(r"\\text", text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        filter_style_properties=_STYLES,
    )


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    """Keep a picture's data and a link's address, but not the other way round."""
    if name == "src" and tag in _MEDIA:
        is_own = not re.match(r"\s*([a-z][\w+.-]*:|//)", value, re.IGNORECASE)
        return value if is_own or _EMBEDDED.fullmatch(value) else None
    if name in ("src", "href") and value.strip().lower().startswith("data:"):
        return None
    return None if name == "style" and "url(" in value.lower().replace("\\", "") else value


def make_safe_text(text: str) -> str:
    """Make a text safe where it's read as markdown."""
    return _MATH_LINKS.sub(r"\\text", text).replace("<", r"\<").replace("](", r"]\(")


def _make_safe_output(output: NotebookNode) -> NotebookNode | None:
    """Make an output safe; texts and errors are, since they are shown as text."""
    kind = output.output_type
    if kind == "stream":
        return nbformat.v4.new_output("stream", name=str(output.name)[:6], text=output.text)
    if kind == "error":
        lines = [str(line) for line in output.traceback]
        return nbformat.v4.new_output(
            "error", ename=str(output.ename), evalue=str(output.evalue), traceback=lines
        )
    data = {each: made for each, value in output.data.items() if (made := _convert(each, value))}
    if not data:
        return None
    if kind == "execute_result":
        count = output.get("execution_count")
        return nbformat.v4.new_output(kind, data, execution_count=count)
    return nbformat.v4.new_output("display_data", data)


def _convert(kind: str, value: object) -> str:
    """Make one form of an output safe; "" drops it."""
    text = value if isinstance(value, str) else "".join(map(str, value or ()))
    if kind in _TEXTS:
        return text
    if kind in _PICTURES[:2]:
        return _clean_base64(text)
    if kind == "text/html":
        return clean_html(text)
    if kind == "text/markdown":
        return make_safe_markdown(text)
    return ""

"""Describe the companion package on the site, from its docstrings, with links to the chapters."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import unet_tutorial

PACKAGE = Path(unet_tutorial.__file__).parent
# Each page's module and title, in the order of the chapters.
PAGES = {
    "blocks": "The four blocks",
    "unet": "The network",
    "shapes": "Size arithmetic",
    "metrics": "Scores",
    "losses": "Losses",
    "data": "Data",
    "training": "Training",
    "prediction": "Prediction",
}
_INDEX = """# Modules

What the chapters build, for those who want to use it or read it. These ten names come from
`unet_tutorial` itself, the others from the module that their page names: {names}.

Each entry links to its chapter and to its source.

| Module | Page |
| --- | --- |
{rows}
"""
_PAGE = """# {title}

Module `unet_tutorial.{module}`.

```{{eval-rst}}
.. automodule:: unet_tutorial.{module}
   :members:
   :member-order: bysource
{more}```
"""
_RECORDS = {"Stage": "01", "Strips": "01", "ObjectScores": "12"}  # functions of these return them
_OF_A_FOLDER = "   :imported-members:\n"  # those that its __all__ names
_CHAPTERS = re.compile(r"\b([Cc]hapters?\s+)(\d\d(?:(?:,| and)\s+\d\d)*)")
_HANGING = ("- ", "* ", ":", "..", ">>>")  # below these, a line may be indented
_ALIAS = "Alias for field number"  # what Python says of a NamedTuple's fields


def write_api(folder: Path) -> list[str]:
    """Write a page for each module of the companion, and one that lists them.

    Args:
        folder: the site's source.

    Returns:
        The names of the pages; the list of modules is the first.
    """
    (folder / "api").mkdir()
    for module, title in PAGES.items():
        more = _OF_A_FOLDER if (PACKAGE / module).is_dir() else ""
        text = _PAGE.format(title=title, module=module, more=more)
        (folder / "api" / f"{module}.md").write_text(text, encoding="utf-8")
    rows = "\n".join(f"| `{module}` | [{title}]({module}.md) |" for module, title in PAGES.items())
    names = ", ".join(f"`{name}`" for name in unet_tutorial.__all__)
    index = _INDEX.format(names=names, rows=rows)
    (folder / "api" / "index.md").write_text(index, encoding="utf-8")
    return ["api/index", *(f"api/{module}" for module in PAGES)]


def skip_helper(
    app: Any, parent: str, name: str, entry: Any, skip: bool, options: Any
) -> bool | None:
    """Leave out what no chapter builds or uses (Sphinx's event autodoc-skip-member)."""
    text = inspect.getdoc(entry) or ""
    is_helper = parent == "module" and name not in _RECORDS and not _CHAPTERS.search(text)
    return True if is_helper or text.startswith(_ALIAS) else None


def link_chapters(
    app: Any, kind: str, name: str, entry: Any, options: Any, lines: list[str]
) -> None:
    """Make links of the chapters that a docstring names (Sphinx's event autodoc-process-docstring).

    A record's docstring names none: it gets that of the function that returns it.
    """
    number = _RECORDS.get(name.rpartition(".")[2])
    added = ["", f"Returned in chapter {number}."] if number else []
    text = "\n".join([*_make_rest(lines), *added])
    pages = {page[10:12]: page for page in app.env.found_docs if page.startswith("notebooks/")}
    lines[:] = _CHAPTERS.sub(lambda found: _format_links(*found.groups(), pages), text).split("\n")


def _format_links(word: str, numbers: str, pages: dict[str, str]) -> str:
    """Format "chapter" and "03" as one link, or "chapters" and "03 and 04" as two."""
    if word.lower().startswith("chapters"):
        return word + re.sub(r"\d\d", lambda n: f":doc:`{n[0]} </{pages[n[0]]}>`", numbers)
    return f":doc:`{word.rstrip()} {numbers} </{pages[numbers]}>`"


def _make_rest(lines: list[str]) -> Iterator[str]:
    """Yield a docstring's lines as reStructuredText wants them; it's stricter than our readers are.

    There, a list has an empty line above it, prose isn't indented on its way, and |x| isn't x.
    """
    before = ""
    for line in lines:
        text = line.lstrip()
        if text.startswith("- ") and before:
            yield ""
        if before and not before.lstrip().startswith(_HANGING):
            line = " " * min(len(line) - len(text), len(before) - len(before.lstrip())) + text
        before = line
        yield line if ">>>" in line else re.sub(r"\|(?=\w)", r"\\|", line)

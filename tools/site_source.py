"""Write the site's source folder: the chapters, the README and every file they link to."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from site_api import write_api
from site_pages import format_explorer

from unet_tutorial.teaching.chapters import (
    HIDDEN,
    cell_source,
    chapter_paths,
    make_learner_source,
    strip_marks,
    strip_regions,
)

_README, _FRONT_PAGE = "README.md", "index.md"
_START = "site/start.md"  # what the front page begins with
SECTIONS = ("The chapters", "Two commands", "For an instructor", "Licence and credits")
_LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")  # markdown's [text](target#anchor)
_ANCHOR = re.compile(r"(\]\((?:\w+\.ipynb)?#)([^)]+)\)")
_EXERCISE = re.compile(r'<div class="unet-exercise">\n\n(.+)\n\n</div>', re.DOTALL)
_MOVING = re.compile(r"<picture>.*?</picture>\n+", re.DOTALL)  # of the README
_TAG = re.compile(r"<(?:video|source|img)\b[^>]*>")
_SOURCE = re.compile(r"""\b(?:src|poster)=["']([^"']+)""")
_CONTENTS = "\n\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"


def write_site_source(root: Path, folder: Path) -> list[str]:
    """Write the site's source to a folder with the same layout as the repository.

    Args:
        root: the repository.
        folder: an empty folder.

    Returns:
        The names of the pages in order, such as "notebooks/04_down".

    Raises:
        ValueError: if the README lacks a section that the front page shows.
    """
    chapters = chapter_paths(root / "notebooks")
    start = (root / _START).read_text(encoding="utf-8")
    front = _make_front_page((root / _README).read_text(encoding="utf-8"), start)
    others = []
    waiting = [*chapters, *_find_linked_files(front, root / _README, root)]
    done = {root / _README}
    while waiting:
        path = waiting.pop(0)
        if path not in done:
            done.add(path)
            others += [path] if path.suffix == ".md" else []
            waiting += _find_linked_files(_copy_file(path, root, folder), path, root)
    chapters, others = ([_page_name(path, root) for path in paths] for paths in (chapters, others))
    api = write_api(folder)
    for caption, pages in (("Chapters", chapters), ("The package", api), ("More", others)):
        front += _CONTENTS.format(caption=caption, pages="\n".join(pages))
    front = front.replace("{explorer}", format_explorer("convolution", "weights"))
    (folder / _FRONT_PAGE).write_text(front, encoding="utf-8")
    return [Path(_FRONT_PAGE).stem, *chapters, *others, *api]


def _page_name(path: Path, root: Path) -> str:
    """Sphinx's name for the page made from a file."""
    return path.relative_to(root).with_suffix("").as_posix()


def _make_front_page(readme: str, start: str) -> str:
    """Make the front page: the README's title, the start, its introduction and the SECTIONS."""
    intro, *sections = re.split(r"(?m)^(?=## )", readme)
    titled = {section.partition("\n")[0].removeprefix("## "): section for section in sections}
    missing = [title for title in SECTIONS if title not in titled]
    if missing:
        raise ValueError(
            f"README.md has no section {missing[0]!r}, which the site's front page shows. Its "
            f"sections are {list(titled)}. Fix README.md, or SECTIONS in tools/site_source.py."
        )
    title, intro = intro.split("\n", maxsplit=1)
    intro = _MOVING.sub("", intro)  # here, the start moves by itself
    return "".join([f"{title}\n\n{start}", intro, *(titled[title] for title in SECTIONS)])


def _copy_file(path: Path, root: Path, folder: Path) -> str:
    """Copy a file, converted for the site, and return its markdown, if it has any."""
    target = folder / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
        if path.parent == root:
            text = text.replace(f"]({_README}", f"]({_FRONT_PAGE}")
        target.write_text(text, encoding="utf-8")
        return text
    if path.suffix == ".ipynb":
        notebook = _make_page(json.loads(path.read_text(encoding="utf-8")))
        target.write_text(json.dumps(notebook), encoding="utf-8")
        return "\n\n".join(_extract_markdown(notebook))
    shutil.copyfile(path, target)
    return ""


def _find_linked_files(markdown: str, path: Path, root: Path) -> list[Path]:
    """Find the files in the repository that a page's markdown links to or shows."""
    targets = [*_LINK.findall(markdown), *_find_html_sources(markdown)]
    files = [(path.parent / target).resolve() for target in targets if "://" not in target]
    return [file for file in files if file.is_file() and file.is_relative_to(root)]


def _find_html_sources(markdown: str) -> list[str]:
    """Find the src and poster of all videos and images that are HTML tags in markdown."""
    return [source for tag in _TAG.findall(markdown) for source in _SOURCE.findall(tag)]


def find_html_files(folder: Path, page: str) -> list[Path]:
    """Find the files that a chapter shows with HTML tags, which Sphinx doesn't copy itself."""
    path = folder / f"{page}.ipynb"
    if not path.is_file():
        return []
    markdown = "\n\n".join(_extract_markdown(json.loads(path.read_text(encoding="utf-8"))))
    files = [(path.parent / target).resolve() for target in _find_html_sources(markdown)]
    return [file.relative_to(folder) for file in files if file.is_file()]


def _extract_markdown(notebook: dict) -> Iterator[str]:
    yield from (cell_source(c) for c in notebook["cells"] if c["cell_type"] == "markdown")


def _make_page(notebook: dict) -> dict:
    """Copy a source notebook and convert it to a page.

    An exercise shows the learner's version, then the solution behind a toggle. Hidden tests are
    left out. Anchors become lower case, as in Sphinx; JupyterLab's have the headings' own case.
    """
    page = copy.deepcopy(notebook)
    page["cells"] = [shown for cell in page["cells"] for shown in _make_page_cells(cell)]
    return page


def _make_page_cells(cell: dict) -> Iterator[dict]:
    """Convert a cell for a page: a solution becomes two cells, any other cell one."""
    source = cell_source(cell)
    if cell["cell_type"] == "markdown":
        source = _EXERCISE.sub(r"{.unet-exercise}\n\1", source)  # names the heading's section
        cell["source"] = _ANCHOR.sub(_format_anchor, source)
    elif cell["id"].startswith("solution-"):
        yield cell | {
            "id": f"stub-{cell['id']}",
            "source": make_learner_source(cell),
            "outputs": [],
        }
        cell["source"] = strip_marks(source).rstrip("\n")
        cell["metadata"] = {"tags": ["hide-input"]}
    else:
        cell["source"] = strip_regions(source, HIDDEN).rstrip("\n")
    yield cell


def _format_anchor(found: re.Match) -> str:
    """Format a link's anchor as MyST does: lower case, without punctuation except hyphens."""
    return found[1] + re.sub(r"[^\w-]", "", found[2].lower()) + ")"

"""The source folder of the site: copies of the chapters and of what they and the README link to."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from unet_tutorial.teaching.chapters import (
    HIDDEN,
    SOLUTION,
    chapter_paths,
    learners_source,
    source_of,
    without,
)

README, FRONT = "README.md", "index.md"
SECTIONS = ("The chapters", "Two commands", "For an instructor", "Licence and credits")
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")  # markdown's [text](target#anchor)
ANCHOR = re.compile(r"(\]\((?:\w+\.ipynb)?#)([^)]+)\)")
TAG = re.compile(r"<(?:video|source|img)\b[^>]*>")
SOURCE = re.compile(r"""\b(?:src|poster)=["']([^"']+)""")
CONTENTS = "\n\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"


def gather(root: Path, folder: Path) -> list[str]:
    """Write the source of the site into a folder, laid out as the repository is.

    Args: root, the repository; folder, empty. Returns the pages, in order: "notebooks/04_down".
    Errors: ValueError where the README lacks a section that the front page shows.
    """
    chapters = chapter_paths(root / "notebooks")
    front = front_page((root / README).read_text(encoding="utf-8"))
    others = []
    waiting = [*chapters, *linked(front, root / README, root)]
    done = {root / README}
    while waiting:
        path = waiting.pop(0)
        if path not in done:
            done.add(path)
            others += [path] if path.suffix == ".md" else []
            waiting += linked(carry(path, root, folder), path, root)
    chapters, others = ([page_name(path, root) for path in paths] for paths in (chapters, others))
    for caption, pages in (("Chapters", chapters), ("More", others)):
        front += CONTENTS.format(caption=caption, pages="\n".join(pages))
    (folder / FRONT).write_text(front, encoding="utf-8")
    return [Path(FRONT).stem, *chapters, *others]


def page_name(path: Path, root: Path) -> str:
    """Return how Sphinx names the page that comes of a file."""
    return path.relative_to(root).with_suffix("").as_posix()


def front_page(readme: str) -> str:
    """Return the README's title, what stands above its first section, and the SECTIONS."""
    intro, *sections = re.split(r"(?m)^(?=## )", readme)
    titled = {section.partition("\n")[0].removeprefix("## "): section for section in sections}
    missing = [title for title in SECTIONS if title not in titled]
    if missing:
        raise ValueError(
            f"README.md has no section {missing[0]!r}, which the site's front page shows. Its "
            f"sections are {list(titled)}. Mend README.md, or SECTIONS in tools/site_source.py."
        )
    return "".join([intro, *(titled[title] for title in SECTIONS)])


def carry(path: Path, root: Path, folder: Path) -> str:
    """Copy a file to its place in the folder, and return what its links are looked for in."""
    target = folder / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
        if path.parent == root:
            text = text.replace(f"]({README}", f"]({FRONT}")
        target.write_text(text, encoding="utf-8")
        return text
    if path.suffix == ".ipynb":
        notebook = page_of(json.loads(path.read_text(encoding="utf-8")))
        target.write_text(json.dumps(notebook), encoding="utf-8")
        return "\n\n".join(markdown_of(notebook))
    shutil.copyfile(path, target)
    return ""


def linked(markdown: str, path: Path, root: Path) -> list[Path]:
    """Return the files of the repository that a page's markdown links to or shows."""
    targets = [*LINK.findall(markdown), *raw_sources(markdown)]
    files = [(path.parent / target).resolve() for target in targets if "://" not in target]
    return [file for file in files if file.is_file() and file.is_relative_to(root)]


def raw_sources(markdown: str) -> list[str]:
    """Return what the HTML tags in markdown show: the src and poster of videos and pictures."""
    return [source for tag in TAG.findall(markdown) for source in SOURCE.findall(tag)]


def raw_files(folder: Path, page: str) -> list[Path]:
    """Return the files that a chapter shows by HTML tags of its own, which Sphinx leaves alone."""
    path = folder / f"{page}.ipynb"
    if not path.is_file():
        return []
    markdown = "\n\n".join(markdown_of(json.loads(path.read_text(encoding="utf-8"))))
    files = [(path.parent / target).resolve() for target in raw_sources(markdown)]
    return [file.relative_to(folder) for file in files if file.is_file()]


def markdown_of(notebook: dict) -> Iterator[str]:
    """Yield the source of each markdown cell."""
    yield from (source_of(c) for c in notebook["cells"] if c["cell_type"] == "markdown")


def page_of(notebook: dict) -> dict:
    """Return the copy of a source notebook that becomes a page.

    The page of an exercise shows what a learner finds, then the solution behind a toggle. Hidden
    tests are left out. Anchors are lower case, as on pages; JupyterLab's are as the headings.
    """
    page = copy.deepcopy(notebook)
    page["cells"] = [shown for cell in page["cells"] for shown in cells_shown(cell)]
    return page


def cells_shown(cell: dict) -> Iterator[dict]:
    """Yield what a page shows of a cell: for a solution two cells, for any other one."""
    source = source_of(cell)
    if cell["cell_type"] == "markdown":
        cell["source"] = ANCHOR.sub(page_anchor, source)
    elif cell["id"].startswith("solution-"):
        yield cell | {"id": f"stub-{cell['id']}", "source": learners_source(cell), "outputs": []}
        lines = [line for line in source.split("\n") if not any(mark in line for mark in SOLUTION)]
        cell["source"] = "\n".join(lines).rstrip("\n")
        cell["metadata"] = {"tags": ["hide-input"]}
    else:
        cell["source"] = without(source, HIDDEN).rstrip("\n")
    yield cell


def page_anchor(found: re.Match) -> str:
    """Return a link with its anchor as myst names it: lower case, no punctuation but hyphens."""
    return found[1] + re.sub(r"[^\w-]", "", found[2].lower()) + ")"

"""Read source notebooks, and make the learner's edition from them; standard library only.

In a source notebook, an exercise such as 5.2 has three cells: `exercise-5-2` is the task,
`solution-5-2` contains the solution between two markers, and `check-5-2` may contain hidden tests
for grading between two others. The markers are nbgrader's.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

STUB = "# Your code here."
GOES_ON = "raises-exception"  # JupyterLab's tag
FIRST_CHAPTER = "00_start_here.ipynb"
SOLUTION = ("BEGIN SOLUTION", "END SOLUTION")
HIDDEN = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
_PICTURE = re.compile(r"\.\./figures/([\w.-]+)")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((\d\d_\w+)\.ipynb(#[^)]*)?\)")


def find_notebooks() -> Path:
    """Return the folder of the source notebooks.

    In a clone it is next to the package, in an installed package inside it. Raises
    FileNotFoundError if neither contains the first chapter.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package.parent / "notebooks", package / "notebooks"):
        if (folder / FIRST_CHAPTER).is_file():
            return folder
    raise FileNotFoundError(
        f"The chapters are missing: there are no notebooks next to {package} or inside it. "
        "Install the package again, or work in a clone."
    )


def chapter_paths(folder: Path) -> list[Path]:
    """Return the paths of the chapters in a folder, in order: source notebooks or copies."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


@cache
def read_chapter(chapter: int) -> dict:
    """Return the source notebook of a chapter (5 for 05_...) as parsed JSON.

    The result is cached, so don't change it.
    """
    (path,) = find_notebooks().glob(f"{chapter:02d}_*.ipynb")
    return json.loads(path.read_text(encoding="utf-8"))


def cell_source(cell: dict) -> str:
    """Return a cell's source as one text; a file may store it as a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def format_cell_id(number: str, part: str) -> str:
    """Return the id of an exercise's cell: "check-5-2" for the check of "5.2"."""
    return f"{part}-{number.replace('.', '-')}"


def read_exercise_part(number: str, part: str) -> str:
    """Return the source of one cell of an exercise such as "5.2".

    `part` is "exercise", "solution" or "check". Raises KeyError if the chapter has no such cell.
    """
    chapter, cell_id = int(number.partition(".")[0]), format_cell_id(number, part)
    for cell in read_chapter(chapter)["cells"]:
        if cell["id"] == cell_id:
            return cell_source(cell)
    raise KeyError(f"Chapter {chapter:02d} has no exercise {number}.")


def exercise_title(number: str) -> str:
    """Return the heading of an exercise without its number: "Stamp a row by hand" for 5.1."""
    task = read_exercise_part(number, "exercise")
    return re.search(rf"^### {re.escape(number)} · (.*)$", task, re.MULTILINE)[1]


def read_stub(number: str) -> str:
    """Return the code that a learner finds in an exercise's solution cell."""
    return strip_regions(read_exercise_part(number, "solution"), SOLUTION, STUB)


def read_solution(number: str) -> str:
    """Return the code of an exercise's solution cell, with the solution but without its markers."""
    return strip_marks(read_exercise_part(number, "solution"))


def strip_marks(source: str) -> str:
    """Remove the lines that mark where a solution begins and ends, but not the solution."""
    lines = source.split("\n")
    return "\n".join(line for line in lines if not any(mark in line for mark in SOLUTION))


def strip_regions(source: str, marks: tuple[str, str], stub: str | None = None) -> str:
    """Remove the regions between two markers, or replace each of them by the stub.

    Raises ValueError if a region is opened twice or never closed.
    """
    begin, end = marks
    kept, inside = [], False
    for line in source.split("\n"):
        if begin in line:
            if inside:
                raise ValueError(f"{begin} is inside another one:\n{source}")
            inside = True
            if stub is not None:
                indent = line[: len(line) - len(line.lstrip())]
                kept.append(indent + stub)
        elif end in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError(f"{begin} has no {end}:\n{source}")
    return "\n".join(kept)


def make_learner_edition(notebook: dict, available: Collection[str] | None = None) -> dict:
    """Return a learner's copy of a source notebook: with stubs, without hidden tests and outputs.

    Args:
        notebook: a source notebook as parsed JSON; it is not changed.
        available: file names of the notebooks in the copy's folder ("04_down.ipynb"). A link to
            any other chapter becomes plain text. None keeps all links.

    The copy expects its pictures in figures/ next to it, instead of ../figures/.
    """
    edition = copy.deepcopy(notebook)
    for cell in edition["cells"]:
        cell["source"] = make_learner_source(cell, available)
        reset_cell(cell)
    return edition


def reset_cell(cell: dict) -> None:
    """Make a cell a learner's, in place: no outputs, nothing collapsed.

    A check is tagged so that Run All goes on when it refuses an answer.
    """
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None
    if cell.get("id", "").startswith("check-"):
        tags = cell["metadata"].setdefault("tags", [])
        if GOES_ON not in tags:
            tags.append(GOES_ON)
    hidden = cell["metadata"].get("jupyter", {})
    hidden.pop("source_hidden", None)
    if not hidden:
        cell["metadata"].pop("jupyter", None)


def make_learner_source(cell: dict, available: Collection[str] | None = None) -> str:
    """Return a cell's source in the learner's edition (`available`: see `make_learner_edition`)."""

    def format_link(text: str, stem: str, anchor: str) -> str:
        keep = available is None or f"{stem}.ipynb" in available
        return f"[{text}]({stem}.ipynb{anchor})" if keep else text

    source = cell_source(cell)
    if cell["cell_type"] == "markdown":
        return relocate_markdown(source, format_link)
    return strip_regions(strip_regions(source, SOLUTION, STUB), HIDDEN).rstrip("\n")


def relocate_markdown(markdown: str, format_link: Callable[[str, str, str], str]) -> str:
    """Adapt markdown to a folder with figures/ inside it.

    `format_link` takes the text of a link to a chapter, the chapter ("04_down") and the anchor (""
    or "#Down"), and returns the new link.
    """
    moved = _PICTURE.sub(r"figures/\1", markdown)
    return _LINK.sub(lambda found: format_link(found[1], found[2], found[3] or ""), moved)


def find_pictures(notebook: dict) -> Iterator[str]:
    """Yield the names of the files in figures/ that a source notebook uses."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield from _PICTURE.findall(cell_source(cell))

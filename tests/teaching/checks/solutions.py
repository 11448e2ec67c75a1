"""The cells of an exercise, run after the chapter's setup cell alone."""

from functools import cache

import nbformat
import torch

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store

PARTS = ("exercise", "given", "solution", "check")


@cache
def notebook(chapter):
    return nbformat.from_dict(chapters.read_chapter(chapter))


def chapter_of(number):
    return int(number.partition(".")[0])


def part_id(part, number):
    return f"{part}-{number.replace('.', '-')}"


def cells_of(number):
    """{part: cell} of an exercise."""
    cells = {cell.id: cell for cell in notebook(chapter_of(number)).cells}
    names = {part: part_id(part, number) for part in PARTS}
    return {part: cells[name] for part, name in names.items() if name in cells}


def source(cell):
    return chapters.source_of(cell)


def given_of(number):
    cells = cells_of(number)
    return source(cells["given"]) if "given" in cells else ""


@cache
def setup_of(chapter):
    """The names that the chapter's first code cell leaves behind."""
    namespace = {"__name__": "__main__"}
    before = torch.get_default_dtype()
    cell = next(cell for cell in notebook(chapter).cells if cell.cell_type == "code")
    try:
        exec(compile(source(cell), "setup", "exec"), namespace)
        namespace["_dtype"] = torch.get_default_dtype()
    finally:
        torch.set_default_dtype(before)
    return namespace


def namespace_of(number):
    return dict(setup_of(chapter_of(number)))


def runs_to_the_end(number, namespace, hidden=True):
    """Run the check cell, as a grader does or as a learner does."""
    check = source(cells_of(number)["check"])
    check = check if hidden else chapters.without(check, chapters.HIDDEN)
    progress_store.REMEMBERED.clear()
    exec(compile(check, "check", "exec"), namespace)

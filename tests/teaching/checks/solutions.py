"""Run the cells of an exercise right after the chapter's setup cell."""

from functools import cache

import nbformat
import torch

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store

PARTS = ("exercise", "given", "solution", "check")


@cache
def load_chapter(chapter):
    return nbformat.from_dict(chapters.read_chapter(chapter))


def chapter_number(number):
    return int(number.partition(".")[0])


def cell_id(part, number):
    return f"{part}-{number.replace('.', '-')}"


def exercise_cells(number):
    """Return the cells of an exercise by part."""
    cells = {cell.id: cell for cell in load_chapter(chapter_number(number)).cells}
    names = {part: cell_id(part, number) for part in PARTS}
    return {part: cells[name] for part, name in names.items() if name in cells}


def given_code(number):
    cells = exercise_cells(number)
    return chapters.cell_source(cells["given"]) if "given" in cells else ""


@cache
def run_setup_cell(chapter):
    """Run the chapter's first code cell; return its namespace and the default dtype it sets."""
    namespace = {"__name__": "__main__"}
    before = torch.get_default_dtype()
    cell = next(cell for cell in load_chapter(chapter).cells if cell.cell_type == "code")
    try:
        exec(compile(chapters.cell_source(cell), "setup", "exec"), namespace)
        namespace["_dtype"] = torch.get_default_dtype()
    finally:
        torch.set_default_dtype(before)
    return namespace


def copy_namespace(number):
    return dict(run_setup_cell(chapter_number(number)))


def run_check_cell(number, namespace, hidden=True):
    """Run the check cell: with its hidden tests, as in grading, or without them."""
    check = chapters.cell_source(exercise_cells(number)["check"])
    check = check if hidden else chapters.strip_regions(check, chapters.HIDDEN)
    progress_store._REMEMBERED.clear()
    exec(compile(check, "check", "exec"), namespace)

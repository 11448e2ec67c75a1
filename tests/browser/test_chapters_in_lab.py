"""Every chapter in a real JupyterLab; test_journey.py opens a learner's copy."""

import shutil
from pathlib import Path

import pytest
from notebook_page import NotebookPage

from unet_tutorial import explorers
from unet_tutorial.teaching import chapters

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "browser"
CHAPTERS = [path.stem for path in chapters.chapter_paths(ROOT / "notebooks")]
LONGEST = "10_train"  # first, so that no worker waits for it at the end
MOVED_IN = {  # each explorer is moved in all its ways there
    "convolution": "02 03",  # one kernel, and two
    "pooling": "04",
    "transposed_convolution": "05",
    "the_u": "01 06",  # as boxes, and with maps
    "receptive_field": "04",
    "threshold": "01 12",  # without counting, and with it
    "training": "10",
}


@pytest.fixture(scope="module")
def files(lab):
    """The folder of the server, with every chapter and its pictures."""
    for name in ("notebooks", "figures"):
        shutil.copytree(ROOT / name, lab.files / name)
    SHOTS.mkdir(parents=True, exist_ok=True)
    return lab.files


@pytest.fixture
def notebook(desk, lab, files, chapter):
    """A chapter, open in JupyterLab, with nothing run yet."""
    return NotebookPage(desk, lab, files / "notebooks" / f"{chapter}.ipynb").open()


def assert_it_is_all_there(notebook):
    assert notebook.errors() == []
    assert notebook.undrawn() == []
    assert notebook.without_alt() == []
    assert notebook.unshown() == []


@pytest.mark.parametrize("chapter", sorted(CHAPTERS, key=lambda chapter: chapter != LONGEST))
def test_a_chapter_in_jupyterlab(notebook, chapter):
    assert_it_is_all_there(notebook)
    notebook.run_all()
    assert_it_is_all_there(notebook)
    notebook.shot(SHOTS / f"{chapter}.png")
    shown = notebook.explorers()
    every = [explorer for group in shown.values() for explorer in group]
    assert shown or chapter[:2] in ("00", "90")
    assert {explorer.name for explorer in every} <= set(MOVED_IN)
    moved = [explorer for explorer in every if chapter[:2] in MOVED_IN[explorer.name]]
    assert [wrong for explorer in moved for wrong in explorer.move_all()] == []
    keep_shots(chapter, every)
    assert_it_is_all_there(notebook)
    notebook.save()
    if shown:
        assert_explorers_outlive_their_kernel(notebook, shown)
    notebook.close()


def test_every_explorer_is_moved_somewhere():
    assert set(MOVED_IN) == set(explorers.__all__) - {"load_patch"}
    numbers = " ".join(MOVED_IN.values()).split()
    assert all(any(name.startswith(number) for name in CHAPTERS) for number in numbers)


def assert_explorers_outlive_their_kernel(notebook, shown):
    """After a restart they still move, or say what to do; opened again, their stills are there."""
    notebook.restart_kernel()
    every = [explorer for group in shown.values() for explorer in group]
    assert [wrong for explorer in every for wrong in explorer.after_a_restart()] == []
    notebook.close()
    notebook.open()
    assert_it_is_all_there(notebook)
    for cell, group in shown.items():
        assert_it_is_still_there(notebook.output(cell), len(group))


def keep_shots(chapter, explorers):
    for number, explorer in enumerate(explorers, 1):
        explorer.shot(SHOTS / f"{chapter}-explorer-{number}-{explorer.name}.png")


def assert_it_is_still_there(output, count):
    """What is left of explorers without their kernel: their pictures, words, and what to do."""
    assert output.locator("img").count() >= count
    assert "Run this cell" in output.inner_text()

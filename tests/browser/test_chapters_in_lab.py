"""Every chapter in a real JupyterLab, as its author and as a learner have it before them."""

import shutil
from pathlib import Path

import pytest
from notebook_page import NotebookPage

from unet_tutorial.classroom.workspace import sync
from unet_tutorial.teaching import chapters

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "browser"
CHAPTERS = [path.stem for path in chapters.chapter_paths(ROOT / "notebooks")]
LONGEST = "10_train"  # first, so that no worker waits for it at the end
FOLDERS = {"source": "notebooks", "learner": "workspace"}
EVERY = [
    pytest.param(chapter, edition, id=f"{chapter}-{edition}")
    for chapter in sorted(CHAPTERS, key=lambda chapter: chapter != LONGEST)
    for edition in FOLDERS
]


@pytest.fixture(scope="module")
def files(lab):
    """The folder of the server, with both editions of every chapter and their pictures."""
    for name in ("notebooks", "figures"):
        shutil.copytree(ROOT / name, lab.files / name)
    sync.start(lab.files / FOLDERS["learner"], sources=lab.files / "notebooks")
    SHOTS.mkdir(parents=True, exist_ok=True)
    return lab.files


@pytest.fixture
def notebook(desk, lab, files, chapter, edition):
    """A chapter, open in JupyterLab, with nothing run yet."""
    return NotebookPage(desk, lab, files / FOLDERS[edition] / f"{chapter}.ipynb").open()


def assert_it_is_all_there(notebook):
    assert notebook.errors() == []
    assert notebook.undrawn() == []
    assert notebook.without_alt() == []
    assert notebook.unshown() == []


@pytest.mark.parametrize(("chapter", "edition"), EVERY)
def test_a_chapter_in_jupyterlab(notebook, chapter, edition):
    assert_it_is_all_there(notebook)
    notebook.run_all()
    assert_it_is_all_there(notebook)
    notebook.shot(SHOTS / f"{chapter}-{edition}.png")
    explorers = notebook.explorers()
    every = [explorer for beside in explorers.values() for explorer in beside]
    if edition == "source":
        assert explorers or chapter[:2] in ("00", "90")
        assert [wrong for explorer in every for wrong in explorer.move_all()] == []
        keep_shots(chapter, every)
        assert_it_is_all_there(notebook)
    notebook.save()
    notebook.restart_kernel()
    for explorer in every:
        assert "run this cell again" in explorer.notice()
    notebook.close()
    notebook.open()
    assert_it_is_all_there(notebook)
    for cell, beside in explorers.items():
        assert_it_is_still_there(notebook.output(cell), len(beside))
    notebook.close()


def keep_shots(chapter, explorers):
    for number, explorer in enumerate(explorers, 1):
        explorer.shot(SHOTS / f"{chapter}-explorer-{number}-{explorer.name}.png")


def assert_it_is_still_there(output, count):
    """What is left of explorers without their kernel: their pictures, words, and what to do."""
    assert output.locator("img").count() >= count
    assert "Run this cell" in output.inner_text()

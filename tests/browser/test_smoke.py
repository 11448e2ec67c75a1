"""One chapter in a real JupyterLab, in the default suite: what it shows before anything is run."""

import shutil
from pathlib import Path

from notebook_page import CELLS, NotebookPage

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "02_convolution.ipynb"
VIDEOS = f"""[...document.querySelectorAll("{CELLS} video")]
    .map(video => [video.readyState > 0, video.paused, video.controls, video.loop])"""


def test_a_chapter_opens_with_its_pictures_and_asks_nobody(page, lab):
    shutil.copytree(ROOT / "figures", lab.files / "figures")
    (lab.files / "notebooks").mkdir()
    path = lab.files / "notebooks" / CHAPTER
    shutil.copy(ROOT / "notebooks" / CHAPTER, path)
    notebook = NotebookPage(page, lab, path).open()
    pictures = str([cell.get("source") for cell in notebook.saved()["cells"]]).count("../figures/")
    assert page.locator(f"{CELLS} :is(img, video)").count() >= pictures > 0
    assert notebook.undrawn() == []
    assert notebook.without_alt() == []
    for is_there, is_paused, *_ in page.evaluate(VIDEOS):
        assert is_there
        assert is_paused

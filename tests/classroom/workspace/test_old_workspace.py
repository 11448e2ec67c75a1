"""A half-finished workspace that version 0.1 wrote is updated without losing anything."""

import json
import shutil
from pathlib import Path

import pytest

from unet_tutorial.classroom.workspace import sync
from unet_tutorial.teaching.chapters import cell_source
from unet_tutorial.teaching.checks import progress_store

OLD = Path(__file__).with_name("version_0_1")
CHAPTER = "02_convolution.ipynb"
ANSWERED = ["solution-2-1", "solution-2-2"]


@pytest.fixture
def updated(tmp_path, monkeypatch):
    """The cells before and after the update, by their ids."""
    monkeypatch.chdir(shutil.copytree(OLD, tmp_path / "mine"))
    Path("02_convolution.json").rename(CHAPTER)  # stored as .json, so that no tool runs it
    before = json.loads(Path(CHAPTER).read_text(encoding="utf-8"))
    assert sync.update() == 0
    after = json.loads(Path(CHAPTER).read_text(encoding="utf-8"))
    return [{cell["id"]: cell for cell in notebook["cells"]} for notebook in (before, after)]


def test_answers_predictions_and_own_cells_stay(updated):
    before, after = updated
    for name in [*ANSWERED, "my-own-cell"]:
        assert cell_source(after[name]) == cell_source(before[name])
    prediction = cell_source(before["guess-pixel"])  # its text has changed since
    assert any(prediction in cell_source(cell) for cell in after.values())
    assert after["given-2-2"]["outputs"] == before["given-2-2"]["outputs"]
    names = list(after)
    assert names.index("my-own-cell") == names.index("all-pixels") - 1
    assert (Path(".unet-tutorial") / "backup" / "02_convolution.1.ipynb").is_file()


def test_the_text_is_updated(updated):
    _, after = updated
    assert "unet_tutorial.teaching.drawing" in cell_source(after["setup"])


def test_progress_stays(updated):
    progress = progress_store.load_progress()
    assert progress["2.1"] == {"asked": False, "hints": 2, "passed": True, "tried": True}
    assert progress["2.2"]["asked"]
    assert not progress["2.2"]["passed"]

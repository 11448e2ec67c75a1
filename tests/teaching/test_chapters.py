"""The learner's edition: its content, that nbgrader would release the same, that it runs."""

import json
from pathlib import Path

import nbformat
import pytest
import run_notebooks
from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions
from notebook_rules import find_broken_links, find_images, select_markdown_cells, videos
from small_chapters import chapter, code, exercise, markdown, usual_cells
from traitlets.config import Config

from unet_tutorial.classroom.course.assignment import rewrite_links
from unet_tutorial.classroom.workspace import sync
from unet_tutorial.teaching import chapters

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
LIGHT = 2  # a chapter that runs quickly, used to run an untouched copy


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_stub_replaces_the_solution():
    source = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\nf(1)"
    stub = chapters.strip_regions(source, chapters.SOLUTION, chapters.STUB)
    assert stub == "def f(x):\n    # Your code here.\nf(1)"
    hidden = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc"
    assert chapters.strip_regions(hidden, chapters.HIDDEN) == "a\nc"


@pytest.mark.parametrize(
    ("source", "message"),
    [("### BEGIN SOLUTION\na", "has no END"), ("### BEGIN SOLUTION\n" * 2, "inside another")],
)
def test_markers_that_do_not_match_are_refused(source, message):
    with pytest.raises(ValueError, match=message):
        chapters.strip_regions(source, chapters.SOLUTION, chapters.STUB)


def test_an_edition_of_a_small_chapter():
    source = chapter(*usual_cells())
    before = json.dumps(source)
    edition = chapters.make_learner_edition(source)
    assert json.dumps(source) == before
    found = {cell["id"]: cell for cell in edition["cells"]}
    assert found["solution-2-1"]["source"] == "answer = ...\n# Your code here."
    assert found["check-2-1"]["source"] == "print(answer)"
    assert found["setup"] == {**found["setup"], "outputs": [], "execution_count": None}
    assert found["title"]["source"].endswith("(figures/a.svg)")
    assert "jupyter" not in found["solution-2-1"]["metadata"]
    assert found["solution-2-1"]["metadata"]["nbgrader"]["grade_id"] == "solution-2-1"
    assert list(chapters.find_pictures(source)) == ["a.svg"]


def test_a_video_and_its_still_are_found_and_relocated():
    video = '<video controls src="../figures/a.webm" title="b"><img src="../figures/a.svg"></video>'
    source = chapter(markdown("moves", video))
    assert list(chapters.find_pictures(source)) == ["a.webm", "a.svg"]
    (cell,) = chapters.make_learner_edition(source)["cells"]
    assert cell["source"] == video.replace("../figures", "figures")
    assert rewrite_links(video, []) == video.replace("../figures", "figures")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("See [`Down`](04_down.ipynb#Down).", "See `Down`."),
        ("See [02](02_a.ipynb), [04](04_down.ipynb).", "See [02](02_a.ipynb), 04."),
        ("![A U](figures/u.svg) [web](https://a.org/04_x.ipynb)", None),
        ("[here](#Down)", None),
    ],
)
def test_links_to_missing_chapters_become_plain_text(text, left):
    assert chapters.make_learner_source(markdown("a", text), ["02_a.ipynb"]) == (left or text)
    assert chapters.make_learner_source(markdown("a", text), None) == text
    code_cell = exercise("2.1", stub=f"# {text}")[1]
    assert text in chapters.make_learner_source(code_cell, [])


@pytest.mark.parametrize("number", ["2.1", "12.1"])
def test_parts_of_an_exercise(monkeypatch, number):
    source = chapter(markdown("title", "# T"), *exercise(number, stub="a = ...", region="a = 1"))
    monkeypatch.setattr(chapters, "read_chapter", {int(number.partition(".")[0]): source}.get)
    assert chapters.read_stub(number) == "a = ...\n# Your code here."
    assert chapters.read_solution(number) == "a = ...\na = 1"
    with pytest.raises(KeyError, match=r"has no exercise"):
        chapters.read_stub(number + "9")


# ---- nbgrader


def release(notebook):
    """Return the release version that nbgrader itself makes of a notebook."""
    config = Config({"ClearSolutions": {"code_stub": {"python": chapters.STUB}}})
    for step in (ClearSolutions, ClearHiddenTests, ClearOutput):
        notebook, _ = step(config=config).preprocess(notebook, {})
    return notebook


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nbgraders_release_version_has_the_same_cells(path):
    source = read(path)
    ours = chapters.make_learner_edition(source)["cells"]
    theirs = release(nbformat.read(path, as_version=4)).cells
    assert [cell["id"] for cell in ours] == [cell.id for cell in theirs]
    for our, their in zip(ours, theirs, strict=True):
        text = their.source
        if their.cell_type == "markdown":
            text = text.replace("../figures/", "figures/")
        assert our["source"] == text.rstrip("\n")
        assert our.get("outputs") == their.get("outputs")
        assert our["cell_type"] == their.cell_type
        assert our["metadata"].get("nbgrader") == their.metadata.get("nbgrader")


# ---- on disk


@pytest.mark.parametrize("chapters", [[], ["02", "05"]], ids=["all", "two"])
def test_a_workspace_has_no_broken_links(tmp_path, chapters):
    sync.start(tmp_path / "mine", chapters)
    paths = sorted((tmp_path / "mine").glob("*.ipynb"))
    assert len(paths) == (len(chapters) or len(PATHS))
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for cell in select_markdown_cells(notebook):
            assert list(find_broken_links(cell.source, path)) == []
            for target, _ in find_images(cell.source):
                assert (path.parent / target).is_file()
                assert not target.startswith("..")
        assert list(videos(notebook, path)) == []
        assert "../figures" not in path.read_text(encoding="utf-8")
    if not chapters:
        assert len(list((tmp_path / "mine" / "figures").glob("*.webm"))) == 3


def test_run_all_goes_on_after_a_wrong_answer(tmp_path):
    source = chapter(*exercise("2.1"), code("end", "print('the end')"))
    made = nbformat.from_dict(chapters.make_learner_edition(source))
    cells = {cell.id: cell for cell in made.cells}
    cells["check-2-1"].source = "raise AssertionError('not right yet')"
    run_notebooks.run_cells(run_notebooks.create_client(made, tmp_path))
    assert cells["check-2-1"].outputs[0].ename == "AssertionError"
    assert cells["end"].outputs[0].text == "the end\n"


def test_an_untouched_copy_runs_to_its_end(tmp_path, monkeypatch):
    sync.start(tmp_path, [str(LIGHT)])
    (path,) = tmp_path.glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    run_notebooks.run_cells(run_notebooks.create_client(notebook, tmp_path))
    ids = [cell.id for cell in notebook.cells if cell.id.startswith("check-")]
    assert ids
    for cell in notebook.cells:
        if cell.id in ids:
            number = cell.id.removeprefix("check-").replace("-", ".")
            card, buttons = (output.data["text/plain"] for output in cell.outputs)
            assert card.startswith(f"○ {number}  Not tried: ")
            assert buttons == f'more hints: checks.hint("{number}")'

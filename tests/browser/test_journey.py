"""A reader's journey through one chapter in JupyterLab, as `unet-tutorial lab` opens it."""

import json
import shutil
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from notebook_page import CELLS, NotebookPage

from unet_tutorial.classroom.workspace import sync
from unet_tutorial.teaching import chapters

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "browser"
CHAPTER = "02_convolution.ipynb"
GUESSES = {"guess-pixel": "my_sum", "guess-shape": "my_shape", "guess-size": "my_places"}
RESULTS = {"guess-pixel": "another-window", "guess-shape": "slide", "guess-size": "output-size"}
SET_SOURCE = """([id, source]) => {
    const cells = [...jupyterapp.shell.currentWidget.content.widgets];
    cells.find(cell => cell.model.id === id).model.sharedModel.setSource(source);
}"""
RUN_CELL = """id => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.findIndex(cell => cell.model.id === id);
    return jupyterapp.commands.execute("notebook:run-cell").then(() => 0);
}"""
IS_IN_VIEW = """title => [...document.querySelectorAll("h3")].some(heading => {
    const {top, bottom} = heading.getBoundingClientRect();
    return heading.textContent.includes(title) && top >= 0 && bottom < innerHeight;
})"""
THEME = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => 0)"


@pytest.fixture
def sources(tmp_path):
    """The source notebooks and their pictures, in a folder where they can be changed."""
    for name in ("notebooks", "figures"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path / "notebooks"


@pytest.fixture
def journey(lab, new_page, sources):
    """The learner's copy of a chapter, open in JupyterLab, with a cell that shows the progress."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    folder = lab.files / "journey"
    sync.start(folder, sources=sources)
    path = folder / CHAPTER
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"].append(new_code_cell("checks.progress()", id="my-progress"))
    path.write_text(json.dumps(notebook), encoding="utf-8")
    page, watcher = new_page()
    yield Journey(page, lab, path).open()
    lab.end_kernels()
    watcher.assert_nothing()


class Journey(NotebookPage):
    """What a reader does in a notebook besides: write into cells and run them one by one."""

    def run_cell(self, name, source=None):
        """Write into a cell and run it; return its output as text."""
        if source is not None:
            self.page.evaluate(SET_SOURCE, [name, source])
        self.page.evaluate(RUN_CELL, name)
        output = self.output(name)
        return output.inner_text() if output.count() else ""

    def guess(self, name, guess):
        """Write a guess, run it and the cell with its result; return what that cell prints."""
        self.run_cell(name, f"{GUESSES[name]} = {guess}")
        return self.run_cell(RESULTS[name])

    def answer(self, number, source):
        """Write an answer and run its check; return the card."""
        self.run_cell(f"solution-{number.replace('.', '-')}", source)
        self.run_cell(f"check-{number.replace('.', '-')}")
        card = self.output(f"check-{number.replace('.', '-')}").locator(".unet-check")
        assert card.count() == 1
        return card

    def press_help(self, number, label):
        """Press a button under a check; return what appears."""
        output = self.output(f"check-{number.replace('.', '-')}")
        output.get_by_role("button", name=label).click()
        shown = output.get_by_role("alert")
        shown.filter(has_text=label).wait_for()
        return shown.inner_text()

    def photograph(self, name):
        """Keep pictures of a cell's surroundings, in both themes and at two widths."""
        for theme in ("Dark", "Light"):
            self.page.evaluate(THEME, f"JupyterLab {theme}")
            for width in (844, 1280):
                self.page.set_viewport_size({"width": width, "height": 800})
                self.cell(name).scroll_into_view_if_needed()
                self.page.wait_for_timeout(300)
                self.page.screenshot(path=SHOTS / f"journey-{name}-{theme}-{width}.png".lower())
        self.page.set_viewport_size({"width": 1280, "height": 1500})


def test_a_readers_journey(journey, sources):
    assert_guesses_are_answered(journey)
    journey.run_all()
    assert journey.errors() == [], "Run All goes on past exercises that nobody has tried"
    assert_exercise_helps(journey)
    assert_run_all_passes_a_wrong_answer(journey)
    journey.save()
    journey.restart_kernel()
    journey.run_cell("setup")
    assert "1 of 55" in journey.run_cell("my-progress")
    journey.photograph("my-progress")
    assert_links_lead_to_exercises(journey)
    journey.save()
    journey.close()
    assert_update_keeps_the_work(journey, sources)


def assert_guesses_are_answered(journey):
    for name in journey.cell_ids[: journey.cell_ids.index("another-window")]:
        journey.run_cell(name)
    assert "You didn't guess" in journey.run_cell("another-window")
    assert "the sign is wrong" in journey.guess("guess-pixel", "27")
    assert "Exactly what you guessed." in journey.guess("guess-pixel", "-27")
    assert "Your first guess was 27." in journey.output("another-window").inner_text()
    assert "1 of 2 right" in journey.guess("guess-shape", "(4, 9)")
    journey.photograph("another-window")


def assert_exercise_helps(journey):
    wrong = journey.answer("2.1", "weight_shape = (96, 32, 3, 3)\nadded = 288")
    assert "Not yet" in wrong.inner_text()
    assert "(96, 32, 3, 3)" in wrong.inner_text()
    first = journey.press_help("2.1", "Hint 1")
    second = journey.press_help("2.1", "Hint 2")
    assert first != second
    assert journey.press_help("2.1", "Hint 1") == first
    journey.photograph("check-2-1")
    right = journey.answer("2.1", "weight_shape = (32, 96, 3, 3)\nadded = 32 * 9")
    assert "Right" in right.inner_text()
    assert journey.output("check-2-1").get_by_role("button").count() == 0
    assert "1 of 55" in journey.run_cell("my-progress")
    assert "2 hints" in journey.output("my-progress").text_content()


def assert_run_all_passes_a_wrong_answer(journey):
    journey.run_cell("solution-2-3", "sizes = {1}")
    journey.run_all()
    assert "1 of 55" in journey.output("my-progress").inner_text(), "the last cell has run"
    errors = journey.page.evaluate("heard.errors")
    assert errors, "a wrong answer raises, so that scripts and graders notice"
    cards = journey.page.locator(f"{CELLS} .unet-check")
    verdicts = [card.get_attribute("data-verdict") for card in cards.all()]
    assert verdicts[0] == "right"
    assert set(verdicts[1:]) <= {"not-yet", "not-tried"}


def assert_links_lead_to_exercises(journey):
    title = chapters.exercise_title("2.4")
    journey.output("my-progress").locator("a", has_text=title).click()
    journey.page.wait_for_function(IS_IN_VIEW, arg=title)


def assert_update_keeps_the_work(journey, sources):
    before = journey.saved()
    text = (sources / CHAPTER).read_text(encoding="utf-8")
    (sources / CHAPTER).write_text(text.replace("# 02 · Convolution", "# 02 · Convolution, again"))
    assert sync.update(journey.path.parent, sources=sources) == 0
    journey.open()
    assert journey.page.locator("h1", has_text="Convolution, again").count() == 1
    kept = {cell["id"]: chapters.cell_source(cell) for cell in journey.saved()["cells"]}
    for cell in before["cells"]:
        if cell["id"] in ("guess-pixel", "solution-2-1", "my-progress"):
            assert kept[cell["id"]] == chapters.cell_source(cell)
    journey.run_cell("setup")
    assert "1 of 55" in journey.run_cell("my-progress")

"""The exercises as they stand in the chapters: form, solutions, stubs, hidden tests."""

import json
import re
from functools import cache

import nbformat
import pytest
from answers import CHAPTERS

from unet_tutorial import checks, editions
from unet_tutorial.checks import EXERCISES, NotTriedYet

NUMBERS = list(EXERCISES)
STARS = re.compile(r"(★{1,3})☆{0,2} difficulty · (★{1,3})☆{0,2} importance · (\d+) minutes")
PARTS = ("exercise", "given", "solution", "check")
SECTION_OVER = "built"


@cache
def notebook(chapter):
    return nbformat.from_dict(editions.read_chapter(chapter))


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
    return editions.source_of(cell)


@pytest.fixture(autouse=True)
def nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checks.store, "REMEMBERED", {})


# ---- form


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_holds_its_exercises_in_order(chapter):
    ids = [cell.id for cell in notebook(chapter).cells]
    start, end = ids.index("exercises"), ids.index(SECTION_OVER)
    expected = []
    for number in NUMBERS:
        if chapter_of(number) == chapter:
            expected += [part_id(part, number) for part in cells_of(number)]
    assert ids[start + 1 : end] == expected
    assert not [name for name in ids if re.search(r"-\d+-\d+$", name) and name not in expected]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_task_has_its_heading_and_its_stars(number):
    task = source(cells_of(number)["exercise"])
    heading, _, rest = task.partition("\n\n")
    assert heading == f"### {number} · {EXERCISES[number].title}"
    line, _, rest = rest.partition("\n\n")
    stars = STARS.match(line)
    assert stars, line
    assert "Trains: " in line
    assert int(stars[3]) in range(2, 31)
    for found in re.findall(r"(★+)(☆*)", line):
        assert len("".join(found)) == 3
    assert f"`checks.{EXERCISES[number].check}`" not in task, "the check cell shows it"
    assert len(rest.split()) >= 20


@pytest.mark.parametrize("number", NUMBERS)
def test_cells_have_nbgraders_metadata(number):
    cells = cells_of(number)
    assert {"exercise", "solution", "check"} <= set(cells)
    for part in set(cells) - {"exercise"}:
        kept = cells[part].metadata.nbgrader
        assert kept.grade_id == cells[part].id
        assert kept.schema_version == 3
        assert (kept.solution, kept.grade) == (part == "solution", part == "check")
        assert kept.locked == (part != "solution")
        assert kept.task is False
    points = cells["check"].metadata.nbgrader.points
    difficulty = STARS.search(source(cells["exercise"]))[1]
    assert points == len(difficulty), "a point a star of difficulty"
    assert cells["solution"].metadata.jupyter.source_hidden is True
    assert source(cells["solution"]).count("### BEGIN SOLUTION") >= 1


@pytest.mark.parametrize("number", NUMBERS)
def test_the_check_cell_calls_the_check(number):
    cell = source(cells_of(number)["check"])
    assert f"checks.{EXERCISES[number].check}(" in editions.without(cell, editions.HIDDEN)
    assert "checks.hint" not in cell


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_exercises_cover_every_objective(chapter):
    title = source(notebook(chapter).cells[0])
    objectives = re.findall(r"(?m)^- ", title)
    trained = {
        n for e in EXERCISES.values() if chapter_of(e.number) == chapter for n in e.objectives
    }
    if chapter > 1:
        assert trained == set(range(1, len(objectives) + 1))


# ---- they run


@cache
def setup_of(chapter):
    """The names that the chapter's first code cell leaves behind."""
    namespace = {"__name__": "__main__"}
    cell = next(cell for cell in notebook(chapter).cells if cell.cell_type == "code")
    exec(compile(source(cell), "setup", "exec"), namespace)
    return namespace


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the cells of an exercise after the setup alone, as the solution or the stub."""

    def run(number, solved, hidden=True):
        namespace = dict(setup_of(chapter_of(number)))
        cells = cells_of(number)
        solution = editions.solution_of(number) if solved else editions.stub_of(number)
        check = source(cells["check"])
        check = check if hidden else editions.without(check, editions.HIDDEN)
        for text in (source(cells["given"]) if "given" in cells else "", solution, check):
            exec(compile(text, number, "exec"), namespace)
        return capsys.readouterr()

    import torch

    before = torch.get_default_dtype()
    yield run
    torch.set_default_dtype(before)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_solution_passes_after_the_first_cell_alone(number, run):
    said = run(number, solved=True)
    assert f"✓ {number} is right: " in said.out
    assert said.err == ""


@pytest.mark.parametrize("number", NUMBERS)
def test_an_untouched_exercise_says_so_and_goes_on(number, run):
    said = run(number, solved=False, hidden=False)
    assert f"○ {number} has not been tried yet.\n" in said.out
    assert "✓" not in said.out


@pytest.mark.parametrize("number", NUMBERS)
def test_an_untouched_exercise_gets_no_points(number, run, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(NotTriedYet):
        run(number, solved=False)


# ---- the learner's edition


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_hidden_is_left_in_the_learners_edition(chapter):
    edition = editions.learners_edition(editions.read_chapter(chapter))
    text = json.dumps(edition)
    for mark in (*editions.SOLUTION, *editions.HIDDEN, "source_hidden", "../figures"):
        assert mark not in text
    assert editions.STUB in text
    assert all(not cell.get("outputs") for cell in edition["cells"])

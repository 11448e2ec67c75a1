"""The exercises in the chapters: their form, solutions, stubs and hidden tests."""

import json
import re

import pytest
import torch
from answers import CHAPTERS
from solutions import (
    cell_id,
    chapter_number,
    copy_namespace,
    exercise_cells,
    given_code,
    load_chapter,
    run_check_cell,
)

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import EXERCISES, NotTriedYet, progress_store

NUMBERS = list(EXERCISES)
STARS = re.compile(r"(★{1,3})☆{0,2} difficulty · (★{1,3})☆{0,2} importance · (\d+) minutes")
NEXT_SECTION = "built"


@pytest.fixture(autouse=True)
def empty_progress(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress_store, "_REMEMBERED", {})


# ---- form


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_holds_its_exercises_in_order(chapter):
    ids = [cell.id for cell in load_chapter(chapter).cells]
    start, end = ids.index("exercises"), ids.index(NEXT_SECTION)
    expected = []
    for number in NUMBERS:
        if chapter_number(number) == chapter:
            expected += [cell_id(part, number) for part in exercise_cells(number)]
    assert ids[start + 1 : end] == expected
    assert not [name for name in ids if re.search(r"-\d+-\d+$", name) and name not in expected]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_task_has_its_heading_and_its_stars(number):
    task = chapters.cell_source(exercise_cells(number)["exercise"])
    band, heading, rest = task.split("\n\n", 2)
    assert band == '<div class="unet-exercise">'
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
def test_cells_have_metadata_for_nbgrader(number):
    cells = exercise_cells(number)
    assert {"exercise", "solution", "check"} <= set(cells)
    for part in set(cells) - {"exercise"}:
        meta = cells[part].metadata.nbgrader
        assert meta.grade_id == cells[part].id
        assert meta.schema_version == 3
        assert (meta.solution, meta.grade) == (part == "solution", part == "check")
        assert meta.locked == (part != "solution")
        assert meta.task is False
    points = cells["check"].metadata.nbgrader.points
    difficulty = STARS.search(chapters.cell_source(cells["exercise"]))[1]
    assert points == len(difficulty), "one point for each star of difficulty"
    assert cells["solution"].metadata.jupyter.source_hidden is True
    assert chapters.cell_source(cells["solution"]).count("### BEGIN SOLUTION") >= 1


@pytest.mark.parametrize("number", NUMBERS)
def test_the_check_cell_calls_the_check(number):
    cell = chapters.cell_source(exercise_cells(number)["check"])
    assert f"checks.{EXERCISES[number].check}(" in chapters.strip_regions(cell, chapters.HIDDEN)
    assert "checks.hint" not in cell


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_exercises_cover_every_objective(chapter):
    title = chapters.cell_source(load_chapter(chapter).cells[0])
    objectives = re.findall(r"(?m)^- ", title)
    trained = {
        objective
        for cell in load_chapter(chapter).cells
        if cell.id.startswith("exercise-")
        for objective in cell.metadata.objectives
    }
    assert trained == set(range(1, len(objectives) + 1))


# ---- they run


@pytest.fixture
def run(capsys):
    """Run an exercise, solved or as the stub, right after the chapter's setup cell."""
    before = torch.get_default_dtype()

    def run(number, solved, hidden=True):
        namespace = copy_namespace(number)
        torch.set_default_dtype(namespace["_dtype"])
        solution = chapters.read_solution(number) if solved else chapters.read_stub(number)
        for text in (given_code(number), solution):
            exec(compile(text, number, "exec"), namespace)
        run_check_cell(number, namespace, hidden)
        return capsys.readouterr()

    yield run
    torch.set_default_dtype(before)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_solution_passes_after_the_first_cell_alone(number, run):
    printed = run(number, solved=True)
    assert f"✓ {number}  Right: " in printed.out
    assert printed.err == ""


@pytest.mark.parametrize("number", NUMBERS)
def test_an_untouched_exercise_says_so_and_goes_on(number, run):
    printed = run(number, solved=False, hidden=False)
    assert f"○ {number}  Not tried: " in printed.out
    assert "✓" not in printed.out


@pytest.mark.parametrize("number", NUMBERS)
def test_an_untouched_exercise_gets_no_points(number, run, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(NotTriedYet):
        run(number, solved=False)


# ---- the learner's edition


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_hidden_is_left_in_the_learners_edition(chapter):
    edition = chapters.make_learner_edition(chapters.read_chapter(chapter))
    text = json.dumps(edition)
    for mark in (*chapters.SOLUTION, *chapters.HIDDEN, "source_hidden", "../figures"):
        assert mark not in text
    assert chapters.STUB in text
    assert all(not cell.get("outputs") for cell in edition["cells"])

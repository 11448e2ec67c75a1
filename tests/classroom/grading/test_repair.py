"""Damaged submissions, piece by piece: names, files, cells, the probe, the kernel."""

from __future__ import annotations

import json
import runpy
import sys
import time
import types
from pathlib import Path

import nbformat
import psutil
import pytest
from small_course import NUMBERS, attempt, cell, cell_index, notebook, numbers, write

from unet_tutorial.classroom import released_notebook
from unet_tutorial.classroom.collect.read_notebook import read_damaged_notebook
from unet_tutorial.classroom.collect.renamed_files import (
    _normalise_name,
    add_renamed_notebooks,
    copy_to_expected_names,
)
from unet_tutorial.classroom.grading.pipeline import step1_repair
from unet_tutorial.classroom.grading.pipeline.step2_run import SubmissionRun, _is_points
from unet_tutorial.classroom.grading.sandbox import cell_result, kernel_probe
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE, Kernel, Limits
from unet_tutorial.classroom.grading.sandbox.tampering import TamperDetector
from unet_tutorial.classroom.released_notebook import find_bound_names, read_released
from unet_tutorial.teaching.checks import EXERCISES

pytestmark = pytest.mark.filterwarnings("ignore:.*event loop:DeprecationWarning")


@pytest.mark.parametrize(
    "name",
    [
        "02_numbers.ipynb",
        "02_numbers (1).ipynb",
        "02_numbers(12).ipynb",
        "02_numbers-copy.ipynb",
        "02_numbers-Copy1.ipynb",
        "02_numbers - Copy (2).ipynb",
        "Copy of 02_numbers.ipynb",
        "Kopie von 02_Numbers.IPYNB",
        "02 numbers.ipynb",
        "02_numbers.ipynb.txt",
        "02_numbers.ipynb.json",
    ],
)
def test_a_renamed_notebook_is_recognised(name):
    assert _normalise_name(name) == NUMBERS


@pytest.mark.parametrize("name", ["02_numbers_final.ipynb", "03_words.ipynb", "copy.ipynb"])
def test_other_names_are_not_recognised(name):
    assert _normalise_name(name) != NUMBERS


@pytest.fixture
def folders(tmp_path):
    """The folders of a submission and of its assignment."""
    write(tmp_path / "source" / NUMBERS / f"{NUMBERS}.ipynb", numbers())
    (tmp_path / "submitted" / NUMBERS).mkdir(parents=True)
    return tmp_path / "submitted" / NUMBERS, tmp_path / "source" / NUMBERS


@pytest.mark.parametrize(
    "name", ["Copy of 02_numbers.ipynb", "final.ipynb", "a/b/02_numbers.ipynb"]
)
def test_a_renamed_notebook_is_copied_to_its_name(folders, name):
    folder, source = folders
    write(folder / name, attempt())
    assert copy_to_expected_names(folder, source) == [folder / f"{NUMBERS}.ipynb"]
    assert (
        read_damaged_notebook(folder / f"{NUMBERS}.ipynb")[0]
        .cells[1]
        .source.startswith("import math")
    )
    assert (folder / name).exists()


def test_the_newest_copy_is_taken_and_the_others_are_named(folders):
    folder, source = folders
    for number in (2, 10, 9):
        write(folder / f"{NUMBERS} ({number}).ipynb", attempt(solution_2_1=f"answer = {number}"))
    (copy,) = copy_to_expected_names(folder, source)
    assert "answer = 10" in copy.read_text()
    notes = step1_repair._describe_other_files(copy)
    assert notes[0] == f"The file was called '{NUMBERS} (10).ipynb'."
    assert ["(2)" in notes[1], "(9)" in notes[2], len(notes)] == [True, True, 3]


def test_a_notebook_with_the_expected_name_is_not_changed(folders):
    folder, source = folders
    path = write(folder / f"{NUMBERS}.ipynb", "broken")
    write(folder / f"{NUMBERS} (1).ipynb", attempt())
    assert copy_to_expected_names(folder, source) == []
    assert path.read_text() == "broken"


def test_an_unrelated_notebook_is_not_copied(folders):
    folder, source = folders
    write(folder / "notes.ipynb", notebook(cell("a", "1 + 1")))
    assert copy_to_expected_names(folder, source) == []


def test_the_hook_adds_the_copy_to_nbgraders_list(folders, monkeypatch):
    folder, _ = folders
    monkeypatch.chdir(folder.parent.parent)
    path = write(folder / f"{NUMBERS} (1).ipynb", attempt())
    paths = [str(path)]
    add_renamed_notebooks("*", "*", paths)
    assert paths == [str(path), str(folder / f"{NUMBERS}.ipynb")]


@pytest.mark.parametrize(
    ("data", "cells", "expected"),
    [
        (b"", 0, "it is empty"),
        (b"PK\x03\x04...", 0, "a zip archive"),
        (b"<!doctype html><p>", 0, "a web page"),
        (b"[1, 2]", 0, "something other"),
        (json.dumps(attempt()).encode("utf-16"), 14, ""),
        (b"\xef\xbb\xbf" + json.dumps(attempt()).encode(), 14, ""),
        (json.dumps(attempt()).encode()[:-200], 13, "13 whole cells"),
        (json.dumps(attempt(), indent=1).encode() + b"\n>>>>>>> theirs\n", 14, "14 whole cells"),
    ],
)
def test_whole_cells_of_damaged_files_are_read(tmp_path, data, cells, expected):
    path = tmp_path / "a.ipynb"
    path.write_bytes(data)
    read, notes = read_damaged_notebook(path)
    assert len(read.cells) == cells
    assert expected in " ".join(notes)
    assert bool(notes) == bool(expected)
    nbformat.validate(read)


@pytest.mark.parametrize(
    "broken",
    [
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
        {
            "cell_type": "code",
            "source": None,
            "metadata": None,
            "outputs": [{"text": 3}],
            "id": "?",
        },
        {"cell_type": "slide", "source": "x", "metadata": {}},
        {"metadata": {}},
        {"cell_type": "code", "source": "1", "id": "the-same"},
    ],
)
def test_broken_cells_become_valid(tmp_path, broken):
    path = write(tmp_path / "a.ipynb", {"cells": [broken, broken]})
    read, notes = read_damaged_notebook(path)
    assert notes == []
    nbformat.validate(read)
    assert len({each.id for each in read.cells}) == 2


def repair(tmp_path, made: dict) -> tuple[list, dict]:
    """Repair a submission's cells, and return them with the findings."""
    path = write(tmp_path / "source.ipynb", numbers())
    released = read_released(path)
    sources = {name: (each.source, "sum") for name, each in released.nbgrader_cells.items()}
    found = {"mended": [], "flags": [], "missing": []}
    read, _ = read_damaged_notebook(write(tmp_path / "a.ipynb", made))
    return step1_repair._repair_cells(read.cells, released, sources, found), found


def graded_names(cells: list) -> list[str]:
    return [each.metadata.nbgrader.grade_id for each in cells if "nbgrader" in each.metadata]


IN_ORDER = [f"{kind}-2-{number}" for number in (1, 2, 3) for kind in ("solution", "check")]


def test_an_intact_submission_is_not_changed(tmp_path):
    cells, found = repair(tmp_path, attempt())
    assert graded_names(cells) == IN_ORDER
    assert found == {"mended": [], "flags": [], "missing": []}
    assert "BEGIN HIDDEN TESTS" in cells[cell_index(attempt(), "check-2-2")].source


def test_cells_without_their_metadata_or_ids_are_recognised(tmp_path):
    made = attempt()
    for number, each in enumerate(made["cells"]):
        if number % 2:
            each["id"] = f"other-{number}"
        else:
            each["metadata"] = {}
    cells, found = repair(tmp_path, made)
    assert graded_names(cells) == IN_ORDER
    assert found["missing"] == []


def test_missing_cells_are_inserted_in_their_places(tmp_path):
    made = attempt()
    made["cells"] = [each for each in made["cells"] if "2-2" not in each["id"]]
    cells, found = repair(tmp_path, made)
    assert graded_names(cells) == IN_ORDER
    assert found["missing"] == ["solution-2-2", "check-2-2"]
    assert "missing" in cells[graded_index(cells, "solution-2-2")].source


def test_cells_that_were_cut_off_are_added_at_the_end(tmp_path):
    made = attempt()
    del made["cells"][cell_index(made, "solution-2-2") :]
    cells, _ = repair(tmp_path, made)
    assert graded_names(cells) == IN_ORDER
    assert graded_index(cells, "solution-2-2") == cell_index(attempt(), "solution-2-2")


def test_a_missing_check_is_inserted_after_cells_that_the_student_added(tmp_path):
    made = attempt()
    place = cell_index(made, "check-2-3")
    made["cells"][place] = cell("mine", "answer = 3")
    cells, _ = repair(tmp_path, made)
    ids = [each.id for each in cells]
    assert graded_index(cells, "check-2-3") > ids.index("mine")


def graded_index(cells: list, name: str) -> int:
    names = [each.metadata.get("nbgrader", {}).get("grade_id") for each in cells]
    return names.index(name)


def test_a_check_may_differ_only_in_white_space(tmp_path):
    made = attempt()
    lines = numbers()["cells"][cell_index(made, "check-2-2")]["source"].split("\n")
    made["cells"][cell_index(made, "check-2-2")]["source"] = "  \n".join(lines) + "\n"
    assert repair(tmp_path, made)[1]["flags"] == []
    made["cells"][cell_index(made, "check-2-1")]["source"] += "# mine"
    assert "check-2-1 was changed" in repair(tmp_path, made)[1]["flags"][0]


def test_files_named_as_libraries_are_found(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "specless", types.ModuleType("specless"))
    theirs = ["__main__.py", "random.py", "specless.py", "torch.py", "unet_tutorial/a.py"]
    for name in (*theirs, "helper.py", "notes.txt"):
        write(tmp_path / name, "")
    flags = step1_repair._describe_shadowing_files(tmp_path)
    assert [each.split("'")[1] for each in flags] == [*theirs[:-1], "unet_tutorial"]


def test_the_names_that_a_cell_binds():
    source = "import a.b, c as d\nx, (y, *z) = 1\ndef f():\n    inner = 1\nfor i in []:\n    w = 1"
    assert find_bound_names(source) == {"a", "d", "x", "y", "z", "f", "i", "w"}
    assert find_bound_names("a = = 1") == set()


@pytest.mark.parametrize(("left", "expected"), [(100, "8 seconds"), (5.04, "5 seconds")])
def test_a_reason_names_the_time_that_a_cell_had(tmp_path, left, expected):
    """With a fake kernel: a teaching cell gets four times the limit, if that much time is left."""
    made = nbformat.from_dict(notebook(cell("teaching", "while True: pass")))
    shown = released_notebook.Cell(
        "teaching", "code", made.cells[0].source, made.cells[0].source, None
    )
    setup = released_notebook.Cell("setup", "code", "x = 1", "x = 1", None)
    run = SubmissionRun(
        made.cells, released_notebook.ReleasedNotebook((setup, shown)), Limits(2), 100, tmp_path
    )
    run.kernel = types.SimpleNamespace(
        run=lambda *_: cell_result.CellResult(stopped_by=cell_result.TIME)
    )
    run.reasons, run.done, run.deadline = {}, [], time.monotonic() + left
    run._run_cell(made.cells[0])
    assert run.reasons["teaching"] == f"This cell ran for longer than {expected} and was stopped."


@pytest.mark.parametrize(
    ("text", "right"), [("1", True), ("0.5", True), ("99", False), ("-1", False), ("nan", False)]
)
def test_what_counts_as_points(text, right):
    assert _is_points(text, 2) is right


def test_the_probe_finds_nothing_in_the_released_checks():
    for each in EXERCISES.values():
        each.load_check()
    assert kernel_probe._find_foreign_code(str(PACKAGE)) == set()


def test_the_probe_finds_a_replaced_check(monkeypatch):
    chapter_02 = sys.modules[EXERCISES["2.1"].load_check().__module__]
    exercise = sys.modules["unet_tutorial.teaching.checks.exercise"]

    monkeypatch.setattr(chapter_02, "weight_of_a_layer", lambda *answers: None)
    monkeypatch.setattr(exercise, "is_graded", bool)
    assert kernel_probe._find_foreign_code(str(PACKAGE)) == {
        "unet_tutorial.teaching.checks.chapter_02.ex1_weight_of_a_layer.weight_of_a_layer",
        "unet_tutorial.teaching.checks.exercise.is_graded",
    }


def test_the_probe_finds_a_package_from_another_place(tmp_path, monkeypatch):
    write(tmp_path / "unet_tutorial_other.py", "")
    fake = type(sys)("unet_tutorial.fake")
    fake.__file__ = str(tmp_path / "fake.py")
    monkeypatch.setitem(sys.modules, "unet_tutorial.fake", fake)
    assert "unet_tutorial.fake (from another file)" in kernel_probe._find_foreign_code(str(PACKAGE))


def test_the_probe_runs_without_its_package():
    assert runpy.run_path(kernel_probe.__file__)["inspect_kernel"].__name__ == "inspect_kernel"


SPAWN = """
import subprocess, sys
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
child = subprocess.Popen(sleep, start_new_session=True)
print(child.pid)
"""


def test_a_kernel_does_not_know_the_course_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("NBGRADER_COURSE", "/somewhere/course")
    monkeypatch.setenv("PYTHONPATH", f".:{PACKAGE.parent}")
    write(tmp_path / "tqdm.py", "raise ImportError")
    write(tmp_path / "helper.py", "WORD = 'found'")
    with Kernel(tmp_path, Limits(20, 2, 10_000)) as kernel:
        kernel.start()
        detector = TamperDetector(kernel)
        detector.record_baseline()
        source = "import os, random, tqdm, helper\nprint(helper.WORD, '/course' in str(os.environ))"
        result = kernel.run(source)
        assert result.outputs[0].text == "found False\n"
        child = int(kernel.run(SPAWN).outputs[0].text)
        assert psutil.pid_exists(child)
        detector.compare_with_baseline("the end")
        assert detector.found == []
        kernel.run("def none(*_): pass\nget_ipython().run_cell_magic = random.choice = none")
        detector.compare_with_baseline("the end")
        assert detector.found == [
            "random.choice was replaced by code from the notebook.",
            "IPython's own functions were replaced.",
        ]
        flood = kernel.run("while True: print('again' * 100)")
        assert (flood.stopped_by, flood.dead) == (cell_result.OUTPUT, False)
        assert sum(len(each.get("text", "")) for each in flood.outputs) <= 10_000
        assert kernel.run("exit()").stopped_by == cell_result.DIED
    until = time.monotonic() + 5
    while is_running(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(child)
    assert not Path(kernel.private).exists()


def is_running(number: int) -> bool:
    """Whether a process is running; a zombie isn't."""
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

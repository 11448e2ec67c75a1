"""Broken submissions, piece by piece: names, files, cells, the probe, the kernel."""

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
from small_course import NUMBERS, attempt, cell, notebook, numbers, place_of, write

from unet_tutorial.classroom import released_notebook
from unet_tutorial.classroom.collect.read_notebook import read_notebook
from unet_tutorial.classroom.collect.renamed_files import adopt, adopt_renamed, plain_name
from unet_tutorial.classroom.grading.pipeline import step1_repair
from unet_tutorial.classroom.grading.pipeline.step2_run import Run, is_points
from unet_tutorial.classroom.grading.sandbox import cell_result, kernel_probe
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE, Kernel, Limits
from unet_tutorial.classroom.grading.sandbox.tampering import Suspicion
from unet_tutorial.classroom.released_notebook import names_bound, read_released
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
def test_a_name_is_known_again(name):
    assert plain_name(name) == NUMBERS


@pytest.mark.parametrize("name", ["02_numbers_final.ipynb", "03_words.ipynb", "copy.ipynb"])
def test_other_names_stay_other_names(name):
    assert plain_name(name) != NUMBERS


@pytest.fixture
def folders(tmp_path):
    """A submission's folder and its assignment's."""
    write(tmp_path / "source" / NUMBERS / f"{NUMBERS}.ipynb", numbers())
    (tmp_path / "submitted" / NUMBERS).mkdir(parents=True)
    return tmp_path / "submitted" / NUMBERS, tmp_path / "source" / NUMBERS


@pytest.mark.parametrize(
    "name", ["Copy of 02_numbers.ipynb", "final.ipynb", "a/b/02_numbers.ipynb"]
)
def test_a_renamed_notebook_is_copied_to_its_name(folders, name):
    folder, source = folders
    write(folder / name, attempt())
    assert adopt(folder, source) == [folder / f"{NUMBERS}.ipynb"]
    assert read_notebook(folder / f"{NUMBERS}.ipynb")[0].cells[1].source.startswith("import math")
    assert (folder / name).exists()


def test_the_newest_copy_is_taken_and_the_others_are_named(folders):
    folder, source = folders
    for number in (2, 10, 9):
        write(folder / f"{NUMBERS} ({number}).ipynb", attempt(solution_2_1=f"answer = {number}"))
    (copy,) = adopt(folder, source)
    assert "answer = 10" in copy.read_text()
    notes = step1_repair.notes_on_files(copy)
    assert notes[0] == f"The file was called '{NUMBERS} (10).ipynb'."
    assert ["(2)" in notes[1], "(9)" in notes[2], len(notes)] == [True, True, 3]


def test_what_has_its_name_is_not_touched(folders):
    folder, source = folders
    path = write(folder / f"{NUMBERS}.ipynb", "broken")
    write(folder / f"{NUMBERS} (1).ipynb", attempt())
    assert adopt(folder, source) == []
    assert path.read_text() == "broken"


def test_another_notebook_is_not_taken_for_it(folders):
    folder, source = folders
    write(folder / "notes.ipynb", notebook(cell("a", "1 + 1")))
    assert adopt(folder, source) == []


def test_the_hook_tells_nbgrader_of_the_copy(folders, monkeypatch):
    folder, _ = folders
    monkeypatch.chdir(folder.parent.parent)
    path = write(folder / f"{NUMBERS} (1).ipynb", attempt())
    paths = [str(path)]
    adopt_renamed("*", "*", paths)
    assert paths == [str(path), str(folder / f"{NUMBERS}.ipynb")]


@pytest.mark.parametrize(
    ("data", "cells", "said"),
    [
        (b"", 0, "it is empty"),
        (b"PK\x03\x04...", 0, "a zip archive"),
        (b"<!doctype html><p>", 0, "a web page"),
        (b"[1, 2]", 0, "something else"),
        (json.dumps(attempt()).encode("utf-16"), 14, ""),
        (b"\xef\xbb\xbf" + json.dumps(attempt()).encode(), 14, ""),
        (json.dumps(attempt()).encode()[:-200], 13, "13 whole cells"),
        (json.dumps(attempt(), indent=1).encode() + b"\n>>>>>>> theirs\n", 14, "14 whole cells"),
    ],
)
def test_broken_files_are_read_as_far_as_they_go(tmp_path, data, cells, said):
    path = tmp_path / "a.ipynb"
    path.write_bytes(data)
    read, notes = read_notebook(path)
    assert len(read.cells) == cells
    assert said in " ".join(notes)
    assert bool(notes) == bool(said)
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
    read, notes = read_notebook(path)
    assert notes == []
    nbformat.validate(read)
    assert len({each.id for each in read.cells}) == 2


def mended(tmp_path, made: dict) -> tuple[list, dict]:
    """Return the mended cells of a submission, and what was found."""
    path = write(tmp_path / "source.ipynb", numbers())
    released = read_released(path)
    sources = {name: (each.source, "sum") for name, each in released.graded.items()}
    found = {"mended": [], "flags": [], "missing": []}
    read, _ = read_notebook(write(tmp_path / "a.ipynb", made))
    return step1_repair.mended(read.cells, released, sources, found), found


def graded(cells: list) -> list[str]:
    return [each.metadata.nbgrader.grade_id for each in cells if "nbgrader" in each.metadata]


IN_ORDER = [f"{kind}-2-{number}" for number in (1, 2, 3) for kind in ("solution", "check")]


def test_a_sound_submission_stays_as_it_is(tmp_path):
    cells, found = mended(tmp_path, attempt())
    assert graded(cells) == IN_ORDER
    assert found == {"mended": [], "flags": [], "missing": []}
    assert "BEGIN HIDDEN TESTS" in cells[place_of(attempt(), "check-2-2")].source


def test_cells_that_lost_their_metadata_or_their_ids_are_known_again(tmp_path):
    made = attempt()
    for number, each in enumerate(made["cells"]):
        if number % 2:
            each["id"] = f"other-{number}"
        else:
            each["metadata"] = {}
    cells, found = mended(tmp_path, made)
    assert graded(cells) == IN_ORDER
    assert found["missing"] == []


def test_missing_cells_come_back_in_their_places(tmp_path):
    made = attempt()
    made["cells"] = [each for each in made["cells"] if "2-2" not in each["id"]]
    cells, found = mended(tmp_path, made)
    assert graded(cells) == IN_ORDER
    assert found["missing"] == ["solution-2-2", "check-2-2"]
    assert "missing" in cells[graded_place(cells, "solution-2-2")].source


def test_what_is_cut_off_comes_back_at_the_end(tmp_path):
    made = attempt()
    del made["cells"][place_of(made, "solution-2-2") :]
    cells, _ = mended(tmp_path, made)
    assert graded(cells) == IN_ORDER
    assert graded_place(cells, "solution-2-2") == place_of(attempt(), "solution-2-2")


def test_a_missing_check_stands_after_what_the_student_added(tmp_path):
    made = attempt()
    place = place_of(made, "check-2-3")
    made["cells"][place] = cell("mine", "answer = 3")
    cells, _ = mended(tmp_path, made)
    ids = [each.id for each in cells]
    assert graded_place(cells, "check-2-3") > ids.index("mine")


def graded_place(cells: list, name: str) -> int:
    """Return the place of a graded cell."""
    names = [each.metadata.get("nbgrader", {}).get("grade_id") for each in cells]
    return names.index(name)


def test_nothing_but_white_space_may_differ_in_a_check(tmp_path):
    made = attempt()
    lines = numbers()["cells"][place_of(made, "check-2-2")]["source"].split("\n")
    made["cells"][place_of(made, "check-2-2")]["source"] = "  \n".join(lines) + "\n"
    assert mended(tmp_path, made)[1]["flags"] == []
    made["cells"][place_of(made, "check-2-1")]["source"] += "# mine"
    assert "check-2-1 was changed" in mended(tmp_path, made)[1]["flags"][0]


def test_files_named_as_libraries_are_found(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "specless", types.ModuleType("specless"))
    theirs = ["__main__.py", "random.py", "specless.py", "torch.py", "unet_tutorial/a.py"]
    for name in (*theirs, "helper.py", "notes.txt"):
        write(tmp_path / name, "")
    said = step1_repair.shadowing_files(tmp_path)
    assert [each.split("'")[1] for each in said] == [*theirs[:-1], "unet_tutorial"]


def test_the_names_that_a_cell_binds():
    source = "import a.b, c as d\nx, (y, *z) = 1\ndef f():\n    inner = 1\nfor i in []:\n    w = 1"
    assert names_bound(source) == {"a", "d", "x", "y", "z", "f", "i", "w"}
    assert names_bound("a = = 1") == set()


@pytest.mark.parametrize(("left", "said"), [(100, "8 seconds"), (5.04, "5 seconds")])
def test_a_reason_names_the_time_that_a_cell_had(tmp_path, left, said):
    """A stand-in for a kernel: a teaching cell has four times the limit, if that much is left."""
    made = nbformat.from_dict(notebook(cell("teaching", "while True: pass")))
    shown = released_notebook.Cell(
        "teaching", "code", made.cells[0].source, made.cells[0].source, None
    )
    setup = released_notebook.Cell("setup", "code", "x = 1", "x = 1", None)
    run = Run(made.cells, released_notebook.Released((setup, shown)), Limits(2), 100, tmp_path)
    run.kernel = types.SimpleNamespace(run=lambda *_: cell_result.Result(ended=cell_result.TIME))
    run.reasons, run.done, run.until = {}, [], time.monotonic() + left
    run.run(made.cells[0])
    assert run.reasons["teaching"] == f"This cell ran for longer than {said} and was stopped."


@pytest.mark.parametrize(
    ("text", "right"), [("1", True), ("0.5", True), ("99", False), ("-1", False), ("nan", False)]
)
def test_what_counts_as_points(text, right):
    assert is_points(text, 2) is right


def test_the_probe_finds_nothing_in_the_released_checks():
    for each in EXERCISES.values():
        each.load_check()
    assert kernel_probe.foreign(str(PACKAGE)) == set()


def test_the_probe_finds_a_replaced_check(monkeypatch):
    chapter_02 = sys.modules[EXERCISES["2.1"].load_check().__module__]
    exercise = sys.modules["unet_tutorial.teaching.checks.exercise"]

    monkeypatch.setattr(chapter_02, "weight_of_a_layer", lambda *answers: None)
    monkeypatch.setattr(exercise, "is_graded", bool)
    assert kernel_probe.foreign(str(PACKAGE)) == {
        "unet_tutorial.teaching.checks.chapter_02.ex1_weight_of_a_layer.weight_of_a_layer",
        "unet_tutorial.teaching.checks.exercise.is_graded",
    }


def test_the_probe_finds_a_package_from_another_place(tmp_path, monkeypatch):
    write(tmp_path / "unet_tutorial_other.py", "")
    fake = type(sys)("unet_tutorial.fake")
    fake.__file__ = str(tmp_path / "fake.py")
    monkeypatch.setitem(sys.modules, "unet_tutorial.fake", fake)
    assert "unet_tutorial.fake (from another file)" in kernel_probe.foreign(str(PACKAGE))


def test_the_probe_runs_without_its_package():
    assert runpy.run_path(kernel_probe.__file__)["look"].__name__ == "look"


SPAWN = """
import subprocess, sys
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
child = subprocess.Popen(sleep, start_new_session=True)
print(child.pid)
"""


def test_a_kernel_has_nothing_of_the_course_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("NBGRADER_COURSE", "/somewhere/course")
    monkeypatch.setenv("PYTHONPATH", f".:{PACKAGE.parent}")
    write(tmp_path / "tqdm.py", "raise ImportError")
    write(tmp_path / "helper.py", "WORD = 'found'")
    with Kernel(tmp_path, Limits(20, 2, 10_000)) as kernel:
        kernel.start()
        suspicion = Suspicion(kernel)
        suspicion.begin()
        source = "import os, random, tqdm, helper\nprint(helper.WORD, '/course' in str(os.environ))"
        came = kernel.run(source)
        assert came.outputs[0].text == "found False\n"
        child = int(kernel.run(SPAWN).outputs[0].text)
        assert psutil.pid_exists(child)
        suspicion.look("the end")
        assert suspicion.found == []
        kernel.run("def none(*_): pass\nget_ipython().run_cell_magic = random.choice = none")
        suspicion.look("the end")
        assert suspicion.found == [
            "random.choice was replaced by code of the notebook.",
            "IPython's own functions were replaced.",
        ]
        flood = kernel.run("while True: print('again' * 100)")
        assert (flood.ended, flood.dead) == (cell_result.OUTPUT, False)
        assert sum(len(each.get("text", "")) for each in flood.outputs) <= 10_000
        assert kernel.run("exit()").ended == cell_result.DIED
    until = time.monotonic() + 5
    while is_running(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(child)
    assert not Path(kernel.private).exists()


def is_running(number: int) -> bool:
    """Return whether a process runs; one that waits to be buried does not."""
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

"""Damaged submissions, piece by piece: names, files, cells, what runs, the kernel."""

from __future__ import annotations

import json
import sys
import time
import types
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell
from small_course import NUMBERS, attempt, cell, cell_index, notebook, numbers, write

from unet_tutorial.classroom.collect.read_notebook import read_damaged_notebook
from unet_tutorial.classroom.collect.renamed_files import (
    copy_to_expected_names,
    normalise_name,
)
from unet_tutorial.classroom.grading.pipeline.cell_names import find_names, find_statements
from unet_tutorial.classroom.grading.pipeline.step2_repair import (
    COPY,
    Findings,
    Part,
    describe_shadowing_files,
    repair_cells,
)
from unet_tutorial.classroom.grading.pipeline.step3_choose import choose_needed, choose_parts
from unet_tutorial.classroom.grading.pipeline.step5_judge import _parse_points
from unet_tutorial.classroom.grading.sandbox import cell_result, submission
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE, Kernel
from unet_tutorial.classroom.grading.sandbox.processes import measure_seconds
from unet_tutorial.classroom.limits import Limits
from unet_tutorial.classroom.released_notebook import parse_released
from unet_tutorial.teaching import chapters

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
    assert normalise_name(name) == NUMBERS


@pytest.mark.parametrize("name", ["02_numbers_final.ipynb", "03_words.ipynb", "copy.ipynb"])
def test_other_names_are_not_recognised(name):
    assert normalise_name(name) != NUMBERS


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
    notes = submission._describe_other_files(copy)
    assert notes[0] == f"'{NUMBERS} (10).ipynb' was graded."
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


def repair(tmp_path, made: dict) -> tuple[list[Part], Findings]:
    """Repair a submission's cells, and return them with the findings."""
    released, found = parse_released(json.dumps(numbers())), Findings()
    read, _ = read_damaged_notebook(write(tmp_path / "a.ipynb", made))
    return repair_cells(read.cells, released, found), found


def graded_names(parts: list[Part]) -> list[str]:
    return [each.name for each in parts if each.name]


IN_ORDER = [f"{kind}-2-{number}" for number in (1, 2, 3) for kind in ("solution", "check")]


def test_an_intact_submission_is_not_changed(tmp_path):
    cells, found = repair(tmp_path, attempt())
    assert graded_names(cells) == IN_ORDER
    assert found == Findings()
    assert "BEGIN HIDDEN TESTS" in cells[cell_index(attempt(), "check-2-2")].cell.source


def test_cells_without_their_metadata_or_ids_are_recognised(tmp_path):
    made = attempt()
    for number, each in enumerate(made["cells"]):
        if number % 2:
            each["id"] = f"other-{number}"
        else:
            each["metadata"] = {}
    cells, found = repair(tmp_path, made)
    assert graded_names(cells) == IN_ORDER
    assert found.missing == []


def test_missing_cells_are_inserted_in_their_places(tmp_path):
    made = attempt()
    made["cells"] = [each for each in made["cells"] if "2-2" not in each["id"]]
    cells, found = repair(tmp_path, made)
    assert graded_names(cells) == IN_ORDER
    assert found.missing == ["solution-2-2", "check-2-2"]
    assert "missing" in cells[graded_index(cells, "solution-2-2")].cell.source


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
    ids = [each.cell.id for each in cells]
    assert graded_index(cells, "check-2-3") > ids.index("mine")


def graded_index(parts: list[Part], name: str) -> int:
    return [each.name for each in parts].index(name)


def test_a_check_may_differ_only_in_white_space(tmp_path):
    made = attempt()
    lines = numbers()["cells"][cell_index(made, "check-2-2")]["source"].split("\n")
    made["cells"][cell_index(made, "check-2-2")]["source"] = "  \n".join(lines) + "\n"
    assert repair(tmp_path, made)[1].tricks == []
    made["cells"][cell_index(made, "check-2-1")]["source"] += "# mine"
    assert "check-2-1: the cell was changed" in repair(tmp_path, made)[1].tricks[0]


def test_files_named_as_libraries_are_found(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "specless", types.ModuleType("specless"))
    theirs = ["__main__.py", "random.py", "specless.py", "torch.py", "unet_tutorial/a.py"]
    for name in (*theirs, "helper.py", "notes.txt"):
        write(tmp_path / name, "")
    flags = describe_shadowing_files(tmp_path)
    assert [each.split("'")[1] for each in flags] == [*theirs[:-1], "unet_tutorial"]


def test_a_stub_pasted_below_its_answer_does_not_run(tmp_path):
    made = attempt()
    stub = numbers()["cells"][cell_index(made, "solution-2-1")]["source"].partition("\n")[0]
    made["cells"].append(cell("backup", f"{stub}\n# Your code here."))
    parts, found = repair(tmp_path, made)
    assert parts[-1].role == COPY
    assert found.guesses == ["solution-2-1 is there 2 times; the last one with an answer counts."]


# ---- what runs


@pytest.mark.parametrize(
    ("source", "needs", "binds"),
    [
        ("import a.b, c as d\nx, (y, *z) = e", "e", "a d x y z"),
        ("def f():\n    inner = g(1)\nfor i in []:\n    w = i", "g", "f i w"),
        ("a = = 1", "", ""),
        ("x = 1\ny = x + z", "z", "x y"),
        ("x = x + 1", "x", "x"),
        ("x += 1", "x", "x"),
        ("rows = [f(i) for i in rows_of(image)]", "f rows_of image", "rows"),
        ("def helper():\n    return 1\ndef f():\n    return helper()", "", "helper f"),
        ("try:\n    a = size(1)\nexcept:\n    a = 0", "size", "a"),
        ("if q:\n    r = 1\nprint(r)", "q r", "r"),
        ("with open(p) as file:\n    text = file.read()\nprint(text)", "p", "file text"),
        ("class A(B):\n    size = C\n    def m(self):\n        return D", "B C D", "A"),
        ("f = lambda u, v=w: u + t", "w t", "f"),
        ("match v:\n    case [a, b]:\n        print(a)", "v", "a b"),
        ("def f():\n    global x\n    x = 1", "", "f x"),
        ("print(f'{x:.{digits}}')", "x digits", ""),
        ("%matplotlib inline\ny = x", "x", "y"),
    ],
)  # fmt: skip
def test_the_names_of_a_cell(source, needs, binds):
    found = find_names(source)
    assert (found.needs, found.binds) == (set(needs.split()), set(binds.split()))
    assert not found.is_opaque


@pytest.mark.parametrize(
    "source",
    [
        "exec('add_one(1)')", "x = globals()['a']", "from helper import *", "%run other.ipynb",
        "%timeit f(x)", "!ls", "%%time\nf(x)", "import __main__", "get_ipython().ev('a')",
        "def f():\n    return eval('a')", "vars()['a']", "locals()",
    ],
)  # fmt: skip
def test_a_cell_that_may_use_any_name(source):
    assert find_names(source).is_opaque


def test_the_statements_of_the_setup_that_a_check_needs():
    setup = "from a import b, checks\nrows = b(1)\nother = rows + 1\nprint(other)"
    assert find_statements(setup, {"checks"}) == "from a import b, checks"
    assert find_statements(setup, {"rows"}) == "from a import b, checks\nrows = b(1)"
    assert find_statements("a = = 1", {"a"}) == ""


TEACHING = """
def size(n): return n - 2
===
layer = make(size)
===
layer.weight = 0
===
train(layer)
===
picture = draw(layer)
"""


def choose(answer: str, *own: str, needed: bool = False) -> str:
    """Return the numbers of the chapter's cells that run, and own1 for the student's first."""
    texts = TEACHING.strip().split("\n===\n")
    parts = [Part(new_code_cell(text, id=f"{n}"), "teaching") for n, text in enumerate(texts, 1)]
    parts += [Part(new_code_cell(text, id=f"own{n}"), "own") for n, text in enumerate(own, 1)]
    parts.append(Part(new_code_cell(answer, id="answer"), "answer", "answer"))
    chosen = choose_needed(parts) if needed else choose_parts(parts)
    return " ".join(part.cell.id for part in chosen if part.role != "answer")


@pytest.mark.parametrize(
    ("answer", "own", "runs"),
    [
        ("x = 1", (), ""),
        ("x = size(3)", (), "1"),
        ("def f(n):\n    try:\n        return size(n)\n    except: return 0", (), "1"),
        ("x = layer", (), "1 2 3 4 5"),  # what is done to the layer counts, too
        ("x = helper(1)", ("def helper(n): return size(n)",), "1 own1"),
        ("x = 1", ("y = 2",), "own1"),
        ("x = 1", ("z = layer", "y = z + 1", "w = 1"), "own3"),  # two would only fail
        ("x = eval('layer')", (), "1 2 3 4 5"),
        ("x = 1", ("%timeit layer",), "1 2 3 4 5 own1"),
        ("size = 3\nx = size", (), ""),
    ],
)
def test_what_runs_is_chosen_by_names(answer, own, runs):
    assert choose(answer, *own) == runs


CHAPTERS = [
    path for path in chapters.chapter_paths(chapters.find_notebooks()) if path.stem[0] < "9"
]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem[:2])
def test_the_chapters_solutions_need_hardly_any_of_their_cells(tmp_path, path):
    source = json.loads(path.read_text(encoding="utf-8"))
    made = chapters.make_learner_edition(source)
    for each in made["cells"]:
        if each["id"].startswith("solution-"):
            each["source"] = chapters.read_solution(each["id"][9:].replace("-", "."))
    read, _ = read_damaged_notebook(write(tmp_path / "a.ipynb", made))
    parts = repair_cells(read.cells, parse_released(json.dumps(source)), Findings())
    chosen = [part for part in choose_parts(parts) if part.role == "teaching"]
    assert sum(part.role == "teaching" for part in parts) > 10
    # A cell that binds a name which an answer binds again runs, too: in chapter 11 there are some.
    assert len(chosen) <= 8


@pytest.mark.parametrize(
    ("answer", "own", "runs"),
    [
        ("x = 1", ("y = 2",), ""),
        ("x = y", ("y = 2", "train(y)", "z = 3"), "own1 own2"),
        ("import torch\nx = torch", ("torch.f = 1",), ""),
        ("x = torch.f", ("torch.f = 1", "epochs = 20"), "own1"),
    ],
)
def test_what_graded_cells_need(answer, own, runs):
    assert choose(answer, *own, needed=True) == runs


@pytest.mark.parametrize(
    ("text", "right"), [("1", True), ("0.5", True), ("99", False), ("-1", False), ("nan", False)]
)
def test_what_counts_as_points(text, right):
    assert (_parse_points(text, 2) is not None) is right


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
    with Kernel(tmp_path, LIMITS) as kernel:
        kernel.start()
        source = "import os, random, tqdm, helper\nprint(helper.WORD, '/course' in str(os.environ))"
        result = kernel.run(source)
        assert result.outputs[0].text == "found False\n"
        child = int(kernel.run(SPAWN).outputs[0].text)
        assert psutil.pid_exists(child)
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


LIMITS = Limits(timeout=20, memory=2, output=10_000)
CHILD = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'while True: pass'])"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with Kernel(tmp_path_factory.mktemp("kernel"), LIMITS) as kernel:
        kernel.start()
        yield kernel


def test_time_is_processor_time_children_included(kernel):
    assert kernel.run("import time; time.sleep(1.2)", 1).stopped_by is None
    assert kernel.run("while True: pass", 1).stopped_by == cell_result.TIME
    assert kernel.run(CHILD, 1).stopped_by == cell_result.TIME
    before = measure_seconds(kernel.process)
    assert kernel.run("input()", 1).outputs[0].ename == "StdinNotImplementedError"
    assert measure_seconds(kernel.process) < before + 1


def test_what_only_waits_is_stopped_by_the_clock(kernel):
    result = kernel.run("import time; time.sleep(60)", 0.3)
    assert (result.stopped_by, result.dead) == (cell_result.CLOCK, False)
    assert result.seconds < 0.3


HOOK = "def hook(*_): pass\nget_ipython().events.register('pre_run_cell', hook)"
METHOD = "def none(*_): pass\nget_ipython().run_cell_magic = none"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1", []),
        (HOOK, ["A function of the notebook ran before or after each cell."]),
        (METHOD, ["IPython's own function run_cell_magic was replaced."]),
        (
            "get_ipython().ast_transformers.append(1)",
            ["A function that changes the code of cells was added."],
        ),
        (
            "get_ipython().set_custom_exc((Exception,), lambda *_: None)",
            ["The notebook had its own handler for errors."],
        ),
    ],
)
def test_ipython_is_itself_before_a_check(kernel, source, found):
    kernel.run(source)
    assert kernel.call_tool("prepare_check", str(PACKAGE.parent), "") == found
    assert kernel.call_tool("prepare_check", str(PACKAGE.parent), "") == []


def test_replaced_functions_are_found(kernel):
    kernel.run("import math, random")
    before = kernel.call_tool("list_identities")
    kernel.run("random.choice = min\nmath.sqrt = lambda x: 2\nimport os\nos.environ = {}")
    now = kernel.call_tool("list_identities")
    changed = {name for name in before if now[name] != before[name]}
    assert changed == {"random.choice", "math.sqrt", "os.environ"}


def test_the_notebook_gets_its_names_back_after_a_check(kernel):
    kernel.run("checks = [1, 2]\nWANTED = 7")
    kernel.call_tool("prepare_check", str(PACKAGE.parent), "WANTED = 42\nother = 1")
    assert kernel.run("print(WANTED, other)").outputs[0].text == "42 1\n"
    kernel.call_tool("finish_check")
    result = kernel.run("print(checks, WANTED, 'other' in globals())")
    assert result.outputs[0].text == "[1, 2] 7 False\n"

"""A chapter with its own checks, handed in as students do, and with tricks for full marks."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_output
from small_course import cell

from unet_tutorial.classroom.course.make_course import make_course
from unet_tutorial.classroom.grading.batch import grade
from unet_tutorial.classroom.grading.pipeline.result import NotebookResult
from unet_tutorial.classroom.grading.pipeline.step2_repair import CHECK, Part
from unet_tutorial.classroom.grading.pipeline.step5_judge import _SILENT, _score_check
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE, Kernel
from unet_tutorial.classroom.limits import Limits
from unet_tutorial.teaching import chapters

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning",
    "ignore:.*utcnow:DeprecationWarning",
    "ignore:.*event loop:DeprecationWarning",
)
STEM = "02_convolution"
TRICKS = {  # one line at the top of an untouched notebook
    "forgets": "import os; del os.environ['NBGRADER_EXECUTION']",
    "environ": "import os; os.environ = {}",
    "replaces": "class A:\n    def __getattr__(self, name): return print\nchecks = A()",
    "module": "import sys; sys.modules['unet_tutorial.teaching.checks'] = print",
    "patches": "from unet_tutorial.teaching.checks import exercise; exercise.is_graded = bool",
    "touched": "from unet_tutorial.teaching.checks import exercise; "
    "exercise.is_untouched = lambda *_: False",
    "stubs": "from unet_tutorial.teaching import chapters; chapters.read_stub = lambda n: ''",
}


def edit(change: Callable[[list[dict]], object], edition: dict) -> dict:
    made = copy.deepcopy(edition)
    change(made["cells"])
    return made


def find(cells: list[dict], name: str) -> int:
    return [each["id"] for each in cells].index(name)


def solve(cells: list[dict]) -> None:
    """Answer every exercise right."""
    for each in cells:
        if each["id"].startswith("solution-"):
            each["source"] = chapters.read_solution(each["id"][9:].replace("-", "."))


def add_first(source: str, *, solved: bool = False) -> Callable:
    """Add a cell of the student's below the chapter's first code cell."""

    def change(cells: list[dict]) -> None:
        if solved:
            solve(cells)
        setup = next(i for i, each in enumerate(cells) if each["cell_type"] == "code")
        cells.insert(setup + 1, cell("mine", source))

    return change


def answer(cells: list[dict], number: str, source: str) -> None:
    cells[find(cells, f"solution-{number}")]["source"] += f"\n{source}\nadded = 9"


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("course") / "biology"
    make_course(root, ["02"])
    edition = json.loads((root / "release" / STEM / f"{STEM}.ipynb").read_text(encoding="utf-8"))
    changes = {
        "untouched": add_first(TRICKS["forgets"]),
        "solved": add_first("checks = ['padding', 'stride']", solved=True),
        "halves": lambda cells: (
            solve(cells),
            answer(cells, "2-1", "weight_shape = (32, 96, 3, 3)"),
        ),
        "patched": add_first("torch.allclose = torch.equal = lambda *_, **k: True", solved=True),
    }
    for student, change in changes.items():
        path = root / "submitted" / student / STEM / f"{STEM}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(edit(change, edition)), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def outcomes(course) -> dict:
    return {each.student: each for each in grade(course, workers=2)}


def test_right_answers_have_full_marks_even_with_a_variable_named_checks(outcomes):
    outcome = outcomes["solved"]
    assert (outcome.points, outcome.guesses, outcome.tricks) == (9, [], [])


def test_each_of_an_exercises_answers_has_its_points(outcomes):
    outcome = outcomes["halves"]
    assert (outcome.points, outcome.failed) == (8.5, ["check-2-1", "explain-2"])
    assert outcome.guesses == ["check-2-1: 1 of its 2 answers are right."]


def test_an_untouched_notebook_has_no_points(outcomes):
    assert outcomes["untouched"].points == 0


def test_replaced_functions_of_torch_are_noticed(outcomes):
    assert outcomes["patched"].tricks == [
        f"check-2-1: torch.{name} was replaced." for name in ("allclose", "equal")
    ]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with Kernel(tmp_path_factory.mktemp("kernel"), Limits()) as kernel:
        kernel.start()
        kernel.run("import torch\nfrom torch import nn\nfrom unet_tutorial import checks")
        kernel.run(chapters.read_stub("2.5"))
        yield kernel


@pytest.mark.parametrize("trick", TRICKS)
def test_a_line_that_changes_what_a_check_is_earns_nothing(kernel, trick):
    assert kernel.run(TRICKS[trick]).failed is False
    setup = "from unet_tutorial import checks"
    kernel.call_tool("prepare_check", str(PACKAGE.parent), setup)
    result = kernel.run("checks.padding_of_each_layer(three_layers)")
    assert result.outputs[-1].ename == "NotTriedYet"


def test_a_check_that_says_nothing_gives_no_points():
    check = new_code_cell("checks.padding_of_each_layer(three_layers)")
    result = NotebookResult()
    assert _score_check(Part(check, CHECK, "check-2-5"), 2, result) == 0
    assert result.tricks == [f"check-2-5: {_SILENT}"]
    check.outputs = [new_output("stream", text="✓ 2.5  Right: 3 layers.\n")]
    assert _score_check(Part(check, CHECK, "check-2-5"), 2, result) == 2

"""The common part of all checks: comparing, calling answers, hints, solutions and progress."""

import importlib
import json
import linecache
import signal
from collections import OrderedDict, namedtuple
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from unet_tutorial import checks
from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import CheckFailed, NotTriedYet, progress_store, stubs
from unet_tutorial.teaching.checks.compare import call_answer, compare_function, compare_value
from unet_tutorial.teaching.checks.exercise import EXERCISES, Exercise, exercise, refuse
from unet_tutorial.teaching.checks.values import find_difference, format_value, is_equal

exercise_module = importlib.import_module("unet_tutorial.teaching.checks.exercise")

HINTS = ("the first of three hints", "the second of three hints", "the third of three hints")


@pytest.fixture(autouse=True)
def workspace(tmp_path, monkeypatch):
    """A folder that `unet-tutorial start` could have made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress_store, "_REMEMBERED", {})
    (tmp_path / progress_store.KEPT).mkdir()
    return tmp_path


@pytest.fixture
def twice(monkeypatch):
    """The check of an exercise 99.1: write a function that doubles."""
    monkeypatch.setattr(stubs, "_fingerprint_stub", lambda number: {})

    def examine(function, *, seed=0):
        number = compare_function(
            function,
            lambda x: 2 * x,
            [(torch.tensor([1.0, 2.0 + seed]),), (torch.tensor([3.0, 5.0]),)],
            mistakes=[(lambda x: x**2, "That squares.")],
            otherwise="Look at the task again.",
        )
        return f"tried on {number} tensors"

    examine.__module__ = "chapter_99.ex1_twice"
    monkeypatch.setitem(EXERCISES, "99.1", SimpleNamespace(number="99.1", title="T", hints=HINTS))
    return exercise(misconception="M", question="Q?", hints=HINTS)(examine)


# ---- values

Pair = namedtuple("Pair", "first second")


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (3, 3),
        (np.int64(3), 3),
        (0.1 + 0.2, 0.3),
        (np.float32(0.5), 0.5),
        ([1, 2], (1, 2)),
        (torch.Size([1, 2]), (1, 2)),
        ({2, 1}, {1, 2}),
        ({(1, 2)}, {(1, 2)}),
        ({"a": [1.0]}, {"a": (1.0,)}),
        (np.arange(3.0), torch.arange(3.0)),
        (torch.ones(2, dtype=torch.float64), torch.ones(2)),
        (torch.nn.Parameter(torch.ones(2)), torch.ones(2)),
        (True, True),
        ("U", "U"),
        (3.0, 3),
        (np.array(3), 3),
        (torch.tensor(3.0), 3),
        (True, 1),
        (1, True),
        (range(3), (0, 1, 2)),
        (Pair(1, 2), (1, 2)),
        (np.array([1.0, 2.0]), (1, 2)),
        (torch.tensor([[1, 2], [3, 4]]), ((1, 2), (3, 4))),
        ([torch.tensor(1), np.float64(2)], torch.tensor([1.0, 2.0])),
        ([[1, 2], [3, 4]], torch.tensor([[1.0, 2.0], [3.0, 4.0]])),
        (torch.ones(2), torch.ones(2, dtype=torch.bool)),
        ([2, 1], {1, 2}),
        (np.array(["a", "b"]), ("a", "b")),
        (OrderedDict(a=1), {"a": 1}),
        (10**17 + 1, 10**17 + 1),
    ],
)
def test_equal_values(got, expected):
    assert is_equal(got, expected)


class Agreeable(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class AgreeableTensor(torch.Tensor):
    pass


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (4, 3),
        (10**17, 10**17 + 1),
        (3.5, 3),
        (True, 2),
        ("True", True),
        (Agreeable(4), 3),
        (Agreeable(3), 3),
        (None, 0),
        ("3", 3),
        (0.31, 0.3),
        (float("nan"), 0.3),
        ((1, 2), (2, 1)),
        ((1, 2, 3), (1, 2)),
        ((1, Agreeable(2)), (1, 2)),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 2}),
        (torch.ones(2), torch.ones(1, 2)),
        (torch.ones(2, dtype=torch.complex64), torch.ones(2)),
        ([[1, 2], [3]], torch.ones(2, 2)),
        (torch.tensor([1.0, 1.5]), torch.tensor([1, 1])),
        (torch.ones(2), torch.tensor([1.0, 1.1])),
        (torch.tensor([1.0, float("nan")]), torch.ones(2)),
        (torch.ones(2).as_subclass(AgreeableTensor), torch.ones(2)),
        (np.array([None, None]), torch.ones(2)),
    ],
)
def test_different_values(got, expected):
    assert not is_equal(got, expected)


def test_values_without_a_plain_value_equal_nothing():
    assert not is_equal(object(), object())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (torch.tensor([[1.0, 0.33333]]), "[[1.0, 0.3333]]"),
        (torch.zeros(2, 3, 40), "a tensor (2, 3, 40) of float32"),
        (np.zeros((40, 2)), "a tensor (40, 2) of float64"),
        (torch.nn.ReLU(), "a ReLU"),
        (torch.nn.ReLU, "the class ReLU"),
        (len, "the function len"),
        ({"w": torch.ones(1, 2)}, "{'w': [[1.0, 1.0]]}"),
        ("x" * 500, "'" + "x" * 196 + "..."),
    ],
)
def test_values_are_formatted_briefly(value, text):
    assert format_value(value) == text


# ---- messages


def get_refusal(check, *answers, **options):
    with pytest.raises(CheckFailed) as error:
        check(*answers, **options)
    return str(error.value)


def test_the_expected_value_is_never_shown():
    message = get_refusal(compare_value, 5, 7341, mistakes=[(5, "Five?")], otherwise="No.")
    assert "Five?" in message
    assert "7341" not in message
    assert "7341" not in get_refusal(compare_value, 6, 7341, otherwise="No.")
    assert "No." in get_refusal(compare_value, 6, 7341, otherwise="No.")
    assert "a number" in get_refusal(compare_value, "7341", 7341, otherwise="No.")
    compare_value(7341, 7341, otherwise="No.")
    compare_value(2, 2.0, otherwise="A whole number will do for a fraction.")


def test_a_wrong_function_is_shown_where_it_fails(twice):
    message = get_refusal(twice, torch.square)
    assert message == (
        "✗ 99.1  Not yet.\n"
        "  tried     square([1.0, 2.0])\n"
        "  expected  [2.0, 4.0]\n"
        "  received  [1.0, 4.0]\n"
        "  hint      That squares.\n"
        '  more      checks.hint("99.1")'
    )
    assert "Look at the task again." in get_refusal(twice, lambda x: 2 * x + 1)
    assert "`return`" in get_refusal(twice, lambda x: None)
    assert "The shape must be (2,); it is (1, 2)." in get_refusal(twice, lambda x: 2 * x[None])
    assert "The shape must be (2,); it is ()." in get_refusal(twice, lambda x: 2)
    assert "of type str" in get_refusal(twice, lambda x: "2")


def test_of_large_tensors_the_first_difference_is_shown():
    wanted, wrong = torch.zeros(4, 10), torch.zeros(4, 10)
    wrong[2, 3], wrong[3, 3] = 1 / 3, 7.0
    with pytest.raises(CheckFailed) as error:
        compare_function(lambda x: wrong, lambda x: wanted, [(1,)], otherwise="No.")
    assert "a tensor (4, 10) of float32, first 0.0 at [2, 3]" in str(error.value)
    assert "a tensor (4, 10) of float32, 0.3333 there" in str(error.value)


def test_a_mistake_is_named_if_two_cases_show_it():
    def refused(answer, cases):
        return get_refusal(
            compare_function,
            answer,
            lambda x: 2 * x,
            [(case,) for case in cases],
            mistakes=[(lambda x: x**2, "That squares.")],
            otherwise="No.",
        )

    assert "That squares." in refused(lambda x: x**2, [2, 3, 5])
    assert "No." in refused(lambda x: x**2, [2, 3])  # 2 doesn't tell them apart
    assert "No." in refused(lambda x: 9 if x == 3 else 16 if x == 4 else 1, [3, 4, 5])


@pytest.mark.parametrize(
    ("got", "expected", "found"),
    [
        ((1, 2, 3), (1, 5, 6), ("[1]", 2, 5)),
        (torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 3.0]]), ("[0, 1]", 2.0, 3.0)),
        ({"a": (1, 2)}, {"a": (1, 3)}, ("['a'][1]", 2, 3)),
        ((1, 2), (1, 2), None),
        ((1, 2), (1, 2, 3), None),
    ],
)
def test_the_first_place_that_differs(got, expected, found):
    assert find_difference(got, expected) == found


class _Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))

    def forward(self, x):
        return self.layers(x)


def _leave_in_eval(net):
    net.layers[1].eval()


def _freeze(net):
    net.layers[0].weight.requires_grad_(False)


def _run_in_training(net):
    net.train()(torch.ones(3, 2))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_leave_in_eval, "the mode of the network"),
        (_freeze, "`requires_grad` of the network"),
        (_run_in_training, "running averages"),
        (lambda net: torch.set_grad_enabled(False), "gradients on or off"),
    ],
)
def test_what_a_call_leaves_changed_is_refused(function, message):
    with pytest.raises(CheckFailed) as refused:
        call_answer(function, _Net())
    assert message in " ".join(str(refused.value).split())
    assert torch.is_grad_enabled()


def test_a_list_that_is_emptied_is_noticed():
    with pytest.raises(CheckFailed, match="changes its input"):
        call_answer(list.pop, [1, 2])
    call_answer(list.pop, [1, 2], may_change=[0])


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no such alarms")
def test_an_endless_answer_is_stopped(twice, monkeypatch):
    def never_ends(x):
        while True:
            pass

    monkeypatch.setattr(exercise_module, "SECONDS", 0.2)
    assert "seconds of computing" in " ".join(get_refusal(twice, never_ends).split())
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def recurse(x):
    return recurse(x)


def change_input(x):
    x *= 2
    return x


def exit_python(x):
    raise SystemExit


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (recurse, "calls itself without end"),
        (change_input, "changes its input"),
        (exit_python, "SystemExit"),
        (lambda x: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda: 1, "must take 1 argument, as in the task"),
        (lambda x, y: 1, "must take 1 argument, as in the task"),
        (None, "must be a function"),
        (2, "of type int"),
    ],
)
def test_an_error_inside_an_answer_becomes_a_message(function, message):
    assert message in get_refusal(call_answer, function, torch.ones(2))


def test_an_interrupt_is_not_a_wrong_answer():
    def interrupt(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_answer(interrupt, 1)


def test_a_refusal_has_no_traceback_and_no_cause(twice):
    with pytest.raises(CheckFailed) as error:
        twice(torch.square)
    assert error.value._render_traceback_() == str(error.value).split("\n")
    assert error.value.__cause__ is None


def test_warnings_and_stderr_of_an_answer_are_hidden(twice, capsys):
    def write_to_stderr(x):
        import sys
        import warnings

        warnings.warn("loud", stacklevel=1)
        print("loud", file=sys.stderr)
        return 2 * x

    twice(write_to_stderr)
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == "✓ 99.1  Right: tried on 2 tensors.\n"


def test_a_check_that_raises_an_error_gives_a_hint(monkeypatch):
    monkeypatch.setattr(stubs, "_fingerprint_stub", lambda number: {})

    def examine(answer):
        return answer.shape[7]

    examine.__module__ = "chapter_99.ex2_examine"
    broken = exercise(misconception="M", question="Q?", hints=HINTS)(examine)
    assert "could not read this answer" in get_refusal(broken, torch.ones(2))


def test_an_error_in_the_learners_code_is_shown_with_its_line(monkeypatch):
    monkeypatch.setattr(stubs, "_fingerprint_stub", lambda number: {})

    def examine(answer):
        return answer(0)

    examine.__module__ = "chapter_99.ex2_examine"
    check = exercise(misconception="M", question="Q?", hints=HINTS)(examine)
    source = "def invert(x):\n    return divide(x)\n\ndef divide(x):\n    return 1 / x\n"
    linecache.cache["cell"] = (len(source), None, source.splitlines(True), "cell")
    names = {"__name__": "__main__"}
    exec(compile(source, "cell", "exec"), names)
    message = get_refusal(check, names["invert"])
    assert "received  ZeroDivisionError: division by zero\n" in message
    assert "stopped with this error, in the line `return 1 / x`." in message.replace(
        "\n" + 12 * " ", " "
    )


def test_numbers_and_checks_are_unique():
    paths = list(Path(checks.__file__).parent.glob("chapter_*/ex*.py"))
    assert len(EXERCISES) == len(paths)
    assert len({this.check for this in EXERCISES.values()}) == len(paths)


# ---- untouched

STUB = '''
def pool(x, size=2):
    """Pool."""
    total = sum(x[:size])
    return total / 3  # wrong: fix it
class Net:
    """Two methods."""
    def __init__(self):
        self.parts = [1, 2]
    def forward(self, x):
        return [part * x for part in self.parts]
# Your code here.
'''


@pytest.fixture
def stub(monkeypatch):
    stubs._fingerprint_stub.cache_clear()
    monkeypatch.setattr(chapters, "read_stub", lambda number: STUB)
    yield
    stubs._fingerprint_stub.cache_clear()


def define(text):
    namespace = {"__name__": "__main__"}
    exec(text, namespace)
    return namespace


def test_the_stub_is_untouched_wherever_it_is_defined(stub):
    names = define("\n\n\n" + STUB)
    assert stubs.is_untouched(names["pool"], "98.1")
    assert stubs.is_untouched(names["Net"], "98.1")
    assert stubs.is_untouched(names["Net"](), "98.1")
    assert stubs.is_untouched(..., "98.1")
    assert stubs.is_untouched((1, ...), "98.1")
    assert stubs.is_untouched({"a": 1, "b": ...}, "98.1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total / 3", "total / 2"),
        ("x[:size]", "x[1:size]"),
        ("sum", "max"),
        ("    return total / 3", "    return total"),
    ],
)
def test_a_changed_function_is_touched(stub, old, new):
    names = define(STUB.replace(old, new))
    assert not stubs.is_untouched(names["pool"], "98.1")
    assert stubs.is_untouched(names["Net"], "98.1")


def test_a_changed_method_is_touched(stub):
    names = define(STUB.replace("part * x", "part + x"))
    assert not stubs.is_untouched(names["Net"], "98.1")
    assert not stubs.is_untouched(names["Net"](), "98.1")


@pytest.mark.parametrize("answer", [None, 3, "", [], len, torch.nn.ReLU(), torch.nn.ReLU])
def test_other_things_are_touched(stub, answer):
    assert not stubs.is_untouched(answer, "98.1")


def test_an_untouched_exercise_prints_so_and_fails_when_graded(twice, capsys, monkeypatch):
    twice(...)
    assert capsys.readouterr().out == "○ 99.1  Not tried: run the cell with your answer first.\n"
    checks.weight_of_a_layer((1, 2, 3, 3), ...)
    printed = capsys.readouterr().out
    assert printed == "○ 2.1  Not tried: part of the answer is still as it was.\n"
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(NotTriedYet, match=r"^○ 99\.1  Not tried\.$"):
        twice(...)


# ---- progress


def read_progress(workspace):
    return json.loads((workspace / progress_store.KEPT / "progress.json").read_text())


def test_progress_is_stored_in_the_workspace(twice, workspace):
    get_refusal(twice, torch.square)
    assert read_progress(workspace)["99.1"] == {
        "passed": False,
        "tried": True,
        "hints": 0,
        "asked": False,
    }
    twice(lambda x: 2 * x)
    assert read_progress(workspace)["99.1"]["passed"]
    get_refusal(twice, torch.square)
    assert read_progress(workspace)["99.1"]["passed"], "what was passed once stays passed"
    assert [path.name for path in (workspace / progress_store.KEPT).iterdir()] == ["progress.json"]


def test_without_a_workspace_progress_is_remembered(twice, workspace):
    (workspace / progress_store.KEPT).rmdir()
    twice(lambda x: 2 * x)
    assert progress_store.load_progress()["99.1"]["passed"]
    assert list(workspace.iterdir()) == []


def test_grading_stores_nothing(twice, workspace, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    twice(lambda x: 2 * x)
    assert list((workspace / progress_store.KEPT).iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"'])
def test_a_broken_file_is_replaced(twice, workspace, text):
    (workspace / progress_store.KEPT / "progress.json").write_text(text)
    twice(lambda x: 2 * x)
    assert read_progress(workspace)["99.1"]["passed"]


def test_three_hints_one_after_the_other(twice, capsys):
    for expected in (*HINTS, HINTS[-1]):
        checks.hint("99.1")
        assert expected in capsys.readouterr().out
    assert progress_store.load_progress()["99.1"]["hints"] == 3


def test_a_hint_can_be_read_again_without_taking_another(twice, capsys):
    checks.hint("99.1", 2)
    assert HINTS[1] in capsys.readouterr().out
    checks.hint("99.1", 1)
    assert HINTS[0] in capsys.readouterr().out
    assert progress_store.load_progress()["99.1"]["hints"] == 2
    checks.hint("99.1")
    assert HINTS[2] in capsys.readouterr().out
    for which in (0, 4, "1"):
        with pytest.raises(ValueError, match="There are 3 hints, 1 to 3"):
            checks.hint("99.1", which)


def test_the_second_call_shows_the_solution(twice, capsys, monkeypatch):
    monkeypatch.setattr(chapters, "read_solution", lambda number: "return 2 * x")
    checks.hint("99.1")
    capsys.readouterr()
    checks.solution("99.1")
    first = capsys.readouterr().out
    assert first == "2 hints are left for 99.1. Ask once more to see a solution.\n"
    checks.solution("99.1")
    assert "return 2 * x" in capsys.readouterr().out


def test_whoever_has_read_every_hint_sees_the_solution_at_once(twice, capsys, monkeypatch):
    monkeypatch.setattr(chapters, "read_solution", lambda number: "return 2 * x")
    checks.hint("99.1", 3)
    assert 'checks.solution("99.1") shows a solution' in capsys.readouterr().out
    checks.solution("99.1")
    assert capsys.readouterr().out == "A solution of 99.1:\n\nreturn 2 * x\n"


def test_a_solution_comes_without_the_placeholders_of_its_stub(capsys):
    for number, line in [("2.1", "weight_shape = "), ("9.1", "by_parameters = "), ("4.4", "def ")]:
        checks.hint(number, 3)
        capsys.readouterr()
        checks.solution(number)
        printed = capsys.readouterr().out
        assert printed.count(f"\n{line}") == 1
        assert "..." not in printed


def test_a_course_may_hide_its_solutions(twice, workspace, capsys):
    (workspace / progress_store.KEPT / "course.json").write_text('{"solutions": false}')
    for _ in range(3):
        checks.solution("99.1")
        assert "doesn't show solutions" in capsys.readouterr().out
    checks.hint("99.1", 3)
    assert "checks.solution" not in capsys.readouterr().out


def test_a_number_may_be_a_float(capsys):
    checks.hint(2.1)
    assert capsys.readouterr().out.startswith("Hint 1 of 3 for 2.1: ")


@pytest.mark.parametrize("number", ["2.99", "99", "x"])
def test_an_unknown_number_is_refused_with_its_neighbours(number):
    with pytest.raises(ValueError, match="no exercise") as error:
        checks.hint(number)
    assert ("2.1" in str(error.value)) == (number == "2.99")


def test_refuse_leaves_out_missing_fields():
    with pytest.raises(CheckFailed) as error:
        refuse("H", got="G")
    assert error.value.card.fields == {"received": "G", "hint": "H"}


@pytest.mark.parametrize("name", ["ex06_width.py", "ex10_width.py", "exercise_6.py"])
def test_a_module_with_another_name_is_named(name):
    with pytest.raises(ValueError, match=r"isn't named like chapter_05/ex2_name"):
        Exercise(Path("chapter_05") / name).number  # noqa: B018


def test_a_module_without_its_check_is_named(tmp_path):
    path = tmp_path / "chapter_05" / "ex6_width.py"
    path.parent.mkdir()
    path.write_text("def other(answer): pass")
    with pytest.raises(ValueError, match="must define the check width, with @exercise"):
        Exercise(path).hints  # noqa: B018

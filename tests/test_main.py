"""The command unet-tutorial: its verbs, the arguments they get, and how it fails."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from unet_tutorial import __main__ as command
from unet_tutorial.classroom.doctor import checks
from unet_tutorial.classroom.workspace import sync
from unet_tutorial.classroom.workspace.record import CommandError


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["labb"], 2), (["--help"], 0)])
def test_usage(arguments, status, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == status
    assert "usage: unet-tutorial" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("arguments", "module", "function", "expected"),
    [
        (["start"], sync, "start", (None, [])),
        (
            ["start", "mine", "--chapters", "02", "04"],
            sync,
            "start",
            (Path("mine"), ["02", "04"]),
        ),
        (["start", "--chapters", "02"], sync, "start", (None, ["02"])),
        (["update", "mine"], sync, "update", (Path("mine"),)),
        (["doctor"], checks, "run_doctor", (None,)),
    ],
)
def test_each_verb_calls_one_function(monkeypatch, arguments, module, function, expected):
    calls = []
    monkeypatch.setattr(module, function, lambda *given: calls.append(given) or 3)
    assert command.main(arguments) == 3
    assert calls == [expected]


@pytest.mark.parametrize("error", [CommandError("Not so."), OSError("Not so.")])
def test_an_error_is_printed_as_one_line(monkeypatch, capsys, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(sync, "update", fail)
    assert command.main(["update"]) == 1
    assert capsys.readouterr().err == "unet-tutorial: Not so.\n"


def test_every_verb_has_a_help_text():
    (verbs,) = command.build_parser()._subparsers._group_actions
    assert isinstance(verbs, argparse._SubParsersAction)
    learners = {"lab", "start", "update", "doctor"}
    instructors = {"course", "release", "collect", "grade", "words", "give-back"}
    assert set(verbs.choices) == learners | instructors | {"quiz", "quiz-answers"}
    assert len(verbs._choices_actions) == len(verbs.choices)
    assert all(each.help for each in verbs._choices_actions)
    assert all(parser.get_default("run") for parser in verbs.choices.values())


def test_it_runs_as_a_module(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "unet_tutorial", "start", "mine", "--chapters", "13"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        env=None,
    )
    assert done.returncode == 1
    assert "There is no chapter '13'. Choose from 00, 01," in done.stderr

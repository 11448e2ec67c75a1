"""unet-tutorial doctor: each check, on machines that lack something, and the teacher's line."""

import getpass
import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from unet_tutorial.classroom.doctor import checks, subprocess_checks
from unet_tutorial.classroom.doctor.checks import _Finding
from unet_tutorial.classroom.workspace import record

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@pytest.fixture
def packages(monkeypatch):
    """Fake installed packages, {name: version}, with fake requirements of the tutorial."""
    installed = {"torch": "2.13.0+cpu", "jupyterlab": "4.6.6", "pillow": "13.0.0"}
    required = ["torch<3,>=2.6", "jupyterlab<5,>=4.4", "pillow >=11,<14", 'a<1; extra == "test"']

    def version(name):
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(metadata, "requires", lambda name: required)
    monkeypatch.setattr(checks, "_run_in_subprocess", lambda *names: ([], {}))
    return installed


def run_doctor_with(monkeypatch, **findings):
    """Run the doctor with checks that return these findings."""
    fake_checks = {name: (lambda found=found: found) for name, found in findings.items()}
    monkeypatch.setattr(checks, "_list_checks", lambda folder: fake_checks)
    return checks.run_doctor()


# ---- the whole output


def test_all_is_well(monkeypatch, capsys):
    findings = {"a": _Finding(True, "fine", brief="A 1"), "b": _Finding(True, "well")}
    assert run_doctor_with(monkeypatch, **findings) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["ok      a: fine", "ok      b: well"]
    assert lines[-1] == f"unet-tutorial {record.installed_version()} | A 1 | OK"


def test_a_problem_is_printed_with_its_fix(monkeypatch, capsys):
    bad = _Finding(False, "gone", "Install it.", brief="B none")
    assert run_doctor_with(monkeypatch, a=_Finding(True, "fine"), b=bad, c=bad) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["PROBLEM b: gone", "        Install it."]
    assert lines[-1].endswith("| B none | B none | PROBLEMS: b, c")


def test_a_check_that_crashes_is_a_finding(monkeypatch, capsys):
    def crash():
        raise RuntimeError("no such thing")

    monkeypatch.setattr(checks, "_list_checks", lambda folder: {"a": crash})
    assert checks.run_doctor() == 1
    assert "PROBLEM a: could not be checked: RuntimeError: no such thing" in capsys.readouterr().out


def test_the_teachers_line_contains_no_name_and_no_path(monkeypatch, packages, capsys, tmp_path):
    found = {"modules": ([], {}), "kernel": ([str(tmp_path)], {})}
    found["network"] = ([], {"dice": 0.95, "gpu": "none"})
    monkeypatch.setattr(checks, "_run_in_subprocess", lambda name, *rest: found[name])
    assert checks.run_doctor(tmp_path) == 1
    line = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(
        r"unet-tutorial \S+ \| Python 3\S+ \| \w+ \w+ \| torch 2.13.0\+cpu \| jupyterlab 4.6.6 \| "
        r"memory [\d.]+ GB free \| Dice 0.95 \| GPU none \| PROBLEMS: .*kernel",
        line,
    )
    assert not re.search(rf"[/\\]|\b{re.escape(getpass.getuser())}\b", line)


# ---- the checks one by one


def test_python(monkeypatch):
    assert checks._check_python().ok
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    assert not checks._check_python().ok


def test_the_minimum_python_is_that_of_pyproject():
    assert 'requires-python = ">=3.11"' in PROJECT.read_text(encoding="utf-8")


def test_packages_that_fit(packages):
    found = checks._check_packages()
    assert found == _Finding(
        True, "all 3 are installed", checks._REINSTALL, "torch 2.13.0+cpu | jupyterlab 4.6.6"
    )


def test_a_missing_package(packages):
    del packages["torch"]
    found = checks._check_packages()
    assert (found.ok, found.message) == (False, "torch is missing")
    assert found.brief == "torch missing | jupyterlab 4.6.6"


def test_a_package_out_of_range(packages):
    packages["jupyterlab"] = "3.6.7"
    assert checks._check_packages().message == "jupyterlab is 3.6.7; <5,>=4.4 is required"


def test_a_package_that_cannot_be_imported(packages, monkeypatch):
    calls = []

    def run(*arguments):
        calls.append(arguments)
        return ["PIL: no"], {}

    monkeypatch.setattr(checks, "_run_in_subprocess", run)
    assert not checks._check_packages().ok
    assert calls == [("modules", "torch", "jupyterlab", "PIL")]


def test_the_tutorial_that_is_not_installed(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    assert checks._check_packages().message == "the tutorial itself is not installed"


@pytest.mark.parametrize(
    ("version", "required", "fits"),
    [
        ("2.6", ">=2.6,<3", True),
        ("2.13.0+cpu", "<3,>=2.6", True),
        ("2.5.9", ">=2.6,<3", False),
        ("3.0.0", ">=2.6,<3", False),
        ("2026.3.6", ">=2025.3.30", True),
        ("2025.1.10", ">=2025.3.30", False),
        ("1.0rc1", "", True),
    ],
)
def test_ranges(version, required, fits):
    assert checks._is_in_range(version, required) is fits


def test_memory(monkeypatch):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2.04e9))
    assert checks._check_memory() == _Finding(
        True, "2.0 GB free", "Close other programs: 1.0 GB should be free.", "memory 2.0 GB free"
    )
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=9e8))
    assert not checks._check_memory().ok
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert checks._check_memory() == _Finding(True, "unknown, because psutil is missing")


def test_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda p: SimpleNamespace(free=4e8, p=p))
    found = checks._check_disk(tmp_path / "not" / "yet")
    assert (found.ok, found.message) == (False, "0.4 GB free")


def test_chapters(monkeypatch, tmp_path):
    assert checks._check_chapters().ok
    (tmp_path / "notebooks").mkdir()
    cell = {"cell_type": "markdown", "source": "![a](../figures/a.svg)"}
    (tmp_path / "notebooks" / "02_a.ipynb").write_text(json.dumps({"cells": [cell]}))
    monkeypatch.setattr(checks, "find_notebooks", lambda: tmp_path / "notebooks")
    found = checks._check_chapters()
    assert (found.ok, found.message) == (False, "1, with 0 of 1 pictures")


def test_a_workspace_that_can_be_written_to(monkeypatch, tmp_path):
    assert checks._check_workspace(tmp_path).message == str(tmp_path)
    assert checks._check_workspace(tmp_path / "w").message.endswith("w (not created yet)")
    assert not list(tmp_path.iterdir())

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checks.tempfile, "TemporaryFile", refuse)
    found = checks._check_workspace(tmp_path)
    assert not found.ok
    assert found.message.endswith("cannot be written to: Permission denied")


def test_widgets(monkeypatch, tmp_path):
    import jupyter_core.paths

    assert checks._check_widgets().ok
    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *_: [str(tmp_path)])
    assert not checks._check_widgets().ok


@pytest.mark.parametrize(
    ("problems", "result", "ok", "text"),
    [
        ([], {"python": "3.12.1", "same": True}, True, "runs Python 3.12.1"),
        ([], {"python": "3.9.1", "same": False}, True, "not the Python running this check"),
        (["it answers, but no"], {}, False, "it answers, but no"),
        ([], {}, False, "no answer"),
    ],
)
def test_kernel(monkeypatch, problems, result, ok, text):
    monkeypatch.setattr(checks, "_run_in_subprocess", lambda name: (problems, result))
    found = checks._check_jupyter_kernel()
    assert found.ok is ok
    assert text in found.message


def test_network(monkeypatch):
    result = (["Dice 0.5"], {"dice": 0.5, "gpu": "none"})
    monkeypatch.setattr(checks, "_run_in_subprocess", lambda name: result)
    assert not checks._check_network().ok


# ---- the checks in subprocesses


def test_the_network_and_the_kernel_of_this_machine():
    found = checks._check_network()
    assert found.ok, found.message
    dice = float(re.search(r"Dice ([\d.]+) on", found.message)[1])
    assert dice > 0.93
    assert checks._check_jupyter_kernel().ok


def test_modules_that_can_and_cannot_be_imported():
    assert checks._run_in_subprocess("modules", "json", "no_such_module", "tomllib") == (
        ["no_such_module: ModuleNotFoundError: No module named 'no_such_module'"],
        {},
    )


def test_a_subprocess_that_crashes_or_hangs(monkeypatch):
    done = SimpleNamespace(returncode=-11, stdout='{"step": "torch"}\nnoise\n')
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert checks._run_in_subprocess("modules", "torch") == (
        ["torch crashes (exit status -11)"],
        {},
    )

    def hang(*_, **__):
        raise subprocess.TimeoutExpired("check", checks._TIMEOUT)

    monkeypatch.setattr(subprocess, "run", hang)
    assert checks._run_in_subprocess("network") == (["still running after 120 s"], {})


def test_an_error_in_a_subprocess_is_printed_as_a_problem(monkeypatch, capsys):
    monkeypatch.setattr(subprocess_checks, "_score_network", lambda: 1 / 0)
    subprocess_checks.main(["network"])
    line = {"problem": "ZeroDivisionError: division by zero"}
    assert json.loads(capsys.readouterr().out) == line


@pytest.mark.parametrize(
    ("score", "is_problem"), [(0.95, False), (0.9, True), (float("nan"), True)]
)
def test_the_networks_dice_has_to_be_good(monkeypatch, capsys, score, is_problem):
    import unet_tutorial

    monkeypatch.setattr(unet_tutorial, "predict", lambda model, image: image[None])
    monkeypatch.setattr(unet_tutorial, "dice", lambda found, mask: score)
    subprocess_checks._score_network()
    assert ("problem" in capsys.readouterr().out) is is_problem


def test_a_kernel_that_lacks_the_package(capsys):
    error = {"status": "error", "ename": "ModuleNotFoundError", "evalue": "No module named 'x'"}
    client = SimpleNamespace(execute_interactive=lambda *_, **__: {"content": error})
    subprocess_checks._ask_kernel(client)
    assert json.loads(capsys.readouterr().out) == {
        "problem": "it answers, but with ModuleNotFoundError: No module named 'x'"
    }

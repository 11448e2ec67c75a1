"""unet-tutorial doctor: each check, on machines that lack something, and the line to paste."""

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
from unet_tutorial.classroom.doctor.checks import Finding
from unet_tutorial.classroom.workspace import record

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@pytest.fixture
def packages(monkeypatch):
    """Packages that are installed, by name: version; and what the tutorial asks for."""
    installed = {"torch": "2.13.0+cpu", "jupyterlab": "4.6.6", "pillow": "13.0.0"}
    wanted = ["torch<3,>=2.6", "jupyterlab<5,>=4.4", "pillow >=11,<14", 'nbval<1; extra == "test"']

    def version(name):
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(metadata, "requires", lambda name: wanted)
    monkeypatch.setattr(checks, "probe", lambda *names: ([], {}))
    return installed


def run_with(monkeypatch, **findings):
    """Run the doctor with these findings only."""
    made = {name: (lambda found=found: found) for name, found in findings.items()}
    monkeypatch.setattr(checks, "checks", lambda folder: made)
    return checks.doctor()


# ---- the whole


def test_all_is_well(monkeypatch, capsys):
    assert run_with(monkeypatch, a=Finding(True, "fine", brief="A 1"), b=Finding(True, "well")) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == ["ok    a: fine", "ok    b: well"]
    assert told[-1] == f"unet-tutorial {record.version()} | A 1 | OK"


def test_what_is_amiss_is_named_with_its_mending(monkeypatch, capsys):
    bad = Finding(False, "gone", "Install it.", brief="B none")
    assert run_with(monkeypatch, a=Finding(True, "fine"), b=bad, c=bad) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[1:3] == ["AMISS b: gone", "      Install it."]
    assert told[-1].endswith("| B none | B none | AMISS: b, c")


def test_a_check_that_crashes_is_a_finding(monkeypatch, capsys):
    def crash():
        raise RuntimeError("no such thing")

    monkeypatch.setattr(checks, "checks", lambda folder: {"a": crash})
    assert checks.doctor() == 1
    assert "AMISS a: could not be checked: RuntimeError: no such thing" in capsys.readouterr().out


def test_the_line_to_paste_holds_no_name_and_no_path(monkeypatch, packages, capsys, tmp_path):
    found = {"modules": ([], {}), "kernel": ([str(tmp_path)], {})}
    found["network"] = ([], {"dice": 0.95, "gpu": "none"})
    monkeypatch.setattr(checks, "probe", lambda name, *rest: found[name])
    assert checks.doctor(tmp_path) == 1
    line = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(
        r"unet-tutorial \S+ \| Python 3\S+ \| \w+ \w+ \| torch 2.13.0\+cpu \| jupyterlab 4.6.6 \| "
        r"memory [\d.]+ GB free \| Dice 0.95 \| GPU none \| AMISS: .*kernel",
        line,
    )
    assert not re.search(rf"[/\\]|\b{re.escape(getpass.getuser())}\b", line)


# ---- one by one


def test_python(monkeypatch):
    assert checks.python().fine
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    assert not checks.python().fine


def test_pythons_least_version_is_pyprojects():
    assert 'requires-python = ">=3.11"' in PROJECT.read_text(encoding="utf-8")


def test_packages_that_fit(packages):
    found = checks.packages()
    assert found == Finding(
        True, "all 3 are there", checks.INSTALL, "torch 2.13.0+cpu | jupyterlab 4.6.6"
    )


def test_a_missing_package(packages):
    del packages["torch"]
    found = checks.packages()
    assert (found.fine, found.said) == (False, "torch is missing")
    assert found.brief == "torch missing | jupyterlab 4.6.6"


def test_a_package_out_of_range(packages):
    packages["jupyterlab"] = "3.6.7"
    assert checks.packages().said == "jupyterlab is 3.6.7, not <5,>=4.4"


def test_a_package_that_cannot_be_imported(packages, monkeypatch):
    asked = []
    monkeypatch.setattr(checks, "probe", lambda *n: asked.append(n) or (["PIL: no"], {}))
    assert not checks.packages().fine
    assert asked == [("modules", "torch", "jupyterlab", "PIL")]


def test_the_tutorial_that_is_not_installed(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    assert checks.packages().said == "the tutorial itself is not installed"


@pytest.mark.parametrize(
    ("version", "wanted", "fine"),
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
def test_ranges(version, wanted, fine):
    assert checks.fits(version, wanted) is fine


def test_memory(monkeypatch):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2.04e9))
    assert checks.memory() == Finding(
        True, "2.0 GB free", "Close other programs: 1.5 GB should be free.", "memory 2.0 GB free"
    )
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1e9))
    assert not checks.memory().fine
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert checks.memory() == Finding(True, "not known without psutil")


def test_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda p: SimpleNamespace(free=4e8, p=p))
    found = checks.disk(tmp_path / "not" / "yet")
    assert (found.fine, found.said) == (False, "0.4 GB free")


def test_chapters(monkeypatch, tmp_path):
    assert checks.chapters().fine
    (tmp_path / "notebooks").mkdir()
    cell = {"cell_type": "markdown", "source": "![a](../figures/a.svg)"}
    (tmp_path / "notebooks" / "02_a.ipynb").write_text(json.dumps({"cells": [cell]}))
    monkeypatch.setattr(checks, "find_notebooks", lambda: tmp_path / "notebooks")
    found = checks.chapters()
    assert (found.fine, found.said) == (False, "1, with 0 of 1 pictures")


def test_a_workspace_that_can_be_written_to(monkeypatch, tmp_path):
    assert checks.workspace(tmp_path).said == str(tmp_path)
    assert checks.workspace(tmp_path / "w").said.endswith("w, not made yet")
    assert not list(tmp_path.iterdir())

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checks.tempfile, "TemporaryFile", refuse)
    found = checks.workspace(tmp_path)
    assert not found.fine
    assert found.said.endswith("cannot be written to: Permission denied")


def test_widgets(monkeypatch, tmp_path):
    import jupyter_core.paths

    assert checks.widgets().fine
    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *_: [str(tmp_path)])
    assert not checks.widgets().fine


@pytest.mark.parametrize(
    ("fails", "said", "fine", "text"),
    [
        ([], {"python": "3.12.1", "same": True}, True, "answers with Python 3.12.1"),
        ([], {"python": "3.9.1", "same": False}, True, "another Python than this one"),
        (["it answers, but no"], {}, False, "it answers, but no"),
        ([], {}, False, "no answer"),
    ],
)
def test_kernel(monkeypatch, fails, said, fine, text):
    monkeypatch.setattr(checks, "probe", lambda name: (fails, said))
    found = checks.kernel()
    assert found.fine is fine
    assert text in found.said


def test_network(monkeypatch):
    monkeypatch.setattr(checks, "probe", lambda name: (["Dice 0.5"], {"dice": 0.5, "gpu": "none"}))
    assert not checks.network().fine


# ---- the probes, in processes of their own


def test_the_network_and_the_kernel_of_this_machine():
    found = checks.network()
    assert found.fine, found.said
    dice = float(re.search(r"Dice ([\d.]+) on", found.said)[1])
    assert dice > 0.93
    assert checks.kernel().fine


def test_modules_that_can_and_cannot_be_imported():
    assert checks.probe("modules", "json", "no_such_module", "tomllib") == (
        ["no_such_module: ModuleNotFoundError: No module named 'no_such_module'"],
        {},
    )


def test_a_probe_that_crashes_or_hangs(monkeypatch):
    done = SimpleNamespace(returncode=-11, stdout='{"begins": "torch"}\nnoise\n')
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert checks.probe("modules", "torch") == (["torch crashes (exit status -11)"], {})

    def hang(*_, **__):
        raise subprocess.TimeoutExpired("probe", checks.SECONDS)

    monkeypatch.setattr(subprocess, "run", hang)
    assert checks.probe("network") == (["no end within 120 s"], {})


def test_an_error_in_a_probe_is_a_line(monkeypatch, capsys):
    monkeypatch.setattr(subprocess_checks, "network", lambda: 1 / 0)
    subprocess_checks.main(["network"])
    line = {"fails": "ZeroDivisionError: division by zero"}
    assert json.loads(capsys.readouterr().out) == line


@pytest.mark.parametrize(("score", "fails"), [(0.95, False), (0.9, True), (float("nan"), True)])
def test_the_networks_dice_has_to_be_good(monkeypatch, capsys, score, fails):
    import unet_tutorial

    monkeypatch.setattr(unet_tutorial, "predict", lambda model, image: image[None])
    monkeypatch.setattr(unet_tutorial, "dice", lambda found, mask: score)
    subprocess_checks.network()
    assert ("fails" in capsys.readouterr().out) is fails


def test_a_kernel_that_lacks_the_package(capsys):
    error = {"status": "error", "ename": "ModuleNotFoundError", "evalue": "No module named 'x'"}
    client = SimpleNamespace(execute_interactive=lambda *_, **__: {"content": error})
    subprocess_checks.answer(client)
    assert json.loads(capsys.readouterr().out) == {
        "fails": "it answers, but ModuleNotFoundError: No module named 'x'"
    }

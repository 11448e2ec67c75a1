"""Hostile work in bubblewrap: it can't see, change or outlive anything outside its own folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook
from small_course import NUMBERS, attempt, make_course, submit

from unet_tutorial.classroom.grading.batch import grade
from unet_tutorial.classroom.grading.sandbox import bubblewrap
from unet_tutorial.classroom.grading.sandbox.bubblewrap import (
    CannotIsolate,
    build_isolated_command,
    require_bubblewrap,
)
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE
from unet_tutorial.classroom.nbgrader_config import load_config, open_course

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning",
    "ignore:.*utcnow:DeprecationWarning",
    "ignore:.*event loop:DeprecationWarning",
)


def explain_missing() -> str:
    """Say why nothing can be isolated here; "" if it can."""
    try:
        require_bubblewrap(Path("/nowhere"))
    except CannotIsolate as error:
        return str(error)
    return ""


isolated = pytest.mark.skipif(bool(explain_missing()), reason=explain_missing())
SPY = """
import os, pathlib, subprocess, sys, urllib.request
found = []
SKIPPED = ("usr", "proc", "sys", "dev", "site-packages", "lib")
for folder, inner, names in os.walk("/"):
    inner[:] = [each for each in inner if each not in SKIPPED]
    found += [each for each in (*inner, *names) if each in ("gradebook.db", "{other}")]
def is_writable(place):
    try:
        pathlib.Path(place, "mark").write_text("mark")
    except OSError:
        return False
    return True
for place in {places}:
    if is_writable(place):
        found.append("writable " + str(place))
for each in filter(str.isdigit, os.listdir("/proc")):
    command = pathlib.Path("/proc", each, "cmdline").read_text()
    if not any(name in command for name in ("unet_tutorial", "ipykernel", "bwrap")):
        found.append(command)
try:
    urllib.request.urlopen("http://1.1.1.1", timeout=1)
    found.append("network")
except OSError:
    pass
"""
WRITE_99 = """
import pathlib, sqlite3
for each in pathlib.Path({root!r}).rglob("gradebook.db"):
    base = sqlite3.connect(each)
    base.execute("update grade set auto_score = 99, manual_score = 99")
    base.commit()
"""
LINGER = """
import subprocess, sys
code = "import time; time.sleep(600) # {token}"
subprocess.Popen([sys.executable, "-c", code], start_new_session=True, env={{}})
"""
TOKEN = "lingers-4711"


def build_hostile(root: Path) -> dict[str, dict]:
    """Build submissions whose first answer is right only if it found something."""
    places = [str(root), str(PACKAGE), sys.prefix, "/usr", "/etc", "/"]
    spy = SPY.format(other="honest", places=places)
    return {
        "honest": attempt(),
        "spy": attempt(solution_2_1=f"{spy}\nanswer = found or 42"),
        "writer": attempt(solution_2_1=WRITE_99.format(root=str(root)) + "\nanswer = 42"),
        "lingerer": attempt(solution_2_1=LINGER.format(token=TOKEN) + "\nanswer = 42"),
    }


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    root = make_course(tmp_path_factory.mktemp("course"))
    assert open_course(load_config(root)).generate_assignment(NUMBERS)["success"]
    for student, made in build_hostile(root).items():
        submit(root, student, made)
    return root


@pytest.fixture(scope="module")
def outcomes(course) -> dict:
    found = grade(course, workers=2, isolate=True)
    return {each.student: each for each in found}


@isolated
def test_a_submission_sees_nothing_outside_its_folder_and_changes_nothing(outcomes):
    assert {name: each.points for name, each in outcomes.items()} == dict.fromkeys(outcomes, 6)
    assert [each.problem for each in outcomes.values()] == [""] * 4


@isolated
def test_the_gradebook_has_only_what_the_grader_wrote(course, outcomes):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        points = [grade for each in outcomes for grade in _list_grades(gradebook, each)]
    assert set(points) == {(1, None), (2, None), (3, None)}


def _list_grades(gradebook: Gradebook, student: str) -> list[tuple]:
    books = gradebook.find_submission(NUMBERS, student).notebooks
    return [(grade.auto_score, grade.manual_score) for book in books for grade in book.grades]


@isolated
def test_no_process_outlives_its_submission(outcomes):
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not [each for each in commands if any(TOKEN in part for part in each)]


def test_the_command_shows_python_and_the_package_only(tmp_path):
    command = build_isolated_command(
        ["python", "-m", "x"], tmp_path, {"PWD": "/course", "LANG": "C"}
    )
    writable = [command[i + 1] for i, each in enumerate(command) if each == "--bind"]
    assert writable == [str(tmp_path)]
    for namespace in ("user", "pid", "net"):
        assert f"--unshare-{namespace}" in command
    assert {"--die-with-parent", "--new-session", "--clearenv"} <= set(command)
    assert "/course" not in command
    shown = [command[i + 1] for i, each in enumerate(command) if each.startswith("--ro-bind")]
    assert str(PACKAGE) in shown
    assert str(PACKAGE.parent) not in shown
    assert not {"/", "/home", "/root", "/etc", "/tmp", str(Path.home())} & set(shown)
    assert command[-3:] == ["python", "-m", "x"]


def test_without_bubblewrap_it_says_how_to_install_it(course, monkeypatch):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    with pytest.raises(CannotIsolate, match="sudo apt install bubblewrap"):
        grade(course, isolate=True)


def test_a_course_where_submissions_can_see_it_is_refused(monkeypatch):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: "/usr/bin/bwrap")
    for place in (PACKAGE / "course", Path("/usr/share/course")):
        with pytest.raises(CannotIsolate, match="Move the course elsewhere"):
            require_bubblewrap(place)


def test_a_system_that_forbids_namespaces_is_named(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, stderr="bwrap: No permissions")
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: "/usr/bin/bwrap")
    monkeypatch.setattr(bubblewrap.subprocess, "run", lambda *_, **options: failed)
    with pytest.raises(CannotIsolate, match="doesn't work here: bwrap: No permissions"):
        require_bubblewrap(Path("/nowhere"))

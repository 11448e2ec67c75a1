"""The command unet-tutorial: a real JupyterLab, what it is started with, and how it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from unet_tutorial import __main__ as command

POSIX = os.name == "posix"
PATIENCE = 60  # seconds until a start has failed
# Where SIGINT is ignored, as in a shell's background, what is started there inherits that.
HEAR_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
AS_COMMAND = "import runpy; runpy.run_module('unet_tutorial', run_name='__main__', alter_sys=True)"


@pytest.fixture
def course(tmp_path):
    """A folder with two chapters, as a clone has them."""
    (tmp_path / "notebooks").mkdir()
    for name in (command.FIRST_CHAPTER, "01_second.ipynb"):
        text = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        (tmp_path / "notebooks" / name).write_text(text)
    return tmp_path


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def without_settings(folder):
    """An environment in which JupyterLab finds neither settings nor a display."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY")
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{name}": str(folder / ".jupyter" / name) for name in names}
    own |= {f"JUPYTERLAB_{n}_DIR": str(folder / ".jupyter" / n) for n in ("SETTINGS", "WORKSPACES")}
    return {k: v for k, v in os.environ.items() if k not in hidden} | own


@contextmanager
def keyboard():
    """A terminal to read from, without which JupyterLab does not mind Ctrl-C."""
    if not POSIX:
        yield subprocess.DEVNULL
        return
    ends = os.openpty()
    try:
        yield ends[1]
    finally:
        for end in ends:
            os.close(end)


@contextmanager
def started(course, *arguments):
    """The command as a process group of its own, and the file that it writes to."""
    log = course / "log.txt"
    with log.open("wb") as out, keyboard() as stdin:
        process = subprocess.Popen(
            [sys.executable, "-c", HEAR_CTRL_C + AS_COMMAND, "lab", *arguments],
            cwd=course,
            env=without_settings(course),
            stdin=stdin,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=POSIX,
        )
        family = psutil.Process(process.pid)
        try:
            yield process, log
        finally:
            for one in [*family.children(recursive=True), family] if family.is_running() else []:
                one.kill()
            process.wait()


def printed(process, log, pattern):
    """What the pattern finds in the output, which may take its time to say it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(pattern, log.read_text(encoding="utf-8", errors="replace")):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{pattern} was not printed:\n{log.read_text(errors='replace')}")


def fetch(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as reply:
        return reply.status, reply.read()


def test_lab_shows_the_notebooks_and_ends_at_ctrl_c(course):
    port = free_port()
    with started(course, "--no-browser", "--", f"--port={port}") as (process, log):
        address = rf"(http://127\.0\.0\.1:{port})/lab/tree/notebooks/{command.FIRST_CHAPTER}"
        found = printed(process, log, address + r"\?token=(\w+)")
        assert fetch(found[0])[0] == 200
        reply = fetch(f"{found[1]}/api/contents/notebooks?token={found[2]}")[1]
        listed = {entry["name"] for entry in json.loads(reply)["content"]}
        assert listed == {command.FIRST_CHAPTER, "01_second.ipynb"}
        if POSIX:
            children = psutil.Process(process.pid).children()
            os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C does in a terminal
            assert process.wait(PATIENCE) == 0
            assert not any(child.is_running() for child in children)
            told = log.read_text(encoding="utf-8")
            assert "Traceback" not in told
            assert "[n]" not in told  # no question whether it was meant


DEAF = "signal.signal(signal.SIGINT, signal.SIG_IGN); "
STUBBORN = DEAF + "signal.signal(signal.SIGTERM, signal.SIG_IGN); "


@pytest.mark.skipif(not POSIX, reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("child", "sent", "ended_by"),
    [
        ("", signal.SIGTERM, signal.SIGTERM),
        (DEAF, signal.SIGINT, signal.SIGTERM),
        (STUBBORN, signal.SIGINT, signal.SIGKILL),
        (STUBBORN, signal.SIGTERM, signal.SIGKILL),
    ],
)
def test_what_ends_the_command_ends_the_server(child, sent, ended_by):
    child = f"import signal, time; {child}time.sleep(0.5); print('up', flush=True); time.sleep(99)"
    server = [sys.executable, "-c", child]
    lines = HEAR_CTRL_C + (
        "import sys; from importlib.util import *; from pathlib import Path; "
        f"spec = spec_from_file_location('command', {command.__file__!r}); "  # without torch
        "command = module_from_spec(spec); spec.loader.exec_module(command); "
        f"command.SECONDS_TO_END = 0.5; sys.exit(command.run({server!r}, Path()))"
    )
    with subprocess.Popen([sys.executable, "-c", lines], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline().strip() == b"up"
        (running,) = psutil.Process(process.pid).children()
        process.send_signal(sent)
        assert process.wait(PATIENCE) == 128 + ended_by
        assert not running.is_running()


@pytest.mark.parametrize("status", [0, 3])
def test_the_exit_status_is_the_servers(tmp_path, status):
    before = signal.getsignal(signal.SIGTERM)
    try:
        child = [sys.executable, "-c", f"raise SystemExit({status})"]
        assert command.run(child, tmp_path) == status
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_message_where_there_are_no_notebooks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "__file__", str(tmp_path / "site-packages/unet_tutorial/x.py"))
    monkeypatch.setattr(command, "run", lambda *_: pytest.fail("started without notebooks"))
    assert command.main(["lab"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert f"no notebooks/{command.FIRST_CHAPTER}" in told.err


def test_the_message_without_jupyterlab(course, monkeypatch, capsys):
    monkeypatch.chdir(course)
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(command, "run", lambda *_: pytest.fail("started without JupyterLab"))
    assert command.main(["lab"]) == 1
    assert "JupyterLab is not installed" in capsys.readouterr().err


def test_notebooks_are_found_here_and_beside_the_package(course, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(command, "__file__", str(course / "unet_tutorial" / "__main__.py"))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert command.find_notebooks() == course / "notebooks"
    monkeypatch.setattr(command, "__file__", "/nowhere/unet_tutorial/__main__.py")
    assert command.find_notebooks() is None
    monkeypatch.chdir(course)
    assert command.find_notebooks() == course / "notebooks"


@pytest.mark.parametrize(("user", "flags"), [(0, ["--allow-root"]), (1000, []), (None, [])])
def test_root_alone_is_allowed_root(tmp_path, monkeypatch, user, flags):
    if user is None:  # Windows
        monkeypatch.delattr(os, "geteuid", raising=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    made = command.lab_command(tmp_path / "notebooks", port=None, browser=True)
    assert [part for part in made if "root" in part and "root_dir" not in part] == flags
    assert f"--ServerApp.root_dir={tmp_path}" in made  # so that ../figures is served too


@pytest.mark.parametrize(
    ("arguments", "browser_here", "wanted"),
    [
        ([], True, []),
        ([], False, ["--no-browser"]),
        (["--no-browser"], True, ["--no-browser"]),
        (["--port", "9999"], True, ["--ServerApp.port=9999"]),
        (["--", "--ip=0.0.0.0", "--"], True, ["--ip=0.0.0.0", "--"]),
    ],
)
def test_what_jupyterlab_is_started_with(course, monkeypatch, arguments, browser_here, wanted):
    monkeypatch.chdir(course)
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(command, "has_browser", lambda: browser_here)
    calls = []
    monkeypatch.setattr(command, "run", lambda made, folder: calls.append((made, folder)) or 7)
    assert command.main(["lab", *arguments]) == 7
    always = command.lab_command(course / "notebooks", port=None, browser=True)
    assert calls == [([*always, *wanted], course)]


@pytest.mark.parametrize(
    ("platform", "variables", "registered", "expected"),
    [
        ("linux", {}, True, False),
        ("linux", {"DISPLAY": ":0"}, True, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True, True),
        ("linux", {"DISPLAY": ":0"}, False, False),
        ("darwin", {}, True, True),
        ("win32", {}, False, False),
    ],
)
def test_whether_there_is_a_browser(monkeypatch, platform, variables, registered, expected):
    def get():
        if not registered:
            raise webbrowser.Error("could not locate runnable browser")

    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(webbrowser, "get", get)
    assert command.has_browser() is expected


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["labb"], 2), (["--help"], 0)])
def test_usage(arguments, status, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == status
    assert "usage: unet-tutorial" in "".join(capsys.readouterr())


def test_the_command_itself_needs_the_standard_library_alone():
    source = Path(command.__file__).read_text(encoding="utf-8")
    names = re.findall(r"(?m)^(?:import|from) (\w+)", source)
    assert names != []
    assert set(names) <= sys.stdlib_module_names

"""unet-tutorial lab: a real JupyterLab, the command that starts it, and how it ends."""

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
from small_chapters import write_sources

from unet_tutorial import __main__ as command
from unet_tutorial.classroom.workspace import lab, sync
from unet_tutorial.classroom.workspace.record import CommandError

POSIX = os.name == "posix"
TIMEOUT = 60  # seconds until a start counts as failed
# A process started in a shell's background ignores SIGINT, and so do its child processes.
HEAR_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
AS_COMMAND = "import runpy; runpy.run_module('unet_tutorial', run_name='__main__', alter_sys=True)"


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A workspace with two chapters, as the current folder."""
    sync.start(tmp_path / "mine", ["00", "02"])
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine"


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment_without_settings(folder):
    """An environment without a display, in which JupyterLab finds no settings of the user."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY")
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{name}": str(folder / ".jupyter" / name) for name in names}
    own |= {f"JUPYTERLAB_{n}_DIR": str(folder / ".jupyter" / n) for n in ("SETTINGS", "WORKSPACES")}
    return {k: v for k, v in os.environ.items() if k not in hidden} | own


@contextmanager
def open_terminal():
    """A terminal as standard input: without one, JupyterLab doesn't react to Ctrl-C."""
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
def start_lab(folder, *arguments):
    """Run `unet-tutorial lab` in a new process group; yield the process and its log file."""
    log = folder.parent / "log.txt"
    with log.open("wb") as out, open_terminal() as stdin:
        process = subprocess.Popen(
            [sys.executable, "-c", HEAR_CTRL_C + AS_COMMAND, "lab", *arguments],
            cwd=folder,
            env=environment_without_settings(folder.parent),
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


def wait_for_output(process, log, pattern):
    """Wait until the pattern is in the output; return the match."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(pattern, log.read_text(encoding="utf-8", errors="replace")):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{pattern} was not printed:\n{log.read_text(errors='replace')}")


def fetch(url):
    with urllib.request.urlopen(url, timeout=TIMEOUT) as reply:
        return reply.status, reply.read()


def check_looks(address, page, token):
    """The stylesheet is served and on paper too, and names in the side bar have room."""
    assert '<link rel="stylesheet" href="/custom/custom.css">' in page
    style = lab.STYLESHEET.read_bytes()
    assert fetch(f"{address}/custom/custom.css")[1] == style
    assert style in fetch(f"{address}/nbconvert/html/00_start_here.ipynb{token}")[1]
    assert b"reveal.js" in fetch(f"{address}/nbconvert/slides/00_start_here.ipynb{token}")[1]
    browser = f"{address}/lab/api/settings/@jupyterlab/filebrowser-extension:browser{token}"
    settings = json.loads(fetch(browser)[1])["schema"]["properties"]
    assert settings["showLastModifiedColumn"]["default"] is False


def test_lab_shows_the_workspace_and_ends_at_ctrl_c(mine):
    port = find_free_port()
    with start_lab(mine, "--no-browser", "--", f"--port={port}") as (process, log):
        address = rf"(http://127\.0\.0\.1:{port})/lab/tree/00_start_here.ipynb"
        found = wait_for_output(process, log, address + r"\?token=(\w+)")
        status, page = fetch(found[0])
        assert status == 200
        config = json.loads(re.search(rb'(?s)<script id="jupyter-config-data".*?>(.*?)</', page)[1])
        assert "@jupyter/nbgrader" in config["disabledExtensions"]  # tools for grading are hidden
        reply = fetch(f"{found[1]}/api/contents?token={found[2]}")[1]
        listed = {entry["name"] for entry in json.loads(reply)["content"]}
        assert listed == {"00_start_here.ipynb", "02_convolution.ipynb", "figures"}
        check_looks(found[1], page.decode(), f"?token={found[2]}")
        if POSIX:
            children = psutil.Process(process.pid).children()
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal
            assert process.wait(TIMEOUT) == 0
            assert not any(child.is_running() for child in children)
            output = log.read_text(encoding="utf-8")
            assert "Traceback" not in output
            assert "[n]" not in output  # JupyterLab didn't ask for confirmation
            assert "nbgrader" not in output.lower()


IGNORE_CTRL_C = "signal.signal(signal.SIGINT, signal.SIG_IGN); "
IGNORE_BOTH = IGNORE_CTRL_C + "signal.signal(signal.SIGTERM, signal.SIG_IGN); "


@pytest.mark.skipif(not POSIX, reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("child", "sent", "ended_by"),
    [
        ("", signal.SIGTERM, signal.SIGTERM),
        (IGNORE_CTRL_C, signal.SIGINT, signal.SIGTERM),
        (IGNORE_BOTH, signal.SIGINT, signal.SIGKILL),
        (IGNORE_BOTH, signal.SIGTERM, signal.SIGKILL),
    ],
)
def test_stopping_the_command_stops_the_server(child, sent, ended_by):
    child = f"import signal, time; {child}time.sleep(0.5); print('up', flush=True); time.sleep(99)"
    server = [sys.executable, "-c", child]
    lines = HEAR_CTRL_C + (
        "import sys; from pathlib import Path; from unet_tutorial.classroom.workspace import lab; "
        f"lab._STOP_TIMEOUT = 0.5; sys.exit(lab._run_until_stopped({server!r}, Path()))"
    )
    with subprocess.Popen([sys.executable, "-c", lines], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline().strip() == b"up"
        (running,) = psutil.Process(process.pid).children()
        process.send_signal(sent)
        assert process.wait(TIMEOUT) == 128 + ended_by
        assert not running.is_running()


@pytest.mark.parametrize("status", [0, 3])
def test_the_exit_status_is_the_servers(tmp_path, status):
    before = signal.getsignal(signal.SIGTERM)
    try:
        child = [sys.executable, "-c", f"raise SystemExit({status})"]
        assert lab._run_until_stopped(child, tmp_path) == status
    finally:
        signal.signal(signal.SIGTERM, before)


def test_our_settings_come_before_the_users(monkeypatch):
    ours = str(lab._JUPYTER_SETTINGS)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    folders = lab._jupyter_environment()["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert folders == [ours, "mine"]
    monkeypatch.delenv("JUPYTER_CONFIG_PATH")
    assert lab._jupyter_environment()["JUPYTER_CONFIG_PATH"] == ours
    assert json.loads((lab._JUPYTER_SETTINGS / "labconfig" / "page_config.json").read_text())


def test_the_message_without_jupyterlab(mine, monkeypatch, capsys):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(
        lab, "_run_until_stopped", lambda *_: pytest.fail("started without JupyterLab")
    )
    assert command.main(["lab"]) == 1
    assert "JupyterLab is not installed" in capsys.readouterr().err


@pytest.fixture
def calls(monkeypatch):
    """Collect the commands (and their folders) that would be run, without running them."""
    collected = []

    def run(line, folder):
        collected.append((line, folder))
        return 7

    monkeypatch.setattr(lab, "_run_until_stopped", run)
    return collected


def test_the_first_time_makes_a_workspace(tmp_path, monkeypatch, calls, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sync, "find_notebooks", lambda: write_sources(tmp_path / "src"))
    assert lab.open_lab(Path("w")) == 7
    assert (tmp_path / "w" / "04_down.ipynb").exists()
    assert calls[0][1] == (tmp_path / "w").resolve()
    assert "04_down.ipynb was written.\n" in capsys.readouterr().out
    lab.open_lab(Path("w"))
    assert "04_down" not in capsys.readouterr().out
    assert lab._find_first_chapter(tmp_path / "w") == "02_convolution.ipynb"


def test_a_workspace_that_cannot_be_updated_opens_all_the_same(mine, monkeypatch, calls, capsys):
    def fails(folder):
        raise CommandError("the disk is full.")

    monkeypatch.setattr(sync, "refresh", fails)
    assert command.main(["lab"]) == 7
    assert "The chapters were not updated: the disk is full." in capsys.readouterr().err
    assert command.main(["lab", "nowhere"]) == 1
    assert len(calls) == 1


@pytest.mark.parametrize(("user", "flags"), [(0, ["--allow-root"]), (1000, []), (None, [])])
def test_only_root_gets_allow_root(tmp_path, monkeypatch, user, flags):
    if user is None:  # Windows
        monkeypatch.delattr(os, "geteuid", raising=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    line = lab._build_lab_command(tmp_path, port=None, browser=True)
    assert [part for part in line if "root" in part and "root_dir" not in part] == flags
    assert f"--ServerApp.root_dir={tmp_path}" in line


@pytest.mark.parametrize(
    ("arguments", "browser_here", "expected"),
    [
        ([], True, []),
        ([], False, ["--no-browser"]),
        (["--no-browser"], True, ["--no-browser"]),
        (["--port", "9999"], True, ["--ServerApp.port=9999"]),
        (["--", "--ip=0.0.0.0", "--"], True, ["--ip=0.0.0.0", "--"]),
    ],
)
def test_the_arguments_of_jupyterlab(mine, monkeypatch, calls, arguments, browser_here, expected):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(lab, "_has_browser", lambda: browser_here)
    assert command.main(["lab", *arguments]) == 7
    always = lab._build_lab_command(mine.resolve(), port=None, browser=True)
    assert calls == [([*always, *expected], mine.resolve())]


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
    assert lab._has_browser() is expected

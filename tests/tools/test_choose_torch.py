"""make takes the CPU build of PyTorch if its index answers: a local one answers, refuses, hangs."""

import contextlib
import http.server
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import choose_torch
import pytest

SCRIPT = Path(choose_torch.__file__)


class Index(http.server.BaseHTTPRequestHandler):
    """An index that has a page for torch."""

    def do_GET(self):
        self.send_response(200 if self.path == "/torch/" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serve_index():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextlib.contextmanager
def serve_no_torch():
    with serve_index() as index:
        yield f"{index}/elsewhere"


@contextlib.contextmanager
def refuse_connections():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{free.getsockname()[1]}"  # nobody listens


@contextlib.contextmanager
def never_answer():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"  # nobody answers


@pytest.mark.parametrize(
    ("index", "is_there"),
    [
        (serve_index, True),
        (serve_no_torch, False),
        (refuse_connections, False),
        (never_answer, False),
    ],
)
def test_an_index_answers_or_not(index, is_there, monkeypatch):
    monkeypatch.setattr(choose_torch, "_TIMEOUT", 1.0)
    with index() as address:
        assert choose_torch._is_reachable(address) is is_there


@pytest.fixture
def bare(monkeypatch):
    """A Linux computer without driver and without PyTorch."""
    monkeypatch.setattr(choose_torch, "_needs_cpu_build", lambda: True)
    return monkeypatch


@pytest.mark.parametrize("is_there", [True, False])
def test_one_line_says_which_build_it_is(bare, capsys, is_there):
    bare.setattr(choose_torch, "_is_reachable", lambda index: is_there)
    choose_torch.main()
    options, message = capsys.readouterr()
    assert options.split() == (["--index-url", choose_torch.CPU_INDEX, "--no-deps"] * is_there)
    assert message.count("\n") == 1
    assert ("CPU build" if is_there else "that pip offers") in message


def test_nothing_is_asked_if_torch_is_installed():
    assert choose_torch._is_installed("torch")
    assert not choose_torch._needs_cpu_build()
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=os.environ | {"TORCH_CPU_INDEX": "nonsense"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("platform", "driver", "needs"),
    [("linux", None, True), ("linux", "/usr/bin/nvidia-smi", False), ("darwin", None, False)],
)
def test_only_linux_without_a_driver_needs_the_cpu_build(platform, driver, needs, monkeypatch):
    monkeypatch.setattr(choose_torch.sys, "platform", platform)
    monkeypatch.setattr(choose_torch.shutil, "which", lambda name: driver)
    monkeypatch.setattr(choose_torch.Path, "exists", lambda path: False)
    monkeypatch.setattr(choose_torch, "_is_installed", lambda package: False)
    assert choose_torch._needs_cpu_build() is needs

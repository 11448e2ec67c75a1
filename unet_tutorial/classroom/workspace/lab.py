"""JupyterLab on a learner's workspace; the standard library only."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from unet_tutorial.classroom.workspace import sync
from unet_tutorial.classroom.workspace.record import (
    Refused,
    default_folder,
    is_handed_out,
    is_workspace,
)
from unet_tutorial.teaching.chapters import FIRST_CHAPTER, chapter_paths

SECONDS_TO_END = 5
SETTINGS = Path(__file__).resolve().parent / "jupyter"  # no tools for grading, no news


def lab(
    folder: Path | None = None,
    *,
    port: int | None = None,
    browser: bool = True,
    passed_on: Sequence[str] = (),
) -> int:
    """Open JupyterLab on a workspace, made on first use, until it ends; return its exit status.

    Errors: Refused.
    """
    folder = (folder or default_folder()).resolve()
    if importlib.util.find_spec("jupyterlab") is None:
        raise Refused("JupyterLab is not installed: python -m pip install jupyterlab")
    ready(folder)
    browser = browser and has_browser()
    print(f"Opening JupyterLab on {folder}. Ctrl-C here ends it.", flush=True)
    if not browser:
        print("No browser here: open the address that JupyterLab prints below.", flush=True)
    return run([*lab_command(folder, port=port, browser=browser), *passed_on], folder)


def ready(folder: Path) -> None:
    """Make the workspace or bring it up to date; one that is there opens even where that fails."""
    if is_handed_out(folder):
        return
    try:
        sync.refresh(folder)
    except (Refused, OSError) as error:
        if not is_workspace(folder):
            raise
        print(f"The chapters stay as they are: {error}", file=sys.stderr)


def has_browser() -> bool:
    """Return whether a browser could show a page here."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def lab_command(folder: Path, *, port: int | None, browser: bool) -> list[str]:
    """Return the command line that opens JupyterLab on the first chapter of a workspace."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    command += ["--log-level=WARN", "-y"]  # little but the address; Ctrl-C asks no question
    command.append(f"--LabApp.default_url=/lab/tree/{first_chapter(folder)}")
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if not browser:
        command.append("--no-browser")
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")  # JupyterLab refuses root otherwise
    return command


def first_chapter(folder: Path) -> str:
    """Return the name of the first chapter in a workspace."""
    return next((path.name for path in chapter_paths(folder)), FIRST_CHAPTER)


def run(command: Sequence[str], folder: Path) -> int:
    """Run the command until it ends, Ctrl-C included, and return its exit status."""
    with subprocess.Popen(command, cwd=folder, env=environment()) as process:

        def terminate(*_) -> None:
            process.terminate()
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, terminate)
        try:
            status = process.wait()
        except KeyboardInterrupt:  # a terminal sends it to JupyterLab too
            status = end(process)
    return 128 - status if status < 0 else status  # as a shell counts what a signal ended


def environment() -> dict[str, str]:
    """Return the environment with this tutorial's settings of JupyterLab before all others."""
    paths = [str(SETTINGS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def end(process: subprocess.Popen) -> int:
    """Wait for the end of a process, less and less patiently; return its exit status."""
    for insist in (process.terminate, process.kill):
        try:
            return process.wait(SECONDS_TO_END)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            insist()
    return process.wait()

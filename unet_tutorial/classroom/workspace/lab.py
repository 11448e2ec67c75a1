"""Start JupyterLab in a learner's workspace, using the standard library only."""

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
    CommandError,
    find_default_folder,
    is_course_folder,
    is_workspace,
)
from unet_tutorial.teaching.chapters import FIRST_CHAPTER, chapter_paths

_STOP_TIMEOUT = 5  # seconds before the next, harsher way to stop JupyterLab
_JUPYTER_SETTINGS = Path(__file__).resolve().parent / "jupyter"  # hides grading tools and news
STYLESHEET = _JUPYTER_SETTINGS / "custom" / "custom.css"  # how chapters look, also on the site


def open_lab(
    folder: Path | None = None,
    *,
    port: int | None = None,
    browser: bool = True,
    extra_arguments: Sequence[str] = (),
) -> int:
    """Open JupyterLab in a workspace and wait until it ends.

    Creates the workspace if necessary, and updates the copies that the learner hasn't changed.

    Args:
        folder: the workspace; if None, `find_default_folder` chooses it.
        port: the port to listen on; if None, any free one.
        browser: whether to open a browser, if there is one.
        extra_arguments: further arguments for JupyterLab.

    Returns:
        JupyterLab's exit status.

    Raises:
        CommandError: JupyterLab isn't installed, or the folder can't be a workspace.
    """
    folder = (folder or find_default_folder()).resolve()
    if importlib.util.find_spec("jupyterlab") is None:
        raise CommandError(
            "JupyterLab is not installed. Install it with: python -m pip install jupyterlab"
        )
    _prepare_workspace(folder)
    browser = browser and _has_browser()
    print(f"Opening JupyterLab in {folder}. Press Ctrl-C here to stop it.", flush=True)
    if not browser:
        print("Open the address that JupyterLab prints below in your browser.", flush=True)
    return _run_until_stopped(
        [*_build_lab_command(folder, port=port, browser=browser), *extra_arguments], folder
    )


def _prepare_workspace(folder: Path) -> None:
    """Create or update the workspace; an existing one that can't be updated opens all the same."""
    if is_course_folder(folder):
        return
    try:
        sync.refresh(folder)
    except (CommandError, OSError) as error:
        if not is_workspace(folder):
            raise
        print(f"The chapters were not updated: {error}", file=sys.stderr)


def _has_browser() -> bool:
    """Whether this machine can show a web page."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _build_lab_command(folder: Path, *, port: int | None, browser: bool) -> list[str]:
    """Build the command line that opens JupyterLab at the first chapter of a workspace."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    command += ["--log-level=WARN", "-y"]  # print little but the address; Ctrl-C won't ask back
    command.append(f"--LabApp.default_url=/lab/tree/{_find_first_chapter(folder)}")
    command += _list_style_arguments()
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if not browser:
        command.append("--no-browser")
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")  # otherwise JupyterLab refuses to run as root
    return command


def _list_style_arguments() -> list[str]:
    """List the arguments that apply STYLESHEET in the browser and to what's printed or exported."""
    return [
        "--LabApp.custom_css=True",
        f"--ServerApp.tornado_settings=static_custom_path={STYLESHEET.parent}",
        f"--HTMLExporter.extra_template_basedirs={_JUPYTER_SETTINGS}",
        f"--HTMLExporter.template_name={STYLESHEET.parent.name}",
        "--SlidesExporter.template_name=reveal",  # otherwise slides would take HTMLExporter's
    ]


def _find_first_chapter(folder: Path) -> str:
    return next((path.name for path in chapter_paths(folder)), FIRST_CHAPTER)


def _run_until_stopped(command: Sequence[str], folder: Path) -> int:
    """Run the command until it ends or Ctrl-C or SIGTERM stops it; return its exit status."""
    with subprocess.Popen(command, cwd=folder, env=_jupyter_environment()) as process:

        def terminate(*_) -> None:
            process.terminate()
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, terminate)
        try:
            status = process.wait()
        except KeyboardInterrupt:  # a terminal sends Ctrl-C to JupyterLab as well
            status = _stop_process(process)
    return 128 - status if status < 0 else status  # shells report signal n as 128 + n


def _jupyter_environment() -> dict[str, str]:
    """Return the environment, with the tutorial's Jupyter settings ahead of the user's own."""
    paths = [str(_JUPYTER_SETTINGS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    return os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def _stop_process(process: subprocess.Popen) -> int:
    """Wait for a process to end, first by itself, then terminate it, then kill it.

    Another Ctrl-C cuts each wait short. Returns the exit status.
    """
    for insist in (process.terminate, process.kill):
        try:
            return process.wait(_STOP_TIMEOUT)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            insist()
    return process.wait()

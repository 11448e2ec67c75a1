"""The command `unet-tutorial`, also `python -m unet_tutorial`: one function a verb."""

from __future__ import annotations

import argparse
import importlib.util
import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

FIRST_CHAPTER = "00_start_here.ipynb"
SECONDS_TO_END = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    split = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="unet-tutorial", description="Build a U-Net by hand.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    about = "open JupyterLab on the notebooks; what follows -- is passed on to it"
    lab_parser = verbs.add_parser("lab", help=about, description=about)
    lab_parser.add_argument("--no-browser", action="store_true", help="print the address only")
    lab_parser.add_argument("--port", type=int, help="the port to listen on (default: any free)")
    chosen = parser.parse_args(arguments[:split])
    passed_on = arguments[split + 1 :]
    return lab(port=chosen.port, browser=not chosen.no_browser, passed_on=passed_on)


def lab(port: int | None = None, *, browser: bool = True, passed_on: Sequence[str] = ()) -> int:
    """Open JupyterLab on the notebooks and wait until it ends; return its exit status."""
    notebooks = find_notebooks()
    if notebooks is None:
        return complain(
            f"no notebooks/{FIRST_CHAPTER} here or beside the package. "
            "Run this in a clone of the tutorial."
        )
    if importlib.util.find_spec("jupyterlab") is None:
        return complain("JupyterLab is not installed: python -m pip install jupyterlab")
    browser = browser and has_browser()
    print(f"Opening JupyterLab on {notebooks}. Ctrl-C here ends it.", flush=True)
    if not browser:
        print("No browser here: open the address that JupyterLab prints below.", flush=True)
    command = lab_command(notebooks, port=port, browser=browser)
    return run([*command, *passed_on], notebooks.parent)


def find_notebooks() -> Path | None:
    """Return notebooks/ in the current folder or beside the package, or None."""
    for folder in (Path.cwd(), Path(__file__).resolve().parent.parent):
        if (folder / "notebooks" / FIRST_CHAPTER).exists():
            return folder / "notebooks"
    return None


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


def lab_command(notebooks: Path, *, port: int | None, browser: bool) -> list[str]:
    """Return the command line that opens JupyterLab on the first chapter."""
    root = notebooks.parent  # so that pictures in ../figures are within reach
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    command += ["--log-level=WARN", "-y"]  # little but the address; Ctrl-C asks no question
    command.append(f"--LabApp.default_url=/lab/tree/notebooks/{FIRST_CHAPTER}")
    if port is not None:
        command.append(f"--ServerApp.port={port}")
    if not browser:
        command.append("--no-browser")
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")  # JupyterLab refuses root otherwise
    return command


def run(command: Sequence[str], folder: Path) -> int:
    """Run the command until it ends, Ctrl-C included, and return its exit status."""
    with subprocess.Popen(command, cwd=folder) as process:

        def terminate(*_) -> None:
            process.terminate()
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, terminate)
        try:
            status = process.wait()
        except KeyboardInterrupt:  # a terminal sends it to JupyterLab too
            status = end(process)
    return 128 - status if status < 0 else status  # as a shell counts what a signal ended


def end(process: subprocess.Popen) -> int:
    """Wait for the end of a process, less and less patiently; return its exit status."""
    for insist in (process.terminate, process.kill):
        try:
            return process.wait(SECONDS_TO_END)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            insist()
    return process.wait()


def complain(message: str) -> int:
    """Print the message where errors go, and return the exit status of an error."""
    print(f"unet-tutorial: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""The processes of a submission: what they are given, what they use, and their end."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

LEAVE_OUT = ("JUPYTER", "JPY_", "NBGRADER", "UNET_TUTORIAL", "PWD", "OLDPWD", "VIRTUAL_ENV_PROMPT")
TOKEN = "UNET_TUTORIAL_GRADING"  # marks every process that a submission starts


def environment(private: Path, token: str) -> dict[str, str]:
    """Return a kernel's environment: nothing of the course, and no settings of the instructor's.

    IPython's profile is a fresh one, so that no submission can leave a start-up file for the next.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(LEAVE_OUT)}
    places = kept.pop("PYTHONPATH", "").split(os.pathsep)
    if places := [place for place in places if os.path.isabs(place)]:
        kept["PYTHONPATH"] = os.pathsep.join(places)
    kept |= {"IPYTHONDIR": str(private), "NBGRADER_EXECUTION": "autograde", TOKEN: token}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"}


def memory_of(process: psutil.Process) -> int:
    """Return the bytes in memory of a process and its children."""
    total = 0
    with contextlib.suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += each.memory_info().rss
    return total


def end_processes(token: str) -> None:
    """Kill every process that carries the token of a kernel, whoever its parent is by now."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(TOKEN) == token:
                process.kill()

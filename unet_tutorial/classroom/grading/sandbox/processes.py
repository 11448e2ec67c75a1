"""The processes of a submission: their environment, what they use, and how to kill them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

# Beginnings of the environment variables that a submission doesn't get: they say where the course
# is, or change how Jupyter and nbgrader behave.
_REMOVED_VARIABLES = (
    "JUPYTER",
    "JPY_",
    "NBGRADER",
    "UNET_TUTORIAL",
    "PWD",
    "OLDPWD",
    "VIRTUAL_ENV_PROMPT",
)
SUBMISSION, KERNEL = "UNET_TUTORIAL_SUBMISSION", "UNET_TUTORIAL_KERNEL"  # inherited by children


def build_environment(marks: dict[str, str]) -> dict[str, str]:
    """Build the environment variables of a submission, without the course's paths and settings.

    One thread computes, so that processor time means the same on every machine.

    Args:
        marks: variables that mark the process and every process that it starts.
    """
    variables = {
        key: value for key, value in os.environ.items() if not key.startswith(_REMOVED_VARIABLES)
    }
    places = variables.pop("PYTHONPATH", "").split(os.pathsep)
    # A relative path such as "." would let files in the submission's folder replace modules.
    if places := [place for place in places if os.path.isabs(place)]:
        variables["PYTHONPATH"] = os.pathsep.join(places)
    variables |= dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "student")
    variables |= {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"}
    return variables | marks


def kernel_environment(profile: Path, token: str) -> dict[str, str]:
    """Build a kernel's environment variables; IPython's profile is in the new folder `profile`."""
    marks = {"IPYTHONDIR": str(profile), "NBGRADER_EXECUTION": "autograde", KERNEL: token}
    if SUBMISSION in os.environ:
        marks[SUBMISSION] = os.environ[SUBMISSION]
    return build_environment(marks)


def _iterate_tree(process: psutil.Process) -> Iterator[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        yield process
        yield from process.children(recursive=True)


def measure_memory(process: psutil.Process) -> int:
    """Measure the memory of a process and its children, in bytes."""
    total = 0
    for each in _iterate_tree(process):
        with contextlib.suppress(psutil.Error):
            total += each.memory_info().rss
    return total


def measure_seconds(process: psutil.Process) -> float:
    """Measure the processor time of a process and its children, ended ones included."""
    total = 0.0
    for each in _iterate_tree(process):
        with contextlib.suppress(psutil.Error):
            times = each.cpu_times()
            total += times.user + times.system
            total += getattr(times, "children_user", 0) + getattr(times, "children_system", 0)
    return total


def kill_processes(variable: str, token: str) -> None:
    """Kill every process that carries a token, even if its parent has already ended."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(variable) == token:
                process.kill()

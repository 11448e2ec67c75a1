"""The processes of a submission: their environment, their memory, and how to kill them."""

from __future__ import annotations

import contextlib
import os
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
_TOKEN_VARIABLE = "UNET_TUTORIAL_GRADING"  # inherited by every process that a submission starts


def kernel_environment(profile: Path, token: str) -> dict[str, str]:
    """Build a kernel's environment variables, without the course's paths and your settings.

    Args:
        profile: a new folder for IPython's profile, so that no submission can leave a startup file
            for the next one.
        token: marks the kernel and every process that its cells start.
    """
    variables = {
        key: value for key, value in os.environ.items() if not key.startswith(_REMOVED_VARIABLES)
    }
    places = variables.pop("PYTHONPATH", "").split(os.pathsep)
    # A relative path such as "." would let files in the submission's folder replace modules.
    if places := [place for place in places if os.path.isabs(place)]:
        variables["PYTHONPATH"] = os.pathsep.join(places)
    variables |= {
        "IPYTHONDIR": str(profile),
        "NBGRADER_EXECUTION": "autograde",
        _TOKEN_VARIABLE: token,
    }
    return variables | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"}


def measure_memory(process: psutil.Process) -> int:
    """Measure the memory of a process and its children, in bytes."""
    total = 0
    with contextlib.suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += each.memory_info().rss
    return total


def kill_processes(token: str) -> None:
    """Kill every process that carries a kernel's token, even if its parent has already ended."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(_TOKEN_VARIABLE) == token:
                process.kill()

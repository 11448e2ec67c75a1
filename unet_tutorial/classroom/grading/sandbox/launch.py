"""Start the run of one submission as a process, which may be isolated, and read its result.

The process and all that it starts have one folder, which is deleted afterwards.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
import zipfile
from pathlib import Path

from unet_tutorial.classroom.grading.pipeline.result import MAX_BYTES
from unet_tutorial.classroom.grading.pipeline.step1_pack import RULES
from unet_tutorial.classroom.grading.sandbox.bubblewrap import build_isolated_command
from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE
from unet_tutorial.classroom.grading.sandbox.processes import (
    SUBMISSION,
    build_environment,
    kill_processes,
)
from unet_tutorial.classroom.limits import Limits

# rfc3987_syntax checks web addresses for jsonschema. It takes more than a second to import, and
# notebooks don't need it.
_CODE = """
import sys
sys.modules["rfc3987_syntax"] = None
from unet_tutorial.classroom.grading.sandbox.submission import main
main()
"""
_PACKAGE_FILE = "package.zip"
_EXIT_SECONDS = 30.0  # how long a process that has written its result may take to end


_running: set[subprocess.Popen] = set()
_is_stopping = threading.Event()


def run_package(package: bytes, *, isolate: bool = False) -> bytes:
    """Run the submission in a package, and return its result; b"" if it twice ended without one."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        limits = Limits(**json.loads(archive.read(RULES))["limits"])
    _is_stopping.clear()
    data = _run_once(package, limits, isolate)
    return data if data or _is_stopping.is_set() else _run_once(package, limits, isolate)


def stop_running() -> None:
    """End the processes that this process has started and that still run."""
    if _running:
        _is_stopping.set()
    for process in list(_running):
        process.kill()


def _run_once(package: bytes, limits: Limits, isolate: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as place:
        folder, token = Path(place), uuid.uuid4().hex
        (folder / _PACKAGE_FILE).write_bytes(package)
        environment = build_environment({SUBMISSION: token, "TMPDIR": place})
        places = [str(PACKAGE.parent), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, places))
        command = [sys.executable, "-W", "ignore", "-c", _CODE]
        if isolate:
            command = build_isolated_command(command, folder, environment)
        try:
            return _run_command(command, folder, environment, limits)
        finally:
            kill_processes(SUBMISSION, token)
            shutil.rmtree(place, ignore_errors=True)


def _run_command(command: list[str], folder: Path, environment: dict, limits: Limits) -> bytes:
    """Run a command on the package in a folder, and return what it writes, up to a limit."""
    with (
        (folder / _PACKAGE_FILE).open("rb") as package,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=package,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process,
    ):
        guard = threading.Timer(_find_last_moment(limits), process.kill)
        guard.daemon = True
        guard.start()
        _running.add(process)
        try:
            data = process.stdout.read(MAX_BYTES + 1)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_EXIT_SECONDS)
        finally:
            guard.cancel()
            process.kill()
            _running.discard(process)
    return data if process.returncode == 0 and len(data) <= MAX_BYTES else b""


def _find_last_moment(limits: Limits) -> float:
    """Return after how many seconds a run is ended, whatever happens in it."""
    return limits.clock_factor * (3 * limits.notebook_timeout + 60 * limits.timeout) + 600

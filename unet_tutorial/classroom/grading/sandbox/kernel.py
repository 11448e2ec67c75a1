"""A kernel for one submission, with limits on time, memory and output that cells can't avoid.

A cell can end only its own kernel. If a cell kills the kernel, fills the memory or ignores the
interrupt, the result says so, and the next cell can run in a new kernel.
"""

from __future__ import annotations

import ast
import contextlib
import json
import queue
import shutil
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import psutil
from jupyter_client.manager import KernelManager
from nbformat.v4 import new_output

import unet_tutorial
from unet_tutorial.classroom.grading.sandbox.cell_result import (
    DIED,
    HUNG,
    MEMORY,
    OUTPUT,
    TIME,
    CellResult,
    Limits,
    add_output,
)
from unet_tutorial.classroom.grading.sandbox.processes import (
    kernel_environment,
    kill_processes,
    measure_memory,
)

PACKAGE = Path(unet_tutorial.__file__).resolve().parent
PROBE = Path(__file__).with_name("kernel_probe.py")
_GRACE_SECONDS = 3.0  # how long an interrupted cell may take to stop
_POLL_SECONDS = 0.25  # how often the clock and the memory are checked
_STARTUP_SECONDS = 60.0  # how long a kernel may take to start


class Kernel:
    """Context manager: one IPython kernel in a temporary copy of a submission's folder.

    Args:
        folder: that copy. The checks are imported from the installed package, not from here.
        limits: what each cell may use.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = Path(folder), limits
        self.token = uuid.uuid4().hex
        self.private = Path(tempfile.mkdtemp(prefix="kernel-"))
        self.manager = self.client = None

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_) -> None:
        self._shut_down()
        shutil.rmtree(self.private, ignore_errors=True)

    def start(self) -> None:
        """Start a new kernel, and try once more if it couldn't get a port."""
        for attempt in (1, 2):
            self._shut_down()
            try:
                self._connect()
                break
            except RuntimeError:
                if attempt == 2:
                    raise
        self.run(_SETUP_CODE.format(gigabytes=self.limits.gigabytes, package=str(PACKAGE.parent)))

    def _connect(self) -> None:
        """Start the process and wait until it answers."""
        connection = self.private / f"{uuid.uuid4().hex}.json"
        self.manager = KernelManager(connection_file=str(connection))
        self.manager.start_kernel(
            cwd=str(self.folder),
            env=kernel_environment(self.private / uuid.uuid4().hex, self.token),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            extra_arguments=[
                "--HistoryManager.enabled=False",
                "--InteractiveShellApp.ignore_cwd=True",
            ],
        )
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=_STARTUP_SECONDS)
        self.process = psutil.Process(self.manager.provisioner.pid)

    def _shut_down(self) -> None:
        """Stop the kernel and every process that its cells started."""
        if self.client is not None:
            self.client.stop_channels()
        if self.manager is not None:
            with contextlib.suppress(Exception):
                self.manager.shutdown_kernel(now=True)
            kill_processes(self.token)
        self.manager = self.client = None

    def run(self, source: str, seconds: float | None = None) -> CellResult:
        """Run a cell; if the result is `dead`, the kernel is gone and has to be started again."""
        result = CellResult()
        message = self.client.execute(source, store_history=False, stop_on_error=False)
        deadline = time.monotonic() + (seconds or self.limits.seconds)
        if self._collect_outputs(message, result, deadline):
            self._read_reply(message, result)
            self._discard_full_kernel(result)
        elif not result.dead:
            self.manager.interrupt_kernel()
            deadline = time.monotonic() + _GRACE_SECONDS
            result.dead = not self._collect_outputs(message, result, deadline, stopping=True)
            if result.dead and result.stopped_by == TIME:
                result.stopped_by = HUNG
        return result

    def _read_reply(self, message: str, result: CellResult) -> None:
        """Read the kernel's reply: did the cell ask to quit, or fail without showing the error?"""
        content = self._wait_for_reply(message)
        if any(each.get("source") == "ask_exit" for each in content.get("payload", ())):
            result.stopped_by, result.dead = DIED, True
        if content.get("status") == "error" and not result.failed:
            name, value = content.get("ename", "Error"), content.get("evalue", "")
            shown = new_output("error", ename=name, evalue=value, traceback=[f"{name}: {value}"])
            result.outputs.append(shown)
            result.failed = True

    def _discard_full_kernel(self, result: CellResult) -> None:
        """Treat the kernel as dead if a MemoryError left it too full for the following cells."""
        is_full = measure_memory(self.process) > self.limits.gigabytes * 0.5e9
        if is_full and any(each.get("ename") == "MemoryError" for each in result.outputs):
            result.stopped_by, result.dead = MEMORY, True

    def _wait_for_reply(self, message: str) -> dict:
        """Return the content of the reply to a message, or {} if there is none in time."""
        with contextlib.suppress(queue.Empty):
            while True:
                reply = self.client.get_shell_msg(timeout=_GRACE_SECONDS)
                if reply["parent_header"].get("msg_id") == message:
                    return reply["content"]
        return {}

    def _collect_outputs(
        self, message: str, result: CellResult, deadline: float, *, stopping: bool = False
    ) -> bool:
        """Collect a cell's outputs, and return whether the cell finished within its limits.

        If it didn't, `result.stopped_by` says which limit it exceeded. With `stopping`, the cell
        has already been interrupted, and more output doesn't count as exceeding a limit again.
        """
        while time.monotonic() < deadline:
            try:
                received = self.client.get_iopub_msg(timeout=_POLL_SECONDS)
            except queue.Empty:
                received = None
            is_due = time.monotonic() > result.checked_at + _POLL_SECONDS
            if (received is None or is_due) and self._detect_death(result):
                return False
            if received is None or received["parent_header"].get("msg_id") != message:
                continue
            is_status = received["msg_type"] == "status"
            if is_status and received["content"]["execution_state"] == "idle":
                return True
            add_output(received, result, self.limits.characters)
            if result.characters > self.limits.characters and not stopping:
                result.stopped_by = OUTPUT
                return False
        result.stopped_by = result.stopped_by or TIME
        return False

    def _detect_death(self, result: CellResult) -> bool:
        """Return whether the kernel is dead; kill it first if it uses too much memory."""
        result.checked_at = time.monotonic()
        if measure_memory(self.process) > self.limits.gigabytes * 1e9:
            result.stopped_by, result.dead = MEMORY, True
            kill_processes(self.token)
        elif not self.manager.is_alive():
            result.stopped_by, result.dead = result.stopped_by or DIED, True
        return result.dead

    def run_probe(self) -> dict | None:
        """Run `kernel_probe.inspect_kernel` in the kernel; return None if there is no answer."""
        code = f"__import__('runpy').run_path({str(PROBE)!r})['inspect_kernel']({str(PACKAGE)!r})"
        message = self.client.execute("", silent=True, user_expressions={"probe": code})
        with contextlib.suppress(KeyError, ValueError, SyntaxError, TypeError):
            shown = self._wait_for_reply(message)["user_expressions"]["probe"]
            return json.loads(ast.literal_eval(shown["data"]["text/plain"]))
        return None


# Runs in each new kernel. Modules are found in the installed package before the submission's
# folder; and, on systems with such limits, allocating far too much memory raises a MemoryError.
_SETUP_CODE = """
import sys as _sys
_sys.path[:] = [_p for _p in _sys.path if _p not in ("", ".")]
if {package!r} not in _sys.path:
    _sys.path.insert(0, {package!r})
_sys.path.append("")
try:
    import resource as _resource
    _resource.setrlimit(_resource.RLIMIT_CORE, (0, 0))
    _resource.setrlimit(_resource.RLIMIT_DATA, (int({gigabytes} * 1.25e9),) * 2)
except (ImportError, OSError, ValueError, AttributeError):
    pass
del _sys
"""

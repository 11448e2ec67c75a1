"""A kernel for one submission, with limits on time, memory and output that cells can't avoid.

Time is processor time, children included, so that a busy machine gives the same marks.

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
    CLOCK,
    DIED,
    HUNG,
    MEMORY,
    OUTPUT,
    TIME,
    CellResult,
    add_output,
)
from unet_tutorial.classroom.grading.sandbox.processes import (
    KERNEL,
    kernel_environment,
    kill_processes,
    measure_memory,
    measure_seconds,
)
from unet_tutorial.classroom.limits import Limits

PACKAGE = Path(unet_tutorial.__file__).resolve().parent
_TOOLS = Path(__file__).with_name("kernel_tools.py")
_GRACE_SECONDS = 2.0  # processor time that an interrupted cell may take to stop
_GRACE_CLOCK = 5.0  # the same by the clock
_REPLY_SECONDS = 30.0  # how long a kernel that has finished a cell may take to say so
_POLL_SECONDS = 0.25  # how often time and memory are measured
_STARTUP_SECONDS = 180.0  # how long a kernel may take to start


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
        self.run(_SETUP_CODE.format(gigabytes=self.limits.memory, package=str(PACKAGE.parent)))

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
            kill_processes(KERNEL, self.token)
        self.manager = self.client = None

    def run(self, source: str, seconds: float | None = None) -> CellResult:
        """Run a cell; if the result is `dead`, the kernel is gone and has to be started again.

        Args:
            source: the cell's code.
            seconds: processor time that it may use; by default, what a cell may use.
        """
        result = CellResult()
        seconds = seconds or self.limits.timeout
        before = measure_seconds(self.process)
        message = self.client.execute(
            source, store_history=False, allow_stdin=False, stop_on_error=False
        )
        clock = seconds * self.limits.clock_factor
        if self._collect_outputs(message, result, seconds, clock):
            self._read_reply(message, result)
            self._discard_full_kernel(result)
        elif not result.dead:
            self.manager.interrupt_kernel()
            limits = (_GRACE_SECONDS, _GRACE_CLOCK)
            result.dead = not self._collect_outputs(message, result, *limits, stopping=True)
            if result.dead and result.stopped_by == TIME:
                result.stopped_by = HUNG
        result.seconds = max(result.seconds, measure_seconds(self.process) - before)
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
        is_full = measure_memory(self.process) > self.limits.memory * 0.5e9
        if is_full and any(each.get("ename") == "MemoryError" for each in result.outputs):
            result.stopped_by, result.dead = MEMORY, True

    def _wait_for_reply(self, message: str) -> dict:
        """Return the content of the reply to a message, or {} if there is none in time."""
        with contextlib.suppress(queue.Empty):
            while True:
                reply = self.client.get_shell_msg(timeout=_REPLY_SECONDS)
                if reply["parent_header"].get("msg_id") == message:
                    return reply["content"]
        return {}

    def _collect_outputs(
        self,
        message: str,
        result: CellResult,
        seconds: float,
        clock: float,
        *,
        stopping: bool = False,
    ) -> bool:
        """Collect a cell's outputs, and return whether the cell finished within its limits.

        If it didn't, `result.stopped_by` says which limit it exceeded. With `stopping`, the cell
        has already been interrupted, and more output doesn't count as exceeding a limit again.
        """
        started, deadline = measure_seconds(self.process), time.monotonic() + clock
        while time.monotonic() < deadline:
            try:
                received = self.client.get_iopub_msg(timeout=_POLL_SECONDS)
            except queue.Empty:
                received = None
            if received is None or time.monotonic() > result.measured_at + _POLL_SECONDS:
                if self._detect_death(result):
                    return False
                result.seconds = measure_seconds(self.process) - started
                if result.seconds > seconds:
                    result.stopped_by = result.stopped_by or TIME
                    return False
            if received is None or received["parent_header"].get("msg_id") != message:
                continue
            is_status = received["msg_type"] == "status"
            if is_status and received["content"]["execution_state"] == "idle":
                return True
            add_output(received, result, self.limits.output)
            if result.characters > self.limits.output and not stopping:
                result.stopped_by = OUTPUT
                return False
        result.stopped_by = result.stopped_by or CLOCK
        return False

    def _detect_death(self, result: CellResult) -> bool:
        """Return whether the kernel is dead; kill it first if it uses too much memory."""
        result.measured_at = time.monotonic()
        if measure_memory(self.process) > self.limits.memory * 1e9:
            result.stopped_by, result.dead = MEMORY, True
            kill_processes(KERNEL, self.token)
        elif not self.manager.is_alive():
            result.stopped_by, result.dead = result.stopped_by or DIED, True
        return result.dead

    def run_tool(self, name: str, *arguments: object) -> tuple[list, CellResult]:
        """Run a function of `kernel_tools` that calls answers, within a cell's limits."""
        call = f"__import__('runpy').run_path({str(_TOOLS)!r})[{name!r}](*{arguments!r})"
        result = self.run(f"print('\\n' + {call})")
        texts = "".join(each.get("text", "") for each in result.outputs)
        with contextlib.suppress(ValueError):
            found = json.loads(texts.strip().rpartition("\n")[2])
            return found if isinstance(found, list) else [], result
        return [], result

    def call_tool(self, name: str, *arguments: str) -> list | dict | None:
        """Call a function of `kernel_tools` in the kernel; return None if there is no answer."""
        call = f"__import__('runpy').run_path({str(_TOOLS)!r})[{name!r}](*{arguments!r})"
        message = self.client.execute("", silent=True, user_expressions={"tool": call})
        with contextlib.suppress(KeyError, ValueError, SyntaxError, TypeError):
            shown = self._wait_for_reply(message)["user_expressions"]["tool"]
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

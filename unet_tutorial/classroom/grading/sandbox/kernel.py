"""A kernel that grades one submission: limits on time, memory and output, and no way around them.

Nothing that a cell does ends more than its own kernel: a cell that kills it, fills the memory, or
swallows the interrupt is reported, and the next cell can be run in a fresh kernel.
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
    Limits,
    Result,
    take,
)
from unet_tutorial.classroom.grading.sandbox.processes import end_processes, environment, memory_of

PACKAGE = Path(unet_tutorial.__file__).resolve().parent
PROBE = Path(__file__).with_name("kernel_probe.py")
GRACE = 3.0  # seconds that an interrupted cell has to end
TICK = 0.25  # seconds between two looks at the clock and the memory
STARTUP = 60.0  # seconds that a kernel has to start


class Kernel:
    """One IPython kernel in a temporary copy of a submission's folder, once it is started.

    `folder` is that copy; the checks are imported from this package, not from the folder.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder, self.limits = Path(folder), limits
        self.token = uuid.uuid4().hex
        self.private = Path(tempfile.mkdtemp(prefix="kernel-"))
        self.manager = self.client = None

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_) -> None:
        self.end()
        shutil.rmtree(self.private, ignore_errors=True)

    def start(self) -> None:
        """Start a fresh kernel; a second try is made where the first gets no port."""
        for attempt in (1, 2):
            self.end()
            try:
                self.connect()
                break
            except RuntimeError:
                if attempt == 2:
                    raise
        self.run(SETTING_UP.format(gigabytes=self.limits.gigabytes, package=str(PACKAGE.parent)))

    def connect(self) -> None:
        """Start the process and wait until it answers."""
        connection = self.private / f"{uuid.uuid4().hex}.json"
        self.manager = KernelManager(connection_file=str(connection))
        self.manager.start_kernel(
            cwd=str(self.folder),
            env=environment(self.private / uuid.uuid4().hex, self.token),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            extra_arguments=[
                "--HistoryManager.enabled=False",
                "--InteractiveShellApp.ignore_cwd=True",
            ],
        )
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=STARTUP)
        self.process = psutil.Process(self.manager.provisioner.pid)

    def end(self) -> None:
        """End the kernel and every process that its cells started."""
        if self.client is not None:
            self.client.stop_channels()
        if self.manager is not None:
            with contextlib.suppress(Exception):
                self.manager.shutdown_kernel(now=True)
            end_processes(self.token)
        self.manager = self.client = None

    def run(self, source: str, seconds: float | None = None) -> Result:
        """Run a cell and return what came of it; `dead` says that the kernel is gone."""
        result = Result()
        message = self.client.execute(source, store_history=False, stop_on_error=False)
        deadline = time.monotonic() + (seconds or self.limits.seconds)
        if self.listen(message, result, deadline):
            self.read_reply(message, result)
            self.free_memory(result)
        elif not result.dead:
            self.manager.interrupt_kernel()
            until = time.monotonic() + GRACE
            result.dead = not self.listen(message, result, until, stopping=True)
            if result.dead and result.ended == TIME:
                result.ended = HUNG
        return result

    def read_reply(self, message: str, result: Result) -> None:
        """Take in a cell's reply: an error that it did not show, and whether it asked to quit."""
        content = self.reply_to(message)
        if any(each.get("source") == "ask_exit" for each in content.get("payload", ())):
            result.ended, result.dead = DIED, True
        if content.get("status") == "error" and not result.failed:
            name, value = content.get("ename", "Error"), content.get("evalue", "")
            shown = new_output("error", ename=name, evalue=value, traceback=[f"{name}: {value}"])
            result.outputs.append(shown)
            result.failed = True

    def free_memory(self, result: Result) -> None:
        """Call a kernel dead that a MemoryError has left too full for the cells that follow."""
        full = memory_of(self.process) > self.limits.gigabytes * 0.5e9
        if full and any(each.get("ename") == "MemoryError" for each in result.outputs):
            result.ended, result.dead = MEMORY, True

    def reply_to(self, message: str) -> dict:
        """Return the content of the reply to a message, or {} where none comes."""
        with contextlib.suppress(queue.Empty):
            while True:
                reply = self.client.get_shell_msg(timeout=GRACE)
                if reply["parent_header"].get("msg_id") == message:
                    return reply["content"]
        return {}

    def listen(
        self, message: str, result: Result, deadline: float, *, stopping: bool = False
    ) -> bool:
        """Take in what a cell sends; return whether it ended by itself.

        Else `result.ended` says which limit it met; while `stopping`, it has met one already.
        """
        while time.monotonic() < deadline:
            try:
                came = self.client.get_iopub_msg(timeout=TICK)
            except queue.Empty:
                came = None
            if (came is None or time.monotonic() > result.looked + TICK) and self.is_gone(result):
                return False
            if came is None or came["parent_header"].get("msg_id") != message:
                continue
            if came["msg_type"] == "status" and came["content"]["execution_state"] == "idle":
                return True
            take(came, result, self.limits.characters)
            if result.characters > self.limits.characters and not stopping:
                result.ended = OUTPUT
                return False
        result.ended = result.ended or TIME
        return False

    def is_gone(self, result: Result) -> bool:
        """Return whether the kernel has died, or has been killed for its memory just now."""
        result.looked = time.monotonic()
        if memory_of(self.process) > self.limits.gigabytes * 1e9:
            result.ended, result.dead = MEMORY, True
            end_processes(self.token)
        elif not self.manager.is_alive():
            result.ended, result.dead = result.ended or DIED, True
        return result.dead

    def probe(self) -> dict | None:
        """Return what `probe.look` sees in the kernel, or None where it gets no answer."""
        code = f"__import__('runpy').run_path({str(PROBE)!r})['look']({str(PACKAGE)!r})"
        message = self.client.execute("", silent=True, user_expressions={"probe": code})
        with contextlib.suppress(KeyError, ValueError, SyntaxError, TypeError):
            shown = self.reply_to(message)["user_expressions"]["probe"]["data"]["text/plain"]
            return json.loads(ast.literal_eval(shown))
        return None


SETTING_UP = """
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

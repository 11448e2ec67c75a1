"""Kernels for nbval that are forked from a process which has imported the large packages.

Each notebook still gets a fresh process of its own, but starts without the seconds that importing
PyTorch and the others takes. `install()` makes nbval start its kernels so; run as a script, this
file is the process that forks them. Only where processes can be forked (POSIX); with
ORDINARY_KERNELS=1 kernels start as they do for a reader.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

IMPORTED = (  # by most notebooks; nothing here starts a thread or draws a random number
    "IPython",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipywidgets",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "PIL.Image",
    "scipy.ndimage",
    "skimage.measure",
    "torch",
    "torch.utils.data",
    "unet_tutorial.unet",
    "unet_tutorial.data",
    "unet_tutorial.training",
    "unet_tutorial.teaching.drawing",
    "unet_tutorial.teaching.explorers",
    "unet_tutorial.teaching.checks",
)


def install() -> None:
    """Let nbval fork its kernels, unless the system or ORDINARY_KERNELS forbids it."""
    if not hasattr(os, "fork") or sys.platform == "darwin" or os.environ.get("ORDINARY_KERNELS"):
        return
    from jupyter_client.provisioning import local_provisioner
    from nbval import kernel

    start, launch = kernel.start_new_kernel, local_provisioner.launch_kernel
    parent = Parent()

    def start_forked(*arguments, **options):
        local_provisioner.launch_kernel = parent.fork_kernel
        try:
            return start(*arguments, **options)
        finally:
            local_provisioner.launch_kernel = launch

    kernel.start_new_kernel = start_forked


class Parent:
    """The process that kernels are forked from; it starts with the first kernel."""

    process = None

    def fork_kernel(self, command: list[str], env: dict, cwd: str | None = None, **_) -> Child:
        """Fork a kernel for a command such as [python, -m, ipykernel_launcher, -f, FILE]."""
        if self.process is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            command_line = [sys.executable, __file__]
            self.process = subprocess.Popen(command_line, start_new_session=True, **pipes)
            atexit.register(self.process.kill)
        order = {"arguments": command[command.index("ipykernel_launcher") + 1 :]}
        order |= {"environment": dict(env), "folder": cwd or os.getcwd()}
        print(json.dumps(order), file=self.process.stdin, flush=True)
        return Child(int(self.process.stdout.readline()))


class Child:
    """A forked kernel as jupyter_client expects a process to be."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """Return None while the kernel runs; its parent, which alone knows it, keeps its status."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the kernel to end."""
        while self.poll() is None:
            time.sleep(0.02)
        return 0

    def send_signal(self, number: int) -> None:
        """Send the kernel a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


def main() -> None:
    """Import, then fork a kernel for each line of orders, until there are no more."""
    sys.path.remove(str(Path(__file__).parent))  # a script's folder, which kernels don't have
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as ipykernel does
    for name in IMPORTED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels leave nothing behind
    for line in sys.stdin:
        if os.fork() == 0:
            run_kernel(**json.loads(line))


def run_kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Be a kernel until it is shut down."""
    os.setsid()  # before anybody knows this process: signals go to its whole group
    print(os.getpid(), flush=True)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    from ipykernel.kernelapp import IPKernelApp

    try:
        IPKernelApp.launch_instance(argv=arguments)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()

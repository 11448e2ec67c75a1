"""Choose PyTorch's build for `make`: the CPU build on Linux without an NVIDIA driver.

Prints pip's options to install it with, or nothing if pip should take its usual build. On Linux
that is the CUDA build, which downloads about 3 GB instead of 200 MB. One line on stderr says which
it is. The standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import urllib.request
from importlib import metadata
from pathlib import Path

CPU_INDEX = os.environ.get("TORCH_CPU_INDEX", "https://download.pytorch.org/whl/cpu")
SECONDS = 4  # until an index counts as not answering


def needs_cpu_build() -> bool:
    """Whether pip's usual build would bring CUDA to a computer that can't use it."""
    has_driver = Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi")
    return sys.platform.startswith("linux") and not has_driver and not is_installed("torch")


def is_installed(package: str) -> bool:
    """Whether the environment that runs this has a package."""
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def answers(index: str) -> bool:
    """Whether a package index answers within a few seconds."""
    found = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(f"{index}/torch/", timeout=SECONDS):
                found.set()
        except (OSError, ValueError):
            pass
        done.set()

    done = threading.Event()
    threading.Thread(target=ask, daemon=True).start()  # looking up a name has no time-out
    done.wait(SECONDS)
    return found.is_set()


def main() -> None:
    """Print pip's options, and say which build it is."""
    if not needs_cpu_build():
        return
    if answers(CPU_INDEX):
        print(f"--index-url {CPU_INDEX} --no-deps")
        print("No NVIDIA driver here: taking PyTorch's CPU build.", file=sys.stderr)
    else:
        print(
            f"{CPU_INDEX} doesn't answer: taking the PyTorch that pip offers (up to 3 GB).",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()

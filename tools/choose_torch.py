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
_TIMEOUT = 4  # seconds until an index counts as unreachable


def _needs_cpu_build() -> bool:
    """Return whether pip's usual build would install CUDA on a computer that can't use it."""
    has_driver = Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi")
    return sys.platform.startswith("linux") and not has_driver and not _is_installed("torch")


def _is_installed(package: str) -> bool:
    """Return whether this Python environment has a package."""
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def _is_reachable(index: str) -> bool:
    """Return whether a package index answers within a few seconds."""
    found = threading.Event()

    def request_page() -> None:
        try:
            with urllib.request.urlopen(f"{index}/torch/", timeout=_TIMEOUT):
                found.set()
        except (OSError, ValueError):
            pass
        done.set()

    done = threading.Event()
    threading.Thread(
        target=request_page, daemon=True
    ).start()  # a thread, since a DNS lookup has no timeout
    done.wait(_TIMEOUT)
    return found.is_set()


def main() -> None:
    """Print pip's options to stdout, and which build they install to stderr."""
    if not _needs_cpu_build():
        return
    if _is_reachable(CPU_INDEX):
        print(f"--index-url {CPU_INDEX} --no-deps")
        print("No NVIDIA driver here: taking PyTorch's CPU build.", file=sys.stderr)
    else:
        print(
            f"{CPU_INDEX} doesn't answer: taking the PyTorch that pip offers (up to 3 GB).",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()

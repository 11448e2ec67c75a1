"""Keeps the tests offline, and shares the processor out among pytest-xdist's workers.

It lies in the root so that it holds for `pytest notebooks/04_down.ipynb` as well.
"""

import os
import runpy
from pathlib import Path

import forked_kernels
import matplotlib.font_manager  # noqa: F401 - lists the fonts, which a cell would report on stderr

OFFLINE = Path(__file__).parent / "tests" / "offline"


def first_on_python_path(folder: str) -> str:
    rest = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join([folder, *(entry for entry in rest if entry not in ("", folder))])


runpy.run_path(str(OFFLINE / "sitecustomize.py"))  # this process
os.environ["PYTHONPATH"] = first_on_python_path(str(OFFLINE))  # and all that it starts

if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 0)):
    # Torch would start as many threads as there are cores in each of them.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))

forked_kernels.install()

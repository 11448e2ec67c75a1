"""Run the chapters again, in place: `python tools/run_notebooks.py [02_convolution ...]`.

Each notebook runs in a fresh kernel of the Python that runs this command. If a cell fails, its
traceback is printed and the file doesn't change. The file doesn't change either if all sources and
all outputs that nbval compares are the same as before. Otherwise losses and timings (the cells
tagged nbval-ignore-output) and numbers after ≈ would differ in git after every run.
"""

import argparse
import copy
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from ipykernel.kernelspec import make_ipkernel_cmd
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from unet_tutorial.classroom.workspace.save_hook import WIDGET_VIEW
from unet_tutorial.files import atomic_write

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_UNCOMPARED_TAG = "nbval-ignore-output"
_CELL_TIMEOUT = 600
_FAILURES = (CellExecutionError, CellTimeoutError, DeadKernelError)
_APPROXIMATE = re.compile(r"≈ -?\d[\d,]*(\.\d+)?")  # as in tests/nbval_sanitize.cfg
_ANSI_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class _CurrentPythonManager(AsyncKernelManager):
    """Starts kernels with the running interpreter, even if `python3` is another one here."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=make_ipkernel_cmd(), display_name=_KERNEL["display_name"])


def create_client(notebook: NotebookNode, folder: Path, **hooks) -> NotebookClient:
    return NotebookClient(
        notebook,
        kernel_manager_class=_CurrentPythonManager,
        kernel_name=_KERNEL["name"],
        resources={"metadata": {"path": str(folder)}},
        timeout=_CELL_TIMEOUT,
        record_timing=False,
        coalesce_streams=True,
        **hooks,
    )


def run_cells(runner: NotebookClient) -> None:
    """Run every cell in place; the kernel's own log is dropped, but not the cells' stderr."""
    runner.execute(stderr=subprocess.DEVNULL)


def _normalise_notebook(notebook: NotebookNode) -> None:
    """Drop metadata that differs between machines or runs, and outputs that are only widgets."""
    kept = {k: v for k, v in notebook.metadata.items() if k not in ("widgets", "signature")}
    kept |= {"kernelspec": dict(_KERNEL), "language_info": {"name": "python"}}
    notebook.metadata = nbformat.from_dict(kept)
    for cell in notebook.cells:
        for key in ("execution", "ExecuteTime", "scrolled", "collapsed", "trusted"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            _drop_widgets(cell)


def _drop_widgets(cell: NotebookNode) -> None:
    """Drop widgets, which only a running kernel can show, such as a progress bar at 0%."""
    if _is_uncompared(cell):
        cell.outputs = [
            o for o in cell.outputs if not _is_widget_without_picture(o.get("data", {}))
        ]
    for output in cell.outputs:  # nbval compares a widget's text/plain
        output.get("data", {}).pop(WIDGET_VIEW, None)


def _is_widget_without_picture(data: dict) -> bool:
    """Return whether an output is a widget without a still picture, such as a progress bar."""
    return WIDGET_VIEW in data and "text/html" not in data


def _is_uncompared(cell: NotebookNode) -> bool:
    return _UNCOMPARED_TAG in cell.metadata.get("tags", [])


def _drop_uncompared_outputs(notebook: NotebookNode) -> NotebookNode:
    """Copy a notebook; each uncompared cell only records whether it has an output.

    Numbers after ≈ are dropped as well.
    """
    rest = copy.deepcopy(notebook)
    for cell in rest.cells:
        if _is_uncompared(cell):
            cell.outputs = bool(cell.get("outputs"))
            continue
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = _APPROXIMATE.sub("≈", output.text)
    return rest


def _format_notebook(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def write_if_changed(notebook: NotebookNode, path: Path) -> None:
    """Write the notebook, unless the file has the same bytes already."""
    text = _format_notebook(notebook)
    if path.read_bytes() != text.encode():
        atomic_write(path, text.encode())


def _rerun_notebook(path: Path, *, every_output: bool = False) -> NotebookNode:
    """Run one notebook, write it if it changed, and return it with its new outputs."""
    before = nbformat.read(path, as_version=4)
    after = copy.deepcopy(before)
    run_cells(create_client(after, path.parent))
    _normalise_notebook(after)
    _normalise_notebook(before)
    unchanged = _drop_uncompared_outputs(after) == _drop_uncompared_outputs(before)
    write_if_changed(before if unchanged and not every_output else after, path)
    return after


def _format_stderr(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                text = _ANSI_COLOURS.sub("", output.text).strip()
                yield f"  cell {cell.id} writes to stderr: {text}"


def select_notebooks(names: list[str], folder: Path = NOTEBOOKS) -> list[Path]:
    """Find notebooks by number (02), name (02_convolution) or path; no names mean all.

    Raises SystemExit if a notebook doesn't exist.
    """
    paths = []
    for name in names:
        stem = name.removesuffix(".ipynb")
        numbered = sorted(folder.glob(f"{stem}_*.ipynb")) if stem.isdigit() else []
        path = next((each for each in (Path(f"{stem}.ipynb"), *numbered) if each.exists()), None)
        path = path or folder / f"{stem}.ipynb"
        if not path.exists():
            raise SystemExit(
                f"There is no {path}. Name a notebook in {folder}, or none to run all."
            )
        paths.append(path)
    return [path.resolve() for path in paths or sorted(folder.glob("*.ipynb"))]


def _run_and_report(path: Path, every_output: bool) -> bool:
    """Run one notebook and print the result; return whether it ran to its end."""
    started = time.perf_counter()
    try:
        notebook = _rerun_notebook(path, every_output=every_output)
    except _FAILURES as error:
        print(
            f"{path.stem} failed and was not changed:\n{_ANSI_COLOURS.sub('', str(error))}",
            flush=True,
        )
        return False
    print(f"{path.stem} {time.perf_counter() - started:.1f} s", flush=True)
    for line in _format_stderr(notebook):
        print(line, file=sys.stderr)
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", help="such as 02 or 02_convolution; no names run all")
    parser.add_argument(
        "--every-output",
        action="store_true",
        help="also write uncompared outputs (losses, timings) if nothing else changed",
    )
    chosen = parser.parse_args(arguments)
    paths = select_notebooks(chosen.names)
    went_well = [_run_and_report(path, chosen.every_output) for path in paths]
    return 0 if all(went_well) else 1


if __name__ == "__main__":
    sys.exit(main())

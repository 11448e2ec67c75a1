"""Run the chapters again, in place: `python tools/run_notebooks.py [02_convolution ...]`.

Each notebook gets a fresh kernel of the Python that runs this command. A notebook is written whole
or not at all: where a cell fails, its traceback is printed and the file stays as it was. Where
neither a source nor a compared output differs, the file stays as it is too, so that losses and
timings (the cells tagged nbval-ignore-output) do not make a difference in git at every run.
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
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
UNCOMPARED = "nbval-ignore-output"
CELL_SECONDS = 600
FAILURES = (CellExecutionError, CellTimeoutError, DeadKernelError)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class ThisPython(AsyncKernelManager):
    """Starts kernels of the running interpreter, whatever `python3` names on this machine."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=make_ipkernel_cmd(), display_name=KERNEL["display_name"])


def client(notebook: NotebookNode, folder: Path, **hooks) -> NotebookClient:
    return NotebookClient(
        notebook,
        kernel_manager_class=ThisPython,
        kernel_name=KERNEL["name"],
        resources={"metadata": {"path": str(folder)}},
        timeout=CELL_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        **hooks,
    )


def run(runner: NotebookClient) -> None:
    """Run every cell, in place; the kernel's own log (not the cells' stderr) is dropped."""
    runner.execute(stderr=subprocess.DEVNULL)


def tidy(notebook: NotebookNode) -> None:
    """Drop what differs between two machines or two runs, and is no output."""
    kept = {k: v for k, v in notebook.metadata.items() if k not in ("widgets", "signature")}
    kept |= {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}
    notebook.metadata = nbformat.from_dict(kept)
    for cell in notebook.cells:
        for key in ("execution", "ExecuteTime", "scrolled", "collapsed", "trusted"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            tidy_outputs(cell)


def tidy_outputs(cell: NotebookNode) -> None:
    """Drop what only a running kernel can show: a saved widget, and the 0% of a progress bar."""
    if uncompared(cell):
        cell.outputs = [o for o in cell.outputs if not live_alone(o.get("data", {}))]
    for output in cell.outputs:  # nbval compares a widget's text/plain
        output.get("data", {}).pop(WIDGET_VIEW, None)


def live_alone(data: dict) -> bool:
    """Whether an output is a widget with no still picture, as a progress bar is."""
    return WIDGET_VIEW in data and "text/html" not in data


def uncompared(cell: NotebookNode) -> bool:
    return UNCOMPARED in cell.metadata.get("tags", [])


def compared(notebook: NotebookNode) -> NotebookNode:
    """The notebook with only whether there is an output where nobody compares what it says."""
    rest = copy.deepcopy(notebook)
    for cell in rest.cells:
        if uncompared(cell):
            cell.outputs = bool(cell.get("outputs"))
    return rest


def as_text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def write_changed(notebook: NotebookNode, path: Path) -> None:
    """Write the file whole or not at all, and only where its bytes change."""
    text = as_text(notebook)
    if path.read_bytes() != text.encode():
        atomic_write(path, text.encode())


def rerun(path: Path, *, every_output: bool = False) -> NotebookNode:
    """Run one notebook, write it, and return it as it was run."""
    before = nbformat.read(path, as_version=4)
    after = copy.deepcopy(before)
    run(client(after, path.parent))
    tidy(after)
    tidy(before)
    unchanged = compared(after) == compared(before)
    write_changed(before if unchanged and not every_output else after, path)
    return after


def said_on_stderr(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                yield f"  cell {cell.id} writes to stderr: {COLOURS.sub('', output.text).strip()}"


def find(names: list[str], folder: Path = NOTEBOOKS) -> list[Path]:
    """The notebooks named (02_convolution, with or without .ipynb, or a path); all, for none."""
    paths = [Path(f"{name.removesuffix('.ipynb')}.ipynb") for name in names]
    paths = [path if path.exists() else folder / path for path in paths]
    for path in paths:
        if not path.exists():
            raise SystemExit(f"There is no {path}. Name a notebook of {folder}, or none for all.")
    return [path.resolve() for path in paths or sorted(folder.glob("*.ipynb"))]


def run_one(path: Path, every_output: bool) -> bool:
    """Run one notebook and say how it went; returns whether it ran to its end."""
    started = time.perf_counter()
    try:
        notebook = rerun(path, every_output=every_output)
    except FAILURES as error:
        print(f"{path.stem} fails, and stays as it was:\n{COLOURS.sub('', str(error))}", flush=True)
        return False
    print(f"{path.stem} {time.perf_counter() - started:.1f} s", flush=True)
    for line in said_on_stderr(notebook):
        print(line, file=sys.stderr)
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", help="such as 02_convolution; none runs all")
    parser.add_argument(
        "--every-output",
        action="store_true",
        help="write the uncompared outputs (losses, timings) too where nothing else changed",
    )
    chosen = parser.parse_args(arguments)
    went_well = [run_one(path, chosen.every_output) for path in find(chosen.names)]
    return 0 if all(went_well) else 1


if __name__ == "__main__":
    sys.exit(main())

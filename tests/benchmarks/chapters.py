"""Measure the chapters: `python tests/benchmarks/chapters.py [02_convolution ...] [--write]`.

Each notebook runs from top to bottom in a fresh kernel, and nothing is saved. The time includes the
kernel's start. Memory is the kernel's peak resident memory, including Python and PyTorch. The table
is printed; --write also puts the numbers between the markers in README.md and chapter 00. The exit
status is 1 if a chapter exceeds its budget.
"""

import argparse
import copy
import re
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import run_notebooks  # noqa: E402

README = ROOT / "README.md"
START_HERE = run_notebooks.NOTEBOOKS / "00_start_here.ipynb"
MARKERS = re.compile(r"(?s)(?<=<!-- chapters -->\n).*?(?=<!-- /chapters -->)")
LINK = re.compile(r"\]\((?:[^)\s]*/)?([^)/\s]+)\.ipynb\)")
MOST_SECONDS = {"10_train": 75}
MOST_SECONDS_ELSE = 30
MOST_MEMORY = 1_500_000_000


class Cost(NamedTuple):
    """Run time of a chapter in seconds, and its peak resident memory in bytes."""

    seconds: float
    memory: int

    def format_columns(self) -> tuple[str, str]:
        """Format the time in whole seconds and the memory in steps of 10 MB, both at least one."""
        seconds, tens_of_mb = round(self.seconds), round(self.memory / 1e7)
        return f"{max(1, seconds)} s", f"{max(1, tens_of_mb) * 10:,} MB"

    def is_within_budget(self, name: str) -> bool:
        most = MOST_SECONDS.get(name, MOST_SECONDS_ELSE)
        return self.seconds <= most and self.memory <= MOST_MEMORY


class PeakMemory:
    """Measures the peak resident memory of a notebook client's kernel while it runs."""

    def __init__(self) -> None:
        self.bytes = 0
        self.client = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        self.thread.join()

    def _poll(self) -> None:
        while not self.over.wait(0.05):
            self.update()

    def update(self, **_) -> None:
        """Update the peak from the system's record, or from the current memory if it has none."""
        provisioner = getattr(getattr(self.client, "km", None), "provisioner", None)
        if (pid := getattr(provisioner, "pid", None)) is None:
            return
        try:
            self.bytes = max(
                self.bytes, _read_system_peak(pid) or psutil.Process(pid).memory_info().rss
            )
        except (psutil.Error, OSError):
            return  # the kernel has just ended


def _read_system_peak(pid: int) -> int:
    """Read the peak resident memory that Linux and Windows record, in bytes; 0 elsewhere."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(found[1]) * 1024 if found else 0
    return getattr(psutil.Process(pid).memory_info(), "peak_wset", 0)


def measure_chapter(path: Path) -> Cost:
    """Run one notebook in a fresh kernel, without changing its file."""
    notebook = copy.deepcopy(nbformat.read(path, as_version=4))
    started = time.perf_counter()
    with PeakMemory() as peak:
        peak.client = run_notebooks.create_client(
            notebook, path.parent, on_cell_executed=peak.update
        )
        run_notebooks.run_cells(peak.client)
    return Cost(time.perf_counter() - started, peak.bytes)


def update_table(text: str, costs: dict[str, Cost]) -> str:
    """Put the costs in the last two columns of the rows that link to the measured chapters."""
    if not MARKERS.search(text):
        raise SystemExit("There is no table between <!-- chapters --> and <!-- /chapters -->.")
    return MARKERS.sub(lambda table: _update_rows(table[0], costs), text)


def _find_missing_rows(text: str, costs: dict[str, Cost]) -> list[str]:
    rows = [LINK.search(row) for row in MARKERS.search(text)[0].splitlines()]
    return sorted(set(costs) - {link[1] for link in rows if link})


def _update_rows(table: str, costs: dict[str, Cost]) -> str:
    rows = table.splitlines(keepends=True)
    for number, row in enumerate(rows):
        link = LINK.search(row)
        if link and link[1] in costs:
            rest, _, _, end = row.rsplit("|", 3)
            rows[number] = f"{rest}| {' | '.join(costs[link[1]].format_columns())} |{end}"
    return "".join(rows)


def write_costs(costs: dict[str, Cost], readme: Path = README, start: Path = START_HERE) -> None:
    """Write the costs to the README, and to the cell of chapter 00 that has the markers."""
    readme_text = update_table(readme.read_text(encoding="utf-8"), costs)
    notebook = nbformat.read(start, as_version=4)
    cells = [cell for cell in notebook.cells if MARKERS.search(cell.source)]
    if len(cells) != 1:
        raise SystemExit(
            f"{start} needs one cell with <!-- chapters --> markers, but has {len(cells)}."
        )
    for where, text in ((readme, readme_text), (start, cells[0].source)):
        if lost := _find_missing_rows(text, costs):
            print(f"{where.name} has no row for {', '.join(lost)}")
    cells[0].source = update_table(cells[0].source, costs)
    readme.write_text(readme_text, encoding="utf-8", newline="\n")
    run_notebooks.write_if_changed(notebook, start)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("names", nargs="*", help="such as 02_convolution; no names measure all")
    parser.add_argument("--write", action="store_true", help="write README.md and chapter 00")
    chosen = parser.parse_args(arguments)
    costs = {}
    print("| Chapter | Run time | Memory |\n| --- | --- | --- |", flush=True)
    for path in run_notebooks.select_notebooks(chosen.names):
        costs[path.stem] = measure_chapter(path)
        print(f"| {path.stem} | {' | '.join(costs[path.stem].format_columns())} |", flush=True)
    if chosen.write:
        write_costs(costs)
    over = [name for name, cost in costs.items() if not cost.is_within_budget(name)]
    if over:
        print(f"Over the budget (30 s, chapter 10: 75 s; 1.5 GB): {', '.join(over)}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

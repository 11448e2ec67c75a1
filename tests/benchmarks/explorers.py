"""Measure how fast the explorers respond: `python tests/benchmarks/explorers.py [sizes ...]`.

Each explorer that needs no network gets a fixed sequence of moves of its controls, one by one, as
if by hand. The time of a move runs from the change of a control to the new picture and text in the
kernel; the browser's work isn't included. Run it with one thread: `OMP_NUM_THREADS=1`. The exit
status is 1 if a median exceeds the budget.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from unet_tutorial import explorers  # noqa: E402
from unet_tutorial.data import load_nuclei  # noqa: E402
from unet_tutorial.teaching.explorers.explorer import Explorer  # noqa: E402

BUDGET = 100.0  # milliseconds


def _load_centre() -> tuple[np.ndarray, np.ndarray]:
    """Load the centre of the nuclei image and of its labels, 480 by 480."""
    image, labels = load_nuclei()
    return image[16:496, 16:496], labels[16:496, 16:496]


def _make_threshold_explorer() -> Explorer:
    """Make chapter 11's threshold explorer, with the grey image instead of a prediction."""
    image, labels = (array[:, 240:304].T for array in _load_centre())
    return explorers.threshold(image, (image / image.max()).astype(np.float32), labels)


class Walk(NamedTuple):
    """An explorer, and the values that each of its controls takes, forwards and backwards."""

    make: Callable[[], Explorer]
    values: dict[str, Sequence[Any]]


WALKS = {
    "sizes": Walk(
        explorers.sizes,
        {
            "size": [7, 8, 9, 10],
            "kernel_size": [4, 5, 1, 2],
            "padding": [3, 2, 1],
            "step": range(99, 0, -9),  # ends at a large step, which drops when the output shrinks
            "dilation": [2, 3],
            "stride": [4, 3, 2],
            "output_padding": [1, 2, 3],
        },
    ),
    "the_u": Walk(
        explorers.the_u,
        {
            "height": [16, 17, 250, 512, 2048],
            "width": [16, 100, 512, 2048],
            "channels": [2, 3, 8],
            "classes": [2, 5],
            "base_channels": [1, 7, 8, 32, 128],
        },
    ),
    "receptive_field": Walk(
        lambda: explorers.receptive_field(_load_centre()[0]),
        {"row": range(0, 480, 53), "column": range(1, 480, 61)},
    ),
    "threshold": Walk(_make_threshold_explorer, {"threshold": [0.1, 0.2, 0.3, 0.45, 0.6, 0.9]}),
}


class Times(NamedTuple):
    """Statistics of the time that an explorer's moves took, in milliseconds."""

    moves: int
    median: float
    worst: float
    spread: float  # interquartile range

    def format_columns(self) -> tuple[str, ...]:
        figures = self.median, self.worst, self.spread
        written = [f"{figure:.0f} ms" for figure in figures]
        return str(self.moves), *written, *(f"{each / BUDGET:.2f}" for each in figures[:2])


def _list_moves(explorer: Explorer, walk: dict[str, Sequence[Any]]) -> Iterator[tuple[str, Any]]:
    """List each control's values, forwards and backwards, without those above its maximum."""
    for name, values in walk.items():
        control = explorer.controls[name]
        for value in [*values, *reversed(values)]:
            if value != control.value and (not hasattr(control, "max") or value <= control.max):
                yield name, value


def measure_explorer(name: str, rounds: int = 3) -> Times:
    """Move an explorer's controls, several times through, and time every move."""
    explorer = WALKS[name].make()
    explorer._repr_mimebundle_()  # makes it live, as in a notebook
    taken = []
    for _ in range(rounds):
        for control, value in _list_moves(explorer, WALKS[name].values):
            started = time.perf_counter()
            explorer.set(**{control: value})
            taken.append(1000 * (time.perf_counter() - started))
    return _summarise(taken)


def _summarise(taken: Sequence[float]) -> Times:
    low, median, high = statistics.quantiles(taken, n=4)
    return Times(len(taken), median, max(taken), high - low)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(WALKS)}; no names measure all")
    chosen = parser.parse_args(arguments).names or list(WALKS)
    if unknown := sorted(set(chosen) - set(WALKS)):
        parser.error(f"no explorer called {', '.join(unknown)}; there are {', '.join(WALKS)}")
    heads = "Explorer", "Moves", "Median", "Worst", "Spread", "Median / 100 ms", "Worst / 100 ms"
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}", flush=True)
    times = {}
    for name in chosen:
        times[name] = measure_explorer(name)
        print(f"| {name} | {' | '.join(times[name].format_columns())} |", flush=True)
    over = [name for name, each in times.items() if each.median > BUDGET]
    if over:
        print(f"Over the budget of {BUDGET:.0f} ms: {', '.join(over)}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

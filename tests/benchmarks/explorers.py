"""Measure how fast the explorers answer: `python tests/benchmarks/explorers.py [pooling ...]`.

Chromium's mouse moves over the parts of each explorer, on a page without anything else and in
JupyterLab. The time of a move runs from the pointer event to the next frame painted after the page
has changed. The exit status is 1 if a median exceeds the budget.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tools"), str(ROOT / "tests" / "browser")]
import nbformat  # noqa: E402
from build_explorers import list_explorers  # noqa: E402
from explorer_alone import open_alone  # noqa: E402
from jupyter_server_here import JupyterLab  # noqa: E402
from nbformat.v4 import new_code_cell, new_notebook  # noqa: E402
from notebook_page import NotebookPage  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

BUDGET = 16.0  # milliseconds: one frame of an ordinary screen
MOVES, PAUSE = 80, 30  # milliseconds between two moves
FACES = {"transposed_convolution": {"": [], "trained": ["ink:trained"]}}  # buttons to press first
MAKE = """from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget
ExplorerWidget("{0}")"""
VIEWPORT = {"width": 1200, "height": 1000}
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
# What is painted after the frame in which the page changed comes after that frame's callbacks.
WATCH = """([selector, kind]) => {
    window.taken = [];
    window.stopWatching?.();
    let begun = null;
    const begin = event => { begun = event.timeStamp };
    addEventListener(kind, begin, true);
    const painted = from => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => taken.push(performance.now() - from);
        channel.port2.postMessage(0);
    });
    const observer = new MutationObserver(() => {
        if (begun === null) return;
        painted(begun);
        begun = null;
    });
    const everything = { subtree: true, attributes: true, childList: true, characterData: true };
    observer.observe(document.querySelector(selector), everything);
    window.stopWatching = () => {
        observer.disconnect();
        removeEventListener(kind, begin, true);
    };
}"""
PARTS = ".explorer .picture :is([data-hit], [data-pixels])"


class Times(NamedTuple):
    """How long the moves took from the event to the painted frame, in milliseconds."""

    moves: int
    median: float
    worst: float

    @classmethod
    def of(cls, taken: list[float]) -> Times:
        return cls(len(taken), statistics.median(taken), max(taken))


def measure_pointer(page: Page) -> Times:
    """Move the mouse from part to part of the explorer that a page shows."""
    page.locator(".explorer").first.scroll_into_view_if_needed()
    boxes = [part.bounding_box() for part in page.locator(PARTS).all()]
    places = [box for box in boxes if box]
    page.evaluate(WATCH, [".explorer", "pointermove"])
    for move in range(MOVES):
        place = places[7 * move % len(places)]
        x, y = (0.2 + step % 5 * 0.15 for step in (move, 3 * move))
        page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"])
        page.wait_for_timeout(PAUSE)
    return Times.of(page.evaluate("taken"))


def iterate_faces(page: Page, name: str) -> Iterator[str]:
    """Yield the name of each face of an explorer, when it can be seen."""
    for face, buttons in FACES.get(name, {"": []}).items():
        for button in buttons:
            page.locator(f'.explorer [data-set="{button}"]').click()
        page.wait_for_timeout(300)
        yield f"{name}, {face}" if face else name


@contextmanager
def open_in_lab(browser: Any, lab: JupyterLab, code: str) -> Iterator[Page]:
    """Open JupyterLab with a notebook of one cell, and run it."""
    path = lab.files / "explorer.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(code)], metadata=KERNEL), path)
    page = browser.new_page(viewport=VIEWPORT)
    notebook = NotebookPage(page, lab, path).open().run_all()
    page.locator(".explorer .picture svg").first.wait_for()
    yield notebook.page
    page.close()
    lab.end_kernels()


def measure_all(names: list[str]) -> Iterator[tuple[str, str, Times]]:
    """Yield explorer, place and times, as they are measured."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for name in names:
            page = browser.new_page(viewport=VIEWPORT)
            open_alone(page, name)
            for face in iterate_faces(page, name):
                yield face, "page", measure_pointer(page)
            page.close()
        with JupyterLab(Path(folder)) as lab:
            for name in names:
                with open_in_lab(browser, lab, MAKE.format(name)) as page:
                    for face in iterate_faces(page, name):
                        yield face, "JupyterLab", measure_pointer(page)
        browser.close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    known = list_explorers()
    parser.add_argument("names", nargs="*", help=f"of {', '.join(known)}; no names measure all")
    names = parser.parse_args(arguments).names or known
    if unknown := sorted(set(names) - set(known)):
        parser.error(f"no explorer called {', '.join(unknown)}; there are {', '.join(known)}")
    heads = "Explorer", "Where", "Moves", "Median", "Worst"
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}", flush=True)
    over = []
    for name, place, times in measure_all(names):
        print(
            f"| {name} | {place} | {times.moves} | {times.median:.1f} ms | {times.worst:.1f} ms |"
        )
        sys.stdout.flush()
        if times.median > BUDGET:
            over.append(f"{name} ({place})")
    if over:
        print(f"Over the budget of {BUDGET:.0f} ms: {', '.join(over)}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

"""One submission of each kind that students hand in, with what it must earn and be told."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass

from small_course import NUMBERS, attempt, cell, changed, numbers

from unet_tutorial.teaching import chapters

FILL = "hoard = []\nwhile True:\n    hoard.append(bytearray(5 * 10**7))\n"
SWALLOW = """
import time
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""
WRITE_99 = """
import gc, os, pathlib, sqlite3
for each in pathlib.Path({place!r}).rglob("gradebook.db"):
    base = sqlite3.connect(each)
    base.execute("update grade set auto_score = 99, manual_score = 99")
    base.commit()
for each in pathlib.Path({place!r}).rglob("source/*/*.ipynb"):
    each.write_text("{{}}")
"""
INTO_IPYTHON = """
import pathlib, IPython
place = pathlib.Path(IPython.paths.get_ipython_dir()) / "profile_default" / "startup"
place.mkdir(parents=True, exist_ok=True)
(place / "00.py").write_text("import builtins; builtins.WANTED = 0")
"""


@dataclass(frozen=True)
class Kind:
    """A submission; `points` are what its three exercises earn, `said` what a comment must say."""

    made: dict | str
    points: tuple[float, float, float]
    said: str = ""
    flagged: str = ""
    file: str = ""
    beside: tuple[str, str] | None = None

    @property
    def failed(self) -> list[str]:
        """The names of the checks that failed."""
        names = ("check-2-1", "check-2-2", "check-2-3")
        return [name for name, most in zip(names, (1, 2, 3), strict=True) if self.lost(name, most)]

    def lost(self, name: str, most: int) -> bool:
        """Return whether an exercise lost points."""
        return self.points[int(name[-1]) - 1] < most


def body(lines: str) -> str:
    """Return an answer to 2.2 that does something when it is called."""
    inner = "\n".join("    " + line for line in lines.strip().split("\n"))
    return f"def double(number):\n{inner}\n    return 2 * number"


def twice(cells: list[dict], name: str, **values) -> None:
    """Put a copy of a cell before it, nbgrader's metadata included."""
    place = [each["id"] for each in cells].index(name)
    cells.insert(place, copy.deepcopy(cells[place]) | {"id": f"{name}-again"} | values)


def without(cells: list[dict], *names: str) -> None:
    """Take cells out."""
    cells[:] = [each for each in cells if each["id"] not in names]


def before(cells: list[dict], name: str, source: str) -> None:
    """Put a cell of the student's own before another."""
    place = [each["id"] for each in cells].index(name)
    cells.insert(place, cell("mine", source))


def set_in(cells: list[dict], name: str, **values) -> None:
    """Change a cell."""
    cells[[each["id"] for each in cells].index(name)] |= values


def muddle(cells: list[dict]) -> None:
    """Double a check and an answer, and change a check's points and the version of its metadata."""
    twice(cells, "check-2-1")
    twice(cells, "solution-2-2", source="double = 7")
    meta = cells[[each["id"] for each in cells].index("check-2-3")]["metadata"]["nbgrader"]
    meta |= {"points": 99, "schema_version": 77}


def cut() -> str:
    """Return the text of a right submission that ends in the middle of its third answer."""
    text = json.dumps(attempt())
    return text[: text.index("return number**0.5")]


SECOND = f"{NUMBERS} (1).ipynb"
ALL = (1, 2, 3)
WRONG = {
    "solution_2_1": "answer = 41",
    "solution_2_2": "def double(number):\n    return 4",  # as far as the visible test goes
    "solution_2_3": "def root(number):\n    return number",
}
FLOOD = "while True:\n    print('again' * 100)"
FROM = "def root(number):\n    return add_one(number**0.5) - 1"  # add_one is of a teaching cell
PATCH = "import builtins\nbuiltins.sum = lambda each: 42\nanswer = 42"
TRANSFORM = """
def drop(lines):
    return [] if "assert" in lines[0] else lines
get_ipython().input_transformers_post.append(drop)
"""


def kinds(course: str) -> dict[str, Kind]:
    """Return the kinds by student; `course` is where the hostile one looks for the gradebook."""
    return {
        "right": Kind(attempt(), ALL),
        "wrong": Kind(attempt(**WRONG), (0, 0, 0), "check-2-1: AssertionError: not 42"),
        "untried": Kind(chapters.learners_edition(numbers()), (0, 0, 0), "No response."),
        "muddled": Kind(changed(muddle), ALL, "solution-2-2 stood there twice"),
        "deleted": Kind(
            changed(lambda c: without(c, "setup", "check-2-1", "solution-2-2", "built")),
            (1, 0, 3),
            "solution-2-2 was missing",
        ),
        "exits": Kind(
            changed(
                lambda c: before(c, "solution-2-3", "import os\nos.kill(os.getpid(), 9)"),
                solution_2_2=body("import os\nos._exit(0)"),
            ),
            (1, 0, 3),
            "check-2-2: This cell ended the kernel.",
        ),
        "hoards": Kind(attempt(solution_2_2=FILL), (1, 0, 3), "0.5 GB of memory"),
        "hangs": Kind(attempt(solution_2_2=body(SWALLOW)), (1, 0, 3), "could only be killed"),
        "runs-on": Kind(
            attempt(solution_2_1="while True:\n    pass", solution_2_2=body(FLOOD)),
            (0, 0, 3),
            "check-2-2: This cell wrote more than 50,000 characters",
        ),
        "stumbles": Kind(
            attempt(solution_2_1="answer = = 42", solution_2_2="import sys\nsys.exit()"),
            (0, 0, 3),
            "solution-2-2: SystemExit",
        ),
        "warns": Kind(
            attempt(solution_2_2=body("import warnings\nwarnings.warn('old')"), solution_2_3=FROM),
            ALL,
        ),
        "renamed": Kind(attempt(), ALL, f"called '{SECOND}'", file=SECOND),
        "cut-short": Kind(cut(), (1, 2, 0), "whole cells could be read"),
        "empty": Kind("", (0, 0, 0), "it is empty"),
        "eased": Kind(
            changed(lambda c: set_in(c, "check-2-2", source="pass"), **WRONG),
            (0, 0, 0),
            flagged="check-2-2 was changed",
        ),
        "patched": Kind(
            attempt(**WRONG | {"solution_2_1": PATCH}),
            (1, 0, 0),
            flagged="builtins.sum was replaced by code of the notebook",
        ),
        "transforms": Kind(
            attempt(**WRONG | {"solution_2_1": TRANSFORM}),
            ALL,
            flagged="An input transformer was added",
        ),
        "writes-99": Kind(
            attempt(solution_2_1=WRITE_99.format(place=course) + INTO_IPYTHON),
            (0, 2, 3),
            flagged="gradebook.db was changed while this ran; it was put back",
        ),
        "shadows": Kind(
            attempt(solution_2_1="import psutil\nanswer = psutil.ANSWER"),
            (0, 2, 3),
            flagged="'psutil.py' was handed in beside the notebook",
            beside=("psutil.py", "ANSWER = 42"),
        ),
    }

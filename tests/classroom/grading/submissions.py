"""One submission of each kind that students submit, with its expected points and comments."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass

from small_course import NUMBERS, attempt, cell, edit_attempt, numbers

from unet_tutorial.teaching import chapters

FILL_MEMORY = "hoard = []\nwhile True:\n    hoard.append(bytearray(5 * 10**7))\n"
IGNORE_INTERRUPT = """
import time
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""
WRITE_STARTUP_FILE = """
import pathlib, IPython
place = pathlib.Path(IPython.paths.get_ipython_dir()) / "profile_default" / "startup"
place.mkdir(parents=True, exist_ok=True)
(place / "00.py").write_text("import builtins; builtins.WANTED = 0")
"""


@dataclass(frozen=True)
class Kind:
    """A submission and its expected result."""

    content: dict | str  # a notebook, or the text of its file
    points: tuple[float, float, float]  # of its three exercises
    comment: str = ""  # part of a comment on it
    guess: str = ""  # part of what its marks rest on, which the table says
    trick: str = ""  # part of a sign of a trick, which only the instructor is told
    file: str = ""  # its name, if the student renamed it
    extra_file: tuple[str, str] | None = None  # name and text

    @property
    def failed(self) -> list[str]:
        """The names of the failed checks."""
        names = ("check-2-1", "check-2-2", "check-2-3")
        return [
            name
            for name, most in zip(names, (1, 2, 3), strict=True)
            if self.has_lost_points(name, most)
        ]

    def has_lost_points(self, name: str, most: int) -> bool:
        """Whether an exercise earns fewer points than it could."""
        return self.points[int(name[-1]) - 1] < most


def build_answer(lines: str) -> str:
    """Build a right answer to 2.2 that also runs some lines when it is called."""
    inner = "\n".join("    " + line for line in lines.strip().split("\n"))
    return f"def double(number):\n{inner}\n    return 2 * number"


def duplicate_cell(cells: list[dict], name: str, **values) -> None:
    """Insert a copy of a cell before it, with nbgrader's metadata."""
    place = [each["id"] for each in cells].index(name)
    cells.insert(place, copy.deepcopy(cells[place]) | {"id": f"{name}-again"} | values)


def remove_cells(cells: list[dict], *names: str) -> None:
    cells[:] = [each for each in cells if each["id"] not in names]


def insert_before(cells: list[dict], name: str, source: str) -> None:
    """Insert a cell that the student wrote before another one."""
    place = [each["id"] for each in cells].index(name)
    cells.insert(place, cell("mine", source))


def change_cell(cells: list[dict], name: str, **values) -> None:
    cells[[each["id"] for each in cells].index(name)] |= values


def muddle_cells(cells: list[dict]) -> None:
    """Duplicate a check and an answer, and change a check's points and its schema version."""
    duplicate_cell(cells, "check-2-1")
    duplicate_cell(cells, "solution-2-2", source="double = 7")
    meta = cells[[each["id"] for each in cells].index("check-2-3")]["metadata"]["nbgrader"]
    meta |= {"points": 99, "schema_version": 77}


def truncate_submission() -> str:
    """Cut a right submission off in the middle of its third answer."""
    text = json.dumps(attempt())
    return text[: text.index("return number**0.5")]


SECOND_DOWNLOAD = f"{NUMBERS} (1).ipynb"
ALL = (1, 2, 3)
WRONG = {
    "solution_2_1": "answer = 41",
    "solution_2_2": "def double(number):\n    return 4",  # passes the visible test
    "solution_2_3": "def root(number):\n    return number",
}
FLOOD = "while True:\n    print('again' * 100)"
# add_one is defined in a teaching cell
USES_TEACHING_CELL = "def root(number):\n    return add_one(number**0.5) - 1"
PATCH = "import builtins\nbuiltins.sum = lambda each: 42\nanswer = 42"
TRANSFORM = """
def drop(lines):
    return [] if "assert" in lines[0] else lines
get_ipython().input_transformers_post.append(drop)
"""


# A bare except hides the NameError of a teaching cell that didn't run.
SWALLOWS = """
def root(number):
    try:
        return add_one(number**0.5) - 1
    except:
        return None
"""
SCRATCH = """
import time
end = time.process_time() + 0.9
while time.process_time() < end:
    pass
"""


def add_scratch(cells: list[dict]) -> None:
    """Insert scratch work that uses up its time, and then a helper that an answer uses."""
    helper = "def helper(number):\n    return number**0.5"
    for source in (SCRATCH, SCRATCH, SCRATCH, SCRATCH, helper):
        insert_before(cells, "solution-2-1", source)


def paste_below(cells: list[dict], pasted: list[dict]) -> None:
    """Paste cells at the end: they keep nbgrader's metadata and get new ids."""
    cells += [each | {"id": f"again-{number}"} for number, each in enumerate(pasted)]


def paste_stub(cells: list[dict]) -> None:
    """Paste the text of a stub into a new cell below its answer."""
    insert_before(cells, "check-2-2", chapters.make_learner_source(numbers()["cells"][7]))


def build_kinds() -> dict[str, Kind]:
    """Build the submissions by student."""
    untried = chapters.make_learner_edition(numbers())
    return {
        "swallows": Kind(attempt(solution_2_3=SWALLOWS), ALL),
        "evaluates": Kind(
            attempt(solution_2_3="def root(n):\n    return eval('add_one')(n**0.5) - 1"), ALL
        ),
        "scratch": Kind(
            edit_attempt(add_scratch, solution_2_3="def root(each):\n    return helper(each)"),
            ALL,
            guess="What is graded was run again",
        ),
        "backup": Kind(edit_attempt(paste_stub), ALL, guess="solution-2-2 is there 2 times"),
        "pasted": Kind(
            edit_attempt(lambda c: paste_below(c, untried["cells"])),
            ALL,
            guess="solution-2-1 is there 2 times; the last one with an answer counts",
        ),
        "variable": Kind(
            edit_attempt(lambda c: insert_before(c, "check-2-1", "WANTED = 'a lot'")), ALL
        ),
        "below": Kind(
            edit_attempt(
                lambda c: c.append(c.pop([each["id"] for each in c].index("solution-2-2")))
            ),
            ALL,
        ),
        "right": Kind(attempt(), ALL),
        "wrong": Kind(attempt(**WRONG), (0, 0, 0), "check-2-1: AssertionError: not 42"),
        "untried": Kind(untried, (0, 0, 0), "No response."),
        "muddled": Kind(
            edit_attempt(muddle_cells),
            ALL,
            guess="solution-2-2 is there 2 times; the last one counts",
        ),
        "deleted": Kind(
            edit_attempt(lambda c: remove_cells(c, "setup", "check-2-1", "solution-2-2", "built")),
            (1, 0, 3),
            "The cell solution-2-2 was missing",
        ),
        "exits": Kind(
            edit_attempt(
                lambda c: insert_before(c, "solution-2-3", "import os\nos.kill(os.getpid(), 9)"),
                solution_2_2=build_answer("import os\nos._exit(0)"),
            ),
            (1, 0, 3),
            "check-2-2: This cell ended the kernel.",
        ),
        "hoards": Kind(attempt(solution_2_2=FILL_MEMORY), (1, 0, 3), "0.5 GB of memory"),
        "hangs": Kind(
            attempt(solution_2_2=build_answer(IGNORE_INTERRUPT)),
            (1, 0, 3),
            "check-2-2: This cell was stopped after 8 seconds by the clock.",
            "check-2-2 was stopped by the clock",
        ),
        "runs-on": Kind(
            attempt(solution_2_1="while True:\n    pass", solution_2_2=build_answer(FLOOD)),
            (0, 0, 3),
            "check-2-2: This cell wrote more than 50,000 characters",
        ),
        "stumbles": Kind(
            attempt(solution_2_1="answer = = 42", solution_2_2="import sys\nsys.exit()"),
            (0, 0, 3),
            "solution-2-2: SystemExit",
        ),
        "warns": Kind(
            attempt(
                solution_2_2=build_answer("import warnings\nwarnings.warn('old')"),
                solution_2_3=USES_TEACHING_CELL,
            ),
            ALL,
        ),
        "renamed": Kind(attempt(), ALL, file=SECOND_DOWNLOAD),
        "cut-short": Kind(truncate_submission(), (1, 2, 0), guess="12 whole cells could be read"),
        "empty": Kind("", (0, 0, 0), guess="it is empty"),
        "eased": Kind(
            edit_attempt(lambda c: change_cell(c, "check-2-2", source="pass"), **WRONG),
            (0, 0, 0),
            trick="check-2-2: the cell was changed",
        ),
        "patched": Kind(
            attempt(**WRONG | {"solution_2_1": PATCH}),
            (1, 0, 0),
            trick="builtins.sum was replaced",
        ),
        "transforms": Kind(
            attempt(**WRONG | {"solution_2_1": TRANSFORM}),
            (0, 0, 0),
            trick="A function that changes the code of cells was added",
        ),
        "starts-up": Kind(attempt(solution_2_1=WRITE_STARTUP_FILE), (0, 2, 3)),
        "shadows": Kind(
            attempt(solution_2_1="import psutil\nanswer = psutil.ANSWER"),
            (0, 2, 3),
            trick="'psutil.py' was handed in",
            extra_file=("psutil.py", "ANSWER = 42"),
        ),
    }

"""Time grading next to plain nbgrader: `python tests/benchmarks/grading.py [--copies 40]`.

A course has so many right copies of a chapter; in chapter 10, each has a cell of the student's own
that trains the chapter's model further. The copies are graded by `nbgrader autograde`, and by
`unet-tutorial grade` with one and two workers, with and without isolation, one after the other. The
table has each one's seconds for a copy, its ratio to nbgrader, and how many points were given.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbgrader.api import Gradebook

from unet_tutorial.classroom.course.make_course import make_course
from unet_tutorial.classroom.nbgrader_config import load_config, open_course
from unet_tutorial.teaching import chapters

TRAINING = {
    "10": "history = fit(model, loader, validation, epochs=1, learning_rate=3e-3)\n"
    "print(history.validation_dice)"
}
GRADE = ["-m", "unet_tutorial", "grade", "."]
WAYS = {
    "nbgrader autograde": ["-m", "nbgrader", "autograde"],
    "1 worker": [*GRADE, "--workers", "1"],
    "2 workers": [*GRADE, "--workers", "2"],
    "1 worker, isolated": [*GRADE, "--workers", "1", "--isolate"],
    "2 workers, isolated": [*GRADE, "--workers", "2", "--isolate"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chapters", nargs="+", default=["02", "10"])
    parser.add_argument("--copies", type=int, default=40)
    arguments = parser.parse_args()
    for chapter in arguments.chapters:
        with tempfile.TemporaryDirectory() as place:
            course = Path(place) / "course"
            stem = make_copies(course, chapter, arguments.copies)
            print(f"\n{stem}, {arguments.copies} copies   seconds a copy   ratio   points")
            first = None
            for name, command in WAYS.items():
                seconds, points = measure(course, stem, command)
                first = first or seconds
                each = seconds / arguments.copies
                print(f"  {name:22} {each:12.1f} {seconds / first:12.2f}   {points}", flush=True)


def make_copies(course: Path, chapter: str, copies: int) -> str:
    """Make a course with right copies of a chapter, and return the assignment's name."""
    (stem,) = make_course(course, [chapter])
    open_course(load_config(course)).generate_assignment(stem)
    released = course / "release" / stem
    made = json.loads((released / f"{stem}.ipynb").read_text(encoding="utf-8"))
    for cell in made["cells"]:
        if cell["id"].startswith("solution-"):
            cell["source"] = chapters.read_solution(cell["id"][9:].replace("-", "."))
    if chapter in TRAINING:
        cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": TRAINING[chapter]}
        made["cells"].append(cell | {"outputs": [], "execution_count": None})
    for number in range(copies):
        folder = course / "submitted" / f"student{number:02}" / stem
        shutil.copytree(released, folder)
        (folder / f"{stem}.ipynb").write_text(json.dumps(made), encoding="utf-8")
    return stem


def measure(course: Path, stem: str, command: list[str]) -> tuple[float, str]:
    """Grade a fresh copy of the course, and return the seconds and which points were given."""
    copy = course.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(course, copy)
    more = [stem] if "nbgrader" in command else []
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command, *more],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - before
    if done.returncode:
        print(done.stdout[-500:], done.stderr[-500:], file=sys.stderr)
    with Gradebook(f"sqlite:///{copy}/gradebook.db", course.name) as gradebook:
        points = sorted({each.score for each in gradebook.assignment_submissions(stem)})
    return seconds, " ".join(f"{each:g}" for each in points)


if __name__ == "__main__":
    main()

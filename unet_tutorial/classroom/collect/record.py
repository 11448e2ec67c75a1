"""What became of a download: COURSE/.unet-tutorial/collected/ASSIGNMENT/collected.json.

    {"assignment": "02_convolution", "time_zone": "Europe/Berlin", "missing": ["ww1"],
     "submissions": [{"student": "al1815", "name": "Ada Lovelace", "in_roster": true,
       "notebooks": ["02.zip/al1815/02_convolution (1).ipynb"], "time": "2025-03-07 21:15:00",
       "files": ["helper.py"], "taken": ["02.zip/al1815/helper.py"], "notes": [], "digest": "4be0",
       "left_out": [{"path": "02.zip/al1815/old.ipynb", "file": "old.ipynb", "why": "..."}]}],
     "left_out": [{"path": "02.zip/index.html", "file": "index.html", "why": "..."}], "notes": []}

Paths are those in the download, with archives as folders.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

from unet_tutorial.files import KEPT, atomic_write

JUNK = "written by the system or by a program"
SAME = "the same file was taken once"


@dataclass
class LeftOut:
    """A file of a download that wasn't taken."""

    path: str  # in the download
    file: str  # as the student knows it
    why: str

    @property
    def matters(self) -> bool:
        """Whether anybody needs to look at it."""
        return self.why not in (JUNK, SAME)


@dataclass
class Submission:
    """What one student handed in."""

    student: str
    name: str = ""
    in_roster: bool = True
    notebooks: list[str] = field(default_factory=list)  # the paths of what is graded
    time: str | None = None  # UTC, such as "2025-03-07 21:15:00"; None if nobody says
    files: list[str] = field(default_factory=list)  # what came with the notebook, as saved
    taken: list[str] = field(default_factory=list)  # the paths of these files in the download
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # guesses, and what to look at
    digest: str = ""  # of the files in `submitted/`
    # How the download named the student, for giving work back:
    system: str = ""  # "moodle", "canvas", ...; "" if only the roster says that it's a student
    label: str = ""  # the name, as the download writes it
    number: str = ""  # the system's number of the student
    upload: int = 0  # Canvas's number of the notebook


@dataclass
class Collection:
    """What became of an assignment's download."""

    assignment: str
    time_zone: str = "UTC"
    submissions: list[Submission] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # ids of students who handed in nothing
    left_out: list[LeftOut] = field(default_factory=list)  # files that are nobody's
    notes: list[str] = field(default_factory=list)


def record_path(course: Path, assignment: str) -> Path:
    """Return the path of an assignment's record."""
    return course / KEPT / "collected" / assignment / "collected.json"


def save_record(course: Path, collection: Collection) -> None:
    """Save the record of an assignment, replacing the one before."""
    path = record_path(course, collection.assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(dataclasses.asdict(collection), indent=1, ensure_ascii=False)
    atomic_write(path, text.encode("utf-8", "replace"))


def read_record(course: Path, assignment: str) -> Collection:
    """Read the record of an assignment; if it was never collected, return an empty one."""
    try:
        raw = json.loads(record_path(course, assignment).read_text(encoding="utf-8"))
        raw["left_out"] = [LeftOut(**each) for each in raw["left_out"]]
        raw["submissions"] = [_parse_submission(each) for each in raw["submissions"]]
        return Collection(**raw)
    except (OSError, ValueError, KeyError, TypeError):
        return Collection(assignment)


def _parse_submission(raw: dict) -> Submission:
    return Submission(**raw | {"left_out": [LeftOut(**each) for each in raw["left_out"]]})

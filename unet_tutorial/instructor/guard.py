"""The gradebook and the sources before and after a submission runs: the same, or put back.

A submission runs as the same user as the grader, so that nothing keeps it from writing where it
finds the course. What it changes there is seen and undone. As it may have been the instructor who
changed it, what is taken away is kept aside.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from unet_tutorial.instructor.config import CONFIG
from unet_tutorial.instructor.databases import read_database, restore_database
from unet_tutorial.instructor.kernel import PACKAGE

CODE = [PACKAGE / "checks", PACKAGE / "editions.py", PACKAGE / "instructor" / "probe.py"]

SQLITE = "sqlite:///"
ASIDE = Path(".unet-tutorial") / "grading" / "changed"
NO_TAMPERING = ("__pycache__", ".git", ".ipynb_checkpoints", ".DS_Store")
ROUNDS = 5  # of putting back while somebody keeps writing
Stamp = tuple[int, int, int]


class Guard:
    """Files that must stay as they are.

    `kept` are put back where they change; `watched` are only reported. Each is a file or a folder.
    What was in the place of something put back is kept in ASIDE of `root`, the course's folder.
    """

    def __init__(self, kept: list[Path], watched: list[Path], root: Path) -> None:
        self.places, self.watching, self.root = kept, watched, Path(root)
        self.changes: list[str] = []
        self.unsaid: list[str] = []  # of the changes, what no check has returned yet
        # Stamps are taken before files are read: a change between the two is seen at the next look.
        self.stamps = stamps_of([*kept, *watched])
        self.contents = {path: content_of(path) for path in files_in(kept)}

    def check(self) -> list[str]:
        """Put back what changed; return in words what that was since the last check."""
        self.settle()
        said, self.unsaid = self.unsaid, []
        self.changes += said
        return said

    def write(self, path: Path, content: bytes) -> None:
        """Give a file that is kept a new content, which is right from now on.

        What somebody else has made of it is put aside first, to be told by the next check.
        """
        self.settle(path)
        self.contents[path] = content
        self.restore(path)
        self.settle(path)

    def settle(self, only: Path | None = None) -> None:
        """Put back what changed, and look again, since whoever changed it may still be at it."""
        for _ in range(ROUNDS):
            now = stamps_of([only] if only else [*self.places, *self.watching])
            known = {only} & self.stamps.keys() if only else self.stamps.keys()
            changed = [
                path for path in known | now.keys() if now.get(path) != self.stamps.get(path)
            ]
            for path in sorted(changed):
                if note := self.put_back(path):
                    self.unsaid.append(note)
                if note is None or not self.keeps(path):
                    self.take_stamp(path, now)
            if not changed:
                break

    def take_stamp(self, path: Path, now: dict[Path, Stamp]) -> None:
        """Take the state that a file was found in for what it must be."""
        self.stamps.pop(path, None)
        if path in now:
            self.stamps[path] = now[path]

    def keeps(self, path: Path) -> bool:
        """Return whether a file is put back, or taken away, where it is not as it must be."""
        return path in self.contents or any(path.is_relative_to(place) for place in self.places)

    def put_back(self, path: Path) -> str | None:
        """Put a file back if it is kept and not as it must be; return what is to be said of it."""
        if not self.keeps(path):
            return f"{path.name} was changed while this ran: look at {path}."
        if path in self.contents:
            if path.is_file() and content_of(path) == self.contents[path]:
                return None
            aside = self.put_aside(path, move=not is_database(path))
            self.restore(path)
            kept = f" (what it was changed to is in {aside})" if aside else ""
            return f"{path.name} was changed while this ran; it was put back{kept}."
        aside = self.put_aside(path)
        kept = f" (to {aside})" if aside else ""
        return f"{path.name} was added to the course while this ran; it was taken away{kept}."

    def restore(self, path: Path) -> None:
        """Write a file as it must be."""
        if is_database(path):
            restore_database(path, self.contents[path])
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.contents[path])

    def put_aside(self, path: Path, *, move: bool = True) -> str | None:
        """Move or copy what changed, lest somebody's work is lost; return where it is now."""
        if not (path.exists() or path.is_symlink()):
            return None
        inner = path.relative_to(self.root) if path.is_relative_to(self.root) else path.name
        aside = ASIDE / f"{datetime.now():%Y%m%d-%H%M%S-%f}" / inner
        (self.root / aside).parent.mkdir(parents=True, exist_ok=True)
        (shutil.move if move else shutil.copy2)(path, self.root / aside)
        return aside.as_posix()


def is_database(path: Path) -> bool:
    """Return whether a file is there to be written by SQLite, in its place."""
    return path.suffix == ".db" and path.is_file() and not path.is_symlink()


def content_of(path: Path) -> bytes:
    """Return what a file holds; of a database, not how often it was written."""
    return read_database(path) if is_database(path) else path.read_bytes()


def files_in(places: list[Path]) -> Iterator[Path]:
    """Yield the files among the places and in their folders, but what programs leave there."""
    for place in places:
        if place.is_file():
            yield place
        for folder, inner, names in os.walk(place):
            inner[:] = [name for name in inner if name not in NO_TAMPERING]
            yield from (Path(folder) / name for name in names if name not in NO_TAMPERING)


def stamps_of(places: list[Path]) -> dict[Path, Stamp]:
    """Return of each file its size, and when it and its place on the disk were changed."""
    stamps = {}
    for path in files_in(places):
        with contextlib.suppress(OSError):
            state = path.stat()
            stamps[path] = (state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    return stamps


def places_of(course, assignment: str) -> tuple[list[Path], list[Path]]:
    """Return what to keep and what to watch of a course; `course` is nbgrader's CourseDirectory."""
    root = Path(course.root)
    kept = [Path(course.format_path(course.source_directory, ".", assignment))]
    kept.append(root / CONFIG)
    if course.db_url.startswith(SQLITE):
        database = root / course.db_url.removeprefix(SQLITE)
        kept += [
            database,
            *(database.with_name(database.name + end) for end in ("-wal", "-journal")),
        ]
    return kept, [root / course.submitted_directory, root / course.release_directory, *CODE]


@contextlib.contextmanager
def guarding(course, asked: dict) -> Iterator[Guard]:
    """Guard a course while one submission runs; `changes` of the guard says what was undone."""
    guard = Guard(*places_of(course, asked["assignment"]), Path(course.root))
    try:
        yield guard
    finally:
        guard.check()

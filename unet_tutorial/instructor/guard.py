"""The gradebook and the sources before and after a submission runs: the same, or put back.

A submission runs as the same user as the grader, so that nothing keeps it from writing where it
finds the course. What it changes there is seen and undone. As it may have been the instructor who
changed it, what is taken away is kept aside.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from unet_tutorial.instructor.config import CONFIG
from unet_tutorial.instructor.kernel import PACKAGE

CODE = [PACKAGE / "checks", PACKAGE / "editions.py", PACKAGE / "instructor" / "probe.py"]

SQLITE = "sqlite:///"
ASIDE = Path(".unet-tutorial") / "grading" / "changed"
NO_TAMPERING = ("__pycache__", ".git", ".ipynb_checkpoints", ".DS_Store")
PATIENCE = 5.0  # seconds that others may keep a database locked
Stamp = tuple[int, int, int]


class Guard:
    """Files that must stay as they are.

    `kept` are put back where they change; `watched` are only reported. Each is a file or a folder.
    What was in the place of something put back is kept in ASIDE of `root`, the course's folder.
    """

    def __init__(self, kept: list[Path], watched: list[Path], root: Path) -> None:
        self.places, self.watching, self.root = kept, watched, Path(root)
        self.changes: list[str] = []
        self.remember()

    def remember(self) -> None:
        """Take the files as they are now for what they must be."""
        self.contents = {path: path.read_bytes() for path in files_in(self.places)}
        self.stamps = stamps_of([*self.places, *self.watching])

    def check(self) -> list[str]:
        """Put back what changed since; return in words what that was, and add it to `changes`."""
        now = stamps_of([*self.places, *self.watching])
        changed = {
            path for path in now.keys() | self.stamps if now.get(path) != self.stamps.get(path)
        }
        said = [note for path in sorted(changed) if (note := self.put_back(path))]
        self.changes += said
        self.remember_stamps(changed)
        return said

    def put_back(self, path: Path) -> str | None:
        """Give a changed file its contents again; return what is to be said of it."""
        if path in self.contents:
            if path.is_file() and path.read_bytes() == self.contents[path]:
                return None
            aside = self.restore(path)
            kept = f" (what it was changed to is in {aside})" if aside else ""
            return f"{path.name} was changed while this ran; it was put back{kept}."
        if any(path.is_relative_to(place) for place in self.places):
            aside = self.put_aside(path)
            kept = f" (to {aside})" if aside else ""
            return f"{path.name} was added to the course while this ran; it was taken away{kept}."
        return f"{path.name} was changed while this ran: look at {path}."

    def restore(self, path: Path) -> str | None:
        """Write a file as it was; return where what stood in its place is."""
        if path.suffix == ".db" and path.is_file() and not path.is_symlink():
            aside = self.put_aside(path, move=False)
            restore_database(path, self.contents[path])
            self.contents[path] = path.read_bytes()  # SQLite has counted one more change
            return aside
        aside = self.put_aside(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.contents[path])
        return aside

    def put_aside(self, path: Path, *, move: bool = True) -> str | None:
        """Move or copy what changed, lest somebody's work is lost; return where it is now."""
        if not (path.exists() or path.is_symlink()):
            return None
        inner = path.relative_to(self.root) if path.is_relative_to(self.root) else path.name
        aside = ASIDE / f"{datetime.now():%Y%m%d-%H%M%S-%f}" / inner
        (self.root / aside).parent.mkdir(parents=True, exist_ok=True)
        (shutil.move if move else shutil.copy2)(path, self.root / aside)
        return aside.as_posix()

    def accept(self, path: Path) -> None:
        """Take a file that the grader itself has changed for what it must be from now on."""
        if path in self.contents or path.is_file():
            self.contents[path] = path.read_bytes()
        self.remember_stamps({path})

    def remember_stamps(self, changed: set[Path]) -> None:
        """Take the stamps of files that changed for what they must be from now on."""
        now = stamps_of([*self.places, *self.watching])
        for path in changed:
            self.stamps.pop(path, None)
            if path in now:
                self.stamps[path] = now[path]


def restore_database(path: Path, content: bytes) -> None:
    """Give a SQLite file its content again, in place: others, such as formgrader, have it open."""
    until = time.monotonic() + PATIENCE

    def stop_waiting(*_) -> None:
        if time.monotonic() > until:
            raise TimeoutError

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        copy = Path(place) / path.name
        copy.write_bytes(content)
        try:
            with (
                contextlib.closing(sqlite3.connect(copy)) as right,
                contextlib.closing(sqlite3.connect(path, timeout=1.0)) as wrong,
            ):
                right.backup(wrong, progress=stop_waiting)
        except (sqlite3.Error, TimeoutError):  # it is locked, or no database any more
            path.write_bytes(content)


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

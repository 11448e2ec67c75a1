"""The gradebook and the sources before and after a submission runs: the same, or put back.

A submission runs as the same user as the grader, so that nothing keeps it from writing where it
finds the course. What it changes there is seen and undone.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from unet_tutorial.instructor.kernel import PACKAGE

CODE = [PACKAGE / "checks", PACKAGE / "editions.py", PACKAGE / "instructor" / "probe.py"]

SQLITE = "sqlite:///"
Stamp = tuple[int, int, int]


class Guard:
    """Files that must stay as they are.

    `kept` are put back where they change; `watched` are only reported. Each is a file or a folder.
    """

    def __init__(self, kept: list[Path], watched: list[Path]) -> None:
        self.places, self.watching = kept, watched
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
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = keep_aside(path) if path.suffix == ".db" else None
            path.unlink(missing_ok=True)
            path.write_bytes(self.contents[path])
            kept = f" (what it was changed to is in {aside.name})" if aside else ""
            return f"{path.name} was changed while this ran; it was put back{kept}."
        if any(path.is_relative_to(place) for place in self.places):
            path.unlink(missing_ok=True)
            return f"{path.name} was added to the course while this ran; it was taken away."
        return f"{path.name} was changed while this ran: look at {path}."

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


def keep_aside(path: Path) -> Path | None:
    """Rename a changed database, lest somebody's work in it is lost; return its new name."""
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.changed-{time.strftime('%Y%m%d-%H%M%S')}")
    return path.replace(aside)


def files_in(places: list[Path]) -> Iterator[Path]:
    """Yield the files among the places and in their folders; compiled ones are left out."""
    for place in places:
        if place.is_file():
            yield place
        for folder, inner, names in os.walk(place):
            inner[:] = [name for name in inner if name not in ("__pycache__", ".git")]
            yield from (Path(folder) / name for name in names)


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
    kept.append(root / "nbgrader_config.py")
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
    guard = Guard(*places_of(course, asked["assignment"]))
    try:
        yield guard
    finally:
        guard.check()

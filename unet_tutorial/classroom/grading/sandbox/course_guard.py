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
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from unet_tutorial.classroom.grading.sandbox.kernel import PACKAGE, PROBE
from unet_tutorial.classroom.grading.sqlite_snapshot import (
    BESIDE,
    SQLITE,
    database_of,
    read_database,
    restore_database,
    with_end,
)
from unet_tutorial.classroom.nbgrader_config import CONFIG
from unet_tutorial.files import atomic_write

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

CODE = [PACKAGE / "teaching" / "checks", PACKAGE / "teaching" / "chapters.py", PROBE]

ASIDE = Path(".unet-tutorial") / "grading" / "changed"
NO_TAMPERING = ("__pycache__", ".git", ".ipynb_checkpoints", ".DS_Store")
ROUNDS = 5  # of putting back while somebody keeps writing
Stamp = tuple[int, ...]


class Guard:
    """Files that must stay as they are.

    `kept` are put back where they change; `watched` are only reported. Each is a file or a folder.
    `database` is a SQLite file, which is kept too. What was in the place of something put back is
    kept in ASIDE of `root`, the course's folder.

    Errors: ValueError where the database cannot be read.
    """

    def __init__(
        self, kept: list[Path], watched: list[Path], root: Path, database: Path | None = None
    ) -> None:
        self.places = [*kept, database] if database else kept
        self.watching, self.root, self.database = watched, Path(root), database
        self.changes: list[str] = []
        self.unsaid: list[str] = []  # of the changes, what no check has returned yet
        # Stamps are taken before files are read: a change between the two is seen at the next look.
        self.stamps = self.stamps_of([*self.places, *self.watching])
        self.contents = {path: path.read_bytes() for path in files_in(kept) if path.is_file()}
        if database:
            self.contents[database] = first_read(database)

    def check(self) -> list[str]:
        """Put back what changed; return in words what that was since the last check."""
        self.settle([*self.places, *self.watching], set(self.stamps))
        said, self.unsaid = self.unsaid, []
        self.changes += said
        return said

    def write(self, path: Path, content: bytes) -> None:
        """Give a file that is kept a new content, which is right from now on.

        What somebody else has made of it is put aside first, to be told by the next check.
        """
        self.settle([path], {path})
        self.contents[path] = content
        self.restore(path)
        self.settle([path], {path})

    def settle(self, places: list[Path], known: set[Path]) -> None:
        """Put back what changed in `places`, where the files `known` must be.

        It looks again until nothing has changed, since whoever changed it may still be at it.
        """
        for _ in range(ROUNDS):
            now = self.stamps_of(places)
            changed = [path for path in known | set(now) if now.get(path) != self.stamps.get(path)]
            for path in sorted(changed):
                if note := self.put_back(path):
                    self.unsaid.append(note)
                if note is None or not self.keeps(path):
                    self.take_stamp(path, now)
            if not changed:
                break

    def stamps_of(self, places: list[Path]) -> dict[Path, Stamp]:
        """Return the stamps of the files in `places`; those beside a database count as part of it.

        SQLite takes what stands there for the database's: a planted journal changes what it reads.
        """
        stamps = {path: stamp for path in files_in(places) if (stamp := stamp_of(path))}
        if self.database in stamps:
            for end in BESIDE:
                stamps[self.database] += stamp_of(with_end(self.database, end))
        return stamps

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
            if self.is_right(path):
                return None
            aside = self.put_aside(path)
            self.restore(path)
            kept = f" (what it was changed to is in {aside})" if aside else ""
            return f"{path.name} was changed while this ran; it was put back{kept}."
        aside = self.put_aside(path)
        kept = f" (to {aside})" if aside else ""
        return f"{path.name} was added to the course while this ran; it was taken away{kept}."

    def is_database(self, path: Path) -> bool:
        """Return whether this is the database, in its place, for SQLite to read and write."""
        return path == self.database and path.is_file() and not path.is_symlink()

    def is_right(self, path: Path) -> bool:
        """Return whether a file holds what it must hold; what cannot be read does not."""
        try:
            found = read_database(path) if self.is_database(path) else path.read_bytes()
        except (OSError, sqlite3.Error):
            return False
        return found == self.contents[path]

    def restore(self, path: Path) -> None:
        """Write a file as it must be."""
        if self.is_database(path):
            restore_database(path, self.contents[path])
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, self.contents[path])

    def put_aside(self, path: Path) -> str | None:
        """Move what changed, lest somebody's work is lost; return where it is now.

        A database is copied, with what stands beside it: others may have it open.
        """
        if not (path.exists() or path.is_symlink()):
            return None
        inner = path.relative_to(self.root) if path.is_relative_to(self.root) else path.name
        aside = ASIDE / f"{datetime.now():%Y%m%d-%H%M%S-%f}" / inner
        target = self.root / aside
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.is_database(path):
            with contextlib.suppress(OSError):
                for end in ("", *BESIDE):
                    copy_if_there(with_end(path, end), with_end(target, end))
                return aside.as_posix()
        shutil.move(path, target)
        return aside.as_posix()


def copy_if_there(path: Path, target: Path) -> None:
    """Copy a file that SQLite may take away at any moment."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(path, target)


def first_read(database: Path) -> bytes:
    """Return the content of a course's gradebook before anything runs."""
    try:
        return read_database(database)
    except (OSError, sqlite3.Error) as error:
        raise ValueError(
            f"{database} cannot be read ({error}). Close what has it open, such as JupyterLab with "
            "formgrader. If it is damaged, take it from your copy of the course."
        ) from error


def files_in(places: list[Path]) -> Iterator[Path]:
    """Yield the files among the places and in their folders, but what programs leave there."""
    for place in places:
        if place.is_file():
            yield place
        for folder, inner, names in os.walk(place):
            inner[:] = [name for name in inner if name not in NO_TAMPERING]
            yield from (Path(folder) / name for name in names if name not in NO_TAMPERING)


def stamp_of(path: Path) -> Stamp:
    """Return a file's size, and when it and its place on the disk were changed; () without it."""
    try:
        state = path.stat()
    except OSError:
        return ()
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns


def guard_of(course: CourseDirectory, assignment: str | None = None) -> Guard:
    """Return the guard of a course, or of what one of its assignments needs."""
    root = Path(course.root)
    source = root / course.source_directory
    if assignment is not None:
        source = Path(course.format_path(course.source_directory, ".", assignment))
    watched = [root / course.submitted_directory, root / course.release_directory, *CODE]
    database = database_of(course) if course.db_url.startswith(SQLITE) else None
    return Guard([source, root / CONFIG], watched, root, database)


@contextlib.contextmanager
def guarding(course: CourseDirectory, asked: dict) -> Iterator[Guard]:
    """Guard a course while one submission runs; `changes` of the guard says what was undone."""
    guard = guard_of(course, asked["assignment"])
    try:
        yield guard
    finally:
        guard.check()

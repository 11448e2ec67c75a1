"""Restores the gradebook and the sources if they change while a submission runs.

A submission runs as the same user as the grader, so it can write to the course if it finds it.
The guard notices such changes and undoes them. Since the instructor may have made a change too,
the changed version is never deleted: it is moved to `.unet-tutorial/grading/changed/`.
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
    JOURNAL_SUFFIXES,
    SQLITE,
    add_suffix,
    locate_gradebook,
    read_database,
    restore_database,
)
from unet_tutorial.classroom.nbgrader_config import CONFIG
from unet_tutorial.files import atomic_write

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

_CHECKS_CODE = [PACKAGE / "teaching" / "checks", PACKAGE / "teaching" / "chapters.py", PROBE]

_CHANGED_FILES = Path(".unet-tutorial") / "grading" / "changed"
_IGNORED = ("__pycache__", ".git", ".ipynb_checkpoints", ".DS_Store")  # left by other programs
_MAX_ROUNDS = 5  # how often files are restored while another process keeps writing
_Stamp = tuple[int, ...]


class CourseGuard:
    """Keeps files as they are: restores those in `guarded`, reports changes to `watched`.

    Args:
        guarded: files and folders to restore if they change.
        watched: files and folders whose changes are only reported.
        root: the course's folder, where `_CHANGED_FILES` stores the changed versions.
        database: a SQLite file, guarded too.

    Raises:
        ValueError: the database can't be read.
    """

    def __init__(
        self, guarded: list[Path], watched: list[Path], root: Path, database: Path | None = None
    ) -> None:
        self.guarded = [*guarded, database] if database else guarded
        self.watched, self.root, self.database = watched, Path(root), database
        self.changes: list[str] = []
        self.unreported: list[str] = []  # changes that no check has returned yet
        # Stamps come before contents, so that a change between the two is noticed at the next look.
        self.stamps = self._compute_stamps([*self.guarded, *self.watched])
        self.contents = {path: path.read_bytes() for path in list_files(guarded) if path.is_file()}
        if database:
            self.contents[database] = _read_gradebook(database)

    def check(self) -> list[str]:
        """Restore every changed file, and describe the changes since the last check."""
        self._restore_changes([*self.guarded, *self.watched], set(self.stamps))
        notes, self.unreported = self.unreported, []
        self.changes += notes
        return notes

    def write(self, path: Path, content: bytes) -> None:
        """Write a guarded file; from now on, `content` is the version to restore.

        If another process has changed the file, that version is saved first, and the next check
        reports it.
        """
        self._restore_changes([path], {path})
        self.contents[path] = content
        self._write_content(path)
        self._restore_changes([path], {path})

    def _restore_changes(self, places: list[Path], known: set[Path]) -> None:
        """Restore the files in `places` that changed; the files `known` have to exist.

        Repeats until nothing changes any more, since the process that changed a file may still be
        running.
        """
        for _ in range(_MAX_ROUNDS):
            now = self._compute_stamps(places)
            changed = [path for path in known | set(now) if now.get(path) != self.stamps.get(path)]
            for path in sorted(changed):
                if note := self._restore_file(path):
                    self.unreported.append(note)
                # A restored file keeps its old stamp, so the next round looks at it again.
                if note is None or not self._is_guarded(path):
                    self._accept_current(path, now)
            if not changed:
                break

    def _compute_stamps(self, places: list[Path]) -> dict[Path, _Stamp]:
        """Compute the stamps of the files in `places`; the database's includes its journals.

        SQLite reads a journal as part of the database: adding one changes the grades that it reads.
        """
        stamps = {path: stamp for path in list_files(places) if (stamp := _compute_stamp(path))}
        if self.database in stamps:
            for suffix in JOURNAL_SUFFIXES:
                stamps[self.database] += _compute_stamp(add_suffix(self.database, suffix))
        return stamps

    def _accept_current(self, path: Path, now: dict[Path, _Stamp]) -> None:
        """Accept the file's current state as the reference."""
        self.stamps.pop(path, None)
        if path in now:
            self.stamps[path] = now[path]

    def _is_guarded(self, path: Path) -> bool:
        return path in self.contents or any(path.is_relative_to(place) for place in self.guarded)

    def _restore_file(self, path: Path) -> str | None:
        """Restore a guarded file; return a note, or None if its content hasn't changed."""
        if not self._is_guarded(path):
            return f"{path.name} was changed while this ran. It was not restored: look at {path}."
        if path in self.contents:
            if self._is_unchanged(path):
                return None
            saved = self._save_changed(path)
            self._write_content(path)
            where = f" (the changed version is in {saved})" if saved else ""
            return f"{path.name} was changed while this ran; it was restored{where}."
        saved = self._save_changed(path)
        where = f" (it was moved to {saved})" if saved else ""
        return f"{path.name} was added to the course while this ran; it was removed{where}."

    def _is_database(self, path: Path) -> bool:
        """Whether this is the database, and a file that SQLite can read and write in place."""
        return path == self.database and path.is_file() and not path.is_symlink()

    def _is_unchanged(self, path: Path) -> bool:
        """Whether a file has its expected content; a file that can't be read doesn't."""
        try:
            found = read_database(path) if self._is_database(path) else path.read_bytes()
        except (OSError, sqlite3.Error):
            return False
        return found == self.contents[path]

    def _write_content(self, path: Path) -> None:
        if self._is_database(path):
            restore_database(path, self.contents[path])
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, self.contents[path])

    def _save_changed(self, path: Path) -> str | None:
        """Move a changed file to `_CHANGED_FILES`; return its new place, or None if it's gone.

        The database and its journals are copied instead, since other programs may have it open.
        """
        if not (path.exists() or path.is_symlink()):
            return None
        inner = path.relative_to(self.root) if path.is_relative_to(self.root) else path.name
        saved = _CHANGED_FILES / f"{datetime.now():%Y%m%d-%H%M%S-%f}" / inner
        target = self.root / saved
        target.parent.mkdir(parents=True, exist_ok=True)
        if self._is_database(path):
            with contextlib.suppress(OSError):
                for suffix in ("", *JOURNAL_SUFFIXES):
                    _copy_if_exists(add_suffix(path, suffix), add_suffix(target, suffix))
                return saved.as_posix()
        shutil.move(path, target)
        return saved.as_posix()


def _copy_if_exists(path: Path, target: Path) -> None:
    # Not tested beforehand: SQLite may delete a journal at any moment.
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(path, target)


def _read_gradebook(database: Path) -> bytes:
    try:
        return read_database(database)
    except (OSError, sqlite3.Error) as error:
        raise ValueError(
            f"{database} cannot be read ({error}). Close programs that have it open, such as "
            "JupyterLab with formgrader. If the file is damaged, restore it from your backup of "
            "the course."
        ) from error


def list_files(places: list[Path]) -> Iterator[Path]:
    """Yield the given files and all files in the given folders, without caches and checkpoints."""
    for place in places:
        if place.is_file():
            yield place
        for folder, inner, names in os.walk(place):
            inner[:] = [name for name in inner if name not in _IGNORED]
            yield from (Path(folder) / name for name in names if name not in _IGNORED)


def _compute_stamp(path: Path) -> _Stamp:
    """Return a file's size and times of change, or () if it doesn't exist."""
    try:
        state = path.stat()
    except OSError:
        return ()
    # The ctime too, since a program can set the mtime back.
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns


def build_guard(course: CourseDirectory, assignment: str | None = None) -> CourseGuard:
    """Build the guard of a whole course, or of one assignment and the gradebook."""
    root = Path(course.root)
    source = root / course.source_directory
    if assignment is not None:
        source = Path(course.format_path(course.source_directory, ".", assignment))
    watched = [root / course.submitted_directory, root / course.release_directory, *_CHECKS_CODE]
    database = locate_gradebook(course) if course.db_url.startswith(SQLITE) else None
    return CourseGuard([source, root / CONFIG], watched, root, database)


@contextlib.contextmanager
def guard_course(course: CourseDirectory, assignment: str) -> Iterator[CourseGuard]:
    """Context manager: restores the course on exit; the guard's `changes` describe what changed."""
    guard = build_guard(course, assignment)
    try:
        yield guard
    finally:
        guard.check()

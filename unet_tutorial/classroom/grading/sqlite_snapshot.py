"""The gradebook's SQLite file as bytes: to compare, to change in memory, to put back in its place.

SQLite counts its writes in a file's header, so that two files of the same content may differ in
their bytes. `read_database` gives bytes that are the same where the content is.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from unet_tutorial.files import atomic_write

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

SQLITE = "sqlite:///"
PATIENCE = 2.0  # seconds that others may keep a database locked
BESIDE = ("-journal", "-wal")  # ends of files beside a database that SQLite reads as part of it
# Bytes of a file's header that tell of its past: whether it has a rollback journal (1) or a
# write-ahead log, which no database in memory has; and, twice, how often it was written.
HEADER = ((slice(18, 20), b"\1\1"), (slice(24, 28), bytes(4)), (slice(92, 96), bytes(4)))


def database_of(course: CourseDirectory) -> Path:
    """Return the path of a course's gradebook, with links followed.

    Errors: ValueError where it is no SQLite file.
    """
    if not course.db_url.startswith(SQLITE):
        raise ValueError(
            f"The gradebook is {course.db_url}, and only a SQLite file can be copied for grading. "
            "Use `nbgrader autograde` for this course."
        )
    name = course.db_url.removeprefix(SQLITE).partition("?")[0]
    return (Path(course.root) / name).resolve()


def with_end(path: Path, end: str) -> Path:
    """Return the path of what stands beside a database, by one of BESIDE."""
    return path.with_name(path.name + end)


def read_database(path: Path) -> bytes:
    """Return the content of a SQLite file.

    Errors: sqlite3.Error or TimeoutError where it is no database, or others keep it locked.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as database:
        return bytes_of(database)


def bytes_of(database: sqlite3.Connection) -> bytes:
    """Return the content of an open database, the same bytes whatever its file went through."""
    with closing(sqlite3.connect(":memory:")) as copy:
        copy_within_patience(database, copy)
        content = bytearray(copy.serialize())
    for where, value in HEADER:
        content[where] = value
    return bytes(content)


def restore_database(path: Path, content: bytes) -> None:
    """Give a SQLite file its content again.

    It is written in its place, since others, such as formgrader, may have it open. Where that
    cannot be done, a new file takes the place of it and of what SQLite left beside it.
    """
    try:
        with (
            in_memory(content) as (right, _),
            closing(sqlite3.connect(path, timeout=PATIENCE)) as wrong,
        ):
            copy_within_patience(right, wrong)
    except (sqlite3.Error, TimeoutError):
        for end in (*BESIDE, "-shm"):
            with_end(path, end).unlink(missing_ok=True)
        atomic_write(path, content)


@contextlib.contextmanager
def in_memory(content: bytes) -> Iterator[tuple[sqlite3.Connection, str]]:
    """Give a database that is in no file, and the URI under which this process can open it too.

    Errors: sqlite3.DatabaseError where `content` is no database.
    """
    uri = f"file:/{uuid.uuid4().hex}?vfs=memdb"
    with closing(sqlite3.connect(uri, uri=True)) as shared:
        with closing(sqlite3.connect(":memory:")) as given:
            given.deserialize(content)
            given.backup(shared)
        yield shared, uri


def copy_within_patience(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy a database over another one.

    Errors: TimeoutError where one of them is locked for longer than PATIENCE.
    """
    until = time.monotonic() + PATIENCE

    def stop_waiting(*_) -> None:
        if time.monotonic() > until:
            raise TimeoutError

    source.backup(target, progress=stop_waiting, sleep=0.05)

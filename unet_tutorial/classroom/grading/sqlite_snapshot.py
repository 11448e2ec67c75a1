"""The content of the gradebook's SQLite file as bytes, to compare, change in memory and restore.

SQLite counts a file's writes in its header, so two files with the same content may have different
bytes. `read_database` returns the same bytes for the same content.
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
JOURNAL_SUFFIXES = ("-journal", "-wal")  # files next to a database that SQLite reads as part of it
_LOCK_SECONDS = 2.0  # how long to wait while another program has the database locked
# Bytes of the header that depend on a file's history: the journal mode (1 is a rollback journal; a
# database in memory has no write-ahead log), and two counters of its writes.
_HISTORY_BYTES = ((slice(18, 20), b"\1\1"), (slice(24, 28), bytes(4)), (slice(92, 96), bytes(4)))


def locate_gradebook(course: CourseDirectory) -> Path:
    """Return the path of a course's gradebook, with symbolic links resolved.

    Raises:
        ValueError: the gradebook isn't a SQLite file.
    """
    if not course.db_url.startswith(SQLITE):
        raise ValueError(
            f"The gradebook is {course.db_url}, and only a SQLite file can be copied for grading. "
            "Use `nbgrader autograde` for this course."
        )
    name = course.db_url.removeprefix(SQLITE).partition("?")[0]
    return (Path(course.root) / name).resolve()


def add_suffix(path: Path, suffix: str) -> Path:
    """Add a suffix, such as one of `JOURNAL_SUFFIXES`, to a file's name."""
    return path.with_name(path.name + suffix)


def read_database(path: Path) -> bytes:
    """Read the content of a SQLite file.

    Raises:
        sqlite3.Error: it isn't a database, or it's locked.
        TimeoutError: it stays locked while it's copied.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=_LOCK_SECONDS)) as database:
        return serialize_database(database)


def serialize_database(database: sqlite3.Connection) -> bytes:
    """Return the content of an open database, independent of its file's history."""
    with closing(sqlite3.connect(":memory:")) as copy:
        _copy_database(database, copy)
        content = bytearray(copy.serialize())
    for place, value in _HISTORY_BYTES:
        content[place] = value
    return bytes(content)


def restore_database(path: Path, content: bytes) -> None:
    """Write `content` back to a SQLite file.

    The file is changed in place, since other programs, such as formgrader, may have it open. If
    that fails, a new file replaces it and its journals are deleted.
    """
    try:
        with (
            open_in_memory(content) as (right, _),
            closing(sqlite3.connect(path, timeout=_LOCK_SECONDS)) as wrong,
        ):
            _copy_database(right, wrong)
    except (sqlite3.Error, TimeoutError):
        for suffix in (*JOURNAL_SUFFIXES, "-shm"):
            add_suffix(path, suffix).unlink(missing_ok=True)
        atomic_write(path, content)


@contextlib.contextmanager
def open_in_memory(content: bytes) -> Iterator[tuple[sqlite3.Connection, str]]:
    """Context manager: a database in memory, and the URI under which this process can open it.

    Raises:
        sqlite3.DatabaseError: `content` isn't a database.
    """
    uri = f"file:/{uuid.uuid4().hex}?vfs=memdb"
    with closing(sqlite3.connect(uri, uri=True)) as shared:
        with closing(sqlite3.connect(":memory:")) as given:
            given.deserialize(content)
            given.backup(shared)
        yield shared, uri


def _copy_database(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy one database over another; raises TimeoutError if either stays locked too long."""
    deadline = time.monotonic() + _LOCK_SECONDS

    def check_deadline(*_) -> None:
        if time.monotonic() > deadline:
            raise TimeoutError

    source.backup(target, progress=check_deadline, sleep=0.05)

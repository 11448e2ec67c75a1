"""A SQLite file as bytes: compared, changed in memory, put back while others have the file open.

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

PATIENCE = 5.0  # seconds that others may keep a database locked
# What a file's header holds of its past: how it keeps a journal (a database in memory has no other
# than this), how often it was written, and when its size was last put down.
HEADER = ((slice(18, 20), b"\1\1"), (slice(24, 28), bytes(4)), (slice(92, 96), bytes(4)))


def read_database(path: Path) -> bytes:
    """Return the content of a SQLite file, or its bytes as they are where it is no database."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=1.0)) as database:
            return content_of(database)
    except (sqlite3.Error, TimeoutError):
        return path.read_bytes()


def content_of(database: sqlite3.Connection) -> bytes:
    """Return the content of an open database, the same bytes whatever its file went through."""
    with closing(sqlite3.connect(":memory:")) as copy:
        database.backup(copy, progress=limited(), sleep=0.05)
        content = bytearray(copy.serialize())
    for where, value in HEADER:
        content[where] = value
    return bytes(content)


def restore_database(path: Path, content: bytes) -> None:
    """Give a SQLite file its content again, in place: others, such as formgrader, have it open."""
    try:
        with (
            in_memory(content) as (right, _),
            closing(sqlite3.connect(path, timeout=1.0)) as wrong,
        ):
            right.backup(wrong, progress=limited(), sleep=0.05)
    except (sqlite3.Error, TimeoutError):  # it is locked, or no database any more
        path.write_bytes(content)


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


def limited():
    """Return what ends a copying of a database, with TimeoutError, when PATIENCE is over."""
    until = time.monotonic() + PATIENCE

    def stop_waiting(*_) -> None:
        if time.monotonic() > until:
            raise TimeoutError

    return stop_waiting

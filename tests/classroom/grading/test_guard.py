"""The guard of a course's files, and the databases that it compares and restores."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from small_course import write

from unet_tutorial.classroom.grading import sqlite_snapshot
from unet_tutorial.classroom.grading.sandbox import course_guard
from unet_tutorial.classroom.grading.sandbox.course_guard import (
    _CHANGED_FILES,
    _MAX_ROUNDS,
    CourseGuard,
)
from unet_tutorial.classroom.grading.sqlite_snapshot import (
    open_in_memory,
    read_database,
    restore_database,
    serialize_database,
)


def set_points(path, points):
    """Write points into a gradebook, as a submission that knows its path could."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("update grade set points = ?", [points])
        database.commit()


def read_points(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("select points from grade").fetchone()[0]


@pytest.fixture
def gradebook(tmp_path):
    """A database with one grade of 1 point, in a folder whose name has to be quoted in a URI."""
    path = tmp_path / "a #course?%20" / "gradebook.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table grade (points)")
        database.execute("insert into grade values (1)")
        database.commit()
    return path


@pytest.fixture
def guard(gradebook):
    return CourseGuard([], [], gradebook.parent, gradebook)


def content_with_points(gradebook, points):
    """The content of a gradebook with other points; the file isn't changed."""
    with open_in_memory(read_database(gradebook)) as (database, _):
        database.execute("update grade set points = ?", [points])
        database.commit()
        return serialize_database(database)


def find_saved(gradebook, note):
    """The path of the changed gradebook that a note mentions."""
    return gradebook.parent / note.partition("is in ")[2].rstrip(").")


def write_after_restore(monkeypatch, gradebook, times):
    """Write 99 right after a gradebook was restored, as often as `times`."""
    left = iter(range(times))

    def restore_then_write(*arguments):
        restore_database(*arguments)
        if next(left, None) is not None:
            set_points(gradebook, 99)

    monkeypatch.setattr(course_guard, "restore_database", restore_then_write)


def test_guarded_files_are_restored_and_watched_files_are_named(tmp_path):
    root = tmp_path / "course"
    kept = write(root / "gradebook.db", "right")
    source = write(root / "source" / "a.ipynb", "right")
    watched = write(tmp_path / "other" / "b.py", "right")
    guard = CourseGuard([kept, source.parent, root / "gradebook.db-journal"], [watched], root)
    assert guard.check() == []
    write(source.parent / ".ipynb_checkpoints" / "a-checkpoint.ipynb", "what JupyterLab leaves")
    write(source.parent / ".DS_Store", "what macOS leaves")
    assert guard.check() == []
    for path in (kept, source, watched):
        path.write_text("wrong")
    write(source.parent / "new.ipynb", "wrong")
    write(root / "gradebook.db-journal", "wrong")
    notes = guard.check()
    assert len(notes) == 5
    aside = {
        path.relative_to(root).as_posix(): path for path in (root / _CHANGED_FILES).rglob("*.*")
    }
    for path in (kept, source, source.parent / "new.ipynb", root / "gradebook.db-journal"):
        (name,) = [name for name in aside if name.endswith(f"/{path.relative_to(root).as_posix()}")]
        assert aside[name].read_text() == "wrong"
        assert any(name in each for each in notes)
    assert (kept.read_text(), source.read_text(), watched.read_text()) == (
        "right",
        "right",
        "wrong",
    )
    assert not (source.parent / "new.ipynb").exists()
    assert guard.check() == []
    source.unlink()
    assert guard.check() == ["a.ipynb was changed while this ran; it was restored."]
    source.unlink()
    source.mkdir()  # a folder instead of a file
    write(source / "b.txt", "wrong")
    assert guard.check()[0].startswith("a.ipynb was changed while this ran; it was restored (")
    assert source.read_text() == "right"


def test_a_database_that_other_programs_have_open_is_restored(gradebook, guard):
    with closing(sqlite3.connect(gradebook)) as formgrader:
        assert formgrader.execute("select points from grade").fetchall() == [(1,)]
        number = gradebook.stat().st_ino
        set_points(gradebook, 99)
        (note,) = guard.check()
        assert formgrader.execute("select points from grade").fetchall() == [(1,)]
        assert gradebook.stat().st_ino == number
    assert read_points(find_saved(gradebook, note)) == 99


def test_what_the_grader_writes_becomes_the_reference(gradebook, guard):
    content = content_with_points(gradebook, 2)
    guard.write(gradebook, content)
    assert read_points(gradebook) == 2
    assert guard.check() == []
    set_points(gradebook, 99)
    guard.write(gradebook, content)
    assert read_points(gradebook) == 2
    (note,) = guard.check()
    assert read_points(find_saved(gradebook, note)) == 99
    assert guard.check() == []
    assert guard.changes == [note]


@pytest.mark.parametrize("times", [1, _MAX_ROUNDS])
def test_a_write_right_after_a_file_was_restored_is_noticed(gradebook, guard, monkeypatch, times):
    """A process that keeps writing for a while, each time between two looks of the guard."""
    write_after_restore(monkeypatch, gradebook, times)
    set_points(gradebook, 50)
    notes = guard.check()
    assert len(notes) == min(times + 1, _MAX_ROUNDS)
    assert (read_points(gradebook) == 1) == (times < _MAX_ROUNDS)
    assert len(guard.check()) == (times >= _MAX_ROUNDS)
    assert read_points(gradebook) == 1


def test_a_write_at_the_same_time_as_the_guards_is_undone_and_reported(
    gradebook, guard, monkeypatch
):
    write_after_restore(monkeypatch, gradebook, 1)
    guard.write(gradebook, read_database(gradebook))
    assert read_points(gradebook) == 1
    assert len(guard.check()) == 1


def test_the_content_of_a_database_does_not_depend_on_its_history(gradebook):
    before, file = read_database(gradebook), gradebook.read_bytes()
    set_points(gradebook, 2)
    assert read_database(gradebook) != before
    set_points(gradebook, 1)
    assert gradebook.read_bytes() != file
    assert read_database(gradebook) == before
    with closing(sqlite3.connect(gradebook)) as database:
        database.execute("pragma journal_mode=wal")
        database.execute("update grade set points = 3")
        database.commit()
        with open_in_memory(read_database(gradebook)) as (copy, _):
            assert copy.execute("select points from grade").fetchall() == [(3,)]
        restore_database(gradebook, before)
        assert database.execute("select points from grade").fetchall() == [(1,)]
    assert read_database(gradebook) == before


@pytest.mark.parametrize("wrong", [b"", b"no database", bytes(5000), None])
def test_a_file_that_is_no_longer_a_database_is_restored(gradebook, guard, wrong):
    before = read_database(gradebook)
    gradebook.unlink()
    if wrong is not None:
        gradebook.write_bytes(wrong)
    (note,) = guard.check()
    assert ("is in" in note) == (wrong is not None)
    assert read_database(gradebook) == before
    assert read_points(gradebook) == 1
    assert guard.check() == []


HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma cache_size = 1")  # so that uncommitted changes are written too
database.execute("begin exclusive")
database.execute("update grade set points = 99")
database.execute("create table filler (text)")
database.executemany("insert into filler values (?)", [("x" * 3000,)] * 300)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_process_killed_while_it_locks_the_gradebook_changes_nothing(
    gradebook, guard, monkeypatch
):
    """If its journal stayed, SQLite would bring the old grades back at the next read."""
    monkeypatch.setattr(sqlite_snapshot, "_LOCK_SECONDS", 0.2)
    content = content_with_points(gradebook, 2)
    command = [sys.executable, "-c", HOLD, str(gradebook)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        guard.write(gradebook, content)
        holder.kill()
    assert read_database(gradebook) == content
    assert read_points(gradebook) == 2
    assert [path.name for path in gradebook.parent.glob("gradebook*")] == ["gradebook.db"]
    assert len(guard.check()) == 1


def test_an_added_journal_is_noticed(gradebook, guard, tmp_path):
    """SQLite would roll it back at the next read, although the database file hasn't changed."""
    copy = tmp_path / "copy.db"
    shutil.copy(gradebook, copy)
    set_points(copy, 99)
    with closing(sqlite3.connect(copy, isolation_level=None)) as database:
        database.execute("pragma cache_size = 1")
        database.execute("begin immediate")
        database.execute("update grade set points = 1")
        database.execute("create table filler (text)")
        database.executemany("insert into filler values (?)", [("x" * 3000,)] * 300)
        shutil.copy(tmp_path / "copy.db-journal", gradebook.parent / "gradebook.db-journal")
    assert len(guard.check()) == 1
    assert read_points(gradebook) == 1
    assert guard.check() == []


def test_changes_in_a_write_ahead_log_are_noticed_and_saved(gradebook, guard):
    with closing(sqlite3.connect(gradebook)) as database:
        database.execute("pragma journal_mode=wal")
        assert guard.check() == []
        database.execute("update grade set points = 99")
        database.commit()
        (note,) = guard.check()
        assert database.execute("select points from grade").fetchall() == [(1,)]
    assert read_points(find_saved(gradebook, note)) == 99


def test_a_gradebook_that_cannot_be_read_is_an_error(gradebook, monkeypatch):
    monkeypatch.setattr(sqlite_snapshot, "_LOCK_SECONDS", 0.2)
    with closing(sqlite3.connect(gradebook, isolation_level=None)) as formgrader:
        formgrader.execute("begin exclusive")
        with pytest.raises(ValueError, match=r"cannot be read .*Close programs that have it open"):
            CourseGuard([], [], gradebook.parent, gradebook)


def test_a_link_that_replaces_the_gradebook_is_removed(gradebook, guard, tmp_path):
    gradebook.rename(tmp_path / "theirs.db")
    gradebook.symlink_to(tmp_path / "theirs.db")
    assert len(guard.check()) == 1
    assert not gradebook.is_symlink()
    assert read_points(gradebook) == 1
    assert guard.check() == []


def test_a_broken_link_among_the_sources_is_no_error(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / ".#a.ipynb").symlink_to("nobody@nowhere")
    assert CourseGuard([tmp_path / "source"], [], tmp_path).check() == []

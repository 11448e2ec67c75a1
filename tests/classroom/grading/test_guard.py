"""The guard of a course's files, and the databases that it compares and puts back."""

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
from unet_tutorial.classroom.grading.sandbox.course_guard import ASIDE, ROUNDS, Guard
from unet_tutorial.classroom.grading.sqlite_snapshot import (
    bytes_of,
    in_memory,
    read_database,
    restore_database,
)


def set_points(path, points):
    """Write points into a gradebook, as somebody who knows where it is."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("update grade set points = ?", [points])
        database.commit()


def points_in(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("select points from grade").fetchone()[0]


@pytest.fixture
def gradebook(tmp_path):
    """A database with one grade of 1 point, where names must be quoted."""
    path = tmp_path / "a #course?%20" / "gradebook.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table grade (points)")
        database.execute("insert into grade values (1)")
        database.commit()
    return path


@pytest.fixture
def keeper(gradebook):
    return Guard([], [], gradebook.parent, gradebook)


def with_points(gradebook, points):
    """The content of a gradebook with other points; its file stays as it is."""
    with in_memory(read_database(gradebook)) as (database, _):
        database.execute("update grade set points = ?", [points])
        database.commit()
        return bytes_of(database)


def aside_of(gradebook, said):
    """Where what stood in the place of a gradebook is kept, as a note says."""
    return gradebook.parent / said.partition("is in ")[2].rstrip(").")


def hostile_restore(monkeypatch, gradebook, times):
    """Somebody writes 99 right after a gradebook was put back, so many times."""
    left = iter(range(times))

    def restored(*arguments):
        restore_database(*arguments)
        if next(left, None) is not None:
            set_points(gradebook, 99)

    monkeypatch.setattr(course_guard, "restore_database", restored)


def test_what_is_kept_is_put_back_and_what_is_watched_is_named(tmp_path):
    root = tmp_path / "course"
    kept = write(root / "gradebook.db", "right")
    source = write(root / "source" / "a.ipynb", "right")
    watched = write(tmp_path / "other" / "b.py", "right")
    keeper = Guard([kept, source.parent, root / "gradebook.db-journal"], [watched], root)
    assert keeper.check() == []
    write(source.parent / ".ipynb_checkpoints" / "a-checkpoint.ipynb", "what JupyterLab leaves")
    write(source.parent / ".DS_Store", "what macOS leaves")
    assert keeper.check() == []
    for path in (kept, source, watched):
        path.write_text("wrong")
    write(source.parent / "new.ipynb", "wrong")
    write(root / "gradebook.db-journal", "wrong")
    said = keeper.check()
    assert len(said) == 5
    aside = {path.relative_to(root).as_posix(): path for path in (root / ASIDE).rglob("*.*")}
    for path in (kept, source, source.parent / "new.ipynb", root / "gradebook.db-journal"):
        (name,) = [name for name in aside if name.endswith(f"/{path.relative_to(root).as_posix()}")]
        assert aside[name].read_text() == "wrong"
        assert any(name in each for each in said)
    assert (kept.read_text(), source.read_text(), watched.read_text()) == (
        "right",
        "right",
        "wrong",
    )
    assert not (source.parent / "new.ipynb").exists()
    assert keeper.check() == []
    source.unlink()
    assert keeper.check() == ["a.ipynb was changed while this ran; it was put back."]
    source.unlink()
    source.mkdir()  # a folder in the place of a file
    write(source / "b.txt", "wrong")
    assert keeper.check()[0].startswith("a.ipynb was changed while this ran; it was put back (")
    assert source.read_text() == "right"


def test_a_database_that_others_have_open_is_put_back(gradebook, keeper):
    with closing(sqlite3.connect(gradebook)) as formgrader:
        assert formgrader.execute("select points from grade").fetchall() == [(1,)]
        number = gradebook.stat().st_ino
        set_points(gradebook, 99)
        (said,) = keeper.check()
        assert formgrader.execute("select points from grade").fetchall() == [(1,)]
        assert gradebook.stat().st_ino == number
    assert points_in(aside_of(gradebook, said)) == 99


def test_what_the_grader_writes_is_right_from_then_on(gradebook, keeper):
    content = with_points(gradebook, 2)
    keeper.write(gradebook, content)
    assert points_in(gradebook) == 2
    assert keeper.check() == []
    set_points(gradebook, 99)
    keeper.write(gradebook, content)
    assert points_in(gradebook) == 2
    (said,) = keeper.check()
    assert points_in(aside_of(gradebook, said)) == 99
    assert keeper.check() == []
    assert keeper.changes == [said]


@pytest.mark.parametrize("times", [1, ROUNDS])
def test_who_writes_right_after_a_file_was_put_back_is_seen(gradebook, keeper, monkeypatch, times):
    """Somebody who goes on writing for a while, just when nobody looks."""
    hostile_restore(monkeypatch, gradebook, times)
    set_points(gradebook, 50)
    said = keeper.check()
    assert len(said) == min(times + 1, ROUNDS)
    assert (points_in(gradebook) == 1) == (times < ROUNDS)
    assert len(keeper.check()) == (times >= ROUNDS)
    assert points_in(gradebook) == 1


def test_a_write_that_meets_another_is_put_right_and_told(gradebook, keeper, monkeypatch):
    hostile_restore(monkeypatch, gradebook, 1)
    keeper.write(gradebook, read_database(gradebook))
    assert points_in(gradebook) == 1
    assert len(keeper.check()) == 1


def test_the_content_of_a_database_is_not_its_history(gradebook):
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
        with in_memory(read_database(gradebook)) as (copy, _):
            assert copy.execute("select points from grade").fetchall() == [(3,)]
        restore_database(gradebook, before)
        assert database.execute("select points from grade").fetchall() == [(1,)]
    assert read_database(gradebook) == before


@pytest.mark.parametrize("wrong", [b"", b"no database", bytes(5000), None])
def test_what_is_no_database_any_more_is_put_back(gradebook, keeper, wrong):
    before = read_database(gradebook)
    gradebook.unlink()
    if wrong is not None:
        gradebook.write_bytes(wrong)
    (said,) = keeper.check()
    assert ("is in" in said) == (wrong is not None)
    assert read_database(gradebook) == before
    assert points_in(gradebook) == 1
    assert keeper.check() == []


HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma cache_size = 1")  # so that what is not committed is written too
database.execute("begin exclusive")
database.execute("update grade set points = 99")
database.execute("create table filler (text)")
database.executemany("insert into filler values (?)", [("x" * 3000,)] * 300)
print("held", flush=True)
sys.stdin.read()
"""


def test_who_locks_the_gradebook_and_is_killed_leaves_nothing_in_it(gradebook, keeper, monkeypatch):
    """A journal that is left behind would bring the old grades back at the next reading."""
    monkeypatch.setattr(sqlite_snapshot, "PATIENCE", 0.2)
    content = with_points(gradebook, 2)
    command = [sys.executable, "-c", HOLD, str(gradebook)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        keeper.write(gradebook, content)
        holder.kill()
    assert read_database(gradebook) == content
    assert points_in(gradebook) == 2
    assert [path.name for path in gradebook.parent.glob("gradebook*")] == ["gradebook.db"]
    assert len(keeper.check()) == 1


def test_a_planted_journal_is_seen(gradebook, keeper, tmp_path):
    """What SQLite would roll back at the next reading, though the file itself is untouched."""
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
    assert len(keeper.check()) == 1
    assert points_in(gradebook) == 1
    assert keeper.check() == []


def test_what_stands_in_a_log_beside_the_gradebook_is_seen_and_kept(gradebook, keeper):
    with closing(sqlite3.connect(gradebook)) as database:
        database.execute("pragma journal_mode=wal")
        assert keeper.check() == []
        database.execute("update grade set points = 99")
        database.commit()
        (said,) = keeper.check()
        assert database.execute("select points from grade").fetchall() == [(1,)]
    assert points_in(aside_of(gradebook, said)) == 99


def test_a_gradebook_that_cannot_be_read_at_first_is_said(gradebook, monkeypatch):
    monkeypatch.setattr(sqlite_snapshot, "PATIENCE", 0.2)
    with closing(sqlite3.connect(gradebook, isolation_level=None)) as formgrader:
        formgrader.execute("begin exclusive")
        with pytest.raises(ValueError, match=r"cannot be read .*Close what has it open"):
            Guard([], [], gradebook.parent, gradebook)


def test_a_link_in_the_place_of_the_gradebook_is_taken_away(gradebook, keeper, tmp_path):
    gradebook.rename(tmp_path / "theirs.db")
    gradebook.symlink_to(tmp_path / "theirs.db")
    assert len(keeper.check()) == 1
    assert not gradebook.is_symlink()
    assert points_in(gradebook) == 1
    assert keeper.check() == []


def test_a_link_to_nowhere_among_the_sources_is_no_error(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / ".#a.ipynb").symlink_to("nobody@nowhere")
    assert Guard([tmp_path / "source"], [], tmp_path).check() == []

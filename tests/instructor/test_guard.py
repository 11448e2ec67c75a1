"""The guard of a course's files, and the databases that it compares and puts back."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from small_course import write

from unet_tutorial.instructor import databases, guard
from unet_tutorial.instructor.databases import (
    content_of,
    in_memory,
    read_database,
    restore_database,
)
from unet_tutorial.instructor.guard import ASIDE, ROUNDS, Guard


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


def test_what_is_kept_is_put_back_and_what_is_watched_is_named(tmp_path):
    root = tmp_path / "course"
    kept = write(root / "gradebook.db", "right")
    source = write(root / "source" / "a.ipynb", "right")
    watched = write(tmp_path / "other" / "b.py", "right")
    guard = Guard([kept, source.parent, root / "gradebook.db-journal"], [watched], root)
    assert guard.check() == []
    write(source.parent / ".ipynb_checkpoints" / "a-checkpoint.ipynb", "what JupyterLab leaves")
    write(source.parent / ".DS_Store", "what macOS leaves")
    assert guard.check() == []
    for path in (kept, source, watched):
        path.write_text("wrong")
    write(source.parent / "new.ipynb", "wrong")
    write(root / "gradebook.db-journal", "wrong")
    said = guard.check()
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
    assert guard.check() == []
    source.unlink()
    assert guard.check() == ["a.ipynb was changed while this ran; it was put back."]
    source.unlink()
    source.mkdir()  # a folder in the place of a file
    write(source / "b.txt", "wrong")
    assert guard.check()[0].startswith("a.ipynb was changed while this ran; it was put back (")
    assert source.read_text() == "right"


def test_a_database_that_others_have_open_is_put_back(tmp_path):
    path = tmp_path / "gradebook.db"
    with closing(sqlite3.connect(path)) as formgrader:
        formgrader.execute("create table grade (points)")
        formgrader.execute("insert into grade values (1)")
        formgrader.commit()
        guard, number = Guard([path], [], tmp_path), path.stat().st_ino
        with closing(sqlite3.connect(path)) as hostile:
            hostile.execute("update grade set points = 99")
            hostile.commit()
        (said,) = guard.check()
        assert formgrader.execute("select points from grade").fetchall() == [(1,)]
        assert path.stat().st_ino == number
    aside = tmp_path / said.partition("is in ")[2].rstrip(").")
    with closing(sqlite3.connect(aside)) as changed:
        assert changed.execute("select points from grade").fetchall() == [(99,)]


def test_what_the_grader_writes_is_right_from_then_on(gradebook):
    keeper = Guard([gradebook], [], gradebook.parent)
    with in_memory(read_database(gradebook)) as (database, _):
        database.execute("update grade set points = 2")
        database.commit()
        content = content_of(database)
    keeper.write(gradebook, content)
    assert points_in(gradebook) == 2
    assert keeper.check() == []
    set_points(gradebook, 99)
    keeper.write(gradebook, content)
    assert points_in(gradebook) == 2
    (said,) = keeper.check()
    aside = gradebook.parent / said.partition("is in ")[2].rstrip(").")
    assert points_in(aside) == 99
    assert keeper.check() == []
    assert keeper.changes == [said]


@pytest.mark.parametrize("times", [1, ROUNDS])
def test_who_writes_right_after_a_file_was_put_back_is_seen(gradebook, monkeypatch, times):
    """Somebody who goes on writing for a while, just when nobody looks."""
    left = [times]

    def restored(*arguments):
        restore_database(*arguments)
        if left[0] > 0:
            left[0] -= 1
            set_points(gradebook, 99)

    monkeypatch.setattr(guard, "restore_database", restored)
    keeper = Guard([gradebook], [], gradebook.parent)
    set_points(gradebook, 50)
    said = keeper.check()
    assert len(said) == min(times + 1, ROUNDS)
    assert (points_in(gradebook) == 1) == (times < ROUNDS)
    assert len(keeper.check()) == (times >= ROUNDS)
    assert points_in(gradebook) == 1


def test_a_write_that_meets_another_is_put_right_and_told(gradebook, monkeypatch):
    keeper, content = Guard([gradebook], [], gradebook.parent), read_database(gradebook)
    left = [1]

    def restored(*arguments):
        restore_database(*arguments)
        if left:
            left.pop()
            set_points(gradebook, 99)

    monkeypatch.setattr(guard, "restore_database", restored)
    keeper.write(gradebook, content)
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


@pytest.mark.parametrize("wrong", [b"", b"no database", bytes(5000)])
def test_what_is_no_database_any_more_is_put_back(gradebook, wrong):
    before = read_database(gradebook)
    gradebook.write_bytes(wrong)
    assert read_database(gradebook) != before
    restore_database(gradebook, before)
    assert read_database(gradebook) == before
    assert points_in(gradebook) == 1


def test_a_database_that_stays_locked_is_put_back_all_the_same(gradebook, monkeypatch):
    monkeypatch.setattr(databases, "PATIENCE", 0.2)
    before = read_database(gradebook)
    set_points(gradebook, 99)
    with closing(sqlite3.connect(gradebook, isolation_level=None)) as hostile:
        hostile.execute("begin exclusive")
        assert read_database(gradebook) == gradebook.read_bytes()
        restore_database(gradebook, before)
    assert points_in(gradebook) == 1

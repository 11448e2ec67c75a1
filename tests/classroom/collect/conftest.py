"""A small course with students in its gradebook."""

from __future__ import annotations

import shutil

import pytest
import small_course
from collecting import ROSTER, enrol

from unet_tutorial.classroom.nbgrader_config import load_config


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A course with an empty gradebook."""
    root = small_course.make_course(tmp_path_factory.mktemp("course"))
    load_config(root)  # puts alembic on the PATH, as any command does
    enrol(root, [])
    return root


@pytest.fixture
def empty(released, tmp_path, monkeypatch):
    """A copy of the course, which tests may change."""
    root = tmp_path / "course"
    shutil.copytree(released, root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def course(empty):
    """A copy of the course with students in its gradebook."""
    enrol(empty, ROSTER)
    return empty

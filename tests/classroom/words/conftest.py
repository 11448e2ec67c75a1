"""A course that was graded once, copied for each test, and its page."""

from __future__ import annotations

import shutil
import threading
from contextlib import ExitStack

import pytest
from words_course import Course, release

from unet_tutorial.classroom.words.server import PageServer


@pytest.fixture(scope="package")
def graded(tmp_path_factory) -> Course:
    made = release(tmp_path_factory.mktemp("words") / "course")
    assert not any(each.problem for each in made.grade().values())
    return made


@pytest.fixture
def course(graded, tmp_path) -> Course:
    """A copy that a test may change."""
    shutil.copytree(graded.root, tmp_path / "course")
    return Course(tmp_path / "course")


@pytest.fixture
def serve(course):
    """Serves the page of the course as it is now: () -> the server."""
    with ExitStack() as stack:

        def serve() -> PageServer:
            server = stack.enter_context(PageServer(course.open_table(), "grade"))
            thread = threading.Thread(target=server.serve_forever, args=[0.01])
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return server

        yield serve

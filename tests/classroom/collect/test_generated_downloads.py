"""Whatever is in a download: every file is used or named, and nobody is taken for another."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import small_course
from downloads import ASSIGNMENT, SYSTEMS, Download, Person, downloads
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from unet_tutorial.classroom.collect.collect import collect_files
from unet_tutorial.classroom.collect.people import Student, split_name
from unet_tutorial.classroom.collect.record import Collection
from unet_tutorial.classroom.collect.report import format_collection

TOKEN = re.compile(rb"token:(.+?):\d+:")
SHORT_NUMBER = 5  # digits; the documents say that a shorter number needs a folder of its own


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A course, with a list as its roster, so that an example takes little."""
    root = tmp_path_factory.mktemp("course")
    small_course.write(root / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", small_course.numbers())
    return root


def collect(root: Path, download: Download) -> Collection:
    """Collect a download with an empty course."""
    for name in ("downloaded", "submitted"):
        shutil.rmtree(root / name, ignore_errors=True)
    archive = root / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    download.save(archive)
    config = Config()
    config.CourseDirectory.root = str(root)
    students = [
        Student(each.id, each.first, each.last, each.email, each.lms)
        for each in download.people
        if each.in_roster
    ]
    course = CourseDirectory(config=config)
    return collect_files(course, ASSIGNMENT, students, None, ZoneInfo("UTC"), force=False)


def find_owners(root: Path) -> dict[str, set[str]]:
    """Find whose files each folder in `submitted/` has, by the words that only theirs contain."""
    return {
        folder.name: {
            match.decode()
            for path in folder.rglob("*")
            if path.is_file()
            for match in TOKEN.findall(path.read_bytes())
        }
        for folder in sorted((root / "submitted").glob("*"))
    }


def is_recognisable(person: Person, download: Download) -> bool:
    """Whether the download says who this is: with an id, or with a name like nobody else's."""
    others = [each for each in download.people if each is not person]
    strangers = [each for each in others if not each.in_roster]
    if any(each.id.startswith((f"{person.id}-", f"{person.id}.")) for each in strangers):
        return False  # such a stranger is taken for the student, and the table says so
    if _count_named_inside(person, download) > 1:
        return False  # it may be a folder around the work of several: left out, and named
    if download.names_people == "id in text":
        others = strangers  # and so is one with the student's name
        if person.id.isdigit() and len(person.id) < SHORT_NUMBER:
            return False
    by_id = download.names_people in ("id", "lms")
    return by_id or not any(_is_like(person, other) for other in others)


def _count_named_inside(person: Person, download: Download) -> int:
    """How many others of the roster the student's own files and folders are named after."""
    paths = [path for path, _, owner in download.files() if owner == person]
    others = [each for each in download.people if each.in_roster and each is not person]
    return sum(
        any(f"/{other.lms}/" in path or f"/{other.id}_" in path for path in paths)
        for other in others
    )


def _is_like(person: Person, other: Person) -> bool:
    mine, theirs = (set(split_name(each.full)) for each in (person, other))
    return mine <= theirs or theirs <= mine or _letters(person) == _letters(other)


def _letters(person: Person) -> list[str]:
    return sorted("".join(split_name(person.full)))


def has_work(download: Download, person: Person) -> bool:
    """Whether somebody handed in a notebook, where it isn't a program's own copy."""
    return any(
        owner == person and ".ipynb" in path.lower() and "__MACOSX" not in path
        for path, _, owner in download.files()
    )


@pytest.mark.parametrize("system", SYSTEMS)
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,  # 2,000 examples for each system were clean, too
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_each_file_is_used_or_named_and_nobody_is_taken_for_another(root, system, data):
    download = data.draw(downloads(system))
    collection = collect(root, download)
    _require_files(collection, download)
    owners = find_owners(root)
    assert all(len(people) <= 1 for people in owners.values()), "two people became one"
    folders = Counter(person for people in owners.values() for person in people)
    assert not [person for person, count in folders.items() if count > 1], "one became two"
    for person in download.people:
        if person.in_roster and is_recognisable(person, download):
            expected = {person.id} if has_work(download, person) else set()
            assert owners.get(person.id, set()) == expected
    format_collection(collection, whole=True)


def _require_files(collection: Collection, download: Download) -> None:
    """Require that each path in the download was used or named, as often as it occurs."""
    left_out = [each for one in collection.submissions for each in one.left_out]
    accounted = Counter(each.path for each in collection.left_out + left_out)
    for each in collection.submissions:
        accounted.update([*each.notebooks, *each.taken])
    assert accounted == Counter(path for path, _, _ in download.files())

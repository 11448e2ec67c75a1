"""Downloads of Moodle and Canvas, collected with nbgrader's own zip_collect."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import small_course
from nbgrader.api import Gradebook
from nbgrader.apps.zipcollectapp import ZipCollectApp

from unet_tutorial.classroom.collect.lms import _parse_upload, _split_version
from unet_tutorial.classroom.collect.roster import (
    Student,
    _parse_time,
    find_student,
    make_student_id,
)
from unet_tutorial.classroom.nbgrader_config import load_config

ROSTER = [
    Student("al1815", "Ada", "Lovelace", "ada@example.org", "50101"),
    Student("ob2001", "Seán", "O'Brien", "sean@example.org", "50102"),
    Student("mj1990", "Jörg", "van der Müller", "joerg@example.org", "50103"),
    Student("ww1", "Wei", "Wang", "wei1@example.org", "50104"),
    Student("ww2", "Wei", "Wang", "wei2@example.org", "50105"),
]
NAME = small_course.NUMBERS


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course with one released assignment and an empty gradebook."""
    root = small_course.make_course(tmp_path_factory.mktemp("course"))
    small_course.write(root / "release" / NAME / f"{NAME}.ipynb", small_course.attempt())
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


def enrol(root: Path, students: list[Student]) -> None:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for student in students:
            about = {name: value for name, value in vars(student).items() if name != "id"}
            gradebook.update_or_create_student(student.id, **about)


def put_download(root: Path, files: dict[str, str | bytes], name: str = "download.zip") -> None:
    """Put a download where zip_collect looks for it."""
    path = root / "downloaded" / NAME / "archive" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zip_files(files))


def zip_files(files: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return made.getvalue()


def run_zip_collect(root: Path) -> dict[str, str]:
    """Run zip_collect; return the collected text for each student."""
    app = ZipCollectApp()
    app.initialize([NAME])
    app.start()
    return {
        path.parents[1].name: path.read_text(encoding="utf-8")
        for path in sorted((root / "submitted").glob(f"*/{NAME}/{NAME}.ipynb"))
    }


def read_timestamp(root: Path, student: str) -> str:
    path = root / "submitted" / student / NAME / "timestamp.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("between", ["_/", "/", "_"], ids=["folders", "newer folders", "flat"])
def test_moodles_download(course, between):
    put_download(
        course,
        {
            f"Ada Lovelace_4232467_assignsubmission_file{between}{NAME}.ipynb": "ada",
            f"OBrien Seán_4232468_assignsubmission_file{between}{NAME}.ipynb": "sean",
            f"Jörg van der Müller_4232469_assignsubmission_file{between}{NAME}.ipynb": "joerg",
        },
        "BIO_2025_1-Numbers-4232467.zip",
    )
    assert run_zip_collect(course) == {"al1815": "ada", "ob2001": "sean", "mj1990": "joerg"}


def test_moodles_worksheet_distinguishes_namesakes_and_has_times(course):
    put_download(
        course,
        {
            f"Wei Wang_70_assignsubmission_file_/{NAME}.ipynb": "the second",
            f"Wei Wang_71_assignsubmission_file_/{NAME}.ipynb": "the first",
        },
    )
    head = ["Identifier", "Full name", "Email address", "Status", "Last modified (submission)"]
    rows = [
        ["Participant 70", "Wei Wang", "wei2@example.org", "", "Friday, 7 March 2025, 11:59 PM"],
        ["Participant 71", "Wei Wang", "wei1@example.org", "", "-"],
    ]
    with (course / "downloaded" / NAME / "Grades.csv").open("w", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([head, *rows])
    assert run_zip_collect(course) == {"ww1": "the first", "ww2": "the second"}
    local = datetime(2025, 3, 7, 23, 59).astimezone()
    assert read_timestamp(course, "ww2") == str((local - local.utcoffset()).replace(tzinfo=None))
    assert read_timestamp(course, "ww1") == ""


@pytest.mark.parametrize("moodles", ["Friday, 7 March 2025, 11:59 PM", "-"])
def test_times_csv_overrides_moodles_worksheet(course, moodles):
    put_download(course, {f"Ada Lovelace_70_assignsubmission_file_/{NAME}.ipynb": "ada"})
    folder = course / "downloaded" / NAME
    small_course.write(
        folder / "Grades.csv",
        "Identifier,Full name,Email address,Status,Last modified (submission)\n"
        f'Participant 70,Ada Lovelace,ada@example.org,,"{moodles}"\n',
    )
    times = "student_id,timestamp\nal1815,2025-03-01 10:00 UTC\n"
    small_course.write(folder / "times.csv", times)
    assert run_zip_collect(course) == {"al1815": "ada"}
    assert read_timestamp(course, "al1815") == "2025-03-01 10:00:00"


def test_namesakes_without_a_worksheet_are_kept_apart(course):
    put_download(
        course,
        {
            f"Wei Wang_70_assignsubmission_file_/{NAME}.ipynb": "one",
            f"Wei Wang_71_assignsubmission_file_/{NAME}.ipynb": "other",
        },
    )
    assert run_zip_collect(course) == {"Wei_Wang_70": "one", "Wei_Wang_71": "other"}


def test_canvass_download(course):
    put_download(
        course,
        {
            f"lovelaceada_50101_6789012_{NAME}.ipynb": "ada",
            f"obrienseán_LATE_50102_6789013_{NAME}-1.ipynb": "sean",
            f"vandermüllerjörg_50103_6789014_{NAME}-12.ipynb": "joerg",
            f"wangwei_50105_6789015_{NAME}.ipynb": "the second",
        },
        "bio_2025_101_numbers_submissions.zip",
    )
    expected = {"al1815": "ada", "ob2001": "sean", "mj1990": "joerg", "ww2": "the second"}
    assert run_zip_collect(course) == expected


def test_submissions_that_canvas_marks_as_late_are_late(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2025-03-07 22:59:00 UTC")
    put_download(
        course,
        {
            f"lovelaceada_50101_1_{NAME}.ipynb": "ada",
            f"obrienseán_LATE_50102_2_{NAME}.ipynb": "sean",
            f"vandermüllerjörg_LATE_50103_3_{NAME}.ipynb": "joerg",
        },
    )
    small_course.write(
        course / "downloaded" / NAME / "times.csv",
        "student_id,timestamp\nmj1990,2025-03-10 10:00 UTC\n",
    )
    run_zip_collect(course)
    assert read_timestamp(course, "al1815") == ""
    assert read_timestamp(course, "ob2001") == "2025-03-07 22:59:01"
    assert read_timestamp(course, "mj1990") == "2025-03-10 10:00:00"


@pytest.mark.parametrize(
    ("files", "newest"),
    [
        ({f"lovelaceada_50101_{n}_{NAME}{s}.ipynb" for n, s in ((9, ""), (10, "-1"))}, "_10_"),
        ({f"lovelaceada_50101_{n}_{NAME}{s}.ipynb" for n, s in ((9, "-2"), (10, ""))}, "_10_"),
        (
            {
                f"Ada Lovelace_7_assignsubmission_file_/{NAME}{s}.ipynb"
                for s in ("", " (1)", "-2", "-Copy9")
            },
            "-2",
        ),
        (
            {f"Ada Lovelace_7_assignsubmission_file_/{s}.ipynb" for s in (NAME, "x_scratch-5")},
            NAME,
        ),
    ],
)
def test_the_newest_of_several_notebooks_is_collected(course, files, newest):
    put_download(course, {file: file for file in files})
    (taken,) = run_zip_collect(course).values()
    assert newest in taken


@pytest.mark.parametrize(
    "name",
    [f"{NAME}.ipynb.txt", f"{NAME}.ipynb.json", "homework final.ipynb", f"{NAME} (3).ipynb"],
)
def test_a_renamed_notebook_gets_the_assignments_name(course, name):
    put_download(course, {f"Ada Lovelace_7_assignsubmission_file_/{name}": "ada"})
    assert run_zip_collect(course) == {"al1815": "ada"}


def test_archives_in_an_archive(course):
    theirs = {
        f"{NAME}/{NAME}.ipynb": "ada",
        f"{NAME}/figures/a.svg": "no notebook",
        f"{NAME}/.ipynb_checkpoints/{NAME}-checkpoint.ipynb": "old",
        f"__MACOSX/{NAME}/._{NAME}.ipynb": "shadow",
    }
    put_download(
        course,
        {
            f"Ada Lovelace_7_assignsubmission_file_/{NAME}.zip": zip_files(theirs),
            f"OBrien Seán_8_assignsubmission_file_/{NAME}.zip": b"no archive at all",
            "Wei Wang_9_assignsubmission_file_/answer.docx": "no notebook",
            f"Jörg van der Müller_10_assignsubmission_file_/{NAME}.ipynb": "joerg",
        },
    )
    assert run_zip_collect(course) == {"al1815": "ada", "mj1990": "joerg"}


def test_folders_named_by_student_ids(course):
    put_download(course, {f"al1815/{NAME}.ipynb": "ada", "ww2/my answers.ipynb": "wei"})
    assert run_zip_collect(course) == {"al1815": "ada", "ww2": "wei"}


def test_without_a_roster_names_become_ids(empty):
    put_download(
        empty,
        {
            f"Ada Lovelace_7_assignsubmission_file_/{NAME}.ipynb": "moodle",
            f"obrienseán_50102_6789013_{NAME}.ipynb": "canvas",
        },
    )
    assert run_zip_collect(empty) == {"Ada_Lovelace": "moodle", "50102": "canvas"}


@pytest.mark.parametrize(
    ("name", "number", "found"),
    [
        ("Ada Lovelace", "", "al1815"),
        ("LOVELACE, Ada", "", "al1815"),
        ("lovelaceada", "", "al1815"),
        ("Group B-Ada Lovelace", "", "al1815"),
        ("Ada King Lovelace", "", "al1815"),
        ("Lovelace,Ada-al1815", "", "al1815"),
        ("someone else", "50101", "al1815"),
        ("al1815", "", "al1815"),
        ("Sean OBrien", "", "ob2001"),
        ("Joerg", "", None),
        ("Wei Wang", "", None),
        ("Wei Wang", "50105", "ww2"),
        ("Adam Lovelace", "", None),
        ("", "", None),
    ],
)
def test_find_student(name, number, found):
    student = find_student(ROSTER, name, number)
    assert (student.id if student else None) == found


@pytest.mark.parametrize(
    ("file", "stem"),
    [
        ("02_numbers.ipynb", ("02_numbers", 0)),
        ("02_numbers-1.ipynb", ("02_numbers", 1)),
        ("02_numbers (12).ipynb", ("02_numbers", 12)),
        ("02_numbers-Copy1.ipynb", ("02_numbers", -1)),
        ("02_numbers - Copy.ipynb", ("02_numbers -", -1)),
    ],
)
def test_the_version_in_a_file_name(file, stem):
    assert _split_version(file) == stem


def test_a_courses_name_is_not_taken_for_a_students(tmp_path):
    path = tmp_path / "bio_2025_101_x" / "lovelaceada_50101_6789012_02_numbers.ipynb"
    assert _parse_upload(path, tmp_path).name == "lovelaceada"


def test_ids_and_times():
    assert make_student_id("Ada  (King) Lovelace.") == "Ada_King_Lovelace"
    assert make_student_id("../..") == "unknown"
    assert _parse_time("-") is None
    assert _parse_time("2025-03-07 23:59 +0100") == datetime(2025, 3, 7, 22, 59)

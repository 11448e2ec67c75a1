"""A small course with a roster, and what collecting makes of a download."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path

import small_course
from nbgrader.api import Gradebook

from unet_tutorial.__main__ import main
from unet_tutorial.classroom.collect.people import Student
from unet_tutorial.classroom.collect.record import Collection, read_record

NAME = small_course.NUMBERS
ROSTER = [
    Student("al1815", "Ada", "Lovelace", "ada@example.org", "50101"),
    Student("ob2001", "Seán", "O'Brien", "sean@example.org", "50102"),
    Student("mj1990", "Jörg", "van der Müller", "joerg@example.org", "50103"),
    Student("ww1", "Wei", "Wang", "wei1@example.org", "50104"),
    Student("ww2", "Wei", "Wang", "wei2@example.org", "50105"),
]


def enrol(root: Path, students: list[Student]) -> None:
    """Add students to the gradebook."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for student in students:
            about = dataclasses.asdict(student)
            gradebook.update_or_create_student(about.pop("id"), **about)


def zip_files(files: dict[str, str | bytes]) -> bytes:
    """Zip files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return made.getvalue()


def put_download(root: Path, files: dict[str, str | bytes], name: str = "download.zip") -> None:
    """Put a download where collecting looks for it: zipped, or as it is with the name ""."""
    archive = root / "downloaded" / NAME / "archive"
    for file, content in {name: zip_files(files)}.items() if name else files.items():
        path = archive / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def collect(root: Path, *options: str) -> Collection:
    """Run the command; return its record."""
    assert main(["collect", str(root), NAME, *options]) == 0
    return read_record(root, NAME)


def read_collected(root: Path, name: str = f"{NAME}.ipynb") -> dict[str, str]:
    """Read the file of this name that was collected from each student."""
    return {
        path.relative_to(root / "submitted").parts[0]: path.read_text(encoding="utf-8")
        for path in sorted((root / "submitted").glob(f"*/{NAME}/{name}"))
    }


def read_time(root: Path, student: str) -> str:
    """Read the time of submission that nbgrader will read."""
    path = root / "submitted" / student / NAME / "timestamp.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""

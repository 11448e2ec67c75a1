"""Moodle's and Canvas's bulk downloads, taken in by `nbgrader zip_collect`.

Moodle makes `Ada Lovelace_4711_assignsubmission_file_/02_convolution.ipynb` (with or without the
last underscore), or one flat name; the number is another one in every assignment. Canvas makes
`lovelaceada_LATE_123_6789_02_convolution-1.ipynb`: the user, who keeps the number, and the upload.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from unet_tutorial.classroom.collect.roster import Row, Student, find_student, id_from, read_tables

MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_file(_(?P<file>.*))?$")
CANVAS = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)$")
NEWER = re.compile(r"(?:-(\d+)| ?\((\d+)\))$")  # added where a name is taken
COPY = re.compile(r"[-_ ]copy(?:[-_ ]?\d+)?$", re.IGNORECASE)  # what JupyterLab adds
NOTEBOOK = re.compile(r"(.+\.ipynb)(?:\.txt|\.json)?", re.IGNORECASE)  # browsers add an ending
MOST_UNPACKED = 2**30  # bytes


@dataclass(frozen=True)
class Upload:
    """One notebook in a download, and what its name says."""

    path: Path
    name: str  # of the student
    number: str = ""  # of the student
    system: str = ""  # moodle, canvas, or nothing: a folder or file named by the student's id
    stem: str = ""  # the notebook's name, as it was before a system changed it
    newness: tuple[int, int] = (0, 0)  # upload number, then the suffix of the name
    late: bool = False


def read_upload(path: Path, root: Path) -> Upload:
    """Return what the names from `root` down to a notebook say of who handed it in."""
    parts = path.relative_to(root).parts
    for system, pattern in (("moodle", MOODLE), ("canvas", CANVAS)):
        for part in (*parts[1:], parts[0]):  # first comes the archive, which a course has named
            if match := pattern.match(part):
                groups = match.groupdict()
                file = groups["file"] if part == parts[-1] else parts[-1]
                stem, version = plain_stem(file or parts[-1])
                newness = (int(groups.get("upload") or 0), version)
                late = bool(groups.get("late"))
                return Upload(path, groups["name"], groups["number"], system, stem, newness, late)
    stem, version = plain_stem(parts[-1])
    return Upload(path, parts[-2] if parts[1:] else path.stem, "", "", stem, (0, version))


def plain_stem(file: str) -> tuple[str, int]:
    """Return a file's name without extension and without a copy's number, and that number."""
    stem = file.removesuffix(".ipynb")
    if COPY.search(stem):
        return COPY.sub("", stem), -1  # older than what it was copied from, as far as we can know
    match = NEWER.search(stem)
    return (stem[: match.start()], int(match[1] or match[2])) if match else (stem, 0)


class Extractor(ExtractorPlugin):
    """Unpacks a download; an archive that cannot be unpacked stops no other."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Take the notebooks of the folder `archive_path`, in archives too, to `extracted_path`."""
        source = Path(archive_path)
        for file in sorted(file for file in source.rglob("*") if file.is_file()):
            self.take(file, Path(extracted_path) / file.relative_to(source), source)

    def take(self, file: Path, to: Path, root: Path, depth: int = 0) -> None:
        """Take one file: a notebook as it is, an archive as a folder of its name."""
        notebook = NOTEBOOK.fullmatch(file.name)
        if notebook:
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, to.with_name(notebook[1]))
        elif file.suffix.lower() == ".zip":
            self.unpack(file, to.with_suffix(""), root, depth)
        elif depth < 2:  # what lies deeper came along in a student's own archive
            self.log.warning(f"Left out, as it is no notebook: {file.relative_to(root)}")

    def unpack(self, file: Path, folder: Path, root: Path, depth: int) -> None:
        """Unpack an archive, and the archives inside it."""
        try:
            with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory() as unpacked:
                if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                    raise zipfile.BadZipFile("more than 1 GB")
                archive.extractall(unpacked)
                for inner in sorted(path for path in Path(unpacked).rglob("*") if path.is_file()):
                    to = folder / inner.relative_to(unpacked)
                    self.take(inner, to, Path(unpacked), depth + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
            self.log.warning(
                f"Cannot be unpacked: {file.relative_to(root)} ({error}). Ask for the notebook."
            )


class Collector(FileNameCollectorPlugin):
    """Finds each student's newest notebook in what was unpacked."""

    def collect(self, submitted_file: str) -> dict | None:
        """Return whose notebook a file is and when it came, or None for a file not to be taken."""
        return self.chosen.get(Path(submitted_file))

    @cached_property
    def chosen(self) -> dict[Path, dict]:
        """What is said of each notebook that is taken, by its path."""
        app = self.parent
        root = Path(app._format_collect_path(app.extracted_directory))
        notebooks = [path for path in sorted(root.rglob("*.ipynb")) if is_meant(path, root)]
        uploads = [read_upload(path, root) for path in notebooks]
        rows = read_tables(root.parent, self.students)
        chosen = {}
        for student, theirs in self.by_student(uploads, rows).items():
            newest = self.newest_of(student, theirs)
            chosen[newest.path] = {
                "student_id": student,
                "file_id": self.notebook_for(newest),
                "timestamp": said(self.time_of(newest, student, rows)),
            }
        return chosen

    @cached_property
    def students(self) -> list[Student]:
        """The roster: the students of the gradebook."""
        with Gradebook(self.parent.coursedir.db_url) as gradebook:
            names = ("first_name", "last_name", "email", "lms_user_id")
            return [
                Student(student.id, *(getattr(student, name) or "" for name in names))
                for student in gradebook.students
            ]

    @cached_property
    def released(self) -> list[str]:
        """The names of the assignment's notebooks, without extension."""
        course = self.parent.coursedir
        folder = course.format_path(course.release_directory, ".", course.assignment_id)
        return sorted(path.stem for path in Path(folder).glob("*.ipynb"))

    def by_student(
        self, uploads: Iterable[Upload], rows: dict[str, Row]
    ) -> dict[str, list[Upload]]:
        """Return each student's notebooks by id; two people never share one."""
        found = defaultdict(list)
        for upload in uploads:
            found[self.id_for(upload, rows)].append(upload)
        parted = {}
        for student, theirs in found.items():
            people = {(upload.number, upload.name) for upload in theirs}
            if len({number for number, _ in people}) == 1:
                parted[student] = theirs
                continue
            self.log.warning(f"More than one person may be {student}: {sorted(people)}.")
            for upload in theirs:
                parted.setdefault(f"{id_from(upload.name)}_{upload.number}", []).append(upload)
        return parted

    def id_for(self, upload: Upload, rows: dict[str, Row]) -> str:
        """Return the id of the student who handed a notebook in."""
        number = upload.number if upload.system == "canvas" else ""
        row = rows.get(upload.number, Row()) if upload.system == "moodle" else Row()
        student = row.student or find_student(self.students, upload.name, number)
        if student is not None:
            return student.id
        made = number or id_from(upload.name)
        if self.students:
            self.log.warning(f"{upload.name!r} is not in the roster: collected as {made}.")
        return made

    def newest_of(self, student: str, uploads: list[Upload]) -> Upload:
        """Return the notebook to grade; where several were handed in, say which."""
        named = [upload for upload in uploads if upload.stem in self.released]
        newest = max(named or uploads, key=lambda upload: (upload.newness, str(upload.path)))
        if len(uploads) > 1:
            names = ", ".join(upload.path.name for upload in uploads)
            self.log.warning(f"{student}: took {newest.path.name} of {names}.")
        return newest

    def notebook_for(self, upload: Upload) -> str:
        """Return the name under which a notebook is graded, whatever its author called it."""
        if len(self.released) == 1:
            return self.released[0]
        return upload.stem

    def time_of(self, upload: Upload, student: str, rows: dict[str, Row]) -> datetime | None:
        """Return when a notebook came: as `times.csv` says, or Moodle's worksheet, or Canvas."""
        row = rows.get(upload.number, Row()) if upload.system == "moodle" else Row()
        said_of = rows.get(student, Row())
        return said_of.submitted or row.submitted or (self.just_late() if upload.late else None)

    def just_late(self) -> datetime | None:
        """Return the time of what Canvas calls late: a second after the due date."""
        course = self.parent.coursedir
        with Gradebook(course.db_url) as gradebook:
            try:
                due = gradebook.find_assignment(course.assignment_id).duedate
            except MissingEntry:
                return None
        return due and due + timedelta(seconds=1)


def is_meant(path: Path, root: Path) -> bool:
    """Return whether a notebook was handed in on purpose, not by JupyterLab or macOS."""
    parts = path.relative_to(root).parts
    return not any(part.startswith(".") or part == "__MACOSX" for part in parts)


def said(time: datetime | None) -> str | None:
    """Return a time as nbgrader writes it."""
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"

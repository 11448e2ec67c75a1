"""Plugins for `nbgrader zip_collect` that understand Moodle's and Canvas's bulk downloads.

Moodle names files `Ada Lovelace_4711_assignsubmission_file_/02_convolution.ipynb` (with or without
the last underscore), or the same as one flat name; a student has a different number in every
assignment. Canvas names them `lovelaceada_LATE_123_6789_02_convolution-1.ipynb`: 123 is the user's
number, which is the same in all assignments, and 6789 the upload's.
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

from unet_tutorial.classroom.collect.roster import (
    Participant,
    Student,
    find_student,
    make_student_id,
    read_participants,
)

_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_file(_(?P<file>.*))?$")
_CANVAS = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)$")
_VERSION = re.compile(r"(?:-(\d+)| ?\((\d+)\))$")  # added when the name already exists
_COPY = re.compile(r"[-_ ]copy(?:[-_ ]?\d+)?$", re.IGNORECASE)  # what JupyterLab adds
_NOTEBOOK = re.compile(r"(.+\.ipynb)(?:\.txt|\.json)?", re.IGNORECASE)  # browsers add a suffix
_MAX_UNPACKED = 2**30  # bytes; protects against zip bombs


@dataclass(frozen=True)
class _Upload:
    """One notebook in a download, with the details that its path contains."""

    path: Path
    name: str  # of the student
    number: str = ""  # of the student
    system: str = ""  # "moodle", "canvas", or "" for a folder or file named after the student's id
    stem: str = ""  # the notebook's original name, without what a system added
    newness: tuple[int, int] = (0, 0)  # the upload's number, then the version in the file's name
    late: bool = False


def _parse_upload(path: Path, root: Path) -> _Upload:
    """Find out from a notebook's path below `root` who submitted it, and which version it is."""
    parts = path.relative_to(root).parts
    for system, pattern in (("moodle", _MOODLE), ("canvas", _CANVAS)):
        # The archive comes last, since a course's name can look like a student's.
        for part in (*parts[1:], parts[0]):
            if match := pattern.match(part):
                groups = match.groupdict()
                file = groups["file"] if part == parts[-1] else parts[-1]
                stem, version = _split_version(file or parts[-1])
                newness = (int(groups.get("upload") or 0), version)
                late = bool(groups.get("late"))
                return _Upload(path, groups["name"], groups["number"], system, stem, newness, late)
    stem, version = _split_version(parts[-1])
    return _Upload(path, parts[-2] if parts[1:] else path.stem, "", "", stem, (0, version))


def _split_version(file: str) -> tuple[str, int]:
    """Split a notebook's file name into its stem and version: "a (2).ipynb" -> ("a", 2)."""
    stem = file.removesuffix(".ipynb")
    if _COPY.search(stem):
        return _COPY.sub("", stem), -1  # we assume that the original is newer
    match = _VERSION.search(stem)
    return (stem[: match.start()], int(match[1] or match[2])) if match else (stem, 0)


class Extractor(ExtractorPlugin):
    """Extracts the notebooks of a download; skips archives that can't be unpacked."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Copy the notebooks in `archive_path` and in its archives to `extracted_path`."""
        source = Path(archive_path)
        for file in sorted(file for file in source.rglob("*") if file.is_file()):
            self._extract_file(file, Path(extracted_path) / file.relative_to(source), source)

    def _extract_file(self, file: Path, to: Path, root: Path, depth: int = 0) -> None:
        """Copy a notebook, or unpack an archive into a folder of the same name."""
        notebook = _NOTEBOOK.fullmatch(file.name)
        if notebook:
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, to.with_name(notebook[1]))
        elif file.suffix.lower() == ".zip":
            self._unpack_archive(file, to.with_suffix(""), root, depth)
        elif depth < 2:  # deeper files are other contents of a student's own archive
            self.log.warning(f"Skipped, since it isn't a notebook: {file.relative_to(root)}")

    def _unpack_archive(self, file: Path, folder: Path, root: Path, depth: int) -> None:
        try:
            with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory() as unpacked:
                if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                    raise zipfile.BadZipFile("more than 1 GB")
                archive.extractall(unpacked)
                for inner in sorted(path for path in Path(unpacked).rglob("*") if path.is_file()):
                    to = folder / inner.relative_to(unpacked)
                    self._extract_file(inner, to, Path(unpacked), depth + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
            self.log.warning(
                f"Can't unpack {file.relative_to(root)} ({error}). Ask for the notebook itself."
            )


class Collector(FileNameCollectorPlugin):
    """Finds the newest notebook of each student among the extracted files."""

    def collect(self, submitted_file: str) -> dict | None:
        """Return the student, name and time of a submission; None if the file isn't collected."""
        return self._collected_files.get(Path(submitted_file))

    @cached_property
    def _collected_files(self) -> dict[Path, dict]:
        """The student, name and time of each notebook that is collected, by its path."""
        app = self.parent
        root = Path(app._format_collect_path(app.extracted_directory))
        notebooks = [path for path in sorted(root.rglob("*.ipynb")) if _is_submission(path, root)]
        uploads = [_parse_upload(path, root) for path in notebooks]
        participants = read_participants(root.parent, self._roster)
        collected = {}
        for student, theirs in self._group_by_student(uploads, participants).items():
            newest = self._choose_newest(student, theirs)
            collected[newest.path] = {
                "student_id": student,
                "file_id": self._choose_name(newest),
                "timestamp": _format_timestamp(self._find_time(newest, student, participants)),
            }
        return collected

    @cached_property
    def _roster(self) -> list[Student]:
        """The students in the gradebook."""
        with Gradebook(self.parent.coursedir.db_url) as gradebook:
            names = ("first_name", "last_name", "email", "lms_user_id")
            return [
                Student(student.id, *(getattr(student, name) or "" for name in names))
                for student in gradebook.students
            ]

    @cached_property
    def _released_stems(self) -> list[str]:
        """The names of the assignment's released notebooks, without extension."""
        course = self.parent.coursedir
        folder = course.format_path(course.release_directory, ".", course.assignment_id)
        return sorted(path.stem for path in Path(folder).glob("*.ipynb"))

    def _group_by_student(
        self, uploads: Iterable[_Upload], participants: dict[str, Participant]
    ) -> dict[str, list[_Upload]]:
        """Group uploads by student id; if two people match one student, each gets a new id."""
        found = defaultdict(list)
        for upload in uploads:
            found[self._find_student_id(upload, participants)].append(upload)
        groups = {}
        for student, theirs in found.items():
            people = {(upload.number, upload.name) for upload in theirs}
            if len({number for number, _ in people}) == 1:
                groups[student] = theirs
                continue
            self.log.warning(f"More than one person may be {student}: {sorted(people)}.")
            for upload in theirs:
                new_id = f"{make_student_id(upload.name)}_{upload.number}"
                groups.setdefault(new_id, []).append(upload)
        return groups

    def _find_student_id(self, upload: _Upload, participants: dict[str, Participant]) -> str:
        """Find the id of the student who submitted a notebook, or make one from the name."""
        number = upload.number if upload.system == "canvas" else ""
        participant = _find_participant(upload, participants)
        student = participant.student or find_student(self._roster, upload.name, number)
        if student is not None:
            return student.id
        new_id = number or make_student_id(upload.name)
        if self._roster:
            self.log.warning(f"{upload.name!r} isn't in the roster: collected as {new_id}.")
        return new_id

    def _choose_newest(self, student: str, uploads: list[_Upload]) -> _Upload:
        """Choose the notebook to grade; if there are several, log which."""
        expected = [upload for upload in uploads if upload.stem in self._released_stems]
        newest = max(expected or uploads, key=lambda upload: (upload.newness, str(upload.path)))
        if len(uploads) > 1:
            names = ", ".join(upload.path.name for upload in uploads)
            self.log.warning(f"{student}: collected {newest.path.name} out of {names}.")
        return newest

    def _choose_name(self, upload: _Upload) -> str:
        """Choose the name for grading: an assignment's only notebook may have been renamed."""
        return self._released_stems[0] if len(self._released_stems) == 1 else upload.stem

    def _find_time(
        self, upload: _Upload, student: str, participants: dict[str, Participant]
    ) -> datetime | None:
        """Look up the submission time: `times.csv`, then Moodle's worksheet, then Canvas's mark."""
        by_id = participants.get(student, Participant())
        by_number = _find_participant(upload, participants)
        known = by_id.submitted or by_number.submitted
        return known or (self._compute_late_time() if upload.late else None)

    def _compute_late_time(self) -> datetime | None:
        """Compute a time that counts as late, one second after the due date.

        Canvas marks a submission as late, but doesn't say when it was made.
        """
        course = self.parent.coursedir
        with Gradebook(course.db_url) as gradebook:
            try:
                due = gradebook.find_assignment(course.assignment_id).duedate
            except MissingEntry:
                return None
        return due and due + timedelta(seconds=1)


def _find_participant(upload: _Upload, participants: dict[str, Participant]) -> Participant:
    if upload.system != "moodle":  # only Moodle's tables have a participant's number
        return Participant()
    return participants.get(upload.number, Participant())


def _is_submission(path: Path, root: Path) -> bool:
    """Return whether a student submitted this notebook; JupyterLab and macOS add others."""
    parts = path.relative_to(root).parts
    return not any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _format_timestamp(time: datetime | None) -> str | None:
    """Format a time the way nbgrader writes it."""
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"

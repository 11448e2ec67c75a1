"""Save what was chosen in `submitted/STUDENT/ASSIGNMENT/`, without losing what is there."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from unet_tutorial.classroom.collect.record import Collection, LeftOut, Submission
from unet_tutorial.classroom.collect.step4_choose import Chosen

_TIME = "timestamp.txt"  # nbgrader reads it
_KEPT = "changed by hand since it was collected, so it wasn't replaced; --force replaces it"
_EARLIER = "isn't in this download: this is what was collected before"


class Saver:
    """Saves one assignment's submissions."""

    def __init__(self, course: CourseDirectory, before: Collection, *, force: bool):
        """Save to a course.

        Args:
            course: the course.
            before: what was collected last time.
            force: whether to replace folders that somebody has changed since then.
        """
        self.course, self.force = course, force
        self.assignment = before.assignment
        self.before = {each.student: each for each in before.submissions}

    def _folder(self, student: str) -> Path:
        step = self.course.submitted_directory
        return Path(self.course.format_path(step, student, self.assignment))

    def save(self, submission: Submission, chosen: Chosen) -> None:
        """Save a submission's folder, unless somebody has changed the one that is there."""
        if not chosen.notebooks:
            return
        folder = self._folder(submission.student)
        part = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        _write_files(part, submission, chosen)
        submission.digest = compute_digest(part)
        current = compute_digest(folder) if folder.is_dir() else ""
        old = self.before.get(submission.student)
        is_ours = old is not None and current == old.digest
        if not current or is_ours or self.force:
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(part, folder)
        elif current != submission.digest:
            submission.notes.append(_KEPT)
            submission.digest = old.digest if old else ""
        shutil.rmtree(part, ignore_errors=True)
        if submission.time:
            (folder / _TIME).write_text(f"{submission.time} UTC", encoding="utf-8")
        elif old and old.time:
            (folder / _TIME).unlink(missing_ok=True)

    def keep_earlier(self, made: Collection) -> None:
        """Keep the record of what was collected before and isn't in this download.

        Work that was collected under a made-up name, and now under the right one, is removed.
        """
        now = {each.student for each in made.submissions if each.notebooks}
        for student, old in self.before.items():
            folder = self._folder(student)
            if student in now or not folder.is_dir():
                continue
            if old.in_roster or compute_digest(folder) != old.digest:
                made.submissions = [each for each in made.submissions if each.student != student]
                made.submissions.append(old)
                old.notes = [_EARLIER]
            else:
                shutil.rmtree(folder)
                made.notes.append(
                    f"submitted/{student}/{self.assignment} was removed: it was "
                    "collected under a name that isn't used now."
                )


def _write_files(folder: Path, submission: Submission, chosen: Chosen) -> None:
    """Write the chosen files and the time; note those that can't be written under their names."""
    for name, item in chosen.files.items():
        is_notebook = any(item is each for each in chosen.notebooks)
        try:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(item.file.data, folder / name)
        except (OSError, ValueError):
            if is_notebook:
                raise
            why = "can't be saved under its name on this machine"
            submission.left_out.append(LeftOut(item.file.path, item.name, why))
            continue
        if is_notebook:
            submission.notebooks.append(item.file.path)
        else:
            submission.files.append(name)
            submission.taken.append(item.file.path)


def compute_digest(folder: Path) -> str:
    """Compute a hash of a folder's files and their names, except for the time of submission."""
    total = hashlib.sha256()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in (path for path in files if path.name != _TIME):
        data = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode() + data)
    return total.hexdigest()

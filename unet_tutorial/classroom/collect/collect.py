"""Collect an assignment's download, and say what became of each file in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExtractorPlugin
from traitlets.config import Config

from unet_tutorial.classroom.collect.people import Label, Student
from unet_tutorial.classroom.collect.record import (
    Collection,
    LeftOut,
    Submission,
    read_record,
    record_path,
    save_record,
)
from unet_tutorial.classroom.collect.renamed_files import Recogniser
from unet_tutorial.classroom.collect.report import format_collection
from unet_tutorial.classroom.collect.roster import import_roster
from unet_tutorial.classroom.collect.step1_unpack import Unpacker
from unet_tutorial.classroom.collect.step2_owners import OwnerFinder
from unet_tutorial.classroom.collect.step3_identify import identify_people
from unet_tutorial.classroom.collect.step4_choose import Chosen, choose_files
from unet_tutorial.classroom.collect.step5_save import Saver
from unet_tutorial.classroom.collect.worksheet import Table, UnclearTable, read_tables
from unet_tutorial.files import atomic_write


class CollectError(ValueError):
    """The download can't be collected; the message says why and what to do."""


def collect(config: Config, assignment: str, *, force: bool = False) -> Collection:
    """Collect an assignment's download.

    Args:
        config: the course's configuration, from `load_config`.
        assignment: its name, such as "02_convolution".
        force: whether to replace work in `submitted/` that was changed by hand.

    Raises:
        CollectError: there is no download, or a table in it can't be read. Nothing was changed.
    """
    course, zone = CourseDirectory(config=config), find_time_zone(config)
    try:
        students, due = _read_gradebook(course, assignment)
        collection = collect_files(course, assignment, students, due, zone, force=force)
    except UnclearTable as error:
        raise CollectError(f"{error} Nothing was collected.") from None
    save_record(Path(course.root), collection)
    text = format_collection(collection, whole=True)
    atomic_write(record_path(Path(course.root), assignment).with_suffix(".txt"), text.encode())
    return collection


def put_download(course: Path, assignment: str, files: Sequence[Path]) -> None:
    """Copy a download into downloaded/ASSIGNMENT/: tables there, the rest into its archive/.

    An earlier download is kept in earlier/, and isn't collected again.

    Raises:
        CollectError: one of the files doesn't exist; nothing was copied.
    """
    if missing := [str(each) for each in files if not each.exists()]:
        raise CollectError(f"There is no {', '.join(missing)}.")
    target = course / "downloaded" / assignment
    archive, earlier, part = (target / name for name in ("archive", "earlier", ".archive.part"))
    tables = [each for each in files if each.suffix.lower() == ".csv"]
    rest = [each for each in files if each not in tables]
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for number, each in enumerate(rest):
        name = each.name if not (part / each.name).exists() else f"{number}-{each.name}"
        copy = shutil.copytree if each.is_dir() else shutil.copyfile
        copy(each, part / name)
    contents = {f"{each.stem}.csv": each.read_bytes() for each in tables}
    if rest and archive.is_dir():
        shutil.rmtree(earlier, ignore_errors=True)
        archive.rename(earlier)
    if rest:
        part.rename(archive)
    shutil.rmtree(part, ignore_errors=True)
    for name, content in contents.items():
        if (target / name).exists() and (target / name).read_bytes() != content:
            earlier.mkdir(exist_ok=True)
            (target / name).replace(earlier / name)
        (target / name).write_bytes(content)


def find_time_zone(config: Config) -> ZoneInfo:
    """Find the course's time zone, `c.Course.time_zone` in its nbgrader_config.py, or else UTC.

    Raises:
        CollectError: there is no such zone.
    """
    name = str(config.Course.get("time_zone", "UTC"))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CollectError(
            f"c.Course.time_zone is {name!r}, which is no time zone. Write it like 'Europe/Berlin'."
        ) from None


def _read_gradebook(
    course: CourseDirectory, assignment: str
) -> tuple[list[Student], datetime | None]:
    """Read the students and the due date, roster.csv first."""
    names = ("first_name", "last_name", "email", "lms_user_id")
    with Gradebook(course.db_url) as gradebook:
        import_roster(Path(course.root), gradebook)
        students = [
            Student(each.id, *(getattr(each, name) or "" for name in names))
            for each in gradebook.students
        ]
        try:
            return students, gradebook.find_assignment(assignment).duedate
        except MissingEntry:
            return students, None


def collect_files(
    course: CourseDirectory,
    assignment: str,
    students: Sequence[Student],
    due: datetime | None,
    zone: ZoneInfo,
    *,
    force: bool,
) -> Collection:
    """Collect the download of an assignment into `submitted/`; see `collect` for the rest.

    Args:
        course: the course.
        assignment: its name.
        students: the roster.
        due: the due date (UTC), or None.
        zone: the time zone of times that don't name one.
        force: whether to replace work that was changed by hand.
    """
    root = Path(course.root)
    source, download = root / course.source_directory / assignment, root / "downloaded" / assignment
    recogniser = Recogniser(source)
    if not recogniser.answers:
        raise CollectError(f"{source} has no notebook. Is {assignment!r} the right name?")
    saver = Saver(course, read_record(root, assignment), force=force)
    with tempfile.TemporaryDirectory(prefix="unet-tutorial-") as folder:
        files = Unpacker(Path(folder)).list_files(download / "archive")
        if not files:
            raise CollectError(f"{download / 'archive'} is empty. Copy the download there.")
        owners = OwnerFinder(students, recogniser.is_generic).find_owners(files)
        people = list(owners.people.values())
        numbers = {each.label.number for each in people if each.label.system == "moodle"}
        table = read_tables(download, students, numbers, zone)
        made = Collection(assignment, zone.key, notes=table.notes)
        made.left_out = [LeftOut(f.path, f.name, f.problem or why) for f, why in owners.left_out]
        for submission, person in identify_people(people, students, table.students):
            chosen = choose_files(person.items, recogniser)
            submission.left_out, submission.notes = chosen.left_out, submission.notes + chosen.notes
            _set_time(submission, chosen, person.label, table, due)
            _remember_label(submission, chosen, person.label)
            saver.save(submission, chosen)
            made.submissions.append(submission)
    saver.keep_earlier(made)
    made.submissions.sort(key=lambda each: each.student)
    present = {each.student for each in made.submissions if each.notebooks}
    made.missing = sorted(each.id for each in students if each.id not in present)
    _note_times(made, due)
    return made


def _set_time(
    submission: Submission, chosen: Chosen, label: Label, table: Table, due: datetime | None
) -> None:
    """Set the time of submission: from `times.csv`, Moodle's worksheet, or Canvas's LATE."""
    number = label.number if label.system == "moodle" else ""
    time = table.times.get(submission.student) or table.numbers.get(number)
    if time is None and any(item.label.late for item in chosen.notebooks):
        time = due and due + timedelta(seconds=1)  # Canvas doesn't say when
        if due is None:
            submission.notes.append("marked as late, but the assignment has no due date")
    submission.time = f"{time:%Y-%m-%d %H:%M:%S}" if time else None


def _remember_label(submission: Submission, chosen: Chosen, label: Label) -> None:
    """Remember how the download named the student, since work is given back under that name."""
    submission.system, submission.number, submission.label = label.system, label.number, label.name
    submission.upload = max((item.label.upload for item in chosen.notebooks), default=0)


def _note_times(made: Collection, due: datetime | None) -> None:
    """Note who would count as in time only because nothing says when they handed in."""
    handed_in = [each for each in made.submissions if each.notebooks]
    unknown = [each.student for each in handed_in if not each.time]
    if due and unknown:
        who = "anybody" if len(unknown) == len(handed_in) else ", ".join(unknown)
        made.notes.append(f"No time of submission is known for {who}, so they count as in time.")


class Extractor(ExtractorPlugin):
    """Lets `nbgrader zip_collect ASSIGNMENT` do what `unet-tutorial collect` does."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Collect the whole download; nbgrader has nothing left to do."""
        app = self.parent
        try:
            collection = collect(app.config, app.coursedir.assignment_id, force=app.force)
        except CollectError as error:
            app.fail(str(error))
        print(format_collection(collection))
        app.process_extracted_files = lambda: None  # it would only say that there are no files

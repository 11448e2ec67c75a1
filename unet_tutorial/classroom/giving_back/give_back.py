"""Make what a learning system takes: COURSE/give-back/ASSIGNMENT/."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from traitlets.config import Config

from unet_tutorial.classroom.collect.worksheet import Sheet
from unet_tutorial.classroom.giving_back import canvas, moodle
from unet_tutorial.classroom.giving_back.results import Result, find_ungraded, read_results

_GRADES = "grades.csv"


@dataclass
class GivenBack:
    """What was made."""

    folder: Path
    assignment: str
    results: list[Result]
    ungraded: list[str]
    files: list[tuple[str, str]] = field(default_factory=list)  # name, what to do with it
    notes: list[str] = field(default_factory=list)  # what to do, and who is missing

    @property
    def unfinished(self) -> dict[str, list[str]]:
        """The students who wait for points by hand, by question."""
        found: dict[str, list[str]] = {}
        for each in self.results:
            for name in each.to_grade:
                found.setdefault(name, []).append(each.student)
        return found

    def note_missing(self, what: str, students: Sequence[str]) -> None:
        """Note who isn't in a file, if anybody."""
        if students:
            self.notes.append(f"{what}: {_list_some(students)}.")


def give_back(
    config: Config,
    assignment: str,
    *,
    output: Path | None = None,
    unfinished: bool = False,
    column: str = "",
) -> GivenBack:
    """Make the feedback pages, archives and tables of an assignment; what was there is replaced.

    Args:
        config: the course's configuration, from `load_config`.
        assignment: its name.
        output: the folder to make; by default, give-back/ASSIGNMENT in the course.
        unfinished: whether tables have points while some are still to be given by hand.
        column: the assignment's heading in Canvas's gradebook; by default, it's looked up in an
            export of the gradebook in downloaded/, or else it's the assignment's name.

    Raises:
        NothingToGiveBack: nothing was graded.
        UnclearTable: a table in downloaded/ can't be filled in.
        FileExistsError: `output` has something else in it.
    """
    root = Path(config.CourseDirectory.root)
    folder = output.resolve() if output else root / "give-back" / assignment
    if folder.exists() and not (folder / _GRADES).exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} has something else in it. Choose a new or empty folder.")
    results = read_results(config, assignment)
    made = GivenBack(folder, assignment, results, find_ungraded(config, assignment, results))
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _write_all(part, made, root / "downloaded" / assignment, column, unfinished=unfinished)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made


def _write_all(
    part: Path, made: GivenBack, downloaded: Path, column: str, *, unfinished: bool
) -> None:
    """Write what each system takes that the download came from."""
    systems = {each.collected.system for each in made.results} & {"moodle", "canvas"}
    export = canvas.read_export(downloaded)
    if "moodle" in systems:
        _write_for_moodle(part, made, downloaded, unfinished=unfinished)
    if export or "canvas" in systems:
        _write_for_canvas(part, made, export, column, unfinished=unfinished)
    _write_for_others(part, made, unfinished=unfinished)
    old = [r.student for r in made.results if r.collected.notebooks and not r.collected.label]
    made.note_missing("Collect again, since an older version didn't remember the names of", old)
    if systems:
        others = [r.student for r in made.results if r.collected.system not in systems]
        made.note_missing(
            "In students/ only, since the download didn't name them as its system does",
            [each for each in others if each not in old],
        )


def _write_for_moodle(part: Path, made: GivenBack, downloaded: Path, *, unfinished: bool) -> None:
    """Write the worksheets, to be uploaded first, and the archive."""
    results = [each for each in made.results if each.collected.system == "moodle"]
    sheets = list(moodle.fill_worksheets(downloaded, results, unfinished=unfinished))
    for each in sheets:
        name = f"moodle_{each.name}"
        (part / name).write_bytes(each.sheet.encode())
        made.files.append(
            (name, f"Moodle: Upload grading worksheet, {each.count} grades of {each.most:g} points")
        )
        if not each.is_as_downloaded:
            made.notes.append(
                f"{name} has the separator and encoding of {each.name}. If Moodle refuses it, put "
                "the worksheet as Moodle made it into downloaded/, without saving it in between."
            )
    _write_zip(part / "moodle_feedback.zip", moodle.list_feedback(results))
    made.files.append(("moodle_feedback.zip", "Moodle: Upload multiple feedback files in a zip"))
    if sheets:
        made.notes.append(
            "In Moodle, upload the worksheet before the zip. After a later give-back, tick 'Allow "
            "updating records that have been modified more recently in Moodle'."
        )
        found = set[str]().union(*(each.students for each in sheets))
        missing = [each.student for each in results if each.student not in found]
        made.note_missing("Without a row in Moodle's worksheet", missing)
    else:
        made.notes.append(
            f"For grades in Moodle, put its grading worksheet into {downloaded} and run this again."
        )


def _write_for_canvas(
    part: Path, made: GivenBack, export: canvas.Export | None, column: str, *, unfinished: bool
) -> None:
    """Write the table for the gradebook, and the archive."""
    most = 0.0
    if export:
        column = export.find_column(column, made.assignment)
        most = export.read_most(column)
    column = column or made.assignment
    rows = canvas.find_rows(made.results, export)
    table = canvas.format_grades(made.results, rows, column, most, unfinished=unfinished)
    (part / "canvas_grades.csv").write_bytes(table)
    made.files.append(("canvas_grades.csv", f'Canvas: Gradebook, Import, into "{column}"'))
    pages = list(canvas.list_feedback(made.results, made.assignment))
    if pages:
        _write_zip(part / "canvas_feedback.zip", pages)
        what = "Canvas: the assignment's Upload Submissions"
        made.files.append(("canvas_feedback.zip", what))
    if export:
        missing = [each.student for each in made.results if each.student not in rows]
        made.note_missing(f"Without a row in {export.file}", missing)
    elif " (" not in column:
        made.notes.append(
            "Canvas will ask which assignment these grades are for. If you put an export of its "
            f"gradebook into downloaded/{made.assignment}/, the table names it."
        )


def _write_for_others(part: Path, made: GivenBack, *, unfinished: bool) -> None:
    """Write a folder with the page of each student, and a table of all."""
    for each in made.results:
        if each.page:
            (part / "students" / each.student).mkdir(parents=True)
            shutil.copyfile(each.page, part / "students" / each.student / each.page.name)
    table = [["student_id", "name", "points", "most", "penalty", "still_to_grade"]]
    for each in made.results:
        points = each.format_points(unfinished=unfinished)
        numbers = (f"{number:g}" for number in (each.most, each.penalty, each.waiting))
        table.append([each.student, each.name, points, *numbers])
    (part / _GRADES).write_bytes(Sheet(table).encode())
    made.files += [
        ("students/", "any other system: a folder per student, with the feedback page"),
        (_GRADES, "all points in one table"),
    ]


def _write_zip(path: Path, files: Iterable[tuple[str, Path]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files:
            archive.write(file, name)


def format_given_back(made: GivenBack) -> str:
    """Format what was made as a short table."""
    finished = sum(not each.waiting for each in made.results)
    lines = [
        f"{len(made.results)} students, {finished} of them graded completely, in {made.folder}:"
    ]
    width = max(len(name) for name, _ in made.files) + 2
    lines += [f"  {name:{width}}{what}" for name, what in made.files]
    lines += made.notes
    for question, students in sorted(made.unfinished.items()):
        lines.append(f"Still to grade by hand, {question}: {_list_some(students)}.")
    if made.ungraded:
        lines.append(f"Not graded: {_list_some(made.ungraded)}. Run grade first.")
    return "\n".join(lines)


def _list_some(names: Sequence[str], most: int = 20) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more

"""A ready nbgrader course from chapters: source, release, gradebook, zips and teaching pages."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nbgrader.apps import NbGraderAPI

from unet_tutorial.classroom.course import assignment, teaching_pages
from unet_tutorial.classroom.course_record import read_record, write_record
from unet_tutorial.classroom.nbgrader_config import CONFIG, config_text, load_config, open_course
from unet_tutorial.classroom.workspace.record import version
from unet_tutorial.teaching import chapters

OURS = "unet_tutorial.classroom"  # stands in the configuration of every course made here


class CourseError(ValueError):
    """A course cannot be made as asked; the message says why and what to do."""


def make_course(
    folder: Path,
    chapters: Sequence[str],
    points: Mapping[str, float] | None = None,
    solutions: bool | None = None,
) -> list[str]:
    """Make a course of some chapters in a folder, or add them to the course that is there.

    `chapters` are numbers, such as ["02", "05"]; `points` are by exercise ("5.2") or grade_id;
    `solutions` says whether `checks.solution` shows students anything (None: as before, at first
    yes). A source that exists stays as it is but for points; its release, zip and page are made
    anew. Grades stay. Returns the names of the assignments, such as ["02_convolution"].
    Errors: CourseError, before anything is written but for the last step.
    """
    folder, points = Path(folder), dict(points or {})
    stems = stems_of(chapters)
    refuse_strange(folder)
    by_stem = sort_points(folder, stems, points)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / CONFIG).exists():
        (folder / CONFIG).write_text(config_text(folder.resolve().name), encoding="utf-8")
        write_record(folder, version=version())
    if solutions is not None:
        write_record(folder, solutions=solutions)
    shown = read_record(folder).get("solutions", True)
    for stem in stems:
        make_source(folder, stem, stems)
        assignment.set_points(source_path(folder, stem), by_stem[stem])
        write_record(folder / "source" / stem, solutions=shown)
    for stem in stems:
        release(folder, stem)
        make_zip(folder, stem)
        make_page(folder, stem)
    return stems


def stems_of(chapters: Sequence[str]) -> list[str]:
    """Return the names of the chapters' notebooks, each once, in order.

    Errors: CourseError for a chapter that is not there or has no exercises.
    """
    known, taught = assignment.chapter_stems(), teaching_pages.chapters_with_lessons()
    numbers = sorted({chapter.zfill(2) for chapter in chapters})
    if strange := [number for number in numbers if number not in taught or number not in known]:
        raise CourseError(
            f"No chapter {', '.join(strange)} to assign. Choose from: {' '.join(taught)}."
        )
    return [known[number] for number in numbers]


def refuse_strange(folder: Path) -> None:
    """Refuse a folder that holds something else than a course made here."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    config = folder / CONFIG
    if not (config.is_file() and OURS in config.read_text(encoding="utf-8")):
        raise CourseError(
            f"{folder} is not empty and no course of this tutorial. Name a new folder, or a course "
            "made by this command to add chapters to it."
        )


def source_path(folder: Path, stem: str) -> Path:
    """Return where an assignment's source notebook stands."""
    return folder / "source" / stem / f"{stem}.ipynb"


def read_source(folder: Path, stem: str, stems: Sequence[str]) -> dict:
    """Return the source notebook that the course has, or the one that it would get."""
    path = source_path(folder, stem)
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    there = [other.name for other in sorted((folder / "source").glob("*")) if other.is_dir()]
    chapter = stem[:2]
    return assignment.source_notebook(
        chapter, teaching_pages.read_teaching(chapter), {*stems, *there}
    )


def sort_points(
    folder: Path, stems: Sequence[str], points: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Return the points for each assignment.

    Errors: CourseError for an exercise that none of them has.
    """
    cells = {stem: assignment.graded_cells(read_source(folder, stem, stems)) for stem in stems}
    sorted_out = {
        stem: {number: value for number, value in points.items() if number in cells[stem]}
        for stem in stems
    }
    if strange := set(points).difference(*sorted_out.values()):
        known = " ".join(number for stem in stems for number in cells[stem])
        raise CourseError(
            f"No exercise {', '.join(sorted(strange))} in the chapters named. They have: {known}."
        )
    return sorted_out


def make_source(folder: Path, stem: str, stems: Sequence[str]) -> None:
    """Write an assignment's source with its pictures, where there is none yet."""
    if source_path(folder, stem).exists():
        return
    notebook = read_source(folder, stem, stems)
    target = folder / "source" / stem
    part = target.with_name(f".{stem}.part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "figures").mkdir(parents=True)
    for name in set(chapters.pictures_of(chapters.read_chapter(int(stem[:2])))):
        shutil.copy(chapters.find_notebooks().parent / "figures" / name, part / "figures" / name)
    assignment.write_notebook(part / f"{stem}.ipynb", notebook)
    part.rename(target)


def api(folder: Path) -> NbGraderAPI:
    """Return nbgrader's interface to a course, with the course's own configuration."""
    return open_course(load_config(folder.resolve()))


def release(folder: Path, stem: str) -> None:
    """Make an assignment's release by nbgrader's generate_assignment.

    Errors: CourseError where nbgrader refuses; the release that was there stays.
    """
    with keeping_release(folder, stem):
        made = api(folder).generate_assignment(stem)
        if made["success"]:
            return
        reasons = re.findall(r"(?m)^ +[\w.]+: (.+)$", made.get("log", "")) or ["see its log"]
        raise CourseError(
            f"nbgrader could not release {stem}: {reasons[-1]}. Mend {source_path(folder, stem)} "
            "and run the command again. The release from before is still there."
        )


@contextlib.contextmanager
def keeping_release(folder: Path, stem: str) -> Iterator[None]:
    """Move a release away while it is made anew; whatever stops that, Ctrl-C too, it is back."""
    there, kept = folder / "release" / stem, folder / "release" / f".{stem}.before"
    if kept.exists() and not there.exists():
        kept.rename(there)  # a run was ended between two steps
    shutil.rmtree(kept, ignore_errors=True)
    is_first = not there.exists()
    try:
        if not is_first:
            there.rename(kept)
        yield
    except BaseException:
        if is_first or kept.exists():
            shutil.rmtree(there, ignore_errors=True)
        if kept.exists():
            kept.rename(there)
        raise
    shutil.rmtree(kept, ignore_errors=True)


def make_zip(folder: Path, stem: str) -> None:
    """Zip a release for students: one folder, the same bytes for the same content."""
    target, root = folder / "zips" / f"{stem}.zip", folder / "release"
    target.parent.mkdir(exist_ok=True)
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((root / stem).rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(root).as_posix())
                entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    part.replace(target)


def make_page(folder: Path, stem: str) -> None:
    """Write an assignment's teaching page."""
    notebook = json.loads(source_path(folder, stem).read_text(encoding="utf-8"))
    points = {number: cell["points"] for number, cell in assignment.graded_cells(notebook).items()}
    (folder / "pages").mkdir(exist_ok=True)
    (folder / "pages" / f"{stem}.md").write_text(
        teaching_pages.page(stem[:2], points), encoding="utf-8"
    )

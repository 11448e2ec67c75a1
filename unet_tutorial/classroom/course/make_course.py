"""Make a complete nbgrader course: sources, releases, gradebook, zips and teaching pages."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from babel.localtime import LOCALTZ

from unet_tutorial.classroom.collect.roster import ROSTER, TEMPLATE
from unet_tutorial.classroom.course import assignment, teaching_pages
from unet_tutorial.classroom.course_record import read_record, write_record
from unet_tutorial.classroom.nbgrader_config import CONFIG, format_config, load_config, open_course
from unet_tutorial.classroom.workspace.record import installed_version
from unet_tutorial.files import atomic_write
from unet_tutorial.teaching import chapters

_CONFIG_MARK = "unet_tutorial.classroom"  # in the configuration of every course made here


class CourseError(ValueError):
    """The course can't be made as requested; the message says why and what to do."""


def make_course(
    folder: Path,
    chapters: Sequence[str],
    points: Mapping[str, float] | None = None,
    solutions: bool | None = None,
) -> list[str]:
    """Make a course from chapters, or add chapters to an existing course.

    A source notebook that is already there keeps its content, except for the points, and for the
    question in words if questions/NN.toml was changed since and the notebook's wasn't edited by
    hand. Its release, zip and teaching page are made again. Grades are kept.

    Args:
        folder: a new or empty folder, or a course made by this function.
        chapters: their numbers, such as ["02", "05"].
        points: points by exercise ("5.2") or grade_id.
        solutions: whether `checks.solution` shows solutions to students; None keeps the course's
            setting, which is False for a new course.

    Returns:
        The names of the assignments, such as ["02_convolution"].

    Raises:
        CourseError: a chapter or an exercise doesn't exist, a question of the course's own can't be
            read, or the folder holds something else (then nothing has been written); or nbgrader
            can't release one of the assignments.
    """
    folder, points = Path(folder), dict(points or {})
    stems = _resolve_stems(chapters)
    _require_course_folder(folder)
    _require_questions(folder, stems)
    by_stem = _group_points(folder, stems, points)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / CONFIG).exists():
        text = format_config(folder.resolve().name, find_local_zone())
        (folder / CONFIG).write_text(text, encoding="utf-8")
        write_record(folder, version=installed_version())
        (folder / ROSTER).write_text(TEMPLATE, encoding="utf-8")
        if _is_in_git(folder):
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")  # it has solutions
    if solutions is not None:
        write_record(folder, solutions=solutions)
    show_solutions = read_record(folder).get("solutions", False)
    for stem in stems:
        _make_source(folder, stem, stems)
        _update_question(folder, stem)
        assignment.set_points(_source_path(folder, stem), by_stem[stem])
        write_record(folder / "source" / stem, solutions=show_solutions)
    for stem in stems:
        _release_assignment(folder, stem)
        _zip_release(folder, stem)
        _write_teaching_page(folder, stem)
    return stems


def _is_in_git(folder: Path) -> bool:
    return any((each / ".git").exists() for each in folder.resolve().parents)


def find_local_zone() -> str:
    """Find the name of this machine's time zone, such as "Europe/Berlin"; "UTC" if it has none."""
    return getattr(LOCALTZ, "key", None) or "UTC"


def _resolve_stems(chapters: Sequence[str]) -> list[str]:
    """Turn chapter numbers into the names of notebooks, in order and without duplicates.

    Raises:
        CourseError: a chapter doesn't exist or has no exercises.
    """
    known = assignment.list_chapter_stems()
    taught = teaching_pages.list_chapters_with_lessons()
    numbers = sorted({chapter.zfill(2) for chapter in chapters})
    if unknown := [number for number in numbers if number not in taught or number not in known]:
        raise CourseError(
            f"No chapter {', '.join(unknown)} to assign. Choose from: {' '.join(taught)}."
        )
    return [known[number] for number in numbers]


def _require_course_folder(folder: Path) -> None:
    """Raise CourseError unless the folder is new, empty, or a course made by make_course."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    config = folder / CONFIG
    if not (config.is_file() and _CONFIG_MARK in config.read_text(encoding="utf-8")):
        raise CourseError(
            f"{folder} isn't empty and isn't a course made by this command. Give a new folder, or "
            "an existing course to add chapters to it."
        )


def _require_questions(folder: Path, stems: Sequence[str]) -> None:
    """Raise CourseError unless the course's own questions in words can be read."""
    try:
        for stem in stems:
            teaching_pages.read_lesson(stem[:2], folder)
    except ValueError as error:
        raise CourseError(str(error)) from error


def _source_path(folder: Path, stem: str) -> Path:
    return folder / "source" / stem / f"{stem}.ipynb"


def _read_or_build_source(folder: Path, stem: str, stems: Sequence[str]) -> dict:
    """Read an assignment's source notebook from the course, or build it if there is none."""
    path = _source_path(folder, stem)
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    existing = [other.name for other in sorted((folder / "source").glob("*")) if other.is_dir()]
    chapter = stem[:2]
    return assignment.build_source_notebook(
        chapter, teaching_pages.read_lesson(chapter, folder), {*stems, *existing}
    )


def _group_points(
    folder: Path, stems: Sequence[str], points: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Group points by assignment.

    Raises:
        CourseError: none of the assignments has such an exercise.
    """
    cells = {
        stem: assignment.find_graded_cells(_read_or_build_source(folder, stem, stems))
        for stem in stems
    }
    grouped = {
        stem: {number: value for number, value in points.items() if number in cells[stem]}
        for stem in stems
    }
    if unknown := set(points).difference(*grouped.values()):
        known = " ".join(number for stem in stems for number in cells[stem])
        raise CourseError(
            f"No exercise {', '.join(sorted(unknown))} in these chapters. They have: {known}."
        )
    return grouped


def _make_source(folder: Path, stem: str, stems: Sequence[str]) -> None:
    """Write an assignment's source notebook and its pictures, unless there already is one."""
    if _source_path(folder, stem).exists():
        return
    notebook = _read_or_build_source(folder, stem, stems)
    target = folder / "source" / stem
    part = target.with_name(f".{stem}.part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "figures").mkdir(parents=True)
    for name in set(chapters.find_pictures(chapters.read_chapter(int(stem[:2])))):
        shutil.copy(chapters.find_notebooks().parent / "figures" / name, part / "figures" / name)
    assignment.write_source_notebook(part / f"{stem}.ipynb", notebook)
    part.rename(target)


def _update_question(folder: Path, stem: str) -> None:
    """Put the course's present question in words into a source, unless it was edited by hand.

    The course's record has the digests of all questions that were written into the source.
    """
    chapter, path = stem[:2], _source_path(folder, stem)
    chapters_own, lesson = (teaching_pages.read_lesson(chapter, at) for at in (None, folder))
    recorded = read_record(folder).get("questions", {})
    known = {
        **recorded.get(stem, {}),
        **{assignment.digest_lesson(chapter, x): len(x.rubric) for x in (chapters_own, lesson)},
    }
    if known != recorded.get(stem):
        write_record(folder, questions={**recorded, stem: known})
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if assignment.replace_question(notebook, chapter, lesson, known):
        assignment.write_source_notebook(path, notebook)


def _release_assignment(folder: Path, stem: str) -> None:
    """Release an assignment with nbgrader's generate_assignment.

    Raises:
        CourseError: nbgrader can't release it; the previous release is kept.
    """
    with _restore_release_on_failure(folder, stem):
        result = open_course(load_config(folder.resolve())).generate_assignment(stem)
        if result["success"]:
            return
        reasons = re.findall(r"(?m)^ +[\w.]+: (.+)$", result.get("log", "")) or ["see its log"]
        raise CourseError(
            f"nbgrader could not release {stem}: {reasons[-1]}. Fix {_source_path(folder, stem)}, "
            "then run the command again. The previous release is still there."
        )


@contextlib.contextmanager
def _restore_release_on_failure(folder: Path, stem: str) -> Iterator[None]:
    """Context manager: moves the release away, and back if the block fails or is interrupted."""
    current, backup = folder / "release" / stem, folder / "release" / f".{stem}.before"
    if backup.exists() and not current.exists():
        backup.rename(current)  # the process was killed during an earlier run
    shutil.rmtree(backup, ignore_errors=True)
    is_first = not current.exists()
    try:
        if not is_first:
            current.rename(backup)
        yield
    except BaseException:  # Ctrl-C too
        if is_first or backup.exists():
            shutil.rmtree(current, ignore_errors=True)
        if backup.exists():
            backup.rename(current)
        raise
    shutil.rmtree(backup, ignore_errors=True)


def _zip_release(folder: Path, stem: str) -> None:
    """Zip a release as one folder; the same content gives the same bytes."""
    target, root = folder / "zips" / f"{stem}.zip", folder / "release"
    target.parent.mkdir(exist_ok=True)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((root / stem).rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(root).as_posix())
                entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    atomic_write(target, content.getvalue())


def _write_teaching_page(folder: Path, stem: str) -> None:
    notebook = json.loads(_source_path(folder, stem).read_text(encoding="utf-8"))
    graded = assignment.find_graded_cells(notebook)
    points = {number: cell["points"] for number, cell in graded.items()}
    (folder / "pages").mkdir(exist_ok=True)
    (folder / "pages" / f"{stem}.md").write_text(
        teaching_pages.format_teaching_page(stem[:2], points, folder), encoding="utf-8"
    )

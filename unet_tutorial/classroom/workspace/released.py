"""Chapters that a course releases: zips that a student puts into the workspace.

A copy of the newest zip of each chapter is kept in `.unet-tutorial/released/`. From then on the
chapter's text comes from there, so that an update of the package takes nothing of the course away.
Uses the standard library only.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.classroom.workspace.record import Workspace, parse_notebook
from unet_tutorial.files import KEPT, atomic_write
from unet_tutorial.teaching.chapters import cell_source

_KEPT_ZIPS = "released"  # in the workspace's .unet-tutorial
_MOST_BYTES = 200_000_000  # of a zip's files, unpacked
_MOST_FILES = 2_000
_CHAPTER = re.compile(r"(\d\d_\w+)/\1\.ipynb")
_OUTSIDE = re.compile(r"(^|/)\.\.(/|$)|^/|[\\:]")
_HIDDEN = re.compile(r"(^|/)\.")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(\.\./(\d\d_\w+)/\2\.ipynb(#[^)]*)?\)")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


@dataclass(frozen=True)
class Release:
    """A chapter as a course released it."""

    notebook: dict
    files: dict[str, bytes]  # everything else, by its path next to the notebook: "figures/a.svg"
    solutions: bool  # whether students may see solutions


def take_zips(workspace: Workspace, known: Collection[str]) -> tuple[list[str], bool]:
    """Keep a copy of each released chapter in the workspace's zips; of several, the newest.

    The zips stay as they are. One that was taken before isn't taken again.

    Args:
        workspace: where to look.
        known: the file names of this version's chapters; other zips are ignored.

    Returns:
        What to tell the student, and whether all zips could be read.
    """
    news, readable = [], True
    zips = [path for path in workspace.folder.glob("*.[zZ][iI][pP]") if path.is_file()]
    for path in sorted(zips, key=lambda path: (path.stat().st_mtime_ns, path.name)):
        try:
            stems = [stem for stem in _list_chapters(path) if f"{stem}.ipynb" in known]
            for stem in stems:
                news += _take_zip(workspace, path, stem)
        except (ValueError, *_UNREADABLE) as error:
            readable = False
            news.append(f"{path.name} was left alone: {error}. Download it again.")
    return news, readable


def open_releases(workspace: Workspace) -> dict[str, Release | None]:
    """Open the kept copies, by the chapters' file names; None for one that can't be read."""
    kept = {path.stem for path in (workspace.record_folder / _KEPT_ZIPS).glob("*.zip")}
    found: dict[str, Release | None] = {}
    for stem in sorted({*kept, *workspace.releases}):
        try:
            found[f"{stem}.ipynb"] = read_release(_find_kept(workspace, stem), stem)
        except (ValueError, *_UNREADABLE):
            found[f"{stem}.ipynb"] = None
    return found


def _find_kept(workspace: Workspace, stem: str) -> Path:
    return workspace.record_folder / _KEPT_ZIPS / f"{stem}.zip"


def _take_zip(workspace: Workspace, path: Path, stem: str) -> list[str]:
    """Keep a copy of a zip unless it was taken before; return what to tell the student."""
    kept = _find_kept(workspace, stem)
    release = read_release(path, stem)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    if kept.is_file() and digest in workspace.releases.get(stem, ()):
        return []
    kept.parent.mkdir(exist_ok=True)
    atomic_write(kept, content)
    _keep_setting(workspace, stem, release.solutions)
    workspace.releases[stem] = [*workspace.releases.get(stem, ()), digest]
    workspace.save()
    news = [f"{path.name} was read: {stem}.ipynb now comes from your course."]
    if (workspace.folder / stem / f"{stem}.ipynb").is_file():
        news.append(
            f"{stem}/{stem}.ipynb is another copy, and stays as it is. If your answers are in "
            f"there, go on with it, or copy them to {stem}.ipynb."
        )
    return news


def _keep_setting(workspace: Workspace, stem: str, solutions: bool) -> None:
    """Keep whether students may see the chapter's solutions, where `checks` looks for it."""
    path, settings = workspace.record_folder / "solutions.json", {}
    with contextlib.suppress(OSError, ValueError, TypeError):
        settings = dict(json.loads(path.read_text(encoding="utf-8")))
    settings[str(int(stem[:2]))] = solutions
    atomic_write(path, f"{json.dumps(settings)}\n".encode())


def _list_chapters(path: Path) -> list[str]:
    """List the chapters in a zip that look released: NAME/NAME.ipynb."""
    with zipfile.ZipFile(path) as archive:
        found = map(_CHAPTER.fullmatch, archive.namelist())
        return sorted({each[1] for each in found if each})


def read_release(path: Path, stem: str) -> Release:
    """Read a released chapter from a zip.

    Raises:
        ValueError: it's too large, has a path that leads outside, or its notebook can't be read or
            isn't as it was released. The message continues a sentence: "its notebook isn't ...".
        zipfile.BadZipFile: it's damaged. Other errors in _UNREADABLE mean the same.
    """
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if outside := [each.filename for each in entries if _OUTSIDE.search(each.filename)]:
            raise ValueError(f"it has a path that leads outside, {outside[0]!r}")
        unpacked = sum(entry.file_size for entry in entries)
        if path.stat().st_size > _MOST_BYTES or unpacked > _MOST_BYTES:
            raise ValueError(f"it's too large, {unpacked / 1e6:.0f} MB unpacked")
        if len(entries) > _MOST_FILES:
            raise ValueError(f"it has too many files, {len(entries)}")
        own = [entry for entry in entries if entry.filename.startswith(f"{stem}/")]
        files = {entry.filename.removeprefix(f"{stem}/"): archive.read(entry) for entry in own}
    notebook = _read_edition(files.pop(f"{stem}.ipynb", b""))
    settings = json.loads(files.get(f"{KEPT}/course.json", b"{}"))
    solutions = not isinstance(settings, dict) or settings.get("solutions", True) is not False
    files = {
        name: content
        for name, content in files.items()
        if not _HIDDEN.search(name) and not re.fullmatch(r"\d\d_\w+\.ipynb", name)
    }
    return Release(notebook, files, solutions)


def _read_edition(content: bytes) -> dict:
    """Read a released notebook; cells without an id get one.

    Raises:
        ValueError: it can't be read, or somebody has worked in it since it was released.
    """
    notebook = parse_notebook(content)
    graded = [cell for cell in notebook["cells"] if "checksum" in _get_nbgrader(cell)]
    if not graded:
        raise ValueError("its notebook has no cells of nbgrader, so it isn't a course's")
    for cell in graded:
        if compute_checksum(cell) != _get_nbgrader(cell)["checksum"]:
            name = _get_nbgrader(cell).get("grade_id")
            raise ValueError(
                f"its notebook isn't as it was released ({name} was changed), so it isn't taken "
                "for your course's"
            )
    used: set[str] = set()
    for number, cell in enumerate(notebook["cells"]):
        name = cell.get("id") or _get_nbgrader(cell).get("grade_id") or f"cell-{number}"
        cell["id"] = name if name not in used else f"{name}-{number}"
        used.add(cell["id"])
    notebook.setdefault("metadata", {})
    return notebook


def compute_checksum(cell: Mapping) -> str:
    """Compute nbgrader's checksum of a cell, as `nbgrader.utils.compute_checksum` does."""
    about = _get_nbgrader(cell)
    parts = [cell_source(cell), cell["cell_type"]]
    parts += [str(about.get(key, False)) for key in ("grade", "solution")]
    is_locked = not about.get("solution", False) and (
        about.get("grade", False) or about.get("locked", False)
    )
    parts += [str(is_locked), str(about.get("grade_id"))]
    if about.get("grade", False):
        parts.append(str(float(about.get("points", 0))))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def make_workspace_edition(release: Release, names: Collection[str]) -> dict:
    """Make a released chapter a workspace's: its links lead to the copies next to it.

    `names` are the chapters that the workspace has; links to others become plain text.
    """

    def format_link(found: re.Match) -> str:
        text, stem, anchor = found[1], found[2], found[3] or ""
        return f"[{text}]({stem}.ipynb{anchor})" if f"{stem}.ipynb" in names else text

    edition = copy.deepcopy(release.notebook)
    for cell in edition["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = _LINK.sub(format_link, cell_source(cell))
    return edition


def lacks_cells(mine: Mapping, edition: Mapping) -> bool:
    """Whether a copy lacks cells that count for the grade, or that a grade rests on.

    That happens if the chapter was open in JupyterLab while it was updated, and was saved there.
    """
    found = {cell.get("id") for cell in mine["cells"]}
    found |= {_get_nbgrader(cell).get("grade_id") for cell in mine["cells"]}
    return any(_get_nbgrader(cell) and cell["id"] not in found for cell in edition["cells"])


def _get_nbgrader(cell: Mapping) -> dict:
    about = cell["metadata"].get("nbgrader")
    return about if isinstance(about, dict) else {}

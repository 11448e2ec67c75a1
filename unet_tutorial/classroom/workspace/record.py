"""A learner's workspace: finding the folder, its record of what was written, reading notebooks.

The folder `.unet-tutorial` in a workspace holds the record (edition.json: the version, and for each
chapter the fingerprint of every cell as written), the backups that `update` makes, the zips of
chapters that come from a course, and the progress file of `unet_tutorial.teaching.checks`. Uses the
standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from unet_tutorial.files import KEPT, atomic_write
from unet_tutorial.teaching import chapters

_RECORD_FILE = "edition.json"
BACKUP_FOLDER = "backup"
DEFAULT_FOLDER = "workspace"
_PACKAGE_FOLDER = Path(__file__).resolve().parents[2]


class CommandError(Exception):
    """A command can't do what it was asked to; the message says why, and what to do next."""


@dataclass
class Workspace:
    """A workspace folder and its record.

    Attributes:
        folder: the workspace.
        every: whether it should have every chapter, including those that a later version adds.
        chapters: for each file name, {"edition": fingerprint, "cells": {cell id: fingerprint},
            "before": {cell id: fingerprint}}: the edition last written, and the cells of the
            edition before that.
        figures: the fingerprint of each picture by its file name.
        releases: the digests of the zips that were taken from a course, by chapter ("04_down").
    """

    folder: Path
    every: bool
    chapters: dict[str, dict]
    figures: dict[str, str]
    releases: dict[str, list[str]]

    @property
    def record_folder(self) -> Path:
        return self.folder / KEPT

    def save(self) -> None:
        """Write the record atomically."""
        record = {
            "version": installed_version(),
            "every": self.every,
            "chapters": self.chapters,
            "figures": self.figures,
            "releases": self.releases,
        }
        text = json.dumps(record, indent=1) + "\n"
        atomic_write(self.record_folder / _RECORD_FILE, text.encode())

    def back_up(self, path: Path) -> Path:
        """Copy a file into the backup folder under the next free number; return the copy's path."""
        folder = self.record_folder / BACKUP_FOLDER
        folder.mkdir(exist_ok=True)
        number = 1
        while (copy := folder / f"{path.stem}.{number}{path.suffix}").exists():
            number += 1
        atomic_write(copy, path.read_bytes())
        return copy


def open_workspace(folder: Path) -> Workspace:
    """Load the workspace in a folder; a record that is missing or damaged counts as empty."""
    record = {}
    with contextlib.suppress(OSError, ValueError):
        record = json.loads((folder / KEPT / _RECORD_FILE).read_text(encoding="utf-8"))
    if not isinstance(record, dict):
        record = {}
    tables = {name: record.get(name) for name in ("chapters", "figures", "releases")}
    tables = {name: value if isinstance(value, dict) else {} for name, value in tables.items()}
    return Workspace(folder, record.get("every") is True, **tables)


def is_workspace(folder: Path) -> bool:
    """Whether `unet-tutorial start` (or `lab`) has written chapters into this folder."""
    return (folder / KEPT / _RECORD_FILE).is_file()


def is_course_folder(folder: Path) -> bool:
    """Whether a folder is a course, or was unpacked from a course's zip.

    The chapters in it come from the course, so `start` and `update` don't touch them.
    """
    return (folder / KEPT / "course.json").is_file() and not is_workspace(folder)


def find_default_folder(*, new: bool = False) -> Path:
    """Find the workspace to use when the command line names none.

    It is the current folder if that is a workspace or belongs to a course. Otherwise it is
    workspace/ in the clone that the package runs from; or workspace/ in the current folder if that
    is a workspace already, if there is no clone, or if the command makes a `new` workspace.
    """
    here = Path.cwd()
    if is_workspace(here) or is_course_folder(here):
        return here
    clone = _find_clone()
    if new or clone is None or is_workspace(here / DEFAULT_FOLDER):
        return here / DEFAULT_FOLDER
    return clone / DEFAULT_FOLDER


def _find_clone() -> Path | None:
    """Return the clone that the package runs from, or None for an installed wheel."""
    parent = chapters.find_notebooks().parent
    return None if parent == _PACKAGE_FOLDER else parent


def prepare_folder(folder: Path, sources: Path) -> None:
    """Create the folder if necessary, and check that chapters can be written into it.

    Raises:
        CommandError: `folder` is a file, can't be written to, belongs to a course, or is where the
            source notebooks are.
    """
    example = format_command("start", str(Path.home() / "u-net"))
    other = f"Choose another folder, for example: {example}"
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file. {other}")
    path, originals = folder.resolve(), sources.resolve()
    if is_course_folder(folder):
        opens = format_command("lab", str(folder))
        raise CommandError(
            f"{folder} belongs to a course, and its chapters come from there. Open it with: {opens}"
        )
    if path == originals.parent or originals in (path, *path.parents):
        raise CommandError(f"{folder} is where the chapters' source notebooks are. {other}")
    try:
        (folder / KEPT).mkdir(parents=True, exist_ok=True)
        atomic_write(folder / KEPT / ".writable", b"")
        (folder / KEPT / ".writable").unlink()
    except OSError as error:
        raise CommandError(f"{folder} cannot be written to: {error.strerror}. {other}") from error


def read_notebook(path: Path) -> dict:
    """Read a notebook as parsed JSON.

    Raises:
        ValueError: the file isn't a notebook of format 4. The message continues a sentence: "it
            isn't a readable notebook ...".
    """
    return parse_notebook(path.read_bytes())


def parse_notebook(content: bytes) -> dict:
    """Parse a notebook's file; for its errors, see `read_notebook`."""
    try:
        notebook = json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise ValueError("it isn't a readable notebook (broken JSON)") from error
    is_format_4 = isinstance(notebook, dict) and notebook.get("nbformat") == 4
    cells = notebook.get("cells") if is_format_4 else None
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise ValueError("it isn't a readable notebook of format 4")
    return notebook


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
        return False
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return isinstance(cell.get("cell_type"), str) and all(isinstance(x, str) for x in lines)


def encode_notebook(notebook: Mapping) -> bytes:
    """Encode a notebook as Jupyter does, with each source as a list of lines."""
    cells = [
        {**cell, "source": chapters.cell_source(cell).splitlines(keepends=True)}
        for cell in notebook["cells"]
    ]
    text = json.dumps({**notebook, "cells": cells}, indent=1, ensure_ascii=False)
    return (text + "\n").encode()


def installed_version() -> str:
    """Return the installed version of the tutorial, or "unknown"."""
    try:
        return metadata.version("unet-tutorial")
    except metadata.PackageNotFoundError:
        return "unknown"


def format_command(*arguments: str) -> str:
    """Format an `unet-tutorial` command line, spelled the way the current process was started."""
    words = ["unet-tutorial", *arguments]
    if Path(sys.argv[0]).parts[-2:] == ("unet_tutorial", "__main__.py"):
        words = [relative_path(Path(sys.executable)), "-m", "unet_tutorial", *arguments]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def relative_path(path: Path) -> str:
    """Format a path relative to the current folder; outside it, the path stays as it is."""
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)

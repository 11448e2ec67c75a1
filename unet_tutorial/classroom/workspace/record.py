"""A learner's folder of chapters: which one is meant, what is on record of it, how it is written.

The folder `.unet-tutorial` in it holds the record (edition.json: the version, and of each chapter
the fingerprint of every cell as it was written), the backups that `update` makes, and what
`unet_tutorial.teaching.checks` keeps. The standard library only.
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

RECORD = "edition.json"
BACKUP = "backup"
DEFAULT = "workspace"
PACKAGE = Path(__file__).resolve().parents[2]


class Refused(Exception):
    """A command cannot do what it was asked to; the message says why and what to do next."""


@dataclass
class Workspace:
    """The folder, and its record.

    `every` says whether it holds every chapter, those of a later version too; `chapters` maps a
    file's name to {"edition": fingerprint, "cells": {cell id: fingerprint}} as last written;
    `figures` maps a picture's name to its fingerprint.
    """

    folder: Path
    every: bool
    chapters: dict[str, dict]
    figures: dict[str, str]

    @property
    def kept(self) -> Path:
        return self.folder / KEPT

    def save(self) -> None:
        """Write the record, whole or not at all."""
        record = {
            "version": version(),
            "every": self.every,
            "chapters": self.chapters,
            "figures": self.figures,
        }
        text = json.dumps(record, indent=1) + "\n"
        atomic_write(self.kept / RECORD, text.encode())

    def back_up(self, path: Path) -> Path:
        """Copy a file into the backups under a number of its own; returns where."""
        folder = self.kept / BACKUP
        folder.mkdir(exist_ok=True)
        number = 1
        while (copy := folder / f"{path.stem}.{number}{path.suffix}").exists():
            number += 1
        atomic_write(copy, path.read_bytes())
        return copy


def open_workspace(folder: Path) -> Workspace:
    """Return the workspace in a folder; a record that is missing or damaged counts as empty."""
    record = {}
    with contextlib.suppress(OSError, ValueError):
        record = json.loads((folder / KEPT / RECORD).read_text(encoding="utf-8"))
    if not isinstance(record, dict):
        record = {}
    kept = {name: record.get(name) for name in ("chapters", "figures")}
    kept = {name: value if isinstance(value, dict) else {} for name, value in kept.items()}
    return Workspace(folder, record.get("every") is True, **kept)


def is_workspace(folder: Path) -> bool:
    """Return whether `unet-tutorial start` has written into a folder."""
    return (folder / KEPT / RECORD).is_file()


def is_handed_out(folder: Path) -> bool:
    """Return whether a folder was unpacked from the zip of a course, whose text is the course's."""
    return (folder / KEPT / "course.json").is_file() and not is_workspace(folder)


def default_folder(*, new: bool = False) -> Path:
    """Return the workspace that is meant where none was named.

    That is the current folder where it is one or a course's, else its workspace/; where that is
    none either, and not a new one is wanted, workspace/ in the clone that this package runs from.
    """
    here = Path.cwd()
    if is_workspace(here) or is_handed_out(here):
        return here
    clone = clone_folder()
    if new or clone is None or is_workspace(here / DEFAULT):
        return here / DEFAULT
    return clone / DEFAULT


def clone_folder() -> Path | None:
    """Return the folder of the clone that the package runs from, None for an installed wheel."""
    parent = chapters.find_notebooks().parent
    return None if parent == PACKAGE else parent


def prepare(folder: Path, sources: Path) -> None:
    """Make the folder if need be, and see that chapters can be written into it.

    Errors: Refused for a file, for a folder that cannot be written to, for one that a course
    handed out, and for the folders that hold the chapters' sources.
    """
    other = f"Name another folder, such as: {command('start', str(Path.home() / 'u-net'))}"
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file. {other}")
    where, originals = folder.resolve(), sources.resolve()
    if is_handed_out(folder):
        opens = command("lab", str(folder))
        raise Refused(f"{folder} belongs to a course, which brings its own text. Open it: {opens}")
    if where == originals.parent or originals in (where, *where.parents):
        raise Refused(f"{folder} holds the chapters' sources. {other}")
    try:
        (folder / KEPT).mkdir(parents=True, exist_ok=True)
        atomic_write(folder / KEPT / ".writable", b"")
        (folder / KEPT / ".writable").unlink()
    except OSError as error:
        raise Refused(f"{folder} cannot be written to: {error.strerror}. {other}") from error


def read_notebook(path: Path) -> dict:
    """Return a notebook as parsed JSON.

    Errors: ValueError, in a few words, where the file is none of format 4.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError("it is no readable notebook (broken JSON)") from error
    fine = isinstance(notebook, dict) and notebook.get("nbformat") == 4
    cells = notebook.get("cells") if fine else None
    if not isinstance(cells, list) or not all(map(is_cell, cells)):
        raise ValueError("it is no readable notebook of format 4")
    return notebook


def is_cell(cell: object) -> bool:
    """Return whether a part of a notebook can be read as a cell."""
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
        return False
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return isinstance(cell.get("cell_type"), str) and all(isinstance(x, str) for x in lines)


def notebook_bytes(notebook: Mapping) -> bytes:
    """Return a notebook as Jupyter writes it, sources line by line."""
    cells = [
        {**cell, "source": chapters.source_of(cell).splitlines(keepends=True)}
        for cell in notebook["cells"]
    ]
    text = json.dumps({**notebook, "cells": cells}, indent=1, ensure_ascii=False)
    return (text + "\n").encode()


def version() -> str:
    """Return the version of the tutorial that is installed."""
    try:
        return metadata.version("unet-tutorial")
    except metadata.PackageNotFoundError:
        return "unknown"


def command(*arguments: str) -> str:
    """Return a command line for this tutorial, called as this process was."""
    words = ["unet-tutorial", *arguments]
    if Path(sys.argv[0]).parts[-2:] == ("unet_tutorial", "__main__.py"):
        words = [short(Path(sys.executable)), "-m", "unet_tutorial", *arguments]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def short(path: Path) -> str:
    """Return a path as it reads from the current folder, where it lies below that."""
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)

"""What a course remembers of itself: `.unet-tutorial/course.json` in its folder.

    {"version": "0.2.0", "solutions": true}

A student's folder has such a file too, with "solutions" alone.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from unet_tutorial.classroom.workspace.record import version
from unet_tutorial.files import KEPT, atomic_write


def read_record(folder: Path) -> dict:
    """Return what the course in a folder remembers; nothing where there is no readable record."""
    with contextlib.suppress(OSError, ValueError):
        record = json.loads((folder / KEPT / "course.json").read_text(encoding="utf-8"))
        if isinstance(record, dict):
            return record
    return {}


def write_record(folder: Path, **values: object) -> None:
    """Write values into a folder's record; what else it holds stays."""
    record = read_record(folder) | values
    (folder / KEPT).mkdir(exist_ok=True)
    atomic_write(folder / KEPT / "course.json", f"{json.dumps(record)}\n".encode())


def describe_other_version(folder: Path) -> str:
    """Return what to tell a teacher whose course another version of the tutorial made, else ""."""
    made_by = read_record(folder).get("version", "a version before 0.2.0")
    if made_by == version():
        return ""
    return (
        f"This course was made by unet-tutorial {made_by}; {version()} is installed. Its checks "
        "may judge an answer differently. To grade as before, install the version that made it."
    )

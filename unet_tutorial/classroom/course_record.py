"""Read and write a course's record, `.unet-tutorial/course.json` in the course's folder.

    {"version": "0.2.0", "solutions": true}

A student's folder has such a file too, but with "solutions" only.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from unet_tutorial.classroom.workspace.record import installed_version
from unet_tutorial.files import KEPT, atomic_write


def read_record(folder: Path) -> dict:
    """Read a course's record; a record that is missing or damaged counts as empty."""
    with contextlib.suppress(OSError, ValueError):
        record = json.loads((folder / KEPT / "course.json").read_text(encoding="utf-8"))
        if isinstance(record, dict):
            return record
    return {}


def write_record(folder: Path, **values: object) -> None:
    """Update these values in a course's record, keeping the others."""
    record = read_record(folder) | values
    (folder / KEPT).mkdir(exist_ok=True)
    atomic_write(folder / KEPT / "course.json", f"{json.dumps(record)}\n".encode())


def describe_other_version(folder: Path) -> str:
    """Return a warning if another version of the tutorial made the course, otherwise ""."""
    made_by = read_record(folder).get("version", "a version before 0.2.0")
    installed = installed_version()
    if made_by == installed:
        return ""
    return (
        f"This course was made by unet-tutorial {made_by}; {installed} is installed. The installed "
        "checks may judge some answers differently. To grade exactly as before, install the "
        "version that made the course."
    )

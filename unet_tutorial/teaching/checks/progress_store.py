"""What a learner has passed and which hints they took, kept beside the chapters.

The folder `.unet-tutorial` that `unet-tutorial start` makes holds it; where there is none, as in
a clone's notebooks/, it is remembered until the kernel ends.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from unet_tutorial.files import KEPT, atomic_write

REMEMBERED: dict[str, dict] = {}


def folder() -> Path | None:
    """Return the folder that keeps things for this workspace, or None; a grader keeps nothing."""
    path = Path.cwd() / KEPT
    return path if path.is_dir() and not os.environ.get("NBGRADER_EXECUTION") else None


def load() -> dict[str, dict]:
    """Return what is kept of each exercise by its number (see `entry`)."""
    if folder() is None:
        return REMEMBERED
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads((folder() / "progress.json").read_text(encoding="utf-8"))
        if isinstance(kept, dict):
            return kept
    return {}


def entry(kept: dict[str, dict], number: str) -> dict:
    """Return what is kept of one exercise."""
    return kept.setdefault(number, {"passed": False, "tried": False, "hints": 0, "asked": False})


def record(number: str, **values) -> None:
    """Keep values of one exercise; what was passed once stays passed."""
    kept = load()
    this = entry(kept, number)
    values["passed"] = values.get("passed", False) or this["passed"]
    this.update(values)
    save(kept)


def save(kept: dict[str, dict]) -> None:
    """Write the file whole or not at all; a folder that cannot be written to is no error."""
    if folder() is None:
        return
    text = json.dumps(kept, indent=1, sort_keys=True)
    with contextlib.suppress(OSError):
        atomic_write(folder() / "progress.json", text.encode())


def solutions_are_shown() -> bool:
    """Return whether a course lets its students see solutions (its course.json may say no)."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        path = Path.cwd() / KEPT / "course.json"
        return json.loads(path.read_text(encoding="utf-8")).get("solutions", True) is not False
    return True

"""Store which exercises a learner has passed, and how many hints they took.

The file is in the folder `.unet-tutorial`, which `unet-tutorial start` creates. Without that
folder, for example in a clone's notebooks/, the progress is remembered until the kernel ends.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from unet_tutorial.files import KEPT, atomic_write

_REMEMBERED: dict[str, dict] = {}


def find_store() -> Path | None:
    """Return this workspace's folder for progress; None if it has none, or while grading."""
    path = Path.cwd() / KEPT
    return path if path.is_dir() and not os.environ.get("NBGRADER_EXECUTION") else None


def load_progress() -> dict[str, dict]:
    """Return the stored entries by exercise number (see `get_entry`)."""
    return _REMEMBERED if find_store() is None else load_file("progress.json")


def load_file(name: str) -> dict:
    """Return what a file of the workspace's store holds; {} if there is none, or no dict in it."""
    store = find_store()
    with contextlib.suppress(OSError, ValueError):
        kept = json.loads((store / name).read_text(encoding="utf-8")) if store else {}
        if isinstance(kept, dict):
            return kept
    return {}


def save_file(name: str, kept: dict) -> None:
    """Write a file of the store atomically; ignore what can't be written, and a missing store."""
    store = find_store()
    if store is not None:
        with contextlib.suppress(OSError, TypeError, ValueError):
            text = json.dumps(kept, indent=1, sort_keys=True)
            atomic_write(store / name, text.encode())


def get_entry(kept: dict[str, dict], number: str) -> dict:
    """Return the entry of one exercise, adding an empty one if needed."""
    return kept.setdefault(number, {"passed": False, "tried": False, "hints": 0, "asked": False})


def record_progress(number: str, **values) -> None:
    """Store new values for one exercise; once passed, it stays passed."""
    kept = load_progress()
    this = get_entry(kept, number)
    values["passed"] = values.get("passed", False) or this["passed"]
    this.update(values)
    save_file("progress.json", kept)


def is_solution_allowed(number: str) -> bool:
    """Whether students may see the solution of an exercise such as "5.2".

    A course can forbid it in its folder's course.json, and for the chapters that a workspace took
    from it in the workspace's solutions.json.
    """
    if load_file("solutions.json").get(number.partition(".")[0], True) is False:
        return False
    with contextlib.suppress(OSError, ValueError, AttributeError):
        path = Path.cwd() / KEPT / "course.json"
        return json.loads(path.read_text(encoding="utf-8")).get("solutions", True) is not False
    return True

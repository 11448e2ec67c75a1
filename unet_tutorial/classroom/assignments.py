"""The assignments of a course, by name or by the chapter's number."""

from __future__ import annotations

from pathlib import Path


def list_assignments(course: Path) -> list[str]:
    """List the names of a course's assignments: the folders in source/ with their notebook."""
    return sorted(
        path.parent.name
        for path in (course / "source").glob("*/*.ipynb")
        if path.stem == path.parent.name
    )


def resolve_assignment(course: Path, text: str) -> str:
    """Find the assignment that is called "02_convolution" or, for short, "02" or "2".

    Raises:
        LookupError: the course has none, or several; the message lists those it has.
    """
    names = list_assignments(course)
    found = [name for name in names if name == text] or [
        name for name in names if text.isdigit() and name.partition("_")[0] == text.zfill(2)
    ]
    if len(found) == 1:
        return found[0]
    have = f"It has {', '.join(names)}." if names else "It has none yet."
    raise LookupError(f"The course {course} has no assignment {text}. {have}")

"""Step 3: choose the cells that run, before anything runs.

What is graded always runs. Chapter cells that the student left as they were, and that nothing
graded needs, don't run: they may train networks. What is needed is decided by names. If that can't
be known, since a cell uses `exec`, `globals()`, a star import or a magic, everything runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from unet_tutorial.classroom.grading.pipeline.cell_names import CellNames, find_names
from unet_tutorial.classroom.grading.pipeline.step2_repair import COPY, OWN, TEACHING, Part


def choose_parts(parts: Sequence[Part], *, skip_unchanged: bool = True) -> list[Part]:
    """Choose what runs at first: what is graded and needed, and the student's own cells."""
    parts = [part for part in parts if part.role != COPY]
    student = [part for part in parts if part.role != TEACHING]
    if not skip_unchanged or any(_names(part).is_opaque for part in student):
        return parts
    needed = choose_needed(parts)
    lost = _find_lost_names(parts, needed)
    chosen = list(needed)
    for part in student:
        if part in chosen:
            continue
        if _names(part).needs & lost:  # it would fail, since it uses a cell that doesn't run
            lost |= _names(part).binds
        else:
            chosen.append(part)
    return [part for part in parts if part in chosen]


def choose_needed(parts: Sequence[Part]) -> list[Part]:
    """Choose what is graded, and the cells that this needs."""
    chosen = [part for part in parts if part.role not in (COPY, OWN, TEACHING)]
    others = [part for part in parts if part.role in (OWN, TEACHING)]
    while True:
        wanted = {name for part in chosen for name in _names(part).needs}
        # Values of cells that were added because of their names: a call can change them in place.
        changeable = wanted & {
            name for part in chosen if part.role in (OWN, TEACHING) for name in _names(part).values
        }
        added = [
            part
            for part in others
            if part not in chosen and _is_needed(_names(part), part.role, wanted, changeable)
        ]
        if not added:
            return [part for part in parts if part in chosen]
        chosen += added


def _is_needed(names: CellNames, role: str, wanted: set[str], changeable: set[str]) -> bool:
    # A student's own cell may change whatever the answers use, and a chapter's cell only what
    # the chapter's cells made: every exercise works without them.
    touched = wanted if role == OWN else changeable
    return bool(names.binds & wanted or names.touches & touched)


def _find_lost_names(parts: Sequence[Part], chosen: Sequence[Part]) -> set[str]:
    """Find the names that only chapter cells bind that don't run."""
    lost = {
        name
        for part in parts
        if part.role == TEACHING and part not in chosen
        for name in _names(part).binds
    }
    kept = (part for part in parts if part.role != TEACHING or part in chosen)
    return lost.difference(*(_names(part).binds for part in kept))


def _names(part: Part) -> CellNames:
    return find_names(part.cell.source) if part.cell.cell_type == "code" else CellNames()

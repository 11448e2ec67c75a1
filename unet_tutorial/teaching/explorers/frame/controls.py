"""Which controls an explorer has: Python says it, so that a chapter shows what it has taught."""

from __future__ import annotations

from collections.abc import Sequence


def split_controls(controls: str | None, known: Sequence[str]) -> list[str]:
    """Split names of controls at spaces; None means all that are known.

    Raises:
        ValueError: there is no control of that name.
    """
    names = list(known) if controls is None else controls.split()
    for name in names:
        if name not in known:
            raise ValueError(f"There's no control {name!r}. Choose from: {' '.join(known)}.")
    return names

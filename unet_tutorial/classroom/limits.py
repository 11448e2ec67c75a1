"""The limits on what a submission may use while it's graded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits on a submission's processor time, memory and output."""

    timeout: float = 30.0  # seconds of processor time for a cell
    notebook_timeout: float = 300.0  # seconds for all cells that aren't graded
    clock_factor: float = 5.0  # what only waits may take so many times as long by the clock
    memory: float = 4.0  # gigabytes
    output: int = 2_000_000  # characters that a cell may write
    skip_unchanged: bool = True  # don't run unchanged teaching cells that nothing graded needs

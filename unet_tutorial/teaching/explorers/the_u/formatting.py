"""Counts and bytes as they are read aloud, for pictures and the words under them."""

from __future__ import annotations

from unet_tutorial.teaching.explorers.the_u.costs import Cost


def written(cost: Cost) -> tuple[str, str, str]:
    """Return a cost in words: parameters, multiplications and memory, each with its unit."""
    return f"{cost.parameters:,}", amount(cost.macs), memory(cost.bytes)


def amount(number: int) -> str:
    """Return a count as it is read aloud: 36.0 billion, 12.5 million, or all its digits."""
    for size, unit in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:,.{int(number < 1000 * size)}f} {unit}"
    return f"{number:,}"


def memory(number: int) -> str:
    """Return bytes with a unit, 1 MB being 1,000,000 bytes."""
    for size, unit in ((10**10, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= size:
            size = min(size, 10**9)
            return f"{number / size:,.{int(number < 1000 * size)}f} {unit}"
    return f"{number} bytes"

"""Formatting of counts and bytes for the picture and the text of the U explorer."""

from __future__ import annotations

from unet_tutorial.teaching.explorers.the_u.costs import Cost


def format_cost(cost: Cost) -> tuple[str, str, str]:
    """Format parameters, multiplications and memory of a cost, in this order."""
    return f"{cost.parameters:,}", format_count(cost.macs), format_bytes(cost.bytes)


def format_count(number: int) -> str:
    """Format a count: 36.0 billion, 12.5 million, or below that all its digits."""
    for size, unit in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:,.{int(number < 1000 * size)}f} {unit}"
    return f"{number:,}"


def format_bytes(number: int) -> str:
    """Format bytes with a unit; 1 MB is 1,000,000 bytes."""
    for size, unit in ((10**10, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= size:
            size = min(size, 10**9)
            return f"{number / size:,.{int(number < 1000 * size)}f} {unit}"
    return f"{number} bytes"

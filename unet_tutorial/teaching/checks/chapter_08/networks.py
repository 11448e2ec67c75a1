"""Answers that are whole networks: their blocks, and what comes of running them by hand."""

from __future__ import annotations

from torch import Tensor


def difference(got: Tensor, expected: Tensor) -> str:
    """Return in words how far an output is from the right one."""
    if got.shape != expected.shape:
        return f"an output {tuple(got.shape)} in place of {tuple(expected.shape)}"
    most = float((got - expected).abs().max())
    return f"an output of the right shape, but up to {most:.2g} away from the right one"

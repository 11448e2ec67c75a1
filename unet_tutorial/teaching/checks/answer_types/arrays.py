"""Answers that are numbers in an array, a tensor or nested lists."""

from __future__ import annotations

import torch

from unet_tutorial.teaching.checks.values import read_like, to_plain_value


def read_numbers(answer: object) -> torch.Tensor | None:
    """Convert an array, a tensor or nested lists to a float64 tensor; return None if it fails."""
    numbers = to_plain_value(answer)
    if not isinstance(numbers, tuple | torch.Tensor):
        return None
    numbers = read_like(numbers, torch.empty(0))
    return None if numbers is None else numbers.double()

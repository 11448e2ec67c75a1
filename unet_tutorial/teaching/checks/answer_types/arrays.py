"""Answers that are numbers in an array, a tensor or nested lists."""

from __future__ import annotations

import torch

from unet_tutorial.teaching.checks.values import to_plain_value


def read_numbers(answer: object) -> torch.Tensor | None:
    """Convert an array, a tensor or nested lists to a float64 tensor; return None if it fails."""
    numbers = to_plain_value(answer)
    if type(numbers) is tuple:
        try:
            numbers = torch.tensor(numbers, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError):
            return None
    if not isinstance(numbers, torch.Tensor) or numbers.is_complex():
        return None
    return numbers.double()

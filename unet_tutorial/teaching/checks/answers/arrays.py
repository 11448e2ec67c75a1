"""Answers that are arrays of numbers, however they were written down."""

from __future__ import annotations

import torch

from unet_tutorial.teaching.checks.values import to_plain_value


def numbers_in(answer: object) -> torch.Tensor | None:
    """Return an array, a tensor or nested lists of numbers as a float64 tensor, else None."""
    numbers = to_plain_value(answer)
    if type(numbers) is tuple:
        try:
            numbers = torch.tensor(numbers, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError):
            return None
    if not isinstance(numbers, torch.Tensor) or numbers.is_complex():
        return None
    return numbers.double()

"""Convert, compare and format the values in answers."""

from __future__ import annotations

import math

import numpy as np
import torch

_MOST_NUMBERS = 30


def to_plain_value(value: object) -> object:
    """Convert a value to plain Python and torch types; return None if that isn't possible.

    NumPy's numbers become Python's, arrays become tensors. A subclass of int or Tensor becomes
    None, because its == might always return True.
    """
    if isinstance(value, np.generic) and type(value).__module__ == "numpy":
        value = value.item()
    if type(value) is np.ndarray and value.dtype != object:
        return torch.from_numpy(np.ascontiguousarray(value).copy())
    if type(value) is torch.nn.Parameter:
        return value.detach()
    if type(value) is torch.Tensor:
        return value.detach()
    if type(value) in (tuple, list, torch.Size):
        return tuple(to_plain_value(each) for each in value)
    if type(value) in (set, frozenset):
        return frozenset(to_plain_value(each) for each in value)
    if type(value) is dict:
        return {to_plain_value(key): to_plain_value(each) for key, each in value.items()}
    return value if type(value) in (int, float, bool, str) else None


def is_equal(got: object, expected: object, tolerance: float = 1e-5) -> bool:
    """Whether two values are equal: types and shapes exactly, floats within the tolerance.

    A list equals a tuple, but 3.0 doesn't equal 3, and True doesn't equal 1.
    """
    got, expected = to_plain_value(got), to_plain_value(expected)
    if isinstance(expected, torch.Tensor) and isinstance(got, torch.Tensor):
        return _is_equal_tensor(got, expected, tolerance)
    if type(got) is not type(expected):
        return False
    if isinstance(expected, float):
        return math.isclose(got, expected, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(expected, tuple):
        return len(got) == len(expected) and all(
            is_equal(a, b, tolerance) for a, b in zip(got, expected, strict=True)
        )
    if isinstance(expected, dict):
        return got.keys() == expected.keys() and all(
            is_equal(got[key], expected[key], tolerance) for key in expected
        )
    return got is not None and got == expected


def _is_equal_tensor(got: torch.Tensor, expected: torch.Tensor, tolerance: float) -> bool:
    if got.shape != expected.shape:
        return False
    if got.is_floating_point() != expected.is_floating_point():
        return False
    return torch.allclose(got.double(), expected.double(), rtol=tolerance, atol=tolerance)


def format_value(value: object) -> str:
    """Format a value briefly: small tensors with their numbers, large ones by their shape."""
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(np.ascontiguousarray(value).copy())
    if isinstance(value, torch.nn.Module):
        return f"a {type(value).__name__}"
    if isinstance(value, torch.Tensor):
        return _format_tensor(value.detach())
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, dict):
        return shorten_text(
            f"{{{', '.join(f'{key!r}: {format_value(each)}' for key, each in value.items())}}}"
        )
    if callable(value):
        return f"the function {getattr(value, '__name__', '?')}"
    return shorten_text(repr(_round(value)))


def shorten_text(text: str) -> str:
    """Cut a text to 200 characters."""
    return text if len(text) <= 200 else text[:197] + "..."


def _format_tensor(value: torch.Tensor) -> str:
    if value.numel() > _MOST_NUMBERS:
        dtype = str(value.dtype).removeprefix("torch.")
        return f"a tensor {tuple(value.shape)} of {dtype}"
    numbers = value.tolist()
    return repr(_round(numbers))


def _round(numbers: object) -> object:
    """Round the floats of a number or of nested lists to four decimals."""
    if isinstance(numbers, list):
        return [_round(each) for each in numbers]
    return round(numbers, 4) if isinstance(numbers, float) else numbers

"""Values as checks see them: of exactly the types asked for, compared and shown in a few words."""

from __future__ import annotations

import math

import numpy as np
import torch

MOST_NUMBERS = 30


def to_plain_value(value: object) -> object:
    """Return a value in Python's and torch's own types, or None for any other.

    Numbers of numpy and tensors of one element become Python's numbers, arrays become tensors. A
    subclass of int or of a tensor, whose == may say anything, becomes None.
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


def equal_within(got: object, expected: object, tolerance: float = 1e-5) -> bool:
    """Return whether two values are equal: kinds and shapes exactly, floats within the tolerance.

    A list is as good as a tuple, a whole float (3.0) is not an int, and True is not 1.
    """
    got, expected = to_plain_value(got), to_plain_value(expected)
    if isinstance(expected, torch.Tensor) and isinstance(got, torch.Tensor):
        return _tensors_equal(got, expected, tolerance)
    if type(got) is not type(expected):
        return False
    if isinstance(expected, float):
        return math.isclose(got, expected, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(expected, tuple):
        return len(got) == len(expected) and all(
            equal_within(a, b, tolerance) for a, b in zip(got, expected, strict=True)
        )
    if isinstance(expected, dict):
        return got.keys() == expected.keys() and all(
            equal_within(got[key], expected[key], tolerance) for key in expected
        )
    return got is not None and got == expected


def _tensors_equal(got: torch.Tensor, expected: torch.Tensor, tolerance: float) -> bool:
    """Return whether two tensors have one shape, one kind of dtype, and close values."""
    if got.shape != expected.shape:
        return False
    if got.is_floating_point() != expected.is_floating_point():
        return False
    return torch.allclose(got.double(), expected.double(), rtol=tolerance, atol=tolerance)


def format_value(value: object) -> str:
    """Return a value in a few words: small tensors with their numbers, large ones by shape."""
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(np.ascontiguousarray(value).copy())
    if isinstance(value, torch.nn.Module):
        return f"a {type(value).__name__}"
    if isinstance(value, torch.Tensor):
        return _format_tensor(value.detach())
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, dict):
        return shorten(
            f"{{{', '.join(f'{key!r}: {format_value(each)}' for key, each in value.items())}}}"
        )
    if callable(value):
        return f"the function {getattr(value, '__name__', '?')}"
    return shorten(repr(_round(value)))


def shorten(text: str) -> str:
    """Return a text, cut where it is too long to be read."""
    return text if len(text) <= 200 else text[:197] + "..."


def _format_tensor(value: torch.Tensor) -> str:
    """Return the numbers of a small tensor, the shape and dtype of a large one."""
    if value.numel() > MOST_NUMBERS:
        dtype = str(value.dtype).removeprefix("torch.")
        return f"a tensor {tuple(value.shape)} of {dtype}"
    numbers = value.tolist()
    return repr(_round(numbers))


def _round(numbers: object) -> object:
    """Return a number or nested lists, floats with four digits after the point."""
    if isinstance(numbers, list):
        return [_round(each) for each in numbers]
    return round(numbers, 4) if isinstance(numbers, float) else numbers

"""Convert, compare and format the values in answers."""

from __future__ import annotations

import math
from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch

_MOST_NUMBERS = 30


def to_plain_value(value: object) -> object:
    """Convert a value to plain Python and torch types; return None if that isn't possible.

    NumPy's numbers become Python's, fractions floats, arrays tensors, sequences tuples. A subclass
    of int or Tensor becomes None, because its == might always return True.
    """
    if isinstance(value, np.generic) and type(value).__module__ == "numpy":
        value = value.item()
    if type(value) in (Fraction, Decimal):
        value = float(value)
    if type(value) is np.ndarray and value.dtype.kind in "biuf":
        return _read_array(value)
    if type(value) is np.ndarray and value.ndim and value.dtype.kind in "OU":  # objects, texts
        value = value.tolist()
    if type(value) is torch.nn.Parameter:
        return value.detach()
    if type(value) is torch.Tensor:
        return value.detach()
    if type(value) in (tuple, list, range, torch.Size) or _is_named_tuple(value):
        return tuple(to_plain_value(each) for each in value)
    if type(value) in (set, frozenset):
        return frozenset(to_plain_value(each) for each in value)
    if type(value) in (dict, OrderedDict):
        return {to_plain_value(key): to_plain_value(each) for key, each in value.items()}
    return value if type(value) in (int, float, bool, str) else None


def _read_array(array: np.ndarray) -> torch.Tensor:
    """Return an array's numbers, whatever its strides and the order of its bytes."""
    return torch.from_numpy(array.astype(array.dtype.newbyteorder("="), order="C"))


def _is_named_tuple(value: object) -> bool:
    kind = type(value)
    return isinstance(value, tuple) and hasattr(kind, "_fields") and kind.__bases__ == (tuple,)


def is_equal(got: object, expected: object, tolerance: float = 1e-5) -> bool:
    """Whether two values are equal in whatever form: floats within the tolerance, shapes exactly.

    A number may be an int, a float or a bool, of Python, NumPy or torch; a sequence may be a
    tuple, a list, an array or a tensor. So 3.0 equals 3, and [1, 2] equals torch.tensor([1, 2]).
    """
    expected = to_plain_value(expected)
    got = read_like(to_plain_value(got), expected)
    if got is None:
        return False
    if isinstance(expected, torch.Tensor):
        return _is_equal_tensor(got, expected, tolerance)
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
    return got == expected


def read_like(value: object, expected: object) -> object:
    """Convert a plain value to the form of another; return None if it doesn't have such a form."""
    if isinstance(expected, bool | int | float):
        value = value.item() if isinstance(value, torch.Tensor) and value.ndim == 0 else value
        return value if type(value) in (int, float, bool) else None
    if isinstance(expected, torch.Tensor):
        return _to_tensor(value)
    if isinstance(expected, tuple | frozenset) and isinstance(value, torch.Tensor) and value.ndim:
        value = to_plain_value(value.tolist())
    if isinstance(expected, frozenset) and isinstance(value, tuple):
        value = frozenset(value)
    return value if isinstance(value, type(expected)) else None


def _to_tensor(value: object) -> torch.Tensor | None:
    """Convert a number or nested tuples of numbers to a tensor; return None if it fails."""
    if isinstance(value, torch.Tensor):
        return None if value.is_complex() else value
    if not isinstance(value, bool | int | float | tuple):
        return None
    try:
        return torch.tensor(_read_tensors(value))
    except (TypeError, ValueError, RuntimeError):
        return None


def _read_tensors(value: object) -> object:
    """Return nested tuples with numbers in place of tensors."""
    if isinstance(value, tuple):
        return [_read_tensors(each) for each in value]
    return value.tolist() if isinstance(value, torch.Tensor) else value


def _is_equal_tensor(got: torch.Tensor, expected: torch.Tensor, tolerance: float) -> bool:
    if got.shape != expected.shape:
        return False
    if got.dtype == expected.dtype == torch.int64:
        return torch.equal(got, expected)
    return torch.allclose(got.double(), expected.double(), rtol=tolerance, atol=tolerance)


def find_difference(got: object, expected: object, tolerance: float = 1e-5) -> tuple | None:
    """Return the first place where two values of one form differ, and both parts there.

    The place is written as code, such as "[0, 2]" or "['weight'][0]"; None if there is no such
    place, because they are equal, or of different form, shape or length.
    """
    expected = to_plain_value(expected)
    got = read_like(to_plain_value(got), expected)
    if isinstance(expected, torch.Tensor) and got is not None and got.shape == expected.shape:
        apart = ~torch.isclose(got.double(), expected.double(), rtol=tolerance, atol=tolerance)
        place = apart.nonzero()[:1].flatten().tolist()
        return (str(place), got[tuple(place)], expected[tuple(place)]) if place else None
    if isinstance(expected, tuple) and got is not None and len(got) == len(expected):
        places = [(str([i]), *pair) for i, pair in enumerate(zip(got, expected, strict=True))]
    elif isinstance(expected, dict) and got is not None and got.keys() == expected.keys():
        places = [(f"[{name!r}]", got[name], expected[name]) for name in expected]
    else:
        return None
    for place, a, b in places:
        if not is_equal(a, b, tolerance):
            inner = find_difference(a, b, tolerance)
            return (place + inner[0], *inner[1:]) if inner else (place, a, b)
    return None


def format_value(value: object) -> str:
    """Format a value briefly: small tensors with their numbers, large ones by their shape."""
    if isinstance(value, np.ndarray):
        value = _read_array(value) if value.dtype.kind in "biuf" else value.tolist()
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
    """Round the floats of a number or of nested lists: to four decimals, large ones to 7 digits."""
    if isinstance(numbers, list):
        return [_round(each) for each in numbers]
    if isinstance(numbers, float):
        return round(numbers, 4) if abs(numbers) < 1e6 else float(f"{numbers:.7g}")
    return numbers

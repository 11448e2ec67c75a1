"""The forms in which an answer may come: the same numbers and sequences, of other types."""

import functools
import inspect
from collections import namedtuple
from collections.abc import Callable, Iterator

import numpy as np
import torch

NUMBERS: dict[str, Callable] = {
    "float": float,
    "np.float64": np.float64,
    "np.int64": lambda number: np.int64(number) if number == int(number) else None,
    "int": lambda number: int(number) if number == int(number) else None,
    "bool": lambda number: bool(number) if number in (0, 1) else None,
    "np.bool": lambda number: np.bool_(number) if number in (0, 1) else None,
    "a tensor without axes": torch.tensor,
    "an array without axes": np.array,
}
SEQUENCES: dict[str, Callable] = {
    "list": list,
    "tuple": tuple,
    "named tuple": lambda items: namedtuple("Row", [f"x{i}" for i in range(len(items))])(*items),
    "array": np.array,
    "array of floats": lambda items: np.array(items, dtype=float),
    "tensor": lambda items: torch.tensor(np.array(items)),
}

# What a task names: {exercise: (forms that its answer can't have, why)}.
NAMED: dict[str, tuple[set[str], str]] = {
    "4.3": ({"int", "np.int64"}, "Some pixels are around -1e38, beyond whole numbers of 64 bits."),
    "7.4": (
        {*NUMBERS, *SEQUENCES} - {"array", "tensor"},
        "The class numbers are asked for as int64, which lists and floats aren't.",
    ),
    "9.3": (
        {"a tensor without axes", "an array without axes"},
        "The task asks for a Python float.",
    ),
    "10.2": ({"array of floats"}, 'The texts are texts: "255" is no number.'),
    "10.3": (
        {*NUMBERS, "array", "array of floats", "tensor"},
        "Image and mask are two arrays that keep their dtypes.",
    ),
    "10.4": ({"a tensor without axes"}, "The losses are numbers; the task says what aren't."),
    "11.2": ({*NUMBERS, *SEQUENCES}, "The result is a tensor of the image's dtype."),
    "11.4": ({*NUMBERS, *SEQUENCES} - {"tensor"}, "The probabilities are a tensor."),
    "12.3": (
        {"float", "np.float64", "array of floats"},
        "The labels are an integer array.",
    ),
    "12.4": ({*NUMBERS, *SEQUENCES}, "The scaled image is a float32 array."),
}


def list_forms(number: str, answer: object) -> Iterator[tuple[str, object]]:
    """Yield an answer in each form that it can have, and the form's name.

    Of a function, the results are converted; other answers have one form.
    """
    named, _ = NAMED.get(number, (set(), ""))
    for form in [*NUMBERS, *SEQUENCES]:
        if form in named:
            continue
        if inspect.isfunction(answer):
            yield form, _convert_results(answer, form)
        else:
            changed = convert(answer, form)
            if changed is not None:
                yield form, changed


def convert(value: object, form: str) -> object:
    """Return a number, or the outermost sequence with its numbers, in a form; None if it can't."""
    if isinstance(value, bool | int | float):
        return NUMBERS[form](value) if form in NUMBERS else None
    if isinstance(value, np.ndarray | torch.Tensor):
        value = value.tolist() if value.ndim else None
    if not isinstance(value, tuple | list) or not value:
        return None
    if form in NUMBERS:
        items = [convert(each, form) for each in value]
        return None if None in map(_or_none, items) else type(value)(items)
    try:
        return SEQUENCES[form](value)
    except (TypeError, ValueError):  # rows of different lengths, texts
        return None


def _or_none(item: object) -> object:
    return None if item is None else 0


def _convert_results(function: Callable, form: str) -> Callable:
    @functools.wraps(function)
    def wrapped(*arguments, **options):
        result = function(*arguments, **options)
        changed = convert(result, form)
        return result if changed is None else changed

    return wrapped

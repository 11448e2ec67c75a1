"""Compare an answer with the right one: a value with a value, a function with a function."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterable, Sequence

import torch

from unet_tutorial.teaching.checks.exercise import CheckFailed, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value

_KINDS = {
    int: "a whole number",
    float: "a number with a decimal point, such as 0.25 or 1 / 4",
    bool: "True or False",
    str: "a text",
    tuple: "a tuple or a list",
    frozenset: "a set",
    dict: "a dict",
    torch.Tensor: "a tensor",
}


def compare_value(
    answer: object,
    expected: object,
    *,
    mistakes: Iterable[tuple[object, str]] = (),
    otherwise: str,
    tolerance: float = 1e-5,
    name: str = "",
) -> None:
    """Refuse an answer that differs from the expected value, without showing the expected value.

    A whole number is accepted if a float is expected.

    Args:
        mistakes: pairs of a likely wrong value and its hint.
        otherwise: the hint for every other wrong value.
        name: which of several answers this is, such as "added"; the message shows it.
    """
    label = f"{name} = " if name else ""
    wanted = to_plain_value(expected)
    if isinstance(wanted, float) and type(to_plain_value(answer)) is int:
        answer = float(to_plain_value(answer))
    if type(to_plain_value(answer)) is not type(wanted):
        refuse(f"The answer must be {_KINDS[type(wanted)]}.", got=label + describe(answer))
    if is_equal(answer, expected, tolerance):
        return
    for wrong, hint in mistakes:
        if is_equal(answer, wrong, tolerance):
            refuse(hint, got=label + format_value(answer))
    refuse(otherwise, got=label + format_value(answer))


def describe(answer: object) -> str:
    """Format a value together with its type, for an answer of the wrong type."""
    if answer is None:
        return "None"
    return f"{format_value(answer)}, of type {type(answer).__name__}"


def compare_function(
    answer: object,
    oracle: Callable,
    cases: Iterable[tuple],
    *,
    mistakes: Sequence[tuple[Callable, str]] = (),
    otherwise: str,
    tolerance: float = 1e-5,
) -> int:
    """Refuse a function that differs from the oracle on a case; return the number of cases.

    Args:
        oracle: a right function.
        cases: tuples of arguments.
        mistakes: pairs of a wrong function, for example one that follows the misconception, and
            its hint, shown if the answer fails on a case with the same result.
        otherwise: the hint for every other wrong result.
    """
    number = 0
    for number, case in enumerate(cases, start=1):  # noqa: B007
        got = call_answer(answer, *case)
        expected = oracle(*copy.deepcopy(case))
        if not is_equal(got, expected, tolerance):
            hint = hint_for_mistake(mistakes, case, got, tolerance)
            refuse(
                hint or hint_for_type_or_shape(got, expected) or otherwise,
                tried=format_call(answer, case),
                **_format_difference(got, expected),
            )
    return number


def _format_difference(got: object, expected: object) -> dict[str, str]:
    """Format the result and the expected value; for large tensors, add where they first differ."""
    texts = {"expected": format_value(expected), "got": format_value(got)}
    a, b = to_plain_value(got), to_plain_value(expected)
    if texts["got"] == texts["expected"] and isinstance(a, torch.Tensor) and type(b) is type(a):
        apart = ~torch.isclose(a.double(), b.double(), rtol=1e-5, atol=1e-5)
        place = tuple(apart.nonzero()[0].tolist()) if apart.any() else ()
        if place:
            texts["expected"] += f", {format_value(b[place].item())} at {list(place)}"
            texts["got"] += f", {format_value(a[place].item())} there"
    return texts


def hint_for_mistake(
    mistakes: Iterable[tuple[Callable, str]], case: tuple, got: object, tolerance: float = 1e-5
) -> str | None:
    """Return the hint of the first mistaken function that returns the same result, or None."""
    for wrong, hint in mistakes:
        with contextlib.suppress(Exception):  # a mistaken function may fail on a case
            if is_equal(got, wrong(*copy.deepcopy(case)), tolerance):
                return hint
    return None


def hint_for_type_or_shape(got: object, expected: object) -> str | None:
    """Return a hint if the result has the wrong type or shape, or None."""
    if got is None:
        return "The function returned nothing: it needs a `return`."
    wanted, given = to_plain_value(expected), to_plain_value(got)
    if type(wanted) is not type(given):
        return f"The result must be {_KINDS[type(wanted)]}; it is of type {type(got).__name__}."
    if isinstance(wanted, torch.Tensor) and wanted.shape != given.shape:
        return f"The shape must be {tuple(wanted.shape)}; it is {tuple(given.shape)}."
    return None


def call_answer(function: object, *arguments: object) -> object:
    """Call a learner's function with copies of the arguments, and return its result.

    Raises:
        CheckFailed: the answer isn't a function, takes other arguments, raises an error, calls
            itself without end, or changes its input.
    """
    require_callable(function, len(arguments))
    given = copy.deepcopy(arguments)
    tried = format_call(function, arguments)
    try:
        result = function(*given)
    except CheckFailed:
        raise
    except RecursionError:
        refuse("The function calls itself without end. When should it stop?", tried=tried)
    except (Exception, SystemExit) as error:
        refuse(
            "Your code stopped with this error. Try it yourself on the input above.",
            tried=tried,
            got=f"{type(error).__name__}: {error}",
        )
    if not all(_is_unchanged(a, b) for a, b in zip(given, arguments, strict=True)):
        refuse("The function changes its input. Work on a copy, or make a new tensor.", tried=tried)
    return result


def _is_unchanged(after: object, before: object) -> bool:
    # An argument without a plain value, such as a network, can't be compared: its check does that.
    return to_plain_value(before) is None or is_equal(after, before, 0.0)


def require_callable(function: object, arguments: int) -> None:
    """Refuse an answer that can't be called with this number of arguments."""
    if not callable(function):
        refuse("The answer must be a function: its name, without brackets.", got=describe(function))
    try:
        inspect.signature(function).bind(*range(arguments))
    except TypeError:
        refuse(
            f"It must take {arguments} argument{'s' if arguments != 1 else ''}, as in the task.",
            got=f"{getattr(function, '__name__', 'function')}{inspect.signature(function)}",
        )
    except ValueError:
        return  # a builtin whose signature Python doesn't know


def format_call(function: object, arguments: tuple) -> str:
    """Format a call as it would be written in code."""
    name = getattr(function, "__name__", type(function).__name__)
    return f"{name}({', '.join(format_value(each) for each in arguments)})"

"""The two ways in which most answers are checked: as a value, and as a function."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterable, Sequence

import torch

from unet_tutorial.teaching.checks.exercise import CheckFailed, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value, to_plain_value

KINDS = {
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
    """Refuse an answer that is not the expected value; what was expected is not shown.

    `mistakes` are pairs of a likely wrong value and the hint meant for it; `otherwise` is the hint
    for any other. `name` says which of several answers this is. A whole number is taken where a
    float is expected.
    """
    label = f"{name} = " if name else ""
    wanted = to_plain_value(expected)
    if isinstance(wanted, float) and type(to_plain_value(answer)) is int:
        answer = float(to_plain_value(answer))
    if type(to_plain_value(answer)) is not type(wanted):
        refuse(f"The answer must be {KINDS[type(wanted)]}.", got=label + describe(answer))
    if equal_within(answer, expected, tolerance):
        return
    for wrong, hint in mistakes:
        if equal_within(answer, wrong, tolerance):
            refuse(hint, got=label + format_value(answer))
    refuse(otherwise, got=label + format_value(answer))


def describe(answer: object) -> str:
    """Return a value with its type, for an answer of the wrong kind."""
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
    """Refuse a function that differs from the oracle on one of the cases; return their number.

    `cases` are tuples of arguments. `mistakes` are pairs of a wrong function, such as the
    misconception gives, and the hint for answers that agree with it where they fail.
    """
    number = 0
    for number, case in enumerate(cases, start=1):  # noqa: B007
        got = call_answer(answer, *case)
        expected = oracle(*copy.deepcopy(case))
        if not equal_within(got, expected, tolerance):
            hint = hint_for_mistake(mistakes, case, got, tolerance)
            refuse(
                hint or hint_for_type_or_shape(got, expected) or otherwise,
                tried=format_call(answer, case),
                **format_difference(got, expected),
            )
    return number


def format_difference(got: object, expected: object) -> dict[str, str]:
    """Describe result and expectation; of large tensors also the first number that differs."""
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
    """Return the hint of the first mistaken function that gives this result, or None."""
    for wrong, hint in mistakes:
        with contextlib.suppress(Exception):  # a mistaken function may fail on a case
            if equal_within(got, wrong(*copy.deepcopy(case)), tolerance):
                return hint
    return None


def hint_for_type_or_shape(got: object, expected: object) -> str | None:
    """Return a hint where a result has the wrong kind or shape, or None."""
    if got is None:
        return "Nothing came back: the function needs a `return`."
    wanted, given = to_plain_value(expected), to_plain_value(got)
    if type(wanted) is not type(given):
        return f"The result must be {KINDS[type(wanted)]}; it is of type {type(got).__name__}."
    if isinstance(wanted, torch.Tensor) and wanted.shape != given.shape:
        return f"The shape must be {tuple(wanted.shape)}; it is {tuple(given.shape)}."
    return None


def call_answer(function: object, *arguments: object) -> object:
    """Return function(*arguments); whatever goes wrong inside becomes a message.

    Errors: CheckFailed where the answer is not a function, takes other arguments, raises, recurses
    without end, or changes what it was given.
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
            "Your code stopped with this error. Run it by yourself on the input above.",
            tried=tried,
            got=f"{type(error).__name__}: {error}",
        )
    if not all(_is_unchanged(a, b) for a, b in zip(given, arguments, strict=True)):
        refuse("The function changes its input. Work on a copy, or make a new tensor.", tried=tried)
    return result


def _is_unchanged(after: object, before: object) -> bool:
    """Return whether an argument is as it was, as far as it is a value."""
    return to_plain_value(before) is None or equal_within(after, before, 0.0)


def require_callable(function: object, arguments: int) -> None:
    """Refuse what cannot be called with so many arguments."""
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
        return  # a builtin, which does not say what it takes


def format_call(function: object, arguments: tuple) -> str:
    """Return a call as one would write it."""
    name = getattr(function, "__name__", type(function).__name__)
    return f"{name}({', '.join(format_value(each) for each in arguments)})"

"""Compare an answer with the right one: a value with a value, a function with a function."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import nn

from unet_tutorial.teaching.checks.exercise import CheckFailed, explain_error, refuse
from unet_tutorial.teaching.checks.values import (
    find_difference,
    format_value,
    is_equal,
    read_like,
    to_plain_value,
)

_KINDS = {
    bool: "True or False",
    int: "a number",
    float: "a number",
    str: "a text",
    tuple: "a sequence, such as a tuple or a list",
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

    Numbers and sequences may have any form; see `is_equal`.

    Args:
        mistakes: pairs of a likely wrong value and its hint.
        otherwise: the hint for every other wrong value.
        name: which of several answers this is, such as "added"; the message shows it.
    """
    label = f"{name} = " if name else ""
    wanted = to_plain_value(expected)
    if read_like(to_plain_value(answer), wanted) is None:
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
            its hint; see `hint_for_mistake`.
        otherwise: the hint for every other wrong result.
    """
    cases = list(cases)
    for case in cases:
        got = call_answer(answer, *case)
        expected = oracle(*copy.deepcopy(case))
        if not is_equal(got, expected, tolerance):
            hint = hint_for_mistake(mistakes, answer, oracle, cases, tolerance)
            refuse(
                hint or hint_for_type_or_shape(got, expected) or otherwise,
                tried=format_call(answer, case),
                **format_difference(got, expected, tolerance),
            )
    return len(cases)


def format_difference(got: object, expected: object, tolerance: float = 1e-5) -> dict[str, str]:
    """Format the expected value and the result; if they are long, add where they first differ."""
    texts = {"expected": format_value(expected), "got": format_value(got)}
    found = find_difference(got, expected, tolerance)
    if found and (texts["got"] == texts["expected"] or max(map(len, texts.values())) > 60):
        place, a, b = found
        texts["expected"] += f", first {format_value(b)} at {place}"
        texts["got"] += f", {format_value(a)} there"
    return texts


def hint_for_mistake(
    mistakes: Iterable[tuple[Callable, str]],
    answer: Callable,
    oracle: Callable,
    cases: Sequence[tuple],
    tolerance: float = 1e-5,
) -> str | None:
    """Return the hint of the mistake that an answer makes, or None.

    An answer makes a mistake if both give the same on all cases that both can compute, of which
    at least two tell the mistake from the oracle: a single small result may agree by chance.
    """
    for wrong, hint in mistakes:
        telling = 0
        for case in cases:
            with contextlib.suppress(Exception, SystemExit):  # either may fail on a case
                expected, mistaken = oracle(*copy.deepcopy(case)), wrong(*copy.deepcopy(case))
                if not is_equal(answer(*copy.deepcopy(case)), mistaken, tolerance):
                    telling = 0
                    break
                telling += not is_equal(mistaken, expected, tolerance)
        if telling >= 2:
            return hint
    return None


def hint_for_type_or_shape(got: object, expected: object) -> str | None:
    """Return a hint if the result has the wrong type or shape, or None."""
    if got is None:
        return "The function returned nothing: it needs a `return`."
    wanted = to_plain_value(expected)
    given = read_like(to_plain_value(got), wanted)
    if given is None:
        return f"The result must be {_KINDS[type(wanted)]}; it is of type {type(got).__name__}."
    if isinstance(wanted, torch.Tensor) and wanted.shape != given.shape:
        return f"The shape must be {tuple(wanted.shape)}; it is {tuple(given.shape)}."
    return None


def call_answer(function: object, *arguments: object, may_change: Sequence[int] = ()) -> object:
    """Call a learner's function with copies of the arguments, and return its result.

    Args:
        may_change: which arguments, counted from 0, the task lets the function change.

    Raises:
        CheckFailed: the answer isn't a function, takes other arguments, raises an error, calls
            itself without end, changes an argument, or leaves gradients switched on or off.
    """
    require_callable(function, len(arguments))
    given = copy.deepcopy(arguments)
    tried = format_call(function, arguments)
    gradients = torch.is_grad_enabled()
    try:
        result = function(*given)
    except CheckFailed:
        raise
    except RecursionError:
        refuse("The function calls itself without end. When should it stop?", tried=tried)
    except (Exception, SystemExit) as error:
        hint = explain_error(error) or "Your code stopped with this error, on the input above."
        refuse(hint, tried=tried, got=f"{type(error).__name__}: {error}")
    if torch.is_grad_enabled() != gradients:
        torch.set_grad_enabled(gradients)
        refuse(
            "The function switches gradients on or off for all that comes after it. "
            "`with torch.no_grad():` does so for a block alone.",
            tried=tried,
        )
    for place, (after, before) in enumerate(zip(given, arguments, strict=True)):
        change = None if place in may_change else _describe_change(after, before)
        if change:
            refuse(f"The function changes {change}", tried=tried)
    return result


def _describe_change(after: object, before: object) -> str | None:
    """Return what a call has changed about an argument, as the end of a sentence; None if nothing.

    Objects of other types than plain values and networks aren't compared.
    """
    if isinstance(before, nn.Module):
        return _describe_network_change(after, before)
    if isinstance(before, torch.Tensor) and after.requires_grad != before.requires_grad:
        return "`requires_grad` of its input. Work on `x.detach()`, or on a copy."
    if to_plain_value(before) is not None and not is_equal(after, before, 0.0):
        return "its input. Work on a copy, or make a new one."
    return None


def _describe_network_change(after: nn.Module, before: nn.Module) -> str | None:
    modes, states, needs = (
        [[read(part) for part in module] for module in parts]
        for read, parts in (
            (lambda part: part.training, (after.modules(), before.modules())),
            (lambda part: part.detach(), (_list_tensors(after), _list_tensors(before))),
            (lambda part: part.requires_grad, (after.parameters(), before.parameters())),
        )
    )
    if modes[0] != modes[1]:
        return "the mode of the network, or of a part of it: train or eval. Put it back afterwards."
    if len(states[0]) != len(states[1]) or not all(map(torch.equal, *states)):
        return "the network's weights or running averages."
    if needs[0] != needs[1]:
        return "`requires_grad` of the network's weights."
    return None


def _list_tensors(module: nn.Module) -> list[torch.Tensor]:
    return [*module.parameters(), *module.buffers()]


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

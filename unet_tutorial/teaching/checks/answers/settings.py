"""Answers that are sets of settings, such as every (kernel, stride, padding) that halves."""

from __future__ import annotations

from collections.abc import Callable

from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import refuse
from unet_tutorial.teaching.checks.values import format_value, to_plain_value


def compare_settings(
    answer: object,
    expected: set[tuple[int, ...]],
    *,
    variable: str,
    names: str,
    wrong: Callable[[tuple], tuple[object, str]],
    missing: Callable[[set], str],
) -> None:
    """Refuse a set that holds a wrong setting or lacks a right one; no right one is shown.

    `variable` is the answer's name in the task, `names` what a setting holds, such as "(kernel,
    stride, padding)". `wrong` takes a setting that does not belong and returns what comes of it
    and a hint; `missing` takes those that are not there and returns a hint. A list of tuples is as
    good as a set.
    """
    given = to_plain_value(answer)
    if not isinstance(given, frozenset | tuple):
        refuse(f"The answer must be a set of tuples {names}.", got=describe(answer))
    long = len(next(iter(expected)))
    for each in given:
        if not is_setting(each, long):
            hint = f"Each setting is a tuple of {long} whole numbers, {names}."
            refuse(hint, got=format_value(each) if each is not None else describe(answer))
    for each in sorted(set(given) - expected):
        got, hint = wrong(each)
        refuse(hint, tried=f"{each}, as {names}, in {variable}", got=got)
    lacking = expected - set(given)
    if lacking:
        refuse(missing(lacking), got=f"{variable} holds {len(set(given))}, none of them wrong")


def is_setting(each: object, long: int) -> bool:
    """Return whether a value is a tuple of so many whole numbers, none of them negative."""
    if type(each) is not tuple or len(each) != long:
        return False
    return all(type(number) is int and number >= 0 for number in each)

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
    """Refuse a set that contains a wrong setting or lacks a right one, without showing a right one.

    A list of tuples is accepted too.

    Args:
        variable: the answer's name in the task.
        names: the parts of a setting, such as "(kernel, stride, padding)".
        wrong: takes a wrong setting, and returns its result and a hint.
        missing: takes the missing settings, and returns a hint.
    """
    given = to_plain_value(answer)
    if not isinstance(given, frozenset | tuple):
        refuse(f"The answer must be a set of tuples {names}.", got=describe(answer))
    length = len(next(iter(expected)))
    for each in given:
        if not _is_setting(each, length):
            hint = f"Each setting is a tuple of {length} whole numbers, {names}."
            refuse(hint, got=format_value(each) if each is not None else describe(answer))
    for each in sorted(set(given) - expected):
        got, hint = wrong(each)
        refuse(hint, tried=f"{each}, as {names}, in {variable}", got=got)
    lacking = expected - set(given)
    if lacking:
        refuse(missing(lacking), got=f"{variable} has {len(set(given))}, none of them wrong")


def _is_setting(each: object, length: int) -> bool:
    """Whether a value is a tuple of this many whole numbers, none of them negative."""
    if type(each) is not tuple or len(each) != length:
        return False
    return all(type(number) is int and number >= 0 for number in each)

"""Answers that are sets of settings, such as every (kernel, stride, padding) that halves."""

from __future__ import annotations

from collections.abc import Callable

from unet_tutorial.teaching.checks.compare import describe
from unet_tutorial.teaching.checks.exercise import refuse
from unet_tutorial.teaching.checks.values import format_value, read_like, to_plain_value


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

    Lists and arrays are accepted too, and whole numbers in any form.

    Args:
        variable: the answer's name in the task.
        names: the parts of a setting, such as "(kernel, stride, padding)".
        wrong: takes a wrong setting, and returns its result and a hint.
        missing: takes the missing settings, and returns a hint.
    """
    given, length = to_plain_value(answer), len(next(iter(expected)))
    given = given if isinstance(given, frozenset) else read_like(given, ())
    if given is None:
        refuse(f"The answer must be a set of tuples {names}.", got=describe(answer))
    settings = set()
    for each in given:
        setting = _read_setting(each, length)
        if setting is None:
            hint = f"Each setting is a tuple of {length} whole numbers from 0 on, {names}."
            refuse(hint, got=format_value(each) if each is not None else describe(answer))
        settings.add(setting)
    for each in sorted(settings - expected):
        got, hint = wrong(each)
        refuse(hint, tried=f"{each}, as {names}, in {variable}", got=got)
    lacking = expected - settings
    if lacking:
        refuse(missing(lacking), got=f"{variable} has {len(settings)}, none of them wrong")


def _read_setting(each: object, length: int) -> tuple[int, ...] | None:
    """Return a sequence of this many whole numbers from 0 on as a tuple; None if it isn't one."""
    numbers = [read_like(number, 0) for number in read_like(each, ()) or ()]
    if len(numbers) != length or any(n is None or n < 0 or n % 1 for n in numbers):  # inf % 1: nan
        return None
    return tuple(map(int, numbers))

"""Print results: next to the reader's guess, or rounded where machines differ."""

from __future__ import annotations

import ast
import math
import tomllib
from functools import cache
from pathlib import Path

from unet_tutorial.teaching.checks import progress_store

MEANINGS = Path(__file__).with_name("guess_meanings")  # one file a chapter
_REMINDER = "  (You didn't guess. Try it next time: even a wrong guess helps you remember.)"
_FACTORS = {-1: "right, but for the sign", 2: "twice as much", 0.5: "half of that"}
_FACTORS |= {100: "right, if you meant per cent", 0.01: "right, if you meant a fraction of 1"}
_KINDS = {tuple: "several values, such as (3, 4)", str: "a text", bool: "True or False"}


def approximate(value: float, low: float, high: float, digits: int = 2) -> str:
    """Format a number that differs a little between machines: "≈ 0.95".

    Args:
        value: the number.
        low, high: the bounds that it's known to stay within.
        digits: digits after the decimal point.

    Returns:
        The rounded number after "≈". If it's out of bounds, they're added: "≈ 0.71, not between
        0.93 and 0.96 as expected". The notebooks' tests ignore the number, but not that addition.
    """
    text = f"≈ {value:,.{digits}f}"
    return text if low <= value <= high else f"{text}, not between {low} and {high} as expected"


def compare_guess(
    guess: object,
    result: object,
    name: str,
    *,
    digits: int = 2,
    close: float | None = None,
    within: tuple[float, float] | None = None,
) -> None:
    """Print a result and, on the same line, how close the reader's guess was.

    In a learner's workspace the first guess is remembered, and an empty guess gets a reminder. Any
    value can be a guess: none of them stops a notebook.

    Args:
        guess: the reader's guess; None if there's none.
        result: a number, a tuple of numbers, or a text.
        name: what was guessed, such as "sum at place 2". `guess_meanings/NN.toml` may say what a
            wrong guess would have meant, by this name.
        digits: digits after the decimal point of a result that isn't a whole number.
        close: how far from the result a number still counts as close; by default 5% of it.
        within: bounds of a result that differs between machines (see `approximate`).

    Example:
        `compare_guess(406, 203, "sum at place 2")` prints
        "sum at place 2: 203. You guessed 406: twice as much."
    """
    guess, result = _to_plain_value(guess), _to_plain_value(result)
    if isinstance(result, float):
        result = round(result, digits)
        if _is_number(guess) and round(guess, digits) == result:
            guess = result
    shown = f" {approximate(result, *within, digits)}" if within else f": {_format(result, digits)}"
    print(f"{name}{shown}{_respond_to_guess(guess, result, name, close)}")


def _respond_to_guess(guess: object, result: object, name: str, close: float | None) -> str:
    """Return what follows a result: a verdict on the guess, or a reminder to make one."""
    kept = _load_guesses()
    if not _is_empty(guess):
        first = guess
        if kept is not None:
            first = kept.setdefault(name, guess)
            progress_store.save_file("guesses.json", kept)
        verdict = _judge_guess(guess, result, name, close)
        same = first is guess or _is_same(first, guess)
        return verdict if same else f"{verdict} Your first guess was {_format(first)}."
    if kept is None:  # the committed edition and the site show the result alone
        return ""
    if name not in kept:
        return f"\n{_REMINDER}"
    return f"{_judge_guess(kept[name], result, name, close)} (That was your first guess.)"


def _judge_guess(guess: object, result: object, name: str, close: float | None) -> str:
    """Return the end of the line, such as ". You guessed 406: twice as much."."""
    if _is_same(guess, result):
        return ". Exactly what you guessed."
    meanings = read_meanings().get(name, {}).items()
    found = [f": {meaning}" for wrong, meaning in meanings if _rounds_to(guess, wrong)]
    verdict = found[0] if found else _compare(guess, result, close)
    return f". You guessed {_format(guess)}{verdict}."


def _compare(guess: object, result: object, close: float | None) -> str:
    """Return ": twice as much" or the like, or "" where there's nothing helpful to say."""
    if _is_number(guess) and _is_number(result):
        return f": {_compare_numbers(guess, result, close)}"
    if type(guess) is not type(result):
        return f", but it's {_KINDS.get(type(result), 'a number')}"
    if not isinstance(result, tuple):
        return ""
    if len(guess) != len(result):
        return f", but it has {len(result)} values"
    if sorted(map(str, guess)) == sorted(map(str, result)):
        return ": the right numbers in another order"
    right = sum(map(_is_same, guess, result))
    return f": {right} of {len(result)} right" if right else ""


def _compare_numbers(guess: float, result: float, close: float | None) -> str:
    if abs(guess - result) <= (abs(result) / 20 if close is None else close):
        return "close, but not exact" if isinstance(result, int) else "close"
    for factor, text in _FACTORS.items():
        if result and math.isclose(guess, factor * result, rel_tol=0.02):
            return text
    return "too low" if guess < result else "too high"


@cache
def read_meanings() -> dict[str, dict[object, str]]:
    """Read what wrong guesses would have meant: {name: {wrong guess: meaning}}."""
    meanings: dict[str, dict[object, str]] = {}
    for path in sorted(MEANINGS.glob("*.toml")):
        for name, texts in tomllib.loads(path.read_text(encoding="utf-8")).items():
            meanings[name] = {_read_literal(wrong): text for wrong, text in texts.items()}
    return meanings


def _read_literal(text: str) -> object:
    """Read a key such as "(96, 64)" or "0.5" as a value; anything else stays a text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _load_guesses() -> dict[str, object] | None:
    """Return a workspace's first guesses by name; None outside a workspace."""
    if progress_store.find_store() is None:
        return None
    kept = progress_store.load_file("guesses.json")
    return {name: _to_plain_value(guess) for name, guess in kept.items()}


def _to_plain_value(value: object) -> object:
    """Return a tensor's or an array's numbers as Python's own, and a tuple for a list."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return tuple(map(_to_plain_value, value)) if isinstance(value, list | tuple) else value


def _is_empty(guess: object) -> bool:
    if isinstance(guess, tuple):
        return not guess or any(map(_is_empty, guess))
    return guess is None or guess is ... or (isinstance(guess, str) and not guess.strip())


def _is_number(value: object) -> bool:
    """Whether a value is a number to compare with: not NaN, and not too large for a float."""
    is_numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return is_numeric and abs(value) < 1e300


def _is_same(guess: object, result: object) -> bool:
    if isinstance(guess, tuple) and isinstance(result, tuple) and len(guess) == len(result):
        return all(map(_is_same, guess, result))
    if isinstance(guess, str) and isinstance(result, str):
        return result.casefold() in guess.replace("×", "x").casefold()
    if _is_number(guess) and _is_number(result):
        return math.isclose(guess, result)
    return type(guess) is type(result) and guess == result


def _rounds_to(guess: object, number: object) -> bool:
    """Whether a guess is a number or, rounded to the same digits, becomes it: 1/3 and 0.33."""
    if _is_number(guess) and isinstance(number, float):
        return _is_same(round(guess, len(str(number).partition(".")[2])), number)
    return _is_same(guess, number)


def _format(value: object, digits: int | None = None) -> str:
    """Format a result with its digits, or a guess as it was typed."""
    if _is_number(value):
        return f"{value:,}" if digits is None or isinstance(value, int) else f"{value:,.{digits}f}"
    return str(value)

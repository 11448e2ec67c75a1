"""Read a column of times, in any language and order of day and month, if there is only one way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from itertools import product
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale

_LANGUAGES = re.findall(
    r"\w+",
    "en af ar bg ca cs da de el es et eu fa fi fr ga gl he hi hr hu id is it ja ko lt lv ms nb nl "
    "pl pt ro ru sk sl sq sr sv th tr uk vi zh",
)
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})(?::|h|(?<=\d)\.(?=\d\d(?:\D*$)))(\d\d)(?:[:.](\d\d))?(?:[.,]\d+)?"
)
_ZONE = re.compile(r"(?:\b(UTC|GMT|[A-Z]\w+/[\w/+-]+)|(?<=\d)(Z)|(?<=\d)\s?([+-]\d\d:?\d\d))$")
_ORDERS = ("dmy", "mdy", "ymd")
_SILENT = ("", "uhr", "h", "시")  # what may follow a clock without a meaning
_AMBIGUOUS = 'is ambiguous: "{}" may be {:%d %B, %H:%M} or {:%d %B, %H:%M}'
_YEARS = range(2020, 2100)  # dates in other years have been misread


class UnclearTimes(ValueError):
    """A column of times that can't be read, or in more than one way; the message says which."""


def read_times(texts: Sequence[str], zone: ZoneInfo) -> list[datetime | None]:
    """Read a column of times; they must all have one form, and only one reading.

    Args:
        texts: the column's cells. A cell without a digit, such as "-", is no time.
        zone: the time zone of the times that don't name one.

    Returns:
        The times in UTC, without a zone, and None where there is no time.

    Raises:
        UnclearTimes: the message continues "the column X ...".
    """
    readings = {}
    for language, order in product(_LANGUAGES, _ORDERS):
        words = _load_words(language)
        times = [_read_time(text, words, order, zone) for text in texts if _has_digit(text)]
        if None not in times:
            readings.setdefault(tuple(times), f"{language}, {order}")
    if not readings:
        bad = next((text for text in texts if not _can_be_read(text, zone)), None)
        why = "its dates have several forms" if bad is None else f'"{bad}" is no date and time'
        raise UnclearTimes(f"isn't readable: {why}")
    if len(readings) > 1:
        first, second = list(readings)[:2]
        written = filter(_has_digit, texts)
        text, *ways = next(
            row for row in zip(written, first, second, strict=True) if row[1] != row[2]
        )
        raise UnclearTimes(
            _AMBIGUOUS.format(text, *(way.replace(tzinfo=UTC).astimezone(zone) for way in ways))
        )
    found = iter(next(iter(readings)))
    return [next(found) if _has_digit(text) else None for text in texts]


def look_like_times(texts: Sequence[str], zone: ZoneInfo) -> bool:
    """Whether most cells that have digits are dates with a time, readable or not."""
    texts = [text for text in texts if _has_digit(text)]
    likely = [text for text in texts if _CLOCK.search(text) and re.search(r"\d+\D+\d+\D+\d+", text)]
    return len(likely) * 2 > len(texts)


def _has_digit(text: str) -> bool:
    return any(each.isdigit() for each in text)


def _can_be_read(text: str, zone: ZoneInfo) -> bool:
    ways = product(map(_load_words, _LANGUAGES), _ORDERS)
    return not _has_digit(text) or any(_read_time(text, *way, zone) for way in ways)


@dataclass(frozen=True)
class _Words:
    """A language's words in dates, normalised: months with their numbers, morning, afternoon."""

    months: dict[str, int]
    before_noon: set[str]
    after_noon: set[str]


@cache
def _load_words(language: str) -> _Words:
    locale, months = Locale.parse(language), {}
    halves = {"am": {"am"}, "pm": {"pm"}}
    for context, width in product(("format", "stand-alone"), ("wide", "abbreviated")):
        for number, name in locale.months[context][width].items():
            months[_normalise(name)] = number
        for half, words in halves.items():
            words.add(_squeeze(locale.day_periods[context][width].get(half, half)))
    months = {name: number for name, number in months.items() if not name.isdigit()}
    return _Words(months, halves["am"], halves["pm"])


@cache
def _list_halves_of_days() -> set[str]:
    """List the words for morning and afternoon in all languages."""
    words = [_load_words(language) for language in _LANGUAGES]
    return set().union(*(each.before_noon | each.after_noon for each in words)) - {""}


def _squeeze(text: str) -> str:
    return re.sub(r"[\s.,]", "", _normalise(text))


def _normalise(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each)).strip(". ")


def _read_time(text: str, words: _Words, order: str, zone: ZoneInfo) -> datetime | None:
    """Read one time in one way; None if that is impossible."""
    text = unicodedata.normalize("NFKC", text).strip()
    text = re.sub(r"(?<=\d)T(?=\d)", " ", text)
    if named := _ZONE.search(text):
        text = text[: named.start()].strip()
        zone = _find_zone(named)
    clock = _CLOCK.search(text)
    if zone is None or clock is None:
        return None
    before, after = text[: clock.start()], text[clock.end() :]
    day = _read_date(f"{before} {after}", words.months, order)
    hour = _read_clock(clock, before, after, words)
    if day is None or hour is None:
        return None
    return datetime.combine(day, hour, zone).astimezone(UTC).replace(tzinfo=None)


def _find_zone(named: re.Match) -> ZoneInfo | object | None:
    name, zulu, offset = named.groups()
    if offset:
        return datetime.strptime(offset.replace(":", ""), "%z").tzinfo
    try:
        return UTC if zulu else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _read_clock(clock: re.Match, before: str, after: str, words: _Words) -> time | None:
    """Read a clock with the words around it; None if a word after it is unknown."""
    hour, minute, second = (int(each or 0) for each in clock.groups())
    follows = _squeeze(re.match(r"\D*", after)[0])
    precedes = _squeeze(re.search(r"[^\W\d_]*\s*$", before)[0])
    halves = {follows, precedes}
    is_after, is_before = halves & words.after_noon, halves & words.before_noon
    is_unknown = follows not in _SILENT or precedes in _list_halves_of_days()
    if is_unknown and not (is_after or is_before):
        return None
    if (is_after or is_before) and hour <= 12:
        hour = hour % 12 + 12 * bool(is_after)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _read_date(text: str, months: dict[str, int], order: str) -> date | None:
    """Read a date: with the name of a month, or in numbers in this order."""
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    words = re.findall(r"[^\W\d_]+", _normalise(text))
    found = {months[word] for word in words if word in months}
    if len(found) == 1 and len(numbers) == 2:
        year_first = numbers[0] > 99 or (numbers[1] <= 99 and order == "ymd")
        year, day = numbers if year_first else reversed(numbers)
        return _make_date(year, found.pop(), day)
    if found or len(numbers) != 3:
        return None
    order = _find_order(text, order)
    values = dict(zip(order, numbers, strict=True))
    return _make_date(values["y"], values["m"], values["d"])


def _find_order(text: str, order: str) -> str:
    """Find the order that a date's form implies: the year first, or dots between the numbers."""
    if re.search(r"^\D*\d{4}\D", text):
        return "ymd"
    return "dmy" if re.search(r"\d\.\s?\d+\.", text) else order


def _make_date(year: int, month: int, day: int) -> date | None:
    try:
        made = date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
    return made if made.year in _YEARS else None

"""The result of one submission: one JSON text, checked strictly before it counts.

    {"problem": "", "notebooks": {"02_convolution": {"cells": [...], "points": {"check-2-1": 1.0},
     "reasons": {"solution-2-1": ["..."]}, "guesses": ["..."], "tricks": ["..."],
     "digests": {"check-2-1": "4be0..."}, "parts": {}}}}

It comes from where the submission ran, which could have written it itself.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import nbformat

from unet_tutorial.classroom.collect.read_notebook import build_valid_notebook

MAX_BYTES = 64 * 2**20
_MAX_TEXT, _MAX_LINES = 1000, 100


class InvalidResult(ValueError):
    """A result that doesn't have the right form."""


@dataclass
class NotebookResult:
    """The result of one notebook."""

    cells: list = field(default_factory=list)  # after the run; `name` is a graded cell's name
    points: dict[str, float | None] = field(default_factory=dict)  # by graded cell; None: by hand
    reasons: dict[str, list[str]] = field(default_factory=dict)  # by answer, for lost points
    guesses: list[str] = field(default_factory=list)  # on which a mark rests
    tricks: list[str] = field(default_factory=list)  # signs of a trick, for the instructor alone
    digests: dict[str, str] = field(default_factory=dict)  # of the answers, by graded cell


@dataclass
class SubmissionResult:
    """The results of a submission's notebooks; `problem` says why there are none."""

    problem: str = ""
    notebooks: dict[str, NotebookResult] = field(default_factory=dict)


def format_result(result: SubmissionResult) -> bytes:
    """Format a result as JSON."""
    return json.dumps(dataclasses.asdict(result)).encode()


def parse_result(data: bytes, most: Mapping[str, Mapping[str, float]]) -> SubmissionResult:
    """Parse a result, and check all of it.

    Args:
        data: the JSON text.
        most: the most points of each graded cell, by notebook and cell.

    Raises:
        InvalidResult: the text has another form, or gives points that there aren't.
    """
    if len(data) > MAX_BYTES:
        raise InvalidResult(f"the result has more than {MAX_BYTES:,} bytes")
    try:
        text = json.dumps(json.loads(data), ensure_ascii=False)
        raw = json.loads(text.encode(errors="replace"))  # no file takes half a character
        notebooks = {str(name): _parse_notebook(each) for name, each in raw["notebooks"].items()}
        result = SubmissionResult(_parse_text(raw["problem"]), notebooks)
    except InvalidResult:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InvalidResult(f"the result isn't one ({type(error).__name__})") from error
    _require_points(result, most)
    return result


def _parse_notebook(raw: dict) -> NotebookResult:
    if set(raw) != {each.name for each in dataclasses.fields(NotebookResult)}:
        raise InvalidResult("the result has other fields")
    notebook = build_valid_notebook({"cells": raw["cells"]})
    nbformat.validate(notebook)
    return NotebookResult(
        cells=notebook.cells,
        points={str(name): _parse_points(each) for name, each in raw["points"].items()},
        reasons={str(name): _parse_lines(each) for name, each in raw["reasons"].items()},
        guesses=_parse_lines(raw["guesses"]),
        tricks=_parse_lines(raw["tricks"]),
        digests={str(name): _parse_text(each) for name, each in raw["digests"].items()},
    )


def _parse_points(value: object) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not math.isfinite(value):
        raise InvalidResult("points that aren't a number")
    return float(value)


def _parse_lines(value: object) -> list[str]:
    if not isinstance(value, list):
        raise InvalidResult("lines that aren't a list")
    return [_parse_text(each) for each in value[:_MAX_LINES]]


def _parse_text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidResult("a text that isn't one")
    return " ".join(value[:_MAX_TEXT].split())


def _require_points(result: SubmissionResult, most: Mapping[str, Mapping[str, float]]) -> None:
    """Raise InvalidResult unless exactly the graded cells have points, and not too many."""
    if result.problem:
        return
    if unknown := set(result.notebooks) - set(most):
        raise InvalidResult(f"there is no notebook {sorted(unknown)[0][:80]}")
    for name, notebook in result.notebooks.items():
        if set(notebook.points) != set(most[name]):
            raise InvalidResult("points for other cells than those that are graded")
        for cell, points in notebook.points.items():
            if points is not None and not 0 <= points <= most[name][cell]:
                raise InvalidResult(f"{points:g} points for {cell}")

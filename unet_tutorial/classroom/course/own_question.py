"""An instructor's own question in words: COURSE/questions/02.toml, instead of chapter 02's."""

from __future__ import annotations

import tomllib
from pathlib import Path

FOLDER = "questions"
_REQUIRED = {"question": "a text", "answer": "a text", "rubric": "a list of texts"}
_OPTIONAL = {"beware": "a text", "half_right": "a list of [[half_right]]"}
_SAMPLE = {"points": "a number", "answer": "a text", "why": "a text"}


def read_own_question(course: Path, chapter: str) -> dict | None:
    """Read what a course asks in words instead of a chapter's question; None if it's the chapter's.

    Returns:
        What [explain] is in a chapter's lesson: the keys `question`, `answer`, `rubric` and
        `beware`, and `half_right` if the file has it.

    Raises:
        ValueError: the file can't be read, or has a key too few, too many, or of the wrong kind.
    """
    path = course / FOLDER / f"{chapter}.toml"
    if not path.is_file():
        return None
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{path} isn't a TOML file in UTF-8: {error}.") from error
    _require_keys(path, found, _REQUIRED, _OPTIONAL)
    for sample in found.get("half_right", ()):
        _require_keys(path, sample, _SAMPLE, within="half_right: ")
        most = len(found["rubric"])
        if not 0 <= sample["points"] <= most:
            raise ValueError(
                f"{path}: half_right: points is {sample['points']}, but the rubric has {most} "
                "criteria, of one point each."
            )
    return {"beware": "", **found}


def _require_keys(
    path: Path,
    found: dict,
    required: dict[str, str],
    optional: dict[str, str] | None = None,
    within: str = "",
) -> None:
    """Raise ValueError unless a table has the required keys, and no others but optional ones."""
    kinds = {**required, **(optional or {})}
    for key in [*required, *found]:
        if key not in kinds:
            raise ValueError(
                f"{path}: {within}{key} isn't known. A question has: {', '.join(kinds)}."
            )
        if key not in found:
            raise ValueError(f"{path}: {within}{key} is missing. Add it: it's {kinds[key]}.")
        if not _is_kind(found[key], kinds[key]):
            raise ValueError(
                f"{path}: {within}{key} must be {kinds[key]}, and not empty. It is {found[key]!r}."
            )


def _is_kind(value: object, kind: str) -> bool:
    """Whether a value is what its key asks for; texts and lists must not be empty."""
    if kind == "a number":
        return type(value) in (int, float)
    if kind == "a text":
        return isinstance(value, str) and bool(value.strip())
    each = str if kind == "a list of texts" else dict
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, each) for item in value)
        and all(item.strip() for item in value if isinstance(item, str))
    )

"""Merge a chapter's new edition into a learner's copy: a three-way merge, cell by cell.

The base (fingerprints on record), the learner's copy and the new edition are matched by cell id,
then by nbgrader's grade_id, then by identical text, since some tools drop the ids.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from unet_tutorial.teaching.chapters import cell_source, format_cell_id

_EXERCISE_CELL = re.compile(r"(exercise|given|solution|check)-(\d+)-(\d+)")
_BACKTICKS = re.compile(r"`{3,}")
_Cell = dict
_Fingerprints = Mapping[str, str]  # the fingerprint of each cell by its id


@dataclass
class MergeResult:
    """A merged notebook, and what to tell the learner about it.

    Attributes:
        notebook: the merged notebook.
        answers: the exercises whose answers were carried over, such as "5.2"; "explain-5" is the
            question in words of a course.
        changed_tasks: those of them whose task or stub changed.
        removed_exercises: the answered exercises that the chapter no longer has.
        conflicts: the ids of the cells whose learner's version is now in a text cell.
    """

    notebook: dict
    answers: list[str] = field(default_factory=list)
    changed_tasks: list[str] = field(default_factory=list)
    removed_exercises: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def fingerprint(cell: _Cell) -> str:
    """Compute a short hash of a cell's type and source, ignoring white space at the end."""
    source = cell_source(cell).replace("\r\n", "\n").rstrip()
    return hashlib.sha256(f"{cell['cell_type']}\n{source}".encode()).hexdigest()[:16]


def fingerprints(notebook: Mapping) -> dict[str, str]:
    """Compute the fingerprint of each cell of an edition, by id, in the cells' order."""
    return {cell["id"]: fingerprint(cell) for cell in notebook["cells"]}


def is_unmodified(mine: Mapping, written: _Fingerprints) -> bool:
    """Whether a copy's sources are as they were written.

    Outputs don't count. Empty cells don't either: JupyterLab adds one when you run the last cell.
    """
    cells = [cell for cell in mine["cells"] if cell_source(cell).strip()]
    return [fingerprint(cell) for cell in cells] == list(written.values())


def has_outputs(mine: Mapping) -> bool:
    """Whether any cell of a copy has outputs."""
    return any(cell.get("outputs") for cell in mine["cells"])


def merge(written: _Fingerprints, mine: Mapping, edition: Mapping) -> MergeResult:
    """Merge the learner's work into the new edition of a chapter.

    - An answer stays in its cell, in words or in code, even if the stub changed.
    - Any other cell: if only the learner changed it, it stays theirs; if only the edition did, it
      is new; if both did, the new cell is followed by the learner's version as a text cell.
    - Cells that the learner added come after the same cell as before.
    - A cell that the learner deleted stays deleted, unless its text changed, or it is part of an
      exercise or graded.
    - An answer to a removed exercise moves after the last exercise.
    - A cell whose source didn't change keeps its outputs.

    Args:
        written: the fingerprints of the edition that `mine` was made from. If the record is lost,
            it is empty: then every cell that differs counts as changed by the learner.
        mine: the learner's copy.
        edition: the new edition; neither notebook is changed.
    """
    new = fingerprints(edition)
    names = _match_cells(mine["cells"], (written, new))
    mine_by_id = {name: cell for name, cell in zip(names, mine["cells"], strict=True) if name}
    merged = MergeResult(
        {**edition, "metadata": {**edition["metadata"], **mine.get("metadata", {})}}
    )
    followers, retired = _collect_own_cells(mine["cells"], names, written, new, merged)
    cells = followers.pop("", [])
    for cell in edition["cells"]:
        name = cell["id"]
        cells += _merge_cell(cell, mine_by_id.get(name), written.get(name), merged)
        cells += followers.get(name, [])
    place = _find_end_of_exercises(cells)
    cells[place:place] = retired
    merged.changed_tasks = [n for n in merged.answers if _has_changed_task(n, written, new)]
    merged.notebook["cells"] = list(_assign_unique_ids(cells, new))
    return merged


def _match_cells(
    cells: list[_Cell], known: tuple[_Fingerprints, _Fingerprints]
) -> list[str | None]:
    """Find, for each cell of a copy, its id on record or in the new edition; None if it's new."""
    unmatched = {name: {prints.get(name) for prints in known} for name in {**known[0], **known[1]}}
    names: list[str | None] = [None] * len(cells)
    for get_name in (lambda cell: cell.get("id"), _get_grade_id):  # ids first: they are surer
        for place, cell in enumerate(cells):
            if names[place] is None and get_name(cell) in unmatched:
                names[place] = get_name(cell)
                del unmatched[names[place]]
    for place, cell in enumerate(cells):
        if names[place] is None:
            same = (name for name, prints in unmatched.items() if fingerprint(cell) in prints)
            if (found := next(same, None)) is not None:
                names[place] = found
                del unmatched[found]
    return names


def _is_answer(cell: _Cell) -> bool:
    """Whether nbgrader's metadata say that the learner's answer goes here, in words perhaps."""
    about = cell["metadata"].get("nbgrader")
    return isinstance(about, dict) and bool(about.get("solution"))


def _get_grade_id(cell: _Cell) -> str | None:
    about = cell["metadata"].get("nbgrader")
    return about.get("grade_id") if isinstance(about, dict) else None


def _collect_own_cells(
    cells: list[_Cell],
    names: list[str | None],
    written: _Fingerprints,
    new: _Fingerprints,
    merged: MergeResult,
) -> tuple[dict[str, list[_Cell]], list[_Cell]]:
    """Collect the learner's cells that have no counterpart in the new edition.

    Returns:
        The cells to insert after each cell of the edition, by its id ("" for the start); and the
        answers to removed exercises.
    """
    followers, retired, before = defaultdict(list), [], ""
    for cell, name in zip(cells, names, strict=True):
        if name in new:
            before = name
        elif name is None:
            if cell_source(cell).strip():
                followers[before].append(_remove_taken_names(cell, {*written, *new}))
        elif fingerprint(cell) != written[name]:
            if name.startswith("solution-"):
                merged.removed_exercises.append(_get_exercise_number(name))
                retired += _build_retired_answer(cell, name)
            else:
                merged.conflicts.append(name)
                followers[before].append(_build_conflict_cell(cell, name, "a removed cell"))
    return followers, retired


def _merge_cell(
    cell: _Cell, mine: _Cell | None, before: str | None, merged: MergeResult
) -> list[_Cell]:
    """Merge one cell of the new edition with the learner's; return the resulting cells."""
    name, new = cell["id"], fingerprint(cell)
    if mine is None:
        counts = _EXERCISE_CELL.fullmatch(name) or "nbgrader" in cell["metadata"]
        return [] if before == new and not counts else [cell]
    if fingerprint(mine) == new:
        return [_keep_own_cell(mine, cell)]
    if fingerprint(mine) == before:
        return [cell]
    if name.startswith("solution-") or _is_answer(cell):
        merged.answers.append(_get_exercise_number(name))
        return [_keep_own_cell(mine, cell)]
    if before == new:
        return [_keep_own_cell(mine, cell)]
    merged.conflicts.append(name)
    return [cell, _build_conflict_cell(mine, name, "the cell above")]


def _keep_own_cell(mine: _Cell, cell: _Cell) -> _Cell:
    """Copy the learner's cell, with the id and the metadata of the edition's cell."""
    mine = copy.deepcopy(mine)
    ours = {"nbgrader", *cell["metadata"]}
    own = {key: value for key, value in mine["metadata"].items() if key not in ours}
    return {**mine, "id": cell["id"], "metadata": {**cell["metadata"], **own}}


def _remove_taken_names(cell: _Cell, taken: set[str]) -> _Cell:
    """Copy a cell, without an id or grade_id that is taken: pasting a cell copies both."""
    cell = copy.deepcopy(cell)
    if _get_grade_id(cell) in taken:
        del cell["metadata"]["nbgrader"]
    if cell.get("id") in taken:
        del cell["id"]
    return cell


def _build_retired_answer(cell: _Cell, name: str) -> list[_Cell]:
    """Build the two cells that keep an answer to a removed exercise: a line of text, the answer."""
    number = _get_exercise_number(name)
    text = f"Your answer to {number}, an exercise that this version no longer has:"
    answer = _remove_taken_names(cell, {name})
    return [_build_text_cell(f"kept-text-{name}", text), {**answer, "id": f"kept-{name}"}]


def _build_conflict_cell(cell: _Cell, name: str, replaced: str) -> _Cell:
    """Build a text cell that shows the learner's version of a cell."""
    source = cell_source(cell)
    fence = "`" * max([3, *(len(found) + 1 for found in _BACKTICKS.findall(source))])
    language = "python" if cell["cell_type"] == "code" else "markdown"
    text = f"Your version of {replaced}:\n\n{fence}{language}\n{source}\n{fence}"
    pictures = {key: cell[key] for key in ("attachments",) if key in cell}
    return _build_text_cell(f"yours-{name}", text) | pictures


def _build_text_cell(name: str, source: str) -> _Cell:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def _find_end_of_exercises(cells: list[_Cell]) -> int:
    """Find the index after the last exercise and the cells that the learner added below it."""
    parts = [
        place for place, cell in enumerate(cells) if _EXERCISE_CELL.fullmatch(cell.get("id", ""))
    ]
    if not parts:
        return len(cells)
    place = parts[-1] + 1
    while place < len(cells) and not _is_section_heading(cells[place]):
        place += 1
    return place


def _is_section_heading(cell: _Cell) -> bool:
    return cell["cell_type"] == "markdown" and cell_source(cell).startswith("## ")


def _has_changed_task(number: str, written: _Fingerprints, new: _Fingerprints) -> bool:
    """Whether the task or the stub of an exercise differs from the one on record."""
    names = [format_cell_id(number, part) for part in ("exercise", "solution")]
    names.append(f"{number}-question")  # in words
    return any(name in written and written[name] != new.get(name) for name in names)


def _get_exercise_number(name: str) -> str:
    """Get the number of the exercise that a cell belongs to: "solution-5-2" gives "5.2"."""
    found = _EXERCISE_CELL.fullmatch(name)
    return f"{found[2]}.{found[3]}" if found else name


def _assign_unique_ids(cells: list[_Cell], new: _Fingerprints) -> Iterator[_Cell]:
    """Yield the cells; a learner's cell gets a new id if its own is missing or taken."""
    used = set()
    for cell in cells:
        name = first_choice = cell.get("id", "own")
        number = 1
        while name in used or (name in new and "id" not in cell):
            number += 1
            name = f"{first_choice}-{number}"
        used.add(name)
        yield {**cell, "id": name}

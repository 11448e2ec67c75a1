"""Bring a new text into a learner's copy of a chapter: a three-way merge, cell by cell.

What was written (fingerprints on record), the learner's copy and the new edition meet by the names
of their cells: the id, or nbgrader's grade_id, or else the same text where a tool lost the ids.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from unet_tutorial.teaching.chapters import source_of

PART = re.compile(r"(exercise|given|solution|check)-(\d+)-(\d+)")
BACKTICKS = re.compile(r"`{3,}")
Cell = dict
Prints = Mapping[str, str]  # the fingerprint of each cell by its id


@dataclass
class Merged:
    """A merged notebook, and what the learner should know of it.

    `answers` are the exercises whose answers were carried over, `other` those of them whose task
    or stub changed, `gone` those that the chapter no longer has, `aside` the cells of which the
    learner's version now stands in a text cell.
    """

    notebook: dict
    answers: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)


def fingerprint(cell: Cell) -> str:
    """Return a short hash of a cell's kind and source; blank ends do not count."""
    source = source_of(cell).replace("\r\n", "\n").rstrip()
    return hashlib.sha256(f"{cell['cell_type']}\n{source}".encode()).hexdigest()[:16]


def fingerprints(notebook: Mapping) -> dict[str, str]:
    """Return the fingerprint of each cell of an edition by its id, in order."""
    return {cell["id"]: fingerprint(cell) for cell in notebook["cells"]}


def is_untouched(mine: Mapping, written: Prints) -> bool:
    """Return whether a copy's sources are as they were written; outputs do not count.

    Nor do empty cells: JupyterLab adds one when the last cell is run.
    """
    cells = [cell for cell in mine["cells"] if source_of(cell).strip()]
    return [fingerprint(cell) for cell in cells] == list(written.values())


def has_outputs(mine: Mapping) -> bool:
    """Return whether a copy holds what its cells printed or drew."""
    return any(cell.get("outputs") for cell in mine["cells"])


def merge(written: Prints, mine: Mapping, edition: Mapping) -> Merged:
    """Return the new edition with the learner's work in it.

    `written` has the fingerprints of the edition that `mine` was made from (none where the record
    was lost: then every cell that differs counts as changed by the learner). In the result

    - an answer stays, in the solution cell of its exercise, even where the stub changed;
    - another cell that the learner alone changed stays theirs, one that the new text alone changed
      is new, and where both did, the new one is followed by the learner's in a text cell;
    - cells that the learner added follow the cell that they followed;
    - a cell that the learner deleted stays deleted, unless its text changed or it is part of an
      exercise;
    - an answer to an exercise that is gone closes the exercises, as a cell of the learner's own;
    - a cell whose source is as it was keeps its outputs.
    """
    new = fingerprints(edition)
    names = names_of(mine["cells"], (written, new))
    here = {name: cell for name, cell in zip(names, mine["cells"], strict=True) if name}
    merged = Merged({**edition, "metadata": {**edition["metadata"], **mine.get("metadata", {})}})
    followers, retired = own_cells(mine["cells"], names, written, new, merged)
    cells = followers.pop("", [])
    for cell in edition["cells"]:
        cells += resolved(cell, here.get(cell["id"]), written.get(cell["id"]), merged)
        cells += followers.get(cell["id"], [])
    place = end_of_exercises(cells)
    cells[place:place] = retired
    merged.other = [n for n in merged.answers if task_changed(n, written, new)]
    merged.notebook["cells"] = list(with_unique_ids(cells, new))
    return merged


def names_of(cells: list[Cell], known: tuple[Prints, Prints]) -> list[str | None]:
    """Return under which name on record, or in the new edition, each cell of a copy goes."""
    free = {name: {prints.get(name) for prints in known} for name in {**known[0], **known[1]}}
    names: list[str | None] = [None] * len(cells)
    by_id = [lambda cell: cell.get("id"), lambda cell: grade_id(cell)]
    for name_in in by_id:
        for place, cell in enumerate(cells):
            if names[place] is None and name_in(cell) in free:
                names[place] = name_in(cell)
                del free[names[place]]
    for place, cell in enumerate(cells):
        if names[place] is None:
            same = (name for name, prints in free.items() if fingerprint(cell) in prints)
            if (found := next(same, None)) is not None:
                names[place] = found
                del free[found]
    return names


def grade_id(cell: Cell) -> str | None:
    """Return nbgrader's name of a cell."""
    about = cell["metadata"].get("nbgrader")
    return about.get("grade_id") if isinstance(about, dict) else None


def own_cells(
    cells: list[Cell], names: list[str | None], written: Prints, new: Prints, merged: Merged
) -> tuple[dict[str, list[Cell]], list[Cell]]:
    """Return what in a copy has no place in the new edition, but is the learner's.

    That is by the name of the cell that it follows ("" at the start), and the answers to exercises
    that are gone.
    """
    followers, retired, before = defaultdict(list), [], ""
    for cell, name in zip(cells, names, strict=True):
        if name in new:
            before = name
        elif name is None:
            if source_of(cell).strip():
                followers[before].append(freed(cell, {*written, *new}))
        elif fingerprint(cell) != written[name]:
            if name.startswith("solution-"):
                merged.gone.append(number_of(name))
                retired += retired_cells(cell, name)
            else:
                merged.aside.append(name)
                followers[before].append(aside(cell, name, "a cell that is gone"))
    return followers, retired


def resolved(cell: Cell, mine: Cell | None, before: str | None, merged: Merged) -> list[Cell]:
    """Return what stands in the place of one cell of the new edition."""
    name, new = cell["id"], fingerprint(cell)
    if mine is None:
        return [] if before == new and not PART.fullmatch(name) else [cell]
    if fingerprint(mine) == new:
        return [kept(mine, cell)]
    if fingerprint(mine) == before:
        return [cell]
    if name.startswith("solution-"):
        merged.answers.append(number_of(name))
        return [kept(mine, cell)]
    if before == new:
        return [kept(mine, cell)]
    merged.aside.append(name)
    return [cell, aside(mine, name, "the cell above")]


def kept(mine: Cell, cell: Cell) -> Cell:
    """Return the learner's cell under the new edition's id and metadata."""
    mine = copy.deepcopy(mine)
    mine["metadata"].pop("nbgrader", None)
    return {**mine, "id": cell["id"], "metadata": {**mine["metadata"], **cell["metadata"]}}


def freed(cell: Cell, taken: set[str]) -> Cell:
    """Return a cell of the learner's own; a pasted copy loses the names of its original."""
    cell = copy.deepcopy(cell)
    if grade_id(cell) in taken:
        del cell["metadata"]["nbgrader"]
    if cell.get("id") in taken:
        del cell["id"]
    return cell


def retired_cells(cell: Cell, name: str) -> list[Cell]:
    """Return an answer to an exercise that is gone, under a line that says so."""
    said = f"Your answer to {number_of(name)}, an exercise that this version no longer has:"
    own = freed(cell, {name})
    return [text_cell(f"kept-text-{name}", said), {**own, "id": f"kept-{name}"}]


def aside(cell: Cell, name: str, of: str) -> Cell:
    """Return a text cell that shows the learner's version of a cell."""
    source = source_of(cell)
    fence = "`" * max([3, *(len(found) + 1 for found in BACKTICKS.findall(source))])
    language = "python" if cell["cell_type"] == "code" else "markdown"
    made = text_cell(
        f"yours-{name}", f"Your version of {of}:\n\n{fence}{language}\n{source}\n{fence}"
    )
    return made | {key: cell[key] for key in ("attachments",) if key in cell}


def text_cell(name: str, source: str) -> Cell:
    """Return a markdown cell."""
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def end_of_exercises(cells: list[Cell]) -> int:
    """Return the place after the last exercise and what the learner wrote below it."""
    parts = [place for place, cell in enumerate(cells) if PART.fullmatch(cell.get("id", ""))]
    if not parts:
        return len(cells)
    place = parts[-1] + 1
    while place < len(cells) and not is_heading(cells[place]):
        place += 1
    return place


def is_heading(cell: Cell) -> bool:
    """Return whether a cell opens a section."""
    return cell["cell_type"] == "markdown" and source_of(cell).startswith("## ")


def task_changed(number: str, written: Prints, new: Prints) -> bool:
    """Return whether the task or the stub of an exercise is another than the one on record."""
    names = [f"{part}-{number.replace('.', '-')}" for part in ("exercise", "solution")]
    return any(name in written and written[name] != new.get(name) for name in names)


def number_of(name: str) -> str:
    """Return the number of the exercise that a cell belongs to: solution-5-2 gives 5.2."""
    found = PART.fullmatch(name)
    return f"{found[2]}.{found[3]}" if found else name


def with_unique_ids(cells: list[Cell], new: Prints) -> Iterator[Cell]:
    """Yield the cells; a cell of the learner gets another id where it has none or a used one."""
    used = set()
    for cell in cells:
        name = wanted = cell.get("id", "own")
        number = 1
        while name in used or (name in new and "id" not in cell):
            number += 1
            name = f"{wanted}-{number}"
        used.add(name)
        yield {**cell, "id": name}

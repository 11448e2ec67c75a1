"""Step 2: repair a submitted notebook's cells, and find out what each of them is.

nbgrader's metadata are replaced by the released ones. Of several copies of an answer, the last one
that isn't the stub counts. Missing cells are added again, changed checks are replaced by the
released ones, and text that was written next to an answer's cell is found.
"""

from __future__ import annotations

import copy
import importlib.util
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from unet_tutorial.classroom.released_notebook import Cell, ReleasedNotebook

SETUP, GIVEN, ANSWER, CHECK = "setup", "given", "answer", "check"  # roles: these are graded
TEACHING = "teaching"  # a chapter's cell that the student left as it was
OWN = "own"  # a cell that the student wrote or changed
COPY = "copy"  # a copy of an answer or of a check that doesn't count and doesn't run
_MISSING_ANSWER = "# This cell was missing. It was added again without an answer."
_STARTUP_MODULES = ("__main__", "sitecustomize", "usercustomize")  # Python runs these by itself
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_MAX_FOUND = 20_000  # characters of text that was found next to an answer


@dataclass(eq=False)
class Part:
    """A cell of a submission and its role; graded cells have the released cell's name."""

    cell: NotebookNode
    role: str
    name: str = ""


@dataclass
class Findings:
    """What repairing found: guesses, on which a mark rests; signs of tricks; missing cells."""

    guesses: list[str] = field(default_factory=list)
    tricks: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)  # answers in words without any words


def repair_cells(
    cells: Sequence[NotebookNode], released: ReleasedNotebook, found: Findings
) -> list[Part]:
    """Return a submission's cells with the graded ones in their released form.

    Args:
        cells: the submitted cells; their nbgrader metadata are removed.
        released: the notebook as it was released.
        found: gets the findings.
    """
    names = _match_names(cells, released)
    counts = _choose_copies(cells, names, released, found)
    parts = []
    for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
        cell.metadata.pop("nbgrader", None)
        if name is None:
            parts.append(Part(cell, _find_role(cell, released)))
        elif counts[name] == index:
            parts.append(_restore(cell, released.nbgrader_cells[name], found))
        else:
            parts.append(Part(cell, _find_copy_role(cell, released.nbgrader_cells[name])))
    for name in [name for name in released.nbgrader_cells if name not in counts]:
        found.missing.append(name)
        _insert_missing(parts, name, released)
    _move_early_checks(parts, released)
    for part in parts:
        if part.role == ANSWER and part.cell.cell_type != "code":
            _find_words(part, parts, names, cells, released, found)
    _replace_repeated_ids([part.cell for part in parts])
    return parts


def _match_names(cells: Sequence[NotebookNode], released: ReleasedNotebook) -> list[str | None]:
    """Match each submitted cell with a graded one: by grade_id, else by cell id, else by text."""
    graded = released.nbgrader_cells
    names: list[str | None] = []
    for cell in cells:
        meta = cell.metadata.get("nbgrader")
        name = meta.get("grade_id") if isinstance(meta, dict) else None
        names.append(name if isinstance(name, str) and name in graded else None)
    by_text = _list_unique_texts(released)
    for index, cell in enumerate(cells):
        text = by_text.get(_normalise(cell.source))
        if names[index] is None and cell.id in graded and cell.id not in names:
            names[index] = cell.id
        names[index] = names[index] or text
    return names


def _list_unique_texts(released: ReleasedNotebook) -> dict[str, str]:
    """List the graded cells' names by their text, without texts that two of them share."""
    texts = [_normalise(each.learner_source) for each in released.nbgrader_cells.values()]
    return {
        text: name
        for text, name in zip(texts, released.nbgrader_cells, strict=True)
        if texts.count(text) == 1
    }


def _choose_copies(
    cells: Sequence[NotebookNode],
    names: Sequence[str | None],
    released: ReleasedNotebook,
    found: Findings,
) -> dict[str, int]:
    """Choose the copy that counts of each graded cell that is there; return its place by name."""
    places: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if name is not None:
            places.setdefault(name, []).append(index)
    counts = {}
    for name, where in places.items():
        cell = released.nbgrader_cells[name]
        if cell.is_answer:
            counts[name] = _choose_answer(cells, where, cell, found)
    for name, where in places.items():
        if not released.nbgrader_cells[name].nbgrader["grade"]:
            counts.setdefault(name, where[0])
        elif name not in counts:  # a check runs after the answer that counts
            answer = counts.get(released.find_answer(name) or "", -1)
            counts[name] = next((index for index in where if index > answer), where[-1])
    return counts


def _choose_answer(
    cells: Sequence[NotebookNode], places: list[int], released: Cell, found: Findings
) -> int:
    """Choose the last copy of an answer that isn't the stub."""
    answered = [place for place in places if not is_blank(cells[place].source, released)]
    if len(places) > 1 and released.cell_type != "code" and len(answered) > 1:
        _join_words(cells, answered, released, found)
    elif len(places) > 1 and answered:
        which = "last one" if len(answered) == len(places) else "last one with an answer"
        found.guesses.append(f"{released.name} is there {len(places)} times; the {which} counts.")
    return (answered or places)[-1]


def _join_words(
    cells: Sequence[NotebookNode], places: list[int], released: Cell, found: Findings
) -> None:
    """Join the pieces of an answer in words that was split, into the last of its cells."""
    texts = dict.fromkeys(cells[place].source.strip() for place in places)
    cells[places[-1]].source = "\n\n".join(texts)
    if len(texts) > 1:
        found.guesses.append(
            f"{released.name} is there {len(places)} times; their texts are joined."
        )


def is_blank(source: str, released: Cell) -> bool:
    """Whether an answer is still the stub, or empty."""
    text = _normalise(source)
    return text in ("", _normalise(_MISSING_ANSWER), _normalise(released.learner_source))


def _normalise(text: str) -> str:
    """Remove white space at the ends of a text and of its lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _find_role(cell: NotebookNode, released: ReleasedNotebook) -> str:
    """Find the role of a cell that nbgrader doesn't know."""
    text, setup = _normalise(cell.source), released.setup_cell
    if cell.cell_type != "code" or not text:
        return OWN
    if setup and text == _normalise(setup.learner_source):
        return SETUP
    if text in map(_normalise, released.teaching_cells):
        return TEACHING
    return GIVEN if str(cell.id).startswith("given-") else OWN


def _find_copy_role(cell: NotebookNode, released: Cell) -> str:
    """Find the role of a copy that doesn't count: an earlier answer runs, since later work uses it.

    A stub would undo the answer that counts.
    """
    is_stub = is_blank(cell.source, released)
    return OWN if released.is_answer and not is_stub else COPY


def _restore(cell: NotebookNode, released: Cell, found: Findings) -> Part:
    """Restore a graded cell's metadata, and its source too unless it holds the answer."""
    is_code = released.cell_type == "code"
    if (
        is_code
        and not released.is_answer
        and _normalise(cell.source)
        not in map(_normalise, (released.learner_source, released.source))
    ):
        found.tricks.append(f"{released.name}: the cell was changed; the released version was run.")
    restored = _build_cell(released, cell.source if released.is_answer else released.source)
    restored.id = cell.id
    if released.cell_type != "code" and "attachments" in cell:
        restored.attachments = cell.attachments
    return Part(restored, _find_graded_role(released), released.name)


def _find_graded_role(released: Cell) -> str:
    if released.is_answer:
        return ANSWER
    return CHECK if released.nbgrader["grade"] else GIVEN


def _build_cell(released: Cell, source: str) -> NotebookNode:
    """Build a cell with a released cell's metadata and another source."""
    is_code = released.cell_type == "code"
    make = nbformat.v4.new_code_cell if is_code else nbformat.v4.new_markdown_cell
    cell = make(source)
    cell.metadata["nbgrader"] = nbformat.from_dict(copy.deepcopy(released.nbgrader))
    return cell


def _insert_missing(parts: list[Part], name: str, released: ReleasedNotebook) -> None:
    """Insert a missing graded cell before the next released cell that the submission still has."""
    cell = released.nbgrader_cells[name]
    text = cell.source
    if cell.is_answer:
        text = _MISSING_ANSWER if cell.cell_type == "code" else cell.learner_source
    order = [each.name for each in released.cells]
    position = order.index(name)
    present = {part.name or part.cell.id: index for index, part in enumerate(parts)}
    before = max((present[each] for each in order[:position] if each in present), default=-1)
    after = [present[each] for each in order[position + 1 :] if present.get(each, -1) > before]
    inserted = Part(_build_cell(cell, text), _find_graded_role(cell), name)
    parts.insert(min(after, default=len(parts)), inserted)


def _move_early_checks(parts: list[Part], released: ReleasedNotebook) -> None:
    """Move each check that stands above its answer right below it."""
    places = {part.name: part for part in parts if part.name}
    for part in [part for part in parts if part.role == CHECK]:
        answer = places.get(released.find_answer(part.name) or "")
        if answer is not None and parts.index(part) < parts.index(answer):
            parts.remove(part)
            parts.insert(parts.index(answer) + 1, part)


def _find_words(
    part: Part,
    parts: list[Part],
    names: Sequence[str | None],
    cells: Sequence[NotebookNode],
    released: ReleasedNotebook,
    found: Findings,
) -> None:
    """Put the text that stands around a blank answer into it; list the answer if there is none."""
    if not is_blank(part.cell.source, released.nbgrader_cells[part.name]):
        return
    texts = [*_list_texts_around(part, parts, released)]
    texts += _list_changed_texts(part.name, names, cells, released)
    if not texts:
        found.blank.append(part.name)
        return
    part.cell.source = "\n\n".join(texts)[:_MAX_FOUND]
    found.guesses.append(f"{part.name} is blank; the text of the cells around it was taken.")


def _list_texts_around(part: Part, parts: list[Part], released: ReleasedNotebook) -> Iterable[str]:
    """List the student's texts between the released cells before and after an answer."""
    known = {_normalise(each.learner_source) for each in released.cells if each.name != part.name}
    names = {each.name for each in released.cells} - {part.name}
    place, answer = parts.index(part), released.nbgrader_cells[part.name]

    def is_released(each: Part) -> bool:
        is_same = _normalise(each.cell.source) in known and each is not part
        return each.name in names or each.cell.id in names or is_same

    start = max((i for i in range(place) if is_released(parts[i])), default=-1)
    later = (i for i in range(place + 1, len(parts)) if is_released(parts[i]))
    for each in parts[start + 1 : next(later, len(parts))]:
        if each is not part and not is_blank(each.cell.source, answer):
            yield each.cell.source


def _list_changed_texts(
    name: str,
    names: Sequence[str | None],
    cells: Sequence[NotebookNode],
    released: ReleasedNotebook,
) -> Iterable[str]:
    """List the texts that were written into the released text cells next to an answer.

    Links don't count: a copy in a student's workspace has others than the release.
    """
    order = [each.name for each in released.cells]
    place = order.index(name)
    for near in released.cells[max(0, place - 1) : place + 2]:
        if near.cell_type == "code" or near.is_answer:
            continue
        for known, cell in zip(names, cells, strict=True):
            texts = [_LINK.sub(r"\1", each) for each in (cell.source, near.learner_source)]
            is_same = _normalise(texts[0]) == _normalise(texts[1])
            if (known or cell.id) == near.name and not is_same and cell.source.strip():
                yield cell.source


def _replace_repeated_ids(cells: list[NotebookNode]) -> None:
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:
            cell.id = nbformat.v4.new_code_cell().id
        seen.add(cell.id)


def describe_shadowing_files(folder: Path) -> list[str]:
    """Describe the files of a submission that are named like modules, and so aren't used."""
    return [
        f"{path.name!r} was handed in. It is named like a Python module, so it was not used."
        for path in sorted(folder.iterdir())
        if has_module_name(path)
    ]


def has_module_name(path: Path) -> bool:
    """Whether a file or folder has the name of an installed module, such as torch.py."""
    name = path.name.split(".")[0]
    is_code = path.suffix in (".py", ".pth", ".so") or (path.is_dir() and any(path.rglob("*.py")))
    if not (is_code and name.isidentifier()):
        return False
    if name in sys.stdlib_module_names or name in _STARTUP_MODULES:
        return True
    try:
        spec = importlib.util.find_spec(name)
        return spec is not None and spec.origin is not None and not path.samefile(spec.origin)
    except (ValueError, ImportError, OSError):  # loaded without a spec, or in no file
        return True

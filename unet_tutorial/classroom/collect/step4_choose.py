"""Choose a student's notebook among what they handed in, and where the other files go with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from unet_tutorial.classroom.collect.record import SAME, LeftOut
from unet_tutorial.classroom.collect.renamed_files import Recogniser, Version
from unet_tutorial.classroom.collect.step1_unpack import is_notebook_file
from unet_tutorial.classroom.collect.step2_owners import Item

_NUMBERED_MODULE = re.compile(r"-\d+(?=\.py$)")  # Canvas's mark on a file that was replaced
_RESERVED = "timestamp.txt"  # nbgrader takes it for the time of submission


@dataclass
class Chosen:
    """What is taken of one student's files."""

    files: dict[str, Item] = field(default_factory=dict)  # by their path in the submission
    notebooks: list[Item] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def choose_files(items: Sequence[Item], recogniser: Recogniser) -> Chosen:
    """Choose the notebooks and the other files of one student."""
    chosen = Chosen()
    candidates = {
        Version(item.inside[-1], item.file.data, item.label.upload): item
        for item in items
        if is_notebook_file(item.file)
    }
    for stem in recogniser.answers:
        _take_notebook(chosen, stem, candidates, recogniser)
    folders = _list_folders(chosen.notebooks), _list_folders(list(candidates.values()))
    rest = [item for item in items if not any(item is each for each in chosen.notebooks)]
    # What was next to the chosen notebook comes before what was next to another one.
    rest.sort(key=lambda item: _find_base(item, folders[0]) != _find_base(item, folders[1]))
    for item in rest:
        target = _find_target(item, _find_base(item, folders[1]))
        if why := _find_reason(chosen, item, target):
            chosen.left_out.append(LeftOut(item.file.path, item.name, why))
        else:
            chosen.files[target] = item
    return chosen


def _take_notebook(
    chosen: Chosen, stem: str, candidates: dict[Version, Item], recogniser: Recogniser
) -> None:
    """Take one of the versions of a notebook, and note what there was to choose."""
    versions = recogniser.rank(stem, list(candidates))
    if not versions and len(recogniser.answers) == 1:  # whatever it is, there is no other
        versions = sorted(candidates, key=lambda version: version.name)
    if not versions:
        return
    first, *others = versions
    chosen.files[f"{stem}.ipynb"] = candidates[first]
    chosen.notebooks.append(candidates[first])
    if any(each.data.read_bytes() != first.data.read_bytes() for each in others):
        names = ", ".join(candidates[each].name for each in others)
        chosen.notes.append(f"several notebooks: took {candidates[first].name}, not {names}")
    if not recogniser.has_cells(stem, first):
        chosen.notes.append(f"{candidates[first].name} has hardly any of {stem}'s cells")


def _find_reason(chosen: Chosen, item: Item, target: str) -> str:
    """Return why a file isn't taken along with the notebook; "" if it is."""
    if item.file.problem:
        return item.file.problem
    if is_notebook_file(item.file):
        return SAME if any(map(item.is_same, chosen.notebooks)) else "another notebook was taken"
    if target.casefold() == _RESERVED:
        return "the name belongs to nbgrader"
    if not chosen.notebooks:
        return "there is no notebook with it"
    if _collides(target, chosen.files):
        is_same = target in chosen.files and item.is_same(chosen.files[target])
        return SAME if is_same else "another file with this name was taken"
    return ""


def _list_folders(notebooks: Sequence[Item]) -> list[PurePosixPath]:
    """List the folders where notebooks are, the deepest first."""
    folders = {PurePosixPath(item.name).parent for item in notebooks}
    return sorted(folders, key=lambda folder: (-len(folder.parts), folder))


def _find_base(item: Item, folders: Sequence[PurePosixPath]) -> PurePosixPath:
    """Find the deepest folder of a notebook around a file."""
    path = PurePosixPath(item.name)
    return next((each for each in folders if path.is_relative_to(each)), PurePosixPath())


def _find_target(item: Item, base: PurePosixPath) -> str:
    """Find where a file goes: next to the notebook, if it was next to a notebook."""
    path = PurePosixPath(item.name).relative_to(base)
    if item.label.system == "canvas":
        path = path.with_name(_NUMBERED_MODULE.sub("", path.name))
    return str(path)


def _collides(target: str, files: dict[str, Item]) -> bool:
    """Whether a file or folder of this name is there, where capitals may make no difference."""
    path, taken = target.casefold(), {each.casefold() for each in files}
    above = {str(each) for each in PurePosixPath(path).parents}
    return bool(
        path in taken or above & taken or any(each.startswith(f"{path}/") for each in taken)
    )

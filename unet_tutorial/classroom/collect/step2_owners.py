"""Whose each file of a download is: the outermost part of its path that names a student.

Systems wrap these parts in folders and archives, students wrap their files in others, and both may
look like a name. So this is decided level by level, and where it can't be, nobody gets the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from unet_tutorial.classroom.collect.people import Label, Student, normalise, read_label
from unet_tutorial.classroom.collect.step1_unpack import File, Part, is_notebook_file

NOBODY = "its path names nobody in the roster"
UNCLEAR = "its path names several students"


@dataclass
class Item:
    """A file of a student, with its path below what names the student, without archives."""

    file: File
    inside: tuple[str, ...]
    label: Label

    @property
    def name(self) -> str:
        """The path as the student knows it."""
        return "/".join(self.inside)

    def is_same(self, other: Item) -> bool:
        """Whether another file has the same content."""
        return self.file.data.read_bytes() == other.file.data.read_bytes()


@dataclass
class Person:
    """Somebody who handed something in: everything that one label says is theirs."""

    label: Label
    items: list[Item] = field(default_factory=list)


@dataclass
class Owners:
    """Who handed in which files, and which files are nobody's."""

    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    left_out: list[tuple[File, str]] = field(default_factory=list)

    def add(self, label: Label, files: Sequence[File], depth: int) -> None:
        """Add the files of somebody whom the part at this depth names."""
        person = self.people.setdefault(label.person, Person(label))
        for file in files:
            person.items.append(Item(file, _find_inside(file, label, depth), label))

    def leave(self, files: Sequence[File], why: str) -> None:
        """Leave out files that are nobody's."""
        self.left_out += [(file, why) for file in files]


def _find_inside(file: File, label: Label, depth: int) -> tuple[str, ...]:
    part, below = file.parts[depth], file.parts[depth + 1 :]
    inside = tuple(each.name for each in below if not each.is_archive)
    if not below:  # the part is the file itself
        return (label.file or part.name,)
    return inside


@dataclass
class OwnerFinder:
    """Finds the owners of a download's files."""

    students: Sequence[Student]
    is_generic: Callable[[str], bool]  # whether a name is the assignment's, not a person's

    def find_owners(self, files: Sequence[File], depth: int = 0) -> Owners:
        """Find the owners of files whose paths agree in the first `depth` parts."""
        owners = Owners()
        groups: dict[tuple[Part, bool], list[File]] = defaultdict(list)
        for file in files:
            groups[file.parts[depth], len(file.parts) > depth + 1].append(file)
        labels = {key: self._read_label(*key) for key in groups}
        named = {label.person for label in labels.values() if label}
        folders = sum(is_folder for _, is_folder in groups)
        for (part, is_folder), each in groups.items():
            label = labels[part, is_folder]
            if label and is_folder:
                self._place_named(owners, label, each, depth, is_alone=len(named) == 1)
            elif is_folder:
                self._place_unnamed(owners, part, each, depth, bool(named), is_alone=folders == 1)
            elif label:
                owners.add(label, each, depth)
            else:
                owners.leave(each, NOBODY)
        return owners

    def _read_label(self, part: Part, is_folder: bool) -> Label | None:
        is_id = any(normalise(part.name) == normalise(each.id) for each in self.students)
        if self.is_generic(part.name) and not is_id:
            return None
        is_file = part.is_archive or not is_folder
        label = read_label(part.name, self.students, is_file=is_file)
        if label and label.system == "canvas" and not (label.students or is_file):
            return None  # Canvas has no folders
        return label

    def _place_named(
        self, owners: Owners, label: Label, files: list[File], depth: int, *, is_alone: bool
    ) -> None:
        """Place what is in a folder that names a student, unless it only seems to."""
        if label.system in ("moodle", "brightspace", "blackboard") or not is_alone:
            owners.add(label, files, depth)
            return
        below = self.find_owners(files, depth + 1)
        others = _list_others(below, label)
        is_sure = bool(label.students) and label.is_sure
        if not others or (is_sure and len(others) == 1):
            owners.add(label, files, depth)
        elif not label.students or (  # it only looks like a label: bio_2025_101_numbers.zip
            len(others) > 1 and all(each.label.system or _is_folder(each) for each in others)
        ):
            _merge(owners, below)
        else:
            owners.leave(files, UNCLEAR)

    def _place_unnamed(
        self,
        owners: Owners,
        part: Part,
        files: list[File],
        depth: int,
        has_named: bool,
        *,
        is_alone: bool,
    ) -> None:
        """Place what is in a folder that names nobody: it wraps students, or is a stranger's."""
        below = self.find_owners(files, depth + 1)
        known = [each for each in below.people.values() if each.label.system or each.label.students]
        is_download, is_generic = part.is_archive and depth == 0, self.is_generic(part.name)
        if known and (
            is_generic
            or _are_people(known, is_download)
            or (not has_named and (len(known) > 1 or _is_folder(known[0])))
        ):
            _merge(owners, below)
        elif known:
            owners.leave(files, UNCLEAR)
        elif self._wraps_strangers(below, is_download and not has_named, is_alone, is_generic):
            _merge(owners, below)
        elif any(why == UNCLEAR for _, why in below.left_out):
            owners.leave(files, UNCLEAR)
        elif sum(map(is_notebook_file, files)) == 1 and not is_generic:
            name = part.name.rpartition(".")[0] if part.is_archive else part.name
            owners.add(Label(part.name, name), files, depth)
        elif below.people:
            owners.leave(files, NOBODY)
        else:
            owners.left_out += below.left_out

    def _wraps_strangers(
        self, below: Owners, is_download: bool, is_alone: bool, is_generic: bool
    ) -> bool:
        """Whether a folder in which the roster has nobody is around the folders of strangers."""
        count = len(below.people)
        if self.students and count > 1:  # or one stranger's: nobody can tell
            return False
        return count > 0 and (is_download or (is_alone and (is_generic or count > 1)))


def _list_others(owners: Owners, label: Label) -> list[Person]:
    """List who else is named: the number of a student whom the label may mean is nobody else."""
    named = [
        person
        for person in owners.people.values()
        if person.label.person != label.person and (person.label.system or person.label.students)
    ]
    return [
        person
        for person in named
        if not person.label.students or not set(person.label.students) <= set(label.students)
    ]


def _is_folder(person: Person) -> bool:
    """Whether a folder or an archive names the person, not only a file."""
    return all(item.label.text != item.file.name for item in person.items)


def _are_people(people: list[Person], is_download: bool) -> bool:
    """Whether a folder next to students' folders holds students too."""
    if any(each.label.system for each in people):
        return True
    folders = [each for each in people if _is_folder(each)]
    return len(folders) >= (1 if is_download else 2)


def _merge(owners: Owners, below: Owners) -> None:
    for key, person in below.people.items():
        owners.people.setdefault(key, Person(person.label)).items.extend(person.items)
    owners.left_out += below.left_out

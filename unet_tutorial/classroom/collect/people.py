"""Which student a part of a path names: by an id, an address, a number or a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

_SYSTEMS = {  # how learning systems name a student's folder or file
    "moodle": r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(file|onlinetext)(_(?P<file>.*))?",
    "canvas": r"(?P<name>[^_]+?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)",
    "brightspace": r"(?P<number>\d+-\d+) ?- (?P<name>.+?) - \w{3,} \d+, \d{4} \d+ [AP]M",
    "blackboard": r".+?_(?P<name>[^_]+)_attempt_\d{4}(-\d\d){5}(_(?P<file>.+)|\.txt)",
}
_SYSTEMS = {name: re.compile(pattern, re.DOTALL) for name, pattern in _SYSTEMS.items()}
_LOOSE = r"(?<![^\W_]){}(?![^\W_])"  # an id with other characters around it
_ALONE = r"(?<![^\W_])(?<![^\W_][.@]){}(?![^\W_]|[-.@][^\W_])"  # and no longer id: ww in ww-1
_LONG_NUMBER = 5  # digits of a number that is an id wherever it stands; others need a whole name


@dataclass(frozen=True)
class Student:
    """A student in the gradebook."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def full_name(self) -> str:
        """The first and the last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @cached_property
    def name_words(self) -> list[str]:
        """The words of the name, normalised, first name first."""
        return split_name(self.full_name)

    @cached_property
    def joined_names(self) -> set[str]:
        """The name without spaces, in both orders."""
        first, last = _join(self.first_name), _join(self.last_name)
        return {first + last, last + first} - {""}

    @cached_property
    def ids(self) -> set[str]:
        """The id and the e-mail address, normalised."""
        return {normalise(self.id), normalise(self.email)} - {""}


def _join(name: str) -> str:
    return "".join(split_name(name))


def split_name(name: str) -> list[str]:
    """Split a name into words without case, accents and apostrophes: Seán O'Brien: sean, obrien."""
    characters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(each for each in characters if not unicodedata.combining(each))
    return re.findall(r"[^\W_]+", re.sub("['’`´]", "", plain))


def normalise(text: str) -> str:
    """Normalise an id or an address, so that case and the form of accents don't matter."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def find_students(
    students: Sequence[Student], name: str, number: str = ""
) -> tuple[list[Student], bool]:
    """Find the students whom a name or number may mean, and whether that is sure.

    Args:
        students: the roster.
        name: may have the surname first, no spaces, or a group or an id next to it.
        number: the system's number of the user, compared with `lms_user_id` and the id.

    Returns:
        The students, several if they can't be told apart; and False if it's only a guess, since
        the name has other words too.
    """
    if number and (found := [s for s in students if number == (s.lms_user_id or s.id)]):
        return found, True
    if number:  # the system's number says that it isn't one of these
        students = [each for each in students if not each.lms_user_id]
    words, whole = split_name(name), normalise(name)
    joined = "".join(words)
    group, _, after_group = name.partition("-")
    rules = (  # the first rule that finds somebody decides
        lambda each: whole in each.ids | {each.lms_user_id} - {""},
        lambda each: joined in each.joined_names,
        lambda each: _contains_id(each, whole),
        lambda each: re.search(r"[\d\s]", group) and _join(after_group) in each.joined_names,
    )
    for matches in rules:
        if found := [each for each in students if matches(each)]:
            return found, True
    if found := [each for each in students if _contains_id(each, whole, _LOOSE)]:
        return found, False
    found = [each for each in students if set(each.name_words) <= set(words)]
    most = max((len(set(each.name_words)) for each in found), default=0)
    return [each for each in found if len(set(each.name_words)) == most and most > 1], False


def _contains_id(student: Student, text: str, pattern: str = _ALONE) -> bool:
    """Whether an id or address stands alone in a text; short numbers are found too easily."""
    ids = {each for each in student.ids if not each.isdigit() or len(each) >= _LONG_NUMBER}
    return any(each in text and re.search(pattern.format(re.escape(each)), text) for each in ids)


def make_student_id(name: str) -> str:
    """Make a student id from a name, for somebody who isn't in the roster."""
    return re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", name)).strip("_.") or "unknown"


@dataclass(frozen=True)
class Label:
    """What one part of a path says of a student."""

    text: str  # the part
    name: str
    system: str = ""  # of _SYSTEMS; "" if only the roster says that this is a student
    number: str = ""  # of the student in this download
    file: str = ""  # the file's own name, if the part is a flat name
    late: bool = False
    upload: int = 0  # a later upload has a higher number
    students: tuple[Student, ...] = ()  # whom it may mean
    is_sure: bool = True

    @property
    def names_id(self) -> bool:
        """Whether the part holds the student's id, address or number, not only the name."""
        name = normalise(self.name)
        number = self.number if self.system == "canvas" else name
        return any(
            name in each.ids or _contains_id(each, name) or each.lms_user_id == number
            for each in self.students
        )

    @property
    def person(self) -> tuple[str, str]:
        """Two labels with the same value are of the same person."""
        if self.system in ("moodle", "canvas", "brightspace"):
            return self.system, self.number
        if len(self.students) == 1 and self.names_id:
            return "id", self.students[0].id
        return "name", normalise(self.name)


def read_label(part: str, students: Sequence[Student], *, is_file: bool) -> Label | None:
    """Read what a part of a path says of a student; None if it names nobody."""
    for system, pattern in _SYSTEMS.items():
        if match := pattern.fullmatch(part):
            groups = {"number": "", "file": "", "upload": "0", "late": ""}
            groups |= match.groupdict(default="")
            number = groups["number"] if system == "canvas" else ""
            found, is_sure = find_students(students, groups["name"], number)
            groups |= {"upload": int(groups["upload"]), "late": bool(groups["late"])}
            return Label(part, system=system, students=tuple(found), is_sure=is_sure, **groups)
    name = part.rpartition(".")[0] or part if is_file else part
    found, is_sure = find_students(students, name)
    return Label(part, name, students=tuple(found), is_sure=is_sure) if found else None

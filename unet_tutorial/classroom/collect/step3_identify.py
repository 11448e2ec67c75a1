"""Who in the roster each person of a download is; two people never become one student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from unet_tutorial.classroom.collect.people import Student, make_student_id
from unet_tutorial.classroom.collect.record import Submission
from unet_tutorial.classroom.collect.step2_owners import Person


def identify_people(
    people: Sequence[Person], students: Sequence[Student], by_number: Mapping[str, Student]
) -> list[tuple[Submission, Person]]:
    """Find each person's student, or make an id for somebody whom nothing tells apart.

    Args:
        people: of the download.
        students: the roster.
        by_number: who Moodle's worksheet says has a number.
    """
    claims = [(person, *_find_students(person, by_number)) for person in people]
    counts = Counter(found[0].id for _, found, _ in claims if len(found) == 1)
    sure_counts = Counter(found[0].id for _, found, sure in claims if len(found) == 1 and sure)
    names = Counter(map(_make_name, people))
    used = {each.id.casefold() for each in students}
    identified = []
    for person, may_be, sure in claims:
        student = may_be[0] if len(may_be) == 1 else None
        if student and (counts[student.id] == 1 or (sure and sure_counts[student.id] == 1)):
            made = Submission(student.id, student.full_name)
            if not (sure or person.label.is_sure):
                made.notes.append(f"{person.label.name!r} was taken for this student")
        else:
            is_shared = bool(may_be) or names[_make_name(person)] > 1
            made = _make_stranger(person, used, is_shared=is_shared)
            if may_be:
                ids = " or ".join(each.id for each in may_be)
                made.notes.append(f"may be {ids}: the name alone doesn't tell")
        identified.append((made, person))
    return identified


def _find_students(person: Person, by_number: Mapping[str, Student]) -> tuple[list[Student], bool]:
    """Find the students whom a person may be, and whether more than a name says so."""
    label = person.label
    if label.system == "moodle" and label.number in by_number:
        return [by_number[label.number]], True
    return list(label.students), label.names_id


def _make_name(person: Person) -> str:
    return make_student_id(person.label.name)


def _make_stranger(person: Person, used: set[str], *, is_shared: bool) -> Submission:
    """Make an id that nobody has, from the name or Canvas's number, with Moodle's if needed."""
    label = person.label
    wanted = label.number if label.system == "canvas" else _make_name(person)
    if is_shared and label.system != "canvas":
        wanted = f"{wanted}_{label.number}".rstrip("_")
    student, count = wanted, 1
    while student.casefold() in used:
        count += 1
        student = f"{wanted}_{count}"
    used.add(student.casefold())
    return Submission(student, label.name, in_roster=False)

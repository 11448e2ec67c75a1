"""Downloads as learning systems make them, with the mess that students put in.

Written from the systems' own sources and manuals, without looking at how the course reads them:
Moodle (`mod/assign/classes/downloader.php`: group and full name, a number, the plugin's name),
Canvas (`lib/content_zipper.rb`: the sortable name in small letters, LATE, two numbers), Sakai,
Brightspace, Blackboard, ILIAS, and folders that somebody named by hand.
"""

import io
import json
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass

from hypothesis import strategies as st

ASSIGNMENT = "02_convolution"


@dataclass(frozen=True)
class Person:
    id: str
    first: str
    last: str
    lms: str
    in_roster: bool = True

    @property
    def email(self):
        return f"{self.id}@example.org"

    @property
    def full(self):
        return f"{self.first} {self.last}".strip()

    @property
    def sortable(self):
        return ", ".join(filter(None, [self.last, self.first]))


@dataclass(frozen=True)
class Entry:
    """A file in a download, or a zip with its entries."""

    path: str
    content: "bytes | list[Entry]"
    owner: Person | None = None

    @property
    def is_zip(self):
        return isinstance(self.content, list)

    def under(self, folder, owner=None):
        return Entry(folder + self.path, self.content, owner or self.owner)


@dataclass
class Download:
    people: list[Person]
    entries: list[Entry]
    names_people: str  # what the system's paths say of a person
    kind: type = zipfile.ZipInfo

    def save(self, archive):
        for entry in self.entries:
            path = archive / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(write_bytes(entry, self.kind))

    def files(self):
        return list(walk(self.entries))


def walk(entries, prefix=""):
    """Yields each file as (path with zips as folders, bytes, owner)."""
    for entry in entries:
        if entry.is_zip:
            inner = [each.under("", entry.owner) for each in entry.content]
            yield from walk(inner, f"{prefix}{entry.path}/")
        else:
            yield prefix + entry.path, entry.content, entry.owner


class UnmarkedName(zipfile.ZipInfo):
    """A name in UTF-8 that doesn't say so, as macOS writes it."""

    def _encodeFilenameFlags(self):
        return self.filename.encode(), self.flag_bits & ~0x800


def write_bytes(entry, kind=zipfile.ZipInfo):
    if not entry.is_zip:
        return entry.content
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # two entries may have one name
        for each in entry.content:
            archive.writestr(kind(each.path), write_bytes(each, kind))
    return file.getvalue()


ALIKE = [  # people who are easily taken for each other
    [("Ada", "Lovelace"), ("Ada", "Lovelace"), ("Ada", "Lovelace-King"), ("Ada King", "Lovelace")],
    [("Seán", "O'Brien"), ("Sean", "OBrien"), ("Sean", "O Brien")],
    [("Wei", "Wang"), ("Wang", "Wei"), ("Wei", "Wang"), ("Wei Wei", "Wang")],
    [("Jörg", "Müller"), ("Jorg", "Mueller"), ("Joerg", "Müller")],
    [("Ana María", "de la Cruz"), ("Ana", "Cruz"), ("Ana Maria", "De La Cruz")],
]
OTHERS = [
    ("Nguyễn", "Văn An"),
    ("伟", "李"),
    ("Мария", "Иванова"),
    ("Madonna", ""),
    ("Anne-Marie", "Smith"),
    ("Lee", "Lee"),
    ("Test", "Student"),
]
IDS = ["al1815", "al181", "al18150", "ob2001", "50101", "7", "ww", "ww-1", "anna.smith", "MW99"]
LMS = ["50102", "50103", "50104", "5010", "50105", "501010", "50106", "8", "50108", "50109"]


@st.composite
def classes(draw):
    alike = draw(st.permutations(draw(st.sampled_from(ALIKE))))[:2]
    others = draw(st.lists(st.sampled_from(OTHERS), max_size=2, unique=True))
    ids = draw(st.permutations(IDS))
    lms = draw(st.permutations(LMS))
    absent = draw(st.sampled_from([None, None, 0, 1]))
    return [
        Person(ids[n], *name, lms[n], in_roster=n != absent)
        for n, name in enumerate(alike + others)
    ]


def notebook(token):
    """The chapter as one student has it: one cell, with a word that nobody else has."""
    source = f"print('{token}')"
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "outputs": [],
            "execution_count": None, "source": source}  # fmt: skip
    return json.dumps(
        {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


NOTEBOOK_NAMES = [
    f"{ASSIGNMENT}.ipynb",
    f"{ASSIGNMENT}.ipynb",
    f"{ASSIGNMENT} (1).ipynb",
    f"{ASSIGNMENT}-Copy1.ipynb",
    f"Copy of {ASSIGNMENT}.ipynb",
    f"{ASSIGNMENT}.ipynb.txt",
    f"{ASSIGNMENT}.IPYNB",
    "homework.ipynb",
    "Hausübung 2.ipynb",
    "lösung_final_FINAL.ipynb",
    "al1815_4711.ipynb",  # somebody else's id, or a friend's file
]
OTHER_NAMES = [
    "helper.py",
    "Blob 1.png",
    "données.csv",
    "notes.md",
    ".DS_Store",
    "Thumbs.db",
    "02_convolution.pdf",
    "solution.py.txt",
]
FOLDERS = ["", "", "", "src/", f"{ASSIGNMENT}/", "my work/final/", "__MACOSX/", "Ada/"]


@st.composite
def hand_ins(draw, person):
    """What one student uploads: notebooks and other files, loose or in zips, or in zips in zips."""
    entries = []
    names = draw(st.lists(st.sampled_from([*NOTEBOOK_NAMES, *OTHER_NAMES]), max_size=3))
    names += [draw(st.sampled_from(NOTEBOOK_NAMES))]
    # A stranger's folder with a student's inside can't be told from a folder around students'.
    folders = FOLDERS + ["50102/"] * person.in_roster
    for number, name in enumerate(names):
        token = f"token:{person.id}:{number}:"
        content = notebook(token) if "ipynb" in name.lower() else f"# {token}\n".encode()
        folder = draw(st.sampled_from(folders))
        entries.append(Entry(folder + name, content, person))
    return draw(wrapped(person, distinct(entries)))


def distinct(entries):
    """A folder holds a name once; systems number what would collide."""
    kept = {}
    for number, entry in enumerate(entries):
        path = entry.path
        if path.lower() in kept:
            path = f"{number}-{path.rpartition('/')[2]}"
        kept[path.lower()] = Entry(path, entry.content, entry.owner)
    return list(kept.values())


@st.composite
def wrapped(draw, person, entries):
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        if not entries:
            break
        name = draw(
            st.sampled_from([f"{ASSIGNMENT}.zip", "homework.zip", "Archive.ZIP", "a b.zip"])
        )
        loose = entries[:1] if draw(st.booleans()) and len(entries) > 1 else []
        entries = [*loose, Entry(name, [each for each in entries if each not in loose], person)]
    return entries


def flat(entry):
    return entry.path.replace("/", "_")


def clean_moodle(text):
    """Moodle's clean_filename: no quotes, colons or slashes; '_' becomes a space before."""
    return "".join(c for c in text.replace("_", " ") if c not in "&<>\"`|':\\/")


def moodle_folders(submissions, number=4711, tail="_"):
    for n, (person, entries) in enumerate(submissions):
        folder = f"{clean_moodle(person.full)}_{number + n}_assignsubmission_file{tail}/"
        yield from (each.under(folder, person) for each in entries)


def moodle_newer_folders(submissions):
    yield from moodle_folders(submissions, tail="")


def moodle_groups(submissions):
    for n, (person, entries) in enumerate(submissions):
        folder = f"Group {n % 2}-{clean_moodle(person.full)}_{31 + n}_assignsubmission_file_/"
        yield from (each.under(folder, person) for each in entries)


def moodle_flat(submissions):
    for n, (person, entries) in enumerate(submissions):
        start = f"{clean_moodle(person.full)}_{4711 + n}_assignsubmission_file_"
        for each in entries:
            yield Entry(start + each.path.rpartition("/")[2], each.content, person)


def canvas(submissions):
    for n, (person, entries) in enumerate(submissions):
        name = "".join(c for c in person.sortable.lower() if c.isalnum())
        for m, each in enumerate(entries):
            late = "LATE_" if (n + m) % 3 == 0 else ""
            file = each.path.rpartition("/")[2]
            yield Entry(
                f"{name}_{late}{person.lms}_{678900 + 10 * n + m}_{file}", each.content, person
            )


def folders_by(name):
    def system(submissions):
        for folder, person, entries in number_namesakes(submissions, name):
            yield from (each.under(f"{folder}/", person) for each in entries)

    return system


def zips_by(name):
    def system(submissions):
        for folder, person, entries in number_namesakes(submissions, name):
            if entries:
                yield Entry(f"{folder}.zip", entries, person)

    return system


def number_namesakes(submissions, name):
    """A folder can't have two folders of one name, so somebody numbers them."""
    used = []
    for person, entries in submissions:
        used.append(name(person))
        count = used.count(name(person))
        yield name(person) + (f" {count}" if count > 1 else ""), person, entries


def folders_of_zips(submissions):
    """M5: a folder per student, each with a zip that is named like the assignment."""
    for person, entries in submissions:
        if entries:
            yield Entry(f"{person.id}/{ASSIGNMENT}.zip", entries, person)


def sakai(submissions):
    for person, entries in submissions:
        folder = f"Homework 2/{person.sortable}({person.id})/"
        yield Entry(folder + "timestamp.txt", f"20250307211500 {person.id}".encode(), person)
        yield from (each.under(folder + "Submission attachment(s)/", person) for each in entries)


def brightspace(submissions):
    yield Entry("index.html", b"<html>all</html>")
    for n, (person, entries) in enumerate(submissions):
        folder = f"{82341 + n}-{5512 + n} - {person.full} - Mar 7, 2025 915 PM/"
        yield from (each.under(folder, person) for each in entries)


def blackboard(submissions):
    for person, entries in submissions:
        start = f"02 convolution_{person.id}_attempt_2025-03-07-21-15-03"
        yield Entry(start + ".txt", f"Name: {person.full} ({person.id})".encode(), person)
        for each in entries:
            yield Entry(f"{start}_{each.path.rpartition('/')[2]}", each.content, person)


def ilias(submissions):
    for n, (person, entries) in enumerate(submissions):
        folder = f"{person.last}_{person.first}_{person.id}_{301 + n}/".replace(" ", "_")
        yield from (each.under(folder, person) for each in entries)


# What a system's paths say of a person: their id in the course, the LMS's number, or only a name.
SYSTEMS = {
    "moodle_folders": (moodle_folders, "name"),
    "moodle_newer_folders": (moodle_newer_folders, "name"),
    "moodle_groups": (moodle_groups, "name"),
    "moodle_flat": (moodle_flat, "name"),
    "canvas": (canvas, "lms"),
    "by_id": (folders_by(lambda person: person.id), "id"),
    "by_name": (folders_by(lambda person: person.full), "name"),
    "by_sortable": (folders_by(lambda person: person.sortable), "name"),
    "by_email": (folders_by(lambda person: person.email), "id"),
    "zips_by_id": (zips_by(lambda person: person.id), "id"),
    "zips_by_name": (zips_by(lambda person: person.full), "name"),
    "folders_of_zips": (folders_of_zips, "id"),
    "sakai": (sakai, "id in text"),
    "brightspace": (brightspace, "name"),
    "blackboard": (blackboard, "id in text"),
    "ilias": (ilias, "id in text"),
}


@st.composite
def downloads(draw, system):
    """A whole download: a class, a system, and how it was zipped, named and unpacked again."""
    people = draw(classes())
    present = people[draw(st.integers(0, 1)) :]
    submissions = [(person, draw(hand_ins(person))) for person in present]
    make, names_people = SYSTEMS[system]
    entries = distinct_paths(list(make(submissions)))
    form = draw(st.sampled_from(["NFC", "NFC", "NFD"]))
    entries = [Entry(unicodedata.normalize(form, e.path), e.content, e.owner) for e in entries]
    kind = draw(st.sampled_from([zipfile.ZipInfo, UnmarkedName]))
    return Download(people, draw(packed(entries)), names_people, kind)


def distinct_paths(entries):
    kept = {}
    for number, entry in enumerate(entries):
        key = entry.path.lower()
        path = entry.path
        if key in kept:
            folder, slash, name = path.rpartition("/")
            stem, dot, end = name.rpartition(".")
            path = f"{folder}{slash}{stem}-{number}{dot}{end}"
        kept[path.lower()] = Entry(path, entry.content, entry.owner)
    return list(kept.values())


@st.composite
def packed(draw, entries):
    how = draw(st.sampled_from(["zip", "zip", "zip", "loose", "two zips"]))
    wrappers = ["", "", f"{ASSIGNMENT}/", "submissions/", "ML-02 Faltung-1234/"]
    wrapper = draw(st.sampled_from(wrappers if how != "two zips" else [""]))
    entries = [each.under(wrapper) for each in entries]
    if how == "loose" or not entries:
        return entries
    twice = draw(st.sampled_from([[], [], entries[:1]]))  # an entry may be in a zip twice
    if how == "zip":
        return [Entry("ML-02_Download-1234.zip", entries + twice)]
    half = len(entries) // 2
    parts = [entries[:half], entries[half:]]
    return [Entry(f"part {n}.zip", part) for n, part in enumerate(parts) if part]

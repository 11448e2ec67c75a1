"""Giving back, read by importers written from Moodle's and Canvas's sources.

Moodle: mod/assign/feedback/file/importziplib.php, feedback/offline/importgradeslib.php and
locallib.php. Canvas: lib/gradebook_importer.rb, and infer_comment_context_from_filename in the
assignment's model. Each does what its original does, without looking at what the course writes.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import small_course
from collecting import NAME, ROSTER, enrol, put_download
from nbgrader.api import Gradebook

from unet_tutorial.__main__ import main
from unet_tutorial.classroom.collect.record import record_path
from unet_tutorial.classroom.grading.batch import grade
from unet_tutorial.classroom.nbgrader_config import load_config, open_course

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning",
    "ignore:.*utcnow:DeprecationWarning",
    "ignore:.*event loop:DeprecationWarning",
)
WRONG = {"solution_2_2": "def double(number):\n    return number / 0"}  # costs 2 of 6 points


# Moodle's importers


@dataclass
class Language:
    """Strings of a language pack."""

    participant: str
    identifier: str
    grade: str
    most: str
    modified: str
    mark: str
    none: str = "-"


LANGUAGES = {
    "en": Language("Participant ", "Identifier", "Grade", "Maximum grade",
                   "Last modified (grade)", "."),
    "de": Language("Teilnehmer/in", "ID", "Bewertung", "Beste Bewertung",
                   "Zuletzt geändert (Bewertung)", ","),
    "fr": Language("Participant ", "Identifiant", "Note", "Note maximale",
                   "Dernière modification (note)", ","),
}  # fmt: skip


@dataclass
class Assignment:
    """An assignment in Moodle, with its participants by number."""

    language: Language
    most: float = 10
    participants: dict[int, str] = field(
        default_factory=lambda: {4711: "Ada Lovelace", 4712: "Seán O'Brien", 4713: "Jörg Müller"}
    )
    files: dict[int, dict[str, bytes]] = field(default_factory=dict)
    grades: dict[int, float] = field(default_factory=dict)
    modified: dict[int, float] = field(default_factory=dict)  # when each grade was, in seconds

    def import_zip(self, archive: zipfile.ZipFile, now: float) -> None:
        for path in archive.namelist():
            parts = path.split("/")
            if parts[-1].startswith((".", "~")) or path.endswith("/"):
                continue
            while parts:
                info = parts.pop(0).split("_", 4)
                if len(info) < 4 or not re.fullmatch(r"\d+", info[1]):
                    continue
                number = int(info[1])
                if number not in self.participants or info[2:4] != ["assignsubmission", "file"]:
                    continue
                name = "/".join([*(info[4:] or [""]), *parts])
                self.files.setdefault(number, {})[name] = archive.read(path)
                self.modified[number] = now
                break

    def import_worksheet(self, data: bytes, *, ignore_modified: bool = False) -> None:
        text = data.decode("utf-8").removeprefix("\ufeff")
        head, *rows = csv.reader(io.StringIO(text, newline=""))
        assert all(len(row) == len(head) for row in rows), "csvweirdcolumns"
        strings = self.language
        wanted = (strings.identifier, strings.grade, strings.modified)
        assert set(wanted) <= set(head), "invalidgradeimport"
        for row in rows:
            about = dict(zip(head, row, strict=True))
            tail = about[strings.identifier][len(strings.participant) :]
            text = about[strings.grade].strip().replace(" ", "").replace(strings.mark, ".")
            if not tail.isdigit() or int(tail) not in self.participants or text == "":
                continue
            grade = float(re.match(r"[\d.]*", text)[0].partition(",")[0] or 0)  # as PHP casts
            stale = self.modified.get(int(tail), 0) > 60  # a "-" is no time: 1970
            if grade <= self.most and (ignore_modified or not stale):
                self.grades[int(tail)] = grade

    def download_worksheet(self) -> str:
        strings, table = self.language, io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        heads = [strings.identifier, "Full name", "Email", strings.grade, strings.most]
        writer.writerow([*heads, "Grade can be changed", strings.modified, "Feedback comments"])
        most = f"{self.most:.2f}".replace(".", strings.mark)
        for number, name in self.participants.items():
            row = [f"{strings.participant}{number}", name, f"{number}@example.org", "", most]
            writer.writerow([*row, "Yes", strings.none, f"Kept, as it was: {name}"])
        return table.getvalue()


# Canvas's importers


def import_gradebook(data: bytes, users: dict[str, str], assignments: dict[str, str]) -> dict:
    """Read {assignment: {user: grade}}; users by number and logins, assignments by number."""
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8")))
    assert len(head) > 3, "Invalid header row"
    assert "Student" in head[0], "Invalid header row"
    assert "ID" in head[1], "Invalid header row"
    first = 3
    if re.search(r"SIS\s+Login\s+ID", head[2]):
        first, login = 4, 2
    elif re.search(r"SIS\s+User\s+ID", head[2]) and re.search(r"SIS\s+Login\s+ID", head[3]):
        first, login = 5, 3
    assert "Section" in head[first - 1], "Invalid header row"
    found = {}
    for place, heading in enumerate(head[first:], first):
        match = re.fullmatch(r"(.*) \((\d+)\)", heading)
        title = assignments[match[2]] if match else f"new: {heading}"
        for row in rows:
            user = row[1] if row[1] in users else users.get(row[login])
            assert user, f"a new user: {row[0]}"
            found.setdefault(title, {})[user] = row[place].strip()
    return found


def import_submissions(archive: zipfile.ZipFile, uploads: dict[str, str]) -> dict[str, bytes]:
    """Read {user: page}; uploads are {number of the file handed in: number of the user}."""
    found, ignored = {}, []
    for path in archive.namelist():
        words = path.rpartition("/")[2].split("_")
        numbers = [word for word in words if re.fullmatch(r"\d+", word)][:2]
        is_link = words[-1].startswith("link") or path.startswith("._")
        if len(numbers) < 2 or is_link or uploads.get(numbers[1]) != numbers[0]:
            ignored.append(path)
        else:
            found[numbers[0]] = archive.read(path)
    assert not ignored
    return found


# Courses


def make_graded(root: Path, download: dict[str, str]) -> Path:
    small_course.make_course(root)
    assert open_course(load_config(root)).generate_assignment(NAME)["success"]
    enrol(root, ROSTER)
    put_download(root, download)
    assert main(["collect", str(root), NAME]) == 0
    grade(root, NAME)
    return root


@pytest.fixture(scope="module")
def from_moodle(tmp_path_factory):
    right, wrong = json.dumps(small_course.attempt()), json.dumps(small_course.attempt(**WRONG))
    return make_graded(
        tmp_path_factory.mktemp("moodle") / "course",
        {
            f"Ada Lovelace_4711_assignsubmission_file_/{NAME}.ipynb": right,
            f"Ada Lovelace_4711_assignsubmission_file_/old {NAME}.ipynb": wrong,
            f"Seán OBrien_4712_assignsubmission_file/{NAME}.ipynb": wrong,
            # A program that unpacked the download put "_" for some characters.
            f"Jörg_van der Müller_4713_assignsubmission_file_{NAME}.ipynb": right,
        },
    )


@pytest.fixture(scope="module")
def from_canvas(tmp_path_factory):
    right, wrong = json.dumps(small_course.attempt()), json.dumps(small_course.attempt(**WRONG))
    return make_graded(
        tmp_path_factory.mktemp("canvas") / "course",
        {
            f"lovelaceada_50101_678901_{NAME}.ipynb": wrong,
            f"lovelaceada_LATE_50101_678905_{NAME}-1.ipynb": right,
            f"obriensean_50102_678902_{NAME}.ipynb": wrong,
        },
    )


@pytest.fixture
def moodle_course(from_moodle, tmp_path):
    return Path(shutil.copytree(from_moodle, tmp_path / "course"))


@pytest.fixture
def canvas_course(from_canvas, tmp_path):
    return Path(shutil.copytree(from_canvas, tmp_path / "course"))


def give_back(root: Path, *options: str) -> Path:
    assert main(["give-back", str(root), NAME, *options]) == 0
    return root / "give-back" / NAME


def put(root: Path, text: str | bytes, name: str = "sheet.csv") -> None:
    data = text.encode() if isinstance(text, str) else text
    (root / "downloaded" / NAME / name).write_bytes(data)


# Moodle


@pytest.mark.parametrize("language", LANGUAGES)
def test_moodle_takes_the_worksheet_and_the_pages(moodle_course, language):
    assignment = Assignment(LANGUAGES[language], most=9)
    before = assignment.download_worksheet()
    put(moodle_course, before)
    folder = give_back(moodle_course)
    data = (folder / "moodle_sheet.csv").read_bytes()
    assignment.import_worksheet(data)
    assert assignment.grades == {4711: 9, 4712: 6, 4713: 9}
    with zipfile.ZipFile(folder / "moodle_feedback.zip") as archive:
        assignment.import_zip(archive, now=1e9)
    assert sorted(assignment.files) == [4711, 4712, 4713]
    assert all(list(files) == [f"/{NAME}.html"] for files in assignment.files.values())
    assert b"Ada Lovelace" in assignment.files[4711][f"/{NAME}.html"]
    assert b"O&#x27;Brien" in assignment.files[4712][f"/{NAME}.html"]
    old, new = (list(csv.reader(io.StringIO(each))) for each in (before, data.decode()))
    for rows in (old, new):
        for row in rows:
            del row[3]
    assert old == new


def test_a_fraction_has_the_mark_that_this_moodle_reads(moodle_course):
    for language in LANGUAGES.values():
        assignment = Assignment(language, most=10)
        put(moodle_course, assignment.download_worksheet())
        data = (give_back(moodle_course) / "moodle_sheet.csv").read_bytes()
        assignment.import_worksheet(data)
        assert assignment.grades[4712] == pytest.approx(20 / 3, abs=1e-4)


def test_after_the_pages_moodle_takes_grades_only_if_told_to(moodle_course, capsys):
    assignment = Assignment(LANGUAGES["en"])
    put(moodle_course, assignment.download_worksheet())
    folder = give_back(moodle_course)
    with zipfile.ZipFile(folder / "moodle_feedback.zip") as archive:
        assignment.import_zip(archive, now=1e9)
    data = (folder / "moodle_sheet.csv").read_bytes()
    assignment.import_worksheet(data)
    assert assignment.grades == {}
    assignment.import_worksheet(data, ignore_modified=True)
    assert len(assignment.grades) == 3
    assert "upload the worksheet before the zip" in capsys.readouterr().out


def test_a_worksheet_of_an_english_moodle_saved_with_semicolons_has_points(moodle_course, capsys):
    text = Assignment(LANGUAGES["en"]).download_worksheet().replace("Kept, as it was", "Kept")
    put(moodle_course, text.replace(",", ";").replace("\n", "\r\n").encode("cp1252"))
    data = (give_back(moodle_course) / "moodle_sheet.csv").read_bytes()
    assert b"4712@example.org;6.66667;10.00;" in data
    assert data.count(b"\r\n") == data.count(b"\n") == 4
    assert "Seán O'Brien".encode("cp1252") in data
    assert "has the separator and encoding of sheet.csv" in capsys.readouterr().out


def test_what_is_already_in_a_worksheet_stays_where_we_have_no_points(moodle_course, capsys):
    assignment = Assignment(LANGUAGES["en"])
    assignment.participants[4799] = "Wei Wang"
    text = assignment.download_worksheet()
    text = text.replace("4799@example.org,,", "4799@example.org,3.5,")
    text = re.sub(r".*4713.*\n", "", text)
    put(moodle_course, text)
    put(moodle_course, "student_id,timestamp\n4711,2025-03-07 21:15\n", "times.csv")
    data = (give_back(moodle_course) / "moodle_sheet.csv").read_bytes()
    assert b"4799@example.org,3.5," in data
    printed = capsys.readouterr().out
    assert "Without a row in Moodle's worksheet: mj1990." in printed
    assert "moodle_times" not in printed


def test_a_scale_in_words_is_named(moodle_course, capsys):
    text = Assignment(LANGUAGES["en"]).download_worksheet()
    put(moodle_course, text.replace("Maximum grade", "Scale").replace("10.00", '"Bad, Good"'))
    assert main(["give-back", str(moodle_course), NAME]) == 1
    assert 'sheet.csv: the column "Scale" is a scale in words' in capsys.readouterr().err


def test_a_file_that_was_left_out_is_named_to_its_own_student_only(moodle_course):
    pages = give_back(moodle_course) / "students"
    note = f"Note: old {NAME}.ipynb left out"
    texts = {each.parent.name: each.read_text("utf-8") for each in pages.glob("*/*.html")}
    assert [student for student, text in texts.items() if note in text] == ["al1815"]
    for student, text in texts.items():
        others = {each for each in ROSTER if each.id != student}
        assert not [each for each in others if each.id in text or each.last_name in text]


def test_a_record_without_names_still_loads_and_asks_to_collect_again(moodle_course, capsys):
    path = record_path(moodle_course, NAME)
    record = json.loads(path.read_text("utf-8"))
    for each in record["submissions"]:
        for name in ("system", "label", "number", "upload"):
            del each[name]
    path.write_text(json.dumps(record), "utf-8")
    folder = give_back(moodle_course)
    printed = capsys.readouterr().out
    assert "Collect again" in printed
    assert "al1815, mj1990, ob2001." in printed
    assert not (folder / "moodle_feedback.zip").exists()
    assert main(["collect", str(moodle_course), NAME]) == 0
    give_back(moodle_course)
    assert (folder / "moodle_feedback.zip").exists()


# Canvas

USERS = {"50101": "50101", "50102": "50102", "al1815": "50101", "ob2001": "50102"}
EXPORT = (
    "Student,ID,SIS User ID,SIS Login ID,Section,First week (70),{heading},"
    "Assignments Current Score\n"
    "    Points Possible,,,,,5.00,{most},(read only)\n"
    '"Lovelace, Ada",50101,u1,ada.l,A,5,,\n"O\'Brien, Seán",50102,u2,sean.o,A,4,,\n'
    '"Student, Test",50199,u9,test,A,,,\n'
)


def test_canvas_takes_the_table_and_the_pages(canvas_course, capsys):
    folder = give_back(canvas_course)
    data = (folder / "canvas_grades.csv").read_bytes()
    assert import_gradebook(data, USERS, {}) == {f"new: {NAME}": {"50101": "6", "50102": "4"}}
    assert "Canvas will ask which assignment" in capsys.readouterr().out
    with zipfile.ZipFile(folder / "canvas_feedback.zip") as archive:
        pages = import_submissions(archive, {"678905": "50101", "678902": "50102"})
    assert b"Ada Lovelace" in pages["50101"]
    assert b"O&#x27;Brien" in pages["50102"]


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("most", ["6.00", "12.00", "3,00"])
def test_an_export_says_which_assignment_it_is_and_its_points(canvas_course, most, delimiter):
    text = EXPORT.format(heading="Numbers and shapes (77)", most=f'"{most}"')
    rows = csv.reader(io.StringIO(text))
    table = io.StringIO()
    csv.writer(table, delimiter=delimiter).writerows(rows)
    put(canvas_course, "\ufeff" + table.getvalue())
    data = (give_back(canvas_course) / "canvas_grades.csv").read_bytes()
    found = import_gradebook(data, USERS, {"77": "Numbers"})
    scale = float(most.replace(",", ".")) / 6
    assert found == {"Numbers": {"50101": f"{6 * scale:g}", "50102": f"{4 * scale:g}"}}
    assert b"u1,ada.l,A" in data


def test_an_assignment_that_an_export_does_not_tell_is_asked_for(canvas_course, capsys):
    put(canvas_course, EXPORT.format(heading="Second week (77)", most="6"))
    assert main(["give-back", str(canvas_course), NAME]) == 1
    printed = capsys.readouterr().err
    assert f"sheet.csv: which column is {NAME}? Its assignments: First week (70), Second" in printed
    for column in ("Second week (77)", "Second week", "77"):
        data = (give_back(canvas_course, "--column", column) / "canvas_grades.csv").read_bytes()
        assert list(import_gradebook(data, USERS, {"77": "Numbers"})) == ["Numbers"]


def test_an_export_with_two_columns_for_names_is_read(canvas_course):
    text = EXPORT.format(heading="Numbers (77)", most="6").replace("Student,ID", "LastName,ID", 1)
    put(canvas_course, text)
    data = (give_back(canvas_course) / "canvas_grades.csv").read_bytes()
    assert import_gradebook(data, USERS, {"77": "N"}) == {"N": {"50101": "6", "50102": "4"}}


# Both


def test_a_folder_with_something_else_in_it_is_left_alone(moodle_course, tmp_path, capsys):
    folder = tmp_path / "mine"
    folder.mkdir()
    give_back(moodle_course, "--output", str(folder))
    assert (folder / "grades.csv").exists()
    assert not (moodle_course / "give-back").exists()
    give_back(moodle_course, "--output", str(folder))
    (folder / "grades.csv").rename(folder / "my_grades.csv")
    assert main(["give-back", str(moodle_course), NAME, "--output", str(folder)]) == 1
    assert "has something else in it" in capsys.readouterr().err
    assert (folder / "my_grades.csv").exists()
    assert {each.name for each in tmp_path.iterdir()} == {"mine", "course"}


def test_work_that_is_not_graded_is_named(moodle_course, capsys):
    small_course.submit(moodle_course, "late1", small_course.attempt())
    give_back(moodle_course)
    assert "Not graded: late1. Run grade first." in capsys.readouterr().out


def test_lateness_own_cells_and_comments_are_on_the_page(moodle_course):
    made = small_course.attempt(**WRONG)
    made["cells"][3:3] = [
        small_course.cell("mine", "print('my own try', __import__('os').path.expanduser('~'))"),
        small_course.cell("note", "My **note**: $n + 1$", "markdown"),
    ]
    folder = small_course.submit(moodle_course, "late1", made).parent
    (folder / "timestamp.txt").write_text("2025-03-09 01:00:00 UTC")
    with Gradebook(f"sqlite:///{moodle_course}/gradebook.db", "small") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2025-03-07 23:59 UTC")
    grade(moodle_course, NAME)
    with Gradebook(f"sqlite:///{moodle_course}/gradebook.db", "small") as gradebook:
        comment = gradebook.find_comment("solution-2-1", NAME, NAME, "late1")
        comment.manual_comment = "Why $n - 2$ <b>times</b>?"
        gradebook.db.commit()
    page = give_back(moodle_course) / "students" / "late1" / f"{NAME}.html"
    text = page.read_text("utf-8")
    assert "Handed in 1 d 1 h late: without a penalty." in text
    assert "2.2 Double" in text
    assert "my own try …</pre>" in text
    assert "My <strong>note</strong>: <math" in text
    assert "add_one" not in text  # a teaching cell that nobody changed
    assert "Why <math" in text
    assert "&lt;b&gt;times&lt;/b&gt;" in text

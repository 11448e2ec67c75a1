"""Giving back: read as Moodle's and Canvas's own importers read it, and as a student does."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import socket
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
import small_course
from collecting import NAME, ROSTER, collect, enrol, put_download
from nbgrader.api import Gradebook

from unet_tutorial.__main__ import main
from unet_tutorial.classroom.collect.record import read_record, save_record
from unet_tutorial.classroom.grading.batch import grade
from unet_tutorial.classroom.grading.feedback_text import hide_paths, render_markdown
from unet_tutorial.classroom.nbgrader_config import load_config, open_course

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning",
    "ignore:.*utcnow:DeprecationWarning",
    "ignore:.*event loop:DeprecationWarning",
)
PARTICIPANTS = {4711: "al1815", 4712: "ob2001"}  # as Moodle numbers them
ENGLISH = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    "Participant 4711,Ada Lovelace,ada@example.org,Submitted,,10.00,Yes,"
    '"Friday, 7 March 2025, 9:15 PM",-,\r\n'
    'Participant 4712,"O\'Brien, Seán",sean@example.org,Submitted,,10.00,Yes,'
    '"Friday, 7 March 2025, 9:16 PM",-,\r\n'
    "Participant 4799,Wei Wang,wei1@example.org,No submission,,10.00,Yes,-,-,\r\n"
)
GERMAN = (
    "\ufeffIdentifikationsnummer;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Beste;"
    "Änderbar;Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung)\n"
    "Teilnehmer/in4711;Ada Lovelace;ada@example.org;Zur Bewertung;;6,00;Ja;"
    "Freitag, 7. März 2025, 21:15;-\n"
    "Teilnehmer/in4712;Seán O'Brien;sean@example.org;Zur Bewertung;;6,00;Ja;"
    "Freitag, 7. März 2025, 21:16;-\n"
)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course in which Ada's work is right, and Seán's 2.2 is wrong, from Moodle's download."""
    root = small_course.make_course(tmp_path_factory.mktemp("giving") / "course")
    assert open_course(load_config(root)).generate_assignment(NAME)["success"]
    assert open_course(load_config(root)).generate_assignment(NAME)["success"]
    enrol(root, ROSTER)
    wrong = small_course.attempt(solution_2_2="def double(number):\n    return number / 0")
    put_download(
        root,
        {
            f"Ada Lovelace_4711_assignsubmission_file_/{NAME}.ipynb": json.dumps(
                small_course.attempt()
            ),
            f"Seán OBrien_4712_assignsubmission_file_/{NAME}.ipynb": json.dumps(wrong),
        },
    )
    collect(root)
    grade(root, NAME)
    return root


@pytest.fixture
def course(graded, tmp_path):
    """A copy of the course, which tests may change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def give_back(root: Path, *options: str) -> Path:
    assert main(["give-back", str(root), NAME, *options]) == 0
    return root / "give-back" / NAME


def put_worksheet(root: Path, text: str, encoding: str = "utf-8") -> None:
    path = root / "downloaded" / NAME / "worksheet.csv"
    path.write_bytes(text.encode(encoding))


def read_as_moodle(path: Path) -> dict[str, list[str]]:
    """Find whose each file of an archive is, as Moodle 4.1 and its predecessors do."""
    found: dict[str, list[str]] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            for part in name.split("/"):
                info = part.split("_", 4)
                if len(info) < 4 or not info[1].isdigit() or int(info[1]) not in PARTICIPANTS:
                    continue
                if info[2:4] == ["assignsubmission", "file"]:
                    found.setdefault(PARTICIPANTS[int(info[1])], []).append(name)
                    break
    return found


def read_worksheet(path: Path, encoding: str, delimiter: str, head: str) -> dict[str, str]:
    text = path.read_bytes().decode(encoding)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    return {re.sub(r"\D", "", next(iter(row.values()))): row[head] for row in rows}


def test_moodle_gets_each_page_under_the_name_that_its_download_used(course, capsys):
    folder = give_back(course)
    found = read_as_moodle(folder / "moodle_feedback.zip")
    assert sorted(found) == ["al1815", "ob2001"]
    assert all(len(names) == 1 and names[0].endswith(".html") for names in found.values())
    with zipfile.ZipFile(folder / "moodle_feedback.zip") as archive:
        assert b"Ada Lovelace" in archive.read(found["al1815"][0])
        assert b"Ada" not in archive.read(found["ob2001"][0])
    assert "put its grading worksheet into" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "encoding", "delimiter", "head", "grades"),
    [
        (ENGLISH, "utf-8", ",", "Grade", {"4711": "10", "4712": "6.66667", "4799": ""}),
        (GERMAN, "utf-8", ";", "Bewertung", {"4711": "6", "4712": "4"}),
        (GERMAN.replace("6,00", "3,00"), "utf-8", ";", "Bewertung", {"4711": "3", "4712": "2"}),
        (GERMAN.replace("6,00", "15,00").lstrip("\ufeff"), "cp1252", ";", "Bewertung",
         {"4711": "15", "4712": "10"}),
        (GERMAN.replace("6,00", "7,00"), "utf-8", ";", "Bewertung",
         {"4711": "7", "4712": "4,66667"}),
        (GERMAN.replace("Bewertung;", "Stig;", 1), "utf-8", ";", "Stig",
         {"4711": "6", "4712": "4"}),
    ],
)  # fmt: skip
def test_moodles_worksheet_comes_back_with_grades_and_is_otherwise_as_it_was(
    course, text, encoding, delimiter, head, grades
):
    put_worksheet(course, text, encoding)
    path = give_back(course) / "moodle_worksheet.csv"
    assert read_worksheet(path, encoding, delimiter, head) == grades
    before, after = text.encode(encoding), path.read_bytes()
    texts = [each.decode(encoding) for each in (before, after)]
    rows = [list(csv.reader(io.StringIO(each), delimiter=delimiter)) for each in texts]
    place = rows[0][0].index(head)
    assert rows[0] == [[*row[:place], row[place] * (row is rows[1][0]), *row[place + 1 :]]
                       for row in rows[1]]  # fmt: skip
    assert (b"\r\n" in before) == (b"\r\n" in after)
    assert before.startswith(b"\xef\xbb\xbf") == after.startswith(b"\xef\xbb\xbf")


def test_a_worksheet_without_a_column_of_grades_is_named(course, capsys):
    put_worksheet(course, GERMAN.replace("Bewertung;", "Stig;", 1).replace("6,00", "-"))
    assert main(["give-back", str(course), NAME]) == 1
    assert "worksheet.csv: which column has the grades? It has: " in capsys.readouterr().err
    assert not (course / "give-back" / NAME).exists()


def use_canvas(root: Path) -> None:
    record = read_record(root, NAME)
    for each, number in zip(record.submissions, ("50101", "50102"), strict=True):
        each.system, each.label, each.number, each.upload = "canvas", "lovelaceada", number, 678901
    save_record(root, record)


@pytest.mark.parametrize("has_export", [False, True])
def test_canvas_gets_a_table_for_its_gradebook_and_pages_by_its_numbers(course, has_export):
    use_canvas(course)
    if has_export:
        put_worksheet(
            course,
            "Student,ID,SIS User ID,SIS Login ID,Section,Old (1)\n"
            "    Points Possible,,,,,6\n"
            '"Lovelace, Ada",50101,u1,ada.l,A,3\n"O\'Brien, Seán",50102,u2,sean.o,B,4\n',
        )
    folder = give_back(course, "--column", "Convolution (77)")
    with (folder / "canvas_grades.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    heads = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Convolution (77)"]
    assert list(rows[0]) == heads
    assert {row["ID"]: row["Convolution (77)"] for row in rows} == {"50101": "6", "50102": "4"}
    assert rows[0]["Student"] == "Lovelace, Ada"
    assert (rows[0]["SIS User ID"] == "u1") == has_export
    with zipfile.ZipFile(folder / "canvas_feedback.zip") as archive:
        numbers = [re.findall(r"_(\d+)", name)[:2] for name in archive.namelist()]
    assert numbers == [["50101", "678901"], ["50102", "678901"]]


def test_any_other_system_gets_a_folder_a_student_and_one_table(course):
    folder = give_back(course)
    pages = {path.parent.name: path.name for path in (folder / "students").glob("*/*")}
    assert pages == dict.fromkeys(["al1815", "ob2001"], f"{NAME}.html")
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert (rows["al1815"]["points"], rows["ob2001"]["points"]) == ("6", "4")
    assert rows["ob2001"]["name"] == "Seán O'Brien"


def wait_for_points(root: Path) -> None:
    """Let one of Seán's points wait for a person."""
    with Gradebook(f"sqlite:///{root}/gradebook.db", "small") as gradebook:
        grade = gradebook.find_grade("check-2-3", NAME, NAME, "ob2001")
        grade.auto_score, grade.needs_manual_grade = None, True
        gradebook.db.commit()


def test_what_still_waits_for_points_is_left_blank_and_named(course, capsys):
    wait_for_points(course)
    put_worksheet(course, ENGLISH)
    path = give_back(course) / "moodle_worksheet.csv"
    assert read_worksheet(path, "utf-8", ",", "Grade")["4712"] == ""
    printed = capsys.readouterr().out
    assert "Still to grade by hand, check-2-3: ob2001." in printed
    assert f"Next: unet-tutorial words {course} {NAME}" in printed
    page = course / "give-back" / NAME / "students" / "ob2001" / f"{NAME}.html"
    assert "still to be graded, 3 at most" in page.read_text("utf-8")
    path = give_back(course, "--unfinished") / "moodle_worksheet.csv"
    assert read_worksheet(path, "utf-8", ",", "Grade")["4712"] == "1.66667"


def test_an_older_record_asks_to_collect_again(course, capsys):
    record = read_record(course, NAME)
    for each in record.submissions:
        each.system = each.label = each.number = ""
    save_record(course, record)
    give_back(course)
    assert "Collect again, since an older version" in capsys.readouterr().out


def test_without_graded_work_it_says_what_to_run(course, capsys):
    shutil.rmtree(course / "autograded")
    assert main(["give-back", str(course), NAME]) == 1
    assert "has been graded yet. Run: unet-tutorial grade" in capsys.readouterr().err


# The page


class Page(HTMLParser):
    """What a page asks a browser to load or to run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loaded += [value for name, value in attrs if name in ("src", "srcset", "poster")]
        self.loaded += [value for name, value in attrs if name == "href" and tag == "link"]
        assert not any(name.startswith("on") for name, _ in attrs)


def test_the_page_has_everything_inside_and_nothing_of_this_machine(course, graded):
    pages = give_back(course) / "students"
    for path in pages.glob("*/*.html"):
        text = path.read_text(encoding="utf-8")
        page = Page(text)
        assert all(each.startswith("data:") for each in page.loaded)
        assert not {"script", "link", "iframe", "object"} & set(page.tags)
        assert str(graded.parent) not in text
        assert "site-packages" not in text
        assert "/tmp/" not in text
    wrong = (pages / "ob2001" / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Seán O&#x27;Brien" in wrong
    assert "0 of 2" in wrong
    assert "ZeroDivisionError" in wrong
    assert "Test cell" not in wrong
    assert "seven" not in wrong  # a hidden test


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$n - 2$", "<mn>2</mn>"),
        ("$$\\frac{a}{b}$$", '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'),
        ("`$a$` costs $5 and $6", "<code>$a$</code> costs $5 and $6"),
        ("$\\text{<script>alert(1)</script>}$", "<code>"),
        ("**bold** <script>alert(1)</script>", "<strong>bold</strong>"),
        ("![x](../../secret.png)", "<p><em>(a picture that isn't here)</em></p>"),
        ("![x](https://example.org/a.png)", "<p><em>(a picture that isn't here)</em></p>"),
        ("![of $n$](a.png)", 'alt="of …"'),
        ("formula7formula, $n$", "formula7formula, <math"),
        ("![x](a.png)", 'src="data:image/png;base64,cA=="'),
    ],
)
def test_text_is_shown_with_its_formulas_and_pictures_and_without_scripts(tmp_path, text, shown):
    (tmp_path / "a.png").write_bytes(b"p")
    made = render_markdown(text, tmp_path)
    assert shown in made
    assert "<script" not in made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("File /home/ann/course/x.py, line 3", "File x.py, line 3"),
        ("C:\\Users\\ann\\x.py", "x.py"),
        ("'/root/.venv/lib/python3.11/site-packages/torch/nn/a.py'", "'a.py'"),
        ("1/2 and a/b/c, https://a.org/b/c", "1/2 and a/b/c, https://a.org/b/c"),
        ("~/secret/plan.txt", "plan.txt"),
        ("in /home/ann, /root and /Users/ann", "in …, … and …"),
        ("'C:\\\\Users\\\\ann\\\\x.py' of C:\\Users\\ann", "'x.py' of …"),
        (f"on {socket.gethostname()}.", "on …."),
    ],
)
def test_paths_are_cut_to_their_last_name(text, shown):
    assert hide_paths(text) == shown

"""When work was handed in: worksheets in any language, and dates with one reading or none."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import small_course
from collecting import NAME, collect, put_download, read_time
from nbgrader.api import Gradebook

from unet_tutorial.__main__ import main
from unet_tutorial.classroom.collect.times import UnclearTimes, read_times

BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2025, 3, 7, 20, 15)  # UTC: a quarter past nine in Berlin


@pytest.mark.parametrize(
    "text",
    [
        "Friday, 7 March 2025, 9:15 PM",
        "Freitag, 7. März 2025, 21:15",
        "vendredi 7 mars 2025, 21:15",
        "viernes, 7 de marzo de 2025, 9:15 p. m.",
        "perjantai, 7. maaliskuuta 2025, 21.15",
        "пятница, 7 марта 2025, 21:15",
        "2025年03月7日 星期五 21:15",
        "2025년 03월 7일(금요일) 오후 09:15",
        "7 Mar 2025, 21:15 Europe/Paris",
        "07.03.2025 21:15",
        "7.3.25 21:15",
        "2025-03-07 21:15:00",
        "2025-03-07T20:15:00Z",
        "2025-03-07 20:15 UTC",
        "2025-03-07 22:15 +0200",
        "3/13/2025 21:15",
    ],
)
def test_forms_of_times(text):
    expected = EVENING.replace(day=13) if "13" in text else EVENING
    assert read_times([text, "-", ""], BERLIN) == [expected, None, None]


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["8/03/25 21:15"], "ambiguous"),
        (["03/04/2025 10:00", "04/05/2025 10:00"], "ambiguous"),
        (["7 listopad 2025, 21:15"], "ambiguous"),  # November in Polish, October in Croatian
        (["13/03/25 9:00", "3/13/25 9:00"], "readable"),  # two orders in one column
        (["2025-03-07 21:15 CET"], "readable"),
        (["Cuma, 7 Mart 2025, 9:15 XY"], "readable"),
        (["45723.885"], "readable"),  # a spreadsheet's number
        (["2025-03-07"], "readable"),
        (["Friday, 7 March 2025, 9:15 PM", "yesterday at 3"], "yesterday at 3"),
    ],
)
def test_what_has_no_reading_or_two_is_an_error(texts, why):
    with pytest.raises(UnclearTimes, match=why):
        read_times(texts, BERLIN)


def test_the_other_dates_of_a_column_tell_its_order():
    times = read_times(["8/03/25 21:15", "13/03/25 9:00"], BERLIN)
    assert times == [datetime(2025, 3, 8, 20, 15), datetime(2025, 3, 13, 8, 0)]


HEADS = {
    "English": "Identifier,Full name,Email address,Status,Grade,Last modified (submission),"
    "Last modified (grade)",
    "German": "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Zuletzt geändert (Abgabe),"
    "Zuletzt geändert (Bewertung)",
}
ROWS = {
    "English": "Participant 70,Ada Lovelace,ada@example.org,Submitted,70,"
    '"Friday, 7 March 2025, 9:15 PM","Saturday, 8 March 2025, 9:15 AM"',
    "German": "Teilnehmer/in70,Ada Lovelace,ada@example.org,Abgegeben,70,"
    '"Freitag, 7. März 2025, 21:15","Samstag, 8. März 2025, 09:15"',
}


@pytest.fixture
def handed_in(course):
    """A course in which Ada handed in through Moodle."""
    config = course / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8").replace(
        "time_zone = 'UTC'", f"time_zone = {str(BERLIN)!r}"
    )
    config.write_text(text, encoding="utf-8")
    notebook = json.dumps(small_course.attempt())
    put_download(course, {f"Ada Lovelace_70_assignsubmission_file_/{NAME}.ipynb": notebook})
    return course


def write_table(course, text: str, name: str = "Grades.csv", encoding: str = "utf-8-sig") -> None:
    (course / "downloaded" / NAME / name).write_bytes(text.encode(encoding))


@pytest.mark.parametrize("language", HEADS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_moodles_worksheet(handed_in, language, delimiter, encoding):
    text = f"{HEADS[language]}\n{ROWS[language]}\n"
    if delimiter != ",":
        quoted = text.split('"')  # only the commas outside quotes separate
        text = '"'.join(part if n % 2 else part.replace(",", delimiter)
                        for n, part in enumerate(quoted))  # fmt: skip
    write_table(handed_in, text, encoding=encoding)
    collect(handed_in)
    assert read_time(handed_in, "al1815") == "2025-03-07 20:15:00 UTC"


def test_times_csv_comes_before_the_worksheet(handed_in):
    write_table(handed_in, f"{HEADS['German']}\n{ROWS['German']}\n")
    write_table(handed_in, "student_id;timestamp\nal1815;01.03.2025 10:00\n", "times.csv")
    collect(handed_in)
    assert read_time(handed_in, "al1815") == "2025-03-01 09:00:00 UTC"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            "student_id,timestamp\nal1815,8/03/25 21:15\n",
            'times.csv: the column "timestamp" is amb',
        ),
        ("student_id,timestamp\nal1815,45723.8\n", "isn't readable"),
        ("Mail,Abgabe\nada@example.org,03/04/25 21:15\n", 'the column "Abgabe" is ambiguous'),
        ("Mail,A,B\nada@example.org,2025-03-07 21:15,2025-03-07 21:15\n", '"A" and "B" both hold'),
    ],
)
def test_an_unclear_column_is_an_error_that_names_it(handed_in, capsys, table, message):
    write_table(handed_in, table, "times.csv")
    assert main(["collect", str(handed_in), NAME]) == 1
    assert message in capsys.readouterr().err
    assert not (handed_in / "submitted").exists()


@pytest.mark.parametrize(
    ("table", "note"),
    [
        ("student_id,timestamp\nal1815,2025-03-01 10:00\nal1851,2025-03-01 10:00\n", "al1851"),
        ("student_id,timestamp\nal1851,2025-03-01 10:00\n", "names nobody in the roster"),
        ("student_id,points\nal1815,5\n", "no column with times"),
    ],
)
def test_what_a_table_leaves_open_is_said(handed_in, table, note):
    write_table(handed_in, table, "times.csv")
    assert note in " ".join(collect(handed_in).notes)


def test_without_times_lateness_is_not_forgotten_silently(handed_in):
    with Gradebook(f"sqlite:///{handed_in}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2025-03-07 22:59:00 UTC")
    assert "known for anybody, so they count as in time" in collect(handed_in).notes[0]


def test_canvas_only_says_that_work_was_late(course):
    notebook = json.dumps(small_course.attempt())
    put_download(course, {f"lovelaceada_50101_1_{NAME}.ipynb": notebook,
                          f"obrienseán_LATE_50102_2_{NAME}.ipynb": notebook})  # fmt: skip
    late = collect(course).submissions[1]
    assert late.notes == ["marked as late, but the assignment has no due date"]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2025-03-07 22:59:00 UTC")
    collect(course)
    assert read_time(course, "al1815") == ""
    assert read_time(course, "ob2001") == "2025-03-07 22:59:01 UTC"


def test_a_time_zone_that_does_not_exist_is_an_error(handed_in, capsys):
    config = handed_in / "nbgrader_config.py"
    config.write_text(
        config.read_text(encoding="utf-8").replace("Berlin", "Berln"), encoding="utf-8"
    )
    assert main(["collect", str(handed_in), NAME]) == 1
    assert "'Europe/Berln', which is no time zone" in capsys.readouterr().err

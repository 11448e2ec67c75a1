"""Downloads of learning systems, collected with the real command."""

from __future__ import annotations

import io
import json
import shutil
import tarfile

import pytest
import small_course
from collecting import (
    NAME,
    Student,
    collect,
    enrol,
    put_download,
    read_collected,
    read_time,
    zip_files,
)
from nbgrader.api import Gradebook
from nbgrader.apps.zipcollectapp import ZipCollectApp

from unet_tutorial.__main__ import main
from unet_tutorial.classroom.collect.record import read_record

TIMES = "student_id,timestamp\nal1815,2025-03-{:02} 21:15 UTC\n"


def work(mark: str = "", **answers: str) -> str:
    """Make a notebook that was worked on, with a mark to recognise it."""
    return json.dumps(small_course.attempt(**answers) | {"mark": mark})


def untouched() -> str:
    """Make the notebook as it was released."""
    return json.dumps(small_course.chapters.make_learner_edition(small_course.numbers()))


def marks(course, name: str = f"{NAME}.ipynb") -> dict[str, str]:
    return {student: json.loads(text)["mark"] for student, text in read_collected(course).items()}


def left_out(course, student: str) -> dict[str, str]:
    (found,) = [s for s in read_record(course, NAME).submissions if s.student == student]
    return {each.file: each.why for each in found.left_out}


# M5: whose it is


def test_folders_that_hold_zips_are_three_students(course):
    zipped = {s: zip_files({f"{NAME}.ipynb": work(s)}) for s in ("al1815", "ob2001", "mj1990")}
    put_download(course, {f"{s}/{NAME}.zip": data for s, data in zipped.items()})
    collected = collect(course)
    assert marks(course) == {"al1815": "al1815", "ob2001": "ob2001", "mj1990": "mj1990"}
    assert collected.missing == ["ww1", "ww2"]


@pytest.mark.parametrize(
    "paths",
    [
        [f"{s}_4711_assignsubmission_file_/{NAME}.ipynb" for s in ("Ada Lovelace", "OBrien Seán")],
        [f"{s}_4711_assignsubmission_file/{NAME}.ipynb" for s in ("Ada Lovelace", "Seán O'Brien")],
        [f"{s}_{n}_assignsubmission_file_{NAME}.ipynb"
         for n, s in enumerate(["Ada Lovelace", "Sean OBrien"])],
        [f"Group B-{s}_{n}_assignsubmission_file_/{NAME}.zip/{NAME}/{NAME}.ipynb"
         for n, s in enumerate(["Ada Lovelace", "Sean OBrien"])],
        [f"{s}_678901_{NAME}-1.ipynb" for s in ("lovelaceada_50101", "obrienseán_LATE_50102")],
        [f"{s}/{NAME}/{NAME}.ipynb" for s in ("al1815", "ob2001")],
        [f"{NAME}/{s}.zip/{NAME}.ipynb" for s in ("al1815", "OB2001")],
        [f"{s}_{NAME}.ipynb" for s in ("al1815", "ob2001")],
        [f"hand-ins/{s}/my/{NAME}.zip/{NAME}.ipynb" for s in ("Lovelace, Ada", "O'Brien Seán")],
        [f"{s}/{NAME}.ipynb" for s in ("ada@example.org", "sean@example.org")],
        [f"{NAME}/{s}/Submission attachment(s)/{NAME}.ipynb"
         for s in ("Lovelace, Ada(al1815)", "O'Brien, Seán(ob2001)")],
        [f"8234{n}-551{n} - {s} - Mar 7, 2025 915 PM/{NAME}.ipynb"
         for n, s in enumerate(["Ada Lovelace", "Seán O'Brien"])],
        [f"2 numbers_{s}_attempt_2025-03-07-21-15-03_{NAME}.ipynb" for s in ("al1815", "ob2001")],
        [f"Lovelace_Ada_al1815_301/{NAME}.ipynb", f"O_Brien_Sean_ob2001_302/{NAME}.ipynb"],
    ],
    ids=lambda paths: paths[0],
)  # fmt: skip
@pytest.mark.parametrize("form", ["zip", "folder"])
def test_each_system_names_the_students(course, paths, form):
    files = {}
    for student, path in zip(["al1815", "ob2001"], paths, strict=True):
        path = path.replace("_4711_", f"_{len(files)}_")
        outer, inner, name = path.partition(".zip/")
        data = work(student)
        files[outer + ".zip" if inner else path] = zip_files({name: data}) if inner else data
    put_download(course, files, "bio_2025_101_numbers_submissions.zip" if form == "zip" else "")
    collected = collect(course)
    assert marks(course) == {"al1815": "al1815", "ob2001": "ob2001"}
    assert not collected.left_out


def test_namesakes_are_two_people(course):
    put_download(course, {f"Wei Wang_{n}_assignsubmission_file_/{NAME}.ipynb": work(str(n))
                          for n in (70, 71)})  # fmt: skip
    collected = collect(course)
    assert marks(course) == {"Wei_Wang_70": "70", "Wei_Wang_71": "71"}
    assert all("ww1 or ww2" in each.notes[0] for each in collected.submissions)


def test_the_worksheet_tells_namesakes_apart(course):
    put_download(course, {f"Wei Wang_{n}_assignsubmission_file_/{NAME}.ipynb": work(str(n))
                          for n in (70, 71)})  # fmt: skip
    small_course.write(
        course / "downloaded" / NAME / "Grades.csv",
        "Identifier,Full name,Email address\nParticipant 70,Wei Wang,wei2@example.org\n"
        "Participant 71,Wei Wang,wei1@example.org\n",
    )
    collect(course)
    assert marks(course) == {"ww1": "71", "ww2": "70"}


def test_a_stranger_with_a_students_name_is_not_the_student(course):
    put_download(course, {f"lovelaceada_50101_1_{NAME}.ipynb": work("ada"),
                          f"lovelaceada_50999_2_{NAME}.ipynb": work("another")})  # fmt: skip
    collected = collect(course)
    assert marks(course) == {"50999": "another", "al1815": "ada"}
    assert [each.in_roster for each in collected.submissions] == [False, True]


def test_a_number_of_somebody_else_rules_a_name_out(course):
    put_download(course, {f"lovelaceada_50999_2_{NAME}.ipynb": work("another")})
    collect(course)
    assert marks(course) == {"50999": "another"}


def test_a_strangers_folder_next_to_students_is_not_the_one_in_it(course):
    put_download(course, {f"al1815/{NAME}.ipynb": work("ada"), "x123/ob2001.ipynb": work("x")})
    (left,) = collect(course).left_out
    assert marks(course) == {"al1815": "ada"}
    assert (left.file, left.why) == ("ob2001.ipynb", "its path names several students")


def test_a_folder_named_like_the_assignment_is_nobody(course):
    enrol(course, [Student("numbers", "Nelly", "Numbers")])
    put_download(course, {f"{NAME}/al1815/{NAME}.ipynb": work("ada")})
    collect(course)
    assert marks(course) == {"al1815": "ada"}


def test_names_that_give_one_id_are_two_people(empty):
    put_download(empty, {f"{s}/{NAME}.ipynb": work(s) for s in ("x y", "x_y")})
    collect(empty)
    assert sorted(marks(empty).values()) == ["x y", "x_y"]


def test_two_folders_with_one_name_are_not_put_together(course):
    put_download(course, {f"Ada Lovelace{n}/{NAME}.ipynb": work(n) for n in ("", " 2")})
    collect(course)
    assert marks(course) == {"Ada_Lovelace": "", "Ada_Lovelace_2": " 2"}


def test_friends_names_inside_a_students_folder_change_nothing(course):
    files = {f"al1815/{s}/x.txt": "" for s in ("ob2001", "mj1990")}
    files |= {f"al1815/{NAME}.ipynb": work("ada"), f"ww1/ob2001/{NAME}.ipynb": work("wei")}
    put_download(course, files)
    collect(course)
    assert marks(course) == {"al1815": "ada", "ww1": "wei"}


def test_a_students_own_number_inside_the_students_folder_is_not_somebody_else(course):
    inside = {f"50102/{NAME}.ipynb": work("own"), "al1815_4711.ipynb": work("friend")}
    put_download(course, {"Sean OBrien.zip": zip_files(inside)})
    collect(course)
    assert list(marks(course)) == ["ob2001"]


def test_a_name_around_two_others_work_is_nobodys(course):
    inside = {f"50101/{NAME}.ipynb": work("a"), "mj1990_4711.ipynb": work("b")}
    put_download(course, {"Sean OBrien.zip": zip_files(inside)})
    collected = collect(course)
    assert not marks(course)
    assert {each.why for each in collected.left_out} == {"its path names several students"}


@pytest.mark.parametrize("outer", ["", "part.zip/"])
def test_a_guess_around_somebody_elses_work_is_nobodys(course, outer):
    path = f"Ada_Lovelace_of_group_7/50102/{NAME}.ipynb"
    put_download(course, {"part.zip": zip_files({path: work()})} if outer else {path: work()})
    collected = collect(course)
    assert not marks(course)
    assert {each.why for each in collected.left_out} == {"its path names several students"}


def test_a_name_with_more_words_is_a_guess_and_said(course):
    put_download(course, {f"Ada King Lovelace_7_assignsubmission_file_/{NAME}.ipynb": work()})
    (submission,) = collect(course).submissions
    assert submission.student == "al1815"
    assert submission.notes == ["'Ada King Lovelace' was taken for this student"]


def test_without_a_roster_names_become_ids(empty):
    put_download(
        empty,
        {
            f"Ada Lovelace_7_assignsubmission_file_/{NAME}.ipynb": work("moodle"),
            f"obrienseán_50102_6789013_{NAME}.ipynb": work("canvas"),
        },
    )
    collect(empty)
    assert marks(empty) == {"50102": "canvas", "Ada_Lovelace": "moodle"}


def test_folders_without_a_roster(empty):
    put_download(empty, {f"{s}/{NAME}/{NAME}.ipynb": work(s) for s in ("x1", "y2")})
    collect(empty)
    assert marks(empty) == {"x1": "x1", "y2": "y2"}


def test_a_file_that_names_nobody_is_said_and_makes_no_student(course):
    put_download(course, {f"al1815/{NAME}.ipynb": work(), f"{NAME}.ipynb": work()})
    collected = collect(course)
    assert list(read_collected(course)) == ["al1815"]
    (left,) = collected.left_out
    assert left.path == f"download.zip/{NAME}.ipynb"
    assert "names nobody" in left.why


# M8: what arrives


def test_what_was_handed_in_together_arrives_together(course):
    inner = zip_files({"src/blob.png": "a blob", "helper.py": "x = 1"})
    theirs = {f"{NAME}/{NAME}.ipynb": work("ada"), f"{NAME}/more.zip": inner,
              f"{NAME}/figures/a b.svg": "a picture", "__MACOSX/._x": ""}  # fmt: skip
    put_download(course, {f"Ada Lovelace_7_assignsubmission_file_/{NAME}.zip": zip_files(theirs)})
    collect(course)
    folder = course / "submitted" / "al1815" / NAME
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {f"{NAME}.ipynb", "helper.py", "src/blob.png", "figures/a b.svg"}
    assert left_out(course, "al1815") == {"__MACOSX/._x": "written by the system or by a program"}


@pytest.mark.parametrize(
    "files",
    [
        {"Ada Lovelace_7_assignsubmission_file_helper.py": "x = 1",
         f"Ada Lovelace_7_assignsubmission_file_{NAME}.ipynb": work()},
        {"lovelaceada_50101_8_helper-1.py": "x = 1", f"lovelaceada_50101_9_{NAME}-1.ipynb": work()},
        {"al1815/helper.py": "x = 1", f"al1815/{NAME}.zip": zip_files({f"{NAME}.ipynb": work()})},
    ],
)  # fmt: skip
def test_a_helper_can_be_imported(course, files):
    put_download(course, files)
    collect(course)
    assert read_collected(course, "helper.py") == {"al1815": "x = 1"}


def test_tars_are_unpacked_and_other_archives_are_named(course):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        entry = tarfile.TarInfo(f"{NAME}.ipynb")
        entry.size = len(work("tar"))
        archive.addfile(entry, io.BytesIO(work("tar").encode()))
    put_download(course, {f"al1815/{NAME}.tar.gz": made.getvalue(), "ob2001/work.rar": "Rar!",
                          "ww1/work.zip": "no archive at all"})  # fmt: skip
    collected = collect(course)
    assert marks(course) == {"al1815": "tar"}
    assert "can't be unpacked" in left_out(course, "ob2001")["work.rar"]
    assert "can't be unpacked" in left_out(course, "ww1")["work.zip"]
    assert collected.missing == ["mj1990", "ob2001", "ww1", "ww2"]


def test_what_is_damaged_in_a_zip_is_named_and_the_rest_arrives(course):
    data = zip_files({f"{NAME}.ipynb": work("ada"), "helper.py": "a helper"})
    put_download(course, {"al1815/x.zip": data.replace(b"a helper", b"A HELPER")})
    collect(course)
    assert marks(course) == {"al1815": "ada"}
    assert "can't be unpacked" in left_out(course, "al1815")["helper.py"]


def test_an_archive_cannot_write_elsewhere_or_set_the_time(course):
    put_download(course, {"al1815/x.zip": zip_files({
        f"{NAME}.ipynb": work(), "../../../evil.py": "x", "/tmp/evil.py": "x",
        "timestamp.txt": "2020-01-01 00:00:00 UTC"})})  # fmt: skip
    collect(course)
    assert read_time(course, "al1815") == ""
    assert set(left_out(course, "al1815")) == {"timestamp.txt"}
    assert not list(course.parent.glob("evil.py"))


def test_a_zip_without_end_loses_only_itself(course, monkeypatch):
    monkeypatch.setattr("unet_tutorial.classroom.collect.step1_unpack._MAX_FILES", 3)
    many = zip_files({f"{n}.txt": "" for n in range(9)})
    put_download(course, {"al1815/x.zip": many, f"al1815/{NAME}.ipynb": work("ada")})
    collect(course)
    assert marks(course) == {"al1815": "ada"}
    assert "too much" in left_out(course, "al1815")["x.zip"]


def test_names_that_cannot_be_saved_or_shown_do_no_harm(course, capsys):
    put_download(course, {f"al1815/{NAME}.ipynb": work(), f"al1815/{'x' * 300}.py": "",
                          "ob2001/\x1b[2Jgone.rar": "", "ww1/a": "", "ww1/a/b.py": "",
                          f"ww1/{NAME}.ipynb": work()})  # fmt: skip
    collected = collect(course)
    assert "can't be saved" in next(iter(left_out(course, "al1815").values()))
    assert "\x1b" not in capsys.readouterr().out
    assert collected.missing == ["mj1990", "ob2001", "ww2"]


# Which notebook


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ({f"{NAME}.ipynb": untouched(), f"{NAME} (1).ipynb": work("1")}, "1"),
        ({f"{NAME}.ipynb": untouched(), "homework.ipynb": work("1")}, "1"),
        ({f"{NAME}{s}.ipynb": work(s) for s in ("", " (1)", "-2", "-Copy9")}, "-2"),
        ({f"{NAME}.ipynb": work("1"), "scratch-5.ipynb": '{"cells": [], "mark": "2"}'}, "1"),
        ({"scratch.ipynb": '{"cells": [], "mark": "2"}', "homework.ipynb": work("1")}, "1"),
        (
            {f"{NAME}.ipynb": work("1"), "old/helper.txt": "x", f"old/{NAME}.ipynb": untouched()},
            "1",
        ),
    ],
)
def test_of_several_notebooks_the_one_worked_on_is_taken_and_the_others_are_named(
    course, files, taken
):
    put_download(
        course, {f"Ada Lovelace_7_assignsubmission_file_/{f}": d for f, d in files.items()}
    )
    (submission,) = collect(course).submissions
    assert marks(course) == {"al1815": taken}
    scratch = any("scratch" in file for file in files)
    assert scratch or "several notebooks" in submission.notes[0]
    notebooks = [file for file in files if file.endswith("ipynb")]
    assert len(submission.left_out) == len(notebooks) - 1


def test_the_later_upload_to_canvas_is_taken(course):
    put_download(course, {f"lovelaceada_50101_{n}_{NAME}{s}.ipynb": work(str(n))
                          for n, s in ((9, "-1"), (10, ""))})  # fmt: skip
    collect(course)
    assert marks(course) == {"al1815": "10"}


@pytest.mark.parametrize(
    "name",
    [f"{NAME}.ipynb.txt", f"{NAME}.ipynb.json", f"{NAME}.json", "homework final.ipynb",
     f"{NAME} (3).ipynb", NAME, f"{NAME}.txt", f"{NAME}.zip", f"{NAME}.IPYNB"],
)  # fmt: skip
def test_a_renamed_notebook_gets_the_assignments_name(course, name):
    put_download(course, {f"Ada Lovelace_7_assignsubmission_file_/{name}": work("ada")})
    collect(course)
    assert marks(course) == {"al1815": "ada"}


def test_another_chapters_notebook_is_said(course):
    put_download(course, {f"al1815/{NAME}.ipynb": json.dumps(small_course.attempt("03_words"))})
    (submission,) = collect(course).submissions
    assert f"hardly any of {NAME}'s cells" in submission.notes[0]


# Collecting again


def test_corrected_work_replaces_the_old_and_repaired_work_stays(course):
    put_download(course, {f"{s}/{NAME}.ipynb": work("1") for s in ("al1815", "ob2001")})
    collect(course)
    repaired = course / "submitted" / "ob2001" / NAME / f"{NAME}.ipynb"
    repaired.write_text(work("repaired"), encoding="utf-8")
    put_download(course, {f"{s}/{NAME}.ipynb": work("2") for s in ("al1815", "ob2001")})
    collected = collect(course)
    assert marks(course) == {"al1815": "2", "ob2001": "repaired"}
    assert "changed by hand" in collected.submissions[1].notes[0]
    collect(course, "--force")
    assert marks(course) == {"al1815": "2", "ob2001": "2"}


def test_an_extension_reaches_work_that_was_repaired(course):
    put_download(course, {f"al1815/{NAME}.ipynb": work("1")})
    small_course.write(course / "downloaded" / NAME / "times.csv", TIMES.format(8))
    collect(course)
    repaired = course / "submitted" / "al1815" / NAME / f"{NAME}.ipynb"
    repaired.write_text(work("repaired"), encoding="utf-8")
    small_course.write(course / "downloaded" / NAME / "times.csv", TIMES.format(7))
    collect(course)
    assert marks(course) == {"al1815": "repaired"}
    assert read_time(course, "al1815") == "2025-03-07 21:15:00 UTC"
    (course / "downloaded" / NAME / "times.csv").unlink()
    collect(course)
    assert read_time(course, "al1815") == ""


def test_what_was_collected_before_stays_known(course):
    put_download(course, {f"al1815/{NAME}.ipynb": work("1"), "al1815/x.rar": ""})
    collect(course)
    (course / "downloaded" / NAME / "archive" / "download.zip").unlink()
    put_download(course, {f"ob2001/{NAME}.ipynb": work("2")}, "second.zip")
    collected = collect(course)
    assert collected.missing == ["mj1990", "ww1", "ww2"]
    assert "collected before" in collected.submissions[0].notes[0]
    assert list(left_out(course, "al1815")) == ["x.rar"]


def test_once_the_roster_is_right_a_made_up_name_is_gone(course):
    put_download(course, {f"Grace Hopper_7_assignsubmission_file_/{NAME}.ipynb": work()})
    collect(course)
    assert list(read_collected(course)) == ["Grace_Hopper"]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.add_student("gh1906", first_name="Grace", last_name="Hopper")
    collect(course)
    assert list(read_collected(course)) == ["gh1906"]


# The table


def test_the_table(course, capsys):
    put_download(
        course,
        {
            f"al1815/{NAME}.ipynb": work(),
            "al1815/helper.py": "",
            f"ob2001/{NAME}.ipynb": work(),
            f"ob2001/{NAME} (1).ipynb": work(solution_2_1="answer = 41"),
            "ob2001/.DS_Store": "",
            f"zz9/{NAME}.ipynb": work(),
            "readme.html": "",
        },
    )
    assert main(["collect", str(course), NAME]) == 0
    printed = capsys.readouterr().out
    assert f"{NAME}: 2 of 5 students handed in a notebook." in printed
    assert f"  al1815  {NAME}.ipynb + 1 more\n" in printed
    assert f"several notebooks: took {NAME} (1).ipynb, not {NAME}.ipynb" in printed
    assert "Missing:\n  mj1990, ww1, ww2\n" in printed
    assert f"Not in the roster, or not told apart:\n  zz9  {NAME}.ipynb\n" in printed
    assert "download.zip/readme.html: its path names nobody in the roster" in printed
    assert ".DS_Store" not in printed
    saved = course / ".unet-tutorial" / "collected" / NAME / "collected.txt"
    assert "download.zip/ob2001/.DS_Store: written" in saved.read_text(encoding="utf-8")


def test_nbgraders_zip_collect_does_the_same(course, capsys):
    put_download(course, {f"al1815/{NAME}.zip": zip_files({f"{NAME}.ipynb": work(), "h.py": ""})})
    app = ZipCollectApp()
    app.initialize([NAME])
    app.start()
    assert read_collected(course, "h.py") == {"al1815": ""}
    assert f"{NAME}: 1 of 5 students" in capsys.readouterr().out
    assert read_record(course, NAME).missing == ["mj1990", "ob2001", "ww1", "ww2"]


def test_a_download_can_be_given_and_replaces_the_one_before(course, tmp_path, capsys):
    first, second, table = (tmp_path / name for name in ("1.zip", "2.zip", "Grades.CSV"))
    first.write_bytes(zip_files({f"al1815/{NAME}.ipynb": work("first")}))
    second.write_bytes(zip_files({f"ob2001/{NAME}.ipynb": work("second")}))
    table.write_text(TIMES.format(7))
    assert main(["collect", str(course), "02", str(first), str(table)]) == 0
    assert marks(course) == {"al1815": "first"}
    assert read_time(course, "al1815") == "2025-03-07 21:15:00 UTC"
    assert main(["collect", str(course), "02", str(second)]) == 0
    assert marks(course) == {"al1815": "first", "ob2001": "second"}
    kept = course / "downloaded" / NAME
    assert [path.name for path in (kept / "archive").iterdir()] == ["2.zip"]
    assert (kept / "earlier" / "1.zip").read_bytes() == first.read_bytes()
    assert main(["collect", str(course), "02", str(tmp_path / "3.zip")]) == 1
    assert "There is no" in capsys.readouterr().err
    assert (kept / "archive" / "2.zip").exists()
    assert main(["collect", str(course), "02", str(kept / "archive" / "2.zip")]) == 0
    assert (kept / "archive" / "2.zip").exists()  # although it was there already
    (tmp_path / "more").mkdir()
    shutil.copy(first, tmp_path / "more" / "2.zip")
    table.write_text(TIMES.format(8))
    given = [str(second), str(tmp_path / "more" / "2.zip"), str(table)]
    assert main(["collect", str(course), "02", *given]) == 0
    assert len(list((kept / "archive").iterdir())) == 2  # two files of one name
    assert (kept / "earlier" / "Grades.csv").read_text() == TIMES.format(7)


def test_without_a_download_it_says_where_it_belongs(course, capsys):
    assert main(["collect", str(course), NAME]) == 1
    assert "Copy the download there." in capsys.readouterr().err
    assert main(["collect", str(course), "02_nubmers"]) == 1
    assert "no assignment 02_nubmers. It has 02_numbers" in capsys.readouterr().err

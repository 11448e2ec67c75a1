"""A course's zip in a student's workspace: one copy of the chapter, and no answer lost."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import compute_checksum
from small_chapters import CopyOnDisk, markdown, sources, stream_output

from unet_tutorial.classroom.course.make_course import make_course
from unet_tutorial.classroom.grading.batch import grade
from unet_tutorial.classroom.nbgrader_config import load_config
from unet_tutorial.classroom.words.table import open_table
from unet_tutorial.classroom.workspace import record, released, sync
from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store

STEM = "02_convolution"
NAME = f"{STEM}.ipynb"
MINE = Path("mine")
WORDS = "Because the kernel then fits on every pixel."


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of two chapters; tests must not change it."""
    root = tmp_path_factory.mktemp("courses") / "biology"
    make_course(root, ["02", "03"])
    return root


@pytest.fixture
def workspace(tmp_path, monkeypatch, capsys):
    """A workspace with chapters 01 and 02, made before the course's zip came."""
    monkeypatch.chdir(tmp_path)
    sync.start(MINE, ["01", "02"])
    capsys.readouterr()
    return MINE


def snapshot(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def put_zip(course, stem=STEM, name=None, age=0):
    path = MINE / (name or f"{stem}.zip")
    shutil.copy(course / "zips" / f"{stem}.zip", path)
    os.utime(path, (1_700_000_000 - age,) * 2)
    return path


def change_zip(path, changes):
    """Change files in a zip; None removes one."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()} | changes
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    path.write_bytes(made.getvalue())
    return path


def answer_all(path):
    copy = CopyOnDisk(path)
    for cell in copy.notebook["cells"]:
        if cell["id"].startswith("solution-"):
            cell["source"] = chapters.read_solution(cell["id"][9:].replace("-", "."))
    return copy.save()


def test_a_zip_is_merged_into_the_one_copy(course, workspace, capsys):
    copy = answer_all(MINE / NAME)
    copy.cell("setup")["outputs"] = [stream_output("mine")]
    copy.add("title", markdown("note", "A note of my own")).save()
    before, given = copy.path.read_bytes(), sources(copy.notebook)
    zip_file = put_zip(course)
    content = zip_file.read_bytes()
    assert sync.update(MINE) == 0
    after = CopyOnDisk(MINE / NAME)
    answers = {name: text for name, text in given.items() if name.startswith("solution-")}
    assert {**answers, "note": "A note of my own"}.items() <= after.sources().items()
    assert after.cell("setup")["outputs"] == [stream_output("mine")]
    names = list(after.sources())
    place = names.index("explain-2-question")
    assert names[place : place + 3] == ["explain-2-question", "explain-2", "built"]
    assert names.index("note") == names.index("title") + 1
    assert "[01](01_pixels_to_labels.ipynb)" not in after.sources()["title"]  # not in the course
    assert (MINE / ".unet-tutorial/backup/02_convolution.1.ipynb").read_bytes() == before
    assert zip_file.read_bytes() == content
    assert not (MINE / STEM).exists()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{STEM}.zip was read: {NAME} now comes from your course."
    assert f"{NAME} was updated; your answers to 2.1, 2.2, 2.3, 2.4, 2.5 were kept." in lines
    assert lines[-1].startswith("The copies from before this update are in ")


def start_again(folder):
    sync.start(folder, ["02"])


@pytest.mark.parametrize("again", [sync.update, sync.refresh, start_again])
def test_a_second_time_changes_nothing(course, workspace, again):
    answer_all(MINE / NAME)
    put_zip(course)
    sync.update(MINE)
    CopyOnDisk(MINE / NAME).change("explain-2", WORDS).save()
    sync.update(MINE)
    before = snapshot(MINE)
    again(MINE)
    assert snapshot(MINE) == before


def test_lab_merges_a_zip_into_a_copy_with_answers(course, workspace, capsys):
    given = answer_all(MINE / NAME).sources()
    put_zip(course)
    sync.refresh(MINE)
    after = CopyOnDisk(MINE / NAME).sources()
    assert {n: t for n, t in given.items() if n.startswith("solution-")}.items() <= after.items()
    assert "explain-2" in after
    assert "The copies from before this update" in capsys.readouterr().out


def test_the_course_stays_when_the_zip_is_gone_and_the_package_changes(
    course, workspace, tmp_path, capsys
):
    answer_all(MINE / NAME)
    put_zip(course)
    sync.update(MINE)
    CopyOnDisk(MINE / NAME).change("explain-2", WORDS).save()
    (MINE / f"{STEM}.zip").unlink()
    clone = tmp_path / "clone"
    shutil.copytree(chapters.find_notebooks(), clone / "notebooks")
    shutil.copytree(chapters.find_notebooks().parent / "figures", clone / "figures")
    newer = CopyOnDisk(clone / "notebooks" / NAME)
    newer.change("title", "# 02 · Anew").save()
    before = snapshot(MINE)
    assert sync.update(MINE, clone / "notebooks") == 0
    assert snapshot(MINE) == before
    assert f"{NAME} is up to date." in capsys.readouterr().out


@pytest.mark.parametrize("lost", ["edition.json", "released", "."])
def test_an_answer_in_words_outlives_a_lost_record(course, workspace, lost):
    put_zip(course)
    sync.update(MINE)
    CopyOnDisk(MINE / NAME).change("explain-2", WORDS).save()
    path = MINE / ".unet-tutorial" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    sync.update(MINE)
    after = CopyOnDisk(MINE / NAME)
    assert after.sources()["explain-2"] == WORDS
    assert after.cell("explain-2")["metadata"]["nbgrader"]["grade"]
    (MINE / f"{STEM}.zip").unlink()
    before = snapshot(MINE)
    sync.update(MINE)
    assert snapshot(MINE) == before


def test_a_kept_zip_that_broke_leaves_the_copy_alone(course, workspace, capsys):
    put_zip(course).rename("away.zip")
    shutil.copy("away.zip", MINE / f"{STEM}.zip")
    sync.update(MINE)
    CopyOnDisk(MINE / NAME).change("explain-2", WORDS).save()
    before = (MINE / NAME).read_bytes()
    (MINE / f"{STEM}.zip").unlink()
    shutil.rmtree(MINE / ".unet-tutorial" / "released")
    assert sync.update(MINE) == 1
    assert "Put the zip into this folder again" in capsys.readouterr().out
    assert (MINE / NAME).read_bytes() == before
    shutil.copy("away.zip", MINE / f"{STEM}.zip")
    assert sync.update(MINE) == 0
    assert (MINE / NAME).read_bytes() == before


def test_an_old_text_that_jupyterlab_saved_again_gets_its_question_back(course, workspace):
    answer_all(MINE / NAME)
    old = (MINE / NAME).read_bytes()
    put_zip(course)
    sync.update(MINE)
    after = (MINE / NAME).read_bytes()
    (MINE / NAME).write_bytes(old)
    sync.update(MINE)
    assert (MINE / NAME).read_bytes() == after
    CopyOnDisk(MINE / NAME).delete("explain-2-question").delete("check-2-1").save()
    sync.refresh(MINE)
    assert CopyOnDisk(MINE / NAME).sources() == sources(json.loads(after))


def test_work_from_the_unpacked_folder_can_be_moved_over_the_copy(course, workspace, capsys):
    """As students worked before: in the zip's own folder, with answers in words."""
    with zipfile.ZipFile(course / "zips" / f"{STEM}.zip") as archive:
        archive.extractall(MINE)
    worked = answer_all(MINE / STEM / NAME).change("explain-2", WORDS).save()
    before = snapshot(MINE / STEM)
    put_zip(course)
    sync.update(MINE)
    assert snapshot(MINE / STEM) == before
    assert f"{STEM}/{NAME} is another copy, and stays as it is." in capsys.readouterr().out
    shutil.copy(worked.path, MINE / NAME)
    shutil.rmtree(MINE / ".unet-tutorial")
    sync.update(MINE)
    after = CopyOnDisk(MINE / NAME).sources()
    assert (after["explain-2"], after["solution-2-1"]) == (WORDS, chapters.read_solution("2.1"))


def test_an_unpacked_folder_alone_works_as_before(course, workspace, monkeypatch):
    with zipfile.ZipFile(course / "zips" / f"{STEM}.zip") as archive:
        archive.extractall(MINE)
    before = snapshot(MINE)
    sync.update(MINE)
    assert snapshot(MINE) == before
    monkeypatch.chdir(MINE / STEM)
    assert record.find_default_folder() == Path.cwd()


def test_a_new_workspace_with_nothing_but_a_zip(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    MINE.mkdir()
    put_zip(course)
    sync.refresh(MINE)
    names = {path.name for path in MINE.glob("*.ipynb")}
    assert names == {path.name for path in chapters.chapter_paths(chapters.find_notebooks())}
    assert "explain-2" in CopyOnDisk(MINE / NAME).sources()


def test_a_chapter_that_the_workspace_does_not_have_is_added(course, workspace):
    put_zip(course, "03_double_conv")
    sync.update(MINE)
    after = CopyOnDisk(MINE / "03_double_conv.ipynb").sources()
    assert "explain-3" in after
    assert f"builds on [02]({NAME})" in after["title"]
    assert f"../{STEM}" not in str(after)
    assert not (MINE / "04_down.ipynb").exists()
    linked = [name for name in after.values() if "](figures/" in name]
    assert linked
    assert {each.name for each in (MINE / "figures").iterdir()} >= set(
        chapters.find_pictures(chapters.read_chapter(3))
    )


def release_again(course, path, **texts):
    """Make a later release: other texts of cells, and their checksums."""
    with zipfile.ZipFile(course / "zips" / f"{STEM}.zip") as archive:
        notebook = nbformat.reads(archive.read(f"{STEM}/{NAME}").decode(), 4)
    for cell in notebook.cells:
        cell.source = texts.get(cell.id.replace("-", "_"), cell.source)
        if cell.metadata.get("nbgrader"):
            cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    return change_zip(path, {f"{STEM}/{NAME}": nbformat.writes(notebook).encode()})


def test_a_second_release_replaces_the_first_and_keeps_the_answer_in_words(
    course, workspace, capsys
):
    first = put_zip(course, age=60)
    sync.update(MINE)
    CopyOnDisk(MINE / NAME).change("explain-2", WORDS).save()
    second = release_again(
        course,
        put_zip(course, name="02_convolution (1).ZIP"),
        explain_2_question="Now this?",
        explain_2="ANSWER HERE",
    )
    for _ in range(2):
        sync.update(MINE)
        after = CopyOnDisk(MINE / NAME).sources()
        assert (after["explain-2-question"], after["explain-2"]) == ("Now this?", WORDS)
        assert not any(name.startswith("yours-") for name in after)
        second.unlink(missing_ok=True)  # the first, which is still there, isn't taken again
    assert first.is_file()
    assert "check your answers to the question in words again" in capsys.readouterr().out


def test_of_several_zips_the_newest_counts(course, workspace):
    newer = release_again(course, put_zip(course, name="a.zip"), explain_2_question="Newer?")
    os.utime(newer, (1_700_000_000,) * 2)
    put_zip(course, name="b.zip", age=60)
    sync.update(MINE)
    assert CopyOnDisk(MINE / NAME).sources()["explain-2-question"] == "Newer?"


def test_pictures_and_other_files_come_along(course, workspace, capsys):
    path = put_zip(course)
    files = {
        f"{STEM}/figures/same_or_valid.svg": b"<svg>course</svg>",
        f"{STEM}/helper.py": b"A = 1",
        f"{STEM}/data/x.csv": b"1",
        f"{STEM}/own.txt": b"course",
        f"{STEM}/.ipynb_checkpoints/x.ipynb": b"{}",
        f"{STEM}/01_pixels_to_labels.ipynb": b"{}",
        "readme.txt": b"",
    }
    (MINE / "own.txt").write_text("mine")
    before = (MINE / "01_pixels_to_labels.ipynb").read_bytes()
    change_zip(path, files)
    for _ in range(2):
        sync.update(MINE)
        assert (MINE / "figures" / "same_or_valid.svg").read_text() == "<svg>course</svg>"
        assert (MINE / "helper.py").read_text() == "A = 1"
        assert (MINE / "data" / "x.csv").read_text() == "1"
        assert (MINE / "own.txt").read_text() == "mine"
        assert (MINE / "01_pixels_to_labels.ipynb").read_bytes() == before
        assert not (MINE / ".ipynb_checkpoints").exists()
        assert not (MINE / "readme.txt").exists()
    assert capsys.readouterr().out.count("helper.py was written.") == 1
    (MINE / "helper.py").write_text("A = 2")
    change_zip(path, {f"{STEM}/helper.py": b"A = 3"})
    sync.update(MINE)
    assert (MINE / "helper.py").read_text() == "A = 2"


def test_no_file_is_written_through_a_link_to_elsewhere(course, workspace, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (MINE / "data").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    change_zip(put_zip(course), {f"{STEM}/data/x.csv": b"1"})
    assert sync.update(MINE) == 0
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:9000]), "not a zip file"),
        (lambda path: path.write_bytes(b"PK\x03\x04"), "not a zip file"),
        (lambda path: path.write_bytes(b""), "not a zip file"),
        (lambda path: flip_byte(path), "CRC|invalid|Error"),
        (lambda path: change_zip(path, {"../x.py": b""}), "leads outside, '../x.py'"),
        (lambda path: change_zip(path, {f"{STEM}/figures/../../../x": b""}), "leads outside"),
        (lambda path: change_zip(path, {"/tmp/x": b""}), "leads outside, '/tmp/x'"),
        (lambda path: change_zip(path, {f"{STEM}/C:x": b""}), "leads outside"),
        (lambda path: change_zip(path, {f"{STEM}/zeros": bytes(201_000_000)}), "too large, 201 MB"),
        (
            lambda path: change_zip(path, {f"{STEM}/{each}": b"" for each in range(2_001)}),
            "too many files, 2008",
        ),
        (lambda path: change_zip(path, {f"{STEM}/{NAME}": b"{"}), "isn't a readable notebook"),
        (lambda path: change_zip(path, {f"{STEM}/{NAME}": b'{"nbformat": 3}'}), "of format 4"),
        (lambda path: write_work(path), "explain-2 was changed"),
        (lambda path: write_package_edition(path), "no cells of nbgrader"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_that_cannot_be_taken_is_named_and_left_alone(
    course, workspace, capsys, spoil, message
):
    answer_all(MINE / NAME)
    path = put_zip(course)
    spoil(path)
    before = snapshot(MINE)
    outside = snapshot(MINE.parent).keys()
    assert sync.update(MINE) == 1
    after = snapshot(MINE)
    changed = {each for each in {*before, *after} if before.get(each) != after.get(each)}
    assert changed == set()
    assert snapshot(MINE.parent).keys() == outside
    (line,) = [x for x in capsys.readouterr().out.splitlines() if x.startswith(path.name)]
    assert line.startswith(f"{STEM}.zip was left alone: ")
    assert re.search(message, line), line


def flip_byte(path):
    content = bytearray(path.read_bytes())
    place = content.index(b"02_convolution.ipynb") + 2_000
    content[place : place + 40] = bytes(40)
    path.write_bytes(content)


def write_work(path):
    """Put a student's own work into a zip, as they'd zip their folder to hand it in."""
    with zipfile.ZipFile(path) as archive:
        made = json.loads(archive.read(f"{STEM}/{NAME}"))
    for cell in made["cells"]:
        if cell["id"] == "explain-2":
            cell["source"] = WORDS
    change_zip(path, {f"{STEM}/{NAME}": json.dumps(made).encode()})


def write_package_edition(path):
    change_zip(path, {f"{STEM}/{NAME}": (MINE / NAME).read_bytes()})


def test_other_zips_are_ignored(course, workspace, capsys):
    sync.update(MINE)
    before = snapshot(MINE)
    capsys.readouterr()
    with zipfile.ZipFile(MINE / "data.zip", "w") as archive:
        archive.writestr("../images/a.png", b"")
    with zipfile.ZipFile(MINE / "other.zip", "w") as archive:
        archive.writestr("77_x/77_x.ipynb", b"{}")
    (MINE / "folder.zip").mkdir()
    assert sync.update(MINE) == 0
    assert ".zip" not in capsys.readouterr().out
    for name in ("data.zip", "other.zip"):
        (MINE / name).unlink()
    assert snapshot(MINE) == before


@pytest.mark.parametrize("step", ["back_up", "save", "_record_edition"])
def test_an_interrupted_update_loses_nothing_and_can_be_repeated(
    course, workspace, monkeypatch, step
):
    given = answer_all(MINE / NAME).sources()
    put_zip(course)
    owner = sync._Sync if step == "_record_edition" else record.Workspace
    with monkeypatch.context() as patch:
        patch.setattr(owner, step, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sync.update(MINE)
    sync.update(MINE)
    after = CopyOnDisk(MINE / NAME).sources()
    assert {n: t for n, t in given.items() if n.startswith("solution-")}.items() <= after.items()
    assert list(after).count("explain-2") == 1
    assert len(after) == len(given) + 2


def test_solutions_stay_hidden_if_the_course_says_so(course, workspace, monkeypatch):
    put_zip(course)
    sync.update(MINE)
    monkeypatch.chdir(MINE)
    assert not progress_store.is_solution_allowed("2.1")
    assert progress_store.is_solution_allowed("1.1")


def test_a_checksum_is_nbgraders(course):
    text = (course / "release" / STEM / NAME).read_text("utf-8")
    cells = [cell for cell in nbformat.reads(text, 4).cells if "nbgrader" in cell.metadata]
    assert len(cells) > 10
    for cell in cells:
        assert released.compute_checksum(cell) == compute_checksum(cell)


def test_what_is_handed_in_gets_full_points(course, workspace, tmp_path):
    answer_all(MINE / NAME)
    put_zip(course)
    sync.update(MINE)
    CopyOnDisk(MINE / NAME).change("explain-2", WORDS).save()
    root = Path(shutil.copytree(course, tmp_path / "biology"))
    submitted = root / "submitted" / "ada" / STEM
    submitted.mkdir(parents=True)
    shutil.copy(MINE / NAME, submitted)
    (outcome,) = grade(root, workers=1)
    assert (outcome.points, outcome.failed) == (9, [])
    assert (outcome.guesses, outcome.tricks) == ([], [])
    config = load_config(root.resolve())
    assigned = CourseDirectory(config=config)
    with Gradebook(assigned.db_url, assigned.course_id) as gradebook:
        found = gradebook.find_grade("explain-2", STEM, STEM, "ada")
        assert (found.manual_score, found.needs_manual_grade) == (None, True)
    (question,) = open_table(root, STEM).questions.values()
    assert [answer.text for answer in question.answers] == [WORDS]
    assert question.blank == []

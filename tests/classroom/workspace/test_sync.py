"""start, update and refresh: what they write, what they leave alone, and what they print."""

import json
import os
import stat
from pathlib import Path

import pytest
from small_chapters import CopyOnDisk, chapter, markdown, stream_output, usual_cells, write_sources

from unet_tutorial import files
from unet_tutorial.classroom.workspace import lab, record, sync
from unet_tutorial.classroom.workspace.record import CommandError, open_workspace

ANSWER = "answer = 41"
CHAPTERS = ["02_convolution.ipynb", "04_down.ipynb"]


@pytest.fixture(autouse=True)
def empty_current_folder(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def sources(tmp_path):
    return write_sources(tmp_path / "clone")


@pytest.fixture
def folder(sources, capsys):
    """A workspace with both chapters."""
    sync.start(Path("mine"), sources=sources)
    capsys.readouterr()
    return Path("mine")


def publish_new_version(sources, title="# 02 · Anew", name="02_convolution.ipynb"):
    """Publish a new version of a chapter: its source notebook with another title."""
    notebook = json.loads((sources / name).read_text())
    notebook["cells"][0]["source"] = title
    (sources / name).write_text(json.dumps(notebook))


def write_answer(folder, source=ANSWER):
    return CopyOnDisk(folder / CHAPTERS[0]).change("solution-2-1", source).save()


def snapshot(folder):
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ---- start


def test_start_writes_chapters_pictures_and_a_record(sources, capsys):
    assert sync.start(sources=sources) == 0
    folder = Path("workspace")
    assert sorted(os.listdir(folder)) == [".unet-tutorial", *CHAPTERS, "figures"]
    assert (folder / "figures" / "a.svg").read_text() == "<svg/>"
    text = (folder / CHAPTERS[0]).read_text()
    assert "figures/a.svg" in text
    assert "../figures" not in text
    assert "BEGIN" not in text
    saved = json.loads((folder / ".unet-tutorial" / "edition.json").read_text())
    assert saved["version"] == record.installed_version()
    assert list(saved["chapters"][CHAPTERS[0]]["cells"]) == [c["id"] for c in usual_cells()]
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"{name} was written." for name in CHAPTERS]
    assert lines[2:] == ["figures/ has 1 new picture.", "Next: unet-tutorial lab"]


def test_a_second_start_changes_nothing(folder, sources, capsys):
    before = snapshot(folder)
    assert sync.start(folder, sources=sources) == 0
    assert snapshot(folder) == before
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"{name} is up to date." for name in CHAPTERS]
    assert lines[2:] == ["Next: unet-tutorial lab mine"]


@pytest.mark.parametrize("name", ["02", "2", "02_convolution", "02_convolution.ipynb"])
def test_chosen_chapters(sources, name):
    sync.start(Path("mine"), [name], sources)
    assert sorted(os.listdir("mine")) == [".unet-tutorial", CHAPTERS[0], "figures"]
    assert CopyOnDisk(Path("mine") / CHAPTERS[0]).sources()["next"] == "Chapter 04 is next."


def test_a_chapter_that_comes_later_brings_the_links_back(sources, capsys):
    sync.start(Path("mine"), ["02"], sources)
    sync.start(Path("mine"), ["04"], sources)
    found = CopyOnDisk(Path("mine") / CHAPTERS[0]).sources()
    assert found["next"] == "[Chapter 04](04_down.ipynb#Down) is next."
    assert f"{CHAPTERS[0]} was updated." in capsys.readouterr().out


def test_start_in_a_workspace_adds_to_it(sources, monkeypatch):
    sync.start(Path("mine"), ["02"], sources)
    monkeypatch.chdir("mine")
    sync.start(None, ["04"], sources)
    assert Path("04_down.ipynb").exists()
    assert not Path("workspace").exists()


def test_start_never_overwrites_an_answer(folder, sources, capsys):
    write_answer(folder)
    publish_new_version(sources)
    before = snapshot(folder)
    assert sync.start(folder, sources=sources) == 0
    assert snapshot(folder) == before
    output = capsys.readouterr().out
    assert "was left as it is: you've changed it" in output
    assert "`unet-tutorial update mine` merges the newer text" in output


@pytest.mark.parametrize("verb", [sync.start, sync.update])
def test_a_copy_with_an_answer_can_be_up_to_date(folder, sources, capsys, verb):
    write_answer(folder)
    before = snapshot(folder)
    verb(folder, sources=sources)
    assert snapshot(folder) == before
    assert f"{CHAPTERS[0]} is up to date." in capsys.readouterr().out


def test_start_updates_a_copy_that_was_only_run_and_keeps_its_outputs(folder, sources):
    copy = CopyOnDisk(folder / CHAPTERS[0])
    copy.cell("setup")["outputs"] = [stream_output("mine")]
    copy.save()
    before = copy.path.read_bytes()
    publish_new_version(sources)
    sync.start(folder, sources=sources)
    assert CopyOnDisk(copy.path).sources()["title"] == "# 02 · Anew"
    assert CopyOnDisk(copy.path).cell("setup")["outputs"] == [stream_output("mine")]
    assert (folder / ".unet-tutorial/backup/02_convolution.1.ipynb").read_bytes() == before


def test_an_unchanged_copy_is_updated_without_a_backup(folder, sources):
    publish_new_version(sources)
    sync.start(folder, sources=sources)
    assert CopyOnDisk(folder / CHAPTERS[0]).sources()["title"] == "# 02 · Anew"
    assert not (folder / ".unet-tutorial" / "backup").exists()


def test_a_deleted_copy_is_written_again(folder, sources):
    (folder / CHAPTERS[1]).unlink()
    sync.start(folder, sources=sources)
    assert (folder / CHAPTERS[1]).exists()


def test_a_file_that_was_there_already_stays(sources, capsys):
    Path("mine").mkdir()
    other = chapter(markdown("title", "# Something else"))
    (Path("mine") / CHAPTERS[0]).write_text(json.dumps(other))
    sync.start(Path("mine"), ["02"], sources)
    assert json.loads((Path("mine") / CHAPTERS[0]).read_text()) == other
    assert "was left as it is: it was there already" in capsys.readouterr().out


def test_a_lost_record_is_restored(folder, sources, capsys):
    (folder / ".unet-tutorial" / "edition.json").write_text("{ broken")
    sync.start(folder, sources=sources)
    assert f"{CHAPTERS[0]} is up to date." in capsys.readouterr().out
    assert set(open_workspace(folder).chapters) == set(CHAPTERS)


def test_pictures_are_updated_unless_the_learner_changed_them(folder, sources):
    (sources.parent / "figures" / "a.svg").write_text("<svg>2</svg>")
    sync.start(folder, sources=sources)
    picture = folder / "figures" / "a.svg"
    assert picture.read_text() == "<svg>2</svg>"
    picture.write_text("mine")
    (sources.parent / "figures" / "a.svg").write_text("<svg>3</svg>")
    sync.start(folder, sources=sources)
    assert picture.read_text() == "mine"


def test_a_video_is_copied_byte_for_byte(tmp_path):
    video = '<video controls src="../figures/b.webm"><img src="../figures/a.svg" alt="a"></video>'
    cells = {"02_convolution.ipynb": chapter(*usual_cells(), markdown("moves", video))}
    sources, content = write_sources(tmp_path / "clone", cells), bytes(range(256))
    (sources.parent / "figures" / "b.webm").write_bytes(content)
    sync.start(Path("mine"), sources=sources)
    assert (Path("mine") / "figures" / "b.webm").read_bytes() == content
    written = CopyOnDisk(Path("mine") / CHAPTERS[0]).sources()["moves"]
    assert written == video.replace("../figures", "figures")


# ---- errors


def start_and_fail(*arguments):
    """Run start, which has to fail; return the error's message."""
    with pytest.raises(CommandError) as error:
        sync.start(*arguments)
    return str(error.value)


def test_unknown_chapters_are_refused(sources):
    message = start_and_fail(Path("mine"), ["02", "13"], sources)
    assert message == "There is no chapter '13'. Choose from 02, 04."
    assert not Path("mine").exists()


@pytest.mark.parametrize("path", ["file", "file/below"])
def test_a_file_is_refused(sources, path):
    Path("file").write_text("")
    message = start_and_fail(Path(path), [], sources)
    assert message.startswith(f"{path} is a file. " if path == "file" else f"{path} cannot be")
    assert "Choose another folder, for example: unet-tutorial start " in message


@pytest.mark.parametrize("inside", [".", "..", "deeper"])
def test_the_sources_are_refused(sources, inside):
    before = snapshot(sources.parent)
    assert "is where the chapters' source notebooks are" in start_and_fail(
        sources / inside, [], sources
    )
    assert snapshot(sources.parent) == before


@pytest.mark.parametrize("verb", [sync.start, sync.update])
def test_a_folder_of_a_course_is_refused(sources, monkeypatch, verb):
    handed_out = Path("02_convolution")
    (handed_out / ".unet-tutorial").mkdir(parents=True)
    (handed_out / ".unet-tutorial" / "course.json").write_text('{"solutions": true}')
    (handed_out / CHAPTERS[0]).write_text(json.dumps(chapter(*usual_cells())))
    before = snapshot(handed_out)
    with pytest.raises(CommandError, match=r"belongs to a course.*lab 02_convolution"):
        verb(handed_out, sources=sources)
    monkeypatch.chdir(handed_out)
    assert record.find_default_folder() == Path.cwd()
    lab._prepare_workspace(Path.cwd())
    monkeypatch.chdir("..")
    assert snapshot(handed_out) == before


def test_a_folder_that_cannot_be_written_to_is_refused(sources, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    message = start_and_fail(Path("mine"), [], sources)
    assert message.startswith("mine cannot be written to: No space left on device. ")
    assert snapshot(Path("mine")) == {}  # and no half-written file either


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(sources, tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert "Permission denied" in start_and_fail(tmp_path / "mine", [], sources)
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a"
    files.atomic_write(path, b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        files.atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert not list(tmp_path.glob(".a*"))


# ---- update


def test_update_writes_the_new_text_and_keeps_answers(folder, sources, capsys):
    before = write_answer(folder).path.read_bytes()
    publish_new_version(sources)
    assert sync.update(folder, sources) == 0
    found = CopyOnDisk(folder / CHAPTERS[0]).sources()
    assert (found["title"], found["solution-2-1"]) == ("# 02 · Anew", ANSWER)
    assert (folder / ".unet-tutorial/backup/02_convolution.1.ipynb").read_bytes() == before
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{CHAPTERS[0]} was updated; your answers to 2.1 were kept."
    assert lines[1] == f"{CHAPTERS[1]} is up to date."
    backups = Path("mine/.unet-tutorial/backup")
    assert lines[2] == f"The copies from before this update are in {backups}."


def test_a_second_update_changes_nothing(folder, sources, capsys):
    write_answer(folder)
    publish_new_version(sources)
    sync.update(folder, sources)
    before = snapshot(folder)
    capsys.readouterr()
    sync.update(folder, sources)
    assert snapshot(folder) == before
    assert "backup" not in capsys.readouterr().out


def test_update_notices_an_old_text_that_jupyterlab_saved_again(folder, sources, capsys):
    write_answer(folder)
    old = (folder / CHAPTERS[0]).read_bytes()
    publish_new_version(sources)
    sync.update(folder, sources)
    updated = (folder / CHAPTERS[0]).read_bytes()
    for _ in range(2):
        (folder / CHAPTERS[0]).write_bytes(old)
        sync.update(folder, sources)
        assert (folder / CHAPTERS[0]).read_bytes() == updated
    assert ANSWER in updated.decode()
    capsys.readouterr()
    sync.update(folder, sources)
    assert f"{CHAPTERS[0]} is up to date." in capsys.readouterr().out


def test_each_update_has_its_own_backup(folder, sources):
    for number, title in enumerate(("# B", "# C"), start=1):
        write_answer(folder, f"answer = {number}")
        publish_new_version(sources, title)
        sync.update(folder, sources)
    backups = [CopyOnDisk(p) for p in sorted((folder / ".unet-tutorial" / "backup").iterdir())]
    assert [b.sources()["solution-2-1"] for b in backups] == ["answer = 1", "answer = 2"]


@pytest.mark.parametrize("step", ["back_up", "_record_edition"])
def test_an_interrupted_update_loses_nothing_and_can_be_repeated(
    folder, sources, monkeypatch, step
):
    write_answer(folder)
    publish_new_version(sources)
    owner = record.Workspace if step == "back_up" else sync._Sync
    with monkeypatch.context() as patch:
        patch.setattr(owner, step, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sync.update(folder, sources)
    sync.update(folder, sources)
    found = CopyOnDisk(folder / CHAPTERS[0]).sources()
    assert (found["title"], found["solution-2-1"]) == ("# 02 · Anew", ANSWER)
    assert len(found) == len(usual_cells())


BROKEN = ["{ broken", "[]", '{"nbformat": 3}', '{"nbformat": 4, "cells": [{}]}', "\udcff"]


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("verb", [sync.start, sync.update])
def test_a_broken_copy_is_reported_and_left(folder, sources, capsys, text, verb):
    path = folder / CHAPTERS[0]
    path.write_bytes(text.encode(errors="surrogateescape"))
    publish_new_version(sources, name=CHAPTERS[1])
    assert verb(folder, sources=sources) == 1
    assert path.read_bytes() == text.encode(errors="surrogateescape")
    output = capsys.readouterr().out
    assert f"{CHAPTERS[0]} was left as it is: it isn't a readable notebook" in output
    assert f"{CHAPTERS[1]} was updated." in output


def test_update_adds_new_chapters_to_a_workspace_with_every_chapter(folder, sources):
    write_sources(sources.parent, {"05_new.ipynb": chapter(markdown("title", "# 05"))})
    sync.update(folder, sources)
    assert (folder / "05_new.ipynb").exists()


def test_update_adds_no_new_chapters_to_a_workspace_with_some(sources):
    sync.start(Path("mine"), ["02"], sources)
    sync.update(Path("mine"), sources)
    assert not (Path("mine") / CHAPTERS[1]).exists()


def test_a_removed_chapter_stays_in_the_workspace(folder, sources):
    (sources / CHAPTERS[1]).unlink()
    sync.update(folder, sources)
    assert (folder / CHAPTERS[1]).exists()


def test_update_without_a_record_keeps_answers(folder, sources):
    write_answer(folder)
    (folder / ".unet-tutorial" / "edition.json").unlink()
    publish_new_version(sources)
    sync.update(folder, sources)
    found = CopyOnDisk(folder / CHAPTERS[0]).sources()
    assert (found["title"], found["solution-2-1"]) == ("# 02 · Anew", ANSWER)


def test_update_without_a_workspace(sources):
    with pytest.raises(
        CommandError, match=r"mine has no chapters. To write some: unet-tutorial start"
    ):
        sync.update(Path("mine"), sources)
    assert not Path("mine").exists()


def test_update_says_what_happened_to_the_work(folder, sources, capsys):
    copy = (
        write_answer(folder).change("solution-2-2", ANSWER).change("guess", "my_guess = 9").save()
    )
    cells = [c for c in usual_cells() if not c["id"].endswith("2-2")]
    cells[2]["source"], cells[4]["source"] = "my_guess = ...", "### 2.1 · Title\n\nAnother task."
    write_sources(sources.parent, {CHAPTERS[0]: chapter(*cells)})
    sync.update(folder, sources)
    assert capsys.readouterr().out.splitlines()[0] == (
        f"{CHAPTERS[0]} was updated; your answers to 2.1 were kept; check your answers to 2.1 "
        "again, because the tasks have changed; your answers to removed exercises (2.2) are after "
        "the last exercise; where you and the new text changed the same cell, yours follows as a "
        "text cell (1x)."
    )
    assert "my_guess = 9" in CopyOnDisk(copy.path).sources()["yours-guess"]


# ---- refresh, which lab calls


def test_refresh_makes_a_workspace_and_then_prints_nothing(sources, capsys):
    sync.refresh(Path("mine"), sources)
    assert f"{CHAPTERS[0]} was written." in capsys.readouterr().out
    sync.refresh(Path("mine"), sources)
    assert capsys.readouterr().out == ""


def test_refresh_updates_unchanged_copies_and_reports_newer_text_for_changed_ones(
    folder, sources, capsys
):
    write_answer(folder)
    for name in CHAPTERS:
        publish_new_version(sources, name=name)
    sync.refresh(folder, sources)
    assert capsys.readouterr().out.splitlines() == [
        f"{CHAPTERS[0]} was left as it is: you've changed it. "
        "`unet-tutorial update mine` merges the newer text into it.",
        f"{CHAPTERS[1]} was updated.",
    ]


def test_refresh_writes_a_deleted_copy_again(sources):
    sync.start(Path("mine"), ["02"], sources)
    (Path("mine") / CHAPTERS[0]).unlink()
    sync.refresh(Path("mine"), sources)
    assert (Path("mine") / CHAPTERS[0]).exists()


def test_refresh_adds_no_chapters_to_a_workspace_with_some(sources):
    sync.start(Path("mine"), ["02"], sources)
    sync.refresh(Path("mine"), sources)
    assert not (Path("mine") / CHAPTERS[1]).exists()


# ---- the default folder, and how commands are printed


def test_the_default_folder(sources, folder, monkeypatch, tmp_path):
    monkeypatch.setattr(record, "_find_clone", lambda: tmp_path / "clone")
    here = Path.cwd()
    assert record.find_default_folder() == tmp_path / "clone" / "workspace"
    assert record.find_default_folder(new=True) == here / "workspace"
    sync.start(Path("workspace"), ["02"], sources)
    assert record.find_default_folder() == here / "workspace"
    monkeypatch.chdir("mine")
    assert record.find_default_folder() == record.find_default_folder(new=True) == here / "mine"


def test_a_wheel_has_no_clone(tmp_path, monkeypatch):
    package = tmp_path / "unet_tutorial"
    monkeypatch.setattr(record, "_PACKAGE_FOLDER", package)
    monkeypatch.setattr(record.chapters, "find_notebooks", lambda: package / "notebooks")
    assert record._find_clone() is None
    assert record.find_default_folder() == Path.cwd() / "workspace"
    monkeypatch.setattr(record.chapters, "find_notebooks", lambda: tmp_path / "notebooks")
    assert record._find_clone() == tmp_path


def test_commands_are_printed_the_way_this_one_was_started(monkeypatch):
    monkeypatch.setattr("sys.argv", ["/usr/bin/unet-tutorial", "start"])
    assert record.format_command("update") == "unet-tutorial update"
    monkeypatch.setattr("sys.argv", [str(Path("unet_tutorial", "__main__.py"))])
    monkeypatch.setattr("sys.executable", str(Path.cwd() / ".venv" / "python"))
    assert record.format_command("update") == f"{Path('.venv/python')} -m unet_tutorial update"

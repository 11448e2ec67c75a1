"""Write a learner's copies of the chapters, and update them without losing the learner's work.

A chapter's text comes from the package, or from a course whose zip is in the workspace.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from unet_tutorial.classroom.workspace import merge, released
from unet_tutorial.classroom.workspace.record import (
    BACKUP_FOLDER,
    CommandError,
    Workspace,
    encode_notebook,
    find_default_folder,
    format_command,
    open_workspace,
    prepare_folder,
    read_notebook,
    relative_path,
)
from unet_tutorial.files import KEPT, atomic_write
from unet_tutorial.teaching.chapters import (
    chapter_paths,
    find_notebooks,
    find_pictures,
    make_learner_edition,
)

_UP_TO_DATE = "is up to date"


@dataclass
class _Sync:
    """One pass over a workspace.

    Attributes:
        workspace: the workspace.
        sources: the folder of the source notebooks.
        merge_changes: whether to merge new text into copies that the learner has changed.
        failed: whether a copy could not be read.
        backed_up: whether a copy was backed up before it was written.
        releases: the chapters that come from a course, by file name; None if one can't be read.
    """

    workspace: Workspace
    sources: Path
    merge_changes: bool = False
    failed: bool = False
    backed_up: bool = False
    releases: dict[str, released.Release | None] = field(default_factory=dict)

    def take_releases(self) -> None:
        """Look for a course's chapters in the workspace's zips; print what was found."""
        news, readable = released.take_zips(self.workspace, _list_chapters(self.sources))
        for line in news:
            print(line)
        self.failed |= not readable
        self.releases = released.open_releases(self.workspace)

    def sync_chapter(self, name: str, names: Collection[str]) -> str:
        """Write a chapter or update its copy; return what was done, in words.

        `names` are the chapters that the workspace will have: links to others become plain text.
        """
        if self.releases.get(name, ...) is None:
            self.failed = True
            return (
                "was left as it is: the copy of your course's zip can't be read. Put the zip into "
                "this folder again"
            )
        edition = self._make_edition(name, names)
        path = self.workspace.folder / name
        if not path.exists():
            return self._write_chapter(name, edition)
        try:
            mine = read_notebook(path)
        except ValueError as error:
            self.failed = True
            return (
                f"was left as it is: {error}. Repair it, or move it away and run this command "
                "again for a fresh copy"
            )
        on_record = self.workspace.chapters.get(name, {})
        written = on_record.get("cells", {})
        if on_record.get("edition") == _fingerprint_edition(edition):
            written = on_record.get("before", {})
            if not _has_previous_text(mine, written, on_record["cells"]):
                if name not in self.releases or not released.lacks_cells(mine, edition):
                    return _UP_TO_DATE
                written = on_record["cells"]
        if merge.is_unmodified(mine, merge.fingerprints(edition)):
            written = merge.fingerprints(edition)
        merge_changes = self.merge_changes or name in self.releases
        if not merge_changes and not merge.is_unmodified(mine, written):
            why = "you've changed it" if on_record else "it was there already"
            update_command = format_command("update", *_folder_argument(self.workspace.folder))
            return f"was left as it is: {why}. `{update_command}` merges the newer text into it"
        return self._merge_chapter(path, written, mine, edition)

    def _make_edition(self, name: str, names: Collection[str]) -> dict:
        """Make a chapter's present edition: the course's, or else this package's."""
        if name in self.releases:
            return released.make_workspace_edition(self.releases[name], names)
        source = json.loads((self.sources / name).read_text(encoding="utf-8"))
        return make_learner_edition(source, names)

    def _merge_chapter(self, path: Path, written: dict, mine: dict, edition: dict) -> str:
        """Merge the new text into a copy; return what happened to the learner's work, in words."""
        merged = merge.merge(written, mine, edition)
        if encode_notebook(merged.notebook) == encode_notebook(mine):
            self._record_edition(path.name, edition)
            return _UP_TO_DATE
        if not merge.is_unmodified(mine, written) or merge.has_outputs(mine):
            self.workspace.back_up(path)
            self.backed_up = True
        atomic_write(path, encode_notebook(merged.notebook))
        self._record_edition(path.name, edition)
        return "; ".join(["was updated", *_describe_merge(merged)])

    def _write_chapter(self, name: str, edition: dict) -> str:
        atomic_write(self.workspace.folder / name, encode_notebook(edition))
        self._record_edition(name, edition)
        return "was written"

    def _record_edition(self, name: str, edition: dict) -> None:
        """Save in the workspace's record that a copy now has this edition's text."""
        now = {"edition": _fingerprint_edition(edition), "cells": merge.fingerprints(edition)}
        last = self.workspace.chapters.get(name, {})
        is_new = last.get("edition") != now["edition"]
        now["before"] = last.get("cells" if is_new else "before", {})
        self.workspace.chapters[name] = now
        self.workspace.save()

    def copy_pictures(self, names: Collection[str]) -> int:
        """Copy the pictures that the chapters use; return how many were new or had changed.

        A picture that the learner has changed stays as it is. So does any other file that came with
        a course's chapter.
        """
        contents = {}
        for name in names:
            source = json.loads((self.sources / name).read_text(encoding="utf-8"))
            for used in find_pictures(source):
                contents[f"figures/{used}"] = (self.sources.parent / "figures" / used).read_bytes()
        for name, release in self.releases.items():
            contents |= release.files if release and name in names else {}
        copied = [name for name in sorted(contents) if self._copy_file(name, contents[name])]
        return sum(name.startswith("figures/") for name in copied)

    def _copy_file(self, name: str, content: bytes) -> bool:
        """Copy a picture or another file into the workspace; return whether it was written."""
        path, key = self.workspace.folder / name, name.removeprefix("figures/")
        if key == name:
            key = f"../{name}"  # on record, names are those in figures/
        recorded, now = self.workspace.figures.get(key), _fingerprint_bytes(content)
        is_ours = path.resolve().is_relative_to(self.workspace.folder.resolve())
        before = path.read_bytes() if path.is_file() else None
        if path.is_dir() or not is_ours:
            return False
        if before not in (None, content) and _fingerprint_bytes(before) != recorded:
            return False  # the learner changed it
        self.workspace.figures[key] = now
        if before == content:
            return False
        path.parent.mkdir(exist_ok=True, parents=True)
        atomic_write(path, content)
        if key.startswith("../"):
            print(f"{name} was {'written' if before is None else 'updated'}.")
        return True


def start(
    folder: Path | None = None, chapters: Sequence[str] = (), sources: Path | None = None
) -> int:
    """Write the learner's edition of chapters into a folder, and update copies already there.

    A copy in which the learner has changed a cell's source stays as it is; outputs don't count.

    Args:
        folder: the workspace; if None, `find_default_folder` chooses it.
        chapters: such as ["02", "04"]; if empty, all of them.
        sources: the folder of the source notebooks, if not this package's.

    Returns:
        The exit status: 1 if a copy could not be read, otherwise 0.

    Raises:
        CommandError: there is no such chapter, or the folder can't be a workspace.
    """
    folder = folder or find_default_folder(new=True)
    sources = sources or find_notebooks()
    chosen = _resolve_chapters(chapters, sources)
    prepare_folder(folder, sources)
    sync = _Sync(open_workspace(folder), sources)
    sync.take_releases()
    sync.workspace.every |= not chapters
    _sync_chapters(sync, {*chosen, *_find_chapters_to_sync(sync)}, chosen)
    print(f"Next: {format_command('lab', *_folder_argument(folder))}")
    return int(sync.failed)


def update(folder: Path | None = None, sources: Path | None = None) -> int:
    """Update every copy in a workspace to this version's text, merging in the learner's work.

    A copy with work or outputs in it is backed up in .unet-tutorial/backup/ before it is replaced.

    Returns:
        The exit status: 1 if a copy could not be read, otherwise 0.

    Raises:
        CommandError: the folder has no chapters, or can't be a workspace.
    """
    folder = folder or find_default_folder()
    sources = sources or find_notebooks()
    sync = _Sync(open_workspace(folder), sources, merge_changes=True)
    if not _find_chapters_to_sync(sync):
        start_command = format_command("start", str(folder))
        raise CommandError(f"{folder} has no chapters. To write some: {start_command}")
    prepare_folder(folder, sources)
    sync.take_releases()
    _sync_chapters(sync, _find_chapters_to_sync(sync), _find_chapters_to_sync(sync))
    return int(sync.failed)


def refresh(folder: Path, sources: Path | None = None) -> None:
    """Create a workspace, or update the copies that the learner hasn't changed; print what changed.

    Raises:
        CommandError: the folder can't be a workspace.
    """
    sources = sources or find_notebooks()
    prepare_folder(folder, sources)
    sync = _Sync(open_workspace(folder), sources)
    sync.workspace.every |= not _find_chapters_to_sync(sync)
    sync.take_releases()
    _sync_chapters(sync, _find_chapters_to_sync(sync), ())


def _sync_chapters(sync: _Sync, names: Collection[str], reported: Collection[str]) -> None:
    """Sync chapters and their pictures; print the results of `reported`, and all that changed."""
    names = sorted(set(names) & set(_list_chapters(sync.sources)))
    sync.workspace.save()
    for name in names:
        result = sync.sync_chapter(name, names)
        if name in reported or result != _UP_TO_DATE:
            print(f"{name} {result}.")
    count = sync.copy_pictures(names)
    sync.workspace.save()
    if count:
        print(f"figures/ has {count} new picture{'s' if count > 1 else ''}.")
    if sync.backed_up:
        backups = (sync.workspace.folder / KEPT / BACKUP_FOLDER).resolve()
        print(f"The copies from before this update are in {relative_path(backups)}.")


def _find_chapters_to_sync(sync: _Sync) -> set[str]:
    """Find the chapters that are in the workspace or on record; all, if it was made with all."""
    names = set(_list_chapters(sync.sources))
    if sync.workspace.every:
        return names
    return {name for name in names if (sync.workspace.folder / name).exists()} | (
        names & {*sync.workspace.chapters, *sync.releases}
    )


def _list_chapters(sources: Path) -> list[str]:
    """List the file names of the chapters, in order."""
    return [path.name for path in chapter_paths(sources)]


def _resolve_chapters(chapters: Sequence[str], sources: Path) -> list[str]:
    """Find the files of chapters given as 02, 2, 02_convolution or 02_convolution.ipynb.

    Raises CommandError if there is no such chapter. Without any chapters, returns all files.
    """
    names = _list_chapters(sources)
    chosen = []
    for chapter in chapters:
        stem = chapter.removesuffix(".ipynb")
        found = [n for n in names if stem.zfill(2) == n[:2] or f"{stem}.ipynb" == n]
        if not found:
            have = ", ".join(name[:2] for name in names)
            raise CommandError(f"There is no chapter {chapter!r}. Choose from {have}.")
        chosen += found
    return chosen or names


def _describe_merge(merged: merge.MergeResult) -> list[str]:
    """Describe what happened to the learner's work, one phrase for each kind of change."""
    phrases = []
    if merged.answers:
        phrases.append(f"your answers to {_list_exercises(merged.answers)} were kept")
    if merged.changed_tasks:
        numbers = _list_exercises(merged.changed_tasks)
        phrases.append(f"check your answers to {numbers} again, because the tasks have changed")
    if merged.removed_exercises:
        numbers = ", ".join(merged.removed_exercises)
        phrases.append(f"your answers to removed exercises ({numbers}) are after the last exercise")
    if merged.conflicts:
        phrases.append(
            "where you and the new text changed the same cell, yours follows as a text cell "
            f"({len(merged.conflicts)}x)"
        )
    return phrases


def _list_exercises(numbers: Sequence[str]) -> str:
    named = {name: "the question in words" for name in numbers if name.startswith("explain-")}
    return ", ".join(named.get(number, number) for number in numbers)


def _folder_argument(folder: Path) -> list[str]:
    """The folder argument to print in a command: none for the default folder."""
    if folder.resolve() == find_default_folder().resolve():
        return []
    return [relative_path(folder.resolve())]


def _has_previous_text(mine: dict, before: dict[str, str], cells: dict[str, str]) -> bool:
    """Whether a copy has the text of the edition before the one on record.

    That happens if the chapter was open in JupyterLab during an update and was then saved there.
    """
    found = {cell.get("id"): merge.fingerprint(cell) for cell in mine["cells"]}
    return any(found.get(name) == old != cells.get(name) for name, old in before.items())


def _fingerprint_edition(edition: dict) -> str:
    """Compute a fingerprint of a whole edition, including its metadata."""
    return _fingerprint_bytes(json.dumps(edition, sort_keys=True).encode())


def _fingerprint_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

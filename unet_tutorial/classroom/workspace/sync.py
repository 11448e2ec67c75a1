"""A learner's copies of the chapters: written, and brought up to date without losing work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.classroom.workspace import merge
from unet_tutorial.classroom.workspace.record import (
    BACKUP,
    Refused,
    Workspace,
    command,
    default_folder,
    notebook_bytes,
    open_workspace,
    prepare,
    read_notebook,
    short,
)
from unet_tutorial.files import KEPT, atomic_write
from unet_tutorial.teaching.chapters import (
    chapter_paths,
    find_notebooks,
    learners_edition,
    pictures_of,
)

UP_TO_DATE = "is up to date"


@dataclass
class Round:
    """One pass over a workspace: where the sources are, and whether changed copies are merged."""

    space: Workspace
    sources: Path
    merges: bool = False
    failed: bool = False
    backed_up: bool = False

    def bring(self, name: str, beside: Collection[str]) -> str:
        """Write a chapter, or bring its copy up to date; returns what was done, in words."""
        source = json.loads((self.sources / name).read_text(encoding="utf-8"))
        edition = learners_edition(source, beside)
        path = self.space.folder / name
        if not path.exists():
            return self.write(name, edition, "written")
        try:
            mine = read_notebook(path)
        except ValueError as error:
            self.failed = True
            return f"is left as it is: {error}. Mend it, or move it away and start again"
        on_record = self.space.chapters.get(name, {})
        written = on_record.get("cells", {})
        if on_record.get("edition") == print_of(edition):
            written = on_record.get("before", {})
            if not is_old(mine, written, on_record["cells"]):
                return UP_TO_DATE
        if merge.is_untouched(mine, merge.fingerprints(edition)):
            written = merge.fingerprints(edition)
        if not self.merges and not merge.is_untouched(mine, written):
            why = "you changed it" if on_record else "it was there before"
            brings = command("update", *named(self.space.folder))
            return f"is kept: {why}. A newer text is there, which `{brings}` brings"
        return self.merge(path, written, mine, edition)

    def merge(self, path: Path, written: dict, mine: dict, edition: dict) -> str:
        """Put the new text into a copy; returns what became of the learner's work."""
        merged = merge.merge(written, mine, edition)
        if notebook_bytes(merged.notebook) == notebook_bytes(mine):
            self.note(path.name, edition)
            return UP_TO_DATE
        if not merge.is_untouched(mine, written) or merge.has_outputs(mine):
            self.space.back_up(path)
            self.backed_up = True
        atomic_write(path, notebook_bytes(merged.notebook))
        self.note(path.name, edition)
        return "; ".join(["is brought up to date", *said_of(merged)])

    def write(self, name: str, edition: dict, said: str) -> str:
        atomic_write(self.space.folder / name, notebook_bytes(edition))
        self.note(name, edition)
        return said

    def note(self, name: str, edition: dict) -> None:
        """Put on record which text a copy now has."""
        now = {"edition": print_of(edition), "cells": merge.fingerprints(edition)}
        last = self.space.chapters.get(name, {})
        renewed = last.get("edition") != now["edition"]
        now["before"] = last.get("cells" if renewed else "before", {})
        self.space.chapters[name] = now
        self.space.save()

    def pictures(self, names: Collection[str]) -> int:
        """Write the pictures that chapters use, but no picture that is not as it was written."""
        used = set()
        for name in names:
            source = json.loads((self.sources / name).read_text(encoding="utf-8"))
            used |= set(pictures_of(source))
        return sum(self.picture(name) for name in sorted(used))

    def picture(self, name: str) -> bool:
        """Write one picture; returns whether there was need to."""
        content = (self.sources.parent / "figures" / name).read_bytes()
        path = self.space.folder / "figures" / name
        before = path.read_bytes() if path.is_file() else None
        if before not in (None, content) and hashed(before) != self.space.figures.get(name):
            return False
        self.space.figures[name] = hashed(content)
        if before == content:
            return False
        path.parent.mkdir(exist_ok=True)
        atomic_write(path, content)
        return True


def start(
    folder: Path | None = None, chapters: Sequence[str] = (), sources: Path | None = None
) -> int:
    """Write the learner's edition of chapters ("02", all where none is named) into a folder.

    What is there stays: a copy in which the learner changed a source (outputs do not count) is
    left alone, any other is brought up to date. Returns the exit status, 1 where a file could not
    be read. Errors: Refused.
    """
    folder = folder or default_folder(new=True)
    sources = sources or find_notebooks()
    chosen = chosen_names(chapters, sources)
    prepare(folder, sources)
    this = Round(open_workspace(folder), sources)
    this.space.every |= not chapters
    run_over(this, {*chosen, *wanted(this)}, chosen)
    print(f"Next: {command('lab', *named(folder))}")
    return int(this.failed)


def update(folder: Path | None = None, sources: Path | None = None) -> int:
    """Bring the text of this version into a workspace, and carry the learner's work over.

    Each copy that changes is backed up in .unet-tutorial/backup/ first. Returns the exit status,
    1 where a file could not be read. Errors: Refused.
    """
    folder = folder or default_folder()
    sources = sources or find_notebooks()
    this = Round(open_workspace(folder), sources, merges=True)
    if not wanted(this):
        raise Refused(f"{folder} has no chapters. To make some: {command('start', str(folder))}")
    prepare(folder, sources)
    run_over(this, wanted(this), wanted(this))
    if this.backed_up:
        print(f"What stood there before is in {short((folder / KEPT / BACKUP).resolve())}.")
    return int(this.failed)


def refresh(folder: Path, sources: Path | None = None) -> None:
    """Make a workspace, or bring up to date what the learner did not change; say what was done."""
    sources = sources or find_notebooks()
    prepare(folder, sources)
    this = Round(open_workspace(folder), sources)
    this.space.every |= not wanted(this)
    run_over(this, wanted(this), ())


def run_over(this: Round, names: Collection[str], told: Collection[str]) -> None:
    """Bring chapters and their pictures up to date; say it of those told, and where it matters."""
    names = sorted(set(names) & set(all_names(this.sources)))
    this.space.save()
    for name in names:
        said = this.bring(name, names)
        if name in told or said != UP_TO_DATE:
            print(f"{name} {said}.")
    count = this.pictures(names)
    this.space.save()
    if count:
        print(f"figures/ has {count} new picture{'s' if count > 1 else ''}.")


def wanted(this: Round) -> set[str]:
    """Return the chapters that a workspace has, had, or should have: all where it was made so."""
    names = set(all_names(this.sources))
    if this.space.every:
        return names
    return {name for name in names if (this.space.folder / name).exists()} | (
        names & set(this.space.chapters)
    )


def all_names(sources: Path) -> list[str]:
    """Return the names of the chapters' files, in order."""
    return [path.name for path in chapter_paths(sources)]


def chosen_names(chapters: Sequence[str], sources: Path) -> list[str]:
    """Return the files of chapters named 02, 2, 02_convolution or 02_convolution.ipynb.

    Errors: Refused where there is none of that name.
    """
    names = all_names(sources)
    chosen = []
    for chapter in chapters:
        stem = chapter.removesuffix(".ipynb")
        found = [n for n in names if stem.zfill(2) == n[:2] or f"{stem}.ipynb" == n]
        if not found:
            have = ", ".join(name[:2] for name in names)
            raise Refused(f"There is no chapter {chapter!r}. There are {have}.")
        chosen += found
    return chosen or names


def said_of(merged: merge.Merged) -> list[str]:
    """Return what became of the learner's work, in words."""
    said = []
    if merged.answers:
        said.append(f"your answers to {', '.join(merged.answers)} are kept")
    if merged.other:
        said.append(f"look again at {', '.join(merged.other)}, which now asks for something else")
    if merged.gone:
        said.append(f"{', '.join(merged.gone)} is gone, your answer closes the exercises")
    if merged.aside:
        said.append(f"where the text changed too, yours stands beside it ({len(merged.aside)}x)")
    return said


def named(folder: Path) -> list[str]:
    """Return how a command names a folder: not at all where it is the one meant anyway."""
    if folder.resolve() == default_folder().resolve():
        return []
    return [short(folder.resolve())]


def is_old(mine: dict, before: dict[str, str], cells: dict[str, str]) -> bool:
    """Return whether a copy has the text before the one on record.

    So it is where the chapter was open in JupyterLab while it was brought up to date, and was
    saved from there afterwards.
    """
    found = {cell.get("id"): merge.fingerprint(cell) for cell in mine["cells"]}
    return any(found.get(name) == old != cells.get(name) for name, old in before.items())


def print_of(edition: dict) -> str:
    """Return a fingerprint of a whole edition, metadata included."""
    return hashed(json.dumps(edition, sort_keys=True).encode())


def hashed(content: bytes) -> str:
    """Return a short hash of a file's content."""
    return hashlib.sha256(content).hexdigest()[:16]

"""The page of a learner's progress: a bar for each chapter, and a link to each exercise."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

from unet_tutorial.teaching import chapters
from unet_tutorial.teaching.checks import progress_store
from unet_tutorial.teaching.checks.card import display_or_print
from unet_tutorial.teaching.checks.exercise import EXERCISES, Exercise
from unet_tutorial.teaching.checks.message import NOT_TRIED, NOT_YET, RIGHT, Verdict

_FORGOTTEN = "This is only remembered until the kernel ends: this folder is not a workspace."
_BAR = (
    '<span aria-hidden="true" style="display: inline-block; width: 8em; height: 0.6em; margin: '
    '0 0.6em; border: 1px solid #808080; border-radius: 4px; overflow: hidden"><span style="'
    'display: block; height: 100%; width: {percent}%; background: #2e9b4f"></span></span>'
)
_TITLE = "display: inline-block; width: min(21em, 48%); vertical-align: top"
_STATE = "display: inline-block; width: 6.5em; white-space: nowrap"


def progress() -> None:
    """Show how many exercises have passed, chapter by chapter, with a link to each of them."""
    display_or_print(ProgressPage(_find_chapters(Path.cwd())))


@dataclass(frozen=True)
class ChapterProgress:
    """The exercises of one chapter, and what is stored about them (see `get_entry`).

    `file` is the name of the notebook; "" if it isn't in this folder.
    """

    number: int
    file: str
    entries: dict[Exercise, dict]

    @property
    def title(self) -> str:
        """The chapter's heading, without its number."""
        first = chapters.cell_source(chapters.read_chapter(self.number)["cells"][0])
        return re.search(r"(?m)^# (?:\d\d · )?(.*)$", first)[1]

    @property
    def passed(self) -> int:
        """How many of the exercises have passed."""
        return sum(entry["passed"] for entry in self.entries.values())

    @property
    def is_begun(self) -> bool:
        """Whether the learner is in the middle of the chapter."""
        return self.passed < len(self.entries) and any(map(_is_touched, self.entries.values()))


@dataclass(frozen=True)
class ProgressPage:
    """The progress in some chapters, as a page and as text."""

    chapters: list[ChapterProgress]

    @property
    def _summary(self) -> str:
        total = sum(len(chapter.entries) for chapter in self.chapters)
        return f"{sum(chapter.passed for chapter in self.chapters)} of {total} exercises passed"

    def __repr__(self) -> str:
        lines = [self._summary, ""]
        for this in self.chapters:
            signs = "".join(_find_verdict(entry).sign for entry in this.entries.values())
            count = f"{this.passed} of {len(this.entries)}"
            lines.append(f"{this.number:02d}  {this.title:32.32}  {signs:6}  {count}")
        return "\n".join(lines + ([] if progress_store.find_store() else ["", _FORGOTTEN]))

    def _repr_html_(self) -> str:
        parts = "".join(map(_format_chapter, self.chapters))
        note = "" if progress_store.find_store() else f"<p>{_FORGOTTEN}</p>"
        return (
            '<div class="unet-progress" style="line-height: 1.6">'
            f'<p style="font-size: 1.3em; margin: 0 0 6px"><strong>{self._summary}</strong></p>'
            f"{parts}{note}</div>"
        )


def _find_chapters(folder: Path) -> list[ChapterProgress]:
    """Return the chapters in a folder that have exercises; all of them if it contains none."""
    kept = progress_store.load_progress()
    files = {int(path.name[:2]): path.name for path in chapters.chapter_paths(folder)}
    grouped: dict[int, dict[Exercise, dict]] = {}
    for number, this in EXERCISES.items():
        entry = progress_store.get_entry(kept, number)
        grouped.setdefault(int(number.partition(".")[0]), {})[this] = entry
    return [
        ChapterProgress(number, files.get(number, ""), entries)
        for number, entries in grouped.items()
        if number in files or not files.keys() & grouped.keys()
    ]


def _format_chapter(this: ChapterProgress) -> str:
    count = f"{this.passed} of {len(this.entries)}"
    bar = _BAR.format(percent=round(100 * this.passed / len(this.entries)))
    rows = "".join(_format_exercise(*each, this.file) for each in this.entries.items())
    title = f"{this.number:02d} · {html.escape(this.title)}"
    return (
        f'<details{" open" if this.is_begun else ""} style="margin: 0">'
        f'<summary style="cursor: pointer"><span style="{_TITLE}">{title}</span>{bar}{count}'
        f'</summary><ul style="list-style: none; margin: 0 0 6px; padding-left: 1.6em">{rows}</ul>'
        "</details>"
    )


def _format_exercise(this: Exercise, entry: dict, file: str) -> str:
    verdict, shown = _find_verdict(entry), html.escape(f"{this.number} · {this.title}")
    if file:  # by the cell's id: JupyterLab doesn't find a heading with a "·" in it
        cell_id = chapters.format_cell_id(this.number, "exercise")
        shown = f'<a href="{file}#cell-id={cell_id}">{shown}</a>'
    state = f'<span style="{_STATE}">{verdict.sign} {verdict.word}</span>'
    return f'<li style="margin: 0">{state} {shown}{_format_hints(entry)}</li>'


def _format_hints(entry: dict) -> str:
    hints = entry["hints"]
    return f" ({hints} hint{'s' if hints != 1 else ''} read)" if hints else ""


def _find_verdict(entry: dict) -> Verdict:
    if entry["passed"]:
        return RIGHT
    return NOT_YET if entry["tried"] else NOT_TRIED


def _is_touched(entry: dict) -> bool:
    return entry["tried"] or entry["passed"] or entry["hints"] > 0

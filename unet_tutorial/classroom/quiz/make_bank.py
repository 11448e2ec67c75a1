"""Makes the folder of a question bank: what LMSs import, papers, and the instructor's record.

moodle/02.xml  qti/02.zip  paper.html  paper_key.html  bank.json
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tqdm.auto import tqdm

from unet_tutorial.classroom.quiz.bank import BankError, Variant, draw_bank, load_kinds
from unet_tutorial.classroom.quiz.question import format_value
from unet_tutorial.files import atomic_write

FORMATS = ("moodle", "qti", "paper")
RECORD = "bank.json"
_QUIET_SECONDS = 2


@dataclass(frozen=True)
class Bank:
    """What was made: `counts` has the number of questions of each kind, `left_out` QTI's gaps."""

    name: str
    counts: dict[str, int]
    left_out: int


def make_bank(
    chapters: Sequence[str],
    secret: str,
    count: int,
    output: Path,
    *,
    own: Sequence[Path] = (),
    formats: Sequence[str] = FORMATS,
    versions: int = 4,
) -> Bank:
    """Draw up to `count` questions of each kind from a secret, and write the files.

    Args:
        chapters: such as ["02", "05"].
        secret: the same one gives the same files; it is written into none of them.
        count: how many questions of each kind.
        output: the folder; it is made if it's missing.
        own: an instructor's Python files, or folders of them.
        formats: which of "moodle", "qti" and "paper".
        versions: how many papers.

    Raises:
        BankError: a chapter or a file without questions, text2qti is missing, or the folder
            holds another bank.
        OSError: the folder can't be written to.
    """
    if "qti" in formats:
        from unet_tutorial.classroom.quiz.qti import require_text2qti

        require_text2qti()
    kinds = load_kinds(chapters, _list_files(own))
    drawn = draw_bank(kinds, secret, count)
    total = len(kinds) * count
    variants = list(
        tqdm(drawn, "drawing", total, unit="question", delay=_QUIET_SECONDS, disable=None)
    )
    name = f"U-Net tutorial {_compute_label(variants)}"
    output.mkdir(parents=True, exist_ok=True)
    _write_record(output / RECORD, name, variants)
    left_out = 0
    for path, content, missing in _make_files(variants, name, formats, versions):
        (output / path).parent.mkdir(exist_ok=True)
        atomic_write(output / path, content)
        left_out += missing
    counts = {f"{kind.chapter} {kind.name}": 0 for kind in kinds}
    for each in variants:
        counts[f"{each.kind.chapter} {each.kind.name}"] += 1
    return Bank(name, counts, left_out)


def _list_files(own: Sequence[Path]) -> list[Path]:
    """Return the files themselves, and those of the folders."""
    return [
        file for path in own for file in (sorted(path.glob("*.py")) if path.is_dir() else [path])
    ]


def _compute_label(variants: Sequence[Variant]) -> str:
    """Return six characters that tell banks of different secrets apart."""
    codes = " ".join(variant.code for variant in variants)
    return hashlib.sha256(codes.encode()).hexdigest()[:6]


def _write_record(path: Path, name: str, variants: Sequence[Variant]) -> None:
    """Write what each answer means, unless the questions of an earlier bank would get lost."""
    questions = {variant.code: _describe_variant(variant) for variant in variants}
    if path.exists():
        lost = set(json.loads(path.read_text(encoding="utf-8"))["questions"]) - set(questions)
        if lost:
            raise BankError(
                f"{path.parent} holds another bank, which quiz-answers needs once students have "
                "taken its quiz. Choose another folder with --output, or delete this one first."
            )
    text = json.dumps({"bank": name, "questions": questions}, indent=1, ensure_ascii=False)
    atomic_write(path, text.encode() + b"\n")


def _describe_variant(variant: Variant) -> dict:
    asked = variant.question
    wrong = [
        {"value": format_value(each.value), "misconception": each.misconception}
        for each in asked.wrong
    ]
    return {
        "name": variant.name,
        "chapter": variant.kind.chapter,
        "kind": variant.kind.name,
        "title": variant.kind.title,
        "text": asked.text,
        "numerical": asked.numerical,
        "tolerance": asked.tolerance,
        "right": format_value(asked.right),
        "wrong": wrong,
    }


def _make_files(
    variants: Sequence[Variant], name: str, formats: Sequence[str], versions: int
) -> Iterator[tuple[str, bytes, int]]:
    """Yield each file's path and content, and how many questions are not in it."""
    for chapter, group in groupby(variants, key=lambda variant: variant.kind.chapter):
        asked = list(group)
        if "moodle" in formats:
            from unet_tutorial.classroom.quiz.moodle import format_moodle

            yield f"moodle/{chapter}.xml", format_moodle(asked, name), 0
        if "qti" in formats:
            from unet_tutorial.classroom.quiz.qti import can_be_qti, format_qti

            left_out = sum(not can_be_qti(each.question) for each in asked)
            yield f"qti/{chapter}.zip", format_qti(asked, f"{name}, chapter {chapter}"), left_out
    if "paper" in formats:
        from unet_tutorial.classroom.quiz.paper import choose_versions, format_key, format_papers

        chosen = choose_versions(variants, versions)
        yield "paper.html", format_papers(chosen, name).encode(), 0
        yield "paper_key.html", format_key(chosen, name).encode(), 0

"""Reads an LMS's export of answers: which misconceptions a class has.

Each question's text ends with its code, such as [q-1a2b3c4d], by which it is found in:

- Moodle's report "Responses": "Question 1" has the text, the column after it the response, in any
  language (mod/quiz/report/responses in Moodle's source);
- Canvas' "Student Analysis": the text is a heading; its column has the answers, and the next one
  the points (quiz_statistics/student_analysis.rb in Canvas' source).
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from unet_tutorial.classroom.collect.worksheet import read_rows
from unet_tutorial.classroom.quiz.make_bank import RECORD
from unet_tutorial.classroom.quiz.rich_text import (
    format_option,
    format_tex,
    strip_markup,
    strip_spaces,
)

_CODE = re.compile(r"\bq-[0-9a-f]{8}\b")
_FORMULA = re.compile(r"\\\(.*?\\\)")
_IDENTITY = 3  # the first columns say who it is: last name, first name, address; or name, id, ...
_EMPTY = ("", "-")


class UnclearAnswers(ValueError):
    """An export, or the bank's record, can't be read; the message says what to do."""


@dataclass
class Tally:
    """What a class answered; students are counted once for each misconception and kind.

    Attributes:
        students: everybody who got a question of this bank.
        had: by misconception, who chose it.
        could: by misconception, who got a question where it's one of the wrong answers.
        kinds: by misconception, the kinds of question in which it was chosen.
        right, asked: by kind, how many answers were right, and how many questions were asked.
        unknown: by column, answers which are none of the options.
    """

    students: set = field(default_factory=set)
    had: dict[str, set] = field(default_factory=lambda: defaultdict(set))
    could: dict[str, set] = field(default_factory=lambda: defaultdict(set))
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    right: Counter = field(default_factory=Counter)
    asked: Counter = field(default_factory=Counter)
    unknown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def tally_answers(bank: Path, export: Path) -> Tally:
    """Return what the students of an export answered.

    Args:
        bank: the folder that `unet-tutorial quiz` made.
        export: the CSV of the LMS.

    Raises:
        UnclearAnswers: the folder has no record, or the export no questions of this bank.
        OSError: a file can't be read.
    """
    questions = _read_record(bank / RECORD)
    tally = Tally()
    for student, column, code, answer in _find_answers(read_rows(export), export.name):
        if code not in questions:
            raise UnclearAnswers(
                f'{export.name}: the column "{column}" has the question {code}, which is not in '
                f"{bank / RECORD}. Give the folder of the bank that the quiz was made from."
            )
        _add_answer(tally, questions[code], student, column, answer)
    return tally


def _read_record(path: Path) -> dict[str, dict]:
    if not path.is_file():
        raise UnclearAnswers(f"{path} is missing. Give the folder that unet-tutorial quiz made.")
    try:
        return json.loads(path.read_text(encoding="utf-8"))["questions"]
    except (ValueError, KeyError) as error:
        raise UnclearAnswers(
            f"{path} is damaged ({error}). Make the bank again, with the same secret."
        ) from None


def _find_answers(
    rows: Sequence[Sequence[str]], file: str
) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    """Yield (student, heading, code, answer) of every question that a student got."""
    heads, *others = rows or [[]]
    in_heads = {n: found[0] for n, head in enumerate(heads) if (found := _CODE.search(head))}
    in_cells = False
    for cells in others:
        row = [*cells, *[""] * (len(heads) - len(cells))][: len(heads)]
        student = tuple(cell.strip() for cell in row[:_IDENTITY])
        for place, cell in enumerate(row):
            if place in in_heads and "".join(row[place : place + 2]).strip():  # an answer or points
                yield student, _shorten(heads[place]), in_heads[place], cell
            elif place not in in_heads and (code := _CODE.search(cell)):
                in_cells = True
                answers = _find_responses(heads, place, file)
                yield student, heads[answers], code[0], row[answers]
    if not in_heads and not in_cells:
        raise UnclearAnswers(
            f"{file}: no column has questions of a bank, which end with a code such as "
            '[q-1a2b3c4d]. In Moodle, tick "question text" and "response" in the quiz\'s report '
            '"Responses"; in Canvas, take "Student Analysis" of the quiz\'s statistics.'
        )


def _find_responses(heads: Sequence[str], place: int, file: str) -> int:
    """Return Moodle's column of responses, which has the same number as that of the questions."""
    number = re.findall(r"\d\w*", heads[place])
    if place + 1 < len(heads) and re.findall(r"\d\w*", heads[place + 1]) == number:
        return place + 1
    raise UnclearAnswers(
        f'{file}: no column of responses follows the column "{heads[place]}". In Moodle, tick '
        '"response" in the report, and download it again.'
    )


def _shorten(head: str) -> str:
    return head if len(head) <= 60 else f"{head[:57]}..."


def _add_answer(
    tally: Tally, question: Mapping, student: tuple[str, ...], column: str, answer: str
) -> None:
    kind = f"{question['chapter']} {question['title']}"
    tally.students.add(student)
    tally.asked[kind] += 1
    for wrong in question["wrong"]:
        tally.could[wrong["misconception"]].add(student)
    if answer.strip() in _EMPTY:
        return
    found = _find_number(question, answer) if question["numerical"] else _find(question, answer)
    if found == "":
        tally.right[kind] += 1
    elif found is not None:
        tally.had[found].add(student)
        tally.kinds[found].add(kind)
    elif not question["numerical"]:
        tally.unknown[column].append(answer)


def _list_meanings(question: Mapping) -> list[tuple[str, str]]:
    """Return (value, misconception) of each answer; no misconception if it's the right one."""
    wrong = [(each["value"], each["misconception"]) for each in question["wrong"]]
    return [(question["right"], ""), *wrong]


def _find_number(question: Mapping, answer: str) -> str | None:
    try:
        number = float(re.sub(r"\s", "", answer).replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    margin = question["tolerance"] + 1e-9 * abs(number)
    for value, meaning in _list_meanings(question):
        if abs(float(value) - number) <= margin:
            return meaning
    return None


def _find(question: Mapping, answer: str) -> str | None:
    """Return what an option means; Canvas drops formulas from its text."""
    shown = {
        strip_markup(format_option(value, format_tex)): meaning
        for value, meaning in _list_meanings(question)
    }
    answer = strip_spaces(answer)
    if answer in shown:
        return shown[answer]
    bare = [meaning for text, meaning in shown.items() if _FORMULA.sub("", text) == answer]
    return bare[0] if len(bare) == 1 else None


def format_tally(tally: Tally) -> str:
    """Return the two tables: misconceptions, the commonest first, and how each kind went."""
    lines = [f"{len(tally.students)} students answered questions of this bank.", ""]
    shares = sorted(tally.could, key=lambda each: (-_compute_share(tally, each), each))
    chosen = [each for each in shares if tally.had[each]]
    if chosen:
        lines.append("Students  of those asked  What their answers say")
    for each in chosen:
        counts = f"{len(tally.had[each]):8}  {len(tally.could[each]):13}"
        lines.append(f"{counts}  {each} ({'; '.join(sorted(tally.kinds[each]))})")
    if chosen:
        rest = len(shares) - len(chosen)
        lines.append(f"No answer points to the other {rest} misconceptions of these questions.")
    else:
        lines.append(
            "No answer points to a misconception. If you didn't expect that, check that the export "
            "has the students' responses, not only the right answers."
        )
    lines += ["", "   Right  of answers asked  Kind of question"]
    for kind in sorted(tally.asked, key=lambda kind: tally.right[kind] / tally.asked[kind]):
        lines.append(f"{tally.right[kind]:8}  {tally.asked[kind]:16}  {kind}")
    for column, answers in tally.unknown.items():
        lines.append(
            f'In the column "{column}", these are no option of their question: {answers[0]!r}'
            f"{f' and {len(answers) - 1} more' if answers[1:] else ''}. They aren't counted. Was "
            "the question changed in the LMS?"
        )
    return "\n".join(lines) + "\n"


def _compute_share(tally: Tally, misconception: str) -> float:
    return len(tally.had[misconception]) / len(tally.could[misconception])

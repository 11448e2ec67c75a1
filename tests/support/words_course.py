"""A small course in which students answered a question in words."""

from __future__ import annotations

from pathlib import Path

from attacks import ATTACKS
from nbgrader.api import Gradebook
from small_course import WORDS, attempt, cell, make_course, submit

from unet_tutorial.classroom.grading.batch import grade
from unet_tutorial.classroom.nbgrader_config import load_config, open_course
from unet_tutorial.classroom.words.table import Table, open_table

QUESTION = "explain-3"
SAME = "It copies the letters, last one first."
STUB = "YOUR ANSWER HERE"
ELSEWHERE = "In a cell of my own."
TEXTS = {"ada": SAME, "bob": f"\n{SAME}  ", "cem": "# Twice\n\n**It** copies $a_1$.", "dan": STUB}
ATTACK = "\n\n".join(ATTACKS)


def release(root: Path) -> Course:
    """Make a course of six students: two with the same answer, and one who left it blank."""
    made = Course(make_course(root))
    assert open_course(load_config(root)).generate_assignment(WORDS)["success"]
    for student, text in TEXTS.items():
        made.hand_in(student, text)
    made.hand_in("eve", ATTACK)
    made.hand_in("fay", STUB, below=ELSEWHERE)
    with made.open_gradebook() as gradebook:
        gradebook.add_student("ada", first_name="Ada", last_name="Lovelace")
    return made


class Course:
    """A course, with what tests do with it."""

    def __init__(self, root: Path) -> None:
        self.root, self.csv = root, root / "words" / f"{WORDS}.csv"

    def hand_in(self, student: str, text: str, below: str = "") -> None:
        made = attempt(WORDS, explain_3=text)
        if below:
            place = [each["id"] for each in made["cells"]].index(QUESTION)
            made["cells"].insert(place + 1, cell("mine", below, "markdown"))
        submit(self.root, student, made, name=WORDS)

    def open_table(self) -> Table:
        return open_table(self.root, WORDS)

    def enter(self, student: str, points: str, comment: str = "") -> None:
        """Enter points on the page, for a student's answer."""
        table = self.open_table()
        (digest,) = [
            each.digest for each in table.questions[QUESTION].answers if each.student == student
        ]
        table.enter(QUESTION, digest, points, comment)

    def grade(self) -> dict:
        return {each.student: each for each in grade(self.root, workers=2)}

    def open_gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.root}/gradebook.db", "small")

    def read(self, student: str) -> tuple:
        """Read the gradebook: points, whether they are still to be given, and the comment."""
        with self.open_gradebook() as gradebook:
            found = gradebook.find_grade(QUESTION, WORDS, WORDS, student)
            comment = gradebook.find_comment(QUESTION, WORDS, WORDS, student)
            return found.manual_score, found.needs_manual_grade, comment.comment

    def use_formgrader(self, student: str, points: float | None, comment: str | None = None):
        """Enter points and a comment as the formgrader does."""
        with self.open_gradebook() as gradebook:
            found = gradebook.find_grade(QUESTION, WORDS, WORDS, student)
            found.manual_score, found.needs_manual_grade = points, points is None
            if comment is not None:
                mine = gradebook.find_comment(QUESTION, WORDS, WORDS, student)
                mine.manual_comment = comment
            gradebook.db.commit()

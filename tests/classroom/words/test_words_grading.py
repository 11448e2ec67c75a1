"""What was entered for answers in words gets into the gradebook, next to the formgrader."""

from __future__ import annotations

import pytest
from small_course import WORDS
from words_course import ELSEWHERE, QUESTION, SAME, TEXTS

from unet_tutorial.classroom.grading.report import format_report
from unet_tutorial.classroom.grading.words_sheet import SheetError

pytestmark = pytest.mark.filterwarnings(
    "ignore::sqlalchemy.exc.SAWarning", "ignore:.*utcnow:DeprecationWarning"
)
OTHER = "Another answer."


def edit_csv(course, old: str, new: str) -> None:
    text = course.csv.read_text(encoding="utf-8-sig")
    assert old in text
    course.csv.write_text(text.replace(old, new), encoding="utf-8")


def test_points_and_comments_get_into_the_gradebook(course):
    course.enter("cem", "2,5", "Why twice?")
    outcomes = course.grade()
    assert course.read("cem") == (2.5, False, "Why twice?")
    assert (outcomes["cem"].points, outcomes["cem"].to_grade) == (4.5, 0)
    assert outcomes["ada"].to_grade == 4  # the table says what isn't graded yet
    assert [each.words for each in outcomes.values()] == [[]] * 6


def test_one_entry_is_for_everybody_with_the_same_answer(course):
    course.enter("bob", "3", "Good.")
    course.grade()
    assert course.read("ada") == course.read("bob") == (3, False, "Good.")
    assert course.read("cem")[:2] == (None, True)


def test_a_spreadsheet_can_fill_the_table(course):
    rows = {row.student: row for row in course.open_table().read_rows()}
    lines = [
        "answer_id;student_id;question;points;comment",
        f"sha-{rows['cem'].digest};CEM;{QUESTION};1,5;Größe?",
    ]
    course.csv.write_text("\n".join(lines), encoding="cp1252")
    course.grade()
    assert course.read("cem") == (1.5, False, "Größe?")


def test_an_unreadable_table_is_an_error_before_anything_runs(course):
    course.enter("cem", "2")
    edit_csv(course, ",2,4,", ",5,4,")
    course.hand_in("gus", "New.")
    with pytest.raises(SheetError, match=rf"{WORDS}.csv, row \d, column points, cem: '5'"):
        course.grade()
    with course.open_gradebook() as gradebook:
        assert "gus" not in [each.id for each in gradebook.students]
    with pytest.raises(SheetError, match="column points, cem: '5'"):
        course.open_table()


def test_points_belong_to_the_answer_they_were_entered_for(course):
    course.enter("cem", "2", "Why twice?")
    course.hand_in("cem", OTHER)
    outcome = course.grade()["cem"]
    assert course.read("cem") == (None, True, None)
    assert outcome.asked == [
        f"{QUESTION}: 2 points were given by hand, but the answer has changed since. Please grade "
        "it again."
    ]
    assert outcome.asked[0] in format_report([outcome])
    course.hand_in("cem", TEXTS["cem"])  # the first one again
    assert course.grade()["cem"].asked == []
    assert course.read("cem") == (2, False, "Why twice?")


def test_a_changed_answer_loses_points_and_comment_until_it_is_graded_again(course):
    course.enter("cem", "2", "Why twice?")
    course.grade()
    course.hand_in("cem", OTHER)
    assert len(course.grade()["cem"].asked) == 1
    assert course.read("cem") == (None, True, None)
    assert len(course.grade()["cem"].asked) == 1
    course.enter("cem", "3")
    assert course.grade()["cem"].asked == []
    assert course.read("cem") == (3, False, None)
    assert "Why twice?" in course.csv.read_text(encoding="utf-8-sig")  # the earlier row is kept


def test_an_emptied_entry_takes_points_and_comment_back(course):
    course.enter("cem", "2", "Why twice?")
    course.grade()
    course.enter("cem", "", "")
    assert course.grade()["cem"].to_grade == 4
    assert course.read("cem") == (None, True, None)
    assert course.grade()["cem"].asked == []
    for text in (OTHER, TEXTS["cem"]):  # they don't come back with the answer, either
        course.hand_in("cem", text)
        course.grade()
    assert course.read("cem") == (None, True, None)


def test_a_deleted_table_or_row_changes_nothing(course):
    course.enter("cem", "2", "Why twice?")
    course.grade()
    course.csv.unlink()
    course.grade()
    assert course.read("cem") == (2, False, "Why twice?")
    course.open_table()  # writes it again
    course.grade()
    assert course.read("cem") == (2, False, "Why twice?")
    assert "Why twice?" in course.csv.read_text(encoding="utf-8-sig")


def test_a_new_gradebook_gets_what_was_entered(course):
    course.enter("cem", "2", "Why twice?")
    course.grade()
    course.use_formgrader("cem", None, "")  # as it would be there
    course.grade()
    assert course.read("cem") == (2, False, "Why twice?")


def test_the_note_of_grading_stays_below_a_comment(course):
    note = course.read("fay")[2]
    assert note.startswith("Note: explain-3 is blank")
    course.enter("fay", "2", "In the wrong cell.")
    course.grade()
    assert course.read("fay")[2] == f"In the wrong cell.\n\n{note}"
    course.grade()
    assert course.read("fay")[2] == f"In the wrong cell.\n\n{note}"
    course.enter("fay", "2", "")
    course.grade()
    assert course.read("fay")[2] == note


def test_a_comment_can_be_changed_after_the_note_below_it_has_gone(course):
    course.enter("fay", "2", "In the wrong cell.")
    course.grade()
    course.hand_in("fay", ELSEWHERE)
    course.grade()
    (mine,) = [row for row in course.open_table().read_rows() if row.student == "fay"]
    assert mine.comment == "In the wrong cell."
    course.enter("fay", "2", "Fine now.")
    assert course.grade()["fay"].words == []
    assert course.read("fay")[2] == "Fine now."


# ---- the formgrader next to it


def test_what_is_entered_in_the_formgrader_stays(course):
    course.use_formgrader("cem", 3, "From the formgrader.")
    course.open_table()
    course.grade()
    assert course.read("cem") == (3, False, "From the formgrader.")
    assert course.read("ada")[:2] == (None, True)


def test_the_page_shows_what_was_entered_in_the_formgrader(course):
    course.use_formgrader("cem", 3, "From the formgrader.")
    rows = {row.student: row for row in course.open_table().read_rows()}
    assert (rows["cem"].points, rows["cem"].comment) == (3, "From the formgrader.")
    course.enter("cem", "1", "From the page.")  # so this is later
    assert course.grade()["cem"].words == []
    assert course.read("cem") == (1, False, "From the page.")


def test_the_later_entry_counts(course):
    course.enter("cem", "1", "page")
    course.grade()
    course.use_formgrader("cem", 2, "formgrader")
    for _ in range(2):
        assert course.grade()["cem"].words == []
        assert course.read("cem") == (2, False, "formgrader")
    course.enter("cem", "3", "page again")
    assert course.grade()["cem"].words == []
    assert course.read("cem") == (3, False, "page again")


def test_entries_that_are_both_new_are_shown_and_the_formgrader_counts(course):
    course.enter("cem", "1", "page")
    course.use_formgrader("cem", 2, "formgrader")
    for _ in range(2):
        outcome = course.grade()["cem"]
        assert course.read("cem") == (2, False, "formgrader")
        points, comment = outcome.words
        assert f"words/{WORDS}.csv, row " in points
        assert "says 1, the formgrader 2." in points
        assert "comments" in comment
        assert points in format_report([outcome])
    table = course.open_table()
    assert [each for each in table.unclear.values() if "formgrader" in each] != []
    course.enter("cem", "2", "formgrader")
    assert course.grade()["cem"].words == []
    course.enter("cem", "1", "page")
    assert course.grade()["cem"].words == []
    assert course.read("cem") == (1, False, "page")


def test_points_from_here_and_a_comment_from_there(course):
    course.enter("cem", "1", "page")
    course.grade()
    course.enter("cem", "2", "page")
    course.use_formgrader("cem", 1, "formgrader")
    assert course.grade()["cem"].words == []
    assert course.read("cem") == (2, False, "formgrader")


def test_code_keeps_the_points_that_were_given_by_hand(course):
    with course.open_gradebook() as gradebook:
        gradebook.find_grade("check-3-1", WORDS, WORDS, "cem").manual_score = 0.5
        gradebook.db.commit()
    course.enter("cem", "2")
    assert course.grade()["cem"].points == 0.5 + 1 + 2


def test_everything_graded_again_keeps_the_entries(course):
    course.enter("ada", "2", "Fine.")
    course.grade()
    course.hand_in("ada", SAME + "\n")  # the notebook changes, but the answer doesn't
    assert course.grade()["ada"].asked == []
    assert course.read("ada") == course.read("bob") == (2, False, "Fine.")

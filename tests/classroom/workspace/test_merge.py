"""A new text meets a learner's copy: the cases of the merge, one by one."""

import copy

import pytest
from small_chapters import Copy, code, edition, exercise, markdown, printed, sources, usual_cells

from unet_tutorial.classroom.workspace import merge

ANSWER = "answer = 41  # mine"


@pytest.fixture
def mine():
    """A copy of the chapter as it was written."""
    return Copy(edition(*usual_cells()))


def changed(name, source):
    """The cells of a new version, in which one has another text."""
    cells = usual_cells()
    next(cell for cell in cells if cell["id"] == name)["source"] = source
    return edition(*cells)


def without(*names):
    return edition(*[cell for cell in usual_cells() if cell["id"] not in names])


def test_a_copy_that_nobody_touched_becomes_the_new_edition(mine):
    new = changed("title", "# 02 · Another title")
    assert mine.merge(new).notebook == new


def test_an_answer_stays(mine):
    merged = mine.change("solution-2-1", ANSWER).merge(changed("title", "# New"))
    assert sources(merged.notebook)["solution-2-1"] == ANSWER
    assert sources(merged.notebook)["title"] == "# New"
    assert (merged.answers, merged.other, merged.gone, merged.aside) == (["2.1"], [], [], [])


def test_an_answer_stays_where_the_stub_changed_and_is_to_be_looked_at(mine):
    new = changed("solution-2-1", "answer = ...  # two numbers")
    merged = mine.change("solution-2-1", ANSWER).change("solution-2-2", ANSWER).merge(new)
    assert sources(merged.notebook)["solution-2-1"] == ANSWER
    assert (merged.answers, merged.other, merged.aside) == (["2.1", "2.2"], ["2.1"], [])


def test_an_answer_is_to_be_looked_at_where_the_task_changed(mine):
    new = changed("exercise-2-2", "### 2.2 · Title\n\nSay the opposite.")
    merged = mine.change("solution-2-2", ANSWER).merge(new)
    assert merged.other == ["2.2"]
    assert "opposite" in sources(merged.notebook)["exercise-2-2"]


def test_a_stub_that_nobody_touched_is_renewed(mine):
    merged = mine.merge(changed("solution-2-1", "answer = ...  # two numbers"))
    assert sources(merged.notebook)["solution-2-1"] == "answer = ...  # two numbers"
    assert merged.answers == []


def test_an_answer_takes_the_new_metadata_and_keeps_the_learners(mine):
    mine.change("solution-2-1", ANSWER).cell("solution-2-1")["metadata"]["tags"] = ["hard"]
    new = edition(*usual_cells())
    new["cells"][5]["metadata"]["nbgrader"]["schema_version"] = 4
    (kept,) = [c for c in mine.merge(new).notebook["cells"] if c["id"] == "solution-2-1"]
    assert kept["metadata"]["nbgrader"]["schema_version"] == 4
    assert kept["metadata"]["tags"] == ["hard"]


def test_a_cell_that_is_graded_no_longer_loses_nbgraders_metadata(mine):
    cells = usual_cells()
    del cells[6]["metadata"]["nbgrader"]
    merged = mine.change("check-2-1", "print(answer, 1)").merge(edition(*cells))
    (cell,) = [c for c in merged.notebook["cells"] if c["id"] == "check-2-1"]
    assert (cell["source"], cell["metadata"]) == ("print(answer, 1)", {})


def test_a_prediction_stays_where_the_new_text_has_the_same_cell(mine):
    merged = mine.change("guess", "my_guess = 9").merge(changed("title", "# New"))
    assert sources(merged.notebook)["guess"] == "my_guess = 9"
    assert merged.aside == []


def test_where_both_changed_the_learners_version_follows_in_a_text_cell(mine):
    new = changed("guess", "my_guess = None  # a shape")
    merged = mine.change("guess", "my_guess = 9").merge(new)
    found = sources(merged.notebook)
    assert found["guess"] == "my_guess = None  # a shape"
    assert list(found)[list(found).index("guess") + 1] == "yours-guess"
    assert "\n```python\nmy_guess = 9\n```" in found["yours-guess"]
    assert merged.aside == ["guess"]


def test_a_changed_text_with_fences_and_a_picture_is_kept_whole(mine):
    mine.change("built", "## Built\n\n````\ncode\n````").cell("built")["attachments"] = {"a": {}}
    (kept,) = [
        cell
        for cell in mine.merge(changed("built", "## New")).notebook["cells"]
        if cell["id"] == "yours-built"
    ]
    assert "`````markdown\n## Built\n\n````\ncode\n````\n`````" in kept["source"]
    assert kept["attachments"] == {"a": {}}


def test_a_changed_cell_that_is_gone_is_kept_as_text(mine):
    merged = mine.change("guess", "my_guess = 9").merge(without("guess"))
    found = sources(merged.notebook)
    assert list(found)[list(found).index("setup") + 1] == "yours-guess"
    assert "my_guess = 9" in found["yours-guess"]


def test_an_untouched_cell_that_is_gone_goes(mine):
    assert mine.merge(without("guess")).notebook == without("guess")


def test_added_cells_follow_what_they_followed(mine):
    mine.add("setup", code("note-1", "a = 1")).add("note-1", markdown("note-2", "b"))
    mine.add(None, markdown("first", "Mine!"))
    merged = mine.merge(changed("title", "# New"))
    names = list(sources(merged.notebook))
    assert names[:5] == ["first", "title", "setup", "note-1", "note-2"]


def test_an_added_cell_stays_where_the_cell_before_it_goes(mine):
    mine.add("guess", code("note", "a = 1"))
    names = list(sources(mine.merge(without("guess")).notebook))
    assert names[names.index("setup") + 1] == "note"


def test_new_cells_come(mine):
    cells = usual_cells()
    cells[2:2] = [markdown("more", "More.")]
    cells[-2:-2] = exercise("2.3")
    mine.change("solution-2-2", ANSWER)
    found = sources(mine.merge(edition(*cells)).notebook)
    assert list(found) == [cell["id"] for cell in cells]
    assert found["solution-2-2"] == ANSWER
    assert found["solution-2-3"] == "answer = ...\n# Your code here."


GONE = ("exercise-2-2", "solution-2-2", "check-2-2")


def test_the_answer_to_an_exercise_that_is_gone_closes_the_exercises(mine):
    merged = mine.change("solution-2-2", ANSWER).merge(without(*GONE))
    names = list(sources(merged.notebook))
    assert names[names.index("check-2-1") :] == [
        "check-2-1",
        "kept-text-solution-2-2",
        "kept-solution-2-2",
        "built",
        "next",
    ]
    (kept,) = [c for c in merged.notebook["cells"] if c["id"] == "kept-solution-2-2"]
    assert kept["source"] == ANSWER
    assert "nbgrader" not in kept["metadata"]
    assert merged.gone == ["2.2"]
    assert mine.merge(without(*GONE)).notebook == merged.notebook


def test_an_exercise_without_an_answer_goes(mine):
    assert mine.merge(without(*GONE)).notebook == without(*GONE)


def test_a_deleted_text_stays_deleted_until_it_changes(mine):
    mine.delete("next").delete("built")
    merged = mine.merge(changed("built", "## Built, anew"))
    names = list(sources(merged.notebook))
    assert names[-1] == "built"
    assert "next" not in names


def test_a_deleted_part_of_an_exercise_comes_back(mine):
    merged = mine.delete("check-2-1").delete("solution-2-2").merge(changed("title", "# New"))
    assert list(sources(merged.notebook)) == [cell["id"] for cell in usual_cells()]


def test_outputs_of_unchanged_cells_stay(mine):
    for name in ("setup", "guess", "solution-2-1"):
        mine.cell(name).update(outputs=[printed("mine")], execution_count=7)
    mine.change("solution-2-1", ANSWER)
    merged = mine.merge(changed("guess", "my_guess = None  # a shape"))
    outputs = {c["id"]: c.get("outputs") for c in merged.notebook["cells"]}
    assert outputs["setup"] == outputs["solution-2-1"] == [printed("mine")]
    assert outputs["guess"] == []


def test_the_learners_kernel_stays(mine):
    mine.notebook["metadata"]["kernelspec"] = {"name": "their-own"}
    merged = mine.merge(changed("title", "# New"))
    assert merged.notebook["metadata"] == {"kernelspec": {"name": "their-own"}}


def test_moved_cells_go_back_and_nothing_is_lost(mine):
    cells = mine.change("solution-2-1", ANSWER).notebook["cells"]
    cells.reverse()
    merged = mine.merge(edition(*usual_cells()))
    assert list(sources(merged.notebook)) == [cell["id"] for cell in usual_cells()]
    assert sources(merged.notebook)["solution-2-1"] == ANSWER


def test_a_pasted_copy_of_an_answer_stays_beside_it(mine):
    pasted = copy.deepcopy(mine.change("solution-2-1", ANSWER).cell("solution-2-1"))
    mine.add("solution-2-1", pasted | {"id": "7f3a", "source": "answer = 40"})
    merged = mine.merge(changed("title", "# New"))
    found = sources(merged.notebook)
    assert (found["solution-2-1"], found["7f3a"]) == (ANSWER, "answer = 40")
    grade_ids = [
        c["metadata"].get("nbgrader", {}).get("grade_id") for c in merged.notebook["cells"]
    ]
    assert grade_ids.count("solution-2-1") == 1


def test_a_pasted_copy_with_the_same_id_gets_another(mine):
    mine.add("check-2-2", copy.deepcopy(mine.cell("solution-2-1")) | {"source": "answer = 40"})
    found = sources(mine.merge(changed("title", "# New")).notebook)
    assert len(found) == len(usual_cells()) + 1
    assert found["own"] == "answer = 40"
    new = edition(*usual_cells(), markdown("own", "On your own."))
    found = sources(mine.merge(new).notebook)
    assert (found["own"], found["own-2"]) == ("On your own.", "answer = 40")


def test_a_tool_that_loses_the_ids_loses_no_answers(mine):
    mine.change("solution-2-1", ANSWER).change("guess", "my_guess = 9")
    mine.add("setup", markdown("note", "A note."))
    for cell in mine.notebook["cells"]:
        del cell["id"]
    found = sources(mine.merge(changed("title", "# New")).notebook)
    assert found["solution-2-1"] == ANSWER
    assert found["title"] == "# New"
    assert list(found.values()).count("## Exercises") == 1
    assert "A note." in found.values()
    assert "my_guess = 9" in found.values()


def test_without_a_record_every_difference_is_the_learners(mine):
    mine.written = {}
    mine.change("solution-2-1", ANSWER)
    merged = mine.merge(changed("title", "# New"))
    found = sources(merged.notebook)
    assert (found["title"], found["solution-2-1"]) == ("# New", ANSWER)
    assert "# 02 · A chapter" in found["yours-title"]
    assert len(found) == len(usual_cells()) + 1


@pytest.mark.parametrize("again", [1, 2])
def test_a_second_merge_changes_nothing(mine, again):
    mine.change("solution-2-2", ANSWER).change("guess", "my_guess = 9")
    mine.add("guess", code("note", "a = 1")).delete("next")
    new = changed("guess", "my_guess = None  # a shape")
    new["cells"] = [cell for cell in new["cells"] if cell["id"] not in GONE]
    once = copy.deepcopy(mine.merge(new).notebook)
    mine.notebook = copy.deepcopy(once)
    if again == 2:  # as after a first time; else as if interrupted before the record was written
        mine.written = merge.fingerprints(new)
    assert mine.merge(new).notebook == once


def test_the_learner_changes_a_cell_set_aside_once_more(mine):
    mine.change("guess", "my_guess = 9")
    second = changed("guess", "my_guess = None  # a shape")
    again = Copy(second)
    again.notebook = mine.merge(second).notebook
    again.change("guess", "my_guess = (3, 3)")
    found = sources(again.merge(changed("guess", "my_guess = ...")).notebook)
    assert "(3, 3)" in found["yours-guess"]
    assert "= 9" in found["yours-guess-2"]


def test_what_counts_as_touched(mine):
    def untouched():
        return merge.is_untouched(mine.notebook, mine.written)

    assert untouched()
    mine.cell("setup").update(outputs=[printed("mine")], execution_count=3)
    mine.change("setup", ["import math", "\n"])
    mine.add("next", code("empty", ""))  # as JupyterLab does after the last cell
    assert untouched()
    mine.change("setup", "import  math")
    assert not untouched()
    mine.change("setup", "import math").delete("next")
    assert not untouched()


def test_a_cell_of_another_kind_is_another_cell():
    assert merge.fingerprint(code("a", "x")) != merge.fingerprint(markdown("a", "x"))
    assert merge.fingerprint(code("a", "x\r\ny")) == merge.fingerprint(code("b", "x\ny\n"))

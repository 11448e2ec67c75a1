"""Merging a new edition into a learner's copy: the cases one by one."""

import copy

import pytest
from small_chapters import (
    Copy,
    code,
    edition,
    exercise,
    markdown,
    sources,
    stream_output,
    usual_cells,
)

from unet_tutorial.classroom.workspace import merge

ANSWER = "answer = 41  # mine"


@pytest.fixture
def mine():
    """A learner's copy, not changed yet."""
    return Copy(edition(*usual_cells()))


def edition_with_change(name, source):
    """A new edition in which one cell has another source."""
    cells = usual_cells()
    next(cell for cell in cells if cell["id"] == name)["source"] = source
    return edition(*cells)


def edition_without(*names):
    return edition(*[cell for cell in usual_cells() if cell["id"] not in names])


def test_an_unchanged_copy_becomes_the_new_edition(mine):
    new = edition_with_change("title", "# 02 · Another title")
    assert mine.merge(new).notebook == new


def test_an_answer_stays(mine):
    merged = mine.change("solution-2-1", ANSWER).merge(edition_with_change("title", "# New"))
    assert sources(merged.notebook)["solution-2-1"] == ANSWER
    assert sources(merged.notebook)["title"] == "# New"
    assert (merged.answers, merged.changed_tasks, merged.removed_exercises, merged.conflicts) == (
        ["2.1"],
        [],
        [],
        [],
    )


def test_an_answer_stays_if_the_stub_changed_and_is_reported(mine):
    new = edition_with_change("solution-2-1", "answer = ...  # two numbers")
    merged = mine.change("solution-2-1", ANSWER).change("solution-2-2", ANSWER).merge(new)
    assert sources(merged.notebook)["solution-2-1"] == ANSWER
    assert (merged.answers, merged.changed_tasks, merged.conflicts) == (["2.1", "2.2"], ["2.1"], [])


def test_an_answer_is_reported_if_the_task_changed(mine):
    new = edition_with_change("exercise-2-2", "### 2.2 · Title\n\nSay the opposite.")
    merged = mine.change("solution-2-2", ANSWER).merge(new)
    assert merged.changed_tasks == ["2.2"]
    assert "opposite" in sources(merged.notebook)["exercise-2-2"]


def test_an_unchanged_stub_is_updated(mine):
    merged = mine.merge(edition_with_change("solution-2-1", "answer = ...  # two numbers"))
    assert sources(merged.notebook)["solution-2-1"] == "answer = ...  # two numbers"
    assert merged.answers == []


def test_an_answer_gets_the_new_metadata_and_keeps_the_learners(mine):
    mine.change("solution-2-1", ANSWER).cell("solution-2-1")["metadata"]["tags"] = ["hard"]
    new = edition(*usual_cells())
    new["cells"][5]["metadata"]["nbgrader"]["schema_version"] = 4
    (cell,) = [c for c in mine.merge(new).notebook["cells"] if c["id"] == "solution-2-1"]
    assert cell["metadata"]["nbgrader"]["schema_version"] == 4
    assert cell["metadata"]["tags"] == ["hard"]


def test_a_cell_that_is_no_longer_graded_loses_nbgraders_metadata(mine):
    cells = usual_cells()
    del cells[6]["metadata"]["nbgrader"]
    merged = mine.change("check-2-1", "print(answer, 1)").merge(edition(*cells))
    (cell,) = [c for c in merged.notebook["cells"] if c["id"] == "check-2-1"]
    assert cell["source"] == "print(answer, 1)"
    assert cell["metadata"] == {"tags": ["raises-exception"]}


def test_a_prediction_stays_if_the_new_edition_has_the_same_cell(mine):
    merged = mine.change("guess", "my_guess = 9").merge(edition_with_change("title", "# New"))
    assert sources(merged.notebook)["guess"] == "my_guess = 9"
    assert merged.conflicts == []


def test_if_both_changed_a_cell_the_learners_version_follows_as_a_text_cell(mine):
    new = edition_with_change("guess", "my_guess = None  # a shape")
    merged = mine.change("guess", "my_guess = 9").merge(new)
    found = sources(merged.notebook)
    assert found["guess"] == "my_guess = None  # a shape"
    assert list(found)[list(found).index("guess") + 1] == "yours-guess"
    assert "\n```python\nmy_guess = 9\n```" in found["yours-guess"]
    assert merged.conflicts == ["guess"]


def test_a_changed_text_with_fences_and_a_picture_is_kept_whole(mine):
    mine.change("built", "## Built\n\n````\ncode\n````").cell("built")["attachments"] = {"a": {}}
    (cell,) = [
        cell
        for cell in mine.merge(edition_with_change("built", "## New")).notebook["cells"]
        if cell["id"] == "yours-built"
    ]
    assert "`````markdown\n## Built\n\n````\ncode\n````\n`````" in cell["source"]
    assert cell["attachments"] == {"a": {}}


def test_a_changed_cell_that_was_removed_is_kept_as_text(mine):
    merged = mine.change("guess", "my_guess = 9").merge(edition_without("guess"))
    found = sources(merged.notebook)
    assert list(found)[list(found).index("setup") + 1] == "yours-guess"
    assert "my_guess = 9" in found["yours-guess"]


def test_an_unchanged_cell_that_was_removed_goes(mine):
    assert mine.merge(edition_without("guess")).notebook == edition_without("guess")


def test_added_cells_come_after_the_same_cell_as_before(mine):
    mine.add("setup", code("note-1", "a = 1")).add("note-1", markdown("note-2", "b"))
    mine.add(None, markdown("first", "Mine!"))
    merged = mine.merge(edition_with_change("title", "# New"))
    names = list(sources(merged.notebook))
    assert names[:5] == ["first", "title", "setup", "note-1", "note-2"]


def test_an_added_cell_stays_if_the_cell_before_it_was_removed(mine):
    mine.add("guess", code("note", "a = 1"))
    names = list(sources(mine.merge(edition_without("guess")).notebook))
    assert names[names.index("setup") + 1] == "note"


def test_new_cells_are_added(mine):
    cells = usual_cells()
    cells[2:2] = [markdown("more", "More.")]
    cells[-2:-2] = exercise("2.3")
    mine.change("solution-2-2", ANSWER)
    found = sources(mine.merge(edition(*cells)).notebook)
    assert list(found) == [cell["id"] for cell in cells]
    assert found["solution-2-2"] == ANSWER
    assert found["solution-2-3"] == "answer = ...\n# Your code here."


REMOVED = ("exercise-2-2", "solution-2-2", "check-2-2")


def test_the_answer_to_a_removed_exercise_comes_after_the_last_exercise(mine):
    merged = mine.change("solution-2-2", ANSWER).merge(edition_without(*REMOVED))
    names = list(sources(merged.notebook))
    assert names[names.index("check-2-1") :] == [
        "check-2-1",
        "kept-text-solution-2-2",
        "kept-solution-2-2",
        "built",
        "next",
    ]
    (cell,) = [c for c in merged.notebook["cells"] if c["id"] == "kept-solution-2-2"]
    assert cell["source"] == ANSWER
    assert "nbgrader" not in cell["metadata"]
    assert merged.removed_exercises == ["2.2"]
    assert mine.merge(edition_without(*REMOVED)).notebook == merged.notebook


def test_a_removed_exercise_without_an_answer_goes(mine):
    assert mine.merge(edition_without(*REMOVED)).notebook == edition_without(*REMOVED)


def test_a_deleted_text_stays_deleted_until_it_changes(mine):
    mine.delete("next").delete("built")
    merged = mine.merge(edition_with_change("built", "## Built, anew"))
    names = list(sources(merged.notebook))
    assert names[-1] == "built"
    assert "next" not in names


def test_a_deleted_cell_of_an_exercise_comes_back(mine):
    merged = (
        mine.delete("check-2-1").delete("solution-2-2").merge(edition_with_change("title", "# New"))
    )
    assert list(sources(merged.notebook)) == [cell["id"] for cell in usual_cells()]


def test_outputs_of_unchanged_cells_stay(mine):
    for name in ("setup", "guess", "solution-2-1"):
        mine.cell(name).update(outputs=[stream_output("mine")], execution_count=7)
    mine.change("solution-2-1", ANSWER)
    merged = mine.merge(edition_with_change("guess", "my_guess = None  # a shape"))
    outputs = {c["id"]: c.get("outputs") for c in merged.notebook["cells"]}
    assert outputs["setup"] == outputs["solution-2-1"] == [stream_output("mine")]
    assert outputs["guess"] == []


def test_the_learners_kernel_stays(mine):
    mine.notebook["metadata"]["kernelspec"] = {"name": "their-own"}
    merged = mine.merge(edition_with_change("title", "# New"))
    assert merged.notebook["metadata"] == {"kernelspec": {"name": "their-own"}}


def test_moved_cells_go_back_and_nothing_is_lost(mine):
    cells = mine.change("solution-2-1", ANSWER).notebook["cells"]
    cells.reverse()
    merged = mine.merge(edition(*usual_cells()))
    assert list(sources(merged.notebook)) == [cell["id"] for cell in usual_cells()]
    assert sources(merged.notebook)["solution-2-1"] == ANSWER


def test_a_pasted_copy_of_an_answer_stays_too(mine):
    pasted = copy.deepcopy(mine.change("solution-2-1", ANSWER).cell("solution-2-1"))
    mine.add("solution-2-1", pasted | {"id": "7f3a", "source": "answer = 40"})
    merged = mine.merge(edition_with_change("title", "# New"))
    found = sources(merged.notebook)
    assert (found["solution-2-1"], found["7f3a"]) == (ANSWER, "answer = 40")
    grade_ids = [
        c["metadata"].get("nbgrader", {}).get("grade_id") for c in merged.notebook["cells"]
    ]
    assert grade_ids.count("solution-2-1") == 1


def test_a_pasted_copy_with_the_same_id_gets_another(mine):
    mine.add("check-2-2", copy.deepcopy(mine.cell("solution-2-1")) | {"source": "answer = 40"})
    found = sources(mine.merge(edition_with_change("title", "# New")).notebook)
    assert len(found) == len(usual_cells()) + 1
    assert found["own"] == "answer = 40"
    new = edition(*usual_cells(), markdown("own", "On your own."))
    found = sources(mine.merge(new).notebook)
    assert (found["own"], found["own-2"]) == ("On your own.", "answer = 40")


def test_answers_survive_a_tool_that_drops_the_ids(mine):
    mine.change("solution-2-1", ANSWER).change("guess", "my_guess = 9")
    mine.add("setup", markdown("note", "A note."))
    for cell in mine.notebook["cells"]:
        del cell["id"]
    found = sources(mine.merge(edition_with_change("title", "# New")).notebook)
    assert found["solution-2-1"] == ANSWER
    assert found["title"] == "# New"
    assert list(found.values()).count("## Exercises") == 1
    assert "A note." in found.values()
    assert "my_guess = 9" in found.values()


def test_without_a_record_every_difference_is_the_learners(mine):
    mine.written = {}
    mine.change("solution-2-1", ANSWER)
    merged = mine.merge(edition_with_change("title", "# New"))
    found = sources(merged.notebook)
    assert (found["title"], found["solution-2-1"]) == ("# New", ANSWER)
    assert "# 02 · A chapter" in found["yours-title"]
    assert len(found) == len(usual_cells()) + 1


@pytest.mark.parametrize("again", [1, 2])
def test_a_second_merge_changes_nothing(mine, again):
    mine.change("solution-2-2", ANSWER).change("guess", "my_guess = 9")
    mine.add("guess", code("note", "a = 1")).delete("next")
    new = edition_with_change("guess", "my_guess = None  # a shape")
    new["cells"] = [cell for cell in new["cells"] if cell["id"] not in REMOVED]
    once = copy.deepcopy(mine.merge(new).notebook)
    mine.notebook = copy.deepcopy(once)
    if again == 2:  # after a complete update; otherwise one interrupted before writing the record
        mine.written = merge.fingerprints(new)
    assert mine.merge(new).notebook == once


def test_the_learner_changes_the_same_cell_again_after_a_conflict(mine):
    mine.change("guess", "my_guess = 9")
    second = edition_with_change("guess", "my_guess = None  # a shape")
    again = Copy(second)
    again.notebook = mine.merge(second).notebook
    again.change("guess", "my_guess = (3, 3)")
    found = sources(again.merge(edition_with_change("guess", "my_guess = ...")).notebook)
    assert "(3, 3)" in found["yours-guess"]
    assert "= 9" in found["yours-guess-2"]


def test_what_counts_as_a_change(mine):
    def is_unmodified():
        return merge.is_unmodified(mine.notebook, mine.written)

    assert is_unmodified()
    mine.cell("setup").update(outputs=[stream_output("mine")], execution_count=3)
    mine.change("setup", ["import math", "\n"])
    mine.add("next", code("empty", ""))  # as JupyterLab does after the last cell
    assert is_unmodified()
    mine.change("setup", "import  math")
    assert not is_unmodified()
    mine.change("setup", "import math").delete("next")
    assert not is_unmodified()


def test_a_cells_type_counts_in_its_fingerprint():
    assert merge.fingerprint(code("a", "x")) != merge.fingerprint(markdown("a", "x"))
    assert merge.fingerprint(code("a", "x\r\ny")) == merge.fingerprint(code("b", "x\ny\n"))

"""Check the benchmark's arithmetic and the tables it writes, without running the chapters."""

import chapters
import nbformat
import pytest

Cost = chapters.Cost

TABLE = """before [04](notebooks/04_down.ipynb) | | |
<!-- chapters -->
| Chapter | You build | Minutes | Run time | Memory |
| --- | --- | --- | --- | --- |
| [04 Down](notebooks/04_down.ipynb) | `Down`, in `a \\| b` | 25 | | |
| [05 Up](05_up.ipynb) | [a link](https://example.org) | 30 | 7 s | 320 MB |
| [10 Train](../notebooks/10_train.ipynb) | a network | 35 | 9 s | 900 MB |
<!-- /chapters -->
| [04 Down](notebooks/04_down.ipynb) | after | | |
"""
COSTS = {"04_down": Cost(3.6, 304_000_000), "05_up": Cost(0.2, 1_234_567_890)}


@pytest.mark.parametrize(
    ("seconds", "memory", "columns"),
    [
        (0.04, 1_000_000, ("1 s", "10 MB")),
        (1.49, 284_999_999, ("1 s", "280 MB")),
        (1.51, 285_000_001, ("2 s", "290 MB")),
        (61.7, 1_234_567_890, ("62 s", "1,230 MB")),
    ],
)
def test_figures_are_rounded_sensibly(seconds, memory, columns):
    assert Cost(seconds, memory).format_columns() == columns


def test_only_the_last_two_columns_of_the_measured_rows_change():
    before, after = TABLE.splitlines(), chapters.update_table(TABLE, COSTS).splitlines()
    assert [n for n, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]] == [
        4,
        5,
    ]
    assert after[4] == (
        "| [04 Down](notebooks/04_down.ipynb) | `Down`, in `a \\| b` | 25 | 4 s | 300 MB |"
    )
    assert (
        after[5] == "| [05 Up](05_up.ipynb) | [a link](https://example.org) | 30 | 1 s | 1,230 MB |"
    )


def test_writing_the_same_figures_again_changes_nothing():
    once = chapters.update_table(TABLE, COSTS)
    assert chapters.update_table(once, COSTS) == once
    assert chapters.update_table(TABLE, {}) == TABLE


def test_a_text_without_the_markers_is_refused():
    with pytest.raises(SystemExit, match="no table"):
        chapters.update_table(TABLE.replace("<!-- /chapters -->", ""), COSTS)


def write_start_here(path, *sources):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell(text, id=f"cell-{n}") for n, text in enumerate(sources)
    ]
    nbformat.write(notebook, path)
    return path


def test_readme_and_chapter_00_are_both_written(tmp_path, capsys):
    readme, start = tmp_path / "README.md", write_start_here(tmp_path / "00.ipynb", "# 00", TABLE)
    readme.write_text(TABLE, encoding="utf-8")
    chapters.write_costs(COSTS | {"99_new": Cost(1, 1)}, readme, start)
    assert readme.read_text(encoding="utf-8") == chapters.update_table(TABLE, COSTS)
    cells = nbformat.read(start, as_version=4).cells
    assert [cell.source for cell in cells] == ["# 00", chapters.update_table(TABLE, COSTS)]
    assert capsys.readouterr().out.splitlines() == [
        "README.md has no row for 99_new",
        "00.ipynb has no row for 99_new",
    ]


def test_neither_is_written_where_chapter_00_has_no_table(tmp_path):
    readme, start = tmp_path / "README.md", write_start_here(tmp_path / "00.ipynb", "# 00")
    readme.write_text(TABLE, encoding="utf-8")
    with pytest.raises(SystemExit, match="markers"):
        chapters.write_costs(COSTS, readme, start)
    assert readme.read_text(encoding="utf-8") == TABLE


@pytest.mark.parametrize(
    ("name", "seconds", "memory", "fits"),
    [
        ("04_down", 30, 1_500_000_000, True),
        ("04_down", 30.1, 1, False),
        ("10_train", 75, 1, True),
        ("10_train", 75.1, 1, False),
        ("10_train", 1, 1_500_000_001, False),
    ],
)
def test_the_budget(name, seconds, memory, fits):
    assert Cost(seconds, memory).is_within_budget(name) is fits


def test_a_notebook_is_measured_and_left_alone(tmp_path):
    notebook = nbformat.v4.new_notebook()
    big = "block = bytearray(200_000_000)\nfor i in range(0, len(block), 4096):\n    block[i] = 1"
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in (big, "del block")]
    path = tmp_path / "some.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    cost = chapters.measure_chapter(path)
    assert 200_000_000 < cost.memory < 600_000_000
    assert cost.seconds > 0
    assert path.read_bytes() == before

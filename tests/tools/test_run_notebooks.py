"""Run the command of tools/run_notebooks.py on tiny notebooks, and check the committed ones."""

import configparser
import re
import sys
from pathlib import Path

import nbformat
import pytest
import run_notebooks

ROOT = Path(__file__).resolve().parents[2]

WIDGET = """
from IPython.display import display
view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
display({"text/plain": "0%"} | view, raw=True)
"""
NO_DATE = 'import time\nprint("now", time.time())'


def write_notebook(path, *cells, **metadata):
    """Write a notebook that was never run; a cell is (id, source) or (id, source, tag, ...)."""
    notebook = nbformat.v4.new_notebook(metadata=metadata)
    notebook.cells = [nbformat.v4.new_markdown_cell("# Title", id="title")]
    for name, source, *tags in cells:
        cell = nbformat.v4.new_code_cell(source.strip(), id=name)
        cell.metadata.update({"tags": tags} if tags else {})
        notebook.cells.append(cell)
    nbformat.write(notebook, path)
    return path


def read(path):
    return nbformat.read(path, as_version=4)


def run_command(*arguments):
    return run_notebooks.main(list(map(str, arguments)))


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A notebook with everything that the command must drop or keep."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "data.txt").write_text("read from its own folder")
    return write_notebook(
        folder / "01_all.ipynb",
        ("where", "import sys\nprint(open('data.txt').read())\nsys.executable"),
        ("two-prints", "print('a', flush=True)\nprint('b')"),
        ("clock", NO_DATE, "nbval-ignore-output"),
        ("bar", WIDGET, "nbval-ignore-output"),
        ("slider", WIDGET),
        ("nothing", "x = 1"),
        ("about", 'import time\nprint(f"now ≈ {time.time():,.3f} s")'),
        language_info={"name": "python", "version": "2.7"},
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {}}},
        kernelspec={"name": "of-another-machine", "display_name": "?", "language": "python"},
    )


@pytest.fixture(scope="module")
def after_one_run(first_run):
    assert run_command(first_run) == 0
    return read(first_run)


def collect_outputs(notebook):
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def test_ids_stay_and_counts_run_from_one(after_one_run):
    names = ["title", "where", "two-prints", "clock", "bar", "slider", "nothing", "about"]
    assert [cell.id for cell in after_one_run.cells] == names
    assert [cell.get("execution_count") for cell in after_one_run.cells[1:]] == [
        1,
        2,
        3,
        4,
        5,
        6,
        7,
    ]


def test_outputs_are_written_and_streams_are_joined(after_one_run):
    written = collect_outputs(after_one_run)
    assert written["where"][0].text == "read from its own folder\n"
    assert written["where"][1].data["text/plain"] == repr(
        sys.executable
    )  # no other Python's kernel
    assert [output.text for output in written["two-prints"]] == ["a\nb\n"]
    assert written["nothing"] == []


def test_widgets_are_dropped_and_what_nbval_compares_stays(after_one_run):
    assert collect_outputs(after_one_run)["bar"] == []
    (slider,) = collect_outputs(after_one_run)["slider"]
    assert slider.data == {"text/plain": "0%"}


def test_an_explorer_keeps_its_still_picture_where_nobody_compares():
    live = {"text/plain": "words", run_notebooks.WIDGET_VIEW: {"model_id": "1"}}
    shown = [live, {**live, "text/html": "<img>"}, {"text/plain": "3"}]
    outputs = [nbformat.v4.new_output("display_data", data=data) for data in shown]
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": ["nbval-ignore-output"]})
    cell.outputs = outputs
    run_notebooks._drop_widgets(cell)
    kept = [output.data for output in cell.outputs]
    assert kept == [{"text/plain": "words", "text/html": "<img>"}, {"text/plain": "3"}]


def test_nothing_of_the_machine_is_kept(after_one_run):
    assert after_one_run.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    assert all("execution" not in cell.metadata for cell in after_one_run.cells)


def test_a_second_run_leaves_the_bytes_as_they_are(first_run, after_one_run):
    before = first_run.read_bytes()
    assert before.endswith(b"}\n")
    assert not before.endswith(b"\n\n")
    assert b"\r" not in before
    assert run_command(first_run) == 0
    assert first_run.read_bytes() == before


def edit_cell(path, name, **fields):
    notebook = read(path)
    (cell,) = [cell for cell in notebook.cells if cell.id == name]
    cell.update(fields)
    nbformat.write(notebook, path)


def test_the_command_drops_the_numbers_that_nbval_drops():
    rules = configparser.ConfigParser()
    rules.read(ROOT / "tests" / "nbval_sanitize.cfg")
    pattern = rules["number-that-differs-between-machines"]["regex"]
    assert run_notebooks._APPROXIMATE.pattern == pattern
    for number in ("0.95", "-1,234.5", "58", "-0.1"):
        assert re.sub(pattern, "≈", f"≈ {number} of them") == "≈ of them"


def test_uncompared_outputs_are_renewed_with_the_rest_or_on_demand(tmp_path):
    path = write_notebook(
        tmp_path / "a.ipynb", ("clock", NO_DATE, "nbval-ignore-output"), ("one", "1")
    )
    run_command(path)
    first = collect_outputs(read(path))
    run_command(path, "--every-output")
    second = collect_outputs(read(path))
    assert second["clock"] != first["clock"]
    assert second["one"] == first["one"]
    edit_cell(path, "one", source="2")
    run_command(path)
    third = collect_outputs(read(path))
    assert third["one"][0].data == {"text/plain": "2"}
    assert third["clock"] != second["clock"]


def test_an_uncompared_output_that_was_cleared_comes_back(tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", ("clock", NO_DATE, "nbval-ignore-output"))
    edit_cell(path, "clock", execution_count=1)
    run_command(path)
    assert collect_outputs(read(path))["clock"] != []


def test_a_cell_that_fails_is_shown_and_the_file_stays(tmp_path, capsys):
    path = write_notebook(
        tmp_path / "a.ipynb", ("fine", "print('fine')"), ("wrong", "number = 1\nnumber / 0")
    )
    later = write_notebook(tmp_path / "b.ipynb", ("fine", "print('fine')"))
    before = path.read_bytes()
    assert run_command(path, later) == 1
    shown = capsys.readouterr().out
    assert "a failed" in shown
    assert "number / 0" in shown
    assert "ZeroDivisionError" in shown
    assert "\x1b" not in shown
    assert path.read_bytes() == before
    assert collect_outputs(read(later))["fine"] != []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ipynb", "b.ipynb"]


def test_a_warning_is_printed(tmp_path, capsys):
    path = write_notebook(
        tmp_path / "a.ipynb", ("warns", "import warnings\nwarnings.warn('beware')")
    )
    assert run_command(path) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("a ")
    assert printed.out.endswith(" s\n")
    assert "cell warns" in printed.err
    assert "beware" in printed.err


def test_notebooks_are_found_by_name():
    folder = run_notebooks.NOTEBOOKS
    everything = run_notebooks.select_notebooks([])
    assert everything == sorted(folder.glob("*.ipynb"))
    assert everything != []
    one = everything[0]
    assert (
        run_notebooks.select_notebooks([one.stem])
        == run_notebooks.select_notebooks([one.name])
        == [one]
    )
    assert run_notebooks.select_notebooks([str(one)]) == [one]
    assert run_notebooks.select_notebooks([one.stem[:2]]) == [one]
    with pytest.raises(SystemExit, match="no_such"):
        run_notebooks.select_notebooks(["no_such"])


@pytest.mark.parametrize("path", run_notebooks.select_notebooks([]), ids=lambda path: path.stem)
def test_the_committed_notebooks_are_as_the_command_writes_them(path):
    notebook = read(path)
    run_notebooks._normalise_notebook(notebook)
    assert path.read_bytes() == run_notebooks._format_notebook(notebook).encode()

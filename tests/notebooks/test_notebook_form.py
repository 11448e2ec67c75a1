"""Every chapter follows the rules in notebook_rules.py, and every rule notices a violation."""

import base64
import copy
import inspect
import io
import re
from functools import cache
from pathlib import Path

import guess_rules
import nbformat
import notebook_rules as rules
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from pins import is_pinned

from tools.figures import __main__ as make_figures

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FIGURES = ROOT / "figures"
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHAPTERS = re.findall(r"^\| \[.*?\]\(notebooks/(\w+)\.ipynb\)", README, re.M)  # its table


def read(path):
    return nbformat.read(path, as_version=4)


@cache
def read_chapter(path):
    return read(path)  # safe to share: no rule changes it


def test_the_chapters_are_all_there():
    assert [path.stem for path in NOTEBOOKS] == CHAPTERS, "README.md has a row for each"
    cells = rules.select_markdown_cells(read_chapter(NOTEBOOKS[0]))
    start = "\n".join(cell.source for cell in cells)
    assert re.findall(r"^\| \[.*?\]\((\w+)\.ipynb\)", start, re.M) == CHAPTERS, "the map in 00 too"
    numbers = [int(name[:2]) for name in CHAPTERS]
    assert numbers == [*range(len(numbers) - 1), 90]
    assert len(numbers) >= 14


def read_minutes(title):
    """Write a title's minutes as the tables do: "35 + 45", or "20" without exercises."""
    stated = re.search(r"(?m)^(\d+) minutes(?:, and about (\d+) for the exercises)? ·", title)
    return " + ".join(number for number in stated.groups() if number)


def test_the_tables_have_the_minutes_of_the_titles():
    titles = {path.stem: read_chapter(path).cells[0].source for path in NOTEBOOKS}
    start = "".join(cell.source for cell in rules.select_markdown_cells(read_chapter(NOTEBOOKS[0])))
    for table in (README, start):
        rows = re.findall(
            r"(?m)^\| \[.*?\]\((?:notebooks/)?(\w+)\.ipynb\).*?\| ([\d +]+) \|", table
        )
        assert dict(rows) == {name: read_minutes(title) for name, title in titles.items()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter(path):
    for rule in rules.RULES:
        problems = list(rule(read_chapter(path), path))
        assert not problems, "\n".join([rule.__name__, *problems])


# ---- the rules themselves, on a small notebook that keeps them all

ALT = "A grey image of nuclei on a dark background, five of them touching."
THE_U = "The U of the network with the four steps of its left arm lit."
MOVES = "A kernel slides over an image, row by row; each place makes a pixel."
VIDEO = (
    f'<video controls preload="metadata" width="720" src="../figures/moves.webm" title="{MOVES}">'
    f'<img src="../figures/moves.svg" alt="{MOVES}"></video>'
)


def make_png_url(*colour):
    """Make the src of an <img>: one pixel, followed by text that looks like a path."""
    file = io.BytesIO()
    Image.new("RGBA", (1, 1), colour).save(file, format="png")
    data = base64.b64encode(file.getvalue() + bytes(-len(file.getvalue()) % 3)).decode()
    return f"data:image/png;base64,{data}/tmp/AB0x7f00000"


GUESS = [
    new_code_cell("my_width = None  # your guess", id="guess-width"),
    new_code_cell(
        'compare_guess(my_width, 9, "width")',
        id="width",
        outputs=[new_output("stream", name="stdout", text="width: 9\n")],
    ),
]
FOLD = "<details>\n<summary>Once you've tried it</summary>\n\n**Nine.**\n\n</details>"
STARS = "★☆☆ difficulty · ★☆☆ importance · 5 minutes"
TASK = f'<div class="unet-exercise">\n\n### 4.1 · Halve\n\n{STARS}\n\nHalve it.\n\n</div>'
MINUTES = "10 minutes, and about 5 for the exercises · builds on nothing"
OPAQUE, GLASS = make_png_url(255, 255, 255, 255), make_png_url(255, 255, 255, 254)
PICTURE = {"text/html": f'<img alt="{ALT}" src="{OPAQUE}">'}


def make_good_notebook():
    stream = new_output("stream", name="stdout", text="(1, 64, 480, 480) of data/image.png\n")
    shown = new_output("execute_result", {**PICTURE, "text/plain": ALT}, execution_count=2)
    code = [
        new_code_cell("x = 'a;b'  # not the end; only a comment;\nprint(x)", outputs=[stream]),
        new_code_cell("described(figure, 'alt')", outputs=[shown]),
        new_code_cell("%time x\nfor y in x:\n    if y:\n        print(y)", outputs=[]),
        new_code_cell("class Block:\n    def forward(self):\n        return 1"),
        new_code_cell("x = 1", metadata={"tags": ["nbval-ignore-output"]}),
        *copy.deepcopy(GUESS),
        new_code_cell("explorers.pooling(show=1)", id="explorer"),
    ]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
    prose = [
        new_markdown_cell(f"# 04 · Down\n\n{MINUTES}"),
        new_markdown_cell(
            f"## The `floor` at *odd* sizes\n\n![{THE_U}](../figures/u.svg 'a title')"
        ),
        new_markdown_cell(
            "### A part\n\n[up](#The-floor-at-odd-sizes), [on](05_next.ipynb#A-title)"
        ),
        new_markdown_cell("```\n# no heading\n[no](link)\n```\n\n`[no](link)` <https://torch.org>"),
        new_markdown_cell(f"Press play.\n\n{VIDEO}\n\n`<video autoplay>` ends in a hatched red."),
        new_markdown_cell("word. " * 800 + '\n\n<a href="../README.md#two-commands">two</a>'),
    ]
    prose[2].source = f"{FOLD}\n\n{prose[2].source}"
    prose.append(new_markdown_cell(TASK))
    notebook = new_notebook(cells=[prose[0], code[0], prose[1], *code[1:], *prose[2:]])
    names = "title setup odd-sizes odd-picture loop definition guess guess-width width explorer"
    names += " further links moves built exercise-4-1"
    for cell, name in zip(notebook.cells, names.split(), strict=True):
        cell.id = name
    return notebook


@pytest.fixture
def folder(tmp_path):
    """A small repository: notebooks/04_down.ipynb and the files that it refers to."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "u.svg").write_text("<svg/>")
    (tmp_path / "figures" / "moves.svg").write_text("<svg/>")
    (tmp_path / "figures" / "moves.webm").write_bytes(bytes.fromhex("1a45dfa39f4286") + b"webm")
    (tmp_path / "README.md").write_text("# Title\n\n## Two commands\n")
    (tmp_path / "notebooks").mkdir()
    following = new_notebook(cells=[new_markdown_cell("# A title")])
    nbformat.write(following, tmp_path / "notebooks" / "05_next.ipynb")
    nbformat.write(make_good_notebook(), tmp_path / "notebooks" / "04_down.ipynb")
    return tmp_path / "notebooks"


def test_a_good_notebook_follows_every_rule(folder):
    path = folder / "04_down.ipynb"
    assert {rule.__name__: list(rule(read(path), path)) for rule in rules.RULES} == {
        rule.__name__: [] for rule in rules.RULES
    }


def set_source(name, text):
    def tamper(notebook):
        find_cell(notebook, name).source = text

    return tamper


def append_source(name, text):
    def tamper(notebook):
        find_cell(notebook, name).source += text

    return tamper


def set_outputs(name, *made):
    def tamper(notebook):
        find_cell(notebook, name).outputs = [new_output(*each[:1], **each[1]) for each in made]

    return tamper


def show_data(name, **data):
    data = {kind.replace("__", "/").replace("_", "-"): text for kind, text in data.items()}
    return set_outputs(name, ("display_data", {"data": data}))


def edit_video(old, new):
    """Replace something in the cell with the video."""
    assert old in VIDEO
    return set_source("moves", VIDEO.replace(old, new))


def print_text(text):
    return set_outputs("setup", ("stream", {"name": "stdout", "text": text}))


def update_cell(name, **values):
    def tamper(notebook):
        find_cell(notebook, name).update(values)

    return tamper


def find_cell(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def set_tags(*tags):
    return update_cell("setup", metadata={"tags": list(tags)})


TAMPERINGS = [
    ("file_format", lambda notebook: notebook.metadata.update(widgets={"state": {}})),
    ("file_format", lambda notebook: notebook.update(nbformat_minor=4)),
    ("file_format", lambda notebook: find_cell(notebook, "setup").pop("outputs")),
    ("file_format", append_source("setup", "# " + "x" * 2_000_000)),
    ("cell_ids", update_cell("setup", id="title")),
    ("cell_ids", update_cell("setup", id="1b2c3d4e")),
    ("cell_ids", update_cell("setup", id="a1b2c3d4")),
    ("cell_ids", update_cell("setup", id="b1b2c3d4-aaaa-4bbb-8ccc-0123456789ab")),
    ("cell_ids", update_cell("setup", id="Setup")),
    ("cell_ids", update_cell("setup", id="set_up")),
    ("no_empty_cells", set_source("guess", " \n")),
    ("no_empty_cells", set_source("built", "")),
    ("no_empty_cells", update_cell("built", cell_type="raw")),
    ("compared_outputs", set_tags("nbval-ignore-output")),
    ("compared_outputs", set_tags("nbval-skip")),
    ("compared_outputs", set_tags("NBVAL_SKIP")),
    ("compared_outputs", set_tags("raises-exception")),
    ("compared_outputs", append_source("setup", "\n# NBVAL_IGNORE_OUTPUT")),
    ("compared_outputs", append_source("setup", "\n#nbval_skip\n1")),
    ("execution_counts", update_cell("setup", execution_count=None)),
    ("execution_counts", update_cell("setup", execution_count=2)),
    ("execution_counts", lambda notebook: notebook.cells.append(new_code_cell("1"))),
    (
        "clean_outputs",
        set_outputs("setup", ("error", {"ename": "E", "evalue": "", "traceback": []})),
    ),
    ("clean_outputs", set_outputs("setup", ("stream", {"name": "stderr", "text": "100%"}))),
    ("clean_outputs", show_data("setup", **{"application/vnd.jupyter.widget-view+json": {}})),
    ("no_traces_of_a_machine", print_text("saved to /tmp/model.pt")),
    ("no_traces_of_a_machine", print_text("'/home/me/unet/figures'")),
    ("no_traces_of_a_machine", print_text("C:\\Users\\me")),
    ("no_traces_of_a_machine", print_text("<function f at 0x7f3b5c0d2e50>")),
    ("no_traces_of_a_machine", show_data("setup", text__plain="<A object at 0x7f3b5c0d2e50>")),
    ("no_traces_of_a_machine", show_data("setup", text__html="<p>/Users/me/x</p>")),
    ("no_traces_of_a_machine", append_source("built", " Write to someone@example.org.")),
    ("no_traces_of_a_machine", set_source("guess", "x = '/root/data'")),
    ("cell_lengths", append_source("setup", "\n1" * 19)),
    ("cell_lengths", append_source("definition", "\n1" * 43)),
    ("cell_lengths", append_source("loop", "\n# class X" * 18)),
    ("no_trailing_semicolon", append_source("guess", ";")),
    ("no_trailing_semicolon", append_source("guess", ";  # quiet")),
    ("no_trailing_semicolon", set_source("guess", "x = 1;\ny = 2")),
    ("last_line", set_source("guess", "pass")),
    ("last_line", set_source("guess", "# only a comment")),
    ("last_line", set_source("guess", "for x in []:\n    pass")),
    ("last_line", set_source("guess", "try:\n    x = 1\nexcept ValueError:\n    pass")),
    ("last_line", append_source("guess", "\nassert x == 1")),
    ("last_line", append_source("guess", "\ndel x")),
    ("no_show", append_source("guess", "\nplt.show()")),
    ("no_show", append_source("guess", "\nfigure.show(block=False)")),
    ("no_show", append_source("guess", "\nfrom matplotlib.pyplot import show\nshow()")),
    ("title_and_headings", lambda notebook: notebook.cells.pop(0)),
    ("title_and_headings", lambda notebook: notebook.cells.insert(0, notebook.cells.pop(1))),
    ("title_and_headings", set_source("title", "Text.\n\n# 04 · Down")),
    ("title_and_headings", append_source("built", "\n\n# Another title")),
    ("title_and_headings", append_source("title", "\n\n### Too deep")),
    ("title_and_headings", append_source("built", "\n\n<h4>A part</h4>")),
    ("title_and_headings", append_source("built", "\n\n##")),
    ("number_of_words", set_source("built", "word. " * 500)),
    ("number_of_words", set_source("built", "word. " * 2800)),
    ("nothing_twice", set_source("built", "You built it and and ran it.")),
    (
        "nothing_twice",
        set_source("built", "A. (Look, and choose nothing.) (Look, and choose nothing.)"),
    ),
    ("nothing_twice", set_source("built", "Here is what you built.\nHere is what you built.")),
    ("pictures", set_source("odd-sizes", "## A\n\n![](../figures/u.svg)")),
    ("pictures", set_source("odd-sizes", "## A\n\n![A short one](../figures/u.svg)")),
    ("pictures", set_source("odd-sizes", f"## A\n\n![{ALT}](../figures/none.svg)")),
    ("pictures", set_source("odd-sizes", f"## A\n\n![{ALT}](https://torch.org/logo.svg)")),
    ("pictures", set_source("odd-sizes", f"## A\n\n![{ALT}](attachment:u.svg)")),
    ("pictures", set_source("odd-sizes", '## A\n\n<img src="../figures/u.svg">')),
    ("pictures", set_source("odd-sizes", '## A\n\nText <img src="../figures/u.svg" alt="short">')),
    ("pictures", set_source("odd-sizes", f'## A\n\n<img src="../figures/no.svg" alt="{ALT}">')),
    ("videos", edit_video(" controls", "")),
    ("videos", edit_video(" controls", " controls autoplay")),
    ("videos", edit_video(" controls", " controls loop")),
    ("videos", edit_video('"metadata"', '"auto"')),
    ("videos", edit_video(' preload="metadata"', "")),
    ("videos", edit_video(f' title="{MOVES}"', "")),
    ("videos", set_source("moves", VIDEO.replace(MOVES, "A short one"))),
    ("videos", edit_video(f'alt="{MOVES}"', f'alt="{ALT}"')),
    ("videos", edit_video(f'<img src="../figures/moves.svg" alt="{MOVES}">', "")),
    ("videos", edit_video(f'<img src="../figures/moves.svg" alt="{MOVES}">', "no <b>video</b>")),
    ("videos", edit_video("</video>", "")),
    ("videos", edit_video("moves.webm", "none.webm")),
    ("videos", edit_video("moves.webm", "u.svg")),
    ("videos", edit_video("moves.svg", "u.svg")),
    ("videos", edit_video("<img", '<source src="https://torch.org/a.webm"><img')),
    ("videos", append_source("built", "\n\n<iframe src='https://torch.org'></iframe>")),
    ("videos", append_source("built", f"\n\n![{ALT}](../figures/u.gif)")),
    ("pictures_in_outputs", show_data("setup", image__png="AAAA", text__plain=ALT)),
    ("pictures_in_outputs", show_data("setup", image__svg_xml="<svg/>", text__plain=ALT)),
    ("pictures_in_outputs", show_data("setup", text__html="<img src='data:'>", text__plain=ALT)),
    ("pictures_in_outputs", show_data("setup", text__html="<img alt='' src=''>", text__plain="")),
    (
        "pictures_in_outputs",
        show_data("setup", text__html="<img alt='Figure'>", text__plain="Figure"),
    ),
    ("pictures_in_outputs", show_data("setup", **PICTURE)),
    ("pictures_in_outputs", show_data("setup", **PICTURE, text__plain="<Figure>")),
    ("pictures_in_outputs", show_data("setup", text__html="<svg></svg>", text__plain=ALT)),
    ("pictures_in_outputs", show_data("setup", text__html="<video src='data:'>", text__plain=ALT)),
    (
        "alt_texts",
        set_source("odd-sizes", "## A\n\n![A-figure-that-is-called-u.svg](../figures/u.svg)"),
    ),
    ("alt_texts", set_source("odd-sizes", f"## A\n\n![Picture: {ALT}](../figures/u.svg)")),
    (
        "alt_texts",
        set_source("odd-sizes", "## A\n\n![Convolutional representation](../figures/u.svg)"),
    ),
    ("alt_texts", set_source("odd-sizes", f"## {ALT}\n\n![{ALT}](../figures/u.svg)")),
    ("alt_texts", append_source("built", f"\n\n![{ALT}](../figures/v.svg)")),
    ("alt_texts", append_source("built", f"\n\n![{MOVES}](../figures/u.svg)")),
    (
        "alt_texts",
        show_data("setup", text__html=f'<img alt="{ALT}" src="{GLASS}">', text__plain=ALT),
    ),
    ("figures_by_this_package", append_source("guess", "\nimport matplotlib.pyplot as plt")),
    ("figures_by_this_package", append_source("guess", "\nfrom matplotlib import pyplot")),
    ("figures_by_this_package", append_source("guess", "\nif x:\n    import seaborn")),
    ("figures_by_this_package", append_source("guess", "\nfrom IPython.display import Image")),
    ("figures_by_this_package", append_source("guess", "\nfrom IPython import display")),
    ("figures_by_this_package", set_source("guess", "%matplotlib inline\nx = 1")),
    ("opaque_pictures", show_data("setup", text__html=f'<img src="{GLASS}" alt="">')),
    ("colours", append_source("built", '\n\n<span style="color: #aaa">pale</span>')),
    (
        "colours",
        append_source("built", '\n\n<table bgcolor="x"><td style="background:#fff">a</td></table>'),
    ),
    ("colours", append_source("built", "\n\n<font size='2'>small</font>")),
    ("colours", show_data("setup", text__html="<p style='margin: 0; color: red'>no</p>")),
    ("colours", print_text("\x1b[31mred")),
    ("colours", append_source("built", " The red pixels are wrong.")),
    ("colours", set_source("odd-sizes", f"## A\n\n![{ALT} One is Orange.](../figures/u.svg)")),
    ("colours", show_data("setup", text__html="<p>the green curve</p>")),
    ("links", append_source("built", " [a](none.ipynb)")),
    ("links", append_source("built", " [a](../README.md#three-commands)")),
    ("links", append_source("built", " [a](#Nowhere)")),
    ("links", append_source("built", " [a](#the-floor-at-odd-sizes)")),
    ("links", append_source("built", " [a](05_next.ipynb#A-tittle)")),
    ("links", append_source("built", " [a][ref]\n\n[ref]: none.md")),
    ("links", append_source("built", " [a]()")),
    ("links", append_source("built", " [a](/etc/hosts)")),
    ("links", append_source("built", " [a](file:///etc/hosts)")),
    ("links", append_source("built", "\n\n<a href='none.md'>a</a>")),
    ("links", append_source("built", "\n\n| a |\n|---|\n| [a](none.md) |")),
    ("minutes_are_true", set_source("title", "# 04 · Down")),
    ("minutes_are_true", set_source("title", f"# 04 · Down\n\n{MINUTES.replace('10', '15')}")),
    ("minutes_are_true", set_source("title", f"# 04 · Down\n\n{MINUTES.replace('5', '6')}")),
    ("minutes_are_true", append_source("built", " word" * 1000)),
    ("exercise_bands", set_source("exercise-4-1", "### 4.1 · Halve\n\nHalve it.")),
    ("exercise_bands", append_source("exercise-4-1", "\n\nMore.")),
    ("exercise_bands", set_source("built", TASK)),
    ("folds", set_source("further", FOLD.replace("</details>", ""))),
    ("folds", set_source("further", FOLD.replace("<details>", "<details open>"))),
    ("folds", set_source("further", FOLD.replace("</summary>\n\n", "</summary>\n"))),
    ("folds", set_source("further", FOLD.replace("<summary>Once you've tried it</summary>", ""))),
    ("folds", set_source("further", FOLD + "\nmore")),
    ("explorers_are_answered", set_source("further", "Nine.")),
    ("guesses_are_answered", set_source("width", "9")),
    ("guesses_are_answered", set_source("width", 'compare_guess(my_height, 9, "width")')),
    ("guesses_are_answered", update_cell("width", outputs=[])),
    ("guesses_are_answered", append_source("width", '\ncompare_guess(my_width, 9, "width")')),
    ("guesses_are_open", append_source("odd-sizes", "\n\n### From 4 to 9 pixels")),
    ("guesses_are_open", append_source("title", "\n\n- make 9 of 4;")),
    ("guesses_are_open", append_source("loop", "\n# 9 at last")),
    ("guesses_are_open", append_source("guess-width", ", such as 9")),
    ("guesses_are_open", append_source("loop", '\npanels([x], title="9 stamps")')),
    ("guesses_are_open", set_source("odd-sizes", f"## A\n\n![{ALT} 9 are dim.](../figures/u.svg)")),
    (
        "guesses_are_open",
        show_data("setup", text__html=f'<img alt="{ALT} 9." src="{OPAQUE}">', text__plain=ALT),
    ),
]


@pytest.mark.parametrize(
    ("answer", "heading"),
    [
        ("37,696", "It has 37,696 weights"),
        ("37,696", "It has 37696 weights"),
        ("0.95", "A Dice of 0.95."),
        ("(96, 64)", "It's 96 × 64 now"),
        ("(96, 64)", "It's (96, 64) now"),
        ("-27", "It's -27"),
    ],
)
def test_an_answer_is_found_however_it_is_written(answer, heading):
    printed = new_output("stream", name="stdout", text=f"width: {answer}\n")
    notebook = new_notebook(cells=[new_markdown_cell(f"## {heading}"), *copy.deepcopy(GUESS)])
    notebook.cells[2].outputs = [printed]
    assert list(rules.guesses_are_open(notebook, None)) != []


def test_a_part_of_another_number_is_no_answer():
    heading = "## 19 of 90, 9.5, 0.9, chapter09, [see](09_what.ipynb), `x[9]`, 1,009"
    notebook = new_notebook(cells=[new_markdown_cell(heading), *copy.deepcopy(GUESS)])
    assert list(rules.guesses_are_open(notebook, None)) == []


def test_an_exception_is_needed(monkeypatch):
    notebook = new_notebook(cells=[new_markdown_cell("## 9"), *copy.deepcopy(GUESS)])
    monkeypatch.setitem(guess_rules.EXCEPTIONS, "width", "given")
    assert list(rules.guesses_are_open(notebook, None)) == []
    notebook.cells[0].source = "## Width"
    assert list(rules.guesses_are_open(notebook, None)) != []


def test_guesses_have_one_name_each_in_the_course():
    names = [name for path in NOTEBOOKS for *_, name in guess_rules.find_comparisons(read(path))]
    assert [name for name in set(names) if names.count(name) > 1] == []
    assert list(guess_rules.find_unused_meanings(map(read_chapter, NOTEBOOKS))) == []


@pytest.mark.parametrize(
    ("rule", "tamper"), TAMPERINGS, ids=[f"{rule}-{i}" for i, (rule, _) in enumerate(TAMPERINGS)]
)
def test_a_tampered_notebook_is_noticed(folder, rule, tamper):
    path = folder / "04_down.ipynb"
    notebook = read(path)
    tamper(notebook)
    if rule == "file_format":
        path.write_text(str(notebook))  # the rule looks at the size on disk
    assert list(getattr(rules, rule)(notebook, path)) != []


def test_every_rule_was_broken_once():
    assert {rule for rule, _ in TAMPERINGS} == {rule.__name__ for rule in rules.RULES}
    functions = inspect.getmembers(rules, inspect.isfunction)
    written = {name for name, each in functions if each.__annotations__.get("return")}
    written |= {"guesses_are_answered", "guesses_are_open", "number_of_words", "minutes_are_true"}
    assert written - {"find_broken_links"} == {rule.__name__ for rule in rules.RULES}


def test_the_word_limits_are_those_of_the_chapter(folder):
    notebook = new_notebook(cells=[new_markdown_cell("word. " * 100)])
    few = {name: bool(list(rules.number_of_words(notebook, Path(name)))) for name in CHAPTERS}
    assert [name for name, is_few in few.items() if not is_few] == ["00_start_here", "90_warm_up"]


# ---- the README, and the pictures that prose uses

PROSE = [
    (path, "\n\n".join(cell.source for cell in rules.select_markdown_cells(read_chapter(path))))
    for path in NOTEBOOKS
]
PROSE.append((ROOT / "README.md", README))


def test_the_links_of_the_readme_have_targets():
    path, text = PROSE[-1]
    problems = list(rules.find_broken_links(text, path))
    assert not problems, "\n".join(problems)
    for target, alt in rules.find_images(text):
        assert (ROOT / target).is_file(), target
        assert len(alt) >= rules.ALT_LETTERS, target


def find_used_figures():
    """Find the files in figures/ that prose shows or links to."""
    for path, text in PROSE:
        targets = [target for target, _ in rules.find_images(text)]
        tags = rules.TagParser(rules.extract_html(text)).found
        targets += [attributes["src"] for tag, attributes, _ in tags if tag == "video"]
        targets += [attributes["srcset"] for tag, attributes, _ in tags if tag == "source"]
        for target in [*targets, *rules.find_links(text)]:
            if not re.match(r"\w+:|#", target):
                file = (path.parent / target.partition("#")[0]).resolve()
                if file.parent == FIGURES:
                    yield file.name


def list_figures(folder=FIGURES):
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_each_figure_is_used_and_each_used_one_is_there():
    assert set(find_used_figures()) == list_figures()


@pytest.fixture(scope="module")
def redrawn_figures(tmp_path_factory):
    """All pictures, drawn again, except the videos: test_animations.py compares their frames."""
    folder = tmp_path_factory.mktemp("figures")
    still = {
        name: draw for name, draw in make_figures.PICTURES.items() if not name.endswith(".webm")
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(make_figures, "PICTURES", still)
        make_figures.main(folder)
    return folder


def load_pixels(path):
    return np.asarray(Image.open(path).convert("RGB"), dtype=float)


def is_same_picture(before, after):
    if before.suffix == ".svg":
        return before.read_bytes().splitlines() == after.read_bytes().splitlines()
    if before.read_bytes() == after.read_bytes():
        return True
    before, after = load_pixels(before), load_pixels(after)
    # A network's mask may differ in a pixel or two between machines.
    return before.shape == after.shape and np.abs(before - after).mean() < 0.5


def test_figures_made_again_are_the_same(redrawn_figures):
    if not is_pinned("matplotlib"):
        pytest.skip("another matplotlib draws otherwise")
    names = list_figures(redrawn_figures)
    assert len(names) > 20
    assert [
        name for name in names if not is_same_picture(FIGURES / name, redrawn_figures / name)
    ] == []

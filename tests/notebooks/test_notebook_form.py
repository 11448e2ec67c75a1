"""Every chapter keeps the rules of notebook_rules.py, and every rule notices when it is broken."""

import base64
import inspect
import io
import re
from functools import cache
from pathlib import Path

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
def chapter(path):
    return read(path)  # which no rule changes


def test_the_chapters_are_all_there():
    assert [path.stem for path in NOTEBOOKS] == CHAPTERS, "README.md has a row for each"
    numbers = [int(name[:2]) for name in CHAPTERS]
    assert numbers == [*range(len(numbers) - 1), 90]
    assert len(numbers) >= 14


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter(path, rule):
    problems = list(rule(chapter(path), path))
    assert not problems, "\n".join(problems)


# ---- the rules themselves, on a small notebook that keeps them all

ALT = "A grey image of nuclei on a dark background, five of them touching."
THE_U = "The U of the network with the four steps of its left arm lit."
MOVES = "A kernel slides over an image, row by row; each place makes a pixel."
VIDEO = (
    f'<video controls preload="metadata" width="720" src="../figures/moves.webm" title="{MOVES}">'
    f'<img src="../figures/moves.svg" alt="{MOVES}"></video>'
)


def png(*colour):
    """The source of an <img>: one pixel, and after it letters that look like a path."""
    file = io.BytesIO()
    Image.new("RGBA", (1, 1), colour).save(file, format="png")
    data = base64.b64encode(file.getvalue() + bytes(-len(file.getvalue()) % 3)).decode()
    return f"data:image/png;base64,{data}/tmp/AB0x7f00000"


OPAQUE, GLASS = png(255, 255, 255, 255), png(255, 255, 255, 254)
PICTURE = {"text/html": f'<img alt="{ALT}" src="{OPAQUE}">'}


def good_notebook():
    stream = new_output("stream", name="stdout", text="(1, 64, 480, 480) of data/image.png\n")
    shown = new_output("execute_result", {**PICTURE, "text/plain": ALT}, execution_count=2)
    code = [
        new_code_cell("x = 'a;b'  # not the end; only a comment;\nprint(x)", outputs=[stream]),
        new_code_cell("described(figure, 'alt')", outputs=[shown]),
        new_code_cell("%time x\nfor y in x:\n    if y:\n        print(y)", outputs=[]),
        new_code_cell("class Block:\n    def forward(self):\n        return 1"),
        new_code_cell("x = 1", metadata={"tags": ["nbval-ignore-output"]}),
    ]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
    prose = [
        new_markdown_cell("# 04 · Down\n\nText."),
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
    notebook = new_notebook(cells=[prose[0], code[0], prose[1], *code[1:], *prose[2:]])
    names = "title setup odd-sizes odd-picture loop definition guess further links moves built next"
    for cell, name in zip(notebook.cells, names.split(), strict=False):
        cell.id = name
    return notebook


@pytest.fixture
def folder(tmp_path):
    """A repository in small: notebooks/04_down.ipynb and what it refers to."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "u.svg").write_text("<svg/>")
    (tmp_path / "figures" / "moves.svg").write_text("<svg/>")
    (tmp_path / "figures" / "moves.webm").write_bytes(bytes.fromhex("1a45dfa39f4286") + b"webm")
    (tmp_path / "README.md").write_text("# Title\n\n## Two commands\n")
    (tmp_path / "notebooks").mkdir()
    following = new_notebook(cells=[new_markdown_cell("# A title")])
    nbformat.write(following, tmp_path / "notebooks" / "05_next.ipynb")
    nbformat.write(good_notebook(), tmp_path / "notebooks" / "04_down.ipynb")
    return tmp_path / "notebooks"


def test_a_good_notebook_keeps_every_rule(folder):
    path = folder / "04_down.ipynb"
    assert {rule.__name__: list(rule(read(path), path)) for rule in rules.RULES} == {
        rule.__name__: [] for rule in rules.RULES
    }


def source(name, text):
    def tamper(notebook):
        cell(notebook, name).source = text

    return tamper


def added(name, text):
    def tamper(notebook):
        cell(notebook, name).source += text

    return tamper


def output(name, *made):
    def tamper(notebook):
        cell(notebook, name).outputs = [new_output(*each[:1], **each[1]) for each in made]

    return tamper


def shown(name, **data):
    data = {kind.replace("__", "/").replace("_", "-"): text for kind, text in data.items()}
    return output(name, ("display_data", {"data": data}))


def video(old, new):
    """The cell with the video, with something in it replaced."""
    assert old in VIDEO
    return source("moves", VIDEO.replace(old, new))


def printed(text):
    return output("setup", ("stream", {"name": "stdout", "text": text}))


def changed(name, **values):
    def tamper(notebook):
        cell(notebook, name).update(values)

    return tamper


def cell(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def tag(*tags):
    return changed("setup", metadata={"tags": list(tags)})


TAMPERINGS = [
    ("valid", lambda notebook: notebook.metadata.update(widgets={"state": {}})),
    ("valid", lambda notebook: notebook.update(nbformat_minor=4)),
    ("valid", lambda notebook: cell(notebook, "setup").pop("outputs")),
    ("valid", added("setup", "# " + "x" * 2_000_000)),
    ("ids", changed("setup", id="title")),
    ("ids", changed("setup", id="1b2c3d4e")),
    ("ids", changed("setup", id="a1b2c3d4")),
    ("ids", changed("setup", id="b1b2c3d4-aaaa-4bbb-8ccc-0123456789ab")),
    ("ids", changed("setup", id="Setup")),
    ("ids", changed("setup", id="set_up")),
    ("no_empty_cells", source("guess", " \n")),
    ("no_empty_cells", source("built", "")),
    ("no_empty_cells", changed("built", cell_type="raw")),
    ("compared", tag("nbval-ignore-output")),
    ("compared", tag("nbval-skip")),
    ("compared", tag("NBVAL_SKIP")),
    ("compared", tag("raises-exception")),
    ("compared", added("setup", "\n# NBVAL_IGNORE_OUTPUT")),
    ("compared", added("setup", "\n#nbval_skip\n1")),
    ("run_in_order", changed("setup", execution_count=None)),
    ("run_in_order", changed("setup", execution_count=2)),
    ("run_in_order", lambda notebook: notebook.cells.append(new_code_cell("1"))),
    ("clean_outputs", output("setup", ("error", {"ename": "E", "evalue": "", "traceback": []}))),
    ("clean_outputs", output("setup", ("stream", {"name": "stderr", "text": "100%"}))),
    ("clean_outputs", shown("setup", **{"application/vnd.jupyter.widget-view+json": {}})),
    ("no_traces_of_a_machine", printed("saved to /tmp/model.pt")),
    ("no_traces_of_a_machine", printed("'/home/me/unet/figures'")),
    ("no_traces_of_a_machine", printed("C:\\Users\\me")),
    ("no_traces_of_a_machine", printed("<function f at 0x7f3b5c0d2e50>")),
    ("no_traces_of_a_machine", shown("setup", text__plain="<A object at 0x7f3b5c0d2e50>")),
    ("no_traces_of_a_machine", shown("setup", text__html="<p>/Users/me/x</p>")),
    ("no_traces_of_a_machine", added("built", " Write to someone@example.org.")),
    ("no_traces_of_a_machine", source("guess", "x = '/root/data'")),
    ("cell_lengths", added("setup", "\n1" * 19)),
    ("cell_lengths", added("definition", "\n1" * 43)),
    ("cell_lengths", added("loop", "\n# class X" * 18)),
    ("no_trailing_semicolon", added("guess", ";")),
    ("no_trailing_semicolon", added("guess", ";  # quiet")),
    ("no_trailing_semicolon", source("guess", "x = 1;\ny = 2")),
    ("last_line", source("guess", "pass")),
    ("last_line", source("guess", "# only a comment")),
    ("last_line", source("guess", "for x in []:\n    pass")),
    ("last_line", source("guess", "try:\n    x = 1\nexcept ValueError:\n    pass")),
    ("last_line", added("guess", "\nassert x == 1")),
    ("last_line", added("guess", "\ndel x")),
    ("no_show", added("guess", "\nplt.show()")),
    ("no_show", added("guess", "\nfigure.show(block=False)")),
    ("no_show", added("guess", "\nfrom matplotlib.pyplot import show\nshow()")),
    ("title_and_headings", lambda notebook: notebook.cells.pop(0)),
    ("title_and_headings", lambda notebook: notebook.cells.insert(0, notebook.cells.pop(1))),
    ("title_and_headings", source("title", "Text.\n\n# 04 · Down")),
    ("title_and_headings", added("built", "\n\n# Another title")),
    ("title_and_headings", added("title", "\n\n### Too deep")),
    ("title_and_headings", added("built", "\n\n<h4>A part</h4>")),
    ("title_and_headings", added("built", "\n\n##")),
    ("number_of_words", source("built", "word. " * 500)),
    ("number_of_words", source("built", "word. " * 2800)),
    ("nothing_twice", source("built", "You built it and and ran it.")),
    (
        "nothing_twice",
        source("built", "A. (Look, and choose nothing.) (Look, and choose nothing.)"),
    ),
    ("nothing_twice", source("built", "Here is what you built.\nHere is what you built.")),
    ("pictures", source("odd-sizes", "## A\n\n![](../figures/u.svg)")),
    ("pictures", source("odd-sizes", "## A\n\n![A short one](../figures/u.svg)")),
    ("pictures", source("odd-sizes", f"## A\n\n![{ALT}](../figures/none.svg)")),
    ("pictures", source("odd-sizes", f"## A\n\n![{ALT}](https://torch.org/logo.svg)")),
    ("pictures", source("odd-sizes", f"## A\n\n![{ALT}](attachment:u.svg)")),
    ("pictures", source("odd-sizes", '## A\n\n<img src="../figures/u.svg">')),
    ("pictures", source("odd-sizes", '## A\n\nText <img src="../figures/u.svg" alt="short">')),
    ("pictures", source("odd-sizes", f'## A\n\n<img src="../figures/no.svg" alt="{ALT}">')),
    ("videos", video(" controls", "")),
    ("videos", video(" controls", " controls autoplay")),
    ("videos", video(" controls", " controls loop")),
    ("videos", video('"metadata"', '"auto"')),
    ("videos", video(' preload="metadata"', "")),
    ("videos", video(f' title="{MOVES}"', "")),
    ("videos", source("moves", VIDEO.replace(MOVES, "A short one"))),
    ("videos", video(f'alt="{MOVES}"', f'alt="{ALT}"')),
    ("videos", video(f'<img src="../figures/moves.svg" alt="{MOVES}">', "")),
    ("videos", video(f'<img src="../figures/moves.svg" alt="{MOVES}">', "no <b>video</b>")),
    ("videos", video("</video>", "")),
    ("videos", video("moves.webm", "none.webm")),
    ("videos", video("moves.webm", "u.svg")),
    ("videos", video("moves.svg", "u.svg")),
    ("videos", video("<img", '<source src="https://torch.org/a.webm"><img')),
    ("videos", added("built", "\n\n<iframe src='https://torch.org'></iframe>")),
    ("videos", added("built", f"\n\n![{ALT}](../figures/u.gif)")),
    ("pictures_in_outputs", shown("setup", image__png="AAAA", text__plain=ALT)),
    ("pictures_in_outputs", shown("setup", image__svg_xml="<svg/>", text__plain=ALT)),
    ("pictures_in_outputs", shown("setup", text__html="<img src='data:'>", text__plain=ALT)),
    ("pictures_in_outputs", shown("setup", text__html="<img alt='' src=''>", text__plain="")),
    ("pictures_in_outputs", shown("setup", text__html="<img alt='Figure'>", text__plain="Figure")),
    ("pictures_in_outputs", shown("setup", **PICTURE)),
    ("pictures_in_outputs", shown("setup", **PICTURE, text__plain="<Figure>")),
    ("pictures_in_outputs", shown("setup", text__html="<svg></svg>", text__plain=ALT)),
    ("pictures_in_outputs", shown("setup", text__html="<video src='data:'>", text__plain=ALT)),
    (
        "alt_texts",
        source("odd-sizes", "## A\n\n![A-figure-that-is-called-u.svg](../figures/u.svg)"),
    ),
    ("alt_texts", source("odd-sizes", f"## A\n\n![Picture: {ALT}](../figures/u.svg)")),
    ("alt_texts", source("odd-sizes", "## A\n\n![Convolutional representation](../figures/u.svg)")),
    ("alt_texts", source("odd-sizes", f"## {ALT}\n\n![{ALT}](../figures/u.svg)")),
    ("alt_texts", added("built", f"\n\n![{ALT}](../figures/v.svg)")),
    ("alt_texts", added("built", f"\n\n![{MOVES}](../figures/u.svg)")),
    ("alt_texts", shown("setup", text__html=f'<img alt="{ALT}" src="{GLASS}">', text__plain=ALT)),
    ("ours_alone", added("guess", "\nimport matplotlib.pyplot as plt")),
    ("ours_alone", added("guess", "\nfrom matplotlib import pyplot")),
    ("ours_alone", added("guess", "\nif x:\n    import seaborn")),
    ("ours_alone", added("guess", "\nfrom IPython.display import Image")),
    ("ours_alone", added("guess", "\nfrom IPython import display")),
    ("ours_alone", source("guess", "%matplotlib inline\nx = 1")),
    ("opaque_pictures", shown("setup", text__html=f'<img src="{GLASS}" alt="">')),
    ("colours", added("built", '\n\n<span style="color: #aaa">pale</span>')),
    (
        "colours",
        added("built", '\n\n<table bgcolor="x"><td style="background:#fff">a</td></table>'),
    ),
    ("colours", added("built", "\n\n<font size='2'>small</font>")),
    ("colours", shown("setup", text__html="<p style='margin: 0; color: red'>no</p>")),
    ("colours", printed("\x1b[31mred")),
    ("colours", added("built", " The red pixels are wrong.")),
    ("colours", source("odd-sizes", f"## A\n\n![{ALT} One is Orange.](../figures/u.svg)")),
    ("colours", shown("setup", text__html="<p>the green curve</p>")),
    ("links", added("built", " [a](none.ipynb)")),
    ("links", added("built", " [a](../README.md#three-commands)")),
    ("links", added("built", " [a](#Nowhere)")),
    ("links", added("built", " [a](#the-floor-at-odd-sizes)")),
    ("links", added("built", " [a](05_next.ipynb#A-tittle)")),
    ("links", added("built", " [a][ref]\n\n[ref]: none.md")),
    ("links", added("built", " [a]()")),
    ("links", added("built", " [a](/etc/hosts)")),
    ("links", added("built", " [a](file:///etc/hosts)")),
    ("links", added("built", "\n\n<a href='none.md'>a</a>")),
    ("links", added("built", "\n\n| a |\n|---|\n| [a](none.md) |")),
]


@pytest.mark.parametrize(
    ("rule", "tamper"), TAMPERINGS, ids=[f"{rule}-{i}" for i, (rule, _) in enumerate(TAMPERINGS)]
)
def test_a_tampered_notebook_is_noticed(folder, rule, tamper):
    path = folder / "04_down.ipynb"
    notebook = read(path)
    tamper(notebook)
    if rule == "valid":
        path.write_text(str(notebook))  # the size on the disk counts
    assert list(getattr(rules, rule)(notebook, path)) != []


def test_every_rule_was_broken_once():
    assert {rule for rule, _ in TAMPERINGS} == {rule.__name__ for rule in rules.RULES}
    functions = inspect.getmembers(rules, inspect.isfunction)
    written = {name for name, each in functions if each.__annotations__.get("return")}
    assert written - {"broken_links"} == {rule.__name__ for rule in rules.RULES}


def test_the_word_limits_are_those_of_the_chapter(folder):
    notebook = new_notebook(cells=[new_markdown_cell("word. " * 100)])
    few = {name: bool(list(rules.number_of_words(notebook, Path(name)))) for name in CHAPTERS}
    assert [name for name, is_few in few.items() if not is_few] == ["00_start_here", "90_warm_up"]


# ---- the README, and the pictures that prose uses

PROSE = [
    (path, "\n\n".join(cell.source for cell in rules.markdown_cells(chapter(path))))
    for path in NOTEBOOKS
]
PROSE.append((ROOT / "README.md", README))


def test_the_links_of_the_readme_lead_somewhere():
    path, text = PROSE[-1]
    problems = list(rules.broken_links(text, path))
    assert not problems, "\n".join(problems)
    for target, alt in rules.images_in_markdown(text):
        assert (ROOT / target).is_file(), target
        assert len(alt) >= rules.ALT_LETTERS, target


def used_figures():
    """The files in figures/ that prose shows or links to."""
    for path, text in PROSE:
        targets = [target for target, _ in rules.images_in_markdown(text)]
        tags = rules.Tags(rules.html_of(text)).found
        targets += [attributes["src"] for tag, attributes, _ in tags if tag == "video"]
        for target in [*targets, *rules.links_in_markdown(text)]:
            if not re.match(r"\w+:|#", target):
                file = (path.parent / target.partition("#")[0]).resolve()
                if file.parent == FIGURES:
                    yield file.name


def kept_figures(folder=FIGURES):
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_each_figure_is_used_and_each_used_one_is_there():
    assert set(used_figures()) == kept_figures()


@pytest.fixture(scope="module")
def made_again(tmp_path_factory):
    """All pictures but the videos, whose frames tests/test_animations.py draws and compares."""
    folder = tmp_path_factory.mktemp("figures")
    still = {
        name: draw for name, draw in make_figures.PICTURES.items() if not name.endswith(".webm")
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(make_figures, "PICTURES", still)
        make_figures.main(folder)
    return folder


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"), dtype=float)


def are_equal(before, after):
    if before.suffix == ".svg":
        return before.read_bytes().splitlines() == after.read_bytes().splitlines()
    if before.read_bytes() == after.read_bytes():
        return True
    before, after = pixels(before), pixels(after)
    # What a network finds may differ in a pixel or two between machines.
    return before.shape == after.shape and np.abs(before - after).mean() < 0.5


def test_figures_made_again_are_the_same(made_again):
    if not is_pinned("matplotlib"):
        pytest.skip("another matplotlib draws otherwise")
    names = kept_figures(made_again)
    assert len(names) > 20
    assert [name for name in names if not are_equal(FIGURES / name, made_again / name)] == []

"""The site's parts that need neither Sphinx nor a browser; they run in the default suite."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import make_site
import pytest
import site_api
import site_pages
import site_source
from site_walker import problems

ROOT = Path(__file__).resolve().parents[2]

HEAD = '<html lang="en"><head><link rel="stylesheet" href="a.css"></head>'
BODY = '<h1 id="top">One</h1><img src="a.svg" alt="a dot"><video src="a.svg" poster="a.svg">'
LINKS = '<a href="deep/two.html#here">x</a> <a href="https://example.org">y</a> <a href="#top">'


@pytest.fixture
def site(tmp_path):
    """Two pages with which nothing is wrong."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.css").write_text("p { background: url('a.svg') } @import 'a.css';")
    (tmp_path / "a.svg").write_text("<svg/>")
    (tmp_path / "index.html").write_text(f"{HEAD}{BODY}{LINKS}")
    two = '<html lang="en"><h1>Two</h1><p id="here"><a href="../index.html?q=1#top">x</a>'
    (tmp_path / "deep" / "two.html").write_text(two)
    return tmp_path


def test_a_sound_site_has_no_problems(site):
    assert problems(site) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("two.html#here", "three.html", "no such file: deep/three.html"),
        ("two.html#here", "two.html#there", "no such place: deep/two.html#there"),
        ("two.html#here", "two.html#Here", "no such place"),
        ('href="#top"', 'href="#bottom"', "no such place: #bottom"),
        ("deep/two", "/deep/two", "leads out of the site"),
        ("deep/two", "../deep/two", "leads out of the site"),
        ('src="a.svg" alt', 'src="b.svg" alt', "no such file: b.svg"),
        ('video src="a.svg"', 'video src="a.webm"', "no such file: a.webm"),
        ('poster="a.svg"', 'poster="b.svg"', "no such file: b.svg"),
        ("<h1", "<script src='https://cdn.example.org/x.js'></script><h1", "loads https://cdn"),
        ("<h1", "<script src='//cdn.example.org/x.js'></script><h1", "loads //cdn"),
        ("<h1", "<iframe src='http://example.org'></iframe><h1", "loads http://example"),
        ("<h1", "<style>@import 'https://fonts.example.org/x'</style><h1", "loads https://fonts"),
        ("<h1", "<img alt='x' srcset='a.svg 1x, https://example.org/b 2x'><h1", "loads https://ex"),
        ('href="a.css"', 'href="https://example.org/a.css"', "loads https://example.org/a.css"),
        ('alt="a dot"', "", "no alt text: a.svg"),
        ("<h1", "<h1>Another</h1><h1", "2 headings of level 1"),
        ('lang="en"', "", "its language is None"),
    ],
)
def test_a_flaw_of_a_page_is_noticed(site, old, new, problem):
    text = (site / "index.html").read_text()
    assert text.count(old) == 1
    (site / "index.html").write_text(text.replace(old, new))
    (found,) = problems(site)
    assert found.startswith("index.html: ")
    assert problem in found


@pytest.mark.parametrize("css", ["p{background:url(b.png)}", '@import "https://example.org/f";'])
def test_a_flaw_of_a_style_sheet_is_noticed(site, css):
    (site / "a.css").write_text(css)
    (found,) = problems(site)
    assert found.startswith("a.css: ")


def test_a_site_without_pages_is_noticed(tmp_path):
    assert problems(tmp_path) != []


# ---- the source of the site

SECTIONS = "".join(f"## {title}\n\nSome text.\n\n" for title in site_source.SECTIONS)
README = f"# A title\n\nWhat it is. [Teach](TEACH.md#how)\n\n## Dull\n\n[x](dull.md)\n\n{SECTIONS}"
START = "Point at it.\n\n{explorer}\n\n[Start](notebooks/00_one.ipynb)\n"
TASK = '<div class="unet-exercise">\n\n### 0.1 · Add\n\n[Here](#One)\n\n</div>'
SOLVED = "answer = ...\n### BEGIN SOLUTION\nanswer = 5\n### END SOLUTION"
CHECK = "check(answer)\n### BEGIN HIDDEN TESTS\ncheck(answer, seed=2)\n### END HIDDEN TESTS"
TEXT = (
    "# 00 · One\n\n![a](../figures/a.svg) [there](01_two.ipynb#The-network's-end) [here](#One)\n\n"
    '<video controls poster="../figures/c.svg" src="../figures/a.webm">'
    '<img src="../figures/b.svg" alt="b"></video>'
)


def cell(kind, name, source):
    found = {"cell_type": kind, "id": name, "metadata": {}, "source": source.splitlines(True)}
    return found | ({"outputs": [], "execution_count": 1} if kind == "code" else {})


@pytest.fixture
def repository(tmp_path):
    """A README, two pages beside it, and two chapters, one with all that a chapter can have."""
    root = tmp_path / "repository"
    (root / "notebooks").mkdir(parents=True)
    (root / "figures").mkdir()
    for name in ("a.svg", "b.svg", "c.svg", "a.webm", "unused.svg"):
        (root / "figures" / name).write_text(name)
    (root / "site").mkdir()
    (root / "site" / "start.md").write_text(START)
    (root / "README.md").write_text(README)
    (root / "TEACH.md").write_text("# Teach\n\n[back](README.md) [law](LAW) [x](../outside.md)")
    (root / "LAW").write_text("the law")
    (root / "dull.md").write_text("# Dull")
    (tmp_path / "outside.md").write_text("# Outside")
    one = [
        cell("markdown", "title", TEXT),
        cell("markdown", "exercise-0-1", TASK),
        cell("code", "solution-0-1", SOLVED),
        cell("code", "check-0-1", CHECK),
    ]
    for name, cells in (("00_one", one), ("01_two", [])):
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (root / "notebooks" / f"{name}.ipynb").write_text(json.dumps(notebook))
    return root


@pytest.fixture
def source(repository, tmp_path):
    """The folder of the site's source, and the pages."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder, site_source.write_site_source(repository, folder)


def test_what_pages_link_to_comes_along_and_nothing_else(source):
    folder, pages = source
    api = ["api/index", *(f"api/{module}" for module in site_api.PAGES)]
    assert pages == ["index", "notebooks/00_one", "notebooks/01_two", "TEACH", *api]
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    figures = {f"figures/{name}" for name in ("a.svg", "b.svg", "c.svg", "a.webm")}
    chapters = {"notebooks/00_one.ipynb", "notebooks/01_two.ipynb"}
    assert files == {"index.md", "TEACH.md", "LAW", *figures, *chapters, *(f"{p}.md" for p in api)}


def test_the_front_page_is_the_readmes(source):
    front = (source[0] / "index.md").read_text()
    assert re.fullmatch(r"# A title\n\nPoint at it\..+\n\nWhat it is\..+", front, re.DOTALL)
    assert front.index('data-explorer="convolution"') < front.index("[Start]")
    assert "Dull" not in front
    assert all(f"## {title}\n" in front for title in site_source.SECTIONS)
    assert front.index("notebooks/00_one") < front.index("notebooks/01_two") < front.rindex("TEACH")
    assert "[back](index.md)" in (source[0] / "TEACH.md").read_text()


def test_a_readme_without_a_section_is_refused(repository, tmp_path):
    (repository / "README.md").write_text(README.replace("## The chapters", "## Chapters"))
    with pytest.raises(ValueError, match="no section 'The chapters'"):
        site_source.write_site_source(repository, tmp_path)


def test_an_exercise_shows_what_a_learner_finds_and_hides_its_solution(source):
    notebook = json.loads((source[0] / "notebooks" / "00_one.ipynb").read_text())
    _, task, stub, solution, check = notebook["cells"]
    assert task["source"] == "{.unet-exercise}\n### 0.1 · Add\n\n[Here](#one)"
    assert stub["source"] == "answer = ...\n# Your code here."
    assert "tags" not in stub["metadata"]
    assert solution["source"] == "answer = ...\nanswer = 5"
    assert solution["metadata"]["tags"] == ["hide-input"]
    assert check["source"] == "check(answer)"
    assert len({found["id"] for found in notebook["cells"]}) == 5


def test_anchors_are_those_of_pages(source):
    text = json.loads((source[0] / "notebooks" / "00_one.ipynb").read_text())["cells"][0]["source"]
    assert "(01_two.ipynb#the-networks-end)" in text
    assert "[here](#one)" in text
    assert "(../figures/a.svg)" in text


def test_files_of_html_tags_are_found(source):
    folder = source[0].resolve()
    found = {path.as_posix() for path in site_source.find_html_files(folder, "notebooks/00_one")}
    assert found == {"figures/a.webm", "figures/b.svg", "figures/c.svg"}
    assert site_source.find_html_files(folder, "TEACH") == []


def test_the_committed_chapters_can_be_gathered(tmp_path):
    pages = site_source.write_site_source(ROOT, tmp_path)
    chapters = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    assert pages[: len(chapters) + 1] == ["index", *(f"notebooks/{path.stem}" for path in chapters)]
    assert {"INSTRUCTORS", "GRADING"} <= set(pages)
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("notebooks/*"))
    assert "### BEGIN" not in text


# ---- what is done to the pages that Sphinx makes


@pytest.mark.parametrize("public", [True, False])
def test_a_chapter_links_to_colab_only_if_the_repository_is_public(tmp_path, public):
    address = tmp_path / "address.toml"
    address.write_text(f'github = "{"someone/unet" if public else ""}"\nbranch = "main"')
    told = site_pages.format_how_to_run("notebooks/04_down", "../index.html", address)
    assert "<code>04_down.ipynb</code>" in told
    assert 'href="../index.html#two-commands"' in told
    colab = (
        "https://colab.research.google.com/github/someone/unet/blob/main/notebooks/04_down.ipynb"
    )
    assert (colab in told) == ("https" in told) == public


def test_the_address_in_the_repository_has_what_a_link_needs():
    assert "04_down" in site_pages.format_how_to_run("notebooks/04_down", "../index.html")


def test_explorers_are_copied_with_their_data_and_nothing_else(tmp_path):
    site_pages.copy_explorers(tmp_path / "explorers")
    files = {path.relative_to(tmp_path / "explorers").as_posix() for path in tmp_path.rglob("*.*")}
    shared = {"explorer.js", "explorer.css", "data.json"}
    names = {path.parents[1].name for path in site_pages.EXPLORERS.glob("*/built/explorer.js")}
    assert {"convolution", "pooling", "transposed_convolution"} <= names
    every = {f"{name}/{file}" for name in names for file in shared}
    assert every <= files
    pictures = {file for file in files - every if file.endswith(".png")}
    assert files - every == pictures
    assert "transposed_convolution/maps.png" in pictures
    assert not any("still" in file for file in pictures)


# ---- the package's docstrings


def link(text, *pages):
    """What becomes of a docstring where there are these chapters."""
    app = SimpleNamespace(env=SimpleNamespace(found_docs=pages))
    lines = text.split("\n")
    site_api.link_chapters(app, "function", "unet_tutorial.shapes.one", None, None, lines)
    return "\n".join(lines)


def test_chapters_in_a_docstring_become_links():
    pages = ("notebooks/03_a", "notebooks/04_b", "notebooks/12_c")
    assert link("Built in chapter 03.", *pages) == "Built in :doc:`chapter 03 </notebooks/03_a>`."
    three = link("Chapters 03, 04 and\n12 use it.", *pages)
    three_links = [f":doc:`{page[10:12]} </{page}>`" for page in pages]
    assert three == "Chapters {}, {} and\n{} use it.".format(*three_links)
    assert link("3 chapters of 12 pages") == "3 chapters of 12 pages"


@pytest.mark.parametrize(
    ("docstring", "rest"),
    [
        ("Why:\n- one\n  more\n- two", "Why:\n\n- one\n  more\n\n- two"),
        ("Prose\n    goes on\n    here", "Prose\ngoes on\nhere"),
        (":param x: one\n    two", ":param x: one\n    two"),
        ("2 |P and T| / (|P| + |T|)", r"2 \|P and T| / (\|P| + \|T|)"),
        (">>> x |y\n    1", ">>> x |y\n    1"),
    ],
)
def test_a_docstring_is_written_as_restructured_text(docstring, rest):
    assert link(docstring) == rest


# ---- the command


def test_a_folder_that_is_no_site_is_left_alone(tmp_path):
    (tmp_path / "work.txt").write_text("mine")
    with pytest.raises(SystemExit, match="isn't a site"):
        make_site.build_site(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["work.txt"]


def test_a_missing_extra_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(make_site, "REQUIRED_PACKAGES", ("no_such_package", "json"))
    with pytest.raises(SystemExit, match=r"no_such_package is not installed. `make site`"):
        make_site.main([str(tmp_path / "site")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails", [False, True])
def test_a_site_is_replaced_whole_or_not_at_all(monkeypatch, tmp_path, fails):
    old = tmp_path / "site"
    old.mkdir()
    (old / make_site.SITE_MARKER).write_text("old")

    def build(source, output, pages, work):
        output.mkdir()
        (output / "index.html").write_text("new")
        if fails:
            raise SystemExit("Sphinx says no")

    monkeypatch.setattr(make_site, "_run_sphinx", build)
    if fails:
        with pytest.raises(SystemExit, match="says no"):
            make_site.build_site(old)
        assert (old / make_site.SITE_MARKER).read_text() == "old"
    else:
        assert make_site.build_site(old).read_text() == "new"
        assert not (old / make_site.SITE_MARKER).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_the_command_says_what_it_takes():
    command = [sys.executable, ROOT / "tools" / "make_site.py", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "build/site" in done.stdout

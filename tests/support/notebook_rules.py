"""Rules for the form of a chapter: one function per rule, which yields a notebook's problems.

test_notebook_form.py applies them to the chapters, and to copies that break them.
"""

import ast
import base64
import html
import html.parser
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import mistune
import nbformat
from guess_rules import guesses_are_answered, guesses_are_open
from length_rules import minutes_are_true, number_of_words
from PIL import Image

from unet_tutorial.classroom.workspace.save_hook import WIDGET_VIEW

UNCOMPARED = "nbval-ignore-output"
CELL_LINES, DEFINITION_LINES = 20, 45
ALT_LETTERS = 30
MOST_BYTES = 2_000_000
TWICE = re.compile(r"(\(?\b[^\W\d_]+\b(?:[^.!?]{15,}[.!?]\)?)?)(?:[^\S\n]+|\n(?!\s*\n))\1(?!\w)")
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")
PRIVATE = {
    "an absolute path": re.compile(
        r"(?<![\w.:/<])/(tmp|home|root|Users|usr|opt|var|mnt|work|private|proc)/|\b[A-Z]:\\\w"
    ),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}"),
    "a memory address": re.compile(r"\b0x[0-9a-f]{5,}\b"),
}
EMBEDDED = re.compile(r"data:image/\w+;base64,[A-Za-z0-9+/=]+")
WEBM = b"\x1aE\xdf\xa3"  # the first bytes of every WebM file
VIDEO = {"controls", "preload", "width", "src", "title"}  # and no autoplay, loop or poster
FILE_NAME = re.compile(r"\.(svg|png|jpe?g|gif|webm)\b|^\W*(image|picture|figure|plot)\b", re.I)
HUE = re.compile(
    r"\b(red|green|blue|yellow|orange|purple|violet|pink|vermillion|cyan|magenta)\b", re.I
)
MARK = re.compile(
    r"hatch|pattern|dash|dotted|solid|striped|outlin|frame|marker|bold|label|name", re.I
)
BAND = ('<div class="unet-exercise">\n\n### ', "\n\n</div>")
FOLD = re.compile(
    r"(?s)(?:^|\n\n)<details>\n<summary>[^\n]+</summary>\n\n.+?\n\n</details>(?=\n\n|$)"
)
EXPLORER = re.compile(r"(?m)^explorers\.\w+\(")
DRAWERS = {"matplotlib", "seaborn", "plotly", "bokeh", "altair", "IPython.display"}
parse_markdown = mistune.create_markdown(renderer=None)  # gives the syntax tree
Problems = Iterator[str]


def select_code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def select_markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def iterate_outputs(notebook):
    for cell in select_code_cells(notebook):
        for output in cell.outputs:
            yield cell.id, output


def extract_python(cell):
    """Extract a cell's Python; lines for IPython (%, !) become comments."""
    return re.sub(r"(?m)^([%!].*)$", r"# \1", cell.source)


def format_visible_text(output):
    """Join the texts of an output that a reader sees, without embedded pictures."""
    values = [output.get("text", ""), *output.get("data", {}).values()]
    return EMBEDDED.sub("", "\n".join(map(str, values)))


# ---- the file


def file_format(notebook, path) -> Problems:
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield str(error)
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        yield "format older than 4.5, which has no cell ids"
    if path.stat().st_size > MOST_BYTES:
        yield f"{path.stat().st_size:,} bytes"
    if "widgets" in notebook.metadata:
        yield "metadata holds the state of widgets"


def cell_ids(notebook, path) -> Problems:
    count = Counter(cell.id for cell in notebook.cells)
    yield from (f"id {name!r} is used {n} times" for name, n in count.items() if n > 1)
    for name in count:
        if not SLUG.fullmatch(name) or RANDOM_ID.fullmatch(name):
            yield f"id {name!r} isn't made of words, such as pool-by-hand"


def no_empty_cells(notebook, path) -> Problems:
    for cell in notebook.cells:
        if not cell.source.strip():
            yield f"{cell.id} is empty"
        if cell.cell_type == "raw":
            yield f"{cell.id} is a raw cell; use markdown or code"


# ---- what nbval compares


def compared_outputs(notebook, path) -> Problems:
    cells = select_code_cells(notebook)
    free = [cell.id for cell in cells if UNCOMPARED in cell.metadata.get("tags", [])]
    if 5 * len(free) > len(cells):
        yield f"{len(free)} of {len(cells)} code cells are not compared: {free}"
    for cell in cells:
        for tag in cell.metadata.get("tags", []):
            if tag != UNCOMPARED and re.match("nbval|raises-exception|skip", tag.lower()):
                yield f"{cell.id} has the tag {tag!r}"
        if re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)", cell.source, re.IGNORECASE):
            yield f"{cell.id} has a comment for nbval: use the tag {UNCOMPARED}"


def execution_counts(notebook, path) -> Problems:
    counts = [cell.execution_count for cell in select_code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts {counts}"


def clean_outputs(notebook, path) -> Problems:
    for name, output in iterate_outputs(notebook):
        if output.output_type == "error":
            yield f"{name} ends in {output.ename}"
        if output.get("name") == "stderr":
            yield f"{name} writes to stderr: {output.text[:80]!r}"
        if WIDGET_VIEW in output.get("data", {}):
            yield f"{name} shows a widget, which a saved notebook doesn't display"


def no_traces_of_a_machine(notebook, path) -> Problems:
    shown = [(name, format_visible_text(output)) for name, output in iterate_outputs(notebook)]
    shown += [(cell.id, cell.source) for cell in notebook.cells]
    for name, text in shown:
        for what, pattern in PRIVATE.items():
            if found := pattern.search(text):
                yield f"{name} shows {what}: {text[found.start() :][:60]!r}"


# ---- code


def cell_lengths(notebook, path) -> Problems:
    for cell in select_code_cells(notebook):
        lines = len(cell.source.splitlines())
        long = re.search(r"(?m)^class ", cell.source) or cell.id.startswith("solution-")
        most = DEFINITION_LINES if long else CELL_LINES
        if lines > most:
            yield f"{cell.id} has {lines} lines, {most} are allowed"


def no_trailing_semicolon(notebook, path) -> Problems:
    for cell in select_code_cells(notebook):
        lines = io.StringIO(extract_python(cell)).readline
        tokens = [t for t in tokenize.generate_tokens(lines) if t.type != tokenize.COMMENT]
        ends = (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER)
        for token, following in pairwise(tokens):
            if token.string == ";" and following.type in ends:
                yield f"{cell.id}, line {token.start[0]} ends in ';'"


def last_line(notebook, path) -> Problems:
    """A cell ends in an expression, a print, an assignment or a definition."""
    for cell in select_code_cells(notebook):
        body = ast.parse(extract_python(cell)).body
        last = body[-1] if body else ast.Pass()
        while isinstance(last, ast.For | ast.While | ast.If | ast.With | ast.Try):
            handlers = getattr(last, "handlers", None)
            last = (handlers[-1] if handlers else last).body[-1]
        ends = ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Import | ast.ImportFrom
        if not isinstance(last, ends | ast.FunctionDef | ast.ClassDef):
            yield f"{cell.id} ends in {ast.unparse(last)!r}, which shows nothing"


def no_show(notebook, path) -> Problems:
    for cell in select_code_cells(notebook):
        for node in ast.walk(ast.parse(extract_python(cell))):
            called = node.func if isinstance(node, ast.Call) else None
            if getattr(called, "attr", getattr(called, "id", "")) == "show":
                yield f"{cell.id} calls show(): end it with described(figure, key)"


# ---- prose


def parse_tokens(text):
    """Parse markdown to tokens, including headings, links and images at any depth."""
    stack = list(reversed(parse_markdown(text)))
    while stack:
        token = stack.pop()
        yield token
        stack += reversed(token.get("children", []))


def extract_text(token):
    """Extract a token's text as a page shows it."""
    inner = "".join(extract_text(child) for child in token.get("children", []))
    return inner or token.get("raw", "")


def parse_all_tokens(notebook):
    for cell in select_markdown_cells(notebook):
        for token in parse_tokens(cell.source):
            yield cell.id, token


def find_headings(notebook):
    for name, token in parse_all_tokens(notebook):
        if token["type"] == "heading":
            yield name, token["attrs"]["level"], extract_text(token)


def title_and_headings(notebook, path) -> Problems:
    for cell in select_markdown_cells(notebook):
        if re.search(r"<h[1-6]\b", extract_html(cell.source), re.IGNORECASE):
            yield f"{cell.id} has an HTML heading, which is missing from the table of contents"
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell must be markdown and begin with '# ' and the title"
    levels = [level for _, level, _ in find_headings(notebook)]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of level 1 instead of one"
    before = 0
    for name, level, text in find_headings(notebook):
        if not text.strip():
            yield f"{name}: an empty heading"
        if level > before + 1:
            yield f"{name}: {text!r} has level {level} below a heading of level {before}"
        before = level


def nothing_twice(notebook, path) -> Problems:
    """No word and no sentence is repeated right after itself in a paragraph."""
    for cell in select_markdown_cells(notebook):
        for found in TWICE.finditer(cell.source):
            yield f"{cell.id} repeats: {found[1]}"


# ---- pictures and links


def parse_attributes(tag, text):
    """Parse the attributes of each <tag> in HTML text to a dict."""
    for found in re.findall(rf"<{tag}\b((?:\"[^\"]*\"|'[^']*'|[^'\">])*)>", text, re.IGNORECASE):
        pairs = re.findall(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", found)
        yield {name.lower(): html.unescape(a or b or c) for name, a, b, c in pairs}


def find_images(text):
    """Find (target, alt text) of every image in markdown text."""
    for token in parse_tokens(text):
        if token["type"] == "image":
            yield token["attrs"]["url"], extract_text(token)
        elif "html" in token["type"]:
            for attributes in parse_attributes("img", token["raw"]):
                yield attributes.get("src", ""), attributes.get("alt", "")


def find_links(text):
    for token in parse_tokens(text):
        if token["type"] == "link":
            yield token["attrs"]["url"]
        elif "html" in token["type"]:
            yield from (a["href"] for a in parse_attributes("a", token["raw"]) if "href" in a)


def pictures(notebook, path) -> Problems:
    for cell in select_markdown_cells(notebook):
        for target, alt in find_images(cell.source):
            if len(alt.strip()) < ALT_LETTERS:
                yield f"{cell.id}: {target} has the alt text {alt!r}: say what it shows"
            if not (path.parent / unquote(target)).is_file():
                yield f"{cell.id}: there is no picture {target}"


class TagParser(html.parser.HTMLParser):
    """Collects the opening tags of HTML text in order, with the tags that enclose each."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []  # (tag, attributes, the tags around it)
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes), tuple(self.open)))
        if tag not in ("img", "br", "hr", "source"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]


def extract_html(markdown):
    """Extract the HTML in markdown text, except inside code."""
    return "".join(token["raw"] for token in parse_tokens(markdown) if "html" in token["type"])


def videos(notebook, path) -> Problems:
    """A video doesn't start by itself; it and its still image have the same description."""
    for cell in select_markdown_cells(notebook):
        tags = TagParser(extract_html(cell.source))
        for number, (tag, attributes, _) in enumerate(tags.found):
            if tag == "video":
                still = next(iter(tags.found[number + 1 :]), None)
                problems = check_video(attributes, still, path.parent)
                yield from (f"{cell.id}: {problem}" for problem in problems)
            elif tag in ("audio", "source", "iframe", "object", "embed"):
                yield f"{cell.id} has a <{tag}>"
        if "video" in tags.open:
            yield f"{cell.id}: a <video> is never closed"
        for target, _ in find_images(cell.source):
            if target.endswith(".gif"):
                yield f"{cell.id}: {target} may start moving by itself: show a <video>"


def check_video(attributes, still, folder):
    if set(attributes) != VIDEO:
        yield f"a <video> has the attributes {sorted(attributes)} instead of {sorted(VIDEO)}"
        return
    file = folder / unquote(attributes["src"])
    if attributes["preload"] != "metadata":
        yield f"{file.name} is loaded before it is played: preload={attributes['preload']!r}"
    if len(attributes["title"].strip()) < ALT_LETTERS:
        yield f"{file.name} has the title {attributes['title']!r}: say what it shows"
    if not file.is_file() or not file.read_bytes().startswith(WEBM):
        yield f"{attributes['src']} isn't a WebM file"
    tag, image, around = still or ("nothing", {}, ())
    if tag != "img" or "video" not in around or image.get("alt") != attributes["title"]:
        yield f"the <video> of {file.name} contains {tag} instead of its still with the same text"
    elif not image["src"].endswith(f"/{file.stem}.svg"):
        yield f"the still of {file.name} is {image['src']}"


def pictures_in_outputs(notebook, path) -> Problems:
    for name, output in iterate_outputs(notebook):
        data = output.get("data", {})
        shown = [kind for kind in data if kind.startswith("image/")]
        if bare := shown if "alt=" not in data.get("text/html", "") else []:
            yield f"{name} shows {bare[0]} without alt text: use described(figure, key)"
        page = data.get("text/html", "")
        for image in parse_attributes("img", page):
            alt = image.get("alt", "").strip()
            if len(alt) < ALT_LETTERS or alt not in " ".join(data.get("text/plain", "").split()):
                yield f"{name}: alt text {alt!r}, text/plain {data.get('text/plain', '')[:60]!r}"
        if re.search("<(svg|script|style)", page):
            yield f"{name} shows HTML that JupyterLab hides until the notebook is trusted"
        if moving := re.search("<(video|audio|iframe|object|embed)|data:image/gif", page):
            yield f"{name} shows {moving[0]}; put it in a file and show a <video>"


def find_described_pictures(notebook):
    """Find (cell id, target, alt text) of every picture and video, in prose and outputs."""
    for cell in select_markdown_cells(notebook):
        for target, alt in find_images(cell.source):
            yield cell.id, target, alt
        for tag, attributes, _ in TagParser(extract_html(cell.source)).found:
            if tag == "video":
                still = re.sub("webm$", "svg", attributes.get("src", ""))
                yield cell.id, still, attributes.get("title", "")
    for name, output in iterate_outputs(notebook):
        for image in parse_attributes("img", output.get("data", {}).get("text/html", "")):
            yield name, image.get("src", ""), image.get("alt", "")


def alt_texts(notebook, path) -> Problems:
    """Alt text is a sentence about what the picture shows, different for every picture."""
    titles = {text.strip().lower() for _, _, text in find_headings(notebook)}
    shown = {}
    for name, target, alt in find_described_pictures(notebook):
        if FILE_NAME.search(alt):
            yield f"{name}: {alt!r} names a file or a kind of picture; say what it shows"
        if len(set(re.findall(r"\w+", alt.lower()))) < 6 or alt.strip().lower() in titles:
            yield f"{name}: {alt!r} is a title; say what the picture shows"
        if shown.setdefault(" ".join(alt.split()), target) != target:
            yield f"{name}: {alt!r} describes another picture too"


def figures_by_this_package(notebook, path) -> Problems:
    """All figures are drawn by teaching.drawing, whose contrast test_drawing.py measures."""
    for cell in select_code_cells(notebook):
        for node in ast.walk(ast.parse(extract_python(cell))):
            names = [alias.name for alias in getattr(node, "names", ()) if hasattr(alias, "name")]
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{name}" for name in names]
            for name in names if isinstance(node, ast.Import | ast.ImportFrom) else ():
                if any(f"{name}.".startswith(f"{drawer}.") for drawer in DRAWERS):
                    yield f"{cell.id} imports {name}: draw with unet_tutorial.teaching.drawing"
        if found := re.search(r"(?m)^\s*%+\s*(matplotlib|pylab|config)\b.*", cell.source):
            yield f"{cell.id} has {found[0].strip()!r}"


def opaque_pictures(notebook, path) -> Problems:
    """A picture in an output has an opaque background, so it's readable in dark themes too."""
    for name, output in iterate_outputs(notebook):
        for image in parse_attributes("img", output.get("data", {}).get("text/html", "")):
            kind, _, data = image.get("src", "").partition(";base64,")
            if kind == "data:image/png" and not is_opaque(base64.b64decode(data)):
                yield f"{name} shows a picture that is transparent in places"


def is_opaque(png):
    with Image.open(io.BytesIO(png)) as image:
        alpha = image.convert("RGBA").getchannel("A")
    return alpha.getextrema() == (255, 255)


def colours(notebook, path) -> Problems:
    """Text keeps the theme's colours, and a colour is never the only way to recognise something.

    The card of a check has colours, whose contrast test_card.py measures.
    """
    shown = [
        (cell.id, cell.source, extract_html(cell.source))
        for cell in select_markdown_cells(notebook)
    ]
    for name, output in iterate_outputs(notebook):
        page = output.get("data", {}).get("text/html", "")
        if 'class="unet-check"' not in page:
            shown.append((name, f"{format_visible_text(output)}", EMBEDDED.sub("", page)))
    for name, text, page in shown:
        if re.search(r"""(?i)[\s;"'](color|background(-color)?)\s*[:=]|<font\b""", page):
            yield f"{name} sets colours that may be unreadable in one of the themes"
        if "\x1b[" in text:
            yield f"{name} prints colours"
        for sentence in re.split(r"(?<=[.!?;])\s|\n", text):
            if HUE.search(sentence) and not MARK.search(sentence):
                yield f"{name} relies on a colour alone: {sentence.strip()[:80]!r}"


def collect_anchors(path):
    """Collect the anchors of a file's headings, as JupyterLab or GitHub names them."""
    if path.suffix == ".ipynb":
        texts = [text for _, _, text in find_headings(nbformat.read(path, as_version=4))]
        return {text.replace(" ", "-") for text in texts}
    tokens = parse_tokens(path.read_text(encoding="utf-8"))
    texts = [extract_text(token) for token in tokens if token["type"] == "heading"]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}  # GitHub's


def find_broken_links(text, path) -> Problems:
    """Find links in the markdown text of the file `path` whose target doesn't exist."""
    for link in find_links(text):
        if re.match("https?://", link):
            continue
        target, _, anchor = unquote(link).partition("#")
        file = (path.parent / target).resolve() if target else path
        if not target.strip() and not anchor:
            yield f"{link!r} is empty"
        elif Path(target).is_absolute() or re.match(r"\w+:", target) or not file.exists():
            yield f"there is no {target}"
        elif anchor and anchor not in collect_anchors(file):
            yield f"{file.name} has no heading {anchor!r}"


def links(notebook, path) -> Problems:
    for cell in select_markdown_cells(notebook):
        yield from (f"{cell.id}: {problem}" for problem in find_broken_links(cell.source, path))


def exercise_bands(notebook, path) -> Problems:
    """An exercise's task is in the element that the stylesheet gives a band."""
    for cell in select_markdown_cells(notebook):
        is_task = cell.id.startswith("exercise-")
        is_banded = cell.source.startswith(BAND[0]) and cell.source.endswith(BAND[1])
        if is_task != is_banded:
            yield f"{cell.id}: tasks of exercises, and only they, are in {BAND}"


def folds(notebook, path) -> Problems:
    """A fold is closed at first, has a summary, and the empty lines that markdown in it needs."""
    for cell in select_markdown_cells(notebook):
        opened = len(re.findall("<details", cell.source))
        if opened != len(FOLD.findall(cell.source)):
            yield f"{cell.id}: a fold is <details>, a line with its <summary>, an empty line, ..."


def explorers_are_answered(notebook, path) -> Problems:
    """The question before an explorer has its answer in a fold, in the next cell of text."""
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and EXPLORER.search(cell.source):
            prose = (x for x in notebook.cells[position:] if x.cell_type == "markdown")
            if "<details>" not in next(prose, cell).source:
                yield f"{cell.id}: no fold after the explorer answers its question"


RULES = [
    file_format,
    cell_ids,
    no_empty_cells,
    compared_outputs,
    execution_counts,
    clean_outputs,
    no_traces_of_a_machine,
    cell_lengths,
    no_trailing_semicolon,
    last_line,
    no_show,
    title_and_headings,
    number_of_words,
    minutes_are_true,
    nothing_twice,
    pictures,
    videos,
    pictures_in_outputs,
    alt_texts,
    figures_by_this_package,
    opaque_pictures,
    colours,
    links,
    exercise_bands,
    folds,
    explorers_are_answered,
    guesses_are_answered,
    guesses_are_open,
]

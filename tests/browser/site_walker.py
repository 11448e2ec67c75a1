"""What is wrong with the pages of a site, read from its files alone: links, sources, headings."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

SOURCES = {"src", "poster", "data", "background"}
# <link> elements that say where something is, and load nothing.
NAVIGATION = {"next", "prev", "search", "index", "canonical", "author", "help", "license"}
IN_STYLE = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")


class Page(HTMLParser):
    """The ids of a page, what it links to, what it loads, and what its readers need."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.in_style = path, False
        self.ids, self.links, self.loaded, self.without_alt = set(), [], [], []
        self.language, self.headings = None, []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        self.in_style = tag == "style"
        if tag == "html":
            self.language = found.get("lang")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img" and not found.get("alt", "").strip():
            self.without_alt.append(found.get("src", "")[:60])
        self.refer(tag, found)

    def refer(self, tag, found):
        self.loaded += [found[name] for name in SOURCES & set(found)]
        self.loaded += [part.split()[0] for part in found.get("srcset", "").split(",") if part]
        self.loaded += style_sources(found.get("style", ""))
        loads = tag == "link" and not NAVIGATION & set(found.get("rel", "").split())
        targets = [found[name] for name in ("href", "xlink:href", "action") if name in found]
        (self.loaded if loads or tag in ("image", "use") else self.links).extend(targets)

    def handle_data(self, text):
        if self.in_style:
            self.loaded += style_sources(text)

    def handle_endtag(self, tag):
        self.in_style = False


def style_sources(css: str) -> list[str]:
    return [first or second for first, second in IN_STYLE.findall(css)]


def outside(url: str) -> bool:
    """Whether a URL leads to another place than these files: https://..., mailto:..., //..."""
    split = urlsplit(url)
    return bool(split.netloc) or split.scheme not in ("", "data")


def pages_of(site: Path) -> list[Path]:
    """The pages of a site; what the theme leaves in _static/ are templates."""
    return [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]


def problems(site: Path) -> list[str]:
    """Return what is wrong in the pages of a site and in the style sheets they load."""
    site = site.resolve()
    pages = {path: Page(path) for path in pages_of(site)}
    found = [] if pages else [f"{site} has no pages"]
    for path, page in pages.items():
        found += [f"{path.relative_to(site)}: {wrong}" for wrong in wrong_in(page, pages, site)]
    for path in sorted(site.rglob("*.css")):
        for url in style_sources(path.read_text(encoding="utf-8")):
            found += [f"{path.relative_to(site)}: {wrong}" for wrong in amiss(url, path, {}, site)]
    return found


def wrong_in(page: Page, pages: dict[Path, Page], site: Path) -> Iterator[str]:
    for url in page.loaded:
        yield from amiss(url, page.path, pages, site)
    for url in page.links:
        if not outside(url):
            yield from amiss(url, page.path, pages, site)
    if page.headings.count(1) != 1:
        yield f"{page.headings.count(1)} headings of level 1"
    if page.language != "en":
        yield f"its language is {page.language!r}"
    for picture in page.without_alt:
        yield f"no alt text: {picture}"


def amiss(url: str, path: Path, pages: dict[Path, Page], site: Path) -> Iterator[str]:
    """Yield why a URL in a file leads to nothing here."""
    split = urlsplit(url)
    if outside(url):
        yield f"loads {url}"
    elif split.scheme == "":
        target = (path.parent / unquote(split.path)).resolve() if split.path else path
        target = target / "index.html" if target.is_dir() else target
        if split.path.startswith("/") or not target.is_relative_to(site):
            yield f"leads out of the site: {url}"
        elif not target.is_file():
            yield f"no such file: {url}"
        elif split.fragment and unquote(split.fragment) not in ids_of(target, pages):
            yield f"no such place: {url}"


def ids_of(path: Path, pages: dict[Path, Page]) -> set[str]:
    return pages[path].ids if path in pages else set()

"""Build the chapters as a web site: `make site`, or `python tools/make_site.py [FOLDER]`.

The site is written to build/site/ or to FOLDER, which is replaced only if the build succeeds. It
shows the outputs saved in the notebooks and runs nothing but the explorers' JavaScript. You don't
need a network connection to build or read it. Every Sphinx warning is an error.

site/conf.py defines how the site looks, site/start.md how it begins, and site/address.toml where
the repository is public. site_source.py collects the pages, site_api.py describes the package, and
site_pages.py finishes what Sphinx makes of them.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from site_pages import copy_explorers, finish_page
from site_source import find_html_files, write_site_source
from tqdm.auto import tqdm

ROOT = Path(__file__).resolve().parents[1]
REQUIRED_PACKAGES = ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx-mathjax-offline")
SITE_MARKER = "searchindex.js"  # a file that every site contains


def _run_sphinx(source: Path, output: Path, pages: list[str], work: Path) -> None:
    """Run Sphinx on a source folder and show its progress.

    Raises:
        SystemExit: with Sphinx's messages, if it gives a warning or an error.
    """
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.console import nocolor
    from sphinx.util.docutils import docutils_namespace

    title = (source / "index.md").read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
    naming = {"project": title, "html_title": title}
    warnings = io.StringIO()
    nocolor()
    with docutils_namespace(), tqdm(total=2 * len(pages), unit="step", file=sys.stdout) as bar:

        def show_progress(app, page, *_):
            bar.set_postfix_str(page, refresh=False)
            bar.update(page in pages)

        folders = (source, ROOT / "site", output, work)
        try:
            app = Sphinx(*folders, "html", naming, status=None, warning=warnings)
            app.connect("source-read", show_progress)
            app.connect("html-page-context", show_progress)
            app.connect("html-page-context", finish_page)
            app.build()
        except SphinxError as error:
            warnings.write(f"{error}\n")
    if warnings.getvalue():
        text = warnings.getvalue().replace(str(source), "").strip()
        raise SystemExit(f"The site was not built. Sphinx reported:\n{text}")


def build_site(target: Path) -> Path:
    """Build the site in a temporary folder next to `target`, then replace `target`.

    Returns:
        The path of the front page.

    Raises:
        SystemExit: if `target` exists and isn't a site, or if the build fails.
    """
    if target.exists() and not (target / SITE_MARKER).is_file():
        raise SystemExit(f"{target} exists and isn't a site. Name another folder, or remove it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".site-") as name:
        work = Path(name).resolve()
        source, output, old = work / "source", work / "output", work / "old"
        source.mkdir()
        pages = write_site_source(ROOT, source)
        _run_sphinx(source, output, pages, work / "doctrees")
        copy_explorers(output / "_static" / "explorers")
        for file in {file for page in pages for file in find_html_files(source, page)}:
            (output / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, output / file)
        _replace_folder(target, output, old)
    return target / "index.html"


def _replace_folder(target: Path, new: Path, old: Path) -> None:
    """Put the folder `new` in the target's place; if that fails, the target stays."""
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(new, target)
    finally:
        if old.exists() and not target.exists():
            os.replace(old, target)


def main(words: list[str] | None = None) -> None:
    """Build the site and print its location."""
    parser = argparse.ArgumentParser(description="Build the chapters as a web site.")
    folder = ROOT / "build" / "site"
    parser.add_argument("folder", nargs="?", type=Path, default=folder, help="default: build/site")
    target = parser.parse_args(words).folder.absolute()
    missing = [name for name in REQUIRED_PACKAGES if find_spec(name) is None]
    if missing:
        raise SystemExit(
            f"{', '.join(missing)} is not installed. `make site` installs it, or: "
            'python -m pip install -c constraints.txt -e ".[site]"'
        )
    print(f"The site: {build_site(target)}")
    print(f"Its explorers move once it is served: python -m http.server --directory {target}")


if __name__ == "__main__":
    main()

"""Build the chapters as a web site: `make site`, or `python tools/make_site.py [FOLDER]`.

The site lies in build/site/, or in FOLDER, which is replaced whole or not at all. It shows the
outputs that the notebooks have, runs nothing, and asks nothing of the network, neither while it is
made nor while it is read. Any warning of Sphinx is an error. site/conf.py says how it looks.
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

from site_source import gather, raw_files
from tqdm.auto import tqdm

ROOT = Path(__file__).resolve().parents[1]
NEEDED = ("sphinx", "myst_nb", "sphinx_book_theme", "sphinx-mathjax-offline")
MARK = "searchindex.js"  # every site has it


def build(source: Path, output: Path, pages: list[str], work: Path) -> None:
    """Run Sphinx on a source folder, with progress.

    Errors: SystemExit with Sphinx's words where it warns.
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

        def step(app, page, *_):
            bar.set_postfix_str(page, refresh=False)
            bar.update(page in pages)

        folders = (source, ROOT / "site", output, work)
        try:
            app = Sphinx(*folders, "html", naming, status=None, warning=warnings)
            app.connect("source-read", step)
            app.connect("html-page-context", step)
            app.build()
        except SphinxError as error:
            warnings.write(f"{error}\n")
    if warnings.getvalue():
        said = warnings.getvalue().replace(str(source), "").strip()
        raise SystemExit(f"The site was not made. Sphinx says:\n{said}")


def make(target: Path) -> Path:
    """Make the site in a folder beside the target, then put it in the target's place.

    Returns its first page. Errors: SystemExit where the target holds something else.
    """
    if target.exists() and not (target / MARK).is_file():
        raise SystemExit(f"{target} exists and is no site. Name another folder, or remove it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".site-") as name:
        work = Path(name).resolve()
        source, output, old = work / "source", work / "output", work / "old"
        source.mkdir()
        pages = gather(ROOT, source)
        build(source, output, pages, work / "doctrees")
        for file in {file for page in pages for file in raw_files(source, page)}:
            (output / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, output / file)
        if target.exists():
            os.replace(target, old)
        try:
            os.replace(output, target)
        finally:
            if old.exists() and not target.exists():
                os.replace(old, target)
    return target / "index.html"


def main(words: list[str] | None = None) -> None:
    """Make the site and say where it lies."""
    parser = argparse.ArgumentParser(description="Build the chapters as a web site.")
    folder = ROOT / "build" / "site"
    parser.add_argument("folder", nargs="?", type=Path, default=folder, help="default: build/site")
    target = parser.parse_args(words).folder.absolute()
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise SystemExit(
            f"{', '.join(missing)} is not installed. `make site` installs it, or: "
            'python -m pip install -c constraints.txt -e ".[site]"'
        )
    print(f"The site: {make(target)}")


if __name__ == "__main__":
    main()

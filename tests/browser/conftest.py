"""A browser, and a JupyterLab with settings of its own to open in it.

Both are shared by the tests of one file: as long as Playwright runs, an event loop runs in this
thread, which tests elsewhere would trip over.
"""

import os
import shutil
from contextlib import ExitStack

import nbformat
import pytest
from jupyter_server_here import JupyterLab
from nbformat.v4 import new_notebook
from notebook_page import NotebookPage
from watching import Watcher

LAUNCH = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
VIEWPORT = {"width": 1200, "height": 900}
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
PATIENCE = 60_000  # milliseconds until what was waited for has failed


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium, or the one that $CHROMIUM names, without a window."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("no Chromium here: apt-get install chromium, or set CHROMIUM to its path")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        pytest.skip("playwright is not installed: make test-browser installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LAUNCH)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium):
    """Opens pages as unknown to each other as two visitors: () -> (page, what was noticed)."""
    with ExitStack() as stack:

        def opened():
            context = chromium.new_context(viewport=VIEWPORT, reduced_motion="reduce")
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE)
            watcher = Watcher(context)
            page = context.new_page()
            return page, watcher

        yield opened


@pytest.fixture
def page(new_page):
    """A page of its own; at the end nothing may have been noticed that should not be."""
    page, watcher = new_page()
    yield page
    watcher.assert_nothing()


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """JupyterLab as `unet-tutorial lab` starts it, on a folder of its own."""
    with JupyterLab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def opened(lab, new_page):
    """Opens a notebook of some cells: (*cells) -> (the notebook, what the page did wrong)."""

    def opened(*cells):
        path = lab.files / "some.ipynb"
        nbformat.write(new_notebook(cells=list(cells), metadata=KERNEL), path)
        page, watcher = new_page()
        return NotebookPage(page, lab, path).open(), watcher

    yield opened
    lab.end_kernels()

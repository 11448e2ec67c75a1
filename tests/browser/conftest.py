"""A browser, and a JupyterLab with settings of its own to open in it.

Both are shared by the tests of one file: as long as Playwright runs, an event loop runs in this
thread, which tests elsewhere would trip over.
"""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import nbformat
import pytest
from jupyter_server_here import JupyterLab
from nbformat.v4 import new_notebook
from notebook_page import IS_CLEAR, NotebookPage
from watching import Watcher

LAUNCH = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
VIEWPORT = {"width": 1200, "height": 1500}  # room for a whole explorer
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
PATIENCE = 60_000  # milliseconds until what was waited for has failed

HERE = Path(__file__).parent
SPREAD = "test_chapters_in_lab.py"  # each of its tests stands alone, and takes long


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep a file's tests on one worker of --dist=loadgroup: what they share is slow to make."""
    for item in items:
        if item.path.parent == HERE and item.path.name != SPREAD:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


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


def opened_page(chromium):
    """A page as a visitor has it who was never here before, and what is noticed in it."""
    context = chromium.new_context(viewport=VIEWPORT)
    context.set_default_timeout(PATIENCE)
    watcher = Watcher(context)
    return context.new_page(), watcher


@pytest.fixture
def new_page(chromium):
    """Opens pages that know nothing of each other: () -> (page, what was noticed)."""
    with ExitStack() as stack:

        def opened():
            page, watcher = opened_page(chromium)
            stack.callback(page.context.close)
            return page, watcher

        yield opened


@pytest.fixture
def page(new_page):
    """A page of its own; at the end nothing may have been noticed that should not be."""
    page, watcher = new_page()
    yield page
    watcher.assert_nothing()


class Desk:
    """A page in which JupyterLab stays open from test to test, since loading it takes seconds."""

    def __init__(self, chromium):
        self.chromium, self.page = chromium, None

    def take(self):
        """The page, a new one after a test that left something lying about."""
        if self.page is None or not self.page.evaluate(IS_CLEAR):
            self.clear()
            self.page, self.watcher = opened_page(self.chromium)
        self.watcher.forget()
        return self.page

    def clear(self):
        if self.page is not None:
            self.page.context.close()
            self.page = None


@pytest.fixture(scope="module")
def desks(chromium):
    desk = Desk(chromium)
    yield desk
    desk.clear()


@pytest.fixture
def desk(desks, lab):
    """JupyterLab's page with nothing open in it; at the end as `page`, and without kernels."""
    yield desks.take()
    lab.end_kernels()
    desks.watcher.assert_nothing()


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

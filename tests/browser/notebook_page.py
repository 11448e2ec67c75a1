"""A notebook as it stands in JupyterLab: run it, save it, restart its kernel, look at it.

What is done is done as a learner does it, by menus and keys. What is read comes from the page, or
from JupyterLab itself where the page would leave doubt (has it been saved? is the kernel idle?).
"""

import json
import re

from explorer_on_page import PictureOnPage

RUN_LIMIT = 300_000  # milliseconds for all cells of a notebook
SECONDS_TO_LOAD = 3
TALLEST = 16_000  # pixels of a screenshot
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
CELLS = f"{PANEL} .jp-Notebook .jp-Cell"
ERRORS = f'{PANEL} .jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]'

IS_READY = """([path, selector]) => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.path === path && panel.context.isReady
        && document.querySelectorAll(selector).length === panel.content.model.cells.length
        && !document.querySelector("#jupyterlab-splash")
        && panel.sessionContext?.session?.kernel?.status === "idle"
}"""
CELL_IDS = "[...jupyterapp.shell.currentWidget.content.model.cells].map(cell => cell.id)"
# Nothing is open in JupyterLab: it is ready for another notebook.
IS_CLEAR = """() => Boolean(window.jupyterapp)
    && !document.querySelector(".jp-NotebookPanel, .jp-Dialog, #jupyterlab-splash")"""
HEAR_THE_KERNEL = """() => {
    const context = jupyterapp.shell.currentWidget.sessionContext;
    window.heard = {errors: [], restarts: 0};
    context.iopubMessage.connect((_, message) => {
        if (message.header.msg_type === "error")
            heard.errors.push(message.content.traceback.join("\\n"));
    });
    context.statusChanged.connect((_, status) => {
        if (status.includes("restarting")) heard.restarts += 1;
    });
}"""
IS_RUN = """selector => {
    const prompts = [...document.querySelectorAll(`${selector} .jp-InputPrompt`)];
    const shown = prompts.map(prompt => prompt.textContent);
    return shown.some(text => /\\d/.test(text)) && !shown.some(text => text.includes("*"))
        && jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === "idle"
}"""
IS_RESTARTED = """before => heard.restarts > before
    && jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === "idle" """
ARE_LOADED = """selector => [...document.querySelectorAll(`${selector} img`)]
        .every(image => image.complete)
    && [...document.querySelectorAll(`${selector} video`)]
        .every(video => video.readyState || video.error)"""
# A picture is drawn when it has a size, an animation when its first frame can be shown.
UNDRAWN = """selector => [
    ...[...document.querySelectorAll(`${selector} img`)].filter(i => !i.naturalWidth),
    ...[...document.querySelectorAll(`${selector} video`)].filter(v => v.readyState < 1),
].map(one => `${one.getAttribute("alt") ?? one.getAttribute("aria-label")}: `
    + one.outerHTML.slice(0, 200))"""
# JupyterLab calls a picture of markdown "Image" where its alt text is missing.
WITHOUT_ALT = """selector => [...document.querySelectorAll(`${selector} img`)]
    .filter(image => ["", "Image"].includes(image.alt.trim()))
    .map(image => image.outerHTML.slice(0, 200))"""
WITH_EXPLORERS = """cells => [...cells.keys()].filter(
    number => cells[number].querySelector(".explorer"))"""
# To its top; and how much taller a notebook is than its window.
OF_THE_WHOLE = """selector => {
    const all = document.querySelector(selector);
    all.scrollTop = 0;
    return all.scrollHeight - all.clientHeight;
}"""


def is_saved(response):
    """Whether this is the server's answer to a file's new content."""
    return response.request.method == "PUT" and "/api/contents/" in response.url


class NotebookPage:
    """A notebook file of a `JupyterLab`, open in a page."""

    def __init__(self, page, lab, path):
        self.page, self.lab, self.path = page, lab, path

    @property
    def name(self):
        return self.path.relative_to(self.lab.files).as_posix()

    @property
    def cell_ids(self):
        return self.page.evaluate(CELL_IDS)

    def saved(self):
        """What the file holds. While JupyterLab saves, which it does by itself too, it is empty."""
        return json.loads(self.path.read_text(encoding="utf-8"))

    def open(self):
        """Open the file: in JupyterLab if the page shows it with nothing in it, else with it."""
        if not self.page.evaluate(IS_CLEAR):
            self.page.goto(self.lab.url(self.path), wait_until="commit")
        else:
            command = "path => jupyterapp.commands.execute('docmanager:open', {path}).then(() => 0)"
            self.page.evaluate(command, self.name)
        return self.wait_until_ready()

    def close(self):
        """Close the notebook, and end its kernel."""
        self.page.evaluate("() => jupyterapp.commands.execute('application:close').then(() => 0)")
        self.page.wait_for_function(IS_CLEAR)
        self.lab.end_kernels()

    def wait_until_ready(self):
        """Wait until every cell is there, the kernel is idle and the pictures are drawn."""
        self.page.wait_for_function(IS_READY, arg=[self.name, CELLS])
        self.page.evaluate(HEAR_THE_KERNEL)
        self.wait_for_pictures()
        return self

    def wait_for_pictures(self):
        self.page.wait_for_function(ARE_LOADED, arg=CELLS)

    def menu(self, menu, item):
        """Choose an item of a menu by what it begins with."""
        bar = self.page.locator(".jp-MenuBar, #jp-menu-panel, #jp-MainMenu")
        bar.get_by_role("menuitem", name=menu, exact=True).click()
        items = self.page.locator(".lm-Menu").get_by_role("menuitem")
        items.filter(has_text=re.compile(rf"^\s*{re.escape(item)}")).first.click()

    def run_all(self):
        """Clear what the cells gave before, run them all, and wait for the end."""
        self.start_all()
        return self.wait_until_run()

    def start_all(self):
        self.menu("Edit", "Clear Outputs of All Cells")
        self.menu("Run", "Run All Cells")

    def wait_until_run(self):
        self.page.wait_for_function(IS_RUN, arg=CELLS, timeout=RUN_LIMIT, polling=200)
        self.wait_for_pictures()
        return self

    def press(self, button):
        """Press a button of the notebook's toolbar, by the words that explain it."""
        self.page.locator(f"{PANEL} .jp-Toolbar").get_by_role("button", name=button).click()

    def save(self):
        self.page.locator(f"{PANEL} .jp-Notebook").focus()  # a number field keeps its keys
        with self.page.expect_response(is_saved) as saved:
            self.page.keyboard.press("Control+s")
        assert saved.value.ok, saved.value
        self.page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")

    def restart_kernel(self):
        before = self.page.evaluate("() => heard.restarts")
        self.menu("Kernel", "Restart Kernel…")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.wait_for_function(IS_RESTARTED, arg=before)

    def cell(self, cell_id):
        return self.page.locator(CELLS).nth(self.cell_ids.index(cell_id))

    def output(self, cell_id):
        """What a cell shows below its code."""
        return self.cell(cell_id).locator(".jp-Cell-outputWrapper")

    def errors(self):
        """Error outputs, and errors that the kernel reported without one, such as a control's."""
        return self.page.locator(ERRORS).all_inner_texts() + self.page.evaluate("heard.errors")

    def undrawn(self):
        """Pictures and animations that are not shown."""
        return self.page.evaluate(UNDRAWN, CELLS)

    def without_alt(self):
        return self.page.evaluate(WITHOUT_ALT, CELLS)

    def unshown(self):
        """What JupyterLab says in place of widgets, if need be after the time that they take."""
        for _ in range(SECONDS_TO_LOAD):
            said = " ".join(self.page.locator(f"{PANEL} .jp-OutputArea").all_inner_texts())
            if "Loading widget" not in said:
                break
            self.page.wait_for_timeout(1000)
        return re.findall(r"Loading widget|Error \w+ing widget[^\n]*", said)

    def explorers(self):
        """{cell id: explorers in its output}, for the cells that have one."""
        cells, ids = self.page.locator(CELLS), self.cell_ids
        found = {}
        for number in cells.evaluate_all(WITH_EXPLORERS):
            boxes = cells.nth(number).locator(".explorer").all()
            found[ids[number]] = [PictureOnPage(self.page, box) for box in boxes]
        return found

    def shot(self, path):
        """Photograph the notebook from top to bottom."""
        size = self.page.viewport_size
        tall = self.page.evaluate(OF_THE_WHOLE, f"{PANEL} .jp-WindowedPanel-outer")
        size_of_all = {"width": size["width"], "height": min(TALLEST, size["height"] + tall)}
        self.page.set_viewport_size(size_of_all)
        self.page.evaluate(OF_THE_WHOLE, f"{PANEL} .jp-WindowedPanel-outer")
        self.page.locator(PANEL).screenshot(path=path)
        self.page.set_viewport_size(size)

"""A real browser shows what students wrote, in the formgrader and in feedback, and runs nothing."""

import copy
import json
from pathlib import Path

import nbgrader
import pytest
from attacks import ATTACKS, KINDS
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from small_course import words

from unet_tutorial.classroom.grading.pipeline.safe_notebook import make_safe
from unet_tutorial.classroom.released_notebook import parse_released

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]
TEMPLATES = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
RESOURCES = {
    "nbgrader": {"score": 0, "max_score": 1, "late_penalty": 0, "notebook": "a", "student": "b"},
    **dict.fromkeys(("assignment_id", "notebook_id", "student", "base_url", "notebook_path"), "a"),
    **{"first_name": "", "last_name": "", "submission_id": "a", "index": 0, "total": 1},
}
CLICK_EVERYTHING = "document.querySelectorAll('a, b, img').forEach(each => each.click?.())"


def make_cells() -> list:
    """Make cells with each attack in their text, in every kind of output, and in an error."""
    cells = []
    for attack in ATTACKS:
        outputs = [new_output("display_data", {kind: attack}) for kind in KINDS]
        outputs.append(new_output("stream", text=attack))
        outputs.append(new_output("error", ename=attack, evalue=attack, traceback=[attack]))
        cells += [new_markdown_cell(attack), new_code_cell(attack, outputs=outputs)]
    return cells


def render(notebook, template: str) -> str:
    styles = TEMPLATES.parent / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    exporter = HTMLExporter(
        template_name=template,
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(styles)],
    )
    return exporter.from_notebook_node(notebook, resources=copy.deepcopy(RESOURCES))[0]


def count_stolen(chromium, html: str) -> int:
    """Open a page and click on everything in it; return how often a script ran."""
    context = chromium.new_context(offline=True)
    page, stolen = context.new_page(), []
    page.expose_function("steal", lambda: stolen.append(1))
    page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("http://localhost/page")
    page.evaluate(CLICK_EVERYTHING)
    page.wait_for_timeout(500)
    context.close()
    return len(stolen)


@pytest.mark.parametrize("template", ["formgrade", "feedback"])
def test_nothing_that_a_student_wrote_runs(chromium, template):
    cells = make_cells()
    safe = make_safe(cells, parse_released(json.dumps(words())), {})
    assert count_stolen(chromium, render(safe, template)) == 0
    assert count_stolen(chromium, render(new_notebook(cells=cells), template)) > 0

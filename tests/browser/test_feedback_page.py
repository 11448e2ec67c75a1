"""A student's feedback, opened offline: on a phone, on a screen, and whatever somebody wrote."""

import base64
import shutil

import pytest
import small_course
from attacks import ATTACKS
from small_course import NUMBERS, WORDS, cell

from unet_tutorial.__main__ import main
from unet_tutorial.classroom.grading.batch import grade
from unet_tutorial.classroom.nbgrader_config import load_config, open_course

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore")]
LONG = " + ".join(f"a_{{{n}}} b_{{{n}}}" for n in range(40))
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WROTE = f"It **copies** $n - 2$ letters:\n\n$${LONG}$$\n\n![a pixel](pixel.png)\n\n" + (
    "| one | two |\n|---|---|\n" + f"| {'long' * 60} | 2 |\n\n"
)
PICTURE = (
    "from IPython.display import Image\nimport base64\n"
    f"Image(base64.b64decode('{PIXEL}'), width=2000)"
)
IS_FINE = """() => ({
    wide: document.documentElement.scrollWidth,
    pictures: [...document.images].map(each => each.naturalWidth > 0),
    formulas: document.querySelectorAll('math').length,
    scripts: document.scripts.length,
})"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The feedback of a student who wrote long lines, formulas, pictures and attacks."""
    root = small_course.make_course(tmp_path_factory.mktemp("feedback") / "course")
    for name in (NUMBERS, WORDS):
        assert open_course(load_config(root)).generate_assignment(name)["success"]
    made = small_course.attempt(WORDS, explain_3=WROTE + "\n\n".join(ATTACKS))
    made["cells"].insert(1, cell("mine", PICTURE))
    made["cells"].insert(2, cell("words", WROTE + "\n\n".join(ATTACKS), "markdown"))
    made["cells"].insert(3, cell("long", f"print('{'x' * 500}')\nraise ValueError('<b>')"))
    path = small_course.submit(root, "ada", made, name=WORDS)
    (path.parent / "pixel.png").write_bytes(base64.b64decode(PIXEL))
    grade(root)
    assert main(["give-back", str(root), WORDS]) == 0
    page = root / "give-back" / WORDS / "students" / "ada" / f"{WORDS}.html"
    return shutil.copy(page, tmp_path_factory.mktemp("alone") / "page.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_can_be_read_offline(pages, chromium, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True
    )
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{pages}")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.wait_for_timeout(300)
    found = page.evaluate(IS_FINE)
    assert found["wide"] == width
    assert found["pictures"] == [True] * len(found["pictures"])
    assert len(found["pictures"]) >= 3
    assert found["formulas"] >= 4
    assert found["scripts"] == 0
    assert {each.partition(":")[0] for each in asked} <= {"file", "data"}
    ours = {"exclude": [[".words"]]}  # without what students wrote
    found = axe.run(page, ours, options={"preload": False}).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    context.close()


@pytest.mark.parametrize("has_policy", [True, False])
def test_nothing_that_a_student_wrote_runs(pages, chromium, tmp_path, has_policy):
    text = pages.read_text("utf-8")
    if not has_policy:
        text = text.replace("Content-Security-Policy", "x-nothing")
    (tmp_path / "page.html").write_text(text, "utf-8")
    context = chromium.new_context(offline=True)
    page, stolen = context.new_page(), []
    page.expose_function("steal", lambda: stolen.append(1))
    address = f"file://{tmp_path}/page.html"
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.evaluate("document.querySelectorAll('.words :not(a)').forEach(each => each.click?.())")
    page.wait_for_timeout(300)
    assert stolen == []
    assert page.url == address
    context.close()

"""An explorer as people use it: with a mouse, a finger and keys, on a page and in JupyterLab."""

import pytest
from build_explorers import list_explorers
from explorer_alone import open_alone
from nbformat.v4 import new_code_cell
from watching import Watcher

pytestmark = pytest.mark.browser

NAME = "transposed_convolution"
MAKE = """from unet_tutorial import explorers
explorer = explorers.transposed_convolution()
explorer"""
FIRST = "Four stamps overlap here and add up: 2·9 + 4·7 + 1·3 + 3·1 = 52."
ONE_PIXEL = (
    "This pixel holds ink 3: it stamps the whole kernel onto the sheet, three times as strong."
)
CELL = '[data-hit="{}"]'
WIDE, PHONE = {"width": 900, "height": 700}, {"width": 390, "height": 844}


def sentence(explorer):
    return explorer.locator(".sentence").inner_text()


def number_at(explorer, place):
    """The number that is drawn in a cell of the sheet."""
    return explorer.locator(f"{CELL.format(f'sheet:{place}')} + text").text_content()


@pytest.fixture
def explorer(page):
    page.set_viewport_size(WIDE)
    return open_alone(page, NAME)


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    watcher = Watcher(context)
    yield context.new_page()
    watcher.assert_nothing()
    context.close()


def test_a_mouse_looks_and_a_click_keeps(page, explorer):
    status = explorer.locator("[role=status]").element_handle()
    assert sentence(explorer) == FIRST
    explorer.locator(CELL.format("input:0,1")).hover()
    assert sentence(explorer) == ONE_PIXEL
    page.mouse.move(5, 5)
    assert sentence(explorer) == FIRST
    explorer.locator(CELL.format("input:0,1")).click()
    page.mouse.move(5, 5)
    assert sentence(explorer) == ONE_PIXEL
    explorer.locator("[aria-label='Start again']").click()
    assert sentence(explorer) == FIRST
    assert explorer.locator("[role=status]").count() == 1
    assert status.evaluate("node => node.isConnected && node.textContent") == FIRST


def test_a_weight_changes_under_the_mouse_and_under_the_keys(page, explorer):
    explorer.locator(CELL.format("kernel:0,0")).click()
    explorer.locator("[aria-label='weight + 1']").click()
    explorer.locator(CELL.format("sheet:4,4")).click()
    assert sentence(explorer) == FIRST.replace("3·1 = 52", "3·2 = 55")
    explorer.locator("[data-keys=kernel]").focus()
    for key in ("ArrowDown", "ArrowRight", "7"):  # the weight in the middle
        page.keyboard.press(key)
    assert sentence(explorer).startswith("The weight 7 lands on 16 places")
    assert number_at(explorer, "1,1") == "7"  # of ink 1
    page.keyboard.press("-")
    assert number_at(explorer, "1,1") == "6"


def test_arrow_keys_move_and_tab_stops_once_in_each_part(page, explorer):
    explorer.locator("[data-keys=sheet]").focus()
    page.keyboard.press("ArrowRight")
    assert sentence(explorer) == "Two stamps overlap here and add up: 4·8 + 3·2 = 38."
    page.keyboard.press("Home")
    explorer.locator("[data-set='ink:numbers']").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.set") == "ink:trained"
    assert "that's the weave you see" in sentence(explorer)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.set").startswith("channel:")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.keys") == "features"


def test_an_option_that_is_struck_through_says_why(explorer):
    explorer.locator("[data-set='stride:1']").click()
    explorer.locator("[data-set='output_padding:1']").click(force=True)
    assert sentence(explorer).startswith("output_padding=1 must be smaller than stride=1")
    explorer.locator("[data-set='kernel:2']").click()
    assert "output_padding" not in sentence(explorer)


def test_a_tap_keeps_a_finger_that_moves_sideways_looks_and_one_that_moves_down_scrolls(phone):
    explorer = open_alone(phone, NAME)
    phone.locator("main").evaluate("main => main.style.paddingBottom = '900px'")
    explorer.locator(CELL.format("input:0,1")).tap()
    assert sentence(explorer) == ONE_PIXEL
    explorer.locator(CELL.format("kernel:0,0")).tap()
    explorer.locator("[aria-label='weight + 1']").tap()
    assert explorer.locator(f"{CELL.format('kernel:0,0')} + text").text_content() == "2"  # once
    drag(phone, CELL.format("sheet:4,3"), CELL.format("sheet:4,4"))
    assert sentence(explorer).endswith("3·2 = 55.")
    assert phone.evaluate("scrollY") == 0
    drag(phone, CELL.format("sheet:6,4"), CELL.format("sheet:0,4"))
    phone.wait_for_function("scrollY > 50")
    assert sentence(explorer).endswith("3·2 = 55.")
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_threshold_is_dragged_by_mouse_and_looked_at_by_bar_and_pixel(page):
    page.set_viewport_size(WIDE)
    explorer = open_alone(page, "threshold", {"scene": "validation"})
    first = sentence(explorer)
    assert first.startswith("Above 0.50, the Dice is 0.95.")
    bar = explorer.locator(CELL.format("bar:20"))
    bar.hover()
    assert "have a probability from 0.21 to 0.22" in sentence(explorer)
    page.mouse.down()
    explorer.locator(CELL.format("bar:70")).hover()
    assert sentence(explorer).startswith("Above 0.7")
    page.mouse.move(5, 5)  # beyond the picture, and still pressed
    assert sentence(explorer).startswith("Above 0.02")
    page.mouse.up()
    bar.hover()
    assert "have a probability from 0.21" in sentence(explorer)
    explorer.locator(".over").hover()
    assert sentence(explorer).startswith("This pixel's probability is")
    page.mouse.move(5, 5)
    assert sentence(explorer).startswith("Above 0.02")
    explorer.locator("[aria-label='Start again']").click()
    assert sentence(explorer) == first
    line = explorer.get_by_role("slider")
    line.focus()
    page.keyboard.press("ArrowRight")
    assert sentence(explorer).startswith("Above 0.51")
    assert line.get_attribute("aria-valuetext") == "0.51: Dice 0.95"


def test_a_finger_drags_the_threshold_and_scrolls_the_strip_in_itself(phone):
    explorer = open_alone(phone, "threshold", {"scene": "validation"})
    drag(phone, CELL.format("bar:48"), CELL.format("bar:80"))
    assert sentence(explorer).startswith("Above 0.8")
    strip = explorer.locator(".strip")
    assert strip.evaluate("el => el.scrollWidth - el.clientWidth") > 300
    finger = phone.context.new_cdp_session(phone)
    box = strip.bounding_box()
    finger.send(
        "Input.synthesizeScrollGesture",
        {"x": box["x"] + 300, "y": box["y"] + 60, "xDistance": -200, "yDistance": 0},
    )
    assert strip.evaluate("el => el.scrollLeft") > 100
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert sentence(explorer).startswith("Above 0.8")
    before = sentence(explorer)
    phone.touchscreen.tap(box["x"] + 100, box["y"] + 60)
    assert sentence(explorer) != before


def drag(page, start, end):
    """Move a finger from one element to another, as the screen of a phone reports it."""
    points = [page.locator(css).bounding_box() for css in (start, end)]
    (x, y), (to_x, to_y) = [(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in points]
    finger = page.context.new_cdp_session(page)

    def send(kind, *points):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    send("touchStart", {"x": x, "y": y})
    for step in range(1, 11):
        send("touchMove", {"x": x + (to_x - x) * step / 10, "y": y + (to_y - y) * step / 10})
    send("touchEnd")


@pytest.mark.parametrize("name", list_explorers())
@pytest.mark.parametrize("width", [390, 600])
def test_on_a_narrow_page_all_of_it_is_on_one_screen(page, name, width):
    page.set_viewport_size({"width": width, "height": 900})
    assert open_alone(page, name).bounding_box()["height"] <= 705
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [390, 600, 844])
def test_weights_of_ones_own_move_nothing(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    explorer = open_alone(page, "convolution")
    picture = explorer.locator(".picture")
    before = picture.bounding_box()
    explorer.locator(CELL.format("kernel:0,0")).click()
    explorer.locator("[aria-label='weight + 1']").click()
    explorer.locator("[data-set='preset:yours'][aria-checked=true]").wait_for()
    assert picture.bounding_box() == before


def test_on_a_phone_the_sentence_of_a_tall_picture_stays_on_the_screen(phone):
    explorer = open_alone(phone, "convolution", {"kernels": 2})
    explorer.locator("[data-set='padding:1']").tap()
    explorer.locator(CELL.format("image:0,0")).tap()
    assert explorer.bounding_box()["height"] > PHONE["height"]
    words = explorer.locator(".sentence").bounding_box()
    assert words["y"] + words["height"] == pytest.approx(PHONE["height"], abs=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_says_whether_it_is_dark(page, theme):
    explorer = open_alone(page, NAME, theme=theme)
    ink = explorer.evaluate("el => getComputedStyle(el).color")
    assert (sum(map(int, ink[4:-1].split(","))) > 382) == (theme == "dark")


def test_in_jupyterlab_it_moves_its_keys_stay_and_it_is_saved_as_a_still(opened):
    notebook, watcher = opened(new_code_cell(MAKE, id="one"), new_code_cell("explorer", id="two"))
    page = notebook.run_all().page
    one, two = (notebook.output(name).locator(".explorer") for name in ("one", "two"))
    one.locator(CELL.format("sheet:4,4")).wait_for()
    two.locator(CELL.format("sheet:4,4")).wait_for()
    one.locator(CELL.format("input:0,1")).click()
    assert sentence(one) == sentence(two) == ONE_PIXEL  # two views of one explorer
    one.locator("[data-keys=kernel]").focus()
    for key in ("d", "d", "Enter", "ArrowDown", "x", "ArrowRight", "0"):
        page.keyboard.press(key)
    assert notebook.cell_ids == ["one", "two"]
    assert sentence(two).startswith("The weight 0 lands on 16 places")
    with page.expect_response(lambda response: response.request.method == "PUT"):
        page.keyboard.press("Control+s")
    for cell in notebook.saved()["cells"]:
        (output,) = cell["outputs"]
        assert set(output["data"]) == {"text/html", "image/png", "text/plain"}
    notebook.restart_kernel()
    one.locator(CELL.format("input:0,0")).click()
    assert "holds ink 1" in sentence(one)
    page.reload()
    notebook.wait_until_ready()
    still = notebook.output("one").locator("img")
    assert "4 × 4" in still.get_attribute("alt")
    assert FIRST in notebook.output("one").inner_text()
    watcher.assert_nothing()

"""Parts of a picture that take the finger, where the rest of the picture scrolls the page."""

import pytest
from explorer_alone import open_alone
from watching import Watcher

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    watcher = Watcher(context)
    yield context.new_page()
    watcher.assert_nothing()
    context.close()


def open_on(phone, name):
    explorer = open_alone(phone, name)
    phone.locator("main").evaluate("main => main.style.paddingBottom = '900px'")
    return explorer


def drag(page, start, by):
    """Move a finger from a place by so many pixels, both (x, y)."""
    finger = page.context.new_cdp_session(page)

    def send(kind, *points):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    x, y = start
    send("touchStart", {"x": x, "y": y})
    for step in range(1, 11):
        send("touchMove", {"x": x + by[0] * step / 10, "y": y + by[1] * step / 10})
    send("touchEnd")


def find_middle(explorer, css):
    box = explorer.locator(css).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_finger_drags_the_cross_and_scrolls_elsewhere(phone):
    explorer = open_on(phone, "receptive_field")
    sentence = explorer.locator(".sentence")
    x, y = find_middle(explorer, ".handle")
    drag(phone, (x, y), (0, -80))
    moved = sentence.inner_text()
    assert "rows 34 to 221" not in moved
    assert "columns 34 to 221" in moved
    assert phone.evaluate("scrollY") == 0
    drag(phone, (x - 100, y + 100), (0, -150))
    phone.wait_for_function("scrollY > 50")
    assert sentence.inner_text() == moved


def test_a_finger_goes_along_the_film_strip_even_if_it_wavers(phone):
    explorer = open_on(phone, "training")
    box = explorer.locator(".film").bounding_box()
    start = box["x"] + 0.95 * box["width"], box["y"] + 0.5 * box["height"]
    drag(phone, start, (-0.5 * box["width"], 60))
    explorer.locator(".sentence").get_by_text("Epoch 4 of 8").wait_for()
    assert phone.evaluate("scrollY") == 0

"""The U as people use it: sizes typed into fields, skips cut with a mouse, keys and a finger."""

import json

import pytest
from explorer_alone import EXPLORERS, open_alone
from watching import Watcher

pytestmark = pytest.mark.browser

NAME = "the_u"
CUT = "Without skip 1, the mask gained 497 pixels and lost 8"
PHONE = {"width": 390, "height": 844}
STILLS = json.loads((EXPLORERS / NAME / "built" / "stills.json").read_text(encoding="utf-8"))


def sentence(explorer):
    return explorer.locator(".sentence").inner_text()


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    watcher = Watcher(context)
    yield context.new_page()
    watcher.assert_nothing()
    context.close()


def test_a_size_is_typed_stepped_refused_and_started_again(page):
    explorer = open_alone(page, NAME)
    height = explorer.get_by_role("spinbutton", name="height")
    height.fill("100")
    assert sentence(explorer).startswith("down3 pools 25 × 24, and the last row is left over.")
    explorer.get_by_role("button", name="width: one more").click()
    assert "width 96 or 112" in sentence(explorer)
    assert explorer.get_by_role("spinbutton", name="width").input_value() == "97"
    height.press("ArrowDown")
    assert height.input_value() == "99"
    height.fill("5000")
    assert sentence(explorer) == "height goes from 1 to 2048."
    height.blur()
    assert height.input_value() == "99"  # what the picture shows
    explorer.get_by_role("button", name="Start again").click()
    assert height.input_value() == "96"
    assert sentence(explorer).startswith("An image of 96 × 96")


def test_skips_are_cut_with_the_mouse_and_with_keys(page):
    explorer = open_alone(page, NAME, {"face": "maps"})
    switch = explorer.get_by_role("switch", name="skip of level 1")
    explorer.locator("[data-hit='skip:1']").click()
    assert switch.get_attribute("aria-checked") == "false"
    assert sentence(explorer).startswith(CUT)
    page.mouse.move(1, 1)
    assert sentence(explorer).startswith(CUT)
    explorer.get_by_role("button", name="Start again").focus()
    for _ in range(2):  # the blocks, the skips
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.keys") == "skips"
    page.keyboard.press("Space")
    assert sentence(explorer).startswith("Skip 1 carries the 16 maps of 48 × 48")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert sentence(explorer).startswith("Without skip 2, the mask gained")


def test_a_finger_opens_cuts_and_marks(phone):
    explorer = open_alone(phone, NAME, {"face": "maps"})
    explorer.locator("[data-hit='skip:1']").tap()
    assert sentence(explorer).startswith(CUT)
    explorer.locator("[data-hit='block:up3']").tap()
    assert "expanding1 = self.up3(expanding2, contracting1)" in sentence(explorer)
    explorer.locator("[data-pixels^=map10]").tap()
    assert sentence(explorer).startswith("One value at level 1 stands for 2 × 2 pixels")
    assert explorer.locator(".mark").count() == 8 + 11  # in the open maps, and all over the U


@pytest.mark.parametrize("still", STILLS)
@pytest.mark.parametrize("width", [390, 844])
def test_every_face_fits_its_page(page, still, width):
    page.set_viewport_size({"width": width + 32 * (width > 390), "height": 900})
    explorer = open_alone(page, NAME, STILLS[still]["settings"])
    assert explorer.bounding_box()["height"] <= (500 if width > 390 else 705)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0

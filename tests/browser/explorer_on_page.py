"""An explorer in the page: its picture by mouse, finger and keys, its rows of buttons as well."""

HAS_FOCUS = "el => el.contains(document.activeElement)"
# Picture and words, its parts, and a row of buttons.
LOOKS = "el => [...el.children].map(part => part.innerHTML).join()"
PARTS = "[data-keys]"
PLACES = ":is([data-hit], [data-pixels])"
OTHER = "[aria-checked=false]:not([aria-disabled])"
KEYS = ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")


class PictureOnPage:
    """An explorer whose picture is pointed at; the browser does all of it."""

    def __init__(self, page, box):
        self.page, self.box = page, box

    @property
    def name(self):
        classes = self.box.get_attribute("class").split()
        return classes[classes.index("explorer") + 1]

    def shot(self, path):
        self.box.screenshot(path=path)

    def shown(self):
        return self.box.evaluate(LOOKS)

    def move_all(self):
        """Point at each part with mouse, finger and keys, and press each row; say what's wrong."""
        self.box.scroll_into_view_if_needed()
        kinds = self.box.locator(PARTS).evaluate_all("all => all.map(one => one.dataset.keys)")
        wrong = [f"{self.name} has no part to point at"] * (not kinds)
        for kind in kinds:
            place = self.box.locator(f"[data-keys={kind}] {PLACES}").first
            ways = {"mouse": self.point_at, "finger": self.tap, "keys": self.press_arrows}
            failed = [way for way, move in ways.items() if not move(kind, place)]
            wrong += [f"{self.name}, {kind}: {way} does nothing, or too much" for way in failed]
        rows = self.box.get_by_role("radiogroup")
        names = rows.evaluate_all("all => all.map(one => one.ariaLabel)")
        still = [name for name in names if not self.press(name)]
        return wrong + [f"{self.name}, row {name!r} does nothing" for name in still]

    def point_at(self, _kind, place):
        """A mouse looks; when it leaves, what was there comes back."""
        self.restart()
        before = self.shown()
        place.hover()
        looked = self.shown()
        self.box.locator(".sentence").hover()
        return looked != before == self.shown()

    def tap(self, kind, place):
        """A finger that taps keeps what it is on."""
        self.restart()
        before, spot = self.shown(), place.bounding_box()
        # Not the middle, where a cross may be that is dragged.
        third = {"x": spot["x"] + spot["width"] / 3, "y": spot["y"] + spot["height"] / 3}
        finger = self.page.context.new_cdp_session(self.page)
        finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [third]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        self.page.wait_for_timeout(50)  # until it has become a click
        finger.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
        finger.detach()
        return self.shown() != before

    def press_arrows(self, kind, _place):
        """Arrow keys change what is kept, and the part keeps the focus."""
        self.restart()
        part = self.box.locator(f"[data-keys={kind}]")
        part.focus()
        seen = {self.shown()}
        for key in KEYS:
            self.page.keyboard.press(key)
            seen.add(self.shown())
        return len(seen) > 2 and part.evaluate(HAS_FOCUS)

    def press(self, name):
        """Press a button of a row with the mouse, and the next one with a key."""
        self.restart()
        seen = [self.shown()]
        row = self.box.get_by_role("radiogroup", name=name, exact=True)
        row.locator(OTHER).first.click()
        seen.append(self.shown())
        self.page.keyboard.press("ArrowRight")
        seen.append(self.shown())
        return len(set(seen)) > 1 and row.evaluate(HAS_FOCUS)

    def restart(self):
        self.box.get_by_role("button", name="Start again").click()

    def after_a_restart(self):
        """What is wrong when the kernel has gone: nothing may have changed."""
        place = self.box.locator(f"{PARTS} {PLACES}").first
        return [] if self.point_at("", place) else [f"{self.name} doesn't move any more"]

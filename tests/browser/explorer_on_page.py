"""An explorer in the page: its controls by keys alone, its picture by mouse, finger and keys."""

import time

CONTROLS = {  # by kind: where the focus goes
    "slider": ".widget-slider .noUi-handle",
    "number": "input[type=number]",
    "tick": "input[type=checkbox]",
    "choice": ".widget-toggle-buttons",
    "button": "button:not(.widget-toggle-buttons button)",
}
UNFIT = "select, input[type=radio]"  # JupyterLab takes their arrow keys
WORKING = "Working …"
TAB_LIMIT = 10  # stops on the way from one control to the next
PATIENCE = 20  # seconds; a picture that has not changed by then will not

KINDS = """(elements, controls) => elements.map(
    element => controls.find(([kind, css]) => element.matches(css))[0])"""
# The words beside it, or beside what it forms one control with, such as a field and its slider.
LABEL = """el => {
    const row = el.closest(".unet-explorer").firstElementChild;
    const words = box => [...box.querySelectorAll("label"), ...(box.matches("button") ? [box] : [])]
        .filter(one => one.offsetWidth).map(one => one.innerText.trim()).join(" ");
    while (!words(el) && el.parentElement !== row) el = el.parentElement;
    return words(el);
}"""
HAS_FOCUS = "el => el.contains(document.activeElement)"
FOCUS = "el => (el.querySelector('button') ?? el).focus()"
IS_DISABLED = "el => (el.querySelector('button') ?? el).disabled"
IS_OTHER_BUTTON = """el => el.contains(document.activeElement)
    && !document.activeElement.classList.contains("mod-active")"""
IS_AT_ITS_END = """el => "max" in el ? +el.value >= +el.max
    : +el.ariaValueNow >= +el.ariaValueMax"""
SHOWN = """el => [".unet-explorer-picture img", ".unet-explorer-text"].map(
    css => [...el.querySelectorAll(css)].map(one => one.src + one.alt + one.innerText)).join()"""
IS_IDLE = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"


MOVES_AGAIN = "run this cell again"  # then, is said
# Of one that is pointed at: picture and words, its parts, and a row of buttons.
LOOKS = "el => [...el.children].map(part => part.innerHTML).join()"
PARTS = "[data-keys]"
PLACES = ":is([data-hit], [data-pixels])"
OTHER = "[aria-checked=false]:not([aria-disabled])"
KEYS = ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")


class ExplorerOnPage:
    """The box of an explorer that the kernel draws, in a page."""

    def __init__(self, page, box):
        self.page, self.box = page, box

    @property
    def name(self):
        classes = self.box.get_attribute("class").split()
        prefix = "unet-explorer-"
        return next((c.removeprefix(prefix) for c in classes if c.startswith(prefix)), "unnamed")

    def shot(self, path):
        self.box.screenshot(path=path)

    def after_a_restart(self):
        """What is wrong when the kernel has gone: above the controls it's said what to do."""
        said = self.box.evaluate("el => getComputedStyle(el, '::before').content")
        return [] if MOVES_AGAIN in said else [f"{self.name} says {said!r}"]

    def controls(self):
        """(kind, element) of each control, in the order of the page."""
        elements = self.box.locator(", ".join(CONTROLS.values()))
        kinds = elements.evaluate_all(KINDS, list(CONTROLS.items()))
        return [(kind, elements.nth(number)) for number, kind in enumerate(kinds)]

    def shown(self):
        """Its picture, what the picture is said to show, and its words, once they stand still."""
        before = None
        while (now := self.box.evaluate(SHOWN)) != before:
            before = now
            self.page.wait_for_timeout(60)
            self.page.wait_for_function(IS_IDLE)
        return now

    def move_all(self):
        """Move each control with the keyboard, one after the other; return what was wrong."""
        wrong = [f"{self.name} has a control that JupyterLab takes the keys of"] * bool(
            self.box.locator(UNFIT).count()
        )
        first = True
        for kind, element in self.controls():
            label = element.evaluate(LABEL)
            called = f"{self.name}, {kind} {label!r}:"
            if not label:
                wrong.append(f"{called} it has no label")
            if element.evaluate(IS_DISABLED):
                wrong.append(f"{called} it is disabled")
                continue
            if first:
                first = False
                element.evaluate(FOCUS)
            elif not self.tab_to(element):
                wrong.append(f"{called} Tab does not reach it")
                element.evaluate(FOCUS)
            if not self.moved(kind, element):
                wrong.append(f"{called} nothing changes when it is moved")
            elif not element.evaluate(HAS_FOCUS):
                wrong.append(f"{called} it loses the focus when it is moved")
        return wrong

    def tab_to(self, element, condition=HAS_FOCUS):
        """Press Tab until a condition holds for an element; return whether it came to that."""
        for _ in range(TAB_LIMIT):
            self.page.keyboard.press("Tab")
            if element.evaluate(condition):
                return True
        return False

    def moved(self, kind, element):
        """Move the control that has the focus; return whether the explorer follows."""
        before = self.shown()
        if kind == "choice" and not element.evaluate(IS_OTHER_BUTTON):
            self.tab_to(element, IS_OTHER_BUTTON)
        self.page.keyboard.press(self.key(kind, element))
        end = time.monotonic() + PATIENCE
        while (now := self.box.evaluate(SHOWN)) == before or WORKING in now:
            if time.monotonic() > end:
                return False
            self.page.wait_for_timeout(20)
        return True

    @staticmethod
    def key(kind, element):
        """The key that moves a control of this kind, away from the end of its range."""
        keys = {"slider": ("ArrowRight", "ArrowLeft"), "number": ("ArrowUp", "ArrowDown")}
        if kind in keys:
            return keys[kind][element.evaluate(IS_AT_ITS_END)]
        return "Space" if kind == "tick" else "Enter"


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
        middle = {"x": spot["x"] + spot["width"] / 2, "y": spot["y"] + spot["height"] / 2}
        finger = self.page.context.new_cdp_session(self.page)
        finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [middle]})
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

"""An explorer in the page, and its controls as somebody has them who uses the keyboard alone."""

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


class ExplorerOnPage:
    """The box of an explorer in a page."""

    def __init__(self, page, box):
        self.page, self.box = page, box

    @property
    def name(self):
        classes = self.box.get_attribute("class").split()
        prefix = "unet-explorer-"
        return next((c.removeprefix(prefix) for c in classes if c.startswith(prefix)), "unnamed")

    def shot(self, path):
        self.box.screenshot(path=path)

    def notice(self):
        """What stands above the controls when they have no kernel any more."""
        return self.box.evaluate("el => getComputedStyle(el, '::before').content")

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

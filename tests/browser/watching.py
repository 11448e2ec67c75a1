"""What a page must not do: ask for anything outside this machine, or report an error."""

import re

HERE = r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]"
OUTSIDE = re.compile(rf"^(?!{HERE}|data:|blob:|about:|chrome-error:)", re.IGNORECASE)

# What says nothing about the page, with the reason.
NOISE = [
    # JupyterLab's debugger and its widgets ask each new kernel something, and give up with these
    # words where the kernel is restarted, or its notebook closed, before it has answered.
    r"Canceled future for \w+_request message before replies were done",
]


class Watcher:
    """Keeps a browser's context on this machine, and notes what its pages complain about.

    `outside` holds the addresses that were asked for in vain, `errors` what pages threw or wrote to
    the console as errors.
    """

    def __init__(self, context):
        self.outside, self.errors = [], []
        context.route(OUTSIDE, self.refuse)
        context.on("console", self.heard)
        context.on("weberror", lambda thrown: self.note(f"thrown: {thrown.error}"))
        context.on("page", lambda page: page.on("websocket", self.connected))

    def refuse(self, route):
        self.outside.append(route.request.url)
        route.abort()

    def connected(self, socket):
        if OUTSIDE.match(socket.url):
            self.outside.append(socket.url)

    def heard(self, message):
        if message.type == "error":
            at = message.location
            self.note(f"{message.text} ({at.get('url')}:{at.get('lineNumber')})")

    def note(self, error):
        if not any(re.search(pattern, error) for pattern in NOISE):
            self.errors.append(error)

    def forget(self):
        self.outside.clear()
        self.errors.clear()

    def assert_nothing(self):
        assert not self.outside, f"The page asked for what is not on this machine: {self.outside}"
        assert not self.errors, f"The page reported errors: {self.errors}"

"""What looks as if a submission tried to fool its checks: to be looked at, not proof."""

from __future__ import annotations

from unet_tutorial.classroom.grading.sandbox.kernel import Kernel

SHELL = {
    "input_transformers_cleanup": "An input transformer was added.",
    "input_transformers_post": "An input transformer was added.",
    "ast_transformers": "An ast transformer was added.",
    "hooks": "A function of the notebook runs before or after each cell.",
    "methods": "IPython's own functions were replaced.",
    "exceptions": "Errors are caught by a handler of the notebook.",
}
MOST = 10  # more would tell no more


class Suspicion:
    """Looks into a kernel from time to time; `found` says what was not there at first."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.first = kernel, None
        self.found: list[str] = []

    def begin(self) -> None:
        """Remember how a kernel looks before a submission's first cell; each has its own."""
        self.first = self.kernel.probe()

    def look(self, when: str) -> None:
        """Compare the kernel with what it was; `when` names the check that runs next."""
        now = self.kernel.probe()
        if now is None or self.first is None:
            self.say(f"The kernel could not be looked at before {when}.")
            return
        for place in now["planted"]:
            self.say(f"{place} was replaced by code of the notebook.")
        for place in set(now["foreign"]) - set(now["planted"]):
            self.say(f"{place} is not the released one.")
        for name, first in self.first["shell"].items():
            if now["shell"].get(name) != first:
                self.say(SHELL[name])
        for name, first in self.first["builtins"].items():
            place = f"builtins.{name}"
            if now["builtins"].get(name) != first and place not in now["planted"]:
                self.say(f"{place} was replaced.")

    def say(self, text: str) -> None:
        """Note something once."""
        if text not in self.found and len(self.found) < MOST:
            self.found.append(text)

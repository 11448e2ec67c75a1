"""Signs that a submission tampered with its checks: reasons to look at it, not proof."""

from __future__ import annotations

from unet_tutorial.classroom.grading.sandbox.kernel import Kernel

_SHELL_CHANGES = {
    "input_transformers_cleanup": "An input transformer was added.",
    "input_transformers_post": "An input transformer was added.",
    "ast_transformers": "An AST transformer was added.",
    "hooks": "A function from the notebook runs before or after each cell.",
    "methods": "IPython's own functions were replaced.",
    "exceptions": "The notebook installed its own handler for errors.",
}
_MAX_FINDINGS = 10  # one patch can change hundreds of names; ten are enough to see what happened


class TamperDetector:
    """Compares a kernel with its state at the start; `found` collects the differences in words."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.baseline = kernel, None
        self.found: list[str] = []

    def record_baseline(self) -> None:
        """Record a new kernel's state before the submission's first cell runs."""
        self.baseline = self.kernel.run_probe()

    def compare_with_baseline(self, next_check: str) -> None:
        """Compare the kernel with its baseline; `next_check` names the check that runs next."""
        now = self.kernel.run_probe()
        if now is None or self.baseline is None:
            self._report(f"The kernel could not be inspected before {next_check}.")
            return
        for place in now["planted"]:
            self._report(f"{place} was replaced by code from the notebook.")
        for place in set(now["foreign"]) - set(now["planted"]):
            self._report(f"{place} is not the released version.")
        for name, before in self.baseline["shell"].items():
            if now["shell"].get(name) != before:
                self._report(_SHELL_CHANGES[name])
        for name, before in self.baseline["builtins"].items():
            place = f"builtins.{name}"
            if now["builtins"].get(name) != before and place not in now["planted"]:
                self._report(f"{place} was replaced.")

    def _report(self, text: str) -> None:
        if text not in self.found and len(self.found) < _MAX_FINDINGS:
            self.found.append(text)

"""The checks of the chapters' exercises, and the help around them.

`checks.<name>(answer)` shows that an answer is right, or raises an error that says what is wrong
with it. `hint("5.2")`, `solution("5.2")` and `progress()` help. A check's module is imported when
the check is first used, since most need torch.
"""

from collections.abc import Callable

from unet_tutorial.teaching.checks.exercise import EXERCISES, CheckFailed, NotTriedYet
from unet_tutorial.teaching.checks.help import hint, solution
from unet_tutorial.teaching.checks.progress_page import progress

__all__ = ["EXERCISES", "CheckFailed", "NotTriedYet", "hint", "progress", "solution"]
_CHECKS = {this.check: this for this in EXERCISES.values()}


def __getattr__(name: str) -> Callable[..., None]:
    if name not in _CHECKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, _CHECKS[name].load_check())


def __dir__() -> list[str]:
    return sorted({*globals(), *_CHECKS})

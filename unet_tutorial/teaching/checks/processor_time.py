"""Stop an answer that computes without end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 60  # the slowest right answers take about one
OUT_OF_TIME = (
    f"The check stopped your code after {SECONDS} seconds of computing. Is there a loop that never "
    "ends? (You can stop a cell yourself: with ■ in the toolbar, or by pressing I twice.)"
)


class OutOfTimeError(BaseException):
    """Raised inside an answer; not an Exception, so that `except Exception` doesn't catch it."""


@contextmanager
def limit_processor_time(seconds: float) -> Iterator[None]:
    """Context manager: raises OutOfTimeError once this process has computed for so many seconds.

    The time that other programs take doesn't count. It works where there are such alarms, which
    isn't on Windows, in the main thread, and if nobody else has set one.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not (is_main and hasattr(signal, "setitimer")) or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)  # again each second: a bare except: passes
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(*_: object) -> None:
    raise OutOfTimeError

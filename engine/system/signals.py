"""What signals mean for a command: stop in good order, or at once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def outlive_terminal() -> None:
    """Go on when the terminal is closed: who does that doesn't mean the run."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def exit_on_signal(number: int, frame: FrameType | None) -> None:
    """End the process by way of all `finally`, with the exit code of a signal."""
    sys.exit(128 + number)


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def orderly_stop() -> Iterator[Callable[[], int]]:
    """Make the first signal to stop the answer to a question; the second one interrupts at once.

    Yields a function that gives the signal's number, 0 before there was one.
    """
    received = 0

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal received
        if received and number == signal.SIGINT:
            raise KeyboardInterrupt
        if received:
            sys.exit(128 + number)
        received = number

    before = {number: signal.signal(number, note) for number in STOP_SIGNALS}
    try:
        yield lambda: received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""What signals mean for a command: stop in good order, or at once."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any

from engine.events import ShouldStop


def outlive_terminal() -> None:
    """Go on when the terminal is closed: who does that doesn't mean the run."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def exit_on_signal(number: int, frame: FrameType | None) -> None:
    """End the process by way of all `finally`, with the exit code of a signal."""
    sys.exit(128 + number)


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class OrderlyStop:
    """A context in which the first signal to stop is the answer to a question; a second one interrupts.

    `number` is the first signal's; 0 before there was one.
    """

    def __init__(self) -> None:
        self.number = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> ShouldStop:
        for number in STOP_SIGNALS:
            self._before[number] = signal.signal(number, self._note)
        return lambda: self.number > 0

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.number and number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.number:
            sys.exit(128 + number)
        self.number = number

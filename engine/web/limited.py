"""Commands of ours that stand back behind the server, with limits on memory and time."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.system.child_process import Stopping

NICE = 10
HURRY = 5.0  # seconds in which a child that is late has to end by itself


class Limited(Stopping):
    """Stops a child that takes too long; where the system lets us, it may have so much memory only."""

    def __init__(self, memory: int, seconds: float) -> None:
        """memory: bytes of its own data, of each of its processes. seconds: that it may take in all."""
        super().__init__()
        self._memory, self._seconds = memory, seconds
        self._is_over = threading.Event()
        self.is_late = False

    @contextmanager
    def passed_to(self, child: Any) -> Iterator[None]:
        """See Stopping; what the child starts inherits its limits."""
        with contextlib.suppress(OSError):  # it has ended, or is nicer already
            os.setpriority(os.PRIO_PROCESS, child.pid, NICE)
        if hasattr(resource, "prlimit"):
            with contextlib.suppress(OSError):
                resource.prlimit(child.pid, resource.RLIMIT_DATA, (self._memory, self._memory))
        watch = threading.Thread(target=self._watch, daemon=True)
        self._is_over.clear()
        watch.start()
        try:
            with super().passed_to(child):
                yield
        finally:
            self._is_over.set()
            watch.join()

    def _watch(self) -> None:
        """Ask the child to end when its time is up, and then end it."""
        if self._is_over.wait(self._seconds):
            return
        self.is_late = True
        self.stop(signal.SIGTERM)
        if not self._is_over.wait(HURRY):
            self.stop(signal.SIGTERM)

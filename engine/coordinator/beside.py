"""What is done beside the loop: one thread does it in order, and what comes of it is heard by the loop."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from engine.events import Event, EventHandler

MOST = 64  # pieces of work in line: whoever adds more waits, as a slow disk must not fill the memory

Work = Callable[[], None]


class Beside:
    """A context that has a thread of its own; every method but `tell` is for the thread that made it.

    Errors and events of the work go no other way than through that thread: `turn` raises and emits them.
    What is in line when the context ends is dropped; `wait` for it before.
    """

    def __init__(self, emit: EventHandler) -> None:
        self._emit = emit
        self._said: deque[Event] = deque()
        self._line: deque[Work] = deque()
        self._changed = threading.Condition()
        self._is_busy = False
        self._is_over = False
        self._error: BaseException | None = None  # the first one that nobody has heard of
        self._thread = threading.Thread(target=self._run, name="beside the loop", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_over = True
            self._line.clear()
            self._changed.notify_all()
        self._thread.join()

    def do(self, work: Work) -> None:
        """Put a piece of work in line."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._line) < MOST)
            self._line.append(work)
            self._changed.notify_all()

    def tell(self, event: Event) -> None:
        """Say something; for the work, and quick."""
        self._said.append(event)

    def turn(self) -> None:
        """Emit what has been said meanwhile, and raise what the work has met."""
        while self._said:
            self._emit(self._said.popleft())
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def wait(self) -> None:
        """Until all that is in line has been done; then it is the loop's turn."""
        with self._changed:
            self._changed.wait_for(lambda: not self._line and not self._is_busy)
        self.turn()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except BaseException as error:
                self._error = self._error or error

    def _next(self) -> Work | None:
        """The next piece of work, as soon as there is one; None when all is over."""
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._line or self._is_over)
            if self._is_over:
                return None
            self._is_busy = True
            return self._line.popleft()

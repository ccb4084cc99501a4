"""What a caller hears of a run, and says to it."""

from __future__ import annotations

from pathlib import Path

from engine.events import Event, EventHandler, ShouldStop


class Listener:
    """What a caller wants to hear, and to say.

    An error of its own ends a run in good order, and is raised then.
    """

    def __init__(self, on_event: EventHandler | None, should_stop: ShouldStop | None) -> None:
        self._on_event, self._should_stop = on_event, should_stop
        self._failure: Exception | None = None

    def emit(self, event: Event) -> None:
        """Tell the caller."""
        if self._on_event is not None and self._failure is None:
            try:
                self._on_event(event)
            except Exception as exc:
                self._failure = exc

    def stop(self) -> bool:
        """Whether the caller wants an end."""
        try:
            return self._failure is not None or (self._should_stop is not None and self._should_stop())
        except Exception as exc:
            self._failure = exc
            return True

    def check(self) -> None:
        """Raise what the caller's own functions have raised."""
        if self._failure is not None:
            raise self._failure

    def checked(self, path: Path) -> Path:
        """The path that was made, if the caller's own functions were content."""
        self.check()
        return path


def unheard(event: Event) -> None:
    """Nobody is told."""

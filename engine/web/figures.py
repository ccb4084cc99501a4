"""How far a painting is, by what its process says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from engine.events import Compiling, Event, Filming, Finished, Preparing, Progress, Resumed, Started
from engine.storage.run_folder import PREVIEW
from engine.web.curve import Curve
from engine.web.store import Job

_DOING: dict[type, str] = {
    Preparing: "preparing",
    Compiling: "preparing",
    Started: "painting",
    Progress: "painting",
    Filming: "filming",
}


class Figures:
    """Follows one process that paints a job; for one thread, but for what it remembers of time."""

    def __init__(self, job: Job, run: Path) -> None:
        """run: its folder."""
        self._run = run
        self._curve = Curve(job.curve)
        self._is_resumed = False
        self._seen = self._state_of_preview()
        self._work: tuple[int, ...] = ()
        self._changes: dict[str, Any] = {"preview": job.preview}
        self.last_step = time.monotonic()  # when it last got further

    @property
    def changes(self) -> dict[str, Any]:
        """Fields of the job that are otherwise now."""
        return {**self._changes, "curve": self._curve.points}

    def hear(self, event: Event) -> bool:
        """Take in what has been said; whether somebody should know at once."""
        before = self._changes.get("doing"), self._changes["preview"]
        if (doing := _DOING.get(type(event))) is not None:
            self._changes["doing"] = doing
        match event:
            case Resumed():
                self._is_resumed = True
                self._curve.go_back_to(event.seconds)
                self._note(event.seconds, event.error, event.shapes, event.mark, event.measure)
            case Started():
                if not self._is_resumed:  # it is begun again
                    self._curve = Curve()
            case Progress():
                self._changes.update(progress=event.share, remaining=event.remaining)
                self._note(event.elapsed, event.error, event.shapes, event.mark, event.measure)
                self._curve.add(event.elapsed, event.error)
            case Finished():
                self._changes.update(remaining=None)
                self._note(event.wall_seconds, event.error, event.shapes, event.mark, event.measure)
                self._curve.add(event.wall_seconds, event.error, is_last=True)
        self._look(event)
        return before != (self._changes.get("doing"), self._changes["preview"])

    def look(self) -> None:
        """See whether there is another preview."""
        if (state := self._state_of_preview()) != self._seen and state is not None:
            self._seen = state
            self._changes["preview"] += 1

    def _note(self, seconds: float, error: float, shapes: int, mark: str, measure: str) -> None:
        self._changes.update(seconds=seconds, error=error, shapes=shapes, mark=mark, measure=measure)

    def _look(self, event: Event) -> None:
        self.look()
        work = (event.phase, event.tile, event.evaluations) if isinstance(event, Progress) else ()
        if not isinstance(event, Progress) or work != self._work:
            self._work, self.last_step = work, time.monotonic()

    def _state_of_preview(self) -> tuple[int, int] | None:
        try:
            state = (self._run / PREVIEW).lstat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_ino

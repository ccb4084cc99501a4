"""The course of a run: how far through its plan it is, and whether it is time to stop."""

from __future__ import annotations

import time
from itertools import accumulate

from engine.events import Progress, Stop
from engine.grid import Grid
from engine.painter import Phase
from engine.picture import Picture
from engine.spec import Budget


class Course:
    """Counts jobs and watches the budget. Time decides when a run stops, never what it computes."""

    def __init__(self, plan: tuple[Phase, ...], grid: Grid, budget: Budget, stop: Stop) -> None:
        self._plan = plan
        passes = {(phase.level, phase.lay) for phase in plan}
        tiles = {(level, lay): len(grid.tiles(level, lay)) for level, lay in passes}
        self._tiles = [tiles[phase.level, phase.lay] for phase in plan]
        self._work = [0, *accumulate(phase.work for phase in plan)]  # before each phase
        self._budget = budget
        self._stop = stop
        self._started = time.monotonic()
        self._phase = 0
        self._tile = 0

    @property
    def jobs(self) -> int:
        """Jobs in the whole plan."""
        return sum(self._tiles)

    def elapsed(self) -> float:
        """Wall seconds since the start."""
        return time.monotonic() - self._started

    def advance(self) -> None:
        """Count one job as done."""
        self._tile += 1
        if self._tile > self._tiles[self._phase]:
            self._phase, self._tile = self._phase + 1, 1

    def verdict(self, picture: Picture) -> str | None:
        """Why to stop early: "interrupted", "time" or "error"; None to go on, or when all is done."""
        if self._is_done():
            return None
        if self._stop():
            return "interrupted"
        if self._budget.time is not None and self.elapsed() >= self._budget.time:
            return "time"
        if self._budget.error is not None and picture.error <= self._budget.error:
            return "error"
        return None

    def _is_done(self) -> bool:
        return self._phase == len(self._plan) - 1 and self._tile == self._tiles[-1]

    def progress(self, picture: Picture, peak_memory: int, job_seconds: float | None) -> Progress:
        """A message about all this; job_seconds: of the job just counted, None when there is none."""
        elapsed = self.elapsed()
        phase = self._plan[self._phase]
        share = self._tile / self._tiles[self._phase]
        before, after = self._work[self._phase : self._phase + 2]
        done = (before + (after - before) * share) / self._work[-1]
        estimates = [elapsed * (1 - done) / done] if done else []
        if self._budget.time is not None:
            estimates.append(max(0.0, self._budget.time - elapsed))
        return Progress(
            phase=self._phase + 1,
            phases=len(self._plan),
            action=phase.action,
            level=phase.level,
            tile=self._tile,
            tiles=self._tiles[self._phase],
            shapes=picture.marks,
            error=picture.error,
            evaluations=picture.evaluations,
            rate=picture.evaluations / elapsed,
            elapsed=elapsed,
            remaining=min(estimates, default=None),
            share=done,
            peak_memory=peak_memory,
            job_seconds=job_seconds,
        )

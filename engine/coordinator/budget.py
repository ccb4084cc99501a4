"""The course of a run: how far through its plan it is, and whether it is time to stop."""

from __future__ import annotations

import time
from itertools import accumulate
from typing import NamedTuple

from engine.coordinator.state import RunState
from engine.events import Progress, ShouldStop
from engine.formatting import SHAPES, Words
from engine.grid import Grid
from engine.painters.base import Phase
from engine.spec.models import BudgetSettings

TRUSTED = 0.1  # of the work, after which the clock is believed


class _Moment(NamedTuple):
    """How far a run was, when."""

    elapsed: float  # wall seconds of painting
    share: float  # of the planned work that is done, 0..1


class Budget:
    """Watches the budget. Time decides when a run stops, never what it computes."""

    def __init__(
        self,
        plan: tuple[Phase, ...],
        grid: Grid,
        budget: BudgetSettings,
        stop: ShouldStop,
        seconds: float = 0.0,
        ends: float | None = None,
        words: Words = SHAPES,
    ) -> None:
        """seconds: of painting that have been spent before. ends: the deadline, seconds since the epoch."""
        self._reserve = 0.0
        self._words = words
        self._plan = plan
        self._tiles = _tiles(plan, grid)
        self._work = [0, *accumulate(phase.work for phase in plan)]  # before each phase
        self._budget = budget
        self._ends = ends
        spans = [budget.time, None if ends is None else max(ends - time.time(), 0.0)]
        self._most_reserve = min((span / 2 for span in spans if span is not None), default=0.0)
        self._stop = stop
        self._started = time.monotonic() - seconds
        self._first: _Moment | None = None  # when the first job of this command was done

    @property
    def is_limited(self) -> bool:
        """Whether it may be time that ends the run."""
        return self._most_reserve > 0

    def reserve(self, seconds: float) -> None:
        """Leave time for the film, but not more than half of all."""
        self._reserve = min(seconds, self._most_reserve)

    def elapsed(self) -> float:
        """Wall seconds of painting."""
        return time.monotonic() - self._started

    def left(self) -> float | None:
        """Wall seconds that may still be painted for; None: as many as it takes."""
        limits = []
        if self._budget.time is not None:
            limits.append(self._budget.time - self.elapsed() - self._reserve)
        if self._ends is not None:
            limits.append(self._ends - time.time() - self._reserve)
        return min(limits, default=None)

    def stop_reason(self, state: RunState) -> str | None:
        """Why to stop: "finished", "interrupted", "time", "deadline" or "error"; None to go on."""
        if state.phase == len(self._plan) - 1 and state.done == self._tiles[-1]:
            return "finished"
        if self._stop():
            return "interrupted"
        if self._budget.error is not None and state.error <= self._budget.error:
            return "error"
        if self._budget.time is not None and self.elapsed() + self._reserve >= self._budget.time:
            return "time"
        if self._ends is not None and time.time() + self._reserve >= self._ends:
            return "deadline"
        return None

    def share(self, state: RunState) -> float:
        """Of the planned work that is done, 0..1."""
        before, after = self._work[state.phase : state.phase + 2]
        return (before + (after - before) * state.done / self._tiles[state.phase]) / self._work[-1]

    def progress(
        self, state: RunState, workers: int, peak_memory: int, job_seconds: float | None
    ) -> Progress:
        """A message about all this; job_seconds: of the job just taken in, None when there is none."""
        elapsed, done = self.elapsed(), self.share(state)
        phase = self._plan[state.phase]
        if self._first is None and job_seconds is not None:
            self._first = _Moment(elapsed, done)
        pace = self._pace(_Moment(elapsed, done), state.painting_seconds / workers)
        estimates = [] if pace is None else [pace * (1 - done)]
        if (left := self.left()) is not None:
            estimates.append(max(0.0, left))
        return Progress(
            phase=state.phase + 1,
            phases=len(self._plan),
            action=phase.action,
            level=phase.level,
            tile=state.done,
            tiles=self._tiles[state.phase],
            shapes=state.marks,
            error=state.error,
            evaluations=state.evaluations,
            rate=state.evaluations / elapsed,
            elapsed=elapsed,
            remaining=min(estimates, default=None),
            share=done,
            peak_memory=peak_memory,
            job_seconds=job_seconds,
            mark=self._words.mark,
            measure=self._words.error,
        )

    def _pace(self, now: _Moment, painting: float) -> float | None:
        """Wall seconds that all the planned work takes, as far as can be told by now.

        painting: processor seconds of each worker so far.

        From what the jobs so far have cost, at first; the clock has seen workers start as well, and knows
        better later, when it has seen them wait for each other.
        """
        if self._first is None or not now.share:
            return None
        by_jobs = painting / now.share
        seen = now.share - self._first.share
        by_clock = (now.elapsed - self._first.elapsed) / seen if seen else by_jobs
        trust = min(seen / TRUSTED, 1.0)
        return trust * by_clock + (1 - trust) * by_jobs


def count_jobs(plan: tuple[Phase, ...], grid: Grid) -> int:
    """Jobs in a whole plan."""
    return sum(_tiles(plan, grid))


def _tiles(plan: tuple[Phase, ...], grid: Grid) -> list[int]:
    """Of each phase."""
    passes = {(phase.level, phase.tiling) for phase in plan}
    counts = {(level, tiling): len(grid.tiles(level, tiling)) for level, tiling in passes}
    return [counts[phase.level, phase.tiling] for phase in plan]

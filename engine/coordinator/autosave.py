"""A run's folder is kept up to date beside the loop that paints: snapshots, preview and checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from engine.coordinator.beside import Beside
from engine.coordinator.budget import Budget
from engine.coordinator.recorder import Moment, Preview
from engine.coordinator.run import Run
from engine.errors import CheckpointError, RunError, SpaceError
from engine.events import EventHandler, Trouble
from engine.parallel.canvas import Canvas
from engine.scene.scene import Scene
from engine.spec.models import CheckpointSettings
from engine.storage.checkpoint import Checkpoint, Draft, write_checkpoint
from engine.storage.run_folder import RunFolder

RETRIES = 10  # within the grace; they are counted, as a machine that sleeps makes any time long


@dataclass
class _Copy:
    """The scene as the work beside the loop knows it, which follows the loop's."""

    scene: Scene

    def follow(self, news: Sequence[_Made]) -> Scene:
        """Put in what jobs have made meanwhile."""
        for made in news:
            self.scene = self.scene.put(made.parts)
        return self.scene


@dataclass(frozen=True)
class _Made:
    """Parts of tiles of one phase, which don't overlap."""

    phase: int
    parts: list[Any]


class Autosave:
    """Writes all that a run folder holds before the results: a context, as it has a thread of its own.

    The loop says what is new and what is due. To put it together, to pack it and to write it is done beside.
    """

    def __init__(
        self, run: Run, folder: RunFolder, canvas: Canvas, budget: Budget, emit: EventHandler
    ) -> None:
        self._run = run
        self._budget = budget
        self._beside = Beside(emit)
        self._copy = _Copy(run.state.scene)
        self._recorder = run.recorder(folder, self._beside.tell)
        self._preview = Preview(folder, canvas, run.spec.record.preview, self._beside.tell)
        self._schedule = CheckpointSchedule(folder, run.spec.checkpoint, run.generation, self._beside.tell)
        self._made: list[_Made] = []  # that the copy has not heard of,
        self._passed = 0  # and states that the recorder has not: it was not their turn
        self._shown = self._recorder.shown
        self._is_saving = self._is_drawing = False

    def __enter__(self) -> Self:
        self._beside.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beside.__exit__(kind, error, trace)

    def begin(self) -> None:
        """Make the folder one that can be gone on with."""
        if self._run.recorded is None:
            self._show()
        self.save(None)

    def note(self, *parts: Any) -> None:
        """Look at the picture after a job, which has made these parts."""
        if parts:
            if not self._made or self._made[-1].phase != self._run.state.phase:
                self._made.append(_Made(self._run.state.phase, []))
            self._made[-1].parts.extend(parts)
        if self._run.state.is_shown:
            self._show()
        if not self._is_drawing and self._preview.is_due():
            self._is_drawing = True
            self._beside.do(self._draw)

    def refresh(self) -> None:
        """Save the state when it is time; the error when that has failed for longer than the grace."""
        if not self._is_saving and self._schedule.is_due():
            self._save(None, self._schedule.attempt)
        self._beside.turn()

    def save(self, outcome: str | None) -> None:
        """Save the state now; outcome: how painting ended, None when it goes on or failed."""
        self._save(outcome, self._schedule.save)
        try:
            self._beside.wait()
        except RunError as error:
            raise CheckpointError(str(error)) from error

    def end(self) -> SpaceError | None:
        """Add the last state to snapshots and preview; why there are no snapshots, for want of space."""
        moment, news = self._moment(), self._news()
        self._beside.do(lambda: self._recorder.show_last(moment(self._copy.follow(news))))
        self._beside.do(lambda: self._preview.refresh(last=True))
        self._beside.wait()
        return self._recorder.shortage

    def _show(self) -> None:
        """Hand the state to the recorder when its turn may have come: only the recorder knows for sure."""
        may_be_due = self._shown % self._recorder.every == 0
        self._shown += 1
        if not may_be_due:
            self._passed += 1
            return
        moment, news, passed = self._moment(), self._news(), self._passed
        self._passed = 0

        def show() -> None:
            self._recorder.pass_over(passed)
            self._recorder.show(moment(self._copy.follow(news)))

        self._beside.do(show)

    def _draw(self) -> None:
        try:
            self._preview.refresh()
        finally:
            self._is_drawing = False

    def _save(self, outcome: str | None, write: Callable[[Checkpoint], bool]) -> None:
        """Have the state written."""
        state, seconds = self._run.state, self._budget.elapsed()
        draft: Draft = self._run.draft(self._budget.share(state), seconds, outcome)
        news, passed = self._news(), self._passed
        self._passed, self._is_saving = 0, True

        def save() -> None:
            try:
                self._recorder.pass_over(passed)
                scene = self._copy.follow(news)
                if write(draft.finished(scene.arrays(), self._recorder.state())):
                    self._recorder.settle()
            finally:
                self._is_saving = False

        self._beside.do(save)

    def _news(self) -> list[_Made]:
        made, self._made = self._made, []
        return made

    def _moment(self) -> Callable[[Scene], Moment]:
        """The state as a snapshot has it, but for its scene."""
        state, seconds = self._run.state, self._budget.elapsed()
        evaluations, error, marks, last = state.evaluations, state.error, state.marks, state.last
        return lambda scene: Moment(seconds, evaluations, error, marks, last, scene)


class CheckpointSchedule:
    """When checkpoints are due, and how long a disk may refuse them; the last good one stays in any case."""

    def __init__(
        self, folder: RunFolder, settings: CheckpointSettings, generation: int, emit: EventHandler
    ) -> None:
        """generation: of the checkpoint that the folder has; 0 for none."""
        self._folder = folder
        self._settings = settings
        self._generation = generation
        self._emit = emit
        self._due = time.monotonic()
        self._refusals = 0

    def is_due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() >= self._due

    def save(self, checkpoint: Checkpoint) -> bool:
        """Write a checkpoint, due or not; true, as an error is raised else."""
        write_checkpoint(self._folder, checkpoint, self._generation + 1)
        self._generation += 1
        self._refusals = 0
        self._due = time.monotonic() + self._settings.every
        return True

    def attempt(self, checkpoint: Checkpoint) -> bool:
        """Write a checkpoint; whether that went well. The error when it has not for longer than the grace."""
        try:
            return self.save(checkpoint)
        except (SpaceError, RunError) as error:
            if self._refusals >= RETRIES:
                raise error if isinstance(error, SpaceError) else CheckpointError(str(error)) from error
            grace = self._settings.grace
            if self._refusals == 0:
                what = str(error).partition(";")[0]
                consequence = f"painting goes on with the last good checkpoint, for {grace:g} s at most"
                self._emit(Trouble(f"{what}; {consequence}: free some space."))
            self._refusals += 1
            self._due = time.monotonic() + grace / RETRIES
            return False

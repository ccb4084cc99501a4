"""The keeper keeps a run's folder up to date while it is painted: snapshots, preview and checkpoints."""

from __future__ import annotations

import time

from engine.coordinator.budget import Budget
from engine.coordinator.recorder import Preview
from engine.coordinator.run import Run
from engine.errors import CheckpointError, RunError, SpaceError
from engine.events import EventHandler, Trouble
from engine.parallel.canvas import Canvas
from engine.spec.models import CheckpointSettings
from engine.storage.checkpoint import Checkpoint, write_checkpoint
from engine.storage.run_folder import RunFolder

RETRIES = 10  # within the grace; they are counted, as a machine that sleeps makes any time long


class Autosave:
    """Writes all that a run folder holds before the results."""

    def __init__(
        self, run: Run, folder: RunFolder, canvas: Canvas, budget: Budget, emit: EventHandler
    ) -> None:
        self._run = run
        self._budget = budget
        self._recorder = run.recorder(folder, emit)
        self._preview = Preview(folder, canvas, emit)
        self._schedule = CheckpointSchedule(folder, run.spec.checkpoint, run.generation, emit)

    def begin(self) -> None:
        """Make the folder one that can be gone on with."""
        if self._run.recorded is None:
            self._recorder.show(self._run.state, self._budget.elapsed())
        self.save(None)

    def note(self) -> None:
        """Look at the picture after a job."""
        if self._run.state.is_shown:
            self._recorder.show(self._run.state, self._budget.elapsed())
        self._preview.refresh()

    def refresh(self) -> None:
        """Save the state when it is time; the error when that has failed for longer than the grace."""
        if self._schedule.is_due() and self._schedule.attempt(self._checkpoint(None)):
            self._recorder.settle()

    def save(self, outcome: str | None) -> None:
        """Save the state now; outcome: how painting ended, None when it goes on or failed."""
        try:
            self._schedule.save(self._checkpoint(outcome))
        except RunError as error:
            raise CheckpointError(str(error)) from error
        self._recorder.settle()

    def end(self) -> SpaceError | None:
        """Add the last state to snapshots and preview; why there are no snapshots, for want of space."""
        self._recorder.show_last(self._run.state, self._budget.elapsed())
        self._preview.refresh(last=True)
        return self._recorder.shortage

    def _checkpoint(self, outcome: str | None) -> Checkpoint:
        share, seconds = self._budget.share(self._run.state), self._budget.elapsed()
        return self._run.checkpoint(share, seconds, self._recorder.state(), outcome)


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

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint, due or not."""
        write_checkpoint(self._folder, checkpoint, self._generation + 1)
        self._generation += 1
        self._refusals = 0
        self._due = time.monotonic() + self._settings.every

    def attempt(self, checkpoint: Checkpoint) -> bool:
        """Write a checkpoint; whether that went well. The error when it has not for longer than the grace."""
        try:
            self.save(checkpoint)
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
        return True

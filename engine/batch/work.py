"""What a task of a batch needs: one attempt after the other, until it is done or trying again is no use."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

from engine.batch.jobs_file import Task
from engine.batch.options import BatchOptions
from engine.batch.task_folder import Step, identity, next_step
from engine.errors import LockError, SpaceError, TesseraError, reason, resource_error
from engine.events import EventHandler, TaskEnded, TaskStarted
from engine.spec.models import RunSpec
from engine.spec.templates import filled, literal
from engine.storage.made import check_new
from engine.storage.run_folder import SPEC, RunFolder
from engine.storage.status import read_status
from engine.system.child_process import Ended, Stopping
from engine.system.clock import written

INPUT, OUT_OF_TIME, FAILED = 2, 3, 4  # exit codes
INTERRUPTED = (130, 143)
UNDONE = "its process said that all was well, but there is no finished run; look at what is in the way there."
NO_USE = (INPUT, LockError.exit_code, SpaceError.exit_code)  # to try again after these


@dataclass(frozen=True)
class Attempt:
    """A command that a task needs next."""

    number: int  # of the task
    spec: RunSpec
    step: Step
    moment: float | None  # its deadline, seconds since the epoch
    files: tuple[str, ...]  # that are made beside the folder
    flags: tuple[str, ...]

    def arguments(self, spec: Path, folder: Path, files: tuple[str, ...]) -> list[str]:
        """Of the command. spec: the file that has it, for a new run; folder, files: where they are made."""
        words = ["render", str(spec), "--out", literal(str(folder))]
        if self.step.action != "render":
            words = ["resume", str(folder)]
        if self.step.time is not None:
            words += ["--set", f"budget.time={self.step.time}"]
        # Also when there is none now: a run remembers the deadline of the night before.
        words += ["--set", f"budget.until={written(self.moment) if self.moment else 'null'}"]
        named = [word for name in files for word in ("-o", literal(name))]
        words += [*named, "--force"] if named else []  # an attempt before may have made some of them
        return [*words, "--json", *self.flags]


Steps = Generator[Attempt, Ended, TaskEnded]


def driven(steps: Steps, carry_out: Callable[[Attempt], Ended]) -> TaskEnded:
    """The result of a task whose attempts are carried out one after the other."""
    try:
        attempt = next(steps)
        while True:
            try:
                ended = carry_out(attempt)
            except Exception as exc:
                attempt = steps.throw(exc)
            else:
                attempt = steps.send(ended)
    except StopIteration as end:
        result: TaskEnded = end.value
        return result


class Work:
    """Knows what tasks need, and those that it has begun."""

    def __init__(
        self,
        outputs: RunFolder,
        options: BatchOptions,
        stopping: Stopping,
        emit: EventHandler,
    ) -> None:
        self._outputs = outputs
        self._options = options
        self._stopping = stopping
        self._emit = emit
        self._known: dict[tuple[str, str], int] = {}
        self._taken: dict[Path, int] = {}  # folders, by the task that they are of

    def perform(self, task: Task, result: TaskEnded, moment: float | None) -> Steps:
        """Fill in the result of a task: yields each attempt that it needs, and is sent how that ended.

        moment: its deadline, seconds since the epoch.
        """
        if task.spec is None:
            return replace(result, outcome="failed", why=task.problem, exit_code=INPUT)
        if self._stopping.number:
            return replace(result, why="the batch was interrupted before.")
        try:
            first = self._known.setdefault(identity(task.spec), result.number)
            is_wanted = self._options.files or task.spec.out  # beside what the other one has made
            if first != result.number and not is_wanted:
                return replace(result, outcome="skipped", why=f"it is the same as job {first}.")
            return (yield from self._carry_out(_with_folder(task.spec, result.number), result, moment))
        except TesseraError as exc:
            return replace(result, outcome="failed", why=str(exc), exit_code=exc.exit_code)
        except OSError as exc:
            where = f"{exc.filename}: " if exc.filename else ""
            why = str(resource_error(exc) or f"{where}{reason(exc)}.")
            return replace(result, outcome="failed", why=why, exit_code=FAILED)
        except Exception as exc:  # its own folder's doing perhaps: the others are made all the same
            unexpected = f"something unexpected went wrong ({exc!r}); please report it."
            why = str(resource_error(exc) or unexpected)
            return replace(result, outcome="failed", why=why, exit_code=FAILED)
        finally:  # what is there now speaks for itself
            self._taken = {path: who for path, who in self._taken.items() if who != result.number}

    def _carry_out(self, spec: RunSpec, result: TaskEnded, moment: float | None) -> Steps:
        """Render or resume until it is done, or until trying again is no use."""
        success = "done"
        files = [filled(template, spec, result.number) for template in self._options.files]
        while True:
            others = {path for path, number in self._taken.items() if number != result.number}
            step = next_step(spec, self._outputs.path, others)
            self._taken.setdefault(step.folder, result.number)
            if not result.attempts:
                if step.action == "skip" and not all(map(os.path.lexists, files)):
                    step = Step("resume", step.folder)  # which makes them
                if step.action == "render" and not self._options.force:
                    for name in files:
                        check_new(name)
            result = replace(result, folder=str(step.folder))
            if step.action == "wait":
                return replace(result, outcome="locked", why=step.why, exit_code=LockError.exit_code)
            if step.action == "skip":
                outcome, why = (success, "") if result.attempts else ("skipped", step.why)
                return _with_figures(replace(result, outcome=outcome, why=why), step.folder)
            if moment is not None and time.time() >= moment:
                why = result.why or "the deadline came before its turn."
                return _with_figures(replace(result, why=why), step.folder)
            if step.action == "resume" and not result.attempts:
                success = "resumed"
            is_new = step.action == "render"
            self._emit(TaskStarted(result.number, result.tasks, result.name, str(step.folder), not is_new))
            ended = yield Attempt(result.number, spec, step, moment, tuple(files), self._options.flags)
            if self._stopping.number and ended.code < 0:
                ended = replace(ended, code=128 + self._stopping.number)
            if ended.code == 0 and not _is_finished(step.folder):
                ended = Ended(FAILED, UNDONE, ended.troubles)
            result = _with_figures(_judged(result, ended, success), step.folder)
            is_final = result.outcome != "failed" or ended.code in NO_USE
            if is_final or self._stopping.number or result.attempts > self._options.retries:
                return result


def _with_folder(spec: RunSpec, number: int) -> RunSpec:
    """With the name of a task's folder filled in. number: of the task, which {n} stands for."""
    return spec if spec.out is None else spec.model_copy(update={"out": filled(spec.out, spec, number)})


def _judged(result: TaskEnded, ended: Ended, success: str) -> TaskEnded:
    """What a process's end means for its task. success: what it is called when all is well."""
    outcome, why = "failed", ended.message
    if ended.code == 0:
        outcome, why = success, ""
    elif ended.code == OUT_OF_TIME:
        outcome, why = "left", "the deadline came."
    elif ended.code in INTERRUPTED:
        outcome, why = "left", "it was interrupted."
    elif ended.code == LockError.exit_code:
        outcome = "locked"
    return replace(
        result,
        outcome=outcome,
        why=why,
        exit_code=ended.code,
        attempts=result.attempts + 1,
        troubles=(*result.troubles, *ended.troubles),
    )


def _is_finished(folder: Path) -> bool:
    """Whether a run is there with all that was asked for."""
    return RunFolder(folder).has(SPEC) and read_status(folder).state == "finished"


def _with_figures(result: TaskEnded, folder: Path) -> TaskEnded:
    if not RunFolder(folder).has(SPEC):
        return replace(result, folder=str(folder) if folder.exists() else None)
    status = read_status(folder)
    return replace(
        result,
        error=status.error,
        shapes=status.shapes,
        seconds=status.seconds,
        mark=status.mark,
        measure=status.measure,
    )

"""The story of a batch: tasks -> folders -> one process after the other -> summary."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from datetime import datetime

from engine.batch.cluster import paint_elsewhere
from engine.batch.jobs_file import Task
from engine.batch.options import BatchOptions
from engine.batch.work import FAILED, OUT_OF_TIME, Attempt, Work, driven
from engine.errors import LockError, SpaceError, TesseraError
from engine.events import BatchEnded, EventHandler, Notice, TaskEnded, Trouble
from engine.fork_server.client import ForkServer, at_hand
from engine.kernels.cache import store
from engine.painters.registry import LOAD_KERNELS
from engine.storage.lock import locked
from engine.storage.run_folder import RunFolder
from engine.system.child_process import Ended, Stopping, run
from engine.system.clock import deadline
from engine.system.notify import notify_of_batch

__all__ = ["BatchOptions", "batch"]
LOCK = ".batch.lock"  # in the outputs' folder, held by the batch that works there
CURRENT = ".batch.yaml"  # the spec of the task that has just begun
SUMMARY = "summary.json"
DONE = ("done", "resumed", "skipped")
WRONG = ("failed", "locked")
OUTCOMES = (*DONE, *WRONG, "left")
LOAD_COMMANDS = "importlib:import_module", "engine.api"


def batch(
    tasks: Sequence[Task], options: BatchOptions, emit: EventHandler, on_event: EventHandler
) -> BatchEnded:
    """Make all pictures; what is finished already is skipped, and no failure stops it.

    They are made one after the other, or several at a time on a cluster. However it ends, summary.json says
    so: what was not done by then is left.
    emit: gets the events of the batch. on_event: those of a task's process.
    Raises LockError when another batch works on the same outputs.
    """
    outputs = RunFolder.made(options.outputs)
    began, now = time.monotonic(), time.time()
    at = datetime.fromtimestamp(now).astimezone().isoformat(timespec="seconds")
    moments = [_deadline(task, options, now) for task in tasks]  # now: 06:00 is the same for the last one
    results: list[TaskEnded] = []
    fault: BaseException | None = None
    with (
        locked(outputs / LOCK, str(options.outputs)),
        Stopping() as stopping,
        nullcontext() if options.place.is_cluster else at_hand(*LOAD_COMMANDS) as server,
    ):
        work = Work(outputs, options, stopping, emit)
        steps = [
            work.perform(task, _untouched(task, number, len(tasks)), moment)
            for number, (task, moment) in enumerate(zip(tasks, moments, strict=True), 1)
        ]

        def note(result: TaskEnded) -> None:
            results.append(result)
            emit(result)
            if result.attempts and len(results) < len(tasks):
                _write_summary(outputs, _summed_up(results, at, began, "running", None), emit)

        try:
            if options.place.is_cluster:
                paint_elsewhere(steps, tasks, options, stopping, note, emit)
            else:
                here = _Here(outputs, stopping, emit, on_event, server)
                for each in steps:
                    note(driven(each, here.carry_out))
        except KeyboardInterrupt:  # the second one, while no job goes on
            stopping.number = stopping.number or signal.SIGINT
        except BaseException as exc:
            fault = exc
        results = sorted([*results, *_left(tasks, results, fault)], key=lambda each: each.number)
        outcome, code = _verdict(results, stopping.number, fault)
        ended = _summed_up(results, at, began, outcome, code)
        _write_summary(outputs, ended, emit)
        outputs.remove(CURRENT)
    if fault is None:
        emit(ended)
    notify_of_batch(options.notify, options.outputs, ended, emit)
    if fault is not None:
        raise fault
    return ended


class _Here:
    """Carries out attempts on this machine, one after the other."""

    def __init__(
        self,
        outputs: RunFolder,
        stopping: Stopping,
        emit: EventHandler,
        on_event: EventHandler,
        server: ForkServer | None,
    ) -> None:
        self._outputs, self._stopping, self._server = outputs, stopping, server
        self._emit, self._on_event = emit, on_event

    def carry_out(self, attempt: Attempt) -> Ended:
        """Render or resume once."""
        if sentence := store().news():
            self._emit(Notice(sentence))
        spec = self._outputs / CURRENT
        if attempt.step.action == "render":
            self._outputs.write(CURRENT, attempt.spec.to_yaml())
        if self._server is not None:
            self._server.prepare(LOAD_KERNELS, attempt.spec.painter.name, str(store().folder))
        arguments = attempt.arguments(spec, attempt.step.folder, attempt.files)
        return run(arguments, self._stopping, self._on_event, self._server)


def _summed_up(
    results: Sequence[TaskEnded], at: str, began: float, outcome: str, code: int | None
) -> BatchEnded:
    """A batch so far; at, began: when it began, as text and by the clock that never jumps."""
    counts = Counter(result.outcome for result in results)
    return BatchEnded(
        outcome=outcome,
        exit_code=code,
        began=at,
        seconds=round(time.monotonic() - began, 1),
        counts={outcome: counts[outcome] for outcome in OUTCOMES},
        jobs=tuple(results),
    )


def _untouched(task: Task, number: int, tasks: int) -> TaskEnded:
    """The result of a task before anything is done for it."""
    return TaskEnded(number, tasks, task.name, "left", "", None, 0, None, None, None, None, ())


def _left(
    tasks: Sequence[Task], results: Sequence[TaskEnded], fault: BaseException | None
) -> list[TaskEnded]:
    """The results of tasks that a batch ended before, which had done some of all its tasks."""
    done = {each.number for each in results}
    why = (
        "the batch was interrupted before."
        if fault is None
        else f"the batch was ended by an error: {fault!r}."
    )
    return [
        replace(_untouched(task, number, len(tasks)), why=why)
        for number, task in enumerate(tasks, 1)
        if number not in done
    ]


def _deadline(task: Task, options: BatchOptions, now: float) -> float | None:
    """When a task has to end, seconds since the epoch."""
    moments = [options.until, task.spec.budget.until if task.spec else None]
    return min((deadline(until, now) for until in moments if until), default=None)


def _verdict(
    results: Sequence[TaskEnded], signal_number: int, fault: BaseException | None
) -> tuple[str, int]:
    """The outcome of a whole batch, and its exit code. fault: what ended it before its time."""
    if fault is not None:
        return "failed", FAILED
    if all(result.outcome in DONE for result in results):
        return "done", 0
    if signal_number:
        return "interrupted", 128 + signal_number
    codes = {result.exit_code for result in results if result.outcome in WRONG}
    if not codes:
        return "left", OUT_OF_TIME
    if codes == {SpaceError.exit_code}:
        return "space", SpaceError.exit_code
    return ("locked", LockError.exit_code) if codes == {LockError.exit_code} else ("failed", FAILED)


def _write_summary(outputs: RunFolder, ended: BatchEnded, emit: EventHandler) -> None:
    try:
        outputs.write_json(SUMMARY, asdict(ended))
    except TesseraError as exc:  # the tasks have their own words about a full disk
        emit(Trouble(str(exc)))

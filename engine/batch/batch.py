"""The story of a batch: tasks -> folders -> one process after the other -> summary."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from engine.batch.jobs_file import Task
from engine.batch.task_folder import Step, identity, next_step
from engine.errors import LockError, SpaceError, TesseraError, reason, resource_error
from engine.events import BatchEnded, EventHandler, Notice, TaskEnded, TaskStarted, Trouble
from engine.fork_server.client import ForkServer, at_hand
from engine.kernels.cache import store
from engine.painters.registry import LOAD_KERNELS
from engine.spec.models import NotifySettings, RunSpec
from engine.spec.templates import filled, literal
from engine.storage.lock import locked
from engine.storage.made import check_new
from engine.storage.run_folder import SPEC, RunFolder
from engine.storage.status import read_status
from engine.system.child_process import Ended, Stopping, run
from engine.system.clock import deadline, written
from engine.system.notify import notify_of_batch

LOCK = ".batch.lock"  # in the outputs' folder, held by the batch that works there
CURRENT = ".batch.yaml"  # the spec of the task that has just begun
SUMMARY = "summary.json"
DONE = ("done", "resumed", "skipped")
WRONG = ("failed", "locked")
OUTCOMES = (*DONE, *WRONG, "left")
INPUT, OUT_OF_TIME, FAILED = 2, 3, 4  # exit codes
INTERRUPTED = (130, 143)
UNDONE = "its process said that all was well, but there is no finished run; look at what is in the way there."
NO_USE = (INPUT, LockError.exit_code, SpaceError.exit_code)  # to try again after these


@dataclass(frozen=True)
class BatchOptions:
    """What holds for all tasks of a batch."""

    outputs: Path
    until: str | None = None  # as budget.until
    retries: int = 1
    flags: tuple[str, ...] = ()  # of render and resume
    notify: NotifySettings = field(default_factory=NotifySettings)  # who is told how it ended
    files: Sequence[str] = ()  # templates of those that are made of each run, beside its folder
    force: bool = False  # whether they may replace what is there


def batch(
    tasks: Sequence[Task], options: BatchOptions, emit: EventHandler, on_event: EventHandler
) -> BatchEnded:
    """Make all pictures, one after the other; what is finished already is skipped, and no failure stops it.

    However it ends, summary.json says so: what was not done by then is left.
    emit: gets the events of the batch. on_event: those of a task's process.
    Raises LockError when another batch works on the same outputs.
    """
    outputs = RunFolder.made(options.outputs)
    began, now = time.monotonic(), time.time()
    at = datetime.fromtimestamp(now).astimezone().isoformat(timespec="seconds")
    moments = [_deadline(task, options, now) for task in tasks]  # now: 06:00 is the same for the last one
    results: list[TaskEnded] = []
    fault: BaseException | None = None
    loads = "importlib:import_module", "engine.api"
    with locked(outputs / LOCK, str(options.outputs)), Stopping() as stopping, at_hand(*loads) as server:
        work = _Work(outputs, options, stopping, emit, on_event, server)
        try:
            for number, (task, moment) in enumerate(zip(tasks, moments, strict=True), 1):
                results.append(work.perform(task, _untouched(task, number, len(tasks)), moment))
                emit(results[-1])
                if results[-1].attempts and number < len(tasks):
                    _write_summary(outputs, _summed_up(results, at, began, "running", None), emit)
        except KeyboardInterrupt:  # the second one, while no job goes on
            stopping.number = stopping.number or signal.SIGINT
        except BaseException as exc:
            fault = exc
        results += _left(tasks[len(results) :], len(results), len(tasks), fault)
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


class _Work:
    """Does one task after the other, and knows those that it has done."""

    def __init__(
        self,
        outputs: RunFolder,
        options: BatchOptions,
        stopping: Stopping,
        emit: EventHandler,
        on_event: EventHandler,
        server: ForkServer | None,
    ) -> None:
        self._outputs = outputs
        self._options = options
        self._stopping = stopping
        self._emit = emit
        self._on_event = on_event
        self._server = server
        self._known: dict[tuple[str, str], int] = {}

    def perform(self, task: Task, result: TaskEnded, moment: float | None) -> TaskEnded:
        """Fill in the result of a task. moment: its deadline, seconds since the epoch."""
        if task.spec is None:
            return replace(result, outcome="failed", why=task.problem, exit_code=INPUT)
        if self._stopping.number:
            return replace(result, why="the batch was interrupted before.")
        try:
            first = self._known.setdefault(identity(task.spec), result.number)
            is_wanted = self._options.files or task.spec.out  # beside what the other one has made
            if first != result.number and not is_wanted:
                return replace(result, outcome="skipped", why=f"it is the same as job {first}.")
            return self._carry_out(_with_folder(task.spec, result.number), result, moment)
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

    def _carry_out(self, spec: RunSpec, result: TaskEnded, moment: float | None) -> TaskEnded:
        """Render or resume until it is done, or until trying again is no use."""
        success = "done"
        files = [filled(template, spec, result.number) for template in self._options.files]
        while True:
            step = next_step(spec, self._outputs.path)
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
            ended = self._attempt(spec, step, result, moment, files)
            if self._stopping.number and ended.code < 0:
                ended = replace(ended, code=128 + self._stopping.number)
            if ended.code == 0 and not _is_finished(step.folder):
                ended = Ended(FAILED, UNDONE, ended.troubles)
            result = _with_figures(_judged(result, ended, success), step.folder)
            is_final = result.outcome != "failed" or ended.code in NO_USE
            if is_final or self._stopping.number or result.attempts > self._options.retries:
                return result

    def _attempt(
        self, spec: RunSpec, step: Step, result: TaskEnded, moment: float | None, files: Sequence[str]
    ) -> Ended:
        """Render or resume once. files: that are made beside the folder."""
        is_new = step.action == "render"
        if sentence := store().news():
            self._emit(Notice(sentence))
        self._emit(TaskStarted(result.number, result.tasks, result.name, str(step.folder), not is_new))
        if is_new:
            path = self._outputs.write(CURRENT, spec.to_yaml())
            arguments = ["render", str(path), "--out", literal(str(step.folder))]
        else:
            arguments = ["resume", str(step.folder)]
        if step.time is not None:
            arguments += ["--set", f"budget.time={step.time}"]
        # Also when there is none now: a run remembers the deadline of the night before.
        arguments += ["--set", f"budget.until={written(moment) if moment else 'null'}"]
        named = [word for name in files for word in ("-o", literal(name))]
        arguments += [*named, "--force"] if named else []  # an attempt before may have made some of them
        if self._server:
            self._server.prepare(LOAD_KERNELS, spec.painter.name, str(store().folder))
        arguments += ["--json", *self._options.flags]
        return run(arguments, self._stopping, self._on_event, self._server)


def _with_folder(spec: RunSpec, number: int) -> RunSpec:
    """With the name of a task's folder filled in. number: of the task, which {n} stands for."""
    return spec if spec.out is None else spec.model_copy(update={"out": filled(spec.out, spec, number)})


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


def _left(rest: Sequence[Task], done: int, tasks: int, fault: BaseException | None) -> list[TaskEnded]:
    """The results of tasks that a batch ended before, which had done some of all its tasks."""
    why = f"the batch was ended by an error: {fault!r}." if fault else "the batch was interrupted before."
    return [replace(_untouched(task, done + number, tasks), why=why) for number, task in enumerate(rest, 1)]


def _deadline(task: Task, options: BatchOptions, now: float) -> float | None:
    """When a task has to end, seconds since the epoch."""
    moments = [options.until, task.spec.budget.until if task.spec else None]
    return min((deadline(until, now) for until in moments if until), default=None)


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

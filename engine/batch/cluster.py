"""A batch on a Dask cluster: one picture for each slot, in folders that all see, or that come back."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import strict_json
from engine.batch.elsewhere import (
    FILES,
    IMPORTANCE,
    PROBE,
    RUN,
    START,
    TARGET,
    Done,
    Errand,
    Site,
    sees,
    stop,
)
from engine.batch.jobs_file import Task
from engine.batch.options import BatchOptions
from engine.batch.parcel import packed, unpacked
from engine.batch.work import FAILED, Attempt, Steps
from engine.errors import TesseraError, WorkerError, reason
from engine.events import EventHandler, Notice, TaskEnded
from engine.image.target import find_origin
from engine.parallel.open_cluster import open_cluster
from engine.parallel.place import MOST
from engine.parallel.pool import WorkerSetup
from engine.storage.checkpoint import read_checkpoint, write_checkpoint
from engine.storage.load import open_run
from engine.storage.run_folder import CHECKPOINTS, RESULT, SPEC, RunFolder
from engine.storage.trust import mark
from engine.storage.zoom_folder import check_replaceable
from engine.system.child_process import Ended, Stopping

THERE = "engine.batch.elsewhere"
PREPARE = "engine.coordinator.elsewhere:prepare_machine"
TOLD = ("target", "importance", "from")  # settings that a checkpoint knows, and which are otherwise elsewhere
MOST_BYTES = 1_000_000  # of a result
LOOK_AROUND = 0.2  # seconds between looks for a signal
ONE_WORKER = ("--workers", "1")  # for each picture: its slot


def paint_elsewhere(
    steps: Sequence[Steps],
    tasks: Sequence[Task],
    options: BatchOptions,
    stopping: Stopping,
    note: Callable[[TaskEnded], None],
    emit: EventHandler,
) -> None:
    """Carry out what tasks need, several at a time. note: is told each result. Raises WorkerError."""
    painters = sorted({task.spec.painter.name for task in tasks if task.spec is not None})
    batch, outputs = uuid.uuid4().hex[:12], options.outputs.absolute()

    def tell(text: str) -> None:
        emit(Notice(text))

    site = Site(batch, str(Path.cwd()), str(outputs))
    setup = WorkerSetup(f"{THERE}:attempt", f"{THERE}:open_site", (site,), PREPARE, tuple(painters))
    with contextlib.closing(open_cluster(options.place, setup, MOST, 1, 0, tell)) as pool:
        is_shared = _is_shared(pool.link, outputs)
        if not is_shared:
            tell(f"{outputs}: is not seen by all workers, so what they make is brought back.")
        _Crew(pool, steps, is_shared, stopping, note, batch).work()


class _Crew:
    """Hands out attempts, and takes in how they ended."""

    def __init__(
        self,
        pool: Any,
        steps: Sequence[Steps],
        is_shared: bool,
        stopping: Stopping,
        note: Callable[[TaskEnded], None],
        batch: str,
    ) -> None:
        self._pool, self._is_shared, self._note = pool, is_shared, note
        self._stopping, self._batch = stopping, batch
        self._waiting = deque(enumerate(steps, 1))
        self._running: dict[int, tuple[Steps, Attempt]] = {}
        self._is_told = False

    def work(self) -> None:
        """Until nothing is left."""
        while self._waiting or self._running:
            while self._waiting and len(self._running) < self._pool.workers:
                number, steps = self._waiting.popleft()
                self._go_on(number, steps, lambda steps=steps: next(steps))  # type: ignore[misc]
            if self._stopping.number and not self._is_told:
                self._is_told = True
                with contextlib.suppress(TesseraError):  # there is nobody who could be told
                    self._pool.link.run(stop, self._batch)
            try:
                for done in self._pool.completed(LOOK_AROUND):
                    self._take(done.number, lambda attempt, done=done: self._brought(attempt, done))  # type: ignore[misc]
                    break  # its slot is free
            except TesseraError as error:
                about = [error.job.attempt.number] if error.job else [*self._running]
                for number in about:
                    self._take(number, lambda attempt, error=error: Ended(FAILED, str(error), ()))  # type: ignore[misc]

    def _take(self, number: int, ended: Callable[[Attempt], Ended]) -> None:
        steps, attempt = self._running.pop(number)
        try:
            how = ended(attempt)
        except (OSError, ValueError) as exc:
            error = exc
            self._go_on(number, steps, lambda: steps.throw(error))
        else:
            self._go_on(number, steps, lambda: steps.send(how))

    def _go_on(self, number: int, steps: Steps, advance: Callable[[], Attempt]) -> None:
        """Do what a task needs next, if anything."""
        try:
            attempt = advance()
            while True:
                try:
                    errand = self._errand(attempt)
                    break
                except (OSError, ValueError) as exc:
                    attempt = steps.throw(exc)
        except StopIteration as end:
            self._note(end.value)
        else:
            self._running[number] = steps, attempt
            self._pool.submit(errand)

    def _errand(self, attempt: Attempt) -> Errand:
        if attempt.spec.workers == "auto" and "--workers" not in attempt.flags:
            attempt = replace(attempt, flags=(*attempt.flags, *ONE_WORKER))
        if self._is_shared:
            return Errand(attempt, None)
        files = {RUN: attempt.step.folder} if attempt.step.action == "resume" else _inputs(attempt)
        return Errand(attempt, packed(files))

    def _brought(self, attempt: Attempt, done: Done) -> Ended:
        """How an attempt ended, with what it has made in its place."""
        if done.parcel:
            bring_back(attempt, done.parcel)
        return done.ended


def bring_back(attempt: Attempt, parcel: bytes) -> None:
    """Put a run's folder, and the files that were made of it, where they are wanted."""
    folder = attempt.step.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}-{uuid.uuid4().hex[:8]}.part")
    try:
        unpacked(parcel, scratch)
        run = RunFolder(scratch / RUN)
        if run.has(SPEC):
            _rename(run, attempt)
        if run.path.is_dir():
            if folder.exists():
                shutil.rmtree(folder)
            run.path.rename(folder)
        for number, path in enumerate(map(Path, attempt.files)):
            made = scratch / FILES / str(number) / path.name
            if made.is_dir():
                check_replaceable(path)
                shutil.rmtree(path, ignore_errors=True)
            if made.exists():
                shutil.move(made, path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _rename(run: RunFolder, attempt: Attempt) -> None:
    """Let a run know its target by the name that it has here."""
    own = attempt.spec
    named = {name: getattr(own, name) for name in ("target", "importance", "start", "out")}
    spec = open_run(run.path).spec.model_copy(update=named)
    run.write(SPEC, spec.to_yaml())
    mark(run, spec)
    if not any(map(run.has, CHECKPOINTS)):
        return
    found, origin = read_checkpoint(run).checkpoint, find_origin(own.target, own.importance)
    header = replace(found.header, digest=spec.digest(), target=origin.path, mask=origin.mask)
    before = found.facts["spec"]
    facts = {**found.facts, "spec": {**before, **{name: spec.decisive()[name] for name in TOLD}}}
    for _ in CHECKPOINTS:
        header = replace(header, generation=header.generation + 1)
        write_checkpoint(run, replace(found, header=header, facts=facts), header.generation)
    if run.has(RESULT):
        result = strict_json.parse(run.read(RESULT, MOST_BYTES))
        run.write_json(RESULT, {**result, "digest": spec.digest()})


def _inputs(attempt: Attempt) -> dict[str, Path]:
    """The files that a new run begins with, by where they lie in a parcel."""
    spec = attempt.spec
    named = {TARGET: spec.target, IMPORTANCE: spec.importance, START: spec.start}
    paths = {name: Path(text) for name, text in named.items() if text is not None}
    return {f"{name}/{path.name}": path for name, path in paths.items() if path.exists()}


def _is_shared(link: Any, outputs: Path) -> bool:
    """Whether all workers see the outputs: what is written here is read there, and the other way round."""
    token = uuid.uuid4().hex
    probe = outputs / (PROBE + token)
    try:
        probe.write_text(token)
        answers = link.run(sees, str(outputs), token)
        return all(isinstance(name, str) and (outputs / name).is_file() for name in answers.values())
    except OSError as exc:
        raise WorkerError(f"{outputs}: can't be written ({reason(exc)}); choose other --outputs.") from exc
    finally:
        for path in outputs.glob(f"{PROBE}{token}*"):
            path.unlink(missing_ok=True)

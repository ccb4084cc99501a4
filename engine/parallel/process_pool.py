"""Jobs in worker processes, which may die without harm to the run."""

from __future__ import annotations

import contextlib
import errno
import pickle
import resource
import selectors
import signal
import time
import traceback
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import TesseraError, WorkerError, reason, shortage
from engine.fork_server.client import ForkServer
from engine.parallel.pool import RemoteTraceback, job_name, painter_error
from engine.parallel.worker import OUT_OF_MEMORY, Recipe, Reply
from engine.parallel.worker_process import WorkerProcess, conditions_at_birth

MAX_DEATHS = 3
DESCRIPTORS = (Path("/proc/self/fd"), Path("/dev/fd"))  # of this process, Linux's and macOS's
FILES_EACH = 3  # that stay open for a worker: two, and one more where a server has made it,
SPARE_FILES = 8  # and all that are open for a moment, when one is started or a file is written
GRACE = 1.0  # seconds that a worker gets to end before it is killed


@dataclass
class _Ticket:
    job: Any
    payload: bytes  # the job, pickled
    deaths: int = 0


@dataclass(eq=False)
class _Worker:
    slot: int
    process: WorkerProcess
    ready: bool = False
    ticket: _Ticket | None = None


class ProcessPool:
    """Runs jobs in processes; a worker that is killed costs one job's time.

    `step` and `setup` are "module:function" and are imported in the workers, where setup(*setup_args) runs
    once before the first job; what it returns, if it isn't None, is the step's first argument. A job whose
    worker dies goes to another one; a job whose step raises fails.
    """

    def __init__(
        self,
        step: str,
        workers: int,
        setup: str | None = None,
        setup_args: tuple[Any, ...] = (),
        nice: int = 0,
        threads: int = 1,
        server: ForkServer | None = None,
    ) -> None:
        """nice: how far at least the workers stand back behind other programs, 0 to 19.

        threads: of the numeric libraries of each. server: where workers come from, when it can make them.
        """
        if workers < 1:
            raise ValueError(f"a pool needs at least one worker, not {workers}")
        self.workers = workers
        self._server = server
        self._recipe = Recipe(step, setup, setup_args, nice, threads)
        self._queue: deque[_Ticket] = deque()
        self._answers: deque[tuple[Any, Reply | TesseraError]] = deque()  # jobs, and what came of them
        self._peaks = [0] * workers
        self._failed_starts = [0] * workers  # in a row; whoever stops a group ends many starting ones at once
        self._broken: WorkerError | None = None
        self._closed = False
        self._crew: list[_Worker] = []
        self._idle: deque[_Worker] = deque()
        self._pipes = selectors.DefaultSelector()  # of the crew: any of many is heard as quickly as one
        try:
            for slot in range(workers):
                self._start(slot)
        except BaseException:
            self.close()
            raise

    @property
    def peak_memory(self) -> int:
        """The sum of the workers' peaks of resident memory, in bytes, as of their latest results."""
        return sum(self._peaks)

    def submit(self, job: Any) -> None:
        """Put one more job in line, or give it to a worker that waits for one."""
        if self._closed:
            raise RuntimeError("the pool is closed")
        try:
            payload = pickle.dumps(job)
        except Exception as exc:
            self._answers.append((job, painter_error(job, repr(exc), traceback.format_exc())))
            return
        self._queue.append(_Ticket(job, payload))
        self._hand_out()

    def completed(self, timeout: float | None = None) -> Iterator[Any]:
        """Yield results as they are ready until no job is outstanding, or none came for `timeout` seconds.

        Raises PainterError for a job whose step raised or that can't be pickled, and WorkerError when a job
        has cost three workers their lives or when workers can't start.
        """
        heard = time.monotonic()
        while self._answers or self._queue or any(worker.ticket for worker in self._crew):
            if self._answers:
                yield _result(*self._answers.popleft())
                heard = time.monotonic()
            elif self._broken is not None:
                raise self._broken
            else:
                left = None if timeout is None else max(0.0, heard + timeout - time.monotonic())
                if not self._listen(left):
                    return

    def close(self) -> None:
        """Drop all jobs and end all workers, whatever they are doing. May be called twice."""
        self._closed = True
        self._queue.clear()
        self._answers.clear()
        for worker in self._crew:
            worker.process.terminate()
        ends = time.monotonic() + GRACE
        for worker in self._crew:
            worker.process.join(max(0.0, ends - time.monotonic()))
        for worker in self._crew:
            worker.process.kill()  # one that is stopped (SIGSTOP) does not hear the other signal
        while self._crew:
            self._dismiss(self._crew[-1])
        self._pipes.close()

    def _start(self, slot: int) -> None:
        with conditions_at_birth():
            try:
                process = WorkerProcess(self._recipe, self._server)
            except OSError as exc:
                self._broken = WorkerError(_unstarted(slot + 1, self.workers, exc))
                raise self._broken from exc
            worker = _Worker(slot, process)
            self._crew.append(worker)
            self._pipes.register(process.pipe, selectors.EVENT_READ, worker)

    def _hand_out(self) -> None:
        """Give the first jobs in line to the workers that are free.

        Nobody gets a second one in advance: both pipes could fill up, with each side waiting for the other.
        """
        while self._idle and self._queue:
            worker = self._idle.popleft()
            worker.ticket = self._queue.popleft()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # _listen() hears of it
                worker.process.pipe.send_bytes(worker.ticket.payload)

    def _listen(self, timeout: float | None) -> bool:
        """Hear all workers that speak or have died; false when there was none for `timeout` seconds."""
        ready = self._pipes.select(timeout)
        for key, _ in ready:
            self._hear(key.data)
        return bool(ready)

    def _hear(self, worker: _Worker) -> None:
        try:
            reply: Reply = worker.process.pipe.recv()
        except (EOFError, OSError):  # it died, perhaps in the middle of a sentence
            self._bury(worker)
            return
        self._peaks[worker.slot] = max(self._peaks[worker.slot], reply.peak_memory)
        ticket, worker.ticket = worker.ticket, None
        if reply.kind == "broken":
            reason, remote = pickle.loads(reply.payload)
            self._broken = WorkerError(f"a worker could not start: {reason}")
            self._broken.__cause__ = RemoteTraceback(remote)
            self._dismiss(worker)
            return
        self._idle.append(worker)
        self._hand_out()  # before anything else, as it waits
        if reply.kind == "ready":
            worker.ready = True
            self._failed_starts[worker.slot] = 0
        elif ticket is not None:
            self._answers.append((ticket.job, reply))

    def _bury(self, worker: _Worker) -> None:
        """Replace a dead worker and put its job first in line, or give up on what keeps killing workers."""
        cause = self._dismiss(worker)
        ticket = worker.ticket
        if not worker.ready:
            self._failed_starts[worker.slot] += 1
            if self._failed_starts[worker.slot] == MAX_DEATHS:
                self._broken = WorkerError(
                    f"workers can't start: {MAX_DEATHS} in a row died while starting, the last {cause}"
                )
                return
        elif ticket is not None:
            ticket.deaths += 1
            if ticket.deaths < MAX_DEATHS:
                self._queue.appendleft(ticket)
            else:
                error = WorkerError(
                    f"{job_name(ticket.job)}: {MAX_DEATHS} workers died on this job, the last {cause}"
                )
                self._answers.append((ticket.job, error))
        self._start(worker.slot)
        self._hand_out()

    def _dismiss(self, worker: _Worker) -> str:
        """Make sure that a worker has ended, and say how."""
        self._crew.remove(worker)
        self._pipes.unregister(worker.process.pipe)
        if worker in self._idle:
            self._idle.remove(worker)
        return _cause_of_death(worker.process.close(GRACE))


def _result(job: Any, reply: Reply | TesseraError) -> Any:
    """Unpack what a worker says about a job: its result, or the error is raised."""
    if isinstance(reply, TesseraError):
        raise reply
    try:
        payload = pickle.loads(reply.payload)
    except Exception as exc:
        error = painter_error(job, repr(exc), traceback.format_exc())
    else:
        if reply.kind == "result":
            return payload
        error = painter_error(job, *payload)
    raise error


def _unstarted(number: int, workers: int, exc: OSError) -> str:
    """Why a worker, from 1, could not be started, and what to do."""
    what = f"worker {number} of {workers} could not be started"
    open_now = next((len(list(path.iterdir())) for path in DESCRIPTORS if path.is_dir()), None)
    if exc.errno == errno.EMFILE and open_now is not None:
        needed = open_now + FILES_EACH * (workers - number + 1) + SPARE_FILES
        allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        files = f"{allowed} files may be open at a time, and about {needed} are needed"
        return f"{what}: {files}; raise that (ulimit -n {needed}), or use fewer --workers"
    return f"{what}: {shortage(exc) or f'{reason(exc)}; please report it'}"


def _cause_of_death(exitcode: int) -> str:
    if exitcode == OUT_OF_MEMORY:
        return "for want of memory: use fewer --workers"
    if exitcode == -signal.SIGKILL:
        return "killed by SIGKILL, often a sign of too little memory: use fewer --workers"
    if exitcode < 0:
        names = {number.value: number.name for number in signal.Signals}
        return f"killed by {names.get(-exitcode, f'signal {-exitcode}')}: please report it"
    return f"with exit code {exitcode}: please report it"

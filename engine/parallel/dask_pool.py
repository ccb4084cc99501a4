"""Jobs on a Dask cluster, whose workers, network and scheduler may go away without harm to the run."""

from __future__ import annotations

import contextlib
import pickle
import queue
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from engine.errors import TesseraError, WorkerError
from engine.formatting import duration
from engine.parallel.dask_link import WORKERS, Connection, Heard, Link, Removed
from engine.parallel.dask_local import end_cluster
from engine.parallel.dask_ticket import Ticket
from engine.parallel.dask_worker import Facts, Reply, Workshop, facts
from engine.parallel.pool import RemoteTraceback, WorkerSetup, job_name, painter_error

MAX_DEATHS = 3
MOST_BLAMES = 12  # of Dask's, which blames all that a dead worker had: a job that it gives up may be innocent
MOST_LOSSES = 100  # times that a job may be lost with a scheduler, a result or a context
AHEAD = 2  # jobs for each slot, one of them on its way, so that nobody waits for the network;
ENOUGH = 0.5  # more where they are so short that they come to less than so many seconds,
CROWD = 64  # up to so many
NOT_EQUAL = "the picture may differ in its bytes from that of one machine, and is as good"


class DaskPool:
    """Runs jobs on a Dask cluster; a worker that dies costs a job's time, and so does a scheduler.

    A setup, which has a run's context, goes to the workers once; jobs and results are pickled in the
    messages. What is lost on the way is done again, and it is a job of its own that is blamed for a death.
    """

    def __init__(
        self,
        address: Any,
        setup: WorkerSetup,
        workers: int,
        grace: float,
        tell: Callable[[str], None],
        nice: int = 0,
    ) -> None:
        """address: of a scheduler, or a cluster of our own, which ends with the pool.

        workers: how many jobs at a time there may be. grace: seconds that a lost scheduler is waited for.
        nice: how far its workers stand back. Raises WorkerError when no scheduler answers.
        """
        if workers < 1:
            raise ValueError(f"a pool needs at least one worker, not {workers}")
        self._wanted, self._grace, self._tell = workers, grace, tell
        self._own = None if isinstance(address, str) else address
        self._queue: deque[Ticket] = deque()
        self._answers: deque[tuple[Any, TesseraError | None]] = deque()
        self._out: dict[str, Ticket] = {}  # by all keys that an unfinished job has had
        self._unfinished: set[Ticket] = set()  # those that are out
        self._peaks: dict[str, int] = {}
        self._slots: dict[str, int] = {}
        self._told: set[Facts] = set()
        self._connection: Connection | None = None
        self._alone_since: float | None = None  # when the last worker went
        self._broken: TesseraError | None = None
        self._closed = False
        self._mean = 1.0  # seconds of the latest jobs
        self._token, self._number = uuid.uuid4().hex[:8], 0
        self.link = Link(address, Workshop(pickle.dumps(setup), nice), grace)
        self._slots = dict(self.link.client.nthreads())

    @property
    def workers(self) -> int:
        """How many jobs it can run at a time now; 1 at least, as some worker is waited for."""
        return max(1, min(self._wanted, sum(self._slots.values())))

    @property
    def peak_memory(self) -> int:
        """The sum of the workers' peaks of resident memory, in bytes, as of their latest results."""
        return sum(self._peaks.values())

    def submit(self, job: Any) -> None:
        """Put one more job in line."""
        if self._closed:
            raise RuntimeError("the pool is closed")
        self._queue.append(Ticket(job, 0))
        self._hand_out()

    def completed(self, timeout: float | None = None) -> Iterator[Any]:
        """Yield results as they are ready until no job is outstanding, or none came for `timeout` seconds.

        Raises PainterError for a job whose step raised or that can't be pickled, and WorkerError when a job
        has cost three workers their lives, workers can't start, or the scheduler does not come back.
        """
        heard = time.monotonic()
        while self._answers or self._queue or self._unfinished:
            if self._answers:
                result, error = self._answers.popleft()
                if error is not None:
                    raise error
                yield result
                heard = time.monotonic()
            elif self._broken is not None:
                raise self._broken
            else:
                left = None if timeout is None else heard + timeout - time.monotonic()
                if not self._listen(left):
                    return

    def close(self) -> None:
        """Drop all jobs, and end the workers if they are ours. May be called twice."""
        if self._closed:
            return
        self._closed, self._connection = True, None
        for waiting in (self._queue, self._answers, self._unfinished, self._out):
            waiting.clear()
        self.link.close()
        if self._own is not None:
            end_cluster(self._own)

    def _hand_out(self) -> None:
        """Submit jobs that are in line, as many as there are slots for and some on their way."""
        connection = self._connection
        if connection is None or not self._queue:
            return
        if connection.client.status != "running":
            self._lose(connection.number)
            return
        slots = sum(self._slots.values())
        ahead = max(AHEAD, min(CROWD, round(ENOUGH / max(self._mean, 0.001))))
        most = min(self._wanted, slots) if self._wanted < slots else ahead * slots
        while self._queue and len(self._unfinished) < most:
            ticket = self._queue.popleft()
            try:
                payload = pickle.dumps(ticket.job)
            except Exception as exc:
                self._answers.append((None, painter_error(ticket.job, repr(exc), traceback.format_exc())))
                continue
            self._number += 1
            ticket.number = self._number
            key = f"tessera-{self._token}-{self._number}"
            ticket.keys.append(key)
            self._out[key] = ticket
            self._unfinished.add(ticket)
            ticket.future = self.link.submit(connection, key, payload)

    def _listen(self, timeout: float | None) -> bool:
        """Hear what there is to be heard; false when it was nothing for `timeout` seconds."""
        ends = [] if timeout is None else [max(0.0, timeout)]
        if self._alone_since is not None:
            ends.append(max(0.0, self._alone_since + self._grace - time.monotonic()))
        try:
            heard = self.link.heard.get(timeout=min(ends, default=None))
        except queue.Empty:
            if self._alone_since is None or time.monotonic() < self._alone_since + self._grace:
                return False
            self._broken = self.link.gave_up(f"there has been no worker for {duration(self._grace)}", WORKERS)
            return True
        self._hear(heard)
        with contextlib.suppress(queue.Empty):
            while True:
                self._hear(self.link.heard.get_nowait())
        self._hand_out()
        return True

    def _hear(self, heard: Heard) -> None:
        connection = self._connection
        if heard.what == "failed":
            self._broken = heard.about
        elif heard.what == "ready":
            self._begin(heard.about)
        elif heard.what == "slots":
            self._count(heard.about)
        elif connection is None or heard.link != connection.number:
            return  # of a scheduler that is gone
        elif heard.what == "lost":
            self._lose(heard.link)
        elif heard.what == "removed":
            self._bury(connection, heard.about)
        else:
            ticket = self._out.get(heard.key)
            if ticket in self._unfinished and ticket.keys[-1] == heard.key:  # and not in line again
                self._answer(ticket, heard)

    def _begin(self, connection: Connection) -> None:
        """Go on with a new connection, or a new context on the old one."""
        self._connection = connection
        self._count(connection.slots)
        for worker, found in connection.facts.items():
            self._compare(worker, found)

    def _count(self, slots: dict[str, int]) -> None:
        self._slots = dict(slots)
        if self._slots:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()

    def _lose(self, number: int) -> None:
        """Do all anew that the scheduler of a connection knew of; look for another one, or the same again."""
        if self._connection is None or self._connection.number != number:
            return
        self._connection = None
        self._take_back()
        self._tell(f"{self.link.name}: the scheduler is gone; it is waited for, {duration(self._grace)}.")
        self.link.again()

    def _take_back(self) -> None:
        """Put all jobs that are out in line again, in their order."""
        for ticket in sorted(self._unfinished, key=lambda each: each.number, reverse=True):
            self._again(ticket)

    def _again(self, ticket: Ticket) -> None:
        """Put a job first in line."""
        ticket.losses += 1
        if ticket.losses > MOST_LOSSES:
            self._end(ticket, None, WorkerError(f"{job_name(ticket.job)}: was lost {MOST_LOSSES} times"))
            return
        ticket.future = None
        self._unfinished.discard(ticket)
        self._queue.appendleft(ticket)

    def _bury(self, connection: Connection, removed: Removed) -> None:
        """A worker is gone: blame the jobs that it was at, those that came to it first."""
        slots = self._slots.pop(removed.worker, 1)
        self._count(self._slots)
        had = {self._out[key] for key in removed.keys if key in self._out} & self._unfinished
        for ticket in sorted(had, key=lambda each: each.number)[:slots]:
            if not removed.is_expected:
                self._blame(ticket, f"with {removed.worker}: its log may say why")
        if connection.context.key in removed.lost:
            self._connection = None
            self._take_back()
            self.link.renew(connection)

    def _blame(self, ticket: Ticket, how: str) -> None:
        ticket.deaths += 1
        if ticket.deaths >= MAX_DEATHS:
            what = f"{MAX_DEATHS} workers died on this job, the last {how}"
            self._end(ticket, None, WorkerError(f"{job_name(ticket.job)}: {what}"))

    def _answer(self, ticket: Ticket, heard: Heard) -> None:
        if heard.what == "answer":
            self._hear_reply(ticket, heard.about)
        elif heard.what == "killed":  # by Dask's count, which is not ours
            ticket.blames += heard.about.allowed_failures + 1
            if ticket.blames >= MOST_BLAMES:
                ticket.deaths = MAX_DEATHS
                self._blame(ticket, "again and again")
            else:
                self._again(ticket)
        elif heard.what == "erred":
            self._broken = WorkerError(f"a worker could not start: {heard.about!r}")
        else:
            self._again(ticket)

    def _hear_reply(self, ticket: Ticket, reply: Reply) -> None:
        self._peaks[reply.worker] = max(self._peaks.get(reply.worker, 0), reply.peak_memory)
        self._mean += (reply.seconds - self._mean) / 8
        self._compare(reply.worker, reply.facts)
        if reply.kind == "shortage":
            self._again(ticket)
            ticket.deaths += 1
            if ticket.deaths >= MAX_DEATHS:
                self._queue.remove(ticket)
                what = f"{MAX_DEATHS} workers had too little memory for this job"
                self._end(ticket, None, WorkerError(f"{job_name(ticket.job)}: {what}"))
            return
        try:
            payload = pickle.loads(reply.payload)
        except Exception as exc:
            self._end(ticket, None, painter_error(ticket.job, repr(exc), traceback.format_exc()))
            return
        if reply.kind == "broken":
            self._broken = WorkerError(f"a worker could not start: {payload[0]}")
            self._broken.__cause__ = RemoteTraceback(payload[1])
        elif reply.kind == "failure":
            self._end(ticket, None, painter_error(ticket.job, *payload))
        else:
            self._end(ticket, payload, None)

    def _end(self, ticket: Ticket, result: Any, error: TesseraError | None) -> None:
        """A job is over."""
        ticket.future = None  # which lets the scheduler forget it
        self._unfinished.discard(ticket)
        for key in ticket.keys:
            self._out.pop(key, None)
        if error is not None:
            error.job = ticket.job
        self._answers.append((result, error))

    def _compare(self, worker: str, found: Facts) -> None:
        """Tell once of each kind of worker that differs from this machine."""
        if found in self._told or found == facts():
            return
        self._told.add(found)
        what = ", ".join(found.differences(facts()))
        self._tell(f"{self.link.name}: {worker} has {what}: {NOT_EQUAL}.")

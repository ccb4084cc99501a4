"""Who looks on is told what is new of jobs, by Server-Sent Events.

What is told is the state, not what has led to it: a reader who is slow, or comes back, misses nothing, and
nothing is kept for him but the newest state of what he looks at.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol
from weakref import WeakSet

from anyio import to_thread

from engine.web.refused import Refused
from engine.web.store import Job

OFTEN = 0.125  # seconds from one state to the next at least
HEARTBEAT = 15.0  # seconds, within which something is said, so that nobody on the way takes it for dead
MOST, MOST_OF_ONE = 1000, 30  # feeds at a time, in all and of one visitor
RETRY = b"retry: 1000\n\n"  # milliseconds after which a reader comes back whose connection was lost
STILL_THERE = b": still there\n\n"
CROWDED = "Too many pages look on at this moment; close some and load this one again."

log = logging.getLogger("tessera.web")

Curve = Sequence[tuple[float, float]]  # seconds of painting, error


class Record(Protocol):
    """What is told of a job."""

    def model_dump_json(self) -> str:
        """As JSON."""


class _Feed:
    """What one reader has not been told yet; its methods are for whoever holds the hub's lock."""

    def __init__(self, visitor: str, job: str | None) -> None:
        """job: the only one that he looks at."""
        self.visitor, self.job = visitor, job
        self.is_over = False
        self.woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._states: dict[str, str] = {}  # of jobs, by their ids
        self._gone: dict[str, None] = {}
        self._curve: Curve = ()
        self._told: Curve = ()  # of the curve

    def put(self, job: str, state: str, curve: Curve) -> None:
        """A job's newest state."""
        self._states[job] = state
        self._curve = curve
        self.wake()

    def begin(self, job: str, state: str, curve: Curve) -> None:
        """A job's state as it was when the reader came, unless there has been a newer one."""
        if job not in self._states and job not in self._gone:
            self.put(job, state, curve)

    def put_gone(self, job: str) -> None:
        """A job has been deleted."""
        self._states.pop(job, None)
        self._gone[job] = None
        self.is_over = self.is_over or job == self.job
        self.wake()

    def wake(self) -> None:
        """Let the reader's own loop look."""
        with suppress(RuntimeError):  # that loop has ended
            self._loop.call_soon_threadsafe(self.woken.set)

    def take(self) -> list[tuple[str, str]]:
        """What is new, as names and data of events."""
        self.woken.clear()
        states, self._states = self._states, {}
        gone, self._gone = self._gone, {}
        events = [("job", state) for state in states.values()]
        if self.job is not None:
            events += _of_curve(self._told, self._curve)
            self._told = self._curve
        return [*events, *(("gone", json.dumps({"id": job})) for job in gone)]


class Hub:
    """Knows who looks on; publishing is for any thread, feeds are for an event loop."""

    def __init__(
        self, record: Callable[[Job], Record], jobs_of: Callable[[str], Sequence[Job]] = lambda visitor: ()
    ) -> None:
        """record: what is told of a job; called in the thread that publishes. jobs_of: all of a visitor's."""
        self._record, self._jobs_of = record, jobs_of
        self._lock = threading.Lock()
        self._feeds = WeakSet[_Feed]()  # nobody says when a reader has gone that never began to read
        self._is_closed = False

    def publish(self, job: Job) -> None:
        """A job is otherwise than before."""
        feeds = self._feeds_of(job)
        if not feeds:
            return
        try:
            state = self._record(job).model_dump_json()
        except Exception:  # who paints goes on, whoever looks on
            log.exception("job %s can't be told of", job.id)
            return
        with self._lock:
            for feed in feeds:
                feed.put(job.id, state, job.curve)

    def gone(self, job: Job) -> None:
        """A job has been deleted."""
        feeds = self._feeds_of(job)
        with self._lock:
            for feed in feeds:
                feed.put_gone(job.id)

    def of_job(self, job: Job) -> AsyncGenerator[bytes, None]:
        """What is new of a job, beginning with how it is now; ends when it is deleted. Refused."""
        return self._events(self._joined(job.visitor, job.id), lambda: [job])

    def of_visitor(self, visitor: str) -> AsyncGenerator[bytes, None]:
        """What is new of any job of a visitor's, beginning with how they are now; Refused."""
        return self._events(self._joined(visitor, None), lambda: self._jobs_of(visitor))

    def close(self) -> None:
        """End all feeds, and those that are still asked for."""
        with self._lock:
            self._is_closed = True
            for feed in list(self._feeds):
                feed.is_over = True
                feed.wake()

    @property
    def readers(self) -> int:
        """How many look on."""
        with self._lock:
            return len(self._feeds)

    def _feeds_of(self, job: Job) -> list[_Feed]:
        """Whoever has to be told of a job."""
        with self._lock:
            return [
                feed
                for feed in self._feeds
                if feed.job == job.id or (feed.job is None and feed.visitor == job.visitor)
            ]

    def _joined(self, visitor: str, job: str | None) -> _Feed:
        with self._lock:
            own = sum(feed.visitor == visitor for feed in self._feeds)
            if len(self._feeds) >= MOST or own >= MOST_OF_ONE:
                raise Refused(503, CROWDED, {"Retry-After": "10"})
            feed = _Feed(visitor, job)
            feed.is_over = self._is_closed
            self._feeds.add(feed)
            return feed

    async def _events(self, feed: _Feed, first: Callable[[], Sequence[Job]]) -> AsyncGenerator[bytes, None]:
        number = 0
        try:
            yield RETRY
            states = await to_thread.run_sync(
                lambda: [(job, self._record(job).model_dump_json()) for job in first()]
            )
            with self._lock:
                for job, state in states:
                    feed.begin(job.id, state, job.curve)
            while True:
                with self._lock:
                    news, is_over = feed.take(), feed.is_over
                for name, data in news:
                    number += 1
                    yield f"id: {number}\nevent: {name}\ndata: {data}\n\n".encode()
                if is_over:
                    return
                if news:
                    await asyncio.sleep(OFTEN)
                if not await _within(feed.woken, HEARTBEAT):
                    yield STILL_THERE
        finally:
            with self._lock:
                self._feeds.discard(feed)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether something has happened by then."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


def _of_curve(told: Curve, curve: Curve) -> Iterator[tuple[str, str]]:
    """What has to be said so that somebody knows a curve who knows another one."""
    known = len(told)
    if known and known <= len(curve) and all(told[at] == curve[at] for at in (0, known // 2, known - 1)):
        for point in curve[known:]:
            yield "point", json.dumps(point)
    elif curve:
        yield "curve", json.dumps({"points": list(curve)})

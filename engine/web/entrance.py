"""Who sends a picture, and who waits for it to be decoded: in measure, and without holding up others."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from engine.web.refused import Refused

Found = TypeVar("Found")
DECODERS = 2  # at a time
MOST = 100  # that wait for them
SENDING = "You are sending {most} pictures already; wait until one of them has come."
CROWDED = "Too many pictures are coming in at this moment; try again in a minute."


class Entrance:
    """Lets pictures in; for one event loop, but `held` for any thread."""

    def __init__(self, most_of_one: int) -> None:
        """most_of_one: pictures that a visitor may send at a time."""
        self._most_of_one = most_of_one
        self._lock = threading.Lock()
        self._own: Counter[str] = Counter()
        self._decoders = CapacityLimiter(DECODERS)
        self._waiting = 0

    @contextmanager
    def held(self, visitor: str) -> Iterator[None]:
        """While somebody sends a picture, until it is decoded; Refused (429) for too many at a time."""
        with self._lock:
            if self._own[visitor] >= self._most_of_one:
                raise Refused(429, SENDING.format(most=self._most_of_one), {"Retry-After": "10"})
            self._own[visitor] += 1
        try:
            yield
        finally:
            with self._lock:
                self._own[visitor] -= 1
                self._own += Counter()  # forgets those who send none

    async def decoded(self, decode: Callable[[], Found]) -> Found:
        """What decoding comes to, in a thread, when its turn has come; Refused (503) when too many wait.

        Who waits has no thread, so that there are always some for all other requests.
        """
        if self._waiting >= MOST + DECODERS:
            raise Refused(503, CROWDED, {"Retry-After": "60"})
        self._waiting += 1
        try:
            return await to_thread.run_sync(decode, limiter=self._decoders)
        finally:
            self._waiting -= 1

"""What comes in with a request: read whole within limits, or as a stream that has to keep moving."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
from starlette.types import Message, Receive

from engine.web.refused import Refused

MOST = 64_000  # bytes of the body of a request that is no upload
SECONDS = 20.0  # that it may take
GRACE = 30.0  # seconds that any stream may take, and may pause
LEAST_RATE = 10_000  # bytes a second, on the whole, of one that takes longer
_DRAINED = 32_000_000  # bytes that are read and dropped, so that a refusal is heard,
_DRAINING = 10.0  # for so many seconds
_SLOW = "It came too slowly; try again with a better connection."


@dataclass
class Incoming:
    """The body of a request; `clock`: seconds.

    A client that is still sending doesn't hear why it is refused: what is left is read before that is said.
    """

    receive: Receive
    is_asked: bool = True  # whether the body comes by itself, without `Expect: 100-continue`
    clock: Callable[[], float] = time.monotonic
    is_over: bool = False
    has_begun: bool = field(default=False, init=False)

    async def whole(self, most: int = MOST, seconds: float = SECONDS) -> bytes:
        """All of it; Refused when it is larger (413), slower (408), or when its sender has gone (400)."""
        parts, size = [], 0
        with anyio.move_on_after(seconds):
            while not self.is_over:
                message = await self.next()
                if message["type"] == "http.disconnect":
                    raise Refused(400, "The connection was lost.")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > most:
                    raise Refused(413, f"That is more than the {most // 1000} kB that this address takes.")
            return b"".join(parts)
        raise self._too_slow()

    async def next(self) -> Message:
        """What comes next."""
        self.has_begun = True
        message = await self.receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self.is_over = True
        return message

    async def drained(self) -> None:
        """Read the rest and forget it, for a while."""
        if self.is_over or not (self.is_asked or self.has_begun):
            return
        size = 0
        with anyio.move_on_after(_DRAINING):
            while not self.is_over and size < _DRAINED:
                size += len((await self.next()).get("body", b""))

    def moving(self) -> Receive:
        """The same as a stream that Refused (408) ends when it is too slow."""
        began, size = self.clock(), 0

        async def receive() -> Message:
            nonlocal size
            if self.is_over:  # what else comes is that the client goes
                return await self.receive()
            with anyio.move_on_after(GRACE):
                message = await self.next()
                size += len(message.get("body", b""))
                if size >= LEAST_RATE * (self.clock() - began - GRACE):
                    return message
            raise self._too_slow()

        return receive

    def _too_slow(self) -> Refused:
        self.is_over = True  # nobody waits for the rest
        return Refused(408, _SLOW)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A body that has been read, and then what else comes."""
    waiting: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again

"""Connections that don't hold the server up: who is slow to ask, or doesn't take an answer, is given up."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from engine.web.options import LOOPBACK

ASKING = 20.0  # seconds that the headers of a request may take
TAKING = 60_000  # milliseconds for which nothing of an answer need be taken
EACH = 200  # connections at a time that an address has, so that one visitor can't take all there are
MOST_HEADERS = 32_000  # bytes that are waited with, for uvicorn's h11_max_incomplete_event_size


class Connection(H11Protocol):
    """A connection to a browser or program, for uvicorn's `http`."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            with contextlib.suppress(OSError):  # a connection of another kind has no such limit
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKING)
        if self._has_too_many():
            transport.close()
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Something has come."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._stop()
        super().connection_lost(exc)

    def _has_too_many(self) -> bool:
        """Whether its address has more connections than it may; behind a proxy all have the proxy's."""
        if self.client is None or self.config.proxy_headers or self.client[0] in LOOPBACK:
            return False
        clients = [getattr(each, "client", None) for each in self.connections]
        return sum(1 for client in clients if client and client[0] == self.client[0]) > EACH

    def _watch(self) -> None:
        """While headers are waited for there is a time when that ends, which bytes don't put off."""
        is_asking = self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None
        if not is_asking or self.transport.is_closing():
            self._stop()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(ASKING, self.transport.close)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

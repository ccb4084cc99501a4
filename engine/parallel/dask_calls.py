"""Calls over a Dask client that have an end, whatever is at the other one."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import queue
import threading
from collections.abc import Callable
from typing import Any

from distributed import Client

CALL = 3.0  # seconds that a scheduler has to answer each time that it is tried again,
MARGIN = 1.0  # and a bit more, for Dask says better what is wrong
SILENCE = 30.0  # and to say something at all while it works: a machine that is stopped keeps its lines open
ANSWERS = 30.0  # seconds that workers have to say who they are


class ExplicitClient(Client):
    """A client that is closed by whoever has made it, and at once when it can't be made.

    Dask's is closed by the garbage collector, too: if that comes by while this very thread makes another one
    both wait for the same lock, for ever.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        try:
            super().__init__(*arguments, **options)
        except BaseException:
            close(self)
            raise

    def __del__(self) -> None:
        """Nothing."""


def everywhere(client: Any, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
    """What a function says on each worker, see Link.run; TimeoutError when it takes too long."""

    async def ask() -> Any:
        return await client.run(function, *arguments, on_error="return", asynchronous=True)

    answers: dict[str, Any] = _answer(client, ask, ANSWERS)
    return answers


def slots_of(client: Any) -> dict[str, int]:
    """How many jobs at a time its workers do, by address; TimeoutError for a scheduler that says nothing."""
    return dict(_answer(client, client.scheduler.ncores, SILENCE))


def _answer(client: Any, ask: Callable[[], Any], seconds: float) -> Any:
    """What is answered within so many seconds."""

    async def asking() -> Any:
        return await ask()

    asked = asyncio.run_coroutine_threadsafe(asking(), client.loop.asyncio_loop)
    try:
        return asked.result(seconds)
    except TimeoutError:
        asked.cancel()
        raise


def client_at(address: Any, seconds: float) -> Client:
    """Somebody who has answered; TimeoutError, an OSError, where nobody does, and others of Dask's."""
    made, is_given_up = queue.Queue[Client | BaseException](), threading.Event()

    def make() -> None:
        try:
            found = ExplicitClient(address, timeout=seconds, set_as_default=False, direct_to_workers=False)
        except BaseException as exc:
            made.put(exc)
        else:
            made.put(found)
            if is_given_up.is_set():
                close(found)

    # In a thread, as Dask waits for ever for the first words of whoever has taken the call.
    threading.Thread(target=make, daemon=True).start()
    try:
        answer = made.get(timeout=seconds + MARGIN)
    except queue.Empty as exc:
        is_given_up.set()
        raise TimeoutError(errno.ETIMEDOUT, "whoever listens says nothing") from exc
    if isinstance(answer, BaseException):
        raise answer
    return answer


def close(client: Client) -> None:
    """Let go of a scheduler that may be gone."""
    with contextlib.suppress(Exception):
        client.close(timeout=CALL)

"""A connection to a Dask scheduler, made again when it is lost; what is heard there goes into a queue."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, NamedTuple

from distributed import Client, Future, KilledWorker
from distributed.versions import VersionMismatchWarning

from engine.errors import TesseraError, WorkerError, reason
from engine.formatting import duration
from engine.parallel.dask_calls import CALL, client_at, close, everywhere, slots_of
from engine.parallel.dask_worker import Facts, Workshop, facts, work

FIRST_CALL = 10.0  # seconds that a scheduler has to answer at the start
GATHERED = 0.005  # that results are waited for, so that one message fetches several
PAUSE = 0.2  # between two looks at whether somebody is there now,
ROUND = 0.5  # and at who is
LOGGERS = ("distributed.client", "distributed.batched", "distributed.core", "distributed.comm",
           "distributed.scheduler", "distributed.nanny", "distributed.worker")  # fmt: skip

WORKERS = "start some (dask worker)"
NO_TESSERA = "has no Tessera that its Dask can import ({}); install the same one on all machines"


class Removed(NamedTuple):
    """A worker is gone."""

    worker: str
    keys: frozenset[str]  # of the tasks that it had
    lost: frozenset[str]  # what was scattered, and nobody else has
    is_expected: bool  # it was asked to go


class Heard(NamedTuple):
    """Something of a cluster."""

    what: Literal["ready", "slots", "removed", "answer", "killed", "erred", "cancelled", "lost", "failed"]
    about: Any = None
    key: str = ""  # of the task that it is about
    link: int = 0  # the connection that it was heard of


@dataclass
class Connection:
    """A scheduler that answers, and its workers, who have the context."""

    client: Client
    number: int
    context: Future
    slots: dict[str, int]  # jobs at a time, by worker
    facts: dict[str, Facts]
    done: deque[tuple[str, Future]] = field(default_factory=deque)  # what is to be fetched


class Link:
    """Connects in a thread of its own, so that nobody has to wait for a machine that is far away."""

    def __init__(self, address: Any, workshop: Workshop, grace: float) -> None:
        """address: of a scheduler, or a cluster of our own. Raises WorkerError when nobody answers there."""
        self.heard: queue.Queue[Heard] = queue.Queue()
        self.name = address if isinstance(address, str) else "local cluster"
        self._address, self._workshop, self._grace = address, workshop, grace
        self._number = 0
        self._is_closed = False
        self._client: Client | None = None
        self.client = self._connect(FIRST_CALL)
        threading.Thread(target=self._begin, args=(self.client, self._ends()), daemon=True).start()

    def again(self) -> None:
        """Make a new connection, and say so when there is one; until the grace has passed."""
        self._forget()
        ends = self._ends()
        threading.Thread(target=self._reconnect, args=(ends,), daemon=True).start()

    def renew(self, connection: Connection) -> None:
        """Give all workers the context anew, as the last one that had it is gone."""
        arguments = connection.client, self._ends(), connection.facts
        threading.Thread(target=self._begin, args=arguments, daemon=True).start()

    def submit(self, connection: Connection, key: str, payload: bytes) -> Future:
        """Let a worker do a job; what comes of it is heard."""
        future = connection.client.submit(work, connection.context, payload, key=key, pure=False)
        future.add_done_callback(lambda done: self._ended(connection, key, done))
        return future

    def run(self, function: Callable[..., Any], *arguments: Any) -> dict[str, Any]:
        """What a function says on each worker, by its address; what it has raised there is an answer too.

        Raises WorkerError when no worker comes while the grace lasts, or none answers.
        """
        ends = self._ends()
        try:
            while not self.client.nthreads():
                if time.monotonic() > ends:
                    raise self._nobody()
                time.sleep(PAUSE)
            return everywhere(self.client, function, *arguments)
        except (OSError, TimeoutError) as exc:
            raise WorkerError(f"{self.name}: its workers do not answer ({reason(exc)})") from exc

    def close(self) -> None:
        """Let go of everything there: the scheduler drops what is left to be done."""
        self._is_closed = True
        self._forget()

    def _ends(self) -> float:
        return time.monotonic() + self._grace

    def _tell(self, what: Any, about: Any = None, key: str = "", link: int | None = None) -> None:
        self.heard.put(Heard(what, about, key, self._number if link is None else link))

    def _connect(self, seconds: float) -> Client:
        for name in LOGGERS:  # all that matters is told otherwise
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", category=VersionMismatchWarning)  # we compare ourselves
        warnings.filterwarnings("ignore", "Sending large graph")  # some jobs are
        try:
            client = client_at(self._address, seconds)
        except (OSError, ImportError, ValueError, TypeError) as exc:
            raise WorkerError(
                f"{self.name}: no Dask scheduler answers there ({reason(exc)}); start one (dask scheduler), "
                "or give another --pool."
            ) from exc
        self._number += 1
        self._client = client
        threading.Thread(target=self._watch, args=(client, self._number), daemon=True).start()
        return client

    def _begin(self, client: Client, ends: float, known: dict[str, Facts] | None = None) -> None:
        """Make a connection ready; another one, when the scheduler goes away meanwhile."""
        if not self._make_ready(client, ends, known):
            self._forget()
            self._reconnect(ends)

    def _reconnect(self, ends: float) -> None:
        while not self._is_closed:
            with contextlib.suppress(WorkerError):
                self.client = self._connect(CALL)
                if self._is_closed or not self._make_ready(self.client, ends):
                    self._forget()
                else:
                    return
            if time.monotonic() > ends:
                what = f"the scheduler has been gone for {duration(self._grace)}"
                self._tell("failed", self.gave_up(what, "start it again (dask scheduler)"))
                return
            time.sleep(PAUSE)

    def _make_ready(self, client: Client, ends: float, known: dict[str, Facts] | None = None) -> bool:
        """Wait for workers, hear who they are unless that is known, and give them the context.

        False when that went wrong, and is to be tried with another connection.
        """
        number = self._number
        try:
            while not (slots := slots_of(client)):
                if self._is_closed:
                    return True
                if time.monotonic() > ends:
                    self._tell("failed", self._nobody())
                    return True
                time.sleep(PAUSE)
                if client.status != "running":
                    return self._is_closed
            known = self._ask(client) if known is None else known
            context = client.scatter(self._workshop, broadcast=True, hash=False)
        except TesseraError as error:
            self._tell("failed", error)
        except Exception:  # the scheduler is gone, or a worker that was to get the context
            return self._is_closed
        else:
            self._tell("ready", Connection(client, number, context, slots, known), link=number)
        return True

    def _ask(self, client: Client) -> dict[str, Facts]:
        """Who the workers are, as far as they say; WorkerError for those that have no Tessera."""

        with contextlib.suppress(TimeoutError):
            answers = everywhere(client, facts)
            for worker, answer in answers.items():
                if isinstance(answer, ImportError | AttributeError):
                    raise WorkerError(f"{self.name}: the worker {worker} {NO_TESSERA.format(answer)}.")
            return {worker: answer for worker, answer in answers.items() if isinstance(answer, Facts)}
        return {}

    def _watch(self, client: Any, number: int) -> None:
        """Tell who works there, and who is gone; as long as it is this connection that counts."""
        known: dict[str, int] = {}
        while self._is_current(client):
            try:
                slots = slots_of(client)
                for worker in slots.keys() - known.keys():
                    client.subscribe_topic(worker, partial(self._hear_event, number, worker))
                if slots != known:
                    self._tell("slots", slots, link=number)
                known = slots
            except TimeoutError:
                self._tell("lost", link=number)
            except Exception:  # whatever else is wrong is noticed otherwise
                pass
            time.sleep(ROUND)

    def _is_current(self, client: Any) -> bool:
        return client is self._client

    def _hear_event(self, number: int, worker: str, event: tuple[float, Any]) -> None:
        """What a scheduler says about a worker."""
        # Not of all workers at once: among that is what Dask itself can't put into a message.
        said = event[1]
        if isinstance(said, dict) and said.get("action") == "remove-worker":
            keys = frozenset(map(str, said["processing-tasks"]))
            lost = frozenset(map(str, said["lost-scattered-tasks"]))
            self._tell("removed", Removed(worker, keys, lost, bool(said.get("expected"))), link=number)

    def _ended(self, connection: Connection, key: str, future: Future) -> None:
        """Called in a thread of Dask's when a task has an end, of whatever kind."""
        if future.status == "finished":
            connection.done.append((key, future))
            if len(connection.done) == 1:  # the others go with it
                loop: Any = connection.client.loop
                loop.add_callback(self._fetch, connection)
        elif future.status == "error":
            try:
                error = future.exception(timeout=CALL)
            except Exception:  # nobody can say any more
                self._tell("cancelled", None, key, connection.number)
            else:
                what = "killed" if isinstance(error, KilledWorker) else "erred"
                self._tell(what, error, key, connection.number)
        elif connection.client.status != "running":
            self._tell("lost", link=connection.number)
        else:
            self._tell("cancelled", None, key, connection.number)

    async def _fetch(self, connection: Connection) -> None:
        """Get all results that are ready."""
        await asyncio.sleep(GATHERED)
        batch = []
        while connection.done:
            batch.append(connection.done.popleft())
        if not batch:
            return
        try:
            found = await connection.client.gather([future for _, future in batch], asynchronous=True)
        except Exception:  # one of them is lost: each for itself
            for key, future in batch:
                try:
                    (reply,) = await connection.client.gather([future], asynchronous=True)
                except Exception:
                    self._tell("cancelled", None, key, connection.number)
                else:
                    self._tell("answer", reply, key, connection.number)
            return
        for (key, _), reply in zip(batch, found, strict=True):
            self._tell("answer", reply, key, connection.number)

    def _nobody(self) -> WorkerError:
        return self.gave_up(f"no worker has come for {duration(self._grace)}", WORKERS)

    def gave_up(self, what: str, mend: str) -> WorkerError:
        """That the grace has passed; what: is missing, mend: what to do about it."""
        return WorkerError(f"{self.name}: {what} (--pool-grace); {mend}, or go on without --pool.")

    def _forget(self) -> None:
        """Close a client without waiting for a scheduler that is gone."""
        client, self._client = self._client, None
        if client is not None:
            closing = threading.Thread(target=close, args=(client,), daemon=True)
            closing.start()
            closing.join(CALL)

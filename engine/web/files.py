"""What can be looked at and taken home of a job: what its run has made, and what is made when asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio.to_thread

from engine.errors import TesseraError
from engine.fork_server.client import ForkServer
from engine.storage.files import is_plain
from engine.storage.run_folder import PREVIEW, RunFolder
from engine.web.keep import bytes_of
from engine.web.kinds import (
    KINDS,
    LEAST_SIDE,
    PICTURE,
    SPEC,
    WHILE_PAINTED,
    Kind,
    download_name,
    is_possible,
    longest_side,
)
from engine.web.makers import LATER, Makers, Task
from engine.web.making import STOPPED, Order, clear, make, stamp_of, sweep
from engine.web.options import JOBS, RUN, ServeOptions
from engine.web.refused import Refused
from engine.web.store import Job, Store

MADE = "made"  # in a job's folder: what was made when it was asked for
PATIENCE = 55.0  # seconds that a request waits; proxies often wait a minute
NO_SUCH = "A painting has no file of that name; its `files` say what there is."
NOT_YET = "It is still being painted; until it has ended only the picture and the preview are there."
NOTHING = "Nothing has been painted yet; wait for its turn."
STILL_MADE = "It is still being made; ask again in a moment."
FULL = "Your paintings take all the room that there is for them; delete one, and ask again."
DELETED = "The picture was deleted; only what was painted of it is left."
NO_PLOTTER = "This server has nothing installed for plotters; result.svg has the shapes, too."
WITHOUT_SIZE = "Only result.png can be had in a size; ask for this one without it."


class Files:
    """The files of all jobs; may be used from any thread."""

    def __init__(self, options: ServeOptions, store: Store, server: ForkServer | None = None) -> None:
        """server: may have loaded what commands need. What a killed server has left half made goes."""
        self._options, self._store, self._server = options, store, server
        self._jobs = options.outputs.absolute() / JOBS
        self._makers = Makers(self._made)
        self._possible = frozenset(name for name, kind in KINDS.items() if is_possible(kind))
        for folder in self._jobs.glob(f"*/{MADE}"):
            sweep(folder)

    def close(self) -> None:
        """Make no more; what is being made is given up."""
        self._makers.close()

    def folder(self, job: Job) -> Path:
        """All that is kept of a job."""
        return self._jobs / job.id

    def available(self, job: Job) -> tuple[str, ...]:
        """The names of the files that can be asked for now."""
        folder = self.folder(job)
        is_painted = not job.is_waiting and stamp_of(folder / RUN) is not None
        names = [name for name in (KINDS if is_painted else WHILE_PAINTED) if name in self._possible]
        missing = {name for name, path in _fixed(folder).items() if not is_plain(path.parent, path.name)}
        return tuple(name for name in names if name not in missing)

    async def get(self, job: Job, name: str, size: int | None = None, most: int | None = None) -> Path:
        """A whole file, which is made if it isn't there yet; Refused.

        size: longest side, pixels, of result.png. most: likewise, where it is as large as it was painted.
        """
        found = await anyio.to_thread.run_sync(self.find, job, name, size, most)
        if isinstance(found, Order):
            await _end_of(self._makers.ask(job, found))
            return found.path
        return found

    def find(self, job: Job, name: str, size: int | None = None, most: int | None = None) -> Path | Order:
        """Where a file is, or how it can be made; Refused. size, most: as for `get`."""
        kind = self._kind(name, size)
        folder = self.folder(job)
        if (fixed := _fixed(folder).get(name)) is not None:
            return _there(fixed)
        if job.is_waiting:
            raise Refused(409, NOT_YET, LATER)
        run = folder / RUN
        if (stamp := stamp_of(run)) is None:
            raise Refused(409, NOTHING)
        if kind.is_sized and size is None and most is not None and longest_side(run / str(kind.own)) > most:
            size = most
        if kind.own is not None and size is None and is_plain(run, kind.own):
            return run / kind.own
        stem = name.removesuffix(kind.suffix)
        pixels = f"-{size}" if size is not None else ""
        made = folder / MADE / f"{stem}{pixels}.{stamp}{kind.suffix}"
        if is_plain(made.parent, made.name):
            return made
        flags = ("--size", str(size)) if size is not None else ()
        return Order(name, run, made, (*kind.command, *flags), stamp)

    @contextmanager
    def released(self, job: Job) -> Iterator[None]:
        """Let nothing be made of a job, nor its run be held, while it is about to go on or to be deleted.

        What was made of it before is removed.
        """
        with self._makers.barred(job.id):
            clear(self.folder(job) / MADE, None)
            yield

    def _kind(self, name: str, size: int | None) -> Kind:
        if (kind := KINDS.get(name)) is None:
            raise Refused(404, NO_SUCH)
        if size is not None and not kind.is_sized:
            raise Refused(422, WITHOUT_SIZE)
        most = self._options.limits.result_size
        if size is not None and not LEAST_SIDE <= size <= most:
            raise Refused(422, f"size: {size} must be from {LEAST_SIDE} to {most} pixels.")
        if name not in self._possible:
            raise Refused(422, NO_PLOTTER)
        return kind

    def _made(self, task: Task) -> None:
        """Make a file, when its turn has come."""
        job, order = self._store.get(task.job.id), task.order
        if job is None:
            raise Refused(404, STOPPED)
        if job.is_waiting:
            raise Refused(409, STOPPED)
        if self._store.bytes_of(job.visitor) >= self._options.limits.visitor_bytes:
            raise Refused(413, FULL)
        if is_plain(order.path.parent, order.path.name):  # another request was faster
            return
        if order.name == SPEC:
            _write_spec(job, order)
        else:
            make(order, task.stopping, self._server)
        clear(order.path.parent, order.stamp)
        with suppress(TesseraError):  # it is counted the next time
            self._store.update(job.id, bytes=bytes_of(self.folder(job)))


async def _end_of(making: Future[None]) -> None:
    """Wait for it, but not for ever; Refused."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def tell(_: Future[None]) -> None:
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(ended.set)

    making.add_done_callback(tell)
    try:
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
    except TimeoutError as exc:
        raise Refused(503, STILL_MADE, LATER) from exc
    making.result()


def _fixed(folder: Path) -> dict[str, Path]:
    """What is there or not, and never made."""
    return {PICTURE: folder / PICTURE, PREVIEW: folder / RUN / PREVIEW}


def _there(path: Path) -> Path:
    if is_plain(path.parent, path.name):
        return path
    raise Refused(409, NOTHING) if path.name == PREVIEW else Refused(404, DELETED)


def _write_spec(job: Job, order: Order) -> None:
    """The settings of a run, as a file that paints it again beside the downloaded picture."""
    from engine.painters.registry import PAINTERS, params_of
    from engine.spec.resolution import resolve
    from engine.storage.documents import run_document

    spec = resolve([run_document(RunFolder(order.run))], params_of, PAINTERS).bare()
    picture = download_name(job.name, "", KINDS[PICTURE])
    text = spec.model_copy(update={"target": picture, "out": None}).to_yaml()
    order.path.parent.mkdir(exist_ok=True)
    RunFolder(order.path.parent).write(order.path.name, text)

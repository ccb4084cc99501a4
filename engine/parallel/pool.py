"""Pools run jobs: `submit(job)`, then `completed()` yields the results as they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from engine.errors import PainterError, resource_error


@dataclass(frozen=True)
class Resources:
    """What the work of a worker can use; the pool obeys."""

    max_workers: int | None = None  # None: as many as there are cores
    threads: int = 1  # of each worker's numeric libraries
    device: Literal["cpu", "cuda"] = "cpu"
    memory: int = 260_000_000  # bytes that a worker takes, about


@dataclass(frozen=True)
class WorkerSetup:
    """What a worker does: `opened = open(*args)` once, then `step(opened, job)` for each job.

    Both are "module:function", imported where the work is done. So is `prepare`, which is called before
    `open` where a worker may be on another machine.
    """

    step: str
    open: str
    args: tuple[Any, ...] = ()
    prepare: str | None = None
    prepare_args: tuple[Any, ...] = ()


class Pool(Protocol):
    """Whatever can run jobs."""

    @property
    def workers(self) -> int:
        """How many jobs it can run at a time."""

    @property
    def peak_memory(self) -> int:
        """The sum of the workers' peaks of resident memory, in bytes, as far as it is known."""

    def submit(self, job: Any) -> None:
        """Put one more job in line."""

    def completed(self, timeout: float | None = None) -> Iterator[Any]:
        """Yield results as they are ready, in any order, until no job is outstanding.

        Jobs may be submitted meanwhile. With `timeout` it also ends when nothing came for that many seconds.
        Raises PainterError for a job that failed; the other jobs are still there for the next call.
        """

    def close(self) -> None:
        """Drop all jobs and leave no process behind. May be called twice."""


class InlinePool:
    """Runs jobs in this process, one after the other, while completed() is iterated."""

    workers = 1
    peak_memory = 0  # its work is this process's own

    def __init__(self, step: Callable[[Any], Any]) -> None:
        self._step = step
        self._queue: deque[Any] = deque()
        self._closed = False

    def submit(self, job: Any) -> None:
        """Put one more job in line."""
        if self._closed:
            raise RuntimeError("the pool is closed")
        self._queue.append(job)

    def completed(self, timeout: float | None = None) -> Iterator[Any]:
        """Yield results in the order of submission; no `timeout` can pass, as there is nobody to wait for.

        Raises PainterError for a job that failed, ResourceError for want of memory.
        """
        while self._queue:
            job = self._queue.popleft()
            try:
                result = self._step(job)
            except Exception as exc:
                if (shortage := resource_error(exc, job_name(job))) is not None:
                    raise shortage from exc
                raise painter_error(job, repr(exc)) from exc
            yield result

    def close(self) -> None:
        """Drop all jobs."""
        self._closed = True
        self._queue.clear()


class RemoteTraceback(Exception):  # noqa: N818 - it is the cause of an error, and is never raised itself
    """The traceback of a painter's exception as its worker saw it: the __cause__ of a PainterError."""


def painter_error(job: Any, reason: str, remote: str | None = None) -> PainterError:
    """What a job's failure is told as; remote: the traceback of the process that it happened in."""
    error = PainterError(
        f"{job_name(job)}: the painter failed with {_shorten(reason, 200)}, and would again: please report it"
    )
    if remote is not None:
        error.__cause__ = RemoteTraceback(remote)
    return error


def job_name(job: Any) -> str:
    """How messages speak of a job."""
    return _shorten(str(getattr(job, "name", job)), 60)


def _shorten(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 3] + "..."

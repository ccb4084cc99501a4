"""Who makes files that are asked for: a few at a time, one of a job, each once however many ask for it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.web.limited import Limited
from engine.web.making import MEMORY, SECONDS, STOPPED, Order
from engine.web.refused import Refused
from engine.web.store import Job

AT_ONCE = 2  # files that are made at a time
MOST_ASKED = 40  # that are made or wait for it, of all visitors,
MOST_OF_ONE = 8  # and of one
LATER = {"Retry-After": "5"}
TOO_MANY = "Too many files are being made just now; ask again in a moment."


@dataclass(eq=False)
class Task:
    """A file that waits to be made, or is being made."""

    job: Job
    order: Order
    stopping: Limited = field(default_factory=lambda: Limited(MEMORY, SECONDS))
    done: Future[None] = field(default_factory=Future)


class Makers:
    """May be asked from any thread."""

    def __init__(self, make: Callable[[Task], None]) -> None:
        """make: makes a file, in a thread; its Refused is told to all who have asked."""
        self._make = make
        self._changing = threading.Lock()
        self._tasks: list[Task] = []  # the first is the next,
        self._begun: set[Task] = set()  # unless another of its job is among these
        self._barred: list[str] = []  # jobs of which nothing is made
        self._threads = ThreadPoolExecutor(AT_ONCE, "maker")
        self._is_closed = False

    def ask(self, job: Job, order: Order) -> Future[None]:
        """Have it made; what is returned ends when it is. Refused when there is too much to do."""
        with self._changing:
            same = (task for task in self._tasks if task.order.path == order.path)
            if (found := next(same, None)) is not None:
                return found.done
            if job.id in self._barred:
                raise Refused(409, STOPPED)
            of_one = sum(task.job.visitor == job.visitor for task in self._tasks)
            if self._is_closed or len(self._tasks) >= MOST_ASKED or of_one >= MOST_OF_ONE:
                raise Refused(503, TOO_MANY, LATER)
            task = Task(job, order)
            self._tasks.append(task)
            self._threads.submit(self._work)
        return task.done

    @contextmanager
    def barred(self, job_id: str) -> Iterator[None]:
        """Let nothing be made of a job within the block; what is being made is given up before."""
        with self._changing:
            self._barred.append(job_id)
            given_up = [task for task in self._tasks if task.job.id == job_id]
        try:
            _end(given_up)
            yield
        finally:
            with self._changing:
                self._barred.remove(job_id)

    def close(self) -> None:
        """Make no more; what is being made is given up."""
        with self._changing:
            self._is_closed = True
            given_up = list(self._tasks)
        _end(given_up)
        self._threads.shutdown()

    def _work(self) -> None:
        """Make the next file, if there is one whose job has no other one in the making."""
        if (task := self._next()) is None:
            return
        try:
            if task.stopping.number:
                raise Refused(409, STOPPED)
            self._make(task)
        except BaseException as exc:
            self._forget(task)
            task.done.set_exception(exc)
        else:
            self._forget(task)
            task.done.set_result(None)

    def _next(self) -> Task | None:
        with self._changing:
            busy = {task.job.id for task in self._begun}
            free = (task for task in self._tasks if task not in self._begun and task.job.id not in busy)
            if (task := next(free, None)) is not None:
                self._begun.add(task)
            return task

    def _forget(self, task: Task) -> None:
        with self._changing:
            self._tasks.remove(task)
            self._begun.remove(task)
            if not self._is_closed or self._tasks:  # one that had to wait for it
                self._threads.submit(self._work)


def _end(tasks: list[Task]) -> None:
    """Give up what is being made, and what waits."""
    for task in tasks:
        task.stopping.stop(signal.SIGTERM)
    wait([task.done for task in tasks])

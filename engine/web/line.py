"""Whose turn it is: a fair order of what waits, and when each will be painted."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple

from engine.web.store import Job

TURN = 600.0  # seconds after a visitor's painting began in which those who come before the next one
LEFT_AT_LEAST = 0.02  # of a job's cost, however far it is: it has to be begun and ended, too


class Turn(NamedTuple):
    """When it is a job's turn."""

    place: int  # in the line, from 1
    wait: float  # seconds, estimated


def ordered(queued: Sequence[Job], painting: Sequence[Job], began: Mapping[str, float]) -> list[Job]:
    """The jobs that wait, in the order in which they are painted.

    Visitors take turns: nobody's second job comes before another's first. Among those whose turn it is the
    one goes first who has waited longest, and a painting that has just begun counts as a wait for some
    minutes that somebody else may have: whoever asks for one thing after the other doesn't overtake others,
    nor is he overtaken for ever. What had been begun when the server was ended goes on first.

    began: when each visitor's last painting began, seconds since the epoch.
    """
    begun = {**began}
    for job in painting:
        begun[job.visitor] = max(job.began or 0.0, begun.get(job.visitor, 0.0))
    again = sorted((job for job in queued if job.began is not None), key=_when_begun)
    others = sorted((job for job in queued if job.began is None), key=_by_visitor)
    rounds = zip_longest(*(list(own) for _, own in groupby(others, key=lambda job: job.visitor)))
    taking_turns: list[Job] = []
    for one_each in rounds:
        jobs = [job for job in one_each if job is not None]
        taking_turns += sorted(jobs, key=lambda job: (_due(job, begun), job.id))
    return [*again, *taking_turns]


def turns(
    order: Sequence[Job], painting: Sequence[Job], at_a_time: int, seconds: Callable[[Job], float]
) -> dict[str, Turn]:
    """Place and wait of each job, by its id.

    order: what waits. at_a_time: jobs that are painted. seconds: that a job takes from now on or from its
    beginning.
    """
    free = sorted(seconds(job) for job in painting)[:at_a_time]
    free = [0.0] * (at_a_time - len(free)) + free
    heapq.heapify(free)
    found = {}
    for place, job in enumerate(order, 1):
        wait = heapq.heappop(free)
        found[job.id] = Turn(place, wait)
        heapq.heappush(free, wait + seconds(job))
    return found


def cost_left(job: Job) -> float:
    """What is left of a job's cost, in processor seconds."""
    return job.cost * max(1.0 - (job.progress or 0.0), LEFT_AT_LEAST)


class Line:
    """The line as it was when somebody last looked, for any thread."""

    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}
        self._lock = threading.Lock()

    def place_of(self, job: Job) -> tuple[int | None, float | None]:
        """Its place from 1 and the seconds until it is its turn; None and None when it doesn't wait."""
        with self._lock:
            turn = self._turns.get(job.id) if job.state == "queued" else None
        return (None, None) if turn is None else turn

    def put(self, found: Mapping[str, Turn]) -> None:
        """The line as it is now."""
        with self._lock:
            self._turns = dict(found)


def _asked(job: Job) -> float:
    """When it was asked for."""
    return job.changed if job.action == "resume" else job.created


def _due(job: Job, began: Mapping[str, float]) -> float:
    """When it is its turn, if nobody else were there."""
    last = began.get(job.visitor)
    return _asked(job) if last is None else max(_asked(job), last + TURN)


def _when_begun(job: Job) -> tuple[float, str]:
    return job.began or 0.0, job.id


def _by_visitor(job: Job) -> tuple[str, float, str]:
    return job.visitor, _asked(job), job.id

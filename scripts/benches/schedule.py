"""List scheduling: how long jobs of known lengths take on any number of cores, with who hands them out."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple


class Costs(NamedTuple):
    """What a coordinator, who does one thing at a time, needs of its own; seconds."""

    job: float = 0.0  # half of it to hand the job out, half to take in what came of it
    phase: float = 0.0  # before the first job


FREE = Costs()


def makespan(jobs: Iterable[float], cores: int, costs: Costs = FREE) -> float:
    """Seconds until all jobs are done when each goes, in the order given, to the core that is free first.

    A core waits from the end of a job until the coordinator has taken it in and handed out another one.
    """
    rest = iter(jobs)
    now = costs.phase  # when the coordinator is free
    ends: list[float] = []
    for seconds in islice(rest, cores):
        now += costs.job / 2
        heapq.heappush(ends, now + seconds)
    while ends:
        now = max(now, heapq.heappop(ends)) + costs.job / 2
        for seconds in islice(rest, 1):
            now += costs.job / 2
            heapq.heappush(ends, now + seconds)
    return now


def duration(phases: Iterable[Sequence[float]], cores: int, costs: Costs = FREE) -> float:
    """Seconds of phases one after the other: none begins before all jobs of the one before are done."""
    return sum(makespan(jobs, cores, costs) for jobs in phases)


def efficiency(phases: Sequence[Sequence[float]], cores: int, costs: Costs = FREE) -> float:
    """The share of the cores' time that is work, 0..1."""
    return sum(map(sum, phases)) / (cores * duration(phases, cores, costs))

"""List scheduling: how long jobs of known lengths take on any number of cores."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence


def makespan(jobs: Iterable[float], cores: int) -> float:
    """Seconds until all jobs are done when each goes, in the order given, to the core that is free first."""
    free = [0.0] * cores
    for seconds in jobs:
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)


def duration(phases: Iterable[Sequence[float]], cores: int) -> float:
    """Seconds of phases one after the other: none begins before all jobs of the one before are done."""
    return sum(makespan(jobs, cores) for jobs in phases)


def efficiency(phases: Sequence[Sequence[float]], cores: int) -> float:
    """The share of the cores' time that is work, 0..1."""
    return sum(map(sum, phases)) / (cores * duration(phases, cores))

"""Which pool does the work, by its name."""

from __future__ import annotations

import functools
from collections.abc import Callable

from engine.errors import SpecError
from engine.parallel.pool import InlinePool, Pool, Resources, WorkerSetup
from engine.parallel.process_pool import ProcessPool
from engine.parallel.worker import load


def open_pool(name: str, setup: WorkerSetup, workers: int, resources: Resources) -> Pool:
    """A pool that runs jobs as `setup` says, with as many workers as are wanted and can be used.

    name: "inline", in this process, or "processes", on this machine. SpecError for any other.
    """
    if name not in POOLS:
        raise SpecError(f"pool: there is no pool {name!r} (there are: {', '.join(POOLS)}).")
    return POOLS[name](setup, min(workers, resources.max_workers or workers), resources)


def _inline(setup: WorkerSetup, workers: int, resources: Resources) -> Pool:
    return InlinePool(functools.partial(load(setup.step), load(setup.open)(*setup.args)))


def _processes(setup: WorkerSetup, workers: int, resources: Resources) -> Pool:
    return ProcessPool(setup.step, workers, setup.open, setup.args, threads=resources.threads)


POOLS: dict[str, Callable[[WorkerSetup, int, Resources], Pool]] = {
    "inline": _inline,
    "processes": _processes,
}

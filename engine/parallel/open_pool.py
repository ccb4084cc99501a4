"""Which pool does the work, by its name."""

from __future__ import annotations

import functools
from collections.abc import Callable

from engine.errors import SpecError
from engine.fork_server.client import ForkServer
from engine.parallel.pool import InlinePool, Pool, Resources, WorkerSetup
from engine.parallel.process_pool import ProcessPool
from engine.parallel.worker import load


def open_pool(
    name: str,
    setup: WorkerSetup,
    workers: int,
    resources: Resources,
    nice: int = 0,
    server: ForkServer | None = None,
) -> Pool:
    """A pool that runs jobs as `setup` says, with as many workers as are wanted and can be used.

    name: "inline", in this process, or "processes", on this machine. nice: how far workers stand back behind
    other programs, 0 to 19. server: where processes come from, when it can make them. SpecError for any other
    pool.
    """
    if name not in POOLS:
        raise SpecError(f"pool: there is no pool {name!r} (there are: {', '.join(POOLS)}).")
    return POOLS[name](setup, min(workers, resources.max_workers or workers), resources, nice, server)


def _inline(
    setup: WorkerSetup, workers: int, resources: Resources, nice: int, server: ForkServer | None
) -> Pool:
    return InlinePool(functools.partial(load(setup.step), load(setup.open)(*setup.args)))


def _processes(
    setup: WorkerSetup, workers: int, resources: Resources, nice: int, server: ForkServer | None
) -> Pool:
    return ProcessPool(setup.step, workers, setup.open, setup.args, nice, resources.threads, server)


POOLS: dict[str, Callable[[WorkerSetup, int, Resources, int, ForkServer | None], Pool]] = {
    "inline": _inline,
    "processes": _processes,
}

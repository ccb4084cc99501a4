"""Which pool does the work, by its name."""

from __future__ import annotations

import functools
from collections.abc import Callable

from engine.errors import SpecError
from engine.fork_server.client import ForkServer
from engine.fork_server.server import load
from engine.parallel.place import Place
from engine.parallel.pool import InlinePool, Pool, Resources, WorkerSetup
from engine.parallel.process_pool import ProcessPool


def open_pool(
    place: Place,
    setup: WorkerSetup,
    workers: int,
    resources: Resources,
    nice: int = 0,
    server: ForkServer | None = None,
    tell: Callable[[str], None] = print,
) -> Pool:
    """A pool that runs jobs as `setup` says, with as many workers as are wanted and can be used.

    place: "inline", in this process, "processes", on this machine, or a cluster. nice: how far workers of
    this machine stand back behind other programs, 0 to 19. server: where processes come from, when it can
    make them. tell: hears what is odd about a cluster, in sentences. SpecError for any other pool,
    WorkerError when no cluster answers.
    """
    wanted = min(workers, resources.max_workers or workers)
    if place.is_cluster:
        from engine.parallel.open_cluster import open_cluster

        return open_cluster(place, setup, wanted, resources.threads, nice, tell)
    if place.name not in POOLS:
        raise SpecError(f"pool: there is no pool {place.name!r} (there are: {', '.join(POOLS)}).")
    return POOLS[place.name](setup, wanted, resources, nice, server)


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

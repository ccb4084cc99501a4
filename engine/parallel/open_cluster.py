"""A Dask cluster as a pool, where Dask is installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from engine.errors import SpecError
from engine.installation import to_add
from engine.parallel.place import Place
from engine.parallel.pool import Pool, WorkerSetup

NEEDED = ("dask", "distributed", "cryptography")


def open_cluster(
    place: Place,
    setup: WorkerSetup,
    workers: int,
    threads: int,
    nice: int,
    tell: Callable[[str], None],
) -> Pool:
    """A pool on a scheduler, or on a cluster of processes that is started here; see open_pool."""
    check_installed(place)
    from engine.parallel.dask_local import local_cluster
    from engine.parallel.dask_pool import DaskPool

    if place.is_remote:
        return DaskPool(place.name, setup, workers, place.grace, tell)
    cluster = local_cluster(min(workers, place.workers), threads)
    try:
        return DaskPool(cluster, setup, workers, place.grace, tell, nice)
    except BaseException:
        cluster.close()
        raise


def check_installed(place: Place) -> None:
    """SpecError, with the command that installs it, where something of Dask is missing."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise SpecError(
            f"--pool {place.name}: needs {missing[0]}, which is not installed; {to_add('cluster', NEEDED)}."
        )

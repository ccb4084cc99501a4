"""A Dask cluster as a pool, where Dask is installed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from engine.errors import SpecError, WorkerError, reason
from engine.installation import to_add
from engine.parallel.place import Place
from engine.parallel.pool import WorkerSetup

if TYPE_CHECKING:
    from engine.parallel.dask_pool import DaskPool

TIMEOUT = 5.0  # seconds
NEEDED = ("dask", "distributed", "cryptography")


def open_cluster(
    place: Place,
    setup: WorkerSetup,
    workers: int,
    threads: int,
    nice: int,
    tell: Callable[[str], None],
) -> DaskPool:
    """A pool on a scheduler, or on a cluster of processes that is started here; see open_pool."""
    check_installed(place)
    from engine.parallel.dask_local import end_cluster, local_cluster
    from engine.parallel.dask_pool import DaskPool

    if place.is_remote:
        return DaskPool(place.name, setup, workers, place.grace, tell)
    cluster = local_cluster(min(workers, place.workers), threads)
    try:
        return DaskPool(cluster, setup, workers, place.grace, tell, nice)
    except BaseException:
        end_cluster(cluster)
        raise


def check_place(place: Place) -> None:
    """See whether a place can be used, before anything is made that would be in the way of a second try.

    Raises SpecError where Dask or the certificates for TLS are missing, WorkerError where no scheduler
    answers.
    """
    if not place.is_cluster:
        return
    check_installed(place)
    if not place.is_remote:
        return
    protocol, _, address = place.name.partition("://")
    if protocol == "tls":
        from distributed.security import Security

        if Security().get_connection_args("client").get("ssl_context") is None:
            raise SpecError(
                f"--pool {place.name}: Dask's configuration names no certificates for TLS here; see "
                "docs/cluster.md."
            )
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), TIMEOUT).close()
    except OSError as exc:
        raise WorkerError(
            f"{place.name}: nobody listens there ({reason(exc)}); start one (dask scheduler), or give "
            "another --pool."
        ) from exc
    from engine.parallel.dask_link import check_scheduler

    check_scheduler(place.name)


def check_installed(place: Place) -> None:
    """SpecError, with the command that installs it, where something of Dask is missing."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise SpecError(
            f"--pool {place.name}: needs {missing[0]}, which is not installed; {to_add('cluster', NEEDED)}."
        )

"""A Dask cluster of our own, of processes on this machine."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import dask
from distributed import LocalCluster
from distributed.security import Security

from engine.errors import WorkerError, reason
from engine.kernels.cache import cache_environment
from engine.parallel.worker_process import THREAD_LIMITS

GRACE = 20.0  # seconds
LOGGED = 100  # above all levels of logging


def local_cluster(workers: int, threads: int) -> Any:
    """A scheduler in this process and worker processes, which end with it; nobody else can connect to them.

    threads: of the numeric libraries of each worker. Raises WorkerError.
    """
    environment = {**cache_environment(), **dict.fromkeys(THREAD_LIMITS, str(threads))}
    try:
        with _settings(environment):
            return LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                memory_limit=0,
                silence_logs=LOGGED,
                security=Security.temporary(),  # else every user of this machine could run code as this one
                preload=["engine.parallel.dask_preload"],
                env=environment,
            )
    except (OSError, RuntimeError, ValueError) as exc:
        raise WorkerError(f"the workers of a local cluster could not be started: {reason(exc)}") from exc


def end_cluster(cluster: Any) -> None:
    """End its processes, but wait for them no longer than a while: they end with this one at the latest."""
    ending = threading.Thread(target=_close, args=(cluster,), daemon=True)
    ending.start()
    ending.join(GRACE)


def _close(cluster: Any) -> None:
    with contextlib.suppress(Exception):
        cluster.close()


@contextlib.contextmanager
def _settings(environment: dict[str, str]) -> Iterator[None]:
    """What Dask reads when it starts, whatever its own files say."""
    with dask.config.set(
        {
            "distributed.nanny.pre-spawn-environ": environment,
            "distributed.scheduler.worker-saturation": 1.0,
            "distributed.scheduler.http.routes": [],  # nothing to be seen by others, either
            "distributed.admin.large-graph-warning-threshold": "1TB",
        }
    ):
        yield

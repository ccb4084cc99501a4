"""A real Dask scheduler and real workers, each a process of its own, as `dask scheduler` starts them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests import ROOT
from tests.doubles.process_tree import family

PATIENCE = 30.0  # seconds
QUICK = {
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_LOGGING__DISTRIBUTED": "error",
}


def free_port() -> int:
    """One that nobody listens at now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class DaskCluster:
    """A scheduler at an address that stays the same, and workers; `with` ends all of them."""

    def __init__(
        self,
        workers: int = 2,
        host: str = "127.0.0.1",
        prefix: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """prefix: before the scheduler's command, such as ip netns exec NAME. options: of its workers."""
        self.port, self.host = free_port(), host
        self.address = f"tcp://{host}:{self.port}"
        self.env = {**os.environ, **QUICK, **(env or {})}
        self._prefix, self._options = list(prefix), list(options)
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.nannies: list[subprocess.Popen[bytes]] = []
        self.start_scheduler()
        for _ in range(workers):
            self.start_worker()

    def start_scheduler(self) -> None:
        """Start it, after its death again at the same place."""
        words = ["--host", self.host, "--port", self.port, "--no-dashboard"]
        self.scheduler = self._start("dask_scheduler", words, self._prefix)

    def start_worker(self, prefix: Sequence[str] = (), env: Mapping[str, str] | None = None) -> int:
        """One more nanny with its worker process; the nanny's process id."""
        words = [self.address, "--nworkers", 1, "--nthreads", 1, "--no-dashboard", *self._options]
        self.nannies.append(self._start("dask_worker", words, prefix, env))
        return self.nannies[-1].pid

    def workers(self) -> list[int]:
        """The process ids of the worker processes, below their nannies."""
        found = []
        for nanny in self.nannies:
            for pid in family(nanny.pid)[1:]:
                if nanny.poll() is None and b"multiprocessing.spawn" in _command(pid):
                    found.append(pid)
        return found

    def wait_for_workers(self, number: int) -> None:
        """Until so many have come."""
        from engine.parallel.dask_calls import ExplicitClient

        with ExplicitClient(self.address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(number, PATIENCE)

    def kill_scheduler(self) -> None:
        """At once."""
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()

    def end(self) -> None:
        """All that is left of it."""
        for process in (*self.nannies, self.scheduler):
            if process is not None:
                for pid in reversed(family(process.pid)):
                    _kill(pid)
                process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _start(
        self, name: str, words: Sequence[Any], prefix: Sequence[str], env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        command = [*prefix, sys.executable, "-m", f"distributed.cli.{name}", *map(str, words)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        environment = {**self.env, "PYTHONPATH": str(ROOT), **(env or {})}
        return subprocess.Popen(command, env=environment, cwd=Path("/"), **quiet)  # type: ignore[call-overload]


def until(condition: Any, seconds: float = PATIENCE) -> None:
    """Wait for it; TimeoutError after a while."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise TimeoutError(condition)
        time.sleep(0.05)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)

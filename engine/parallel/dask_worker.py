"""The far end of a Dask pool: what runs in the processes of a Dask worker, on whatever machine that is."""

from __future__ import annotations

import functools
import os
import pickle
import platform
import resource
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, Literal, NamedTuple
from weakref import WeakValueDictionary

from engine import __version__
from engine.errors import NO_MEMORY, NO_PROCESSES, shortage
from engine.fork_server.server import load
from engine.parallel.pool import WorkerSetup
from engine.parallel.worker import told

Kind = Literal["result", "failure", "broken", "shortage"]


class Facts(NamedTuple):
    """What must be the same on two machines for the same bytes, each as text."""

    tessera: str
    python: str
    numpy: str
    numba: str
    processor: str  # the kind that kernels are compiled for
    kernels: str  # a digest of their sources and of all that makes code of them

    def differences(self, here: Facts) -> list[str]:
        """What is otherwise there than here, in words."""
        pairs = zip(self._fields[:-1], self, here, strict=False)
        found = [f"{name} {there} (here {own})" for name, there, own in pairs if there != own]
        return found or (["other kernels"] if self.kernels != here.kernels else [])


class Reply(NamedTuple):
    """What a worker says of a job."""

    kind: Kind
    payload: bytes  # of "result": it, pickled; of the others: see told
    worker: str  # its address
    facts: Facts
    peak_memory: int  # bytes
    seconds: float  # that it took there


class Workshop:
    """A setup on its way to workers; opened at the first job in each process, and kept there."""

    def __init__(self, packed: bytes, nice: int, token: str = "") -> None:
        """packed: a WorkerSetup, pickled. nice: how far the threads that do jobs stand back, 0 to 19.

        token: of the one that this is a copy of.
        """
        self._packed, self._nice, self._token = packed, nice, token or uuid.uuid4().hex
        self._lock = threading.Lock()
        self._step: Callable[[Any], Any] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpacked, (self._token, self._packed, self._nice)

    def __sizeof__(self) -> int:
        return len(self._packed)

    def step(self) -> Callable[[Any], Any]:
        """What does a job; the first call compiles kernels where this machine has none."""
        with self._lock:
            if self._step is None:
                self._step = self._opened()
        return self._step

    def _opened(self) -> Callable[[Any], Any]:
        if self._nice:
            os.setpriority(os.PRIO_PROCESS, 0, max(self._nice, os.getpriority(os.PRIO_PROCESS, 0)))
        setup: WorkerSetup = pickle.loads(self._packed)
        if setup.prepare is not None:
            load(setup.prepare)(*setup.prepare_args)
        opened = load(setup.open)(*setup.args)
        step = load(setup.step)
        return step if opened is None else functools.partial(step, opened)


_here: WeakValueDictionary[str, Workshop] = WeakValueDictionary()  # those of this process
_one_at_a_time = threading.Lock()


def _unpacked(token: str, packed: bytes, nice: int) -> Workshop:
    """The workshop of this process: Dask may bring it here more than once."""
    with _one_at_a_time:
        found = _here.get(token)
        if found is None:
            found = _here[token] = Workshop(packed, nice, token)
        return found


def work(workshop: Workshop, payload: bytes) -> Reply:
    """Do one job, given pickled. Whatever goes wrong is an answer, too."""
    from distributed import get_worker

    began = time.perf_counter()
    kind, said = _done(workshop, payload)
    seconds = time.perf_counter() - began
    return Reply(kind, said, get_worker().address, facts(), _peak_memory(), seconds)


@functools.cache
def facts() -> Facts:
    """Those of this process."""
    import numba
    import numpy
    from numba.core.registry import cpu_target

    from engine.kernels.cache import cache_folder

    return Facts(
        __version__,
        platform.python_version(),
        numpy.__version__,
        numba.__version__,
        str(cpu_target.target_context.codegen().magic_tuple()[1]),
        cache_folder().name,
    )


def _done(workshop: Workshop, payload: bytes) -> tuple[Kind, bytes]:
    try:
        step = workshop.step()
    except Exception as exc:
        return "shortage" if _is_shortage(exc) else "broken", told(exc)
    try:
        return "result", pickle.dumps(step(pickle.loads(payload)))
    except Exception as exc:
        return "shortage" if _is_shortage(exc) else "failure", told(exc)


def _is_shortage(exc: Exception) -> bool:
    """Whether it is no fault of the job's: another worker may have more."""
    return shortage(exc) in (NO_MEMORY, NO_PROCESSES)


def _peak_memory() -> int:
    """This process's peak of resident memory, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

"""The other end of a process pool's pipe: take a job, do it, say what came of it."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import re
import resource
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, NamedTuple

from engine.errors import NO_MEMORY, NO_PROCESSES, TesseraError, shortage
from engine.fork_server.server import load
from engine.standard_streams import fill_standard_streams

DEAF_TO = {signal.SIGINT, signal.SIGHUP}  # they go to whole groups; the coordinator decides what they mean
STDIN = 0
OUT_OF_MEMORY = 112  # an exit code


class Reply(NamedTuple):
    """What a worker says; the payload stays pickled so that a bad one can be laid to its job's charge."""

    kind: Literal["ready", "result", "failure", "broken"]
    payload: bytes  # of "result": the result; of "failure" and "broken": see told
    peak_memory: int  # bytes


class Recipe(NamedTuple):
    """What a worker is to do; step and setup are "module:function"."""

    step: str  # for each job
    setup: str | None  # once, before the first one; what it returns is then the step's first argument
    setup_args: tuple[Any, ...]
    nice: int  # how far at least it stands back behind other programs, 0 to 19
    threads: int  # of its numeric libraries


def work_on(descriptor: int) -> None:
    """Live as a worker on an end of a pipe, whose first message is the recipe."""
    pipe = Connection(descriptor)
    work(pipe, pipe.recv())


def work(pipe: Connection, recipe: bytes) -> None:
    """Live as a worker: take jobs, send results, and end when the coordinator's end of the pipe closes.

    recipe: pickled. Without memory it ends as well: it is no fault of the job's, and another worker may have
    more.
    """
    fill_standard_streams()
    for number in DEAF_TO:
        signal.signal(number, signal.SIG_IGN)
    os.set_inheritable(pipe.fileno(), False)  # its end is to be ours
    threading.Thread(target=_die_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the coordinator is gone
        try:
            wanted: Recipe = pickle.loads(recipe)
            os.setpriority(os.PRIO_PROCESS, 0, max(wanted.nice, os.getpriority(os.PRIO_PROCESS, 0)))
            opened = None if wanted.setup is None else load(wanted.setup)(*wanted.setup_args)
            run = load(wanted.step) if opened is None else functools.partial(load(wanted.step), opened)
        except Exception as exc:
            _end_without_memory(exc)
            pipe.send(_failure("broken", exc))
            return
        pipe.send(Reply("ready", b"", _peak_memory()))
        while True:
            payload = pipe.recv_bytes()
            try:
                result = pickle.dumps(run(pickle.loads(payload)))
                reply = Reply("result", result, _peak_memory())
            except Exception as exc:
                _end_without_memory(exc)
                reply = _failure("failure", exc)
            pipe.send(reply)


def _end_without_memory(exc: Exception) -> None:
    """End the process when an error is about memory, or about threads, which take some."""
    if shortage(exc) in (NO_MEMORY, NO_PROCESSES):
        sys.exit(OUT_OF_MEMORY)


def _die_with_parent() -> None:
    """End a worker whose coordinator is gone, in the middle of a job too: its standard input ends then."""
    os.read(STDIN, 1)
    os._exit(1)


def told(exc: Exception) -> bytes:
    """What went wrong, for the coordinator: it in words and its traceback, pickled."""
    return pickle.dumps((str(exc) if isinstance(exc, TesseraError) else repr(exc), traceback.format_exc()))


def _failure(kind: Literal["failure", "broken"], exc: Exception) -> Reply:
    return Reply(kind, told(exc), _peak_memory())


def _peak_memory() -> int:
    """Return this process's peak of resident memory in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage() on Linux also counts the parent's peak, inherited over vfork and exec; VmHWM does not.
        peak = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if peak:
            return int(peak[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

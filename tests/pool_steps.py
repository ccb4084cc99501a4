"""Steps and setups for the pool tests: importable by name, as workers need it."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PREPARED: list[str] = []


def square(job: int) -> int:
    return job * job


def same(job: Any) -> Any:
    return job


def fail_on_negative(job: int) -> int:
    if job < 0:
        raise ValueError(f"no root of {job}")
    return job


def return_a_lambda(job: int) -> Callable[[], int]:
    return lambda: job


class Unreadable:
    """Can be pickled, but not brought back."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return int, ("not a number",)


def return_unreadable(job: int) -> Unreadable:
    return Unreadable()


def nap(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def meet(job: tuple[str, str]) -> str:
    """Open one end of a named pipe, which takes as long as nobody opens the other end."""
    fifo, mode = job
    with Path(fifo).open(mode):
        return mode


def meet_and_sleep(fifo: str | None) -> None:
    """Return at once without a pipe; otherwise meet and stay busy."""
    if fifo is not None:
        meet((fifo, "w"))
        time.sleep(60)


def announce_and_sleep(job: str) -> None:
    print(job, flush=True)
    time.sleep(60)


def kill_first_worker(marker: str) -> int:
    """Kill the worker that creates the marker file; a later one returns its own pid."""
    try:
        Path(marker).open("x").close()
    except FileExistsError:
        return os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def die(job: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave_on_negative(job: int) -> int:
    if job < 0:
        sys.exit(7)
    return job


def interrupt_self(job: int) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return job


def environment(name: str) -> str | None:
    return os.environ.get(name)


def pid_after_use(megabytes: int) -> int:
    """Touch some memory, let it go, and tell who it was."""
    bytearray(b"x") * (megabytes * 1_000_000)
    return os.getpid()


def prepare(*words: str) -> None:
    PREPARED.extend(words)


def prepared(job: object) -> tuple[int, list[str]]:
    return os.getpid(), PREPARED


def refuse(reason: str) -> None:
    raise RuntimeError(reason)


def die_at_setup() -> None:
    os.kill(os.getpid(), signal.SIGKILL)

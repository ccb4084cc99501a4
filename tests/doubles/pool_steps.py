"""Steps and setups for the pool tests: importable by name, as workers need it."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.parallel.canvas import Canvas, CanvasHandle

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


def lack_memory_first(marker: str) -> int:
    """Like kill_first_worker, for want of memory."""
    try:
        Path(marker).open("x").close()
    except FileExistsError:
        return os.getpid()
    raise MemoryError


def lack_memory(job: object) -> None:
    raise MemoryError


def hang_up(job: int) -> int:
    """Have the whole group hung up, as a terminal does that is closed."""
    os.killpg(0, signal.SIGHUP)
    time.sleep(0.05)
    return job


def meet_or_die(job: tuple[str, str]) -> str:
    """Meet; or be killed at the first time when the other's mode is x."""
    if job[1] != "x":
        return meet(job)
    kill_first_worker(job[0])
    return "x"


def prepare_in_time(seconds: float) -> None:
    time.sleep(seconds)


def write_half_and_die(job: tuple[CanvasHandle, str] | None) -> int:
    """Be killed in the middle of writing to a canvas; a later worker writes all of it."""
    if job is None:
        return os.getpid()
    handle, marker = job
    with Canvas.attach(handle) as canvas:
        colour = np.full((handle.height, handle.width, 3), 9, np.uint8)
        try:
            Path(marker).open("x").close()
        except FileExistsError:
            canvas.write(0, 0, handle.width, handle.height, colour)
            return os.getpid()
        versions, pixels = canvas._views()
        versions += 1
        pixels[: handle.height // 2] = 1
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


def nothing() -> None:
    """A setup that opens nothing."""


def gather_words(word: str) -> tuple[str, ...]:
    """What a machine was prepared with, and one more."""
    return *PREPARED, word


def words(opened: tuple[str, ...], job: object) -> tuple[str, ...]:
    return opened

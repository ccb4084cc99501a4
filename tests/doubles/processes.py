"""Which worker processes a process has, by what the kernel says, and the cores that it may use."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def workers() -> list[int]:
    """The process ids of this process's workers that have not ended: see `workers_of`."""
    return workers_of(os.getpid())


def workers_of(pid: int) -> list[int]:
    """The process ids of a process's children, and of those that its fork servers have made for it.

    Without who makes others: fork servers, and the standard library's helper.
    """
    found = []
    for child in children(pid):
        with suppress(OSError):  # it has ended, and has been waited for
            has_ended = ") Z " in Path(f"/proc/{child}/stat").read_text()
            words = words_of(child)
            if b"fork_server" in words:
                found += children(child)
            elif not has_ended and b"resource_tracker" not in words:
                found.append(child)
    return sorted(found)


def words_of(pid: int) -> bytes:
    """The command line of a process; empty when it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def children(pid: int) -> list[int]:
    """The process ids of all that a process has started itself, of each of its threads."""
    found: list[int] = []
    for each in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, each.read_text().split())
    return found


def cores_lent() -> list[int]:
    """The cores that this process may use; a single one where nobody says."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


@contextmanager
def on_cores(cores: Iterable[int]) -> Iterator[None]:
    """Let this thread, and the processes that it starts, use these cores alone."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)

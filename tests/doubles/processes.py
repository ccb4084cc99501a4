"""Which worker processes a process has, by what the kernel says, and the cores that it may use."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def workers() -> list[int]:
    """The process ids of this process's children that have not ended, in the order of their start.

    Without those that make others: the standard library's helper, and fork servers.
    """
    found = []
    for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):  # one of each thread
        for pid in children.read_text().split():
            with suppress(OSError):  # it has ended, and has been waited for
                has_ended = ") Z " in Path(f"/proc/{pid}/stat").read_text()
                words = Path(f"/proc/{pid}/cmdline").read_bytes()
                is_helper = b"resource_tracker" in words or b"fork_server" in words
                if not has_ended and not is_helper:
                    found.append(int(pid))
    return sorted(found)


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

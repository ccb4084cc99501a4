"""What a process and all below it use, read from Linux's /proc while they run."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

PROC = Path("/proc")
EVERY = 0.25  # seconds between looks


class MemoryWatch:
    """The peak of memory of a process and its descendants together, pages that they share counted once.

    Sums of PSS, in which each process has its part of a shared page. Looks now and then, so that a peak of
    less than EVERY seconds may be missed. A context manager: looking ends with it.
    """

    def __init__(self, pid: int) -> None:
        self.peak = 0  # bytes
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.peak = max(self.peak, sum(map(_proportional, family(self._pid))))
            if self._done.wait(EVERY):
                return


def family(pid: int) -> list[int]:
    """A process and all its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    members = [pid]
    for member in members:  # grows meanwhile
        members += children.get(member, [])
    return members


def processor_seconds(pid: int) -> float:
    """What a process has used itself, without its children; 0 when it is gone."""
    fields = _stat(pid)
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _parents() -> Iterator[tuple[int, int]]:
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            yield int(entry.name), int(fields[1])


def _stat(pid: int) -> list[str]:
    """/proc/PID/stat after the name, which may hold spaces: state, parent, ...; empty when it is gone."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return []


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0

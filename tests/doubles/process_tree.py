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
        self.own_peak = 0  # of the process without its descendants
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
            own, *others = map(_proportional, family(self._pid))
            self.peak, self.own_peak = max(self.peak, own + sum(others)), max(self.own_peak, own)
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


def session(leader: int) -> list[int]:
    """The processes that are alive of a session, whose leader may be gone; zombies are not alive."""
    return [pid for pid in _everybody() if (stat := _stat(pid)) and int(stat[3]) == leader and stat[0] != "Z"]


def working_in(folder: Path) -> list[int]:
    """The processes that work in a folder or below it, also when it has been removed."""
    inside = str(folder)
    found = []
    for pid in _everybody():
        with contextlib.suppress(OSError):
            at = (PROC / str(pid) / "cwd").readlink()
            if at.is_relative_to(inside) or str(at) == f"{inside} (deleted)":
                found.append(pid)
    return found


def resident(pid: int) -> int:
    """A process's own memory and what it shares with others, in bytes; 0 when it is gone."""
    return _rolled_up(pid, "Rss:")


def _everybody() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _parents() -> Iterator[tuple[int, int]]:
    for pid in _everybody():
        if fields := _stat(pid):
            yield pid, int(fields[1])


def _stat(pid: int) -> list[str]:
    """/proc/PID/stat after the name, which may hold spaces: state, parent, ...; empty when it is gone."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return []


def _proportional(pid: int) -> int:
    return _rolled_up(pid, "Pss:")


def _rolled_up(pid: int, field: str) -> int:
    """A sum over all mappings of a process, in bytes; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return 0

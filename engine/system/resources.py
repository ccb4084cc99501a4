"""How many processor cores and how much memory this process may really use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

# Of a control group, versions 1 and 2: limit, usage, and the line of memory.stat with what files take of it,
# which the kernel drops when memory gets short.
FILES = {
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    "": ("memory.max", "memory.current", "inactive_file"),
}


def available_memory(
    meminfo: Path = Path("/proc/meminfo"),
    cgroups: Path = Path("/sys/fs/cgroup"),
    membership: Path = Path("/proc/self/cgroup"),
) -> int | None:
    """Return the bytes that the machine and the control groups of this process leave; None when unknown."""
    if not meminfo.is_file():
        return None
    kilobytes = _fields(meminfo)["MemAvailable:"]
    groups = membership.read_text() if membership.is_file() else ""
    return max(0, min([1024 * kilobytes, *_left(cgroups, groups)]))


def _left(cgroups: Path, membership: str) -> Iterator[int]:
    """Yield what the limits of the groups that hold this process leave, all the way up.

    A container often sees its host's path of groups but only its own files.
    """
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in FILES:
            continue
        limit, usage, cached = FILES[controllers]
        root = cgroups / controllers
        folder = root / path.strip("/")
        for group in (folder, *folder.parents):
            if group.is_relative_to(root) and (group / limit).is_file():
                most = (group / limit).read_text().strip()
                if most != "max":
                    used = int((group / usage).read_text()) - _fields(group / "memory.stat").get(cached, 0)
                    yield int(most) - used


def _fields(path: Path) -> dict[str, int]:
    """The numbers of a file with a name and a number in each line."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1}


def available_cores(
    cgroups: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")
) -> int:
    """Return how many cores this process may really use: its affinity and its processor quota, at least 1."""
    cores = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if membership.is_file():
        cores = min([cores, *_cpu_quotas(cgroups, membership.read_text())])
    return max(1, math.ceil(cores))


def _cpu_quotas(cgroups: Path, membership: str) -> Iterator[float]:
    """Yield the quotas, in cores, of the control groups that hold this process, versions 1 and 2.

    A container often sees its host's path of groups but only its own files: all the way up is looked at.
    """
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        parts = [part for part in path.split("/") if part]
        groups = ["/".join(parts[:depth]) for depth in range(len(parts), -1, -1)]
        if controllers == "":
            for file in (cgroups / group / "cpu.max" for group in groups):
                if file.is_file():
                    quota, period = file.read_text().split()
                    if quota != "max":
                        yield int(quota) / int(period)
        elif "cpu" in controllers.split(","):
            for folder in (cgroups / "cpu" / group for group in groups):
                if (folder / "cpu.cfs_quota_us").is_file():
                    limit = int((folder / "cpu.cfs_quota_us").read_text())
                    if limit > 0:  # -1: none
                        yield limit / int((folder / "cpu.cfs_period_us").read_text())

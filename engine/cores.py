"""How many processor cores this process may really use."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path


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

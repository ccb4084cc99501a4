"""Where the jobs of a run are done: in processes of this machine, or on a Dask cluster.

It is no setting of a run and is stored nowhere: a folder from anybody would send pictures elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import SpecError
from engine.spec.messages import show

PROCESSES, INLINE, LOCAL = "processes", "inline", "local"
PROTOCOLS = ("tcp", "tls")
MOST = 1024  # workers
GRACE = 300.0  # seconds
_ADDRESS = re.compile(r"(?:tcp|tls)://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):([0-9]{1,5})")
_LOCAL = re.compile(r"local:([0-9]{1,4})")


@dataclass(frozen=True)
class Place:
    """A pool by its name, such as "processes", "local:4" or "tcp://host:8786"."""

    name: str = PROCESSES
    grace: float = GRACE  # seconds that a scheduler, or the first worker, is waited for

    @property
    def is_cluster(self) -> bool:
        """Whether Dask does the work."""
        return self.workers > 0 or self.is_remote

    @property
    def is_remote(self) -> bool:
        """Whether somebody else has started the workers, perhaps on other machines."""
        return self.name.partition("://")[0] in PROTOCOLS

    @property
    def workers(self) -> int:
        """Of a local cluster; 0 for any other place."""
        found = _LOCAL.fullmatch(self.name)
        return int(found[1]) if found else 0


HERE = Place()


def place_of(name: str, grace: float = GRACE) -> Place:
    """The place that a user means; SpecError when there is none of that name."""
    address, local = _ADDRESS.fullmatch(name), _LOCAL.fullmatch(name)
    is_known = (
        name in (PROCESSES, INLINE)
        or (address is not None and 1 <= int(address[1]) <= 65535)
        or (local is not None and 1 <= int(local[1]) <= MOST)
    )
    if not is_known:
        raise SpecError(
            "--pool must be processes, inline, local:N (N worker processes on this machine) or a Dask "
            f"scheduler's address such as tcp://host:8786 or tls://host:8786, not {show(name)}."
        )
    return Place(name, grace)

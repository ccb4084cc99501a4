"""A job on its way through a Dask cluster, which may lose it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from distributed import Future


@dataclass(eq=False)
class Ticket:
    """A job that is in line, or out."""

    job: Any
    number: int  # of its last submission
    deaths: int = 0  # of workers that were at it
    blames: int = 0  # by Dask, for deaths of workers that had it
    losses: int = 0  # times that it had to be submitted anew
    keys: list[str] = field(default_factory=list)  # of its submissions
    future: Future | None = None

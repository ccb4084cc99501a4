"""What the workers of a cluster of our own do first: Ctrl-C and a hangup are for the coordinator alone."""

from __future__ import annotations

import signal
from typing import Any

from engine.parallel.worker import DEAF_TO


def dask_setup(worker: Any) -> None:
    """Dask calls it in a worker's main thread."""
    for number in DEAF_TO:
        signal.signal(number, signal.SIG_IGN)

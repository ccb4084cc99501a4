"""How long paintings take on this server, learnt from those that have ended."""

from __future__ import annotations

import threading
from contextlib import suppress

from engine.errors import TesseraError
from engine.system.resources import available_cores
from engine.web.store import Store

BEGINNING = 1.0  # seconds in which a process is made, and writes its results
NEWEST = 0.25  # how much the newest painting counts
LEAST, MOST = 0.01, 100.0  # seconds for each of the cost; what is beside that was no usual painting
_FACT = "pace"  # its name in the store


class Pace:
    """Seconds on the clock for the cost of a job, for any thread."""

    def __init__(self, store: Store) -> None:
        """store: remembers it for the next start."""
        self._store = store
        self._lock = threading.Lock()
        known = store.fact(_FACT)
        is_known = isinstance(known, int | float) and LEAST <= known <= MOST
        self._rate = float(known) if is_known else 1.0 / available_cores()

    def seconds(self, cost: float) -> float:
        """That something of a cost, in processor seconds as estimated, takes."""
        with self._lock:
            return BEGINNING + cost * self._rate

    def learn(self, cost: float, seconds: float) -> None:
        """Something of that cost has taken so many seconds."""
        rate = (seconds - BEGINNING) / cost if cost > 0 else 0.0
        if not LEAST <= rate <= MOST:
            return
        with self._lock:
            self._rate = rate = self._rate + NEWEST * (rate - self._rate)
        with suppress(TesseraError):  # it learns that again
            self._store.note(_FACT, rate)

"""A machine that has never painted, made ready by the first job that comes to it."""

from __future__ import annotations

import fcntl
import os

from engine.coordinator.prepare import make_ready
from engine.events import Event
from engine.kernels.cache import is_compiled, store

LOCK = ".compiling"


def prepare_machine(*painters: str) -> None:
    """Compile painters' kernels unless this machine has them; one process at a time, the others wait."""
    missing = [painter for painter in painters if not is_compiled(painter)]
    if not missing:
        return
    store().make_room()  # in a temporary folder, where no other can be written
    descriptor = os.open(store().folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for painter in missing:
            make_ready(painter, _unheard, _unheard)
    finally:
        os.close(descriptor)


def _unheard(event: Event) -> None:
    """Nobody is there to be told."""

"""What has to be done once on a machine before a painter can paint."""

from __future__ import annotations

from collections import deque
from contextlib import closing

from engine.events import EventHandler, Preparing
from engine.kernels.jit import is_compiled, note_compiled
from engine.painters.registry import entry_of
from engine.parallel.process_pool import ProcessPool
from engine.spec.models import RunSpec


def prepare(spec: RunSpec, emit: EventHandler) -> None:
    """Compile the painter's kernels, if that has not been done on this machine.

    That takes a process that does nothing else: what it has linked itself rounds sums in another order than
    what all others load.
    """
    name = spec.painter.name
    emit(Preparing(is_compiled(name)))
    if not is_compiled(name):
        with closing(ProcessPool("engine.coordinator.job:warm_up", 1)) as pool:
            pool.submit(entry_of(name).painter)
            deque(pool.completed(), maxlen=0)
        note_compiled(name)

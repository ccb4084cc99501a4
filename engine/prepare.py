"""Compiling a painter's kernels before anything else, once on a machine."""

from __future__ import annotations

from collections import deque
from contextlib import closing

from engine.events import Preparing, Report
from engine.jit import is_compiled, note_compiled
from engine.pools import ProcessPool


def prepare(painter: str, report: Report) -> None:
    """Compile the kernels, if that has not been done on this machine.

    That takes a process that does nothing else: what it has linked itself rounds sums in another order than
    what all others load.
    """
    report(Preparing(is_compiled(painter)))
    if not is_compiled(painter):
        with closing(ProcessPool("engine.job:prepare", 1)) as pool:
            pool.submit(painter)
            deque(pool.completed(), maxlen=0)
        note_compiled(painter)

"""A pipe from a parent to its child, so that the child notices when the parent is gone, however it went."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from engine.standard_streams import above_standard

PARENT_PIPE = "TESSERA_PARENT_PIPE"  # the child's end of the pipe, a file descriptor


@contextmanager
def watched() -> Iterator[tuple[int, dict[str, str]]]:
    """Watch over a child. Yields what it has to inherit: a descriptor and an environment."""
    child_end, own_end = map(above_standard, os.pipe())
    try:
        yield child_end, {**os.environ, PARENT_PIPE: str(child_end)}
    finally:
        os.close(own_end)
        os.close(child_end)


def end_with_parent() -> None:
    """From now on be stopped in good order when the parent that watches us is gone, if one does."""
    text = os.environ.pop(PARENT_PIPE, None)  # our own children are on none, or on another one
    if text is not None:
        descriptor = int(text)
        os.set_inheritable(descriptor, False)
        threading.Thread(target=_stop_at_end, args=(descriptor,), daemon=True).start()


def _stop_at_end(descriptor: int) -> None:
    """Wait for the pipe's end, as nothing is ever written; the main thread is what has to wake up."""
    os.read(descriptor, 1)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

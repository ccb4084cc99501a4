"""A lock on a folder that the kernel holds: it ends with the process that took it, however that ends."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.errors import LockError, RunError, SpaceError, TesseraError

PATIENCE = 0.5  # seconds to wait for a lock, as owner() holds one for a moment too


@dataclass(frozen=True)
class Owner:
    """Who holds a lock."""

    pid: int
    host: str


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock `path`, a file that is made when it is missing; LockError while another process has it.

    what: the folder's name in the error's sentence.
    """
    try:
        # Opened anew, and not inherited: a worker that outlives us must not hold the lock.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as exc:
        raise _explained(what, exc) from exc
    try:
        _take(descriptor, path, what)
        yield
    finally:
        os.close(descriptor)


def owner(path: Path) -> Owner | None:
    """Who holds the lock `path` now; None when nobody does. Owner(0, "") when they left no name."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return None if _taken(descriptor, fcntl.LOCK_SH) else _read(path) or Owner(0, "")
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, what: str) -> None:
    """Get the lock of an open file, and leave our name in it."""
    deadline = time.monotonic() + PATIENCE
    try:
        while not _taken(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise LockError(f"{what}: {working(_read(path))}; wait for it, or stop it first.")
            time.sleep(PATIENCE / 20)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode(), 0)
    except OSError as exc:
        raise _explained(what, exc) from exc


def _explained(what: str, exc: OSError) -> TesseraError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return SpaceError(f"{what}: there is no space left on the disk; free some and start again.")
    return RunError(f"{what}: can't be locked ({exc.strerror}); choose another folder.")


def _taken(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> Owner | None:
    try:
        return Owner(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):  # its owner is just writing it
        return None


def working(holder: Owner | None) -> str:
    """The clause that says who works on something."""
    if holder is None or not holder.host:
        return "another process is working on it"
    return f"process {holder.pid} on {holder.host} is working on it"

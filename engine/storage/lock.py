"""A lock on a folder that the kernel holds: it ends with the process that took it, however that ends."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import strict_json
from engine.errors import LockError, RunError, SpaceError, TesseraError, reason
from engine.storage.files import open_plain, read, state_of

PATIENCE = 0.5  # seconds to wait for a lock, as owner() holds one for a moment too
MOST_BYTES = 1000  # of a lock's file
NO_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP)  # of folders, on a network's file system


@dataclass(frozen=True)
class Owner:
    """Who holds a lock."""

    pid: int
    host: str


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock `path`, a file that is made when it is missing; LockError while another process has it.

    The folder that it lies in is locked, too: whoever removes the file lets nobody else in.
    what: the folder's name in the error's sentence.
    """
    with ExitStack() as held:
        try:
            # Opened anew, and not inherited: a worker that outlives us must not hold the lock.
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.callback(os.close, folder)
            deadline = time.monotonic() + PATIENCE
            _wait_for(folder, path, what, deadline)
            while True:
                file = open_plain(path.parent, path.name, os.O_RDWR | os.O_CREAT)
                held.callback(os.close, file)
                _wait_for(file, path, what, deadline)
                if _is_still(file, path):  # and was not removed while we waited
                    break
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode(), 0)
        except OSError as exc:
            raise _explained(what, exc) from exc
        yield


def owner(path: Path) -> Owner | None:
    """Who holds the lock `path` now; None when nobody does. Owner(0, "") when they left no name."""
    return (_read(path) or Owner(0, "")) if _is_held(path) else None


def _is_held(path: Path) -> bool:
    for opened in (
        lambda: open_plain(path.parent, path.name, os.O_RDONLY),
        lambda: os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC),
    ):
        try:
            descriptor = opened()
        except OSError:
            continue
        try:
            if not _taken(descriptor, fcntl.LOCK_SH):
                return True
        except OSError:
            continue
        finally:
            os.close(descriptor)
    return False


def _wait_for(descriptor: int, path: Path, what: str, deadline: float) -> None:
    """Get the lock of an open file or folder; LockError after a while."""
    while not _taken(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise LockError(f"{what}: {working(_read(path))}; wait for it, or stop it first.")
        time.sleep(PATIENCE / 20)


def _is_still(descriptor: int, path: Path) -> bool:
    now, own = state_of(path.parent, path.name), os.fstat(descriptor)
    return now is not None and (now.st_dev, now.st_ino) == (own.st_dev, own.st_ino)


def _explained(what: str, exc: OSError) -> TesseraError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return SpaceError(f"{what}: there is no space left on the disk; free some and start again.")
    return RunError(f"{what}: can't be locked ({reason(exc)}); choose another folder.")


def _taken(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as exc:
        if exc.errno not in NO_LOCKS or not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise
    return True


def _read(path: Path) -> Owner | None:
    try:
        fields = strict_json.parse(read(path.parent, path.name, MOST_BYTES))
        pid, host = fields["pid"], fields["host"]
    except (OSError, ValueError, TypeError, LookupError):  # its owner is just writing it
        return None
    return Owner(pid, host) if type(pid) is int and pid > 0 and isinstance(host, str) else None


def working(holder: Owner | None) -> str:
    """The clause that says who works on something."""
    if holder is None or not holder.host:
        return "another process is working on it"
    return f"process {holder.pid} on {holder.host} is working on it"

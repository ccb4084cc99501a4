"""A temporary folder for compiled kernels, which lives as long as this process."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_PREFIX = "tessera-kernels-"
_YOUNG = 60.0  # seconds in which a folder may not be held yet


def temporary_folder() -> Path:
    """A new one, removed at the end; OSError. What killed processes of this user have left goes now."""
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with suppress(OSError):  # some file systems lock no folders; then nobody sweeps there either
        fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), fcntl.LOCK_EX)
    return folder


def _sweep(above: Path) -> None:
    """Remove folders like ours that no living process holds."""
    for path in above.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            state = path.lstat()
            is_ours = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid()
            if is_ours and time.time() - state.st_mtime > _YOUNG and _is_free(path):
                shutil.rmtree(path)


def _is_free(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True

"""Files of others, opened so that nothing about them can hang this process or fill its memory."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from engine.formatting import byte_count

_OTHER = "a device, pipe or socket"


def open_regular(path: Path, most: int) -> BufferedReader:
    """Open a regular file of at most so many bytes to read it, following symbolic links.

    OSError, with strerror and filename, for all else: EINVAL for a device, pipe or socket, EISDIR for a
    folder, EFBIG for a larger one. What is looked at is what has been opened, wherever the path leads then.
    """
    # Without O_NONBLOCK opening a pipe waits for whoever writes into it; to a regular file it means nothing.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except ValueError as exc:  # a zero byte or half a surrogate pair in its name
        raise OSError(errno.EINVAL, "no name that a file can have", str(path)) from exc
    except OSError as exc:
        if exc.errno == errno.ENXIO:  # a socket
            raise OSError(errno.EINVAL, _OTHER, str(path)) from exc
        raise
    try:
        check_regular(os.fstat(descriptor), path, most)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def check_regular(found: os.stat_result, path: Path, most: int | None) -> None:
    """OSError, as of `open_regular`, for what an open file turns out to be. most: None for any number."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder", str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, _OTHER, str(path))
    if most is not None and found.st_size > most:
        raise too_large(path, most)


def read_regular(path: Path, most: int) -> bytes:
    """What a regular file of at most so many bytes holds; OSError as of `open_regular`."""
    with open_regular(path, most) as file:
        content = file.read(most + 1)  # some, such as those in /proc, say they have no size
    if len(content) > most:
        raise too_large(path, most)
    return content


def read_any(path: Path, most: int) -> bytes:
    """The same of a file of any kind, for one that its user names: waits for whoever writes into a pipe."""
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise too_large(path, most)
    return content


def too_large(path: Path, most: int) -> OSError:
    """What is raised for a file of more bytes."""
    return OSError(errno.EFBIG, f"larger than {byte_count(most)}", str(path))

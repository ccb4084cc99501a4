"""The descriptors 0 to 2 of a process whose caller may have closed them, as cron and daemons do."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from typing import TextIO

STANDARD = {0: os.O_WRONLY, 1: os.O_RDONLY, 2: os.O_RDONLY}  # which no use of them fits


def fill_standard_streams() -> None:
    """Take closed descriptors from 0 to 2, so that no file which is opened later becomes a standard stream.

    Reading and writing there fails as before (EBADF), and so it does in children.
    """
    for number, use in STANDARD.items():
        if not _is_open(number):
            opened = os.open(os.devnull, use)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
    sys.stdout = sys.stdout or _writer(1)
    sys.stderr = sys.stderr or _writer(2)


def silence(stream: TextIO) -> None:
    """Let what is written to a stream from now on go nowhere, and what is left in its buffer."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):  # it is no file, so that nothing can fail
        return
    opened = os.open(os.devnull, os.O_WRONLY)
    os.dup2(opened, number)
    os.close(opened)


def above_standard(descriptor: int) -> int:
    """A descriptor that is no standard stream's, in place of one that may be."""
    if descriptor > max(STANDARD):
        return descriptor
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(STANDARD) + 1)
    os.close(descriptor)
    return moved


def _writer(number: int) -> TextIO:
    """As Python has it, of a descriptor that it found closed."""
    return open(number, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError as exc:
        if exc.errno != errno.EBADF:
            raise
        return False
    return True

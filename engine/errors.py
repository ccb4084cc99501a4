"""Every error that a user can meet; the message is one sentence that says what, where and how to mend it.

TesseraError          exit code 4
├── SpecError         2   a setting is unknown, of the wrong type or impossible
├── TargetError       2   the target can't be read or used
├── RunError          2   a run folder is missing, incomplete or can't be written
├── LockError         5   another process works on a run folder, or on a batch
├── CheckpointError   4   a run's state can't be kept, or not be read
├── PainterError      4   a painter failed on a job
├── WorkerError       4   worker processes died or could not be started
├── SpaceError        6   no room on a disk or in shared memory
├── ResourceError     4   too little memory, or too few processes or open files are allowed
└── ToolError         4   an outside program (ffmpeg, gifski) is missing or failed
"""

from __future__ import annotations

import errno
from typing import Any

NO_MEMORY = (
    "not enough memory (a limit of this shell, ulimit -v, or of its container?); use fewer --workers or a "
    "smaller --size"
)
NO_PROCESSES = (
    "no more processes or threads can be started (limits of this shell, ulimit -u and -v, or of its "
    "container?); use fewer --workers"
)
NO_FILES = (
    "too few files may be open at a time (a limit of this shell, ulimit -n); raise it, or use fewer --workers"
)
NO_MAPPING = ("failed to map segment", "cannot allocate memory", "cannot create shared object descriptor")


class TesseraError(Exception):
    """The root of all errors that are shown as one sentence."""

    exit_code = 4
    job: Any = None  # of a pool, that the error is about


class SpecError(TesseraError):
    """A setting is unknown, of the wrong type or impossible."""

    exit_code = 2


class TargetError(TesseraError):
    """The target can't be read or used."""

    exit_code = 2


class RunError(TesseraError):
    """A run folder is missing, incomplete or can't be written."""

    exit_code = 2


class LockError(TesseraError):
    """Another process works on a run folder, or on a batch."""

    exit_code = 5


class CheckpointError(TesseraError):
    """A run's state can't be kept, or not be read."""


class PainterError(TesseraError):
    """A painter failed on a job."""


class WorkerError(TesseraError):
    """Worker processes died or could not be started."""


class SpaceError(TesseraError):
    """There is no room left on a disk or in shared memory."""

    exit_code = 6


class ResourceError(TesseraError):
    """There is too little memory, or too few processes or open files are allowed."""


class ToolError(TesseraError):
    """An outside program is missing or failed."""


def reason(exc: Exception) -> str:
    """What an exception says, or its name when it says nothing."""
    return (isinstance(exc, OSError) and exc.strerror) or str(exc) or type(exc).__name__


def shortage(exc: BaseException) -> str | None:
    """What this process has too little of when it met such an error, and the remedy; None for others.

    Libraries that can't be loaded for want of memory say so in words only.
    """
    code = exc.errno if isinstance(exc, OSError) else None
    if isinstance(exc, MemoryError) or code == errno.ENOMEM:
        return NO_MEMORY
    if code in (errno.EMFILE, errno.ENFILE):
        return NO_FILES
    if code == errno.EAGAIN or (isinstance(exc, RuntimeError) and "can't start new thread" in str(exc)):
        return NO_PROCESSES
    is_library = isinstance(exc, ImportError) or (isinstance(exc, OSError) and code is None)
    return NO_MEMORY if is_library and any(words in str(exc).lower() for words in NO_MAPPING) else None


def resource_error(exc: BaseException, where: str = "") -> ResourceError | None:
    """The error for what an exception, or one that led to it, says of a shortage; None for others.

    where: begins the sentence.
    """
    seen: BaseException | None = exc
    while seen is not None:
        if (found := shortage(seen)) is not None:
            return ResourceError(f"{where}: {found}." if where else f"{found}.")
        seen = seen.__cause__ or seen.__context__
    return None

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
└── ToolError         4   an outside program (ffmpeg, gifski) is missing or failed
"""


class TesseraError(Exception):
    """The root of all errors that are shown as one sentence."""

    exit_code = 4


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


class ToolError(TesseraError):
    """An outside program is missing or failed."""


def reason(exc: Exception) -> str:
    """What an exception says, or its name when it says nothing."""
    return (isinstance(exc, OSError) and exc.strerror) or str(exc) or type(exc).__name__

"""What a run says while it goes on: named messages, for whoever reports them; see records.py for their JSON.

A field is a number, a text, None, a tuple or dataclass of such, or a dict of what JSON has itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.formatting import Named


@dataclass(frozen=True)
class Preparing:
    """Kernels are compiled, or loaded when they were compiled before."""

    compiled_before: bool


@dataclass(frozen=True)
class Compiling:
    """Kernels are being compiled, once for this version and machine."""

    painter: str
    group: str  # what the last ones are for, such as "scene" or "polygons search"
    kernels: int  # that have been compiled,
    of: int  # and how many there are, about


@dataclass(frozen=True)
class Started:
    """The run has a folder and workers."""

    folder: str
    height: int
    width: int
    workers: int


@dataclass(frozen=True)
class Progress(Named):
    """A job has been done, or is taking its time."""

    phase: int  # from 1
    phases: int
    action: str
    level: int
    tile: int  # tiles done in this phase
    tiles: int
    shapes: int
    error: float
    evaluations: int
    rate: float  # evaluations a second of wall time
    elapsed: float  # seconds
    remaining: float | None  # seconds, estimated
    share: float  # of the planned work that is done, 0..1
    peak_memory: int  # bytes, of all workers together
    job_seconds: float | None  # processor seconds of the job just done; None while one takes its time


@dataclass(frozen=True)
class Filming:
    """Frames of a film have been drawn and handed to the encoder."""

    file: str
    frame: int
    frames: int


@dataclass(frozen=True)
class Fitting:
    """A film has been encoded in a size and quality, to find out whether it is small enough."""

    file: str
    bytes: int  # how many it had when it was given up, if they are too many
    max_bytes: int
    size: int  # longest side in pixels
    quality: float  # 1: the usual one, 0: the worst that can still be watched


@dataclass(frozen=True)
class Filmed:
    """A film is ready."""

    file: str
    encoder: str
    seconds: float  # that making it took


@dataclass(frozen=True)
class Exporting:
    """Rows of a large picture have been written."""

    file: str
    row: int
    rows: int


@dataclass(frozen=True)
class Exported:
    """A file for other programs is ready."""

    file: str
    size: int  # bytes
    seconds: float  # that writing it took


@dataclass(frozen=True)
class Counted:
    """The words of a picture have been counted, and are shown in a file."""

    file: str
    words: int
    boxes: tuple[tuple[int, int, int, int], ...]  # x0, y0, x1, y1 in pixels of the picture, half-open
    seed: int


@dataclass(frozen=True)
class Drawing:
    """Strokes of a data set have been drawn."""

    folder: str
    strokes: int  # that are there
    of: int


@dataclass(frozen=True)
class Drawn:
    """A data set of strokes is whole."""

    folder: str
    strokes: int
    bytes: int  # of all its files
    seconds: float  # that drawing what was missing took


@dataclass(frozen=True)
class Learning:
    """A network learns the strokes of a brush."""

    folder: str
    kind: str  # hybrid, vae or gan
    share: float  # of the training, 0..1
    epoch: int  # that it is in, from 1
    losses: dict[str, float] = field(hash=False)  # by name, lately


@dataclass(frozen=True)
class Measured:
    """What it has learned by the end of an epoch."""

    folder: str
    epoch: int
    sheet: str  # a picture of strokes that it was not trained on, beside real ones
    losses: dict[str, float] = field(hash=False)
    figures: dict[str, float] = field(hash=False)  # on such strokes


@dataclass(frozen=True)
class Learned:
    """A network has learned the strokes of a brush."""

    file: str  # of its weights
    kind: str
    seconds: float  # of training
    figures: dict[str, float] = field(hash=False)


@dataclass(frozen=True)
class PenWork:
    """What a plotter's pen has to do, without its way to the first line and from the last one."""

    name: str  # of its layer
    lines: int
    ink: float  # metres
    pen_up_before: float  # metres between the lines as the marks were painted,
    pen_up: float  # and joined and sorted
    minutes: float  # estimated


@dataclass(frozen=True)
class Plotted:
    """What a file has for a plotter to do; the sums of its pens."""

    file: str
    ink: float  # metres
    pen_up_before: float
    pen_up: float
    minutes: float
    pens: tuple[PenWork, ...]


@dataclass(frozen=True)
class Trouble:
    """Something went wrong that the run can live with."""

    message: str


@dataclass(frozen=True)
class Resumed(Named):
    """A run goes on from a checkpoint."""

    folder: str
    seconds: float  # of painting that it had done
    shapes: int
    error: float
    checkpoint: str  # the file


@dataclass(frozen=True)
class Notice:
    """Something is otherwise than usual, and as it should be all the same."""

    message: str


@dataclass(frozen=True)
class Failed:
    """A command ended with an error."""

    message: str
    exit_code: int
    traceback: str


@dataclass(frozen=True)
class Finished(Named):
    """The results are written."""

    outcome: str  # finished | time | error | deadline | interrupted
    files: tuple[str, ...]
    error: float
    shapes: int
    evaluations: int
    painting_seconds: float
    wall_seconds: float
    workers: int
    peak_memory: int  # bytes, of all workers together
    seed: int
    painter: dict[str, Any] = field(hash=False)  # its settings, with what it learnt from the target
    digest: str  # of what decides the picture
    version: str


@dataclass(frozen=True)
class TaskStarted:
    """A batch has come to a task, which users call a job."""

    number: int  # from 1
    tasks: int
    name: str
    folder: str
    is_resumed: bool


@dataclass(frozen=True)
class TaskEnded(Named):
    """A batch is through with a task."""

    number: int  # from 1
    tasks: int
    name: str
    outcome: str  # done | resumed | skipped | failed | locked | left
    why: str  # a sentence; "" when it is done
    exit_code: int | None  # of the last process; negative: the signal that killed it; None: there was none
    attempts: int
    folder: str | None
    error: float | None
    shapes: int | None
    seconds: float | None  # of painting in all
    troubles: tuple[str, ...]  # that it has met and lived with

    @property
    def complaint(self) -> str:
        """Why, with the name, which many a sentence begins with already."""
        return self.why if self.why.startswith(self.name) else f"{self.name}: {self.why}"


@dataclass(frozen=True)
class BatchEnded:
    """A batch is over; this is also what summary.json holds."""

    outcome: str  # running | done | left | failed | locked | space | interrupted
    exit_code: int | None  # None while it is running
    began: str  # ISO 8601
    seconds: float
    counts: dict[str, int] = field(hash=False)  # of jobs, by their outcome
    jobs: tuple[TaskEnded, ...]


OfRuns = Preparing | Compiling | Resumed | Started | Progress | Trouble | Notice | Failed | Finished
OfFiles = Filming | Fitting | Filmed | Exporting | Exported | Plotted | Counted
OfStrokes = Drawing | Drawn | Learning | Measured | Learned
OfBatches = TaskStarted | TaskEnded | BatchEnded
Event = OfRuns | OfFiles | OfStrokes | OfBatches
EventHandler = Callable[[Event], None]
ShouldStop = Callable[[], bool]  # whether somebody wants a run to end

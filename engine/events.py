"""What a run says while it goes on: named messages, for whoever reports them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preparing:
    """Kernels are compiled, or loaded when they were compiled before."""

    compiled_before: bool


@dataclass(frozen=True)
class Started:
    """The run has a folder and workers."""

    folder: str
    height: int
    width: int
    workers: int


@dataclass(frozen=True)
class Progress:
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
class Filmed:
    """A film is ready."""

    file: str
    encoder: str
    seconds: float  # that making it took


@dataclass(frozen=True)
class Trouble:
    """Something went wrong that the run can live with."""

    message: str


@dataclass(frozen=True)
class Resumed:
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
class Finished:
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
    painter: dict[str, Any]  # its settings, with what it learnt from the target
    digest: str  # of what decides the picture
    version: str


Event = Preparing | Resumed | Started | Progress | Filming | Filmed | Trouble | Notice | Failed | Finished
Report = Callable[[Event], None]
Stop = Callable[[], bool]  # whether somebody wants a run to end

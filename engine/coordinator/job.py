"""The pure step: a job is a value, and the same job gives the same update in any process on any day."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from engine.grid import Tile
from engine.image.importance import Weights
from engine.image.pixels import Pixels
from engine.painters.base import Cells, Painter, Phase
from engine.painters.registry import painter_class
from engine.parallel.canvas import Canvas, CanvasHandle


@dataclass(frozen=True)
class Commission:
    """What all jobs of a run have in common."""

    painter: str
    params: BaseModel
    seed: int
    canvas: CanvasHandle | None  # where to show the pixels; None: they come back with the update

    def engage(self) -> Painter:
        """The painter."""
        return painter_class(self.painter)(self.params)


@dataclass(frozen=True)
class Job:
    """One tile in one phase."""

    commission: Commission
    phase_index: int
    phase: Phase
    index: int  # its place in the phase
    tile: Tile
    pixels: Pixels  # the tile's window of the target, with the phase's halo
    weights: Weights | None  # (height, width), how much its pixels count; None: all the same
    part: Any  # what the scene holds there
    new: int  # marks to add
    before: int  # the window's squared error that counts, now
    cells: Cells

    @property
    def name(self) -> str:
        """How messages speak of it."""
        return (
            f"phase {self.phase_index + 1}, tile {self.tile.row},{self.tile.col} of level {self.tile.level}"
        )


@dataclass(frozen=True)
class Update:
    """What a job made."""

    index: int
    tile: Tile
    part: Any
    pixels: NDArray[np.uint8] | None  # None when they are on the canvas
    squares: NDArray[np.int64]  # (rows, cols) of the tile's cells: the painter's squared errors, plain
    weighted: NDArray[np.int64]  # and those that count
    evaluations: int
    seconds: float  # processor seconds


def advance(job: Job) -> Update:
    """Paint one tile and show it on the canvas; what would be worse than before is dropped."""
    started = time.process_time()
    tile, canvas = job.tile, job.commission.canvas
    painter = job.commission.engage()
    seed = np.random.SeedSequence(job.commission.seed, spawn_key=(job.phase_index, tile.row, tile.col))
    painted = painter.paint(job.pixels, job.weights, tile, job.part, job.new, job.phase, seed)
    part, (pixels, after, weighted) = painted.part, _judged(painter, job, painted.part)
    if weighted.sum() > job.before:
        part, (pixels, after, weighted) = job.part, _judged(painter, job, job.part)
    if canvas is not None:
        _attached(canvas).write(tile.x0, tile.y0, tile.x1, tile.y1, pixels)
    return Update(
        job.index,
        tile,
        part,
        pixels if canvas is None else None,
        after,
        weighted,
        painted.evaluations,
        time.process_time() - started,
    )


def prepare(painter: str) -> None:
    """Get a process ready for a painter's jobs, so that compiling is no part of the painting."""
    painter_class(painter).compile()


def _judged(painter: Painter, job: Job, part: Any) -> tuple[Pixels, NDArray[np.int64], NDArray[np.int64]]:
    """A part drawn, and its squared errors."""
    tile, halo = job.tile, job.phase.halo
    top, left = min(tile.y0, halo), min(tile.x0, halo)  # of the halo
    window = np.s_[top : top + tile.height, left : left + tile.width]
    weights = None if job.weights is None else job.weights[window]
    drawn = painter.draw_part(tile, part)
    return drawn, *painter.squares(job.pixels[window], weights, tile, part, drawn, job.cells)


@functools.lru_cache(maxsize=1)
def _attached(handle: CanvasHandle) -> Canvas:
    return Canvas.attach(handle)

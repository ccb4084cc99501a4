"""The pure step: a job is a value, and the same job gives the same update in any process on any day."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from engine.alpha import squared_errors
from engine.canvas import Canvas, CanvasHandle
from engine.grid import Tile
from engine.painter import Painter, Phase, painter_class


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
    pixels: NDArray[np.uint8]  # the tile's window of the target
    weights: NDArray[np.uint8] | None  # (height, width), how much its pixels matter; None: all the same
    part: Any  # what the scene holds there
    new: int  # marks to add
    before: int  # the window's weighted squared error now, as `squares` has it
    cells: tuple[tuple[int, ...], tuple[int, ...]]  # lattice lines ys, xs in the tile, both borders included

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
    squares: NDArray[np.int64]  # (rows, cols) of the tile's cells: what `squares` says, exact
    weighted: NDArray[np.int64]  # the same with each pixel's square times its weight
    evaluations: int
    seconds: float  # processor seconds


def advance(job: Job) -> Update:
    """Paint one tile and show it on the canvas; what would be worse than before is dropped."""
    started = time.process_time()
    tile, canvas = job.tile, job.commission.canvas
    painter = job.commission.engage()
    seed = np.random.SeedSequence(job.commission.seed, spawn_key=(job.phase_index, tile.row, tile.col))
    painted = painter.paint(job.pixels, job.weights, tile, job.part, job.new, job.phase, seed)
    part, pixels = painted.part, painter.draw_part(tile, painted.part)
    after, weighted = squares(job.pixels, pixels, job.weights, *job.cells)
    if weighted.sum() > job.before:
        part, pixels = job.part, painter.draw_part(tile, job.part)
        after, weighted = squares(job.pixels, pixels, job.weights, *job.cells)
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


def squares(
    target: NDArray[np.uint8],
    pixels: NDArray[np.uint8],
    weights: NDArray[np.uint8] | None,
    ys: tuple[int, ...],
    xs: tuple[int, ...],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Squared error of each cell, summed over RGB in steps of 1/255: whole numbers add up in any order.

    That of a picture with transparency is alpha.squared_errors.
    weights: (height, width) or None. ys, xs: the cells' lines relative to the pictures, both borders
    included. Returns plain and weighted sums.
    """
    plain, weighted = [], []
    for y0, y1 in pairwise(ys):  # row by row, so that what is in between stays small
        each = _each(target[y0:y1], pixels[y0:y1])
        plain.append(_by_column(each, xs))
        weighted.append(plain[-1] if weights is None else _by_column(each * weights[y0:y1, :, None], xs))
    return np.array(plain), np.array(weighted)


def _each(target: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> NDArray[np.signedinteger]:
    """The squared errors of pixels, (height, width, 3) of RGB or (height, width, 1)."""
    if target.shape[2] == 4:
        return squared_errors(pixels, target)
    each: NDArray[np.int32] = np.subtract(target, pixels, dtype=np.int32)
    return np.multiply(each, each, out=each)


def _by_column(each: NDArray[np.signedinteger], xs: tuple[int, ...]) -> NDArray[np.int64]:
    return np.add.reduceat(each.sum(axis=0, dtype=np.int64).sum(axis=1), xs[:-1])


@functools.lru_cache(maxsize=1)
def _attached(handle: CanvasHandle) -> Canvas:
    return Canvas.attach(handle)

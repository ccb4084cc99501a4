"""The pure step: a job is a value, and the same job gives the same update in any process on any day."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from engine.grid import Tile
from engine.image.pixels import Pixels
from engine.image.source import TargetSource, TargetWindow
from engine.kernels.cache import store
from engine.kernels.store import MissingKernelError
from engine.painters.base import Carry, Cells, Judgement, Painter, Phase
from engine.painters.registry import load_part
from engine.parallel.canvas import Canvas, CanvasHandle


@dataclass(frozen=True)
class JobContext:
    """What all jobs of a run have in common; it goes to each worker once."""

    painter: str  # "module:Class", as its entry says
    params: BaseModel
    seed: int
    target: TargetSource
    canvas: CanvasHandle | None  # where to show the pixels; None: they come back with the update
    assets: Mapping[str, bytes] = field(default_factory=dict)  # what the painter needs, by its sha256

    def make_painter(self) -> Painter:
        """The painter."""
        return load_part(self.painter)(self.params, self.assets)


@dataclass(frozen=True)
class Workplace:
    """A context as a worker uses it: the painter made, the canvas attached."""

    context: JobContext
    painter: Painter
    canvas: Canvas | None


@dataclass(frozen=True)
class Job:
    """One tile in one phase."""

    phase_index: int
    phase: Phase
    index: int  # its place in the phase
    tile: Tile
    part: Any  # what the scene holds there
    new: int  # marks to add
    before: int | None  # the tile's loss now; None: the job has to look
    cells: Cells
    carry: Carry | None = None  # what the last job on this tile left

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
    judgement: Judgement
    evaluations: int
    seconds: float  # processor seconds
    carry: Carry | None = None


def open_context(context: JobContext) -> Workplace:
    """Get a process ready for a run's jobs, so that compiling is no part of the painting."""
    painter = context.make_painter()
    painter.warm_up()
    return Workplace(context, painter, None if context.canvas is None else Canvas.attach(context.canvas))


def warm_up(painter: str) -> None:
    """Compile the kernels of a painter "module:Class", or load them."""
    load_part(painter).warm_up()


def find_kernels(painter: str) -> list[str] | None:
    """The kernels that a painter "module:Class" needs, when all have been compiled for others; else None."""
    kernels = store()
    kernels.mode = "there"
    try:
        warm_up(painter)
    except MissingKernelError:
        return None
    return list(kernels.used)


def compile_kernels(painter: str) -> tuple[list[str], OSError | None]:
    """Compile all kernels of a painter "module:Class" anew; their names, and why some couldn't be saved.

    All: beside code that was compiled before, the compiler makes other code, which rounds in another order.
    """
    kernels = store()
    kernels.mode = "anew"
    warm_up(painter)
    return list(kernels.used), kernels.problem


def advance(workplace: Workplace, job: Job) -> Update:
    """Paint one tile and show it on the canvas; what would be worse than before is dropped."""
    started = time.process_time()
    context, painter, tile, halo = workplace.context, workplace.painter, job.tile, job.phase.halo
    window = context.target.read((tile.x0 - halo, tile.y0 - halo, tile.x1 + halo, tile.y1 + halo))
    own = window.crop(min(tile.x0, halo), min(tile.y0, halo), tile.height, tile.width)
    seed = np.random.SeedSequence(context.seed, spawn_key=(job.phase_index, tile.row, tile.col))
    result = painter.paint(window, tile, job.part, job.new, job.phase, seed, job.carry)
    part, carry, (pixels, judgement) = result.part, result.carry, _judged(painter, own, job, result.part)
    if not result.is_certain and judgement.loss > _loss_before(painter, own, job):
        part, carry, (pixels, judgement) = job.part, job.carry, _judged(painter, own, job, job.part)
    if workplace.canvas is not None:
        workplace.canvas.write(tile.x0, tile.y0, tile.x1, tile.y1, pixels)
    return Update(
        index=job.index,
        tile=tile,
        part=part,
        pixels=pixels if workplace.canvas is None else None,
        judgement=judgement,
        evaluations=result.evaluations,
        seconds=time.process_time() - started,
        carry=carry,
    )


def _loss_before(painter: Painter, window: TargetWindow, job: Job) -> int | float:
    """The tile's loss before the job."""
    return job.before if job.before is not None else _judged(painter, window, job, job.part)[1].loss


def _judged(painter: Painter, window: TargetWindow, job: Job, part: Any) -> tuple[Pixels, Judgement]:
    """A part drawn, and how good it is."""
    drawn = painter.draw_part(job.tile, part)
    return drawn, painter.judge(window, job.tile, part, drawn, job.cells)

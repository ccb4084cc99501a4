"""The pure step: a job is a value, and the same job gives the same update in any process on any day."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from socket import gethostname
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from engine.coordinator.pieces import LARGE, pieces_of
from engine.errors import TargetError, reason
from engine.grid import Tile
from engine.image.pixels import Pixels
from engine.image.source import Box, TargetSource, TargetWindow
from engine.kernels.cache import store
from engine.kernels.store import MissingKernelError
from engine.painters.base import Carry, Cells, Judgement, Painter, Phase
from engine.painters.registry import load_part
from engine.parallel.canvas import Canvas, CanvasHandle, View


@dataclass(frozen=True)
class JobContext:
    """What all jobs of a run have in common; it goes to each worker once."""

    painter: str  # "module:Class", as its entry says
    params: BaseModel
    seed: int
    target: TargetSource
    canvas: CanvasHandle | None  # where to show the pixels; None: they come back with the update
    assets: Mapping[str, bytes] = field(default_factory=dict)  # what the painter needs, by its sha256
    view: View | None = None  # how much of the pixels is shown; None: all

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
    pixels: NDArray[np.uint8] | None  # as they are shown; None when they are on the canvas
    judgement: Judgement
    evaluations: int
    seconds: float  # processor seconds
    carry: Carry | None = None


def open_context(context: JobContext) -> Workplace:
    """Get a process ready for a run's jobs, so that compiling is no part of the painting.

    TargetError when it can't read the target, as when that lies in a folder which another machine has.
    """
    try:
        context.target.read((0, 0, 1, 1))
    except OSError as exc:
        what = f"{exc.filename}: can't be read on {gethostname()} ({reason(exc)})"
        mend = "let all machines see the run's folder by this path, or go on without --pool"
        raise TargetError(f"{what}; {mend}.") from exc
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
    context, painter, tile = workplace.context, workplace.painter, job.tile
    window, pieces = _looked_at(workplace, job)
    seed = np.random.SeedSequence(context.seed, spawn_key=(job.phase_index, tile.row, tile.col))
    result = painter.paint(window, tile, job.part, job.new, job.phase, seed, job.carry)
    part, carry, (drawn, judgement) = result.part, result.carry, _judged(workplace, pieces, result.part)
    if not result.is_certain and judgement.loss > _loss_before(workplace, pieces, job):
        part, carry, (drawn, judgement) = job.part, job.carry, _judged(workplace, pieces, job.part)
    if workplace.canvas is not None:
        for piece, pixels in zip(pieces, drawn, strict=True):
            workplace.canvas.write(*piece.box, pixels)
    return Update(
        index=job.index,
        tile=tile,
        part=part,
        pixels=_joined(pieces, drawn) if workplace.canvas is None else None,
        judgement=judgement,
        evaluations=result.evaluations,
        seconds=time.process_time() - started,
        carry=carry,
    )


@dataclass(frozen=True)
class _Piece:
    """What of a tile is drawn and judged at a time: all of it, unless it is large."""

    tile: Tile
    cells: Cells
    window: TargetWindow | None  # None: it is read when it is looked at

    @property
    def box(self) -> Box:
        return self.tile.x0, self.tile.y0, self.tile.x1, self.tile.y1


def _looked_at(workplace: Workplace, job: Job) -> tuple[TargetWindow, list[_Piece]]:
    """The window that a job paints, and what is judged."""
    target, tile, halo, phase = workplace.context.target, job.tile, job.phase.halo, job.phase
    box = (tile.x0 - halo, tile.y0 - halo, tile.x1 + halo, tile.y1 + halo)
    is_large = workplace.painter.is_additive and tile.height * tile.width > LARGE
    window = target.read(box, phase.detail if is_large and phase.is_reduced else 1.0)
    if is_large:
        return window, [_Piece(*each, None) for each in pieces_of(tile, job.cells)]
    own = window.crop(min(tile.x0, halo), min(tile.y0, halo), tile.height, tile.width)
    return window, [_Piece(tile, job.cells, own)]


def _loss_before(workplace: Workplace, pieces: Sequence[_Piece], job: Job) -> int | float:
    """The tile's loss before the job."""
    return job.before if job.before is not None else _judged(workplace, pieces, job.part)[1].loss


def _judged(workplace: Workplace, pieces: Sequence[_Piece], part: Any) -> tuple[list[Pixels], Judgement]:
    """A part drawn, piece by piece as it is shown, and how good it is."""
    context, painter = workplace.context, workplace.painter
    drawn, judgements = list[Pixels](), list[Judgement]()
    for piece in pieces:
        window = context.target.read(piece.box) if piece.window is None else piece.window
        pixels = painter.draw_part(piece.tile, part)
        judgements.append(painter.judge(window, piece.tile, part, pixels, piece.cells))
        drawn.append(pixels if context.view is None else context.view.shown(*piece.box, pixels))
    return drawn, judgements[0] if len(pieces) == 1 else _sum(pieces, judgements)


def _sum(pieces: Sequence[_Piece], judgements: Sequence[Judgement]) -> Judgement:
    """That of a tile whose pieces, row by row, have these."""
    rows = _rows(pieces)
    errors, losses = (
        np.block([[getattr(judgements[which], name) for which in row] for row in rows])
        for name in ("errors", "losses")
    )
    return Judgement(errors, losses, sum(each.loss for each in judgements))


def _joined(pieces: Sequence[_Piece], drawn: Sequence[Pixels]) -> Pixels:
    """The pixels of a tile, as they are shown, of those of its pieces."""
    if len(drawn) == 1:
        return drawn[0]
    rows = [np.concatenate([drawn[which] for which in row], axis=1) for row in _rows(pieces)]
    return np.concatenate(rows)


def _rows(pieces: Sequence[_Piece]) -> list[list[int]]:
    """The numbers of a tile's pieces, row by row."""
    return [list(row) for _, row in groupby(range(len(pieces)), lambda which: pieces[which].tile.y0)]

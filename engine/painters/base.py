"""The plug-in seam: a painter plans phases and paints parts; nothing else in the engine knows how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from engine.grid import Grid, Tile, Tiling
from engine.image.importance import Weights
from engine.image.pixels import Colour, Pixels
from engine.image.target import Target
from engine.scene.scene import Scene

Cells = tuple[tuple[int, ...], tuple[int, ...]]  # lattice lines ys, xs in a tile, both borders included


@dataclass(frozen=True, slots=True)
class Phase:
    """One pass of one grid over the picture."""

    level: int
    tiling: Tiling  # how the tiles of the level lie
    action: str  # the painter's own word
    marks: int  # in the whole picture at its end: jobs are asked to add what is missing at its start
    effort: int  # work for each mark, in evaluations of one candidate,
    visits: int  # spread over so many visits or steps
    detail: float  # working pixels for each target pixel, along a side
    then: tuple[Phase, ...] = ()  # on the same tiles; the same jobs do it before they show what they made
    halo: int = 0  # target pixels around each tile that its job must see

    @property
    def chain(self) -> tuple[Phase, ...]:
        """All that its jobs do, one after the other."""
        return (self, *self.then)

    @property
    def work(self) -> int:
        """Evaluations that are planned in the whole picture."""
        return self.marks * sum(phase.effort for phase in self.chain)


@dataclass(frozen=True)
class PaintResult:
    """What a painter made of a part."""

    part: Any
    evaluations: int


@dataclass(frozen=True)
class Analysis:
    """What a painter learnt from a target before it began."""

    params: Any  # its own, with all filled in that only the target can tell
    background: Colour | None  # None: transparent
    weights: Weights | None  # how much each pixel counts, (height, width); None: all the same


class Painter(Protocol):
    """Paints by phases. Never prints, sleeps, reads the clock, or touches global random state."""

    Params: ClassVar[type[BaseModel]]
    scene_class: ClassVar[type[Scene]]
    rows: ClassVar[int]  # that a mark takes up in a scene's arrays: so much fewer snapshots are kept

    def __init__(self, params: Any) -> None: ...

    def analyse(self, target: Target) -> Analysis:
        """What must be learnt from the target; params that say everything stay as they are."""

    def empty_scene(self, height: int, width: int, background: Colour | None) -> Scene:
        """The scene before anything is painted."""

    def warm_start(self, scene: Any, target: Target, background: Colour | None) -> Scene:
        """What a run begins with that starts from another one's scene, brought to the target's size.

        It keeps what it can of the scene, with no more marks than this run wants, in colours that it may use.
        """

    def plan(self, grid: Grid, effort: float, marks: int = 0) -> tuple[Phase, ...]:
        """The phases, first to last; effort multiplies the counted work of the default.

        marks: how many there are already when it begins.
        """

    def allocate(
        self,
        new: int,
        tiles: Sequence[Tile],
        held: Sequence[int],
        errors: NDArray[np.int64],
        weights: Weights | None,
    ) -> list[int]:
        """How many of the new marks each tile gets.

        held: marks that each tile's job may change. errors: weighted squared error of each tile before the
        phase. weights: of the whole picture.
        """

    def paint(
        self,
        pixels: Pixels,
        weights: Weights | None,
        tile: Tile,
        part: Any,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
    ) -> PaintResult:
        """Improve a part; a pure function.

        pixels: the tile's window of the target with the phase's halo, as far as there is any target: (height,
        width, channels), RGB or premultiplied RGBA.
        weights: (height, width), how much each pixel counts; None: all the same.
        new: how many marks to add.
        """

    def draw_part(self, tile: Tile, part: Any) -> Pixels:
        """The tile's window of the picture, (height, width, channels)."""

    def squares(
        self, pixels: Pixels, weights: Weights | None, tile: Tile, part: Any, drawn: Pixels, cells: Cells
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The squared errors of a tile's cells, (rows, cols): plain, and those that count, in whole numbers.

        A job's result is dropped when the sum of those that count has risen.
        pixels, weights: the tile's window. drawn: what `draw_part` says.
        """

    def error(self, squares: int, shape: tuple[int, ...]) -> float:
        """The error, 0 to 1, of a picture whose cells' plain squared errors have that sum.

        shape: of its pixels, (height, width, channels).
        """

    @staticmethod
    def compile() -> None:
        """Compile all kernels, or load them from the cache."""

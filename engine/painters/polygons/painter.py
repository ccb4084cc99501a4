"""Shapes placed and improved from coarse grids to fine ones: the painter's seam to the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.grid import PLAIN, Grid, Tile
from engine.image.importance import Weights
from engine.image.metric import error_of
from engine.image.palette import find_palette, nearest
from engine.image.pixels import Colour, Pixels
from engine.image.source import TargetWindow
from engine.image.target import Target
from engine.painters.allocation import apportioned
from engine.painters.base import (
    NO_ASSETS,
    Analysis,
    Carry,
    Cells,
    Judgement,
    PaintResult,
    Phase,
    judge_pixels,
)
from engine.painters.polygons.params import PolygonParams
from engine.painters.polygons.plan import RELOCATED, make_plan
from engine.painters.polygons.tile_job import RELOCATION, KernelParams, Work
from engine.painters.polygons.warm_start import keep_best, with_looks
from engine.parallel.pool import Resources
from engine.scene.kinds import numbers
from engine.scene.shape_scene import ShapePart, ShapeScene, draw_part
from engine.scene.shapes import pushed_inside
from engine.scene.successive import warm_up


class PolygonPainter:
    """See engine.painters.base.Painter for the methods."""

    scene_class: ClassVar = ShapeScene
    rows: ClassVar = 1
    resources: Resources = Resources()
    reproducible: Literal["bytes", "error"] = "bytes"
    is_additive: ClassVar = True

    def __init__(self, params: PolygonParams, assets: Mapping[str, bytes] = NO_ASSETS) -> None:
        self.params = params
        self._kernel_params = KernelParams.of(params)

    def analyse(self, target: Target) -> Analysis:
        """The colours of the palette, when only their number is given."""
        palette, background = self.params.palette, target.background
        if isinstance(palette, int):
            palette = find_palette(target.sampled, palette)
        if isinstance(palette, tuple) and background is not None and target.has_mean_background:
            background = nearest(background, palette)
        return Analysis(self.params.model_copy(update={"palette": palette}), background, target.weights)

    def empty_scene(self, height: int, width: int, background: Colour | None) -> ShapeScene:
        """The background alone."""
        return ShapeScene.empty(height, width, background, self._room())

    def warm_start(self, scene: ShapeScene, target: Target, background: Colour | None) -> ShapeScene:
        """Shapes keep their kinds and get this run's looks; when they are too many, those worth least go."""
        scene = scene.resized(*target.pixels.shape[:2])
        scene = with_looks(scene, background, self._room(), self._kernel_params.looks)
        return keep_best(scene, self.params.count, target)

    def plan(self, grid: Grid, effort: float, marks: int = 0) -> tuple[Phase, ...]:
        """See plan.py."""
        return make_plan(self.params, grid, effort, marks)

    def demand(self, weights: Weights | None) -> None:
        """Shapes go where the loss is."""

    def allocate(
        self,
        new: int,
        tiles: Sequence[Tile],
        held: Sequence[int],
        losses: NDArray[np.int64],
        demand: NDArray[np.float64] | None,
    ) -> list[int]:
        """By the tiles' losses, or as many in each."""
        if self.params.spread == "even" or not losses.any():
            losses = np.array([tile.height * tile.width for tile in tiles])
        return apportioned(new, losses)

    def paint(
        self,
        window: TargetWindow,
        tile: Tile,
        part: ShapePart,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
        carry: Carry | None = None,
    ) -> PaintResult:
        """Place what is missing, then do what the phases say, in their working pixels."""
        work = Work.on(window, tile, part, phase, self._kernel_params, seed)
        if new:
            work.place(new, phase.effort if phase.action == "place" else RELOCATION)
        for each in phase.chain:
            if each.action == "refine":
                work.refine(each.visits, each.effort // each.visits)
            elif each.action == "anneal together":
                work.anneal_together(each.effort)
            elif each.action == "anneal":
                work.anneal(each.visits, each.effort // each.visits)
            elif each.action == "polish":
                work.polish(each.visits)
            elif each.action == "relocate":
                work.relocate(min(RELOCATED / each.visits, 1.0))
        return PaintResult(work.part(), work.evaluations)

    def draw_part(self, tile: Tile, part: ShapePart) -> NDArray[np.uint8]:
        """The tile at full detail."""
        return draw_part(tile, part)

    def judge(
        self, window: TargetWindow, tile: Tile, part: ShapePart, drawn: Pixels, cells: Cells
    ) -> Judgement:
        """By the drawn pixels; as losses their squared errors are times each pixel's weight."""
        return judge_pixels(window, drawn, cells)

    def error(self, errors: int, shape: tuple[int, ...]) -> float:
        """RMSE at the working size, as metric.rmse has it."""
        return error_of(errors, shape)

    def _room(self) -> int:
        """Numbers of a geometry that any shape of this run may need."""
        return max(map(numbers, self._kernel_params.mixture.choices.tolist()))

    @staticmethod
    def warm_up() -> None:
        """By painting a tiny picture."""
        painter = PolygonPainter(PolygonParams(count=2, shape="mixed"))
        tile = Tile(0, 0, 0, 0, 0, 8, 8)
        part = painter.empty_scene(8, 8, (0.0, 0.0, 0.0)).take([tile])[0]
        window = TargetWindow(np.full((8, 8, 3), 255, np.uint8), None)
        for action in ("place", "refine", "anneal", "relocate", "polish"):
            phase = Phase(0, PLAIN, action, 2, 10, 1, 1.0)
            part = painter.paint(window, tile, part, 2, phase, np.random.SeedSequence(0)).part
        painter.draw_part(tile, part)
        pushed_inside(part.shapes, part.limits)
        scene = painter.empty_scene(8, 8, (0.0, 0.0, 0.0))
        warm_up(scene.drawable(4, 4), scene.put([part]).drawable(4, 4))

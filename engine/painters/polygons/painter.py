"""Shapes placed and improved from coarse grids to fine ones: the painter's seam to the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.grid import Grid, Tile
from engine.image.importance import Weights
from engine.image.metric import FINENESS, squares
from engine.image.palette import find_palette, nearest
from engine.image.pixels import Colour, Pixels
from engine.image.target import Target
from engine.painters.allocation import apportioned
from engine.painters.base import Analysis, Cells, PaintResult, Phase
from engine.painters.polygons.params import PolygonParams
from engine.painters.polygons.plan import RELOCATED, make_plan
from engine.painters.polygons.scene import PolygonPart, PolygonScene
from engine.painters.polygons.tile_job import RELOCATION, KernelParams, Work
from engine.painters.polygons.warm_start import keep_best, with_looks
from engine.scene.kinds import numbers
from engine.scene.shapes import outlines_of, pushed_inside


class PolygonPainter:
    """See engine.painters.base.Painter for the methods."""

    Params: ClassVar = PolygonParams
    scene_class: ClassVar = PolygonScene
    rows: ClassVar = 1

    def __init__(self, params: PolygonParams) -> None:
        self.params = params
        self._kernel_params = KernelParams.of(params)

    def analyse(self, target: Target) -> Analysis:
        """The colours of the palette, when only their number is given."""
        palette, background = self.params.palette, target.background
        if isinstance(palette, int):
            palette = find_palette(target.pixels, palette)
        if isinstance(palette, tuple) and background is not None and target.has_mean_background:
            background = nearest(background, palette)
        return Analysis(self.params.model_copy(update={"palette": palette}), background, target.weights)

    def empty_scene(self, height: int, width: int, background: Colour | None) -> PolygonScene:
        """The background alone."""
        return PolygonScene.empty(height, width, background, self._room())

    def warm_start(self, scene: PolygonScene, target: Target, background: Colour | None) -> PolygonScene:
        """Shapes keep their kinds and get this run's looks; when they are too many, those worth least go."""
        scene = with_looks(scene, background, self._room(), self._kernel_params.looks)
        return keep_best(scene, self.params.count, target)

    def plan(self, grid: Grid, effort: float, marks: int = 0) -> tuple[Phase, ...]:
        """See plan.py."""
        return make_plan(self.params, grid, effort, marks)

    def allocate(
        self,
        new: int,
        tiles: Sequence[Tile],
        held: Sequence[int],
        errors: NDArray[np.int64],
        weights: Weights | None,
    ) -> list[int]:
        """By the tiles' errors, or as many in each."""
        if self.params.spread == "even" or not errors.any():
            errors = np.array([tile.height * tile.width for tile in tiles])
        return apportioned(new, errors)

    def paint(
        self,
        pixels: Pixels,
        weights: Weights | None,
        tile: Tile,
        part: PolygonPart,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
    ) -> PaintResult:
        """TileBox what is missing, then do what the phases say, in their working pixels."""
        work = Work.on(pixels, weights, tile, part, phase, self._kernel_params, seed)
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

    def draw_part(self, tile: Tile, part: PolygonPart) -> NDArray[np.uint8]:
        """The tile at full detail."""
        outlines = outlines_of(tile.height, tile.width, part.background, part.polygons)
        return outlines.draw_window(tile.x0, tile.y0, tile.height, tile.width)

    def squares(
        self,
        pixels: Pixels,
        weights: Weights | None,
        tile: Tile,
        part: PolygonPart,
        drawn: Pixels,
        cells: Cells,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of the drawn pixels; those that count are times each pixel's weight."""
        return squares(pixels, drawn, weights, *cells)

    def error(self, squares: int, shape: tuple[int, ...]) -> float:
        """RMSE at the working size, as image.rmse has it."""
        height, width, channels = shape
        return math.sqrt(squares / (3 * height * width * (FINENESS if channels == 4 else 1))) / 255

    def _room(self) -> int:
        """Numbers of a geometry that any shape of this run may need."""
        return max(map(numbers, self._kernel_params.mixture.choices.tolist()))

    @staticmethod
    def compile() -> None:
        """By painting a tiny picture."""
        painter = PolygonPainter(PolygonParams(count=2, shape="mixed"))
        tile = Tile(0, 0, 0, 0, 0, 8, 8)
        part = painter.empty_scene(8, 8, (0.0, 0.0, 0.0)).take([tile])[0]
        pixels = np.full((8, 8, 3), 255, np.uint8)
        for action in ("place", "refine", "anneal", "relocate", "polish"):
            phase = Phase(0, "plain", action, 2, 10, 1, 1.0)
            part = painter.paint(pixels, None, tile, part, 2, phase, np.random.SeedSequence(0)).part
        painter.draw_part(tile, part)
        pushed_inside(part.polygons, part.limits)

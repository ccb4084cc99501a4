"""Shapes placed and improved by annealing, from coarse grids to fine ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.grid import Grid, Tile
from engine.image import Target, resample
from engine.painter import Painted, Phase, Study
from engine.painters.polygons.adam import polish, worths
from engine.painters.polygons.arrays import Shapes, drawn_outlines
from engine.painters.polygons.drawing import composite, draw_window, ground
from engine.painters.polygons.kinds import numbers
from engine.painters.polygons.looks import colours_of, find_palette, nearest
from engine.painters.polygons.place import place
from engine.painters.polygons.plan import PolygonParams, make_plan
from engine.painters.polygons.refine import refine
from engine.painters.polygons.scene import NEW, PolygonPart, PolygonScene
from engine.painters.polygons.score import Looks
from engine.painters.polygons.window import Window, outlines, settled
from engine.painters.polygons.words import weights
from engine.scene import Colour

PLACE_HEAT = (0.02, 0.001)  # temperatures, in units of the mean squared error for each polygon of the window
REFINE_HEAT = (0.3, 0.002)
RELOCATED = 0.05  # of the free shapes, those that contribute least
RELOCATION = 400  # evaluations for placing one of them anew


class PolygonPainter:
    """See engine.painter.Painter for the methods."""

    Params: ClassVar = PolygonParams
    scene_class: ClassVar = PolygonScene

    def __init__(self, params: PolygonParams) -> None:
        self.params = params
        mixture = weights(params.shape)
        self.kinds = np.array(list(mixture), np.int16)
        shares = np.cumsum(list(mixture.values()))
        self.shares = (shares / shares[-1]).astype(np.float32)
        palette = params.palette if isinstance(params.palette, tuple) else ()
        self._looks = Looks(np.float32(params.opacity[0]), np.float32(params.opacity[1]), colours_of(palette))

    def study(self, target: Target) -> Study:
        """The colours of the palette, when only their number is given."""
        palette, background = self.params.palette, target.background
        if isinstance(palette, int):
            palette = find_palette(target.pixels, palette)
        if isinstance(palette, tuple) and background is not None and target.has_mean_background:
            background = nearest(background, palette)
        return Study(self.params.model_copy(update={"palette": palette}), background)

    def blank(self, height: int, width: int, background: Colour | None) -> PolygonScene:
        """The background alone."""
        return PolygonScene.blank(height, width, background, max(map(numbers, self.kinds.tolist())))

    def plan(self, grid: Grid, effort: float) -> tuple[Phase, ...]:
        """See plan.py."""
        return make_plan(self.params, grid, effort)

    def allot(self, new: int, tiles: Sequence[Tile], errors: NDArray[np.int64]) -> list[int]:
        """By largest remainder."""
        if self.params.spread == "even" or not errors.any():
            weights = np.array([tile.height * tile.width for tile in tiles], np.float64)
        else:
            weights = errors.astype(np.float64)
        quota = new * weights / weights.sum()
        shares = np.floor(quota).astype(int)
        largest = np.argsort(shares - quota, kind="stable")[: new - shares.sum()]
        shares[largest] += 1
        return shares.tolist()

    def paint(
        self,
        pixels: NDArray[np.uint8],
        weights: NDArray[np.uint8] | None,
        tile: Tile,
        part: PolygonPart,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
    ) -> Painted:
        """Place what is missing, then refine if the phase says so, in its working pixels."""
        window = Window.of(tile, phase.detail)
        work = resample(pixels, window.height, window.width)
        target = np.ascontiguousarray(work.transpose(2, 0, 1), np.float32) / np.float32(255)
        roots = window.roots(weights)
        background = ground(part.background)
        limits = (part.limits.reshape(2, 2) - window.origin) * window.scale
        state = seed.generate_state(1, np.uint64)
        known = window.inward(part.polygons)
        if phase.action == "relocate":
            keep = self._useful(target, roots, background, known, part.free)
            new = len(known) - int(keep.sum())
            part = replace(part, polygons=part.polygons[keep], free=part.free[keep])
            known = known[keep]
        polygons = replace(
            known,
            geometry=known.geometry.copy(),
            colours=known.colours.copy(),
            opacities=known.opacities.copy(),
        )
        if new:
            polygons = polygons.joined(Shapes.empty(new, polygons.geometry.shape[1], len(background), NEW))
        first, free = len(known), np.concatenate([part.free, np.ones(new, np.bool_)])
        points = outlines(set(self.kinds.tolist()), known, new, limits)
        layers = np.empty_like(target)
        composite(background, points[:first], known.colours, known.opacities, 0, 0, layers)
        missing = target - layers if weights is None else roots * (target - layers)
        share = np.float32(np.sum(missing**2) / max(len(polygons), 1))
        evaluations = 0
        if new:
            effort = RELOCATION if phase.action == "relocate" else phase.effort
            tries = effort // 5
            count, evaluations = place(
                target, roots, layers, polygons.kinds, polygons.geometry, points, polygons.colours,
                polygons.opacities, first, limits.ravel(), self.kinds, self.shares, tries,
                effort - tries, share * PLACE_HEAT[0], share * PLACE_HEAT[1],
                self._looks, state,
            )  # fmt: skip
            polygons, points, free = polygons[:count], points[:count], free[:count]
        if phase.action == "refine":
            evaluations += refine(
                target, roots, background, polygons.kinds, polygons.geometry, points, polygons.colours,
                polygons.opacities, free, limits.ravel(), phase.visits, phase.effort // phase.visits,
                share * REFINE_HEAT[0], share * REFINE_HEAT[1], self._looks, state,
            )  # fmt: skip
        if phase.action in ("relocate", "polish"):
            evaluations += polish(
                target, roots, background, polygons.kinds, polygons.geometry, points, polygons.colours,
                polygons.opacities, free, limits.ravel(), self._looks.lowest, self._looks.highest,
                len(self._looks.palette) > 0, phase.visits,
            )  # fmt: skip
        return Painted(settled(part, known, polygons, window.outward(polygons)), evaluations)

    def _useful(
        self,
        target: NDArray[np.float32],
        roots: NDArray[np.float32],
        background: NDArray[np.float32],
        shapes: Shapes,
        free: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Which shapes stay when the free ones that contribute least are taken away."""
        points = drawn_outlines(shapes.kinds, shapes.geometry)
        worth = worths(target, roots, background, points, shapes.colours, shapes.opacities, free)
        keep = np.ones(len(shapes), np.bool_)
        keep[np.argsort(worth, kind="stable")[: math.ceil(RELOCATED * free.sum())]] = False
        return keep | ~free

    def draw_part(self, tile: Tile, part: PolygonPart) -> NDArray[np.uint8]:
        """The tile at full detail."""
        picture = np.empty((tile.height, tile.width, len(ground(part.background))), np.uint8)
        points = drawn_outlines(part.polygons.kinds, part.polygons.geometry)
        draw_window(part.background, points, part.polygons, tile.x0, tile.y0, picture)
        return picture

    @staticmethod
    def compile() -> None:
        """By painting a tiny picture."""
        painter = PolygonPainter(PolygonParams(count=2, shape="mixed"))
        tile = Tile(0, 0, 0, 0, 0, 8, 8)
        part = painter.blank(8, 8, (0.0, 0.0, 0.0)).take(tile)
        pixels = np.full((8, 8, 3), 255, np.uint8)
        for action in ("place", "refine", "relocate"):
            phase = Phase(0, "plain", action, 2, 10, 1, 1.0)
            part = painter.paint(pixels, None, tile, part, 2, phase, np.random.SeedSequence(0)).part
        painter.draw_part(tile, part)

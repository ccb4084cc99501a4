"""Polygons placed and improved one at a time, from coarse grids to fine ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from engine.grid import TILE_SIDE, Grid, Tile
from engine.image import resample
from engine.painter import Painted, Phase
from engine.painters.polygons.place import place
from engine.painters.polygons.refine import refine
from engine.painters.polygons.scene import NEW, PolygonPart, Polygons, PolygonScene, composite, draw_window
from engine.painters.polygons.search import SEARCHES
from engine.scene import Colour

SHAPES = {"triangle": 3, "quad": 4}  # vertices of each shape

EVALUATIONS = 5000  # for each polygon at effort 1
CROWD = 150  # polygons in a tile of a coarse level at most: each visit draws all that overlap
GROUP = 12  # polygons that a tile of the finest level used holds at least, on average
FIRST_SHARES = (1 / 16, 1 / 4)  # of the first level's polygons come before the others, for a soft start
COARSE_SHARE = 0.45  # exponent: the share of polygons placed by a level is its share of tiles to this power
EARLY_SHARE = 0.1  # of the evaluations for refining at each stage before the last,
EARLY_VISITS = 12  # but no more visits, so that a run stopped by time has all its polygons,
LAST_SHARE = 0.8  # and at the last one
MOVES = 400  # in a visit at effort 1
PASSES = 8  # at the last stage, about, before the visits of each pass become more
PLACE_HEAT = (0.02, 0.001)  # temperatures, in units of the mean squared error for each polygon of the window
REFINE_HEAT = (0.3, 0.002)


class PolygonParams(BaseModel):
    """What the user chooses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: Literal["triangle", "quad"] = "triangle"
    count: int = Field(default=1000, ge=1, le=1_000_000)
    levels: Literal["all", "finest"] = "all"  # coarse to fine, or the finest grid alone
    shift: bool = True  # every other pass on a grid shifted by half a tile
    spread: Literal["error", "even"] = "error"  # new polygons by the tiles' error, or as many in each
    search: Literal["annealing", "dual", "hill"] = "annealing"  # for the outline of one polygon


class PolygonPainter:
    """See engine.painter.Painter for the methods."""

    Params: ClassVar = PolygonParams
    scene_class: ClassVar = PolygonScene

    def __init__(self, params: PolygonParams) -> None:
        self.params = params

    def blank(self, height: int, width: int, background: Colour) -> PolygonScene:
        """The background alone."""
        return PolygonScene.blank(height, width, background, SHAPES[self.params.shape])

    def plan(self, grid: Grid, effort: float) -> tuple[Phase, ...]:
        """At each stage place a share of the polygons, then move them; most of the work at the last stage.

        The last stage's passes take turns between its tiles and the next larger ones, each shifted or not, so
        that a polygon too large for the finest tiles is moved at full detail as well.
        """
        budget = EVALUATIONS * effort
        placing = round(min(max(budget / 8, 40), 2000))
        moves = round(min(max(MOVES * effort ** (1 / 3), 100), 1600))
        stages = self._stages(grid)
        phases: list[Phase] = []
        for level, detail, marks in stages[:-1]:
            phases.append(Phase(level, False, "place", marks, placing, 1, detail))
            visits = min(round(budget * EARLY_SHARE / moves), EARLY_VISITS)
            if visits:
                phases.append(Phase(level, False, "refine", marks, visits * moves, visits, detail))
        level, detail, marks = stages[-1]
        phases.append(Phase(level, False, "place", marks, placing, 1, detail))
        widened = (level, level - 1) if level > 0 and self.params.levels == "all" else (level,)
        shifts = (False, True) if self.params.shift else (False,)
        turns = [(wide, shifted) for shifted in shifts for wide in widened]
        visits = min(max(round(budget * LAST_SHARE / moves / PASSES), 2), 8)
        for turn in range(round(budget * LAST_SHARE / (visits * moves))):
            wide, shifted = turns[turn % len(turns)]
            phases.append(Phase(wide, shifted, "refine", marks, visits * moves, visits, detail))
        return tuple(phases)

    def _stages(self, grid: Grid) -> list[tuple[int, float, int]]:
        """(level, detail, polygons in the end), coarse to fine.

        A tile is worked at about TILE_SIDE pixels on a side at every level. With few polygons the tiles stop
        getting smaller, and only the detail grows.
        """
        last = len(grid.levels) - 1
        if self.params.levels == "finest":
            return [(last, 1.0, self.params.count)]
        while last and self.params.count < GROUP * grid.levels[last][0] * grid.levels[last][1]:
            last -= 1
        stages = []
        for level, (rows, cols) in enumerate(grid.levels[: last + 1]):
            detail = min(1.0, TILE_SIDE / max(grid.height / rows, grid.width / cols))
            marks = min(round(self.params.count * detail ** (2 * COARSE_SHARE)), CROWD * rows * cols)
            stages.append((level, detail, max(marks, 1)))
        while stages[-1][1] < 1:
            detail = min(1.0, 2 * stages[-1][1])
            stages.append((last, detail, max(round(self.params.count * detail ** (2 * COARSE_SHARE)), 1)))
        stages[-1] = (last, 1.0, self.params.count)
        level, detail, marks = stages[0]
        first = [(level, detail, math.ceil(marks * share)) for share in FIRST_SHARES]
        return [*first, *stages]

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
        tile: Tile,
        part: PolygonPart,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
    ) -> Painted:
        """Place what is missing, then refine if the phase says so, in its working pixels."""
        window = _Window.of(tile, phase.detail)
        work = resample(pixels, window.height, window.width)
        target = np.ascontiguousarray(work.transpose(2, 0, 1), np.float32) / np.float32(255)
        background = np.array(part.background, np.float32)
        limits = window.inward(part.limits.reshape(2, 2)).ravel()
        state = seed.generate_state(1, np.uint64)
        polygons = replace(
            part.polygons,
            points=window.inward(part.polygons.points),
            colours=part.polygons.colours.copy(),
            opacities=part.polygons.opacities.copy(),
        )
        layers = np.empty_like(target)
        composite(background, polygons.points, polygons.colours, polygons.opacities, 0, 0, layers)
        share = np.float32(np.sum((target - layers) ** 2) / max(len(polygons) + new, 1))
        free = part.free
        how = SEARCHES[self.params.search]
        evaluations = 0
        if new:
            polygons = polygons.joined(_empty(new, polygons.points.shape[1]))
            tries = phase.effort // 5
            count, evaluations = place(
                target, layers, polygons.points, polygons.colours, polygons.opacities, len(free), limits,
                tries, phase.effort - tries, share * PLACE_HEAT[0], share * PLACE_HEAT[1], how, state,
            )  # fmt: skip
            polygons = polygons[:count]
            free = np.concatenate([free, np.ones(count - len(free), np.bool_)])
        if phase.action == "refine":
            evaluations += refine(
                target, background, polygons.points, polygons.colours, polygons.opacities, free, limits,
                phase.visits, phase.effort // phase.visits,
                share * REFINE_HEAT[0], share * REFINE_HEAT[1], how, state,
            )  # fmt: skip
        points = np.clip(window.outward(polygons.points), part.limits[:2], part.limits[2:])
        known = part.polygons.points  # what has not been moved stays exactly where it was, without rounding
        moved = (polygons.points[: len(known)] != window.inward(known)).any(axis=(1, 2), keepdims=True)
        points[: len(known)] = np.where(moved, points[: len(known)], known)
        return Painted(replace(part, polygons=replace(polygons, points=points), free=free), evaluations)

    def draw_part(self, tile: Tile, part: PolygonPart) -> NDArray[np.uint8]:
        """The tile at full detail."""
        picture = np.empty((tile.height, tile.width, 3), np.uint8)
        draw_window(part.background, part.polygons.points, part.polygons, tile.x0, tile.y0, picture)
        return picture

    @staticmethod
    def compile() -> None:
        """By painting a tiny picture."""
        painter = PolygonPainter(PolygonParams(count=2))
        tile = Tile(0, 0, 0, 0, 0, 8, 8)
        part = painter.blank(8, 8, (0.0, 0.0, 0.0)).take(tile)
        pixels = np.full((8, 8, 3), 255, np.uint8)
        for action in ("place", "refine"):
            phase = Phase(0, False, action, 2, 10, 1, 1.0)
            part = painter.paint(pixels, tile, part, 2, phase, np.random.SeedSequence(0)).part
        painter.draw_part(tile, part)


@dataclass(frozen=True)
class _Window:
    """A tile in working pixels."""

    height: int
    width: int
    origin: NDArray[np.float32]  # the tile's corner in target pixels
    scale: NDArray[np.float32]  # working pixels for a target pixel, x and y

    @classmethod
    def of(cls, tile: Tile, detail: float) -> _Window:
        height, width = max(1, round(tile.height * detail)), max(1, round(tile.width * detail))
        scale = np.array([width / tile.width, height / tile.height], np.float32)
        return cls(height, width, np.array([tile.x0, tile.y0], np.float32), scale)

    def inward(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Target pixels to working pixels; the last axis is x, y."""
        return (points - self.origin) * self.scale

    def outward(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Working pixels to target pixels."""
        return points / self.scale + self.origin


def _empty(count: int, vertices: int) -> Polygons:
    return Polygons(
        np.full(count, NEW, np.int64),
        np.empty((count, vertices, 2), np.float32),
        np.empty((count, 3), np.float32),
        np.empty(count, np.float32),
    )

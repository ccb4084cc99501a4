"""Shapes placed and improved by annealing, from coarse grids to fine ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from engine.grid import TILE_SIDE, Grid, Tile
from engine.image import Target, resample
from engine.painter import Painted, Phase, Study
from engine.painters.polygons.arrays import Shapes, drawn_outlines, scaling, shifting
from engine.painters.polygons.drawing import composite, draw_window, ground
from engine.painters.polygons.kinds import CIRCLE, MOST_VERTICES, is_curved, numbers, search_vertices
from engine.painters.polygons.looks import SOLVED, Opacity, Palette, colours_of, find_palette, nearest
from engine.painters.polygons.place import place
from engine.painters.polygons.refine import refine
from engine.painters.polygons.scene import NEW, PolygonPart, PolygonScene
from engine.painters.polygons.score import Looks
from engine.painters.polygons.shapes import drawn_vertices
from engine.painters.polygons.words import Shape, weights
from engine.scene import Colour

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

    shape: Shape = "triangle"
    count: int = Field(default=1000, ge=1, le=1_000_000)
    opacity: Opacity = SOLVED
    palette: Palette = "none"
    levels: Literal["all", "finest"] = "all"  # coarse to fine, or the finest grid alone
    shift: bool = True  # every other pass on a grid shifted by half a tile
    spread: Literal["error", "even"] = "error"  # new polygons by the tiles' error, or as many in each


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
        weights: NDArray[np.uint8] | None,
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
        roots = window.roots(weights)
        background = ground(part.background)
        limits = (part.limits.reshape(2, 2) - window.origin) * window.scale
        state = seed.generate_state(1, np.uint64)
        known = window.inward(part.polygons)
        polygons = replace(
            known,
            geometry=known.geometry.copy(),
            colours=known.colours.copy(),
            opacities=known.opacities.copy(),
        )
        if new:
            polygons = polygons.joined(Shapes.empty(new, polygons.geometry.shape[1], len(background), NEW))
        first, free = len(known), np.concatenate([part.free, np.ones(new, np.bool_)])
        points = _outlines(set(self.kinds.tolist()), known, new, limits)
        layers = np.empty_like(target)
        composite(background, points[:first], known.colours, known.opacities, 0, 0, layers)
        missing = target - layers if weights is None else roots * (target - layers)
        share = np.float32(np.sum(missing**2) / max(len(polygons), 1))
        evaluations = 0
        if new:
            tries = phase.effort // 5
            count, evaluations = place(
                target, roots, layers, polygons.kinds, polygons.geometry, points, polygons.colours,
                polygons.opacities, first, limits.ravel(), self.kinds, self.shares, tries,
                phase.effort - tries, share * PLACE_HEAT[0], share * PLACE_HEAT[1],
                self._looks, state,
            )  # fmt: skip
            polygons, points, free = polygons[:count], points[:count], free[:count]
        if phase.action == "refine":
            evaluations += refine(
                target, roots, background, polygons.kinds, polygons.geometry, points, polygons.colours,
                polygons.opacities, free, limits.ravel(), phase.visits, phase.effort // phase.visits,
                share * REFINE_HEAT[0], share * REFINE_HEAT[1], self._looks, state,
            )  # fmt: skip
        return Painted(_settled(part, known, polygons, window.outward(polygons)), evaluations)

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
        for action in ("place", "refine"):
            phase = Phase(0, False, action, 2, 10, 1, 1.0)
            part = painter.paint(pixels, None, tile, part, 2, phase, np.random.SeedSequence(0)).part
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

    def roots(self, weights: NDArray[np.uint8] | None) -> NDArray[np.float32]:
        """Square roots of the weights in 0..1, (height, width); none of them when all are the same."""
        if weights is None:
            return np.empty((0, 0), np.float32)
        return np.sqrt(resample(weights, self.height, self.width).astype(np.float32) / np.float32(255))

    def inward(self, shapes: Shapes) -> Shapes:
        """Target pixels to working pixels."""
        geometry = (shapes.geometry - shifting(shapes, self.origin)) * scaling(shapes, self.scale)
        return replace(shapes, geometry=geometry)

    def outward(self, shapes: Shapes) -> Shapes:
        """Working pixels to target pixels."""
        geometry = shapes.geometry / scaling(shapes, self.scale) + shifting(shapes, self.origin)
        return replace(shapes, geometry=geometry)


def _outlines(kinds: set[int], known: Shapes, new: int, limits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The outlines as drawn, and room for new ones of any size within limits (2, 2)."""
    kinds = kinds.union(known.kinds.tolist())
    room = search_vertices(kinds)
    if any(map(is_curved, kinds)):
        largest = np.hypot(*(limits[1] - limits[0])) / 2
        room = max(room, drawn_vertices(CIRCLE, np.array([0, 0, largest], np.float32)))
    points = drawn_outlines(known.kinds, known.geometry, room)
    return np.concatenate([points, np.zeros((new, *points.shape[1:]), np.float32)])


def _settled(part: PolygonPart, before: Shapes, after: Shapes, shapes: Shapes) -> PolygonPart:
    """The part that a job leaves: free shapes stay within the limits, in spite of rounding.

    before, after: in working pixels. shapes: what is after, in target pixels.
    """
    first = len(before)
    free = np.concatenate([part.free, np.ones(len(shapes) - first, np.bool_)])
    low, high = shifting(shapes, part.limits[:2]), shifting(shapes, part.limits[2:])
    cornered = (shapes.kinds <= MOST_VERTICES)[:, None]
    geometry = np.where(cornered, np.clip(shapes.geometry, low, high), shapes.geometry)
    # What has not been moved stays exactly where it was, without rounding.
    moved = (after.geometry[:first] != before.geometry).any(axis=1, keepdims=True)
    geometry[:first] = np.where(moved, geometry[:first], part.polygons.geometry)
    shapes = replace(shapes, geometry=geometry)
    leaves = free & ~shapes.within(part.limits)
    back = np.flatnonzero(leaves[:first])
    shapes.geometry[back] = part.polygons.geometry[back]
    shapes.colours[back] = part.polygons.colours[back]
    shapes.opacities[back] = part.polygons.opacities[back]
    leaves[:first] = False
    return replace(part, polygons=shapes[~leaves], free=free[~leaves])

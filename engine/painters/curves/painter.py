"""Strokes moved until an objective is content: the painter's seam to the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.grid import Grid, Tile
from engine.image.importance import Weights
from engine.image.pixels import Colour, Pixels
from engine.image.source import TargetWindow
from engine.image.target import Origin, Target
from engine.painters.allocation import apportioned
from engine.painters.base import NO_ASSETS, Analysis, Carry, Cells, Judgement, PaintResult, Phase
from engine.painters.curves import ink_map
from engine.painters.curves.begin import analysed_of, begin, spread
from engine.painters.curves.judging import missing
from engine.painters.curves.objectives.base import Objective, Planes, Sight
from engine.painters.curves.objectives.choose import check_objective, device_of, open_objective
from engine.painters.curves.params import AnalysedParams, CurveParams
from engine.painters.curves.plan import BEGIN, SPREAD, Steps, is_one_window, make_plan, threads_of
from engine.painters.curves.raster import Period, Window
from engine.painters.curves.refusals import check_target
from engine.painters.curves.scene import CurvePart, CurveScene
from engine.painters.curves.views import View, look, look_back
from engine.painters.curves.warm_start import adopted
from engine.painters.curves.window_job import WHITE, Setting, draw_steps, is_light_ink
from engine.parallel.pool import Resources

UNIT = 1000  # of a pixel's error, in whole numbers
WORKER = 400_000_000  # bytes that a worker takes with a network


class CurvePainter:
    """See engine.painters.base.Painter for the methods."""

    scene_class: ClassVar = CurveScene
    rows: ClassVar = 10  # a stroke has about ten times the numbers of a polygon
    resources: Resources = Resources(memory=WORKER)
    reproducible: Literal["bytes", "error"] = "bytes"
    is_additive: ClassVar = False

    def __init__(self, params: CurveParams | AnalysedParams, assets: Mapping[str, bytes] = NO_ASSETS) -> None:
        self.params = params
        if params.device == "cuda":
            self.reproducible = "error"
            self.resources = Resources(1, 1, "cuda", WORKER)
        elif isinstance(params, AnalysedParams) and is_one_window(params):
            self.resources = Resources(1, threads_of(params), memory=WORKER)

    def analyse(self, target: Target) -> Analysis:
        """How much ink a photograph wants where; drawings are on white paper unless another was chosen."""
        analysed = analysed_of(self.params, target)
        check_objective(analysed)
        analysed = analysed.model_copy(update={"device": device_of(analysed)})
        background = target.background
        if background is not None and target.has_mean_background:
            background = WHITE
        check_target(analysed, background or WHITE)
        return Analysis(analysed, background, None if target.is_blank else ink_map.map_of(target))

    def empty_scene(self, height: int, width: int, background: Colour | None) -> CurveScene:
        """The paper alone."""
        count = len(self.params.pen_colours)
        return CurveScene.empty(
            height, width, background, count if count > 1 else 0, self.params.ink, self._period(height, width)
        )

    def warm_start(self, scene: CurveScene, target: Target, background: Colour | None) -> CurveScene:
        """A tile is spread over a sheet, anything else brought to the target's size; strokes get the pens."""
        analysed = analysed_of(self.params, target)
        height, width = target.pixels.shape[:2]
        empty = CurvePainter(analysed).empty_scene(height, width, background)
        return adopted(scene, analysed, empty)

    def plan(self, grid: Grid, effort: float, marks: int = 0) -> tuple[Phase, ...]:
        """See plan.py."""
        assert isinstance(self.params, AnalysedParams)
        return make_plan(self.params, grid, effort, marks)

    def demand(self, weights: Weights | None) -> NDArray[np.floating] | None:
        """As many strokes as the target's ink and edges want."""
        return None if weights is None else ink_map.wanted_in(weights, max(weights.shape)).density

    def allocate(
        self,
        new: int,
        tiles: Sequence[Tile],
        held: Sequence[int],
        losses: NDArray[np.int64],
        demand: NDArray[np.float64] | None,
    ) -> list[int]:
        """By what is missing of what each tile wants, or evenly."""
        wanted = np.array([tile.height * tile.width for tile in tiles], np.float64)
        if demand is not None and demand.any():
            wanted = demand
        lacking = np.maximum(wanted * ((new + sum(held)) / wanted.sum()) - np.array(held), 0)
        return apportioned(new, lacking if lacking.any() else wanted)

    def paint(
        self,
        window: TargetWindow,
        tile: Tile,
        part: CurvePart,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
        carry: Carry | None = None,
    ) -> PaintResult:
        """Begin strokes, spread a tile over its sheet, or move strokes; see window_job.py."""
        assert isinstance(self.params, AnalysedParams)
        assert isinstance(phase, Steps)
        random = np.random.default_rng(seed)
        if phase.action == BEGIN:
            begun = begin(self.params, window, tile, part, new, phase.halo, random)
            return PaintResult(begun, new, is_certain=True)
        if phase.action == SPREAD:
            return PaintResult(spread(part), 0, is_certain=True)
        aim = self._aim(window, part.background or WHITE)
        box = _seen(tile, part, phase.halo, goes_on=aim is None)
        setting = Setting(
            self.params, self._objective, box, part.background or WHITE, part.period_of(tile), aim
        )
        return draw_steps(setting, part, phase, random, carry)

    def draw_part(self, tile: Tile, part: CurvePart) -> Pixels:
        """The tile with all strokes that reach into it."""
        scene = part.as_scene(part.period_of(tile))
        return scene.drawable(part.height, part.width).draw_window(tile.x0, tile.y0, tile.height, tile.width)

    def judge(
        self, window: TargetWindow, tile: Tile, part: CurvePart, drawn: Pixels, cells: Cells
    ) -> Judgement:
        """What the objective says of each place, in thousandths of a pixel; paper alone is all wrong."""
        ys, xs = cells
        if not len(part.strokes):
            areas = np.outer(np.diff(ys), np.diff(xs)) * UNIT
            return Judgement(areas, areas, float(areas.sum()))
        sight = self._sight(window, tile, part, drawn)
        height, width = sight.picture.shape[1:]
        rows, cols = np.arange(tile.height) % height, np.arange(tile.width) % width
        places = missing(self._objective, sight)[rows[:, None], cols].astype(np.float64)
        sums = np.add.reduceat(np.add.reduceat(places, ys[:-1], axis=0), xs[:-1], axis=1)
        errors = np.rint(sums * UNIT).astype(np.int64)
        return Judgement(errors, errors, float(errors.sum()))

    def error(self, errors: int, shape: tuple[int, ...]) -> float:
        """The mean of what the objective says of each place."""
        return min(errors / (UNIT * shape[0] * shape[1]), 1.0)

    @cached_property
    def _objective(self) -> Objective:
        assert isinstance(self.params, AnalysedParams)
        return open_objective(self.params)

    def _period(self, height: int, width: int) -> Period | None:
        if not isinstance(self.params, AnalysedParams) or not self.params.wrap:
            return None
        return Period(*(self.params.tile_size or (height, width)))

    def _aim(self, window: TargetWindow, paper: Colour) -> Planes | None:
        """What a drawing is to be like: ink, in colours for several pens; of any colour the target itself.

        Where the only pen is lighter than the paper it is a picture of paper and ink.
        """
        if window.weights is None:
            return None
        assert isinstance(self.params, AnalysedParams)
        pens = np.array(self.params.pen_colours, np.float32)
        if len(pens) > 1:
            return ink_map.tinted(window)
        aim = ink_map.aim_of(window, is_grey=len(pens) == 1)
        if len(pens) != 1 or not is_light_ink(self.params, paper):
            return aim
        below = np.array(paper, np.float32)
        return below[:, None, None] * aim + pens[0][:, None, None] * (1 - aim)

    def _sight(self, window: TargetWindow, tile: Tile, part: CurvePart, drawn: Pixels) -> Sight:
        """What is judged: the tile as it was drawn, of a picture that repeats as much as does."""
        period = part.period_of(tile)
        height, width = period or drawn.shape[:2]
        planes = drawn[:height, :width].astype(np.float32).transpose(2, 0, 1) / np.float32(255)
        if len(planes) == 4:  # on white paper
            planes = planes[:3] + (1 - planes[3:])
        return Sight(
            np.ascontiguousarray(planes), period is not None, self._aim(window, part.background or WHITE)
        )

    @staticmethod
    def warm_up() -> None:
        """By drawing tiny pictures, one that wraps and one that doesn't, and by looking through a view."""
        pixels = np.full((12, 12, 3), 90, np.uint8)
        pixels[4:8] = 250
        for is_blank in (True, False):
            origin = Origin("blank:12x12" if is_blank else "", "")
            target = Target(pixels, WHITE, True, (12, 12), None, origin)
            params = analysed_of(CurveParams(count=3, steps=2, objective="picture"), target)
            painter, tile = CurvePainter(params), Tile(0, 0, 0, 0, 0, 12, 12)
            window = TargetWindow(pixels, ink_map.map_of(target))
            part = painter.empty_scene(12, 12, WHITE).take([tile])[0]
            for phase in painter.plan(Grid.fit(12, 12, "1x1"), 1):
                new = phase.marks if phase.action == BEGIN else 0
                part = painter.paint(window, tile, part, new, phase, np.random.SeedSequence(0)).part
            drawn = painter.draw_part(tile, part)
            painter.judge(window, tile, part, drawn, ((0, 12), (0, 12)))
            painter.empty_scene(12, 12, None).put([part]).draw(4, 4)
        view = View.crop(0, 0, 8)
        look_back(look(np.ones((3, 12, 12), np.float32), view, 8, False), view, (12, 12), False)


def _seen(tile: Tile, part: CurvePart, halo: int, goes_on: bool) -> Window:
    """The box that a job draws.

    Of a picture that repeats it is the tile that does. Of one that wraps it goes on beyond the borders, if
    that `goes_on` what it is compared with, too.
    """
    if (tile.height, tile.width) == (part.height, part.width):
        return Window(0, 0, *(part.period or (tile.height, tile.width)))
    x0, y0, x1, y1 = tile.x0 - halo, tile.y0 - halo, tile.x1 + halo, tile.y1 + halo
    if part.period is None or not goes_on:
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, part.width), min(y1, part.height)
    return Window(x0, y0, y1 - y0, x1 - x0)

"""Strokes of a real brush, laid from broad to fine: the painter's seam to the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import SpecError, reason
from engine.grid import Grid, Tile
from engine.image.importance import Weights
from engine.image.metric import error_of
from engine.image.palette import colours_of, find_palette, nearest
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
from engine.painters.brush.brush import Brush
from engine.painters.brush.chosen import device_of, network_of
from engine.painters.brush.final import check_final
from engine.painters.brush.model_file import BUNDLED
from engine.painters.brush.params import AnalysedParams, BrushParams
from engine.painters.brush.plan import Stage, make_plan, radii_of
from engine.painters.brush.scene import BrushPart, BrushScene
from engine.painters.brush.stroke_job import work
from engine.painters.brush.warm_start import adopted
from engine.parallel.pool import Resources

WORKER = 400_000_000  # bytes that a worker takes with a network that draws whole strokes
USUAL, ROOM = 4000, 40  # strokes, and pixels of a small picture for each of them
BROADEST = 0.25  # of the picture's shorter side
COVERAGE = 4  # times the square of the finest radius that a stroke has for itself


class BrushPainter:
    """See engine.painters.base.Painter for the methods."""

    scene_class: ClassVar = BrushScene
    rows: ClassVar = 4  # a stroke has about four times the numbers of a polygon
    resources: Resources = Resources()
    reproducible: Literal["bytes", "error"] = "bytes"
    is_additive: ClassVar = True

    def __init__(self, params: BrushParams | AnalysedParams, assets: Mapping[str, bytes] = NO_ASSETS) -> None:
        self.params = params
        if params.generator != "hybrid":
            self.resources = Resources(memory=WORKER)
            if params.device == "cuda":
                self.reproducible = "error"
                self.resources = Resources(1, 1, "cuda", WORKER)

    def analyse(self, target: Target) -> Analysis:
        """How many strokes of which sizes, and the palette's colours when only their number is given."""
        params, background = self.params, target.background
        palette = params.palette
        if isinstance(palette, int):
            palette = find_palette(target.sampled, palette)
        if isinstance(palette, tuple) and background is not None and target.has_mean_background:
            background = nearest(background, palette)
        height, width = target.pixels.shape[:2]
        network_of(params)
        check_final(params)
        chosen = params.model_dump(include=set(BrushParams.model_fields))
        chosen |= {"palette": palette, "device": device_of(params)}
        if chosen["count"] == "auto":
            chosen["count"] = max(1, min(USUAL, height * width // ROOM))
        if chosen["size"] == "auto":
            chosen["size"] = _sizes(height, width, chosen["count"])
        analysed = AnalysedParams(**chosen, picture_height=height, picture_width=width)
        return Analysis(analysed, background, target.weights)

    def empty_scene(self, height: int, width: int, background: Colour | None) -> BrushScene:
        """The paper alone."""
        return BrushScene.empty(height, width, background, open_brush(self.params), self.params.paper)

    def warm_start(self, scene: BrushScene, target: Target, background: Colour | None) -> BrushScene:
        """Strokes are brought to the target's size, and painted with this run's brush and colours."""
        height, width = target.pixels.shape[:2]
        empty = self.empty_scene(height, width, background)
        analysed = self.analyse(target).params
        return adopted(scene, empty, analysed.count, self._palette, radii_of(analysed))

    def plan(self, grid: Grid, effort: float, marks: int = 0) -> tuple[Phase, ...]:
        """See plan.py."""
        assert isinstance(self.params, AnalysedParams)
        return make_plan(self.params, grid, effort, marks)

    def demand(self, weights: Weights | None) -> None:
        """Strokes go where the loss is."""

    def allocate(
        self,
        new: int,
        tiles: Sequence[Tile],
        held: Sequence[int],
        losses: NDArray[np.int64],
        demand: NDArray[np.float64] | None,
    ) -> list[int]:
        """By the tiles' losses."""
        if not losses.any():
            losses = np.array([tile.height * tile.width for tile in tiles])
        return apportioned(new, losses)

    def paint(
        self,
        window: TargetWindow,
        tile: Tile,
        part: BrushPart,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
        carry: Carry | None = None,
    ) -> PaintResult:
        """Place strokes and move them; see stroke_job.py."""
        assert isinstance(phase, Stage)
        random, device = np.random.default_rng(seed), "cuda" if self.params.device == "cuda" else "cpu"
        return work(part, tile, window, new, phase, random, self._palette, device)

    def draw_part(self, tile: Tile, part: BrushPart) -> Pixels:
        """The tile with all strokes that reach into it, with their grain."""
        drawable = part.as_scene().drawable(part.height, part.width)
        return drawable.draw_window(tile.x0, tile.y0, tile.height, tile.width)

    def judge(
        self, window: TargetWindow, tile: Tile, part: BrushPart, drawn: Pixels, cells: Cells
    ) -> Judgement:
        """By the squared errors of the drawn pixels."""
        return judge_pixels(window, drawn, cells)

    def error(self, errors: int, shape: tuple[int, ...]) -> float:
        """Root mean square, 0 to 1."""
        return error_of(errors, shape)

    @property
    def _palette(self) -> NDArray[np.float32]:
        palette = self.params.palette
        return colours_of(palette) if isinstance(palette, tuple) else np.zeros((0, 3), np.float32)

    @staticmethod
    def warm_up() -> None:
        """By painting tiny pictures, one of them transparent."""
        for channels in (3, 4):
            pixels = np.full((24, 24, channels), 90, np.uint8)
            pixels[8:16] = 250
            background = (0.5, 0.5, 0.5) if channels == 3 else None
            params = AnalysedParams(count=4, size=(0.2, 0.2), picture_height=24, picture_width=24)
            painter, tile = BrushPainter(params), Tile(0, 0, 0, 0, 0, 24, 24)
            part = painter.empty_scene(24, 24, background).take([tile])[0]
            window = TargetWindow(pixels)
            for phase in painter.plan(Grid.fit(24, 24, "1x1"), 0.1):
                part = painter.paint(window, tile, part, 2, phase, np.random.SeedSequence(0)).part
            painter.judge(window, tile, part, painter.draw_part(tile, part), ((0, 24), (0, 24)))


def open_brush(params: BrushParams) -> Brush:
    """The brush that is chosen; SpecError when its file, or that of the network that draws it, is none."""
    return replace(_brush_of(params), network=network_of(params))


def _brush_of(params: BrushParams) -> Brush:
    is_opaque = None if params.opaque == "auto" else bool(params.opaque)
    if params.brush in BUNDLED:
        return Brush.bundled(params.brush, is_opaque)
    path = Path(params.brush)
    if not path.exists():
        raise SpecError(
            f"brush: there is no brush {params.brush!r}, and no file of that name "
            f"(there are: {', '.join(BUNDLED)}; `tessera brush train` makes others)."
        )
    try:
        return Brush.of_file(path, is_opaque)
    except ValueError as exc:
        raise SpecError(
            f"brush: {params.brush}: {exc}; `tessera brush train --kind hybrid` makes such files."
        ) from exc
    except OSError as exc:
        raise SpecError(f"brush: {params.brush}: can't be read ({reason(exc)}).") from exc


def _sizes(height: int, width: int, count: int) -> tuple[float, float]:
    """Widths in shares of the shorter side, so that so many strokes cover the picture several times."""
    finest = 2 * math.sqrt(height * width / (COVERAGE * count)) / min(height, width)
    finest = min(max(finest, 2 / min(height, width)), BROADEST)
    return round(finest, 4), BROADEST

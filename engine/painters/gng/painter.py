"""A growing neural gas in tiles: the painter's seam to the engine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from engine.grid import PLAIN, Grid, Tile
from engine.image.importance import Weights
from engine.image.pixels import Colour, Pixels
from engine.image.source import TargetWindow
from engine.image.target import Origin, Target
from engine.painters.allocation import apportioned
from engine.painters.base import NO_ASSETS, Analysis, Carry, Cells, Judgement, PaintResult, Phase
from engine.painters.gng.density import FULL, layers
from engine.painters.gng.error import UNIT, distances, stride
from engine.painters.gng.params import CROWDING, AnalysedParams, GasParams, Tones, on_paper
from engine.painters.gng.plan import make_plan
from engine.painters.gng.scene import GasPart, GasScene, shapes_of_net
from engine.painters.gng.tile_job import paint_part
from engine.painters.gng.tone import KNOTS, toned
from engine.painters.gng.warm_start import inked, sown
from engine.parallel.pool import Resources
from engine.scene.shapes import outlines_of
from engine.scene.successive import warm_up

PAPER = (1.0, 1.0, 1.0)
NIGHT = (0.0, 0.0, 0.0)


class GasPainter:
    """See engine.painters.base.Painter for the methods."""

    scene_class: ClassVar = GasScene
    rows: ClassVar = 4  # a node and its edges
    resources: Resources = Resources()
    reproducible: Literal["bytes", "error"] = "bytes"
    is_additive: ClassVar = True

    def __init__(self, params: GasParams | AnalysedParams, assets: Mapping[str, bytes] = NO_ASSETS) -> None:
        self.params = params

    def analyse(self, target: Target) -> Analysis:
        """How much ink the target has where; nets are on white paper unless another one was chosen."""
        # Here, as workers never need scikit-image, which takes them half a second.
        from engine.painters.gng.ink_map import densest, grey_of, tones_in, weights_of
        from engine.painters.gng.pen_lines.ridge import nodes_for

        chosen = self.params
        background = target.background
        if background is not None and target.has_mean_background and chosen.look != "low-poly":
            background = NIGHT if chosen.look == "colour" else PAPER
        if background is not None and not target.has_mean_background:
            chosen = on_paper(chosen, background)
        grey = grey_of(target, chosen)
        tones = tones_in(target, chosen, grey)
        weights = weights_of(target, chosen, tones, grey)
        densities = [density.astype(np.float64) for density in layers(weights, chosen)]
        total = sum(float(density.sum()) for density in densities)
        area = total**2 / max(sum(float(np.square(density).sum()) for density in densities), 1e-9)
        params = chosen.model_dump(include=set(GasParams.model_fields))
        if chosen.look == "strokes":
            params["count"] = min(
                params["count"], nodes_for(densest(chosen) * densities[0].astype(np.float32))
            )
        ink = int((weights >> 8).sum(dtype=np.int64))
        analysed = AnalysedParams(**params, area=area, ink=max(ink, 1), total=total, tones=tones)
        return Analysis(analysed, background, weights)

    def empty_scene(self, height: int, width: int, background: Colour | None) -> GasScene:
        """The paper alone."""
        return GasScene.empty(height, width, background)

    def warm_start(self, scene: GasScene, target: Target, background: Colour | None) -> GasScene:
        """Nodes keep their places, as many as this run wants; a file's shapes become nodes."""
        analysis = self.analyse(target)
        assert analysis.weights is not None
        densities = layers(analysis.weights, analysis.params)
        scene = scene.resized(*target.pixels.shape[:2])
        return inked(sown(replace(scene, background=background), self.params.count), densities)

    def plan(self, grid: Grid, effort: float, marks: int = 0) -> tuple[Phase, ...]:
        """See plan.py."""
        return make_plan(self._analysed(grid), grid, effort, marks)

    def demand(self, weights: Weights | None) -> NDArray[np.floating]:
        """As many nodes as the ink there wants."""
        assert weights is not None  # for the type checker: a gas's analysis gives them
        return (weights / FULL) ** CROWDING[self.params.error]

    def allocate(
        self,
        new: int,
        tiles: Sequence[Tile],
        held: Sequence[int],
        losses: NDArray[np.int64],
        demand: NDArray[np.float64] | None,
    ) -> list[int]:
        """So that each tile has as many nodes as its ink wants."""
        assert demand is not None
        wanted = demand * ((new + sum(held)) / max(demand.sum(), 1e-9))
        missing = np.maximum(wanted - np.array(held), 0)
        return apportioned(new, missing if missing.any() else demand)

    def paint(
        self,
        window: TargetWindow,
        tile: Tile,
        part: GasPart,
        new: int,
        phase: Phase,
        seed: np.random.SeedSequence,
        carry: Carry | None = None,
    ) -> PaintResult:
        """See tile_job.py."""
        assert isinstance(self.params, AnalysedParams)
        return paint_part(self.params, window, tile, part, new, phase, seed)

    def draw_part(self, tile: Tile, part: GasPart) -> Pixels:
        """The tile with all that its nodes and those of the halo have drawn between them."""
        channels = 4 if part.background is None else 3
        shapes = shapes_of_net(part.net, part.height, part.width, channels)
        outlines = outlines_of(tile.height, tile.width, part.background, shapes)
        return outlines.draw_window(tile.x0, tile.y0, tile.height, tile.width)

    def judge(
        self, window: TargetWindow, tile: Tile, part: GasPart, drawn: Pixels, cells: Cells
    ) -> Judgement:
        """Squared distances of the ink from the nearest node, times its weight."""
        assert window.weights is not None
        longest, step = max(part.height, part.width), stride(tile, len(part))
        places, corner = part.net.nodes.places, (tile.x0, tile.y0)
        found = distances(places, window.weights, corner, cells, longest, step)
        return Judgement(found, found, int(found.sum()))

    def error(self, errors: int, shape: tuple[int, ...]) -> float:
        """RMS distance of the ink from the nearest node, as a share of the picture's longest side."""
        assert isinstance(self.params, AnalysedParams)
        return min(math.sqrt(errors / (self.params.ink * UNIT)) / max(shape[:2]), 1.0)

    def _analysed(self, grid: Grid) -> AnalysedParams:
        """The params, or for an evenly inked picture if there has been no study yet."""
        if isinstance(self.params, AnalysedParams):
            return self.params
        pixels = grid.height * grid.width
        return AnalysedParams(**self.params.model_dump(), area=pixels, ink=255 * pixels, total=pixels)

    @staticmethod
    def warm_up() -> None:
        """By painting a tiny picture."""
        pixels = np.full((8, 8, 3), 90, np.uint8)
        target = Target(pixels, NIGHT, True, (8, 8), None, Origin("", ""))
        for look in ("low-poly", "stipple"):
            analysis = GasPainter(GasParams(count=4, look=look)).analyse(target)
            painter, tile = GasPainter(analysis.params), Tile(0, 0, 0, 0, 0, 8, 8)
            window = TargetWindow(pixels, analysis.weights)
            part = painter.empty_scene(8, 8, analysis.background).take([tile])[0]
            for action in ("grow", "rest", "mesh"):
                phase = Phase(0, PLAIN, action, 4, 4, 1, 1.0)
                seed = np.random.SeedSequence(0)
                new = 4 if action == "grow" else 0
                part = painter.paint(window, tile, part, new, phase, seed).part
            drawn = painter.draw_part(tile, part)
            painter.judge(window, tile, part, drawn, ((0, 8), (0, 8)))
            scene = painter.empty_scene(8, 8, analysis.background)
            warm_up(scene.drawable(4, 4), scene.put([part]).drawable(4, 4))
        toned(np.zeros((2, 2)), Tones(1, 1, bytes(KNOTS)))

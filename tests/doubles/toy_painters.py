"""Painters that show what the seam allows: none of them is like those that come with the engine."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from engine.grid import PLAIN
from engine.image.metric import error_of
from engine.painters.allocation import apportioned
from engine.painters.base import NO_ASSETS, Analysis, Carry, Judgement, PaintResult, Phase, judge_pixels
from engine.painters.registry import PainterEntry
from engine.parallel.pool import Resources
from engine.scene.drawing import ground
from engine.scene.kinds import CIRCLE, numbers
from engine.scene.shape_scene import NEW, ShapePart, ShapeScene, draw_part
from engine.scene.shapes import Shapes

HERE = "tests.doubles.toy_painters"
ENTRIES = {
    name.lower(): PainterEntry(f"{HERE}:ToyParams", f"{HERE}:{scene}", f"{HERE}:{name}")
    for name, scene in (
        ("Confetti", "ShapeScene"),
        ("Carrying", "ShapeScene"),
        ("Threaded", "ShapeScene"),
        ("Misty", "MistScene"),
    )
}
STEPS = 3  # phases in which colours are changed,
TRIES = 12  # so often in each tile


class ToyParams(BaseModel):
    """What can be chosen."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    count: int = 24


class Confetti:
    """Circles in the target's colours, placed at random: the simplest of painters."""

    scene_class: Any = ShapeScene
    rows = 1
    resources = Resources()
    reproducible = "bytes"
    is_additive = True

    def __init__(self, params: ToyParams, assets: Any = NO_ASSETS) -> None:
        self.params = params

    def analyse(self, target: Any) -> Analysis:
        return Analysis(self.params, target.background, target.weights)

    def empty_scene(self, height: int, width: int, background: Any) -> Any:
        return ShapeScene.empty(height, width, background, numbers(CIRCLE))

    def warm_start(self, scene: Any, target: Any, background: Any) -> Any:
        return scene.resized(*target.pixels.shape[:2]).first(self.params.count, background)

    def plan(self, grid: Any, effort: float, marks: int = 0) -> tuple[Phase, ...]:
        last = len(grid.levels) - 1
        tries = max(1, round(20 * effort))
        phases = [Phase(last, PLAIN, "move", self.params.count, tries, 1, 1.0)] * STEPS
        if marks < self.params.count:
            phases.insert(0, Phase(last, PLAIN, "throw", self.params.count, tries, 1, 1.0))
        return tuple(phases)

    def demand(self, weights: Any) -> None:
        return None

    def allocate(self, new: int, tiles: Any, held: Any, losses: Any, demand: Any) -> list[int]:
        return apportioned(new, losses if losses.any() else np.ones(len(tiles)))

    def paint(
        self, window: Any, tile: Any, part: Any, new: int, phase: Phase, seed: Any, carry: Carry | None = None
    ) -> PaintResult:
        random = np.random.default_rng(seed)
        if new:
            places = random.uniform((0, 0), (tile.width, tile.height), (new, 2))
            circles = Shapes.empty(new, part.shapes.geometry.shape[1], part.shapes.colours.shape[1], NEW)
            circles.kinds[:], circles.opacities[:] = CIRCLE, 0.9
            circles.geometry[:, :2] = places + np.array([tile.x0, tile.y0])
            circles.geometry[:, 2] = random.uniform(0.04, 0.12, new) * max(min(tile.height, tile.width), 4)
            circles.colours[:, :3] = window.pixels[tuple(places.astype(int).T[::-1])][:, :3] / 255
            part = part.with_new(circles)
        else:
            part = self.better(window, tile, part, random, 0.2)
        return PaintResult(part, phase.effort * max(len(part), 1))

    def better(self, window: Any, tile: Any, part: Any, random: np.random.Generator, step: float) -> Any:
        """A part after some changes of single colours, as far as they helped."""
        own = window.crop(0, 0, tile.height, tile.width)
        cells = ((0, tile.height), (0, tile.width))

        def loss(part: Any) -> float:
            return self.judge(own, tile, part, self.draw_part(tile, part), cells).loss

        least = loss(part)
        for _ in range(TRIES if part.free.any() else 0):
            found = recoloured(part, random, step)
            if (now := loss(found)) < least:
                part, least = found, now
        return part

    def draw_part(self, tile: Any, part: Any) -> Any:
        return draw_part(tile, part)

    def judge(self, window: Any, tile: Any, part: Any, drawn: Any, cells: Any) -> Judgement:
        return judge_pixels(window, drawn, cells)

    def error(self, errors: int, shape: Any) -> float:
        return error_of(errors, shape)

    @staticmethod
    def warm_up() -> None:
        """No kernels of its own."""


def recoloured(part: Any, random: np.random.Generator, step: float) -> Any:
    """A part one of whose free shapes has another colour."""
    colours = part.shapes.colours.copy()
    which = random.choice(np.flatnonzero(part.free))
    colours[which, :3] = np.clip(colours[which, :3] + random.normal(0, step, 3).astype(np.float32), 0, 1)
    return replace(part, shapes=replace(part.shapes, colours=colours))


class Carrying(Confetti):
    """Remembers how well it did on a tile, and has an objective that does not add up over cells."""

    is_additive = False

    def paint(
        self, window: Any, tile: Any, part: Any, new: int, phase: Phase, seed: Any, carry: Carry | None = None
    ) -> PaintResult:
        step = np.array([0.2]) if carry is None else carry["step"] / 2
        if new:
            result = super().paint(window, tile, part, new, phase, seed)
        else:
            part = self.better(window, tile, part, np.random.default_rng(seed), float(step[0]))
            result = PaintResult(part, phase.effort * max(len(part), 1))
        return replace(result, carry={"step": step, "visits": np.array([phase.visits])})

    def judge(self, window: Any, tile: Any, part: Any, drawn: Any, cells: Any) -> Judgement:
        judgement = judge_pixels(window, drawn, cells)
        return judgement._replace(loss=float(judgement.losses.max()) ** 0.5)  # the worst cell is what counts


class Threaded(Confetti):
    """Wants one worker, with four threads, and notes what it got in its evaluations."""

    resources = Resources(max_workers=1, threads=4)

    def paint(self, *arguments: Any, **more: Any) -> PaintResult:
        return replace(super().paint(*arguments, **more), evaluations=int(os.environ["OMP_NUM_THREADS"]))


@dataclass(frozen=True)
class Mist:
    """A picture without outlines: soft spots that are added up."""

    height: int
    width: int
    background: Any
    shapes: Shapes

    def draw(self) -> NDArray[np.uint8]:
        return self.draw_window(0, 0, self.height, self.width)

    def draw_window(self, x0: int, y0: int, height: int, width: int) -> NDArray[np.uint8]:
        layers = np.zeros((height, width, len(ground(self.background)))) + ground(self.background)
        y, x = np.mgrid[y0 : y0 + height, x0 : x0 + width] + 0.5
        for geometry, colour, opacity in zip(
            self.shapes.geometry, self.shapes.colours, self.shapes.opacities, strict=True
        ):
            square = (x - geometry[0]) ** 2 + (y - geometry[1]) ** 2
            cover = opacity * np.clip(1 - square / np.float64(geometry[2]) ** 2, 0, 1)[..., None]
            layers += cover * (colour - layers)
        return np.rint(255 * np.clip(layers, 0, 1)).astype(np.uint8)

    def within(self, x0: int, y0: int, height: int, width: int) -> Mist:
        return self


@dataclass(frozen=True)
class MistScene(ShapeScene):
    """Kept as circles, drawn as mist."""

    def drawable(self, height: int, width: int) -> Any:
        return Mist(height, width, self.background, self.resized(height, width).shapes)


class Misty(Confetti):
    """Paints a scene that is not made of outlines."""

    scene_class = MistScene

    def empty_scene(self, height: int, width: int, background: Any) -> Any:
        return MistScene.empty(height, width, background, numbers(CIRCLE))

    def draw_part(self, tile: Any, part: ShapePart) -> Any:
        mist = Mist(tile.y1, tile.x1, part.background, part.shapes)
        return mist.draw_window(tile.x0, tile.y0, tile.height, tile.width)

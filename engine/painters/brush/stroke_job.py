"""What a job does with the strokes of its window: it places new ones, and moves those of its own together.

All of it is at the level's detail: a stroke's radius is a few pixels there, whatever it is in the picture.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.source import TargetWindow
from engine.painters.base import PaintResult
from engine.painters.brush.forms import forms_of
from engine.painters.brush.lattice import Window
from engine.painters.brush.patch_canvas import PatchCanvas
from engine.painters.brush.placing import TRIES, Tool, place
from engine.painters.brush.plan import PLACE, Stage
from engine.painters.brush.raster import BELOW, COLOUR, Tape, paint, slopes
from engine.painters.brush.scene import BrushPart
from engine.painters.brush.setting import Setting, laid, setting_of
from engine.painters.brush.strokes import Strokes
from engine.painters.brush.trace import Laid

PRESSURE = 0.8  # of strokes at first
LEAST_GAIN = 0.02  # squared error that a new stroke has to take away, in pixels of its window
RATES = {"points": 0.12, "radii": 0.03, "pressures": 0.04, "opacities": 0.02, "colours": 0.025}  # of a step:
# points by the radius, radii as a share
WARM_UP = 4  # steps until the full rate
STEADY = 0.5  # of the steps, at the full rate
MEAN, SQUARE = 0.9, 0.98  # how much of its memory each step of Adam keeps
LEAST_RADIUS, MOST_RADIUS = 0.35, 2.2  # times that of a stroke's level
PALE = 0.1  # the least pressure

Floats = NDArray[np.float32]


def work(
    part: BrushPart,
    tile: Tile,
    window: TargetWindow,
    new: int,
    phase: Stage,
    random: np.random.Generator,
    palette: Floats,
    device: str = "cpu",
) -> PaintResult:
    """Do all that a phase says; see plan.py. palette: (k, 3), none: any colour.

    device: where a network works that draws whole strokes.
    """
    setting = replace(setting_of(part, tile, window, phase, palette), device=device)
    strokes, free, done = part.strokes, part.free, 0
    for each in phase.chain:
        assert isinstance(each, Stage)
        if each.action == PLACE:
            if new > 0:
                added = _placed(setting, strokes, tile, new, each, random)
                strokes = strokes.joined(added)
                free = np.concatenate([free, np.ones(len(added), np.bool_)])
                done += len(added) * TRIES
        else:
            movable = free & (strokes.levels >= each.lowest)
            strokes = _moved(setting, strokes, movable, each)
            done += int(movable.sum()) * each.effort
    return PaintResult(replace(part, strokes=strokes, free=free), done)


class _Canvas:
    """What is painted in a window, and the tape of what was painted last."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.pixels = np.empty_like(setting.target)
        self.pixels[:] = setting.paper
        self.tape = self._tape_of(4 * self.pixels.shape[0] * self.pixels.shape[1], 0)
        self._patches: PatchCanvas | None = None
        if setting.brush.network:
            self._patches = PatchCanvas(setting.brush.network, setting.brush.gain, setting.device)

    def paint(self, strokes: Strokes, moves: NDArray[np.bool_] | None = None) -> None:
        """Strokes in their order; the tape says afterwards how. moves: (n,), whose slopes are wanted."""
        if self._patches is not None:
            colours = laid(strokes.colours, self.setting.target.shape[2])
            wanted = np.zeros(len(strokes), np.bool_) if moves is None else moves
            self._patches.paint(self.pixels, _in_window(self.setting, strokes), colours, wanted)
            return
        here, room = _here(self.setting, strokes), len(self.tape.places)
        while True:
            self.tape = self._tape_of(room, len(strokes))
            if paint(self.pixels, here, self.setting.box, self.setting.brush.look, self.tape) >= 0:
                return
            room *= 2

    def slopes(self, by_canvas: Floats, strokes: Strokes, found: Floats) -> None:
        """Slopes by the strokes that were painted last, from those by the canvas; see raster.slopes."""
        if self._patches is not None:
            self._patches.slopes(by_canvas, found)
            return
        setting, brush = self.setting, self.setting.brush
        here = _here(setting, strokes)
        slopes(by_canvas, here, setting.box, brush.profile, brush.look.reach, self.tape, found)

    def _tape_of(self, room: int, strokes: int) -> Tape:
        """One of that length; the same one again as long as it is long enough."""
        bounds = np.zeros(strokes, np.int64), np.zeros(strokes, np.int64)
        if hasattr(self, "tape") and len(self.tape.places) == room:
            return Tape(self.tape.places, self.tape.entries, *bounds)
        columns = BELOW + self.setting.target.shape[2]
        return Tape(np.empty(room, np.int32), np.empty((room, columns), np.float32), *bounds)


def _in_window(setting: Setting, strokes: Strokes) -> Strokes:
    """Strokes in the window's pixels."""
    shrink = np.float32(1 / setting.scale)
    points = np.ascontiguousarray((strokes.points - setting.corner) * shrink, np.float32)
    return replace(strokes, points=points, radii=np.ascontiguousarray(strokes.radii * shrink, np.float32))


def _here(setting: Setting, strokes: Strokes) -> Laid:
    """The same, for kernels."""
    there = _in_window(setting, strokes)
    return Laid(
        there.points,
        there.radii,
        strokes.pressures,
        laid(strokes.colours, setting.target.shape[2]),
        strokes.opacities,
        strokes.grains,
        strokes.shown,
    )


def _placed(
    setting: Setting, strokes: Strokes, tile: Tile, new: int, phase: Stage, random: np.random.Generator
) -> Strokes:
    """New strokes, at most so many, with their middles in the tile."""
    canvas = _Canvas(setting)
    canvas.paint(strokes)
    radius = phase.radius / setting.scale
    near = (np.array([tile.y0, tile.x0]) - setting.corner[::-1]) / setting.scale
    far = (np.array([tile.y1, tile.x1]) - setting.corner[::-1]) / setting.scale
    made = np.zeros((new, 9 + setting.target.shape[2]), np.float32)
    forms = forms_of(setting.target, radius)
    view = Window(canvas.pixels, setting.target, setting.weights, forms, setting.palette)
    tool = Tool(setting.brush.look, setting.box, np.float32(radius), np.float32(PRESSURE))
    box = np.array([near[0], far[0], near[1], far[1]], np.float32)
    chance = random.random((new, TRIES, 6), np.float32)
    count = place(view, tool, box, np.float32(LEAST_GAIN), chance, made)
    made = made[:count]
    added = Strokes.empty(count)
    return replace(
        added,
        points=made[:, :6].reshape(-1, 3, 2) * np.float32(setting.scale) + setting.corner,
        radii=made[:, 6] * np.float32(setting.scale),
        pressures=np.full((count, 2), PRESSURE, np.float32),
        colours=np.ascontiguousarray(made[:, 9:12]),
        grains=np.ascontiguousarray(made[:, 7:9]),
        levels=np.full(count, phase.fineness, np.int8),
    )


def _moved(setting: Setting, strokes: Strokes, movable: NDArray[np.bool_], phase: Stage) -> Strokes:
    """Move strokes together down the slope of the error, for the phase's steps."""
    if not movable.any():
        return strokes
    first = int(np.flatnonzero(movable)[0])  # all below stays as it is
    ground = _Canvas(setting)
    ground.paint(strokes[:first])
    below, above, moves = ground.pixels, strokes[first:], movable[first:]
    level = np.float32(phase.radius)
    moving = _Moving(above, moves, setting, level)
    canvas = ground
    for step in range(phase.visits):
        canvas.pixels = below.copy()
        canvas.paint(moving.strokes, moves)
        moving.step(canvas, rate(step, phase.visits))
    return strokes[:first].joined(moving.strokes)


def rate(step: int, course: int) -> float:
    """Of the full rates: rising at first, then steady, then down to nothing."""
    begun = min((step + 1) / WARM_UP, 1.0)
    share = (step + 0.5) / course
    return begun * (
        1.0 if share < STEADY else 0.5 * (1 + math.cos(math.pi * (share - STEADY) / (1 - STEADY)))
    )


class _Moving:
    """Strokes on their way, with what Adam remembers of each (Kingma and Ba, 2015)."""

    def __init__(
        self, strokes: Strokes, moves: NDArray[np.bool_], setting: Setting, radius: np.float32
    ) -> None:
        self.strokes = strokes
        self._moves = moves
        self._setting = setting
        self._radius = radius
        self._count = 0
        size = COLOUR + setting.target.shape[2]
        self._mean, self._square = np.zeros((2, len(strokes), size), np.float32)

    def step(self, canvas: _Canvas, share: float) -> None:
        """One step; canvas: as it was painted with the strokes as they are."""
        setting = self._setting
        by_canvas = (canvas.pixels - setting.target) * setting.weights[:, :, None]
        found = np.zeros_like(self._mean)
        canvas.slopes(by_canvas, self.strokes, found)
        self._mean += np.float32(1 - MEAN) * (found - self._mean)
        self._square += np.float32(1 - SQUARE) * (found * found - self._square)
        self._count += 1
        unbiased = math.sqrt(1 - SQUARE**self._count) / (1 - MEAN**self._count)
        moved = self._mean / (np.sqrt(self._square) + np.float32(1e-12))
        moved *= np.float32(-share * unbiased) * self._moves[:, None]
        self.strokes = self._stepped(moved)

    def _stepped(self, moved: Floats) -> Strokes:
        old = self.strokes
        points = (
            old.points
            + moved[:, :6].reshape(-1, 3, 2) * (np.float32(RATES["points"]) * old.radii)[:, None, None]
        )
        radii = old.radii * np.exp(moved[:, 6] * np.float32(RATES["radii"]))
        bounds = np.float32(LEAST_RADIUS) * self._radius, np.float32(MOST_RADIUS) * self._radius
        radii = np.where(self._moves & (old.levels == old.levels.max()), np.clip(radii, *bounds), radii)
        pressures = np.clip(
            old.pressures + moved[:, 7:9] * np.float32(RATES["pressures"]), np.float32(PALE), 1
        )
        colours = old.colours
        if not len(self._setting.palette):
            colours = np.clip(colours + moved[:, 10:13] * np.float32(RATES["colours"]), 0, 1)
        return replace(
            old,
            points=points.astype(np.float32),
            radii=radii.astype(np.float32),
            pressures=pressures.astype(np.float32),
            colours=colours.astype(np.float32),
        )

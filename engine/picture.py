"""The state of a run: what has been painted so far, how good it is and what it cost."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.alpha import FINENESS
from engine.grid import Grid
from engine.image import Pixels
from engine.importance import Weights
from engine.job import Commission, Job, Update, squares
from engine.painter import Phase
from engine.scene import Scene


class Picture:
    """The one thing that changes while a run goes on; it takes updates in the order of their jobs."""

    def __init__(self, scene: Scene, target: Pixels, grid: Grid, weights: Weights | None = None) -> None:
        self.marks = len(scene)
        self.evaluations = 0
        self.painting_seconds = 0.0  # processor seconds inside jobs
        self._scene = scene
        self._parts: list[Any] = []  # not yet put into the scene
        self._target = target
        self._grid = grid
        self._weights = weights
        # Of each cell of the lattice; the weighted ones decide where the work goes.
        self._squares, self._weighted = squares(target, self.draw(), weights, grid.ys, grid.xs)

    @property
    def scene(self) -> Scene:
        """Everything painted so far; put together only when somebody asks, as it takes a while."""
        if self._parts:
            self._scene = self._scene.put(self._parts)
            self._parts.clear()
        return self._scene

    @property
    def error(self) -> float:
        """RMSE in 0..1 at the working size, as image.rmse has it; the same for any order of updates."""
        height, width, channels = self._target.shape
        steps = 3 * height * width * (FINENESS if channels == 4 else 1)
        return math.sqrt(int(self._squares.sum()) / steps) / 255

    def draw(self) -> Pixels:
        """The picture at the working size."""
        return self.scene.draw(self._grid.height, self._grid.width)

    def jobs(self, commission: Commission, index: int, phase: Phase) -> Iterator[Job]:
        """The jobs of a phase, those with most to change first, so that no long one is left for the end."""
        grid = self._grid
        tiles = grid.tiles(phase.level, phase.lay)
        parts = self.scene.take(tiles)
        errors = np.array([self._weighted[grid.cells(tile)].sum() for tile in tiles], np.int64)
        new = commission.engage().allot(max(0, phase.marks - self.marks), tiles, errors)
        order = sorted(range(len(tiles)), key=lambda which: len(parts[which]) + new[which], reverse=True)
        for place, which in enumerate(order):
            tile = tiles[which]
            rows, cols = grid.cells(tile)
            window = np.s_[tile.y0 : tile.y1, tile.x0 : tile.x1]
            cells = (
                tuple(y - tile.y0 for y in grid.ys[rows.start : rows.stop + 1]),
                tuple(x - tile.x0 for x in grid.xs[cols.start : cols.stop + 1]),
            )
            yield Job(
                commission=commission,
                phase_index=index,
                phase=phase,
                index=place,
                tile=tile,
                pixels=self._target[window],
                weights=None if self._weights is None else self._weights[window],
                part=parts[which],
                new=new[which],
                before=int(errors[which]),
                cells=cells,
            )

    def apply(self, update: Update) -> None:
        """Take in what a job made."""
        self._parts.append(update.part)
        self.marks += update.part.gain
        self._squares[self._grid.cells(update.tile)] = update.squares
        self._weighted[self._grid.cells(update.tile)] = update.weighted
        self.evaluations += update.evaluations
        self.painting_seconds += update.seconds

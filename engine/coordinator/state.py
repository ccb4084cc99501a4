"""The state of a run: what has been painted so far, how good it is and what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.coordinator.job import Commission, Job, Update
from engine.grid import Grid, Tile, TileBox, Tiling
from engine.image.importance import Weights
from engine.image.pixels import Pixels
from engine.painters.base import Painter, Phase
from engine.scene.scene import Scene
from engine.storage.checkpoint import SCENE, scene_arrays


@dataclass(frozen=True)
class Allocation:
    """How a phase's work was divided among its tiles when it began."""

    order: NDArray[np.int64]  # of the tiles, as jobs
    new: NDArray[np.int64]  # marks to add, by tile

    @classmethod
    def unknown(cls) -> Allocation:
        """That of a phase that has not begun."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))


class RunState:
    """The one thing that changes while a run goes on; it takes updates in the order of their jobs."""

    def __init__(
        self,
        painter: Painter,
        scene: Scene,
        target: Pixels,
        grid: Grid,
        weights: Weights | None = None,
        errors: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> None:
        """errors: plain and weighted squared errors of the grid's cells, when they are known."""
        self.marks = len(scene)
        self.evaluations = 0
        self.painting_seconds = 0.0  # processor seconds inside jobs
        self.phase = 0  # of the plan,
        self.done = 0  # and how many of its jobs have been taken in
        self.last: TileBox | None = None  # of the job taken in last
        self._allocation = Allocation.unknown()
        self._tiling: Tiling = "plain"  # of the phase
        self._painter = painter
        self._scene = scene
        self._parts: list[Any] = []  # not yet put into the scene
        self._target = target
        self._grid = grid
        self._weights = weights
        # Of each cell of the lattice; the weighted ones decide where the work goes.
        self._squares, self._weighted = errors or self._judged()
        self._spent = np.zeros(self._squares.shape)  # evaluations, a job's spread over its cells by area

    @classmethod
    def restored(
        cls,
        painter: Painter,
        arrays: Mapping[str, NDArray[Any]],
        facts: Mapping[str, Any],
        target: Pixels,
        grid: Grid,
        weights: Weights | None,
    ) -> Self:
        """The picture that `arrays` and `facts` are of."""
        errors = arrays["squares"], arrays["weighted"]
        scene = painter.scene_class.from_arrays(scene_arrays(arrays))
        picture = cls(painter, scene, target, grid, weights, errors)
        picture._allocation = Allocation(arrays["order"], arrays["new"])
        picture._spent = arrays.get("spent", picture._spent).copy()
        picture.phase, picture.done = facts["phase"], facts["done"]
        if last := facts.get("last"):
            picture.last = TileBox.from_record(last)
        picture.evaluations, picture.painting_seconds = facts["evaluations"], facts["painting_seconds"]
        return picture

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it that is arrays, for a checkpoint; some of them change with the next job."""
        return {
            **{f"{SCENE}{name}": array for name, array in self.scene.arrays().items()},
            "squares": self._squares,
            "weighted": self._weighted,
            "spent": self._spent,
            "order": self._allocation.order,
            "new": self._allocation.new,
        }

    def facts(self) -> dict[str, Any]:
        """The rest of it, as plain values."""
        names = ("phase", "done", "evaluations", "painting_seconds")
        return {name: getattr(self, name) for name in names} | {"last": self.last and self.last.to_record()}

    def turn_to(self, phase: int) -> None:
        """Go on with another phase, from its beginning."""
        self.phase, self.done, self._allocation = phase, 0, Allocation.unknown()

    @property
    def scene(self) -> Scene:
        """Everything painted so far; put together only when somebody asks, as it takes a while."""
        if self._parts:
            self._scene = self._scene.put(self._parts)
            self._parts.clear()
        return self._scene

    @property
    def error(self) -> float:
        """What the painter calls it, 0 to 1; the same for any order of updates."""
        return self._painter.error(int(self._squares.sum()), self._target.shape)

    def draw(self) -> Pixels:
        """The picture at the working size."""
        return self.scene.draw(self._grid.height, self._grid.width)

    def _judged(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of the grid's cells, plain squared errors and those that count."""
        grid = self._grid
        tile = whole(grid.height, grid.width)
        part = self._scene.take([tile])[0]
        cells = grid.ys, grid.xs
        return self._painter.squares(self._target, self._weights, tile, part, self.draw(), cells)

    def jobs(self, commission: Commission, index: int, phase: Phase) -> Iterator[Job]:
        """The jobs of a phase that are still to be done, those with most to change first.

        So no long one is left for the end. How the phase was divided is kept: what a tile gets doesn't
        depend on the tiles beside it, so that the rest of a phase can be gone on with from any place.
        """
        grid, self._tiling = self._grid, phase.tiling
        tiles = grid.tiles(phase.level, phase.tiling)
        parts = self.scene.take(tiles, phase.halo)
        errors = np.array([self._weighted[grid.cells(tile)].sum() for tile in tiles], np.int64)
        if index != self.phase or not len(self._allocation.order):
            self.turn_to(index)
            held = [len(part) for part in parts]
            new = self._painter.allocate(max(0, phase.marks - self.marks), tiles, held, errors, self._weights)
            sizes = np.array(held) + new
            self._allocation = Allocation(np.argsort(-sizes, kind="stable"), np.array(new, np.int64))
        order, new = self._allocation.order.tolist(), self._allocation.new.tolist()
        for place, which in islice(enumerate(order), self.done, None):
            tile = tiles[which]
            rows, cols = grid.cells(tile)
            top, left = max(tile.y0 - phase.halo, 0), max(tile.x0 - phase.halo, 0)
            window = np.s_[top : tile.y1 + phase.halo, left : tile.x1 + phase.halo]
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
        tile, cells = update.tile, self._grid.cells(update.tile)
        self.done += 1
        self.last = TileBox(tile.level, self._tiling, (tile.x0, tile.y0, tile.x1, tile.y1))
        self._parts.append(update.part)
        self.marks += update.part.gain
        self._squares[cells] = update.squares
        self._weighted[cells] = update.weighted
        areas = np.outer(np.diff(self._grid.ys), np.diff(self._grid.xs))[cells]
        self._spent[cells] += update.evaluations / areas.sum() * areas
        self.evaluations += update.evaluations
        self.painting_seconds += update.seconds


def whole(height: int, width: int) -> Tile:
    """All of a picture as one tile."""
    return Tile(0, 0, 0, 0, 0, width, height)

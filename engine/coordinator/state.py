"""The state of a run: what has been painted so far, how good it is and what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from engine.coordinator.job import Job, Update
from engine.coordinator.pieces import LARGE, SIDE
from engine.coordinator.tile_places import TilePlaces
from engine.grid import PLAIN, Grid, Tile, TileBox, Tiling
from engine.image.pixels import Pixels
from engine.image.source import WholeSource
from engine.painters.base import Carry, Painter, Phase
from engine.scene.scene import Scene, scaled
from engine.scene.stored import MOST_ROWS, amounts, counted
from engine.storage.checkpoint import CARRY, carried_arrays, scene_arrays

AT_ONCE = 64  # parts at least that are put into the scene while others are painted: few are left in the end,
PUTS = 8  # but at most so often in a phase, as it takes longer the larger the scene is


@dataclass(frozen=True)
class Allocation:
    """How a phase's work was divided among its tiles when it began."""

    order: NDArray[np.int64]  # of the tiles, as jobs
    new: NDArray[np.int64]  # marks to add, by tile

    @classmethod
    def unknown(cls) -> Allocation:
        """That of a phase that has not begun."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))


class _Begun(NamedTuple):
    """A phase's tiles before their jobs."""

    tiles: tuple[Tile, ...]
    parts: Sequence[Any]
    losses: NDArray[np.int64]


class RunState:
    """The one thing that changes while a run goes on; it takes updates in the order of their jobs."""

    def __init__(
        self,
        painter: Painter,
        scene: Scene,
        target: WholeSource,
        grid: Grid,
        cells: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    ) -> None:
        """cells: errors and losses of the grid's cells, when they are known."""
        self.marks = len(scene)
        self.evaluations = 0
        self.painting_seconds = 0.0  # processor seconds inside jobs
        self.phase = 0  # of the plan,
        self.done = 0  # and how many of its jobs have been taken in
        self.last: TileBox | None = None  # of the job taken in last
        self.is_shown = True  # whether a film may show it as it is
        self._allocation = Allocation.unknown()
        self._begun: _Begun | None = None  # what was found of the phase's tiles when it began
        self._places = TilePlaces(grid)
        self._tiling: tuple[int, Tiling] = (0, PLAIN)  # level and tiling of the phase
        self._carry: dict[tuple[int, int], Carry] = {}  # by row and column of the phase's tiles
        self._painter = painter
        self._scene = scene
        self._parts: list[Any] = []  # not yet put into the scene
        self._shape = (target.height, target.width, target.channels)
        self._grid = grid
        # Of each cell of the lattice; the losses decide where the work goes.
        self._errors, self._losses = cells or self._judged(target)
        self._error_sum = int(self._errors.sum())
        self._demand = self._cell_sums(painter.demand(target.weights))
        self._spent = np.zeros(self._errors.shape)  # evaluations, a job's spread over its cells by area

    @classmethod
    def restored(
        cls,
        painter: Painter,
        arrays: Mapping[str, NDArray[Any]],
        facts: Mapping[str, Any],
        target: WholeSource,
        grid: Grid,
    ) -> Self:
        """The state that `arrays` and `facts` are of; ValueError and the like when they can't be.

        Of a version of the engine whose grids had other cells, only the scene and what it cost are taken.
        """
        scene = painter.scene_class.from_arrays(scene_arrays(arrays))
        height, width, channels = target.height, target.width, target.channels
        if (scene.height, scene.width, scene.background is None) != (height, width, channels == 4):
            raise ValueError("its picture is another one than the target's")
        if not has_cells_of(grid, arrays):
            state = cls(painter, scene, target, grid)
            state.evaluations, state.painting_seconds = facts["evaluations"], facts["painting_seconds"]
            return state
        cells = arrays["squares"].shape
        errors, losses = (counted(arrays, name, cells) for name in ("squares", "weighted"))
        state = cls(painter, scene, target, grid, (errors, losses))
        state._allocation = Allocation(counted(arrays, "order", (None,)), counted(arrays, "new", (None,)))
        if "spent" in arrays:
            state._spent = amounts(arrays, "spent", cells).copy()
        state._carry = dict(carried_arrays(arrays))
        state.phase, state.done = facts["phase"], facts["done"]
        if last := facts.get("last"):
            state.last = TileBox.from_record(last)
            state._tiling = state.last.level, state.last.tiling
        state.evaluations, state.painting_seconds = facts["evaluations"], facts["painting_seconds"]
        return state

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it that is arrays but the scene, for a checkpoint: copies of what changes with a job."""
        carried = {
            f"{CARRY}{row}.{col}.{name}": array
            for (row, col), carry in self._carry.items()
            for name, array in carry.items()
        }
        return {
            **carried,
            "squares": self._errors.copy(),
            "weighted": self._losses.copy(),
            "spent": self._spent.copy(),
            "order": self._allocation.order,
            "new": self._allocation.new,
        }

    def facts(self) -> dict[str, Any]:
        """The rest of it, as plain values."""
        names = ("phase", "done", "evaluations", "painting_seconds")
        last = self.last and self.last.to_record()
        return {name: getattr(self, name) for name in names} | {"last": last}

    def check(self, plan: Sequence[Phase]) -> None:
        """ValueError when it is at no place of a plan."""
        if self.phase >= len(plan):
            raise ValueError("it is beyond the end of its plan")
        phase, known = plan[self.phase], len(self._allocation.order)
        tiles = len(self._grid.tiles(phase.level, phase.tiling))
        if self.done > tiles or (not known and self.done not in (0, tiles)):
            raise ValueError("it has done more jobs than there are")
        if not known:
            return
        if (known, len(self._allocation.new)) != (tiles, tiles):
            raise ValueError("it has other tiles than its plan")
        if self._allocation.new.sum() > MOST_ROWS:
            raise ValueError("it wants more marks than there can be")
        if not np.array_equal(np.sort(self._allocation.order), np.arange(tiles)):
            raise ValueError("its tiles have no order")

    def turn_to_end(self, plan: Sequence[Phase]) -> None:
        """Take all of a plan for done."""
        self.turn_to(len(plan) - 1)
        self.done = len(self._grid.tiles(plan[-1].level, plan[-1].tiling))

    def turn_to(self, phase: int) -> None:
        """Go on with another phase, from its beginning."""
        self.phase, self.done, self._allocation = phase, 0, Allocation.unknown()
        self._begun = None

    @property
    def scene(self) -> Scene:
        """Everything painted so far; put together only when somebody asks, as it takes a while."""
        if self._parts:
            self._scene, self._parts = self._scene.put(self._parts), []
        return self._scene

    @property
    def error(self) -> float:
        """What the painter calls it, 0 to 1; the same for any order of updates."""
        return self._painter.error(self._error_sum, self._shape)

    def draw(self, longest: int | None = None) -> Pixels:
        """The picture, at the working size or with another longest side."""
        height, width = self._grid.height, self._grid.width
        return self.scene.draw(*scaled(height, width, longest or max(height, width)))

    def begin_phase(self, index: int, phase: Phase) -> None:
        """Divide a phase's work among its tiles, unless it has begun already.

        Those with most to change come first, so that no long job is left for the end. The division is kept:
        what a tile gets doesn't depend on the tiles beside it, so that the rest of a phase can be gone on
        with from any place.
        """
        self.is_shown = phase.is_shown
        if self._tiling != (phase.level, phase.tiling):
            self._tiling, self._carry = (phase.level, phase.tiling), {}
            self._places.forget()
        if index == self.phase and len(self._allocation.order):
            return
        self.turn_to(index)
        self._begun = tiles, parts, losses = self._find(phase)
        held = [len(part) for part in parts]
        demand = None if self._demand is None else self._places.sums(self._demand, tiles)
        missing = max(0, phase.marks - self.marks)
        new = self._painter.allocate(missing, tiles, held, losses, demand)
        order = np.argsort(-(np.array(held) + new), kind="stable")
        self._allocation = Allocation(order, np.array(new, np.int64))

    def jobs(self, phase: Phase) -> Iterator[Job]:
        """The jobs of the phase that has begun, but for those that are done."""
        tiles, parts, losses = self._begun or self._find(phase)
        self._begun = None
        new = self._allocation.new.tolist()
        for place, which in islice(enumerate(self._allocation.order.tolist()), self.done, None):
            tile = tiles[which]
            yield Job(
                phase_index=self.phase,
                phase=phase,
                index=place,
                tile=tile,
                part=parts[which],
                new=new[which],
                before=int(losses[which]) if self._painter.is_additive else None,
                cells=self._places.of(tile).lines,
                carry=self._carry.get((tile.row, tile.col)),
            )

    def apply(self, update: Update) -> None:
        """Take in what a job made."""
        tile, (cells, _, areas) = update.tile, self._places.of(update.tile)
        self.done += 1
        self._begun = None
        self.last = TileBox(*self._tiling, (tile.x0, tile.y0, tile.x1, tile.y1))
        self._parts.append(update.part)
        if len(self._parts) >= max(AT_ONCE, len(self._allocation.order) // PUTS):
            self._scene, self._parts = self._scene.put(self._parts), []
        self.marks += update.part.gain
        errors = self._errors[cells]
        self._error_sum += int(update.judgement.errors.sum()) - int(errors.sum())
        errors[:] = update.judgement.errors
        self._losses[cells] = update.judgement.losses
        if update.carry is not None:
            self._carry[tile.row, tile.col] = update.carry
        self._spent[cells] += update.evaluations / (tile.height * tile.width) * areas
        self.evaluations += update.evaluations
        self.painting_seconds += update.seconds

    def _judged(self, target: WholeSource) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Errors and losses of the grid's cells."""
        tile = whole(self._grid.height, self._grid.width)
        if self._painter.is_additive and tile.height * tile.width > LARGE:
            return self._judged_by_tiles(target)
        part, window = self._scene.take([tile])[0], target.read((0, 0, tile.width, tile.height))
        judgement = self._painter.judge(window, tile, part, self.draw(), self._places.of(tile).lines)
        return judgement.errors, judgement.losses

    def _judged_by_tiles(self, target: WholeSource) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same of a large picture, of which no more than a tile is drawn at a time."""
        shape = len(self._grid.ys) - 1, len(self._grid.xs) - 1
        errors, losses = np.empty(shape, np.int64), np.empty(shape, np.int64)
        levels = range(len(self._grid.levels))
        tiles = next(
            tiles
            for level in levels
            if (tiles := self._grid.tiles(level, PLAIN))[0].height * tiles[0].width <= SIDE * SIDE
            or level == levels[-1]
        )
        for tile, part in zip(tiles, self._scene.take(tiles), strict=True):
            window, place = target.read((tile.x0, tile.y0, tile.x1, tile.y1)), self._places.of(tile)
            drawn = self._painter.draw_part(tile, part)
            judgement = self._painter.judge(window, tile, part, drawn, place.lines)
            errors[place.cells], losses[place.cells] = judgement.errors, judgement.losses
        return errors, losses

    def _cell_sums(self, pixels: NDArray[np.floating] | None) -> NDArray[np.float64] | None:
        """Sums over the grid's cells, (rows, cols)."""
        if pixels is None:
            return None
        rows = np.add.reduceat(pixels.astype(np.float64), self._grid.ys[:-1], axis=0)
        return np.add.reduceat(rows, self._grid.xs[:-1], axis=1)

    def _find(self, phase: Phase) -> _Begun:
        """What there is of a phase's tiles by now."""
        tiles = self._grid.tiles(phase.level, phase.tiling)
        return _Begun(tiles, self.scene.take(tiles, phase.halo), self._places.sums(self._losses, tiles))


def has_cells_of(grid: Grid, arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether a state's arrays are sums over this grid's cells."""
    return bool(arrays["squares"].shape == (len(grid.ys) - 1, len(grid.xs) - 1))


def whole(height: int, width: int) -> Tile:
    """All of a picture as one tile."""
    return Tile(0, 0, 0, 0, 0, width, height)

"""A scene of shapes, as arrays in target pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.pixels import Colour
from engine.scene import stored
from engine.scene.drawing import ground
from engine.scene.marks import marks_of, shapes_of
from engine.scene.scene import Drawable, Mark, alike
from engine.scene.shapes import Shapes, drawable_of, extents, outlines_of, scaling
from engine.scene.stored_shapes import stored_shapes

NEW = -1  # the id of a shape that has not been put into a scene yet


@dataclass(frozen=True)
class ShapePart:
    """The shapes that reach into a tile; those wholly inside are free to change."""

    shapes: Shapes
    free: NDArray[np.bool_]  # (n,)
    lent: NDArray[np.int64]  # ids of all that was free when it was taken, what is out of sight too
    limits: NDArray[np.float32]  # x0, y0, x1, y1 within which a free shape stays
    background: Colour | None  # None: transparent

    def __len__(self) -> int:
        return int(np.count_nonzero(self.free))

    @property
    def gain(self) -> int:
        """Shapes added less shapes removed."""
        return len(self) - len(self.lent)

    def with_new(self, shapes: Shapes) -> ShapePart:
        """The part with new shapes on top that a job has made; what reaches beyond its limits is left out."""
        shapes = replace(shapes, ids=np.full(len(shapes), NEW, np.int64))
        shapes = shapes[shapes.within(self.limits)]
        free = np.concatenate([self.free, np.ones(len(shapes), np.bool_)])
        return replace(self, shapes=self.shapes.joined(shapes), free=free)


@dataclass(frozen=True)
class ShapeScene:
    """The whole picture; see engine.scene.Scene for the methods."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    shapes: Shapes
    born: int = 0  # shapes ever put into the picture: the next id

    @classmethod
    def empty(cls, height: int, width: int, background: Colour | None, numbers: int) -> Self:
        """No shapes yet; numbers: room for a geometry."""
        return cls(height, width, background, Shapes.empty(0, numbers, len(ground(background))))

    def __len__(self) -> int:
        return len(self.shapes)

    def take(self, tiles: Sequence[Tile], halo: int = 0) -> list[ShapePart]:
        """The parts of tiles; shapes wholly inside a tile's limits are free. There is no halo."""
        reach = extents(self.shapes.kinds, self.shapes.geometry)
        rows = groupby(tiles, attrgetter("y0", "y1"))
        return [part for _, row in rows for part in self._take_row(list(row), reach)]

    def put(self, parts: Sequence[ShapePart]) -> Self:
        """Change, remove and add shapes; new ones lie on top and get the next ids, part by part."""
        first, *others = (part.shapes for part in parts)
        given = first.joined(*others)[np.concatenate([part.free for part in parts])]
        known = given.ids != NEW
        changed, new = given[known], given[~known]
        polygons = replace(
            self.shapes,
            kinds=self.shapes.kinds.copy(),
            geometry=self.shapes.geometry.copy(),
            colours=self.shapes.colours.copy(),
            opacities=self.shapes.opacities.copy(),
        )
        at = np.searchsorted(polygons.ids, changed.ids)
        polygons.kinds[at] = changed.kinds
        polygons.geometry[at] = changed.geometry
        polygons.colours[at] = changed.colours
        polygons.opacities[at] = changed.opacities
        stays = np.ones(len(polygons), np.bool_)
        stays[np.searchsorted(polygons.ids, np.concatenate([part.lent for part in parts]))] = False
        stays[at] = True
        if not stays.all():
            polygons = polygons[stays]
        new = replace(new, ids=self.born + np.arange(len(new), dtype=np.int64))
        return replace(self, shapes=polygons.joined(new), born=self.born + len(new))

    def first(self, count: int, background: Colour | None) -> Self:
        """The scene with its first shapes only, over another background."""
        shapes = self.shapes[:count]
        colours = np.ones((len(shapes), len(ground(background))), np.float32)
        colours[:, :3] = shapes.colours[:, :3]
        return replace(self, background=background, shapes=replace(shapes, colours=colours))

    def draw(self, height: int, width: int) -> NDArray[np.uint8]:
        """The picture at any size."""
        return self.drawable(height, width).draw()

    def drawable(self, height: int, width: int) -> Drawable:
        """What is drawn at that size."""
        shapes = self.resized(height, width).shapes
        return drawable_of(height, width, self.background, shapes)

    def resized(self, height: int, width: int) -> Self:
        """Circles stay circles, however each side is scaled."""
        scale = np.array([width / self.width, height / self.height], np.float32)
        shapes = replace(self.shapes, geometry=scaling(self.shapes, scale) * self.shapes.geometry)
        return replace(self, height=height, width=width, shapes=shapes)

    def fits(self, height: int, width: int) -> bool:
        """If it has the same proportions."""
        return alike((self.height, self.width), (height, width))

    def tween(self, later: Self, share: float) -> Self:
        """On the way: shapes move, colours change, the removed fade out, the new fade in, the largest first.

        One that has become another kind fades out and in, in its place.
        """
        before, after = self.shapes, later.shapes
        old = np.isin(after.ids, before.ids)
        at = np.searchsorted(before.ids, after.ids[old])
        same = after.kinds[old] == before.kinds[at]
        at, goal, other = at[same], after[old][same], after[old][~same]
        stays = np.isin(before.ids, goal.ids)
        step = np.float32(share)
        geometry, colours, opacities = before.geometry.copy(), before.colours.copy(), before.opacities.copy()
        geometry[at] += step * (goal.geometry - geometry[at])
        colours[at] += step * (goal.colours - colours[at])
        opacities[at] += step * (goal.opacities - opacities[at])
        opacities[~stays] *= 1 - step
        new = after[~old]
        due = np.clip(share * (len(new) + 1) - _ranks(new), 0, 1).astype(np.float32)
        new = replace(new, opacities=new.opacities * due)[due > 0]
        between = replace(before, geometry=geometry, colours=colours, opacities=opacities)
        between = between.joined(replace(other, opacities=step * other.opacities))
        between = between[np.argsort(between.ids, kind="stable")]
        return replace(self, shapes=between.joined(new))

    def marks(self) -> Iterator[Mark]:
        """Back to front."""
        return marks_of(self.shapes)

    @classmethod
    def from_marks(cls, height: int, width: int, background: Colour | None, marks: Sequence[Mark]) -> Self:
        """The inverse of `marks`; ValueError for too many corners, and for an angle that is not right."""
        polygons = shapes_of(marks, len(ground(background)))
        return cls(height, width, background, polygons, len(polygons))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays for np.savez."""
        return {
            "size": np.array([self.height, self.width]),
            "background": np.array(self.background or (), np.float64),
            "born": np.array(self.born),
            "ids": self.shapes.ids,
            "kinds": self.shapes.kinds,
            "geometry": self.shapes.geometry,
            "colours": self.shapes.colours,
            "opacities": self.shapes.opacities,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The inverse of `arrays`; ValueError for what no scene has."""
        background, born = stored.background_of(arrays), stored.born_of(arrays)
        ids = stored.ids_of(arrays, "ids", born)
        shapes = stored_shapes(arrays, "", len(ground(background)), ids)
        return cls(*stored.size_of(arrays), background, shapes, born)

    def _take_row(self, tiles: Sequence[Tile], reach: NDArray[np.float32]) -> Iterator[ShapePart]:
        """The parts of tiles beside each other, left to right; reach: the extents of all shapes.

        What a shape reaches into and what it lies wholly inside are ranges of columns.
        """
        boxes = np.array([(tile.x0, tile.y0, tile.x1, tile.y1) for tile in tiles], np.float32)
        limits = self._limits(boxes)
        _, top, _, bottom = limits[0]
        near = np.flatnonzero((reach[:, 1] <= bottom) & (reach[:, 3] >= top))  # few of many shapes
        x0, y0, x1, y1 = reach.take(near, 0).T
        begin = np.searchsorted(boxes[:, 2], x0, side="right")
        end = np.searchsorted(boxes[:, 0], x1, side="left")
        end[(y0 >= tiles[0].y1) | (y1 <= tiles[0].y0)] = 0
        seen, sights = _by_column(begin, end, len(tiles))
        begin = np.searchsorted(limits[:, 2], x1, side="left")
        end = np.searchsorted(limits[:, 0], x0, side="right")
        end[(y0 < top) | (y1 > bottom)] = 0
        held, holds = _by_column(begin, end, len(tiles))
        columns = np.repeat(np.arange(len(tiles)), np.diff(sights))
        free = (begin[seen] <= columns) & (columns < end[seen])
        polygons, lent = self.shapes[near[seen]], self.shapes.ids[near[held]]
        for column, (sight, hold) in enumerate(zip(pairwise(sights), pairwise(holds), strict=True)):
            mine = slice(*sight)
            yield ShapePart(polygons[mine], free[mine], lent[slice(*hold)], limits[column], self.background)

    def limits(self, tile: Tile) -> NDArray[np.float32]:
        """The tile; at the picture's borders a margin beyond them, so that its corners can be covered."""
        return self._limits(np.array([(tile.x0, tile.y0, tile.x1, tile.y1)], np.float32))[0]

    def _limits(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same of many tiles: (n, 4)."""
        size = np.array([self.width, self.height])
        margin = np.maximum(8, size // 4)
        limits = boxes.copy()
        limits[:, :2] -= margin * (boxes[:, :2] == 0)
        limits[:, 2:] += margin * (boxes[:, 2:] == size)
        return limits


def _ranks(shapes: Shapes) -> NDArray[np.int64]:
    """The place of each shape in an order by size, the largest first: (n,)."""
    x0, y0, x1, y1 = extents(shapes.kinds, shapes.geometry).T
    return np.argsort(np.argsort((y0 - y1) * (x1 - x0), kind="stable"))


def _by_column(
    begin: NDArray[np.int64], end: NDArray[np.int64], columns: int
) -> tuple[NDArray[np.int64], list[int]]:
    """The half-open ranges that hold column 0, then those that hold column 1, ..., and where each begins."""
    counts = np.maximum(end - begin, 0)
    which = np.repeat(np.arange(len(counts)), counts)
    column = np.arange(len(which)) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
    order = np.argsort(column, kind="stable")
    return which[order], np.searchsorted(column[order], np.arange(columns + 1)).tolist()


def draw_part(tile: Tile, part: ShapePart) -> NDArray[np.uint8]:
    """A tile with all shapes that reach into it, (height, width, channels)."""
    outlines = outlines_of(tile.height, tile.width, part.background, part.shapes)
    return outlines.draw_window(tile.x0, tile.y0, tile.height, tile.width)

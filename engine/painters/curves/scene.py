"""A scene of strokes, which may repeat: a tile that goes on at its right where it ends at its left."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.pixels import Colour, Pixels
from engine.painters.curves.draw import CurveDrawable
from engine.painters.curves.inking import Period
from engine.painters.curves.limits import MOST_PENS, PIECES, Ink
from engine.painters.curves.marks import ink_of, marks_of, strokes_of
from engine.painters.curves.repeats import copies, extents, how_many, moved, repeated, scaled, within
from engine.painters.curves.strokes import NEW, POINTS, Strokes
from engine.scene import stored
from engine.scene.scene import Mark, alike

INKS: tuple[str, ...] = get_args(Ink)
MIXING = 2_654_435_761  # Knuth's multiplicative hash: ids that follow each other come far apart
MOST_SEEN = 20_000_000  # strokes, of a picture that repeats


@dataclass(frozen=True)
class CurvePart:
    """The strokes that reach into a tile and its halo; those that have their middle in the tile are free."""

    height: int  # of the whole picture
    width: int
    background: Colour | None
    ink: Ink
    period: Period | None  # as its scene has it after this part has been put into it
    strokes: Strokes
    free: NDArray[np.bool_]  # (n,)
    lent: NDArray[np.int64]  # ids of all that was free when it was taken

    def __len__(self) -> int:
        return int(self.free.sum())

    def period_of(self, tile: Tile) -> Period | None:
        """What strokes repeat by in what a job on a tile draws: only one on the whole picture repeats."""
        return self.period if (tile.height, tile.width) == (self.height, self.width) else None

    def as_scene(self, period: Period | None) -> CurveScene:
        """What is to be seen of it, as a picture of its own."""
        return CurveScene(self.height, self.width, self.background, self.strokes, self.ink, period, NEW)

    @property
    def gain(self) -> int:
        """Strokes added less strokes removed."""
        return len(self) - len(self.lent)


@dataclass(frozen=True)
class CurveScene:
    """The whole picture; see engine.scene.Scene for the methods."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    strokes: Strokes
    ink: Ink = "multiply"  # what happens where strokes cross
    period: Period | None = None  # strokes repeat so; None: they don't
    born: int = 0  # strokes ever put into the picture: the next id

    @classmethod
    def empty(
        cls,
        height: int,
        width: int,
        background: Colour | None,
        pens: int = 0,
        ink: Ink = "multiply",
        period: Period | None = None,
    ) -> Self:
        """Paper alone."""
        return cls(height, width, background, Strokes.empty(0, pens), ink, period)

    def __len__(self) -> int:
        return len(self.strokes)

    def take(self, tiles: Sequence[Tile], halo: int = 0) -> list[CurvePart]:
        """The parts of tiles: strokes whose middle is in a tile are its own, those that reach into it or its
        halo are seen, too.

        A part of the whole picture has each stroke once, whether they repeat or not.
        """
        if len(tiles) == 1 and (tiles[0].height, tiles[0].width) == (self.height, self.width):
            everything = np.ones(len(self.strokes), np.bool_)
            return [self._part(self.strokes, everything, self.strokes.ids)]
        low, high = extents(self.strokes)
        middles = (low + high) / 2
        parts = []
        for tile in tiles:
            own = np.ones(len(self.strokes), np.bool_)
            for axis, (begin, end, length) in enumerate(
                ((tile.x0, tile.x1, self.width), (tile.y0, tile.y1, self.height))
            ):
                # What lies beyond a picture that ends is the outermost tiles'.
                if begin > 0 or self.period is not None:
                    own &= middles[:, axis] >= begin
                if end < length or self.period is not None:
                    own &= middles[:, axis] < end
            corner, far = np.array([tile.x0, tile.y0]) - halo, np.array([tile.x1, tile.y1]) + halo
            at, by = copies(self.strokes, self.period, tuple(corner), tuple(far), own)
            strokes = moved(self.strokes, at, by)
            free = own[at] & ~by.any(axis=1)
            parts.append(self._part(strokes, free, strokes.ids[free]))
        return parts

    def put(self, parts: Sequence[CurvePart]) -> Self:
        """Move, remove and add strokes; new ones lie on top and get the next ids, part by part.

        In a picture that repeats a stroke's middle stays in it.
        """
        period = parts[-1].period if parts else self.period
        first, *others = (part.strokes[part.free] for part in parts)
        given = first.joined(*others)
        if period is not None:
            given = within(given, period)
        known = given.ids != NEW
        changed, new = given[known], given[~known]
        lent = np.concatenate([part.lent for part in parts])
        kept = self.strokes[~np.isin(self.strokes.ids, lent)].joined(changed)
        kept = kept[np.argsort(kept.ids, kind="stable")]
        new = replace(new, ids=self.born + np.arange(len(new), dtype=np.int64))
        return replace(self, strokes=kept.joined(new), period=period, born=self.born + len(new))

    def draw(self, height: int, width: int) -> Pixels:
        """The picture at any size."""
        return self.drawable(height, width).draw()

    def drawable(self, height: int, width: int) -> CurveDrawable:
        """What is drawn at that size."""
        scale = np.array([width / self.width, height / self.height], np.float32)
        return CurveDrawable(height, width, self.background, scaled(self._seen(), scale), self.ink)

    def resized(self, height: int, width: int) -> Self:
        """Widths change with the square root of the area."""
        scale = np.array([width / self.width, height / self.height], np.float32)
        if (scale == 1).all():
            return self
        period = self.period
        if period is not None:
            wanted = period[0] * height / self.height, period[1] * width / self.width
            if any(abs(side - round(side)) > 1e-6 or round(side) < 1 for side in wanted):
                strokes = self._seen()
                strokes = replace(strokes, ids=np.arange(len(strokes), dtype=np.int64))
                whole = replace(self, strokes=strokes, period=None, born=len(strokes))
                return whole.resized(height, width)
            period = Period(round(wanted[0]), round(wanted[1]))
        return replace(self, height=height, width=width, strokes=scaled(self.strokes, scale), period=period)

    def fits(self, height: int, width: int) -> bool:
        """If it has the same proportions; a tile that repeats covers paper of any."""
        return self.period is not None or alike((self.height, self.width), (height, width))

    def tween(self, later: Self, share: float) -> Self:
        """Strokes move on their way, those removed fade, and new ones appear one after the other.

        Where a tile has been spread over a sheet, which looks the same, its copies are there at the end.
        """
        if self.period != later.period:
            return self if share < 1 else later
        before, after = self.strokes, later.strokes
        step = np.float32(share)
        old = np.isin(after.ids, before.ids)
        goal, at = after[old], np.searchsorted(before.ids, after.ids[old])
        there = self._nearest(before.points[at], goal.points)
        columns = {
            name: getattr(before, name)[at] + step * (getattr(goal, name) - getattr(before, name)[at])
            for name in ("widths", "colours", "opacities")
        }
        staying = replace(
            before[at],
            points=before.points[at] + step * (there - before.points[at]),
            pieces=goal.pieces,
            **columns,
        )
        gone = before[~np.isin(before.ids, after.ids)]
        gone = replace(gone, opacities=gone.opacities * (1 - step))
        new = after[~old]
        turns = np.argsort(np.argsort(new.ids * MIXING % 2**32, kind="stable"))  # now here, now there
        due = np.clip(share * (len(new) + 1) - turns, 0, 1).astype(np.float32)
        new = replace(new, opacities=new.opacities * due)[due > 0]
        between = staying.joined(gone)
        return replace(self, strokes=between[np.argsort(between.ids, kind="stable")].joined(new))

    def marks(self) -> Iterator[Mark]:
        """Strokes with round ends, and of a picture that repeats each as often as it is seen."""
        return marks_of(self._seen(), self.ink)

    @classmethod
    def from_marks(cls, height: int, width: int, background: Colour | None, marks: Sequence[Mark]) -> Self:
        """Of strokes with round ends that are smooth; ValueError for any other mark."""
        strokes = strokes_of(marks)
        return cls(height, width, background, strokes, ink_of(marks), born=len(marks))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays for np.savez."""
        return {
            "size": np.array([self.height, self.width]),
            "background": np.array(self.background or (), np.float64),
            "born": np.array(self.born),
            "ink": np.array(INKS.index(self.ink)),
            "period": np.array(self.period or (), np.int64),
            **{each.name: getattr(self.strokes, each.name) for each in fields(Strokes)},
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The inverse of `arrays`; ValueError for what no scene has."""
        height, width = stored.size_of(arrays)
        background, born = stored.background_of(arrays), stored.born_of(arrays)
        ids = stored.ids_of(arrays, "ids", born)
        rows = len(ids)
        ink = int(stored.column(arrays, "ink", np.int64, ()))
        period = stored.column(arrays, "period", np.int64, (None,)).tolist()
        if not 0 <= ink < len(INKS):
            raise ValueError(f"there is no ink {ink}")
        if period and not (len(period) == 2 and 1 <= period[0] <= height and 1 <= period[1] <= width):
            raise ValueError(f"a picture of {width} x {height} pixels can't repeat every {period}")
        pieces = stored.column(arrays, "pieces", np.int8, (rows,))
        if rows and not 1 <= pieces.min() <= pieces.max() <= PIECES:
            raise ValueError(f"strokes have 1 to {PIECES} curves")
        strokes = Strokes(
            ids,
            pieces,
            stored.floats(arrays, "points", (rows, POINTS, 2)),
            stored.floats(arrays, "widths", (rows,), 0),
            stored.shares(arrays, "colours", (rows, 3)),
            stored.shares(arrays, "opacities", (rows,)),
            stored.floats(arrays, "pens", (rows, None)),
        )
        if strokes.pens.shape[1] > MOST_PENS:
            raise ValueError(f"there are no more than {MOST_PENS} pens")
        spacing = Period(*period) if period else None
        if spacing and how_many(strokes, spacing, height, width) > MOST_SEEN:
            raise ValueError(f"its strokes come again more than {MOST_SEEN:,} times")
        return cls(height, width, background, strokes, INKS[ink], spacing, born)  # type: ignore[arg-type]

    def spread(self) -> Self:
        """A sheet on which each stroke that repeats is there as often as there is room, to be changed alone.

        Rows and columns of the tile are stretched a little where they don't fill the sheet exactly.
        """
        if self.period is None:
            return self
        rows, cols = (
            max(1, round(side / every)) for side, every in zip(self._sides, self.period, strict=True)
        )
        scale = np.array([self.width / (cols * self.period[1]), self.height / (rows * self.period[0])])
        placed = []
        for row, col in itertools.product(range(rows), range(cols)):
            offset = np.array([col * self.period[1], row * self.period[0]], np.float32)
            points = (self.strokes.points + offset) * scale.astype(np.float32)
            placed.append(replace(self.strokes, points=points))
        strokes = placed[0].joined(*placed[1:])
        strokes = replace(strokes, ids=np.arange(len(strokes), dtype=np.int64))
        return replace(self, strokes=strokes, period=self._sides, born=len(strokes))

    def _seen(self) -> Strokes:
        """Each stroke as often as it is to be seen."""
        if self.period is None:
            return self.strokes
        return repeated(self.strokes, self.period, self.height, self.width)

    @property
    def _sides(self) -> Period:
        return Period(self.height, self.width)

    def _part(self, strokes: Strokes, free: NDArray[np.bool_], lent: NDArray[np.int64]) -> CurvePart:
        return CurvePart(self.height, self.width, self.background, self.ink, self.period, strokes, free, lent)

    def _nearest(self, here: NDArray[np.float32], there: NDArray[np.float32]) -> NDArray[np.float32]:
        """Places of strokes (n, POINTS, 2), a period away where that is nearer to others."""
        if self.period is None:
            return there
        period = np.array(self.period[::-1], np.float32)
        apart = (there - here).mean(axis=1, keepdims=True)
        return there - np.rint(apart / period) * period

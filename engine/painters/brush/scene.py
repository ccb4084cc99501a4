"""A scene of strokes of one brush on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.pixels import Colour, Pixels
from engine.painters.brush.brush import Brush
from engine.painters.brush.draw import BrushDrawable
from engine.painters.brush.likeness import likeness_of
from engine.painters.brush.marks import brushwork_of, marks_of, strokes_of
from engine.painters.brush.model_file import BUNDLED
from engine.painters.brush.paper import Paper
from engine.painters.brush.reach import near
from engine.painters.brush.stored_brush import brush_arrays, brush_of
from engine.painters.brush.strokes import GRAIN, NEW, Strokes
from engine.painters.brush.tween import appearing, between
from engine.scene import stored
from engine.scene.scene import Brushwork, Mark, alike

PAPERS: tuple[str, ...] = get_args(Paper)
STORED = tuple(each.name for each in fields(Strokes) if each.name != "shown")


@dataclass(frozen=True)
class BrushPart:
    """The strokes that reach into a tile and its halo; those that have their middle in the tile are free."""

    height: int  # of the whole picture
    width: int
    background: Colour | None
    brush: Brush
    paper: Paper
    strokes: Strokes
    free: NDArray[np.bool_]  # (n,)
    lent: NDArray[np.int64]  # ids of all that was free when it was taken

    def __len__(self) -> int:
        return int(self.free.sum())

    def as_scene(self) -> BrushScene:
        """What is to be seen of it, as a picture of its own."""
        return BrushScene(self.height, self.width, self.background, self.strokes, self.brush, self.paper)

    @property
    def gain(self) -> int:
        """Strokes added less strokes removed."""
        return len(self) - len(self.lent)


@dataclass(frozen=True)
class BrushScene:
    """The whole picture; see engine.scene.Scene for the methods."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    strokes: Strokes
    brush: Brush
    paper: Paper = "plain"
    born: int = 0  # strokes ever put into the picture: the next id

    @classmethod
    def empty(
        cls, height: int, width: int, background: Colour | None, brush: Brush, paper: Paper = "plain"
    ) -> Self:
        """Paper alone."""
        return cls(height, width, background, Strokes.empty(), brush, paper)

    def __len__(self) -> int:
        return len(self.strokes)

    def take(self, tiles: Sequence[Tile], halo: int = 0) -> list[BrushPart]:
        """The parts of tiles: strokes whose middle is in a tile are its own, those that reach into it or its
        halo are seen, too.
        """
        middles, parts = self.strokes.middles(), []
        for tile in tiles:
            own = np.ones(len(self.strokes), np.bool_)
            for axis, (begin, end, length) in enumerate(
                ((tile.x0, tile.x1, self.width), (tile.y0, tile.y1, self.height))
            ):
                # What lies beyond the picture is the outermost tiles'.
                if begin > 0:
                    own &= middles[:, axis] >= begin
                if end < length:
                    own &= middles[:, axis] < end
            corner, far = (tile.x0 - halo, tile.y0 - halo), (tile.x1 + halo, tile.y1 + halo)
            seen = own | near(self.strokes, float(self.brush.reach), corner, far)
            strokes, free = self.strokes[seen], own[seen]
            look = self.background, self.brush, self.paper
            parts.append(BrushPart(self.height, self.width, *look, strokes, free, strokes.ids[free]))
        return parts

    def put(self, parts: Sequence[BrushPart]) -> Self:
        """Move, remove and add strokes; new ones lie on top and get the next ids, part by part."""
        if not parts:
            return self
        first, *others = (part.strokes[part.free] for part in parts)
        given = first.joined(*others)
        known = given.ids != NEW
        changed, new = given[known], given[~known]
        lent = np.concatenate([part.lent for part in parts])
        kept = self.strokes[~np.isin(self.strokes.ids, lent)].joined(changed)
        kept = kept[np.argsort(kept.ids, kind="stable")]
        new = replace(new, ids=self.born + np.arange(len(new), dtype=np.int64))
        return replace(self, strokes=kept.joined(new), born=self.born + len(new))

    def draw(self, height: int, width: int) -> Pixels:
        """The picture at any size."""
        return self.drawable(height, width).draw()

    def drawable(self, height: int, width: int) -> BrushDrawable:
        """What is drawn at that size: the strokes are drawn anew, with the grain that they have there."""
        scale = np.array([width / self.width, height / self.height])
        return BrushDrawable(
            height, width, self.background, self.strokes.scaled(scale), self.brush, self.paper
        )

    def resized(self, height: int, width: int) -> Self:
        """Radii change with the square root of the area."""
        scale = np.array([width / self.width, height / self.height])
        return replace(self, height=height, width=width, strokes=self.strokes.scaled(scale))

    def fits(self, height: int, width: int) -> bool:
        """If it has the same proportions."""
        return alike((self.height, self.width), (height, width))

    def tween(self, later: Self, share: float) -> Self:
        """Strokes move on their way, those removed fade, new ones are drawn along their paths."""
        return replace(self, strokes=between(self.strokes, later.strokes, share))

    def appearing(self) -> Self:
        """The same moment of a film in which strokes appear as wholes."""
        return replace(self, strokes=appearing(self.strokes))

    def marks(self) -> Iterator[Mark]:
        """Curves with round ends, with all that it takes to have the same strokes again."""
        work = Brushwork(self.brush.model.name, self.brush.is_opaque, self.paper)
        return marks_of(self.strokes, likeness_of(self.brush), work)

    @classmethod
    def from_marks(cls, height: int, width: int, background: Colour | None, marks: Sequence[Mark]) -> Self:
        """Of strokes that are single curves; ValueError for any other mark.

        A brush that doesn't come with Tessera is the first that does, as marks don't say what it has learnt.
        """
        work = brushwork_of(marks)
        name = work.brush if work and work.brush in BUNDLED else BUNDLED[0]
        brush = Brush.bundled(name, work.is_opaque if work else None)
        paper: Any = work.paper if work and work.paper in PAPERS else PAPERS[0]
        strokes = strokes_of(marks, likeness_of(brush))
        return cls(height, width, background, strokes, brush, paper, born=len(marks))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays for np.savez; all strokes are whole, as they are in any scene but a film's."""
        return {
            "size": np.array([self.height, self.width]),
            "background": np.array(self.background or (), np.float64),
            "born": np.array(self.born),
            "paper": np.array(PAPERS.index(self.paper)),
            **brush_arrays(self.brush),
            **{
                each.name: getattr(self.strokes, each.name)
                for each in fields(Strokes)
                if each.name != "shown"
            },
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The inverse of `arrays`; ValueError for what no scene has."""
        height, width = stored.size_of(arrays)
        background, born = stored.background_of(arrays), stored.born_of(arrays)
        paper = int(stored.column(arrays, "paper", np.int64, ()))
        if not 0 <= paper < len(PAPERS):
            raise ValueError(f"there is no paper {paper}")
        kind: Any = PAPERS[paper]
        return cls(height, width, background, _strokes_of(arrays, born), brush_of(arrays), kind, born)


def _strokes_of(arrays: Mapping[str, NDArray[Any]], born: int) -> Strokes:
    ids = stored.ids_of(arrays, "ids", born)
    rows = len(ids)
    levels = stored.column(arrays, "levels", np.int8, (rows,))
    if rows and levels.min() < 0:
        raise ValueError("levels has a negative number")
    return Strokes(
        ids,
        stored.floats(arrays, "points", (rows, 3, 2)),
        stored.floats(arrays, "radii", (rows,), 0),
        stored.shares(arrays, "pressures", (rows, 2)),
        stored.shares(arrays, "colours", (rows, 3)),
        stored.shares(arrays, "opacities", (rows,)),
        stored.floats(arrays, "grains", (rows, 2), -GRAIN, 2 * GRAIN),
        levels,
        np.ones(rows, np.float32),
    )

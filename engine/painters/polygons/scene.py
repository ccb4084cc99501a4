"""A scene of polygons with one number of vertices, as arrays in target pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.jit import kernel
from engine.raster import SPAN_DTYPE, blend, rasterise
from engine.scene import Colour, Mark

BAND = 64  # rows drawn at a time: the band stays in the processor's cache
NEW = -1  # the id of a polygon that has not been put into a scene yet


@dataclass(frozen=True)
class Polygons:
    """Polygons, back to front."""

    ids: NDArray[np.int64]  # (n,), order of birth, which is also the order of drawing
    points: NDArray[np.float32]  # (n, vertices, 2)
    colours: NDArray[np.float32]  # (n, 3), sRGB-encoded; with transparency (n, 4), the fourth always 1
    opacities: NDArray[np.float32]  # (n,)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, selected: Any) -> Polygons:
        return Polygons(
            self.ids[selected], self.points[selected], self.colours[selected], self.opacities[selected]
        )

    def joined(self, after: Polygons) -> Polygons:
        """These polygons with others drawn on top."""
        return Polygons(
            np.concatenate([self.ids, after.ids]),
            np.concatenate([self.points, after.points]),
            np.concatenate([self.colours, after.colours]),
            np.concatenate([self.opacities, after.opacities]),
        )


@dataclass(frozen=True)
class PolygonPart:
    """The polygons that reach into a tile; those wholly inside are free to change."""

    polygons: Polygons
    free: NDArray[np.bool_]  # (n,)
    limits: NDArray[np.float32]  # x0, y0, x1, y1 within which a free polygon stays
    background: Colour | None  # None: transparent

    def __len__(self) -> int:
        return int(self.free.sum())


@dataclass(frozen=True)
class PolygonScene:
    """The whole picture; see engine.scene.Scene for the methods."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    polygons: Polygons
    born: int = 0  # polygons ever put into the picture: the next id

    @classmethod
    def blank(cls, height: int, width: int, background: Colour | None, vertices: int) -> Self:
        """No polygons yet."""
        none = Polygons(
            np.empty(0, np.int64),
            np.empty((0, vertices, 2), np.float32),
            np.empty((0, len(ground(background))), np.float32),
            np.empty(0, np.float32),
        )
        return cls(height, width, background, none)

    def __len__(self) -> int:
        return len(self.polygons)

    def take(self, tile: Tile) -> PolygonPart:
        """The part of a tile; polygons wholly inside its limits are free."""
        limits = self._limits(tile)
        low, high = self.polygons.points.min(axis=1), self.polygons.points.max(axis=1)
        reaches = (
            (low[:, 0] < tile.x1) & (high[:, 0] > tile.x0) & (low[:, 1] < tile.y1) & (high[:, 1] > tile.y0)
        )
        free = self._inside(limits)
        return PolygonPart(self.polygons[reaches], free[reaches], limits, self.background)

    def put(self, tile: Tile, part: PolygonPart) -> Self:
        """Change, remove and add polygons; new ones lie on top and get the next ids."""
        known = part.polygons.ids != NEW
        changed = part.polygons[known & part.free]
        polygons = Polygons(
            self.polygons.ids,
            self.polygons.points.copy(),
            self.polygons.colours.copy(),
            self.polygons.opacities.copy(),
        )
        at = np.searchsorted(polygons.ids, changed.ids)
        polygons.points[at] = changed.points
        polygons.colours[at] = changed.colours
        polygons.opacities[at] = changed.opacities
        given = self.polygons.ids[self._inside(self._limits(tile))]
        if len(changed) < len(given):
            polygons = polygons[~np.isin(polygons.ids, np.setdiff1d(given, changed.ids))]
        if known.all():
            return replace(self, polygons=polygons)
        new = part.polygons[~known]
        new = replace(new, ids=self.born + np.arange(len(new), dtype=np.int64))
        return replace(self, polygons=polygons.joined(new), born=self.born + len(new))

    def draw(self, height: int, width: int) -> NDArray[np.uint8]:
        """The picture at any size, drawn in bands."""
        scale = np.array([width / self.width, height / self.height], np.float32)
        points = np.ascontiguousarray(self.polygons.points * scale)
        picture = np.empty((height, width, len(ground(self.background))), np.uint8)
        for y in range(0, height, BAND):
            draw_window(self.background, points, self.polygons, 0, y, picture[y : y + BAND])
        return picture

    def tween(self, later: Self, share: float) -> Self:
        """On the way: polygons move, colours change, the removed fade out, the new fade in one by one."""
        before, after = self.polygons, later.polygons
        stays, old = np.isin(before.ids, after.ids), np.isin(after.ids, before.ids)
        goal = after[old]
        at = np.flatnonzero(stays)
        step = np.float32(share)
        points, colours, opacities = before.points.copy(), before.colours.copy(), before.opacities.copy()
        points[at] += step * (goal.points - points[at])
        colours[at] += step * (goal.colours - colours[at])
        opacities[at] += step * (goal.opacities - opacities[at])
        opacities[~stays] *= 1 - step
        new = after[~old]
        due = np.clip(share * (len(new) + 1) - np.arange(len(new)), 0, 1).astype(np.float32)
        new = replace(new, opacities=new.opacities * due)[due > 0]
        return replace(self, polygons=Polygons(before.ids, points, colours, opacities).joined(new))

    def marks(self) -> Iterator[Mark]:
        """Back to front."""
        for points, colour, opacity in zip(
            self.polygons.points,
            self.polygons.colours.tolist(),
            self.polygons.opacities.tolist(),
            strict=True,
        ):
            yield Mark(points, (colour[0], colour[1], colour[2]), opacity)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays for np.savez."""
        return {
            "size": np.array([self.height, self.width]),
            "background": np.array(self.background or (), np.float64),
            "born": np.array(self.born),
            "ids": self.polygons.ids,
            "points": self.polygons.points,
            "colours": self.polygons.colours,
            "opacities": self.polygons.opacities,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The inverse of `arrays`."""
        height, width = arrays["size"].tolist()
        background = tuple(arrays["background"].tolist()) or None
        polygons = Polygons(arrays["ids"], arrays["points"], arrays["colours"], arrays["opacities"])
        return cls(height, width, background, polygons, int(arrays["born"]))

    def _inside(self, limits: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which polygons lie wholly within limits (x0, y0, x1, y1)."""
        points = self.polygons.points
        return np.all((points >= limits[:2]) & (points <= limits[2:]), axis=(1, 2))

    def _limits(self, tile: Tile) -> NDArray[np.float32]:
        """The tile; at the picture's borders a margin beyond them, so that its corners can be covered."""
        margin_x, margin_y = max(8, self.width // 4), max(8, self.height // 4)
        return np.array(
            [
                tile.x0 - (margin_x if tile.x0 == 0 else 0),
                tile.y0 - (margin_y if tile.y0 == 0 else 0),
                tile.x1 + (margin_x if tile.x1 == self.width else 0),
                tile.y1 + (margin_y if tile.y1 == self.height else 0),
            ],
            np.float32,
        )


def ground(background: Colour | None) -> NDArray[np.float32]:
    """What layers begin with: a colour, or nothing in four channels, premultiplied colour and alpha."""
    return np.zeros(4, np.float32) if background is None else np.array(background, np.float32)


def draw_window(
    background: Colour | None,
    points: NDArray[np.float32],
    polygons: Polygons,
    x0: int,
    y0: int,
    picture: NDArray[np.uint8],
) -> None:
    """Draw a window at (x0, y0).

    picture: (height, width, channels), written. points: in the whole's pixels.
    """
    first = ground(background)
    layers = np.empty((len(first), *picture.shape[:2]), np.float32)
    composite(first, points, polygons.colours, polygons.opacities, x0, y0, layers)
    to_bytes(layers, picture)


@kernel
def composite(background, points, colours, opacities, x0, y0, layers):
    """Draw all polygons over the background.

    background: float32 (channels,). layers: float32 (channels, height, width) of a window, written.
    """
    height, width = layers.shape[1:]
    spans = np.empty(height * width, SPAN_DTYPE)
    row = np.zeros(width + 2, np.float32)
    for channel in range(layers.shape[0]):
        layers[channel] = background[channel]
    for k in range(points.shape[0]):
        drawn = rasterise(points[k], x0, y0, x0 + width, y0 + height, spans, row)
        blend(layers, spans, drawn, colours[k], opacities[k])


@kernel
def to_bytes(layers, picture):
    """Planes of floats 0..1 to interleaved bytes, rounded to nearest."""
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            for channel in range(layers.shape[0]):
                value = min(max(layers[channel, y, x], np.float32(0)), np.float32(1))
                picture[y, x, channel] = np.uint8(value * np.float32(255) + np.float32(0.5))

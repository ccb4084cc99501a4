"""Nodes, and what is drawn between them, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.scene.kinds import CIRCLE, LINE, numbers
from engine.scene.shapes import Shapes

NEW = -1  # the id of a node that has not been put into a scene yet
MOST_GROWTH = 0.3  # of a face's own size

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class _Table:
    """Arrays with as many rows."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]

    def __getitem__(self, selected: Any) -> Self:
        columns = {each.name: getattr(self, each.name)[selected] for each in fields(self)}  # type: ignore[arg-type]
        return replace(self, **columns)  # type: ignore[type-var]

    def joined(self, *others: Self) -> Self:
        """These rows, then others."""
        names = [each.name for each in fields(self)]  # type: ignore[arg-type]
        columns = {
            name: np.concatenate([getattr(table, name) for table in (self, *others)]) for name in names
        }
        return replace(self, **columns)  # type: ignore[type-var]


@dataclass(frozen=True)
class Nodes(_Table):
    """Nodes, in the order of their ids."""

    ids: Integers  # (n,)
    places: Floats  # (n, 2), x and y in target pixels
    errors: Floats  # (n,), of the gas
    inks: NDArray[np.uint8]  # (n,), which of several
    radii: Floats  # (n,), of a dot, target pixels; 0: none is drawn
    colours: NDArray[np.uint8]  # (n, 3), of a dot

    @classmethod
    def none(cls) -> Self:
        """No nodes."""
        integers, floats = np.empty(0, np.int64), np.empty(0, np.float32)
        colours = np.empty((0, 3), np.uint8)
        return cls(integers, floats.reshape(0, 2), floats, np.empty(0, np.uint8), floats, colours)


@dataclass(frozen=True)
class Links(_Table):
    """What is drawn between nodes: lines between two, faces between three."""

    ends: (
        Integers  # (m, 2) or (m, 3): ids of nodes; in a part indices of its nodes; below 0 points of the rim
    )
    widths: Floats  # (m,), target pixels; of faces how far they reach below their neighbours
    colours: NDArray[np.uint8]  # (m, 3)
    opacities: Floats  # (m,)

    @classmethod
    def none(cls, ends: int) -> Self:
        """No links; ends: of each."""
        floats = np.empty(0, np.float32)
        return cls(np.empty((0, ends), np.int64), floats, np.empty((0, 3), np.uint8), floats)


@dataclass(frozen=True)
class Net:
    """What is drawn, back to front: faces, lines, dots, strokes."""

    nodes: Nodes
    lines: Links
    faces: Links
    strokes: Shapes  # which belong to no node


def lines_as_shapes(places: Floats, lines: Links, channels: int) -> Shapes:
    """places: (m, 2, 2) of the lines' ends."""
    shapes = _empty(LINE, len(lines), channels)
    shapes.geometry[:, :4] = places.reshape(-1, 4)
    shapes.geometry[:, 4] = lines.widths / 2
    shapes.colours[:, :3] = lines.colours / np.float32(255)
    shapes.opacities[:] = lines.opacities
    return shapes


def faces_as_shapes(places: Floats, faces: Links, channels: int) -> Shapes:
    """places: (m, 3, 2) of the faces' corners."""
    shapes = _empty(3, len(faces), channels)
    sides = np.linalg.norm(places - np.roll(places, -1, axis=1), axis=2)
    (x0, y0), (x1, y1), (x2, y2) = (places[:, k].T for k in range(3))
    area = np.abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2
    inner = 2 * area / np.maximum(sides.sum(axis=1), 1e-6)  # radius of the circle inside
    factor = 1 + np.minimum(faces.widths / np.maximum(inner, 1e-6), MOST_GROWTH)
    middle = places.mean(axis=1, keepdims=True)
    shapes.geometry[:, :6] = (middle + factor[:, None, None] * (places - middle)).reshape(-1, 6)
    shapes.colours[:, :3] = faces.colours / np.float32(255)
    shapes.opacities[:] = faces.opacities
    return shapes


def dots_as_shapes(nodes: Nodes, channels: int) -> Shapes:
    """The dots at nodes that have one."""
    nodes = nodes[nodes.radii > 0]
    shapes = _empty(CIRCLE, len(nodes), channels)
    shapes.geometry[:, :2] = nodes.places
    shapes.geometry[:, 2] = nodes.radii
    shapes.colours[:, :3] = nodes.colours / np.float32(255)
    shapes.opacities[:] = 1
    return shapes


def _empty(kind: int, count: int, channels: int) -> Shapes:
    shapes = Shapes.empty(count, numbers(kind), channels)
    shapes.kinds[:] = kind
    return shapes


def stacked(layers: list[Shapes]) -> Shapes:
    """Shapes on top of each other, with room for the longest geometry, numbered in that order."""
    room = max((layer.geometry.shape[1] for layer in layers if len(layer)), default=6)
    first, *others = (with_room(layer, room) for layer in layers)
    shapes = first.joined(*others)
    return replace(shapes, ids=np.arange(len(shapes), dtype=np.int64))


def with_room(shapes: Shapes, room: int) -> Shapes:
    """The same shapes with geometries of so many numbers."""
    geometry = np.zeros((len(shapes), room), np.float32)
    width = min(room, shapes.geometry.shape[1])
    geometry[:, :width] = shapes.geometry[:, :width]
    return replace(shapes, geometry=geometry)

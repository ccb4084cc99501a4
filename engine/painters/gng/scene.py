"""A scene of nodes with lines, faces and dots between and on them, and strokes over them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.image.pixels import Colour, Pixels
from engine.painters.gng.cell_index import NOBODY
from engine.painters.gng.net import (
    NEW,
    Floats,
    Integers,
    Links,
    Net,
    Nodes,
    dots_as_shapes,
    faces_as_shapes,
    lines_as_shapes,
    stacked,
)
from engine.painters.gng.tween import between
from engine.painters.gng.windows import alive, indexed, of_all, windows
from engine.scene import stored
from engine.scene.drawing import ground
from engine.scene.marks import marks_of, shapes_of
from engine.scene.scene import Drawable, Mark, alike
from engine.scene.shapes import Shapes, drawable_of, scaling
from engine.scene.stored_shapes import stored_shapes

RIM = 16  # points along each side of the picture that faces may end at
MOST_SAMPLES = 8  # along a pixel's side
SAME = 1e-3  # by which a scene that was resized there and back may seem to be reduced


@dataclass(frozen=True)
class GasPart:
    """The nodes in a tile and its halo, and what is drawn between them; ends are indices of these nodes."""

    height: int  # of the picture, target pixels
    width: int
    background: Colour | None  # None: transparent
    net: Net
    own: NDArray[np.bool_]  # (n,): which a job may move
    lent: Integers  # ids of those that were own when it was taken
    remade: bool = False  # whether faces and strokes are new, too

    def __len__(self) -> int:
        return int(self.own.sum())

    @property
    def gain(self) -> int:
        """Nodes added less nodes removed."""
        return len(self) - len(self.lent)


@dataclass(frozen=True)
class GasScene:
    """The whole picture; see engine.scene.Scene for the methods."""

    height: int
    width: int
    background: Colour | None  # None: transparent
    net: Net
    born: int = 0  # nodes ever put into the picture: the next id
    reduction: tuple[float, float] = (1.0, 1.0)  # of width and height, since it was painted

    @classmethod
    def empty(cls, height: int, width: int, background: Colour | None) -> Self:
        """No nodes yet."""
        strokes = Shapes.empty(0, 6, len(ground(background)))
        return cls(height, width, background, Net(Nodes.none(), Links.none(2), Links.none(3), strokes))

    def __len__(self) -> int:
        return len(self.net.nodes)

    def take(self, tiles: Sequence[Tile], halo: int = 0) -> list[GasPart]:
        """The nodes of tiles and their halos; those in a tile itself are its own."""
        found = windows(self._indexed, tiles, halo, (self.height, self.width))
        return [
            GasPart(self.height, self.width, self.background, net, own, net.nodes.ids[own])
            for net, own in found
        ]

    @cached_property
    def _indexed(self) -> Net:
        """The net, ends as indices of its nodes; wanted when it is taken apart, put together and drawn."""
        return indexed(self.net)

    def put(self, parts: Sequence[GasPart]) -> Self:
        """Move, remove and add nodes, which get the next ids, part by part, and the lines between them."""
        before, born = self.net, self.born
        given: list[Nodes] = []
        lines: list[Links] = []
        faces, strokes = before.faces, before.strokes
        lender = np.full(len(before.nodes), NOBODY)
        for number, part in enumerate(parts):
            lender[np.searchsorted(before.nodes.ids, part.lent)] = number
            nodes, fresh = part.net.nodes, part.own & (part.net.nodes.ids == NEW)
            ids = nodes.ids.copy()
            ids[fresh] = born + np.arange(fresh.sum())
            born += int(fresh.sum())
            given.append(replace(nodes, ids=ids)[part.own])
            lines.append(_named(part.net.lines[of_all(part.own[part.net.lines.ends])], ids))
            if part.remade:
                faces, strokes = _named(part.net.faces, ids), part.net.strokes
        nodes = before.nodes[lender == NOBODY].joined(*given)
        nodes = nodes[np.argsort(nodes.ids)]
        one, other = lender[self._indexed.lines.ends].reshape(-1, 2).T
        kept = before.lines[(one != other) | (one == NOBODY)]
        net = Net(nodes, alive(kept, nodes.ids).joined(*lines), alive(faces, nodes.ids), strokes)
        return replace(self, net=net, born=born)

    def draw(self, height: int, width: int) -> Pixels:
        """The picture at any size."""
        return self.drawable(height, width).draw()

    def drawable(self, height: int, width: int) -> Drawable:
        """What is drawn at that size.

        Faces overlap by a part of the picture's own pixels. Where they are drawn smaller, that would be too
        little of a pixel, and paper would shine through; so each is the mean of as many of the picture's own.
        """
        resized, samples = self.resized(height, width), 1
        if len(self.net.faces):
            ratio = math.ceil(max(resized.reduction) - SAME)
            samples = min(max(ratio, 1), MOST_SAMPLES)
        return drawable_of(height, width, self.background, resized.shapes(), samples)

    def shapes(self) -> Shapes:
        """What is drawn, back to front."""
        return shapes_of_net(self._indexed, self.height, self.width, len(ground(self.background)))

    def marks(self) -> Iterator[Mark]:
        """One for each line, face, dot and stroke."""
        return marks_of(self.shapes(), touching=len(self.net.faces))

    @classmethod
    def from_marks(cls, height: int, width: int, background: Colour | None, marks: Sequence[Mark]) -> Self:
        """A scene without nodes that draws the same; ValueError for too many corners, and so on."""
        blank = cls.empty(height, width, background)
        strokes = shapes_of(marks, len(ground(background)))
        return replace(blank, net=replace(blank.net, strokes=strokes))

    def fits(self, height: int, width: int) -> bool:
        """If it has the same proportions."""
        return alike((self.height, self.width), (height, width))

    def tween(self, later: Self, share: float) -> Self:
        """Nodes move, new ones come from the nodes beside them, and what is drawn between them fades."""
        return replace(self, net=between(self.net, later.net, share))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays for np.savez."""
        arrays = {
            "size": np.array([self.height, self.width]),
            "background": np.array(self.background or (), np.float64),
            "born": np.array(self.born),
        }
        for name, table in _tables(self.net):
            arrays |= {f"{name}.{each.name}": getattr(table, each.name) for each in fields(table)}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The inverse of `arrays`; ValueError for what no scene has."""
        background, born = stored.background_of(arrays), stored.born_of(arrays)
        ids = stored.ids_of(arrays, "nodes.ids", born)
        rows = len(ids)
        nodes = Nodes(
            ids,
            stored.floats(arrays, "nodes.places", (rows, 2)),
            stored.floats(arrays, "nodes.errors", (rows,), -np.inf, np.inf),
            stored.column(arrays, "nodes.inks", np.uint8, (rows,)),
            stored.floats(arrays, "nodes.radii", (rows,), 0),
            stored.column(arrays, "nodes.colours", np.uint8, (rows, 3)),
        )
        lines, faces = (
            _links_of(arrays, "lines.", 2, ids, rim=0),
            _links_of(arrays, "faces.", 3, ids, 4 * RIM),
        )
        names = stored.column(arrays, "strokes.ids", np.int64, (None,))
        strokes = stored_shapes(arrays, "strokes.", len(ground(background)), names)
        return cls(*stored.size_of(arrays), background, Net(nodes, lines, faces, strokes), born)

    def resized(self, height: int, width: int) -> Self:
        """Widths and radii change with the square root of the area."""
        scale = np.array([width / self.width, height / self.height], np.float32)
        if (scale == 1).all():
            return self
        even = np.sqrt(scale.prod())
        net = self.net
        nodes = replace(net.nodes, places=net.nodes.places * scale, radii=net.nodes.radii * even)
        lines, faces = (replace(links, widths=links.widths * even) for links in (net.lines, net.faces))
        strokes = replace(net.strokes, geometry=scaling(net.strokes, scale) * net.strokes.geometry)
        net = replace(net, nodes=nodes, lines=lines, faces=faces, strokes=strokes)
        across, down = self.reduction
        reduction = across / float(scale[0]), down / float(scale[1])
        return replace(self, height=height, width=width, net=net, reduction=reduction)


def shapes_of_net(net: Net, height: int, width: int, channels: int) -> Shapes:
    """What is drawn, back to front; ends are indices of the nodes."""
    places = np.concatenate([net.nodes.places, rim(height, width)[::-1]])  # -1 is the last
    first, second = net.lines.ends.T
    lines = net.lines[np.lexsort((second, first, net.nodes.inks[first]))]
    lines = lines[lines.widths > 0]
    return stacked(
        [
            faces_as_shapes(places[net.faces.ends], net.faces, channels),
            lines_as_shapes(places[lines.ends], lines, channels),
            dots_as_shapes(net.nodes, channels),
            net.strokes,
        ]
    )


def rim(height: int, width: int) -> Floats:
    """Points around the picture, corners among them, (4 RIM, 2); the k-th has the index -1 - k in faces."""
    along = np.arange(RIM) / RIM
    zero, one = np.zeros(RIM), np.ones(RIM)
    x = np.concatenate([along, one, 1 - along, zero])
    y = np.concatenate([zero, along, one, 1 - along])
    return np.column_stack([x * width, y * height]).astype(np.float32)


def _links_of(arrays: Mapping[str, NDArray[Any]], prefix: str, count: int, ids: Integers, rim: int) -> Links:
    """Links from a file, between nodes of these ids and points of the rim; ValueError for others."""
    ends = stored.column(arrays, f"{prefix}ends", np.int64, (None, count))
    if not (np.isin(ends, ids) | ((ends < 0) & (ends >= -rim))).all():
        raise ValueError(f"{prefix}ends lead to no node")
    rows = len(ends)
    return Links(
        ends,
        stored.floats(arrays, f"{prefix}widths", (rows,), 0),
        stored.column(arrays, f"{prefix}colours", np.uint8, (rows, 3)),
        stored.shares(arrays, f"{prefix}opacities", (rows,)),
    )


def _tables(net: Net) -> list[tuple[str, Nodes | Links | Shapes]]:
    return [(each.name, getattr(net, each.name)) for each in fields(net)]


def _named(links: Links, ids: Integers) -> Links:
    """Links between indices as links between ids."""
    return replace(links, ends=np.where(links.ends < 0, links.ends, ids[np.maximum(links.ends, 0)]))

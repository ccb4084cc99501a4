"""What of a net lies in windows: nodes and the links between them, found row of tiles by row of tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from engine.grid import Tile
from engine.painters.gng.net import Integers, Links, Net

SPARSE = 4  # numbers for each id at most, up to which a table of all of them is quicker than a search


def windows(
    net: Net, tiles: Sequence[Tile], halo: int, shape: tuple[int, int]
) -> Iterator[tuple[Net, NDArray[np.bool_]]]:
    """Of each tile what lies in it and its halo, ends as indices of its nodes; and which nodes are its own.

    net: ends are indices. halo: target pixels. shape: height and width of the picture, whose last tiles have
    what lies beyond, too.
    """
    seen = _Choice(len(net.nodes))
    y = net.nodes.places[:, 1]
    for (y0, y1), row in groupby(tiles, attrgetter("y0", "y1")):
        inside = (y >= y0) & ((y < y1) | (y1 == shape[0]))
        near = np.flatnonzero(inside | ((y >= y0 - halo) & (y < y1 + halo)))
        band = seen.part(net, near)
        for tile in row:
            yield _in_tile(band, tile, halo, shape, seen)


def indexed(net: Net) -> Net:
    """A net whose ends are indices of its nodes, not ids; see by_index."""
    lines, faces = (by_index(links, net.nodes.ids) for links in (net.lines, net.faces))
    return replace(net, lines=lines, faces=faces)


def by_index(links: Links, ids: Integers) -> Links:
    """Links between sorted ids as links between indices of these; those with an end elsewhere go."""
    at, kept = _found(links, ids)
    return _kept(replace(links, ends=np.where(links.ends < 0, links.ends, at)), kept)


def alive(links: Links, ids: Integers) -> Links:
    """Those between nodes of sorted ids, or points of the rim."""
    return _kept(links, _found(links, ids)[1])


def _found(links: Links, ids: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Where each end is among the ids, and whether it is there or on the rim, of all ends of a link."""
    at = places_among(ids, links.ends)
    return at, of_all((at < len(ids)) | (links.ends < 0))


def places_among(ids: Integers, wanted: Integers) -> Integers:
    """Where each of many is among sorted ids, none below 0; `len(ids)` for what isn't there."""
    if not len(ids) or ids[-1] >= SPARSE * len(ids):
        at = np.searchsorted(ids, wanted)
        return np.where(np.append(ids, -1)[at] == wanted, at, len(ids))
    table = np.full(ids[-1] + 2, len(ids))  # what is at its end is nobody's, also under -1
    table[ids] = np.arange(len(ids))
    return table[np.clip(wanted, -1, ids[-1] + 1)]


def _kept(links: Links, kept: NDArray[np.bool_]) -> Links:
    return links if kept.all() else links[kept]


def of_all(ends: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether it is so of all ends (m, 2) or (m, 3) of each link; many times as quick as numpy's own."""
    found = ends[:, 0]
    for column in range(1, ends.shape[1]):
        found = found & ends[:, column]
    return found


def _in_tile(
    band: Net, tile: Tile, halo: int, shape: tuple[int, int], seen: _Choice
) -> tuple[Net, NDArray[np.bool_]]:
    x, y = band.nodes.places.T
    inside = (x >= tile.x0) & ((x < tile.x1) | (tile.x1 == shape[1]))
    inside &= (y >= tile.y0) & ((y < tile.y1) | (tile.y1 == shape[0]))
    near = (x >= tile.x0 - halo) & (x < tile.x1 + halo) & (y >= tile.y0 - halo) & (y < tile.y1 + halo)
    chosen = np.flatnonzero(near | inside)
    return seen.part(band, chosen), inside[chosen]


class _Choice:
    """Chooses nodes, and the links between them, with arrays that are there already."""

    def __init__(self, nodes: int) -> None:
        """nodes: how many there are at most."""
        self._chosen = np.zeros(nodes + 1, np.bool_)  # the last one, -1, stands for the rim
        self._chosen[-1] = True
        self._place = np.empty(nodes, np.int64)

    def part(self, net: Net, chosen: Integers) -> Net:
        """The chosen nodes, and the links all of whose ends are among them, as indices of these."""
        if len(chosen) == len(net.nodes):
            return net
        self._chosen[chosen] = True
        self._place[chosen] = np.arange(len(chosen))
        lines, faces = self._links(net.lines), self._links(net.faces)
        self._chosen[chosen] = False
        return Net(net.nodes[chosen], lines, faces, net.strokes)

    def _links(self, links: Links) -> Links:
        links = links[of_all(self._chosen[np.maximum(links.ends, -1)])]
        is_node = links.ends >= 0
        return replace(links, ends=np.where(is_node, self._place[np.maximum(links.ends, 0)], links.ends))

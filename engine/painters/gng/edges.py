"""Competitive Hebbian learning with nodes that stand still (Martinetz 1993): the edges of a finished net."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel
from engine.painters.gng.cell_index import nearest_two
from engine.painters.gng.gas import Gas
from engine.painters.gng.links import LINKS
from engine.painters.gng.sampling import Field, spread

STEPS = 12  # places on an edge that are looked at
MOST_BARE = 0.17  # of an edge: more of it would lie outside the shape
LEAST_HITS = 2  # samples that an edge is nearest to: one may be an accident


def mesh(
    gas: Gas, field: Field, state: NDArray[np.uint64], samples: int, least: int = LEAST_HITS
) -> NDArray[np.int64]:
    """The edges (n, 2) between the two nodes nearest to a sample, sorted, the lower index first.

    The gas loses its own ones. least: samples that an edge has.
    """
    gas.degrees[:] = 0
    for places in spread(field, state, samples):
        _count_hits(gas, places)
    edges, hits = _linked(gas.links, gas.degrees)
    edges = edges[hits >= least]
    return edges[_bare(gas.nodes, edges, field) <= MOST_BARE * STEPS]


def edges_of(gas: Gas) -> NDArray[np.int64]:
    """The edges that a gas has now, in the same form."""
    return _linked(gas.links, gas.degrees)[0]


@exact_kernel
def _bare(nodes, edges, field):
    """How many of the STEPS places on each edge lie on pixels without ink."""
    found = np.zeros(edges.shape[0], np.int64)
    height, width = field.density.shape
    for e in range(edges.shape[0]):
        one, other = nodes[edges[e, 0]], nodes[edges[e, 1]]
        across, down = np.float64(other.x - one.x), np.float64(other.y - one.y)
        for step in range(STEPS):
            share = (step + 0.5) / STEPS
            column = np.int64((one.x + share * across - field.x0) / field.pixel)
            row = np.int64((one.y + share * down - field.y0) / field.pixel)
            column, row = min(max(column, 0), width - 1), min(max(row, 0), height - 1)
            found[e] += not field.density[row, column] > 0
    return found


@exact_kernel
def _linked(links, degrees):
    """Edges (n, 2), sorted, the lower index first, and their stamps."""
    count = 0
    for i in range(degrees.shape[0]):
        for k in range(degrees[i]):
            count += links[i, k].node > i
    edges, stamps = np.empty((count, 2), np.int64), np.empty(count, np.int32)
    end = 0
    for i in range(degrees.shape[0]):
        start = end
        for k in range(degrees[i]):
            j = np.int64(links[i, k].node)
            if j <= i:
                continue
            at = end
            while at > start and edges[at - 1, 1] > j:
                edges[at, 1], stamps[at] = edges[at - 1, 1], stamps[at - 1]
                at -= 1
            edges[end, 0] = i
            edges[at, 1], stamps[at] = j, links[i, k].stamp
            end += 1
    return edges, stamps


@exact_kernel
def _count_hits(gas, places):
    nodes, links, degrees = gas.nodes, gas.links, gas.degrees
    heads, place = gas.cells.heads, gas.cells.place
    for p in range(places.shape[0]):
        first, _, second, _ = nearest_two(heads, place, nodes, places[p, 0], places[p, 1])
        low, high = min(first, second), max(first, second)
        _hit(links, degrees, low, high)
        _hit(links, degrees, high, low)


@exact_kernel
def _hit(links, degrees, i, j):
    for k in range(degrees[i]):
        if links[i, k].node == j:
            links[i, k].stamp += 1
            return
    k = degrees[i]
    if k < LINKS:
        links[i, k].node = j
        links[i, k].stamp = 1
        degrees[i] = k + 1

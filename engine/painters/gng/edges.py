"""Competitive Hebbian learning with nodes that stand still (Martinetz 1993): the edges of a finished net."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import exact_kernel
from engine.painters.gng.cell_index import nearest_two
from engine.painters.gng.gas import Gas
from engine.painters.gng.links import LINKS
from engine.painters.gng.sampling import Ink, is_inked, sample

STEPS = 12  # places on an edge that are looked at
MOST_BARE = 0.17  # of an edge: more of it would lie outside the shape
LEAST_HITS = 2  # samples that an edge is nearest to: one may be an accident


def mesh(
    gas: Gas, ink: Ink, state: NDArray[np.uint64], samples: int, least: int = LEAST_HITS
) -> NDArray[np.int64]:
    """The edges (n, 2) between the two nodes nearest to a sample, sorted, the lower index first.

    The gas loses its own ones. least: samples that an edge has.
    """
    gas.degrees[:] = 0
    _count_hits(gas, ink, state, samples)
    edges, hits = _linked(gas)
    edges = edges[hits >= least]
    return edges[_bare(gas, ink, edges) <= MOST_BARE]


def _bare(gas: Gas, ink: Ink, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of each edge that lies on pixels without ink."""
    places = np.column_stack([gas.nodes["x"], gas.nodes["y"]])
    first, second = (places[edges[:, k]] for k in (0, 1))
    shares = ((np.arange(STEPS) + 0.5) / STEPS)[:, None, None]
    return (~is_inked(ink, first + shares * (second - first))).mean(axis=0)


def edges_of(gas: Gas) -> NDArray[np.int64]:
    """The edges that a gas has now, in the same form."""
    return _linked(gas)[0]


def _linked(gas: Gas) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Edges and their stamps."""
    first, slot = np.nonzero(np.arange(LINKS) < gas.degrees[:, None])
    link = gas.links[first, slot]
    kept = first < link["node"]
    edges = np.column_stack([first[kept], link["node"][kept].astype(np.int64)])
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    return edges[order], link["stamp"][kept][order]


@exact_kernel
def _count_hits(gas, ink, state, samples):
    nodes, links, degrees = gas.nodes, gas.links, gas.degrees
    heads, place = gas.cells.heads, gas.cells.place
    for _ in range(samples):
        x, y = sample(ink, state)
        first, _, second, _ = nearest_two(heads, place, nodes, x, y)
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

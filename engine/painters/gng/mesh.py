"""Competitive Hebbian learning with nodes that stand still (Martinetz 1993): the edges of a finished net."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.jit import exact_kernel
from engine.painters.gng.gas import LINKS, Gas
from engine.painters.gng.lattice import nearest_two
from engine.painters.gng.samples import Ink, sample

LEAST_HITS = 2  # samples that an edge is nearest to; one may be an accident


def mesh(gas: Gas, ink: Ink, state: NDArray[np.uint64], samples: int) -> NDArray[np.int64]:
    """The edges (n, 2) between the two nodes nearest to a sample, sorted, the lower index first.

    The gas loses its own ones.
    """
    gas.degrees[:] = 0
    _count_hits(gas, ink, state, samples)
    edges, hits = _linked(gas)
    return edges[hits >= LEAST_HITS]


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
    for _ in range(samples):
        x, y = sample(ink, state)
        first, _, second, _ = nearest_two(gas.lattice, gas.nodes, x, y)
        low, high = min(first, second), max(first, second)
        _hit(gas, low, high)
        _hit(gas, high, low)


@exact_kernel
def _hit(gas, i, j):
    for k in range(gas.degrees[i]):
        if gas.links[i, k].node == j:
            gas.links[i, k].stamp += 1
            return
    k = gas.degrees[i]
    if k < LINKS:
        gas.links[i, k].node = j
        gas.links[i, k].stamp = 1
        gas.degrees[i] = k + 1

"""A net grown into a picture's ink in one go, without tiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.painters.gng.edges import mesh
from engine.painters.gng.gas import Gas, Rules, add_node, empty_gas, grow, settle_in
from engine.painters.gng.links import connect
from engine.painters.gng.params import SQUARED
from engine.painters.gng.sampling import Ink, chance_of, field_of, ink_of, sample

GROWING = 60  # samples for each node,
SETTLING = 30  # to come to rest,
MESHING = 40  # and to find the edges


@dataclass(frozen=True)
class GrownNet:
    """Nodes and edges."""

    points: NDArray[np.float32]  # (n, 2), x and y in pixels
    edges: NDArray[np.int64]  # (m, 2), indices of points, the lower one first, sorted


def net_of(density: NDArray[np.float32], count: int, seed: np.random.SeedSequence) -> GrownNet:
    """Grow `count` nodes into a density; edges by competitive Hebbian learning.

    density: (height, width), how likely a sample falls on a pixel; without any there are no nodes.
    """
    field = field_of(density)
    ink = ink_of(field)
    if not len(ink.table) or count < 2:
        return GrownNet(np.empty((0, 2), np.float32), np.empty((0, 2), np.int64))
    height, width = density.shape
    state = chance_of(seed)
    gas = seedling(ink, (0, 0, width, height), count, state)
    rules = growth(SQUARED, count)
    grow(gas, ink, rules, state, GROWING * count, count, float(GROWING), True)
    settle_in(gas, ink.area)
    grow(gas, ink, rest(rules), state, SETTLING * count, 0, 1.0, True)
    edges = mesh(gas, field, state, MESHING * count)
    kept = np.flatnonzero(gas.alive)
    points = np.column_stack([gas.nodes["x"][kept], gas.nodes["y"][kept]])
    return GrownNet(points, np.searchsorted(kept, edges))


def seedling(ink: Ink, box: tuple[float, float, float, float], room: int, state: NDArray[np.uint64]) -> Gas:
    """A gas with the two nodes that it begins with, at places of the ink."""
    gas = empty_gas(room, box, box, ink.area)
    settle_in(gas, ink.area)
    first, second = (add_node(gas, *sample(ink, state), 0.0, True) for _ in range(2))
    connect(gas.nodes, gas.links, gas.degrees, first, second)
    return gas


def growth(measure: int, count: int) -> Rules:
    """While nodes are added; count: how many there will be."""
    return Rules(0.1, 0.01, 0.1, 0.01, 0.0, 80, 0.5, float(np.exp(-1 / (5 * count))), measure)


def rest(rules: Rules) -> Rules:
    """Rates that fall to nothing."""
    return rules._replace(winner_end=0.0, neighbour_end=0.0)

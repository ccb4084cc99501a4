"""Simulated annealing of one shape; every candidate gets its best colour and opacity from boundary sums."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.random import uniform
from engine.kernels.simd import LANES
from engine.painters.polygons.objective.boundary import boundary, solve
from engine.painters.polygons.search.dual_annealing import Chain, new_chain
from engine.painters.polygons.search.proposals import move_vertices, propose
from engine.painters.polygons.search.validity import is_simple, is_valid
from engine.scene.geometry import bounds, outline
from engine.scene.kinds import MOST_VERTICES, numbers, outline_vertices
from engine.scene.raster import SPAN_DTYPE

INVALID = -2
HOPELESS = np.float32(16)  # temperatures: a rise that chances of 2^-24 never accept


class Scratch(NamedTuple):
    """Scratch arrays for one window; allocated once for each job."""

    spans: NDArray[np.void]  # SPAN_DTYPE (height * width,)
    row: NDArray[np.float32]  # (width + 2,), zero between uses
    table: NDArray[np.float32]  # running sums of any box in the window
    planes: NDArray[np.float32]  # thirteen planes of any box in the window
    geometries: NDArray[np.float32]  # (3, vertices * 2), room for any geometry
    rival: NDArray[np.float32]  # (vertices * 2,), a geometry of another kind
    outlines: NDArray[np.float32]  # (3, vertices, 2)
    sums: NDArray[np.float32]  # (2, (vertices + 1) * 16)
    tint: NDArray[np.float32]  # (5,), a colour and what it lets through
    chain: Chain  # of dual annealing
    visits: NDArray[np.float64]  # (4, numbers): a candidate of the chain, its gradient, its bounds


class SearchPlan(NamedTuple):
    """What a search around a shape is to do."""

    how: int  # one of SEARCHES
    moves: int  # evaluations
    hot: np.float32  # first temperature, in units of squared error,
    cold: np.float32  # and the last one


@kernel
def new_scratch(height, width, vertices):
    """A desk for a window."""
    return Scratch(
        np.empty(height * width, SPAN_DTYPE),
        np.zeros(width + 2, np.float32),
        np.empty(height * (width + 2) * LANES, np.float32),
        np.empty(13 * height * width, np.float32),
        np.empty((3, 2 * vertices), np.float32),
        np.empty(2 * vertices, np.float32),
        np.empty((3, vertices, 2), np.float32),
        np.zeros((2, (vertices + 1) * LANES), np.float32),
        np.ones(5, np.float32),
        new_chain(),
        np.empty((4, 2 * vertices)),
    )


@kernel
def _neighbour(state, kind, current, candidate, points, region, reach):
    """Write a neighbour and its outline; returns the vertex that moved, -1 for all, or INVALID.

    Polygons have a way of their own: the calls that serve every kind would make a candidate take 40 ns more.
    """
    if kind <= MOST_VERTICES:
        moved = move_vertices(state, kind, current, candidate, reach)
        for v in range(kind):
            points[v, 0], points[v, 1] = candidate[2 * v], candidate[2 * v + 1]
        return moved if is_simple(kind, points, region) else INVALID
    moved = propose(state, kind, current, candidate, reach)
    outline(kind, candidate, points)
    return moved if is_valid(kind, candidate, points, region) else INVALID


@kernel
def anneal(box, kind, geometry, plan, looks, state, scratch):
    """Search around a shape by simulated annealing; `geometry` becomes the best one met.

    At a constant temperature it becomes the last one: a sample, as a longer annealing of which this is a part
    wants it.

    box: a BoxTable. kind, geometry: of the shape. plan: a SearchPlan. looks: a Looks. scratch: a Scratch.
    Returns (change, opacity, red, green, blue) of the best by boundary sums.
    """
    # One by one: what a candidate's calls are passed counts.
    table, width, height, x0, y0, region = box
    moves, hot, cold = plan.moves, plan.hot, plan.cold
    vertices = outline_vertices(kind)
    whole = vertices * LANES
    size = numbers(kind)
    current, candidate = scratch.geometries[0], scratch.geometries[1]
    current[:size] = geometry[:size]
    points = scratch.outlines[0, :vertices]
    old, new = scratch.sums[0], scratch.sums[1]
    outline(kind, current, points)
    boundary(table, width, height, points, x0, y0, -1, old, old)
    best = solve(old, whole, looks)
    energy = best[0]
    bx0, by0, bx1, by1 = bounds(points)
    reach = max(np.float32(4), np.float32(0.5) * max(bx1 - bx0, by1 - by0))
    cooling = (cold / hot) ** (np.float32(1) / np.float32(max(moves, 1)))
    temperature = hot
    for _ in range(moves):
        temperature *= cooling
        moved = _neighbour(state, kind, current, candidate, points, region, reach)
        chance = uniform(state)
        if moved == INVALID:
            continue
        boundary(table, width, height, points, x0, y0, moved, old, new)
        found = solve(new, whole, looks)
        rise = found[0] - energy
        if rise < 0 or (rise < HOPELESS * temperature and chance < np.exp(-rise / temperature)):
            energy = found[0]
            current, candidate = candidate, current
            old, new = new, old
            if energy < best[0] or hot == cold:
                best = found
                geometry[:size] = current[:size]
    return best

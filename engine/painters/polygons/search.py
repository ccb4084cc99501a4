"""Searches around one outline, and dual annealing as one of them."""

from __future__ import annotations

import numpy as np

from engine.jit import kernel
from engine.lanes import LANES
from engine.painters.polygons.anneal import anneal, boundary
from engine.painters.polygons.dual import Schedule, ask, start, tell, wants_gradient
from engine.painters.polygons.outline import bounds, is_sound
from engine.painters.polygons.score import solve
from engine.painters.polygons.slope import outline_gradient
from engine.painters.polygons.tsallis import cooled, temperature_of

SEARCHES = {"annealing": 0, "dual": 1, "hill": 2}
DUAL, HILL = SEARCHES["dual"], SEARCHES["hill"]

FROZEN = np.float32(1e-9)  # a temperature at which no rise is accepted
FIRST_STEP = 1.0  # scale of the first visits, of the outline's reach
DESCENT = 4  # evaluations with gradient in a local search, for each coordinate


@kernel
def search(how, state, table, width, height, x0, y0, region, points, moves, hot, cold, desk):
    """Look for a better outline; how: one of SEARCHES. The rest is as for anneal."""
    if how == DUAL:
        return dual_anneal(state, table, width, height, x0, y0, region, points, moves, hot, cold, desk)
    if how == HILL:
        hot = cold = FROZEN
    return anneal(state, table, width, height, x0, y0, region, points, moves, hot, cold, desk)


@kernel
def dual_anneal(state, table, width, height, x0, y0, region, points, moves, hot, cold, desk):
    """Search around an outline by dual annealing; arguments and result are those of anneal.

    moves: evaluations; one with a gradient counts as two. An unsound outline has an infinite energy.
    """
    outline, geometry, energies = desk.outlines[0], desk.geometry, desk.sums[0]
    candidate, gradient = geometry[0], geometry[1]
    lower, upper = geometry[2], geometry[3]
    vertices = points.shape[0]
    for v in range(vertices):
        for axis in range(2):
            candidate[2 * v + axis] = points[v, axis]
            lower[2 * v + axis], upper[2 * v + axis] = region[axis], region[2 + axis]
    boundary(table, width, height, points, x0, y0, -1, energies, energies)
    best = solve(energies, vertices * LANES)
    schedule = _schedule(points, moves, hot, cold)
    start(desk.chain, candidate, best[0], lower, upper, schedule)
    left = moves
    while left > 0:
        ask(state, desk.chain, schedule, candidate)
        for v in range(vertices):
            outline[v, 0], outline[v, 1] = candidate[2 * v], candidate[2 * v + 1]
        energy = np.float64(np.inf)
        left -= 1
        if is_sound(outline, region):
            boundary(table, width, height, outline, x0, y0, -1, energies, energies)
            found = solve(energies, vertices * LANES)
            energy = np.float64(found[0])
            if found[0] < best[0]:
                best = found
                points[:] = outline
            if wants_gradient(desk.chain):
                left -= 1
                outline_gradient(table, width, height, outline, x0, y0, found, desk.outlines[1], desk.sums[1])
                for v in range(vertices):
                    gradient[2 * v], gradient[2 * v + 1] = desk.outlines[1][v, 0], desk.outlines[1][v, 1]
        tell(desk.chain, candidate, energy, gradient)
    return best


@kernel
def _schedule(points, moves, hot, cold):
    """Both temperatures of a chain, fitted to its length and to the outline.

    With scipy's first temperature of 5230 a few hundred evaluations would visit places all over the bounds,
    and accept nearly all of them. Here half of the first visits' steps are within three times the reach of
    anneal's proposals, and they shrink by scipy's course; heavy tails keep long jumps alive. Acceptance has
    a temperature of its own, in units of squared error, whose course is a power of that in scipy, so that it
    ends at `cold`.
    """
    bx0, by0, bx1, by1 = bounds(points)
    reach = max(4.0, 0.5 * max(bx1 - bx0, by1 - by0))
    steps = max(moves // (4 * points.shape[0]), 1)
    power = np.log(cold / hot) / np.log(cooled(steps) / (steps + 1))
    return Schedule(
        temperature_of(FIRST_STEP * reach),
        np.float64(hot),
        np.float64(power),
        np.float64(cold),
        DESCENT * 2 * points.shape[0],
    )

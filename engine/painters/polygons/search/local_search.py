"""Searches around one shape, and dual annealing as one of them."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.kernels.simd import LANES
from engine.painters.polygons.objective.boundary import boundary, solve
from engine.painters.polygons.objective.boundary_gradient import outline_gradient
from engine.painters.polygons.search.annealing import SearchPlan, anneal
from engine.painters.polygons.search.dual_annealing import (
    Schedule,
    ask,
    cooled,
    start,
    tell,
    temperature_of,
    wants_gradient,
)
from engine.painters.polygons.search.validity import is_valid
from engine.scene.geometry import bounds, outline, vjp
from engine.scene.kinds import layout, numbers, outline_vertices

SEARCHES = {"annealing": 0, "dual": 1, "hill": 2, "scipy": 0}  # scipy's places by the first
DUAL, HILL = SEARCHES["dual"], SEARCHES["hill"]

FROZEN = np.float32(1e-9)  # a temperature at which no rise is accepted
FIRST_STEP = 1.0  # scale of the first visits, of the outline's reach
DESCENT = 4  # evaluations with gradient in a local search, for each number of a geometry


@kernel
def search(box, kind, geometry, plan, looks, state, scratch):
    """Look for a better shape as the plan says; arguments and result are those of anneal."""
    if plan.how == DUAL:
        return dual_anneal(box, kind, geometry, plan, looks, state, scratch)
    if plan.how == HILL:
        plan = SearchPlan(plan.how, plan.moves, FROZEN, FROZEN)
    return anneal(box, kind, geometry, plan, looks, state, scratch)


@kernel
def dual_anneal(box, kind, geometry, plan, looks, state, scratch):
    """Search around a shape by dual annealing; arguments and result are those of anneal.

    An evaluation with a gradient counts as two. An unsound shape has an infinite energy.
    """
    table, width, height, x0, y0, region = box
    moves, hot, cold = plan.moves, plan.hot, plan.cold
    vertices, size = outline_vertices(kind), numbers(kind)
    points, slopes = scratch.outlines[0, :vertices], scratch.outlines[1, :vertices]
    trial, by_trial = scratch.geometries[0], scratch.geometries[1, :size]
    sums = scratch.sums[0]
    candidate, gradient = scratch.visits[0, :size], scratch.visits[1, :size]
    lower, upper = scratch.visits[2, :size], scratch.visits[3, :size]
    candidate[:] = geometry[:size]
    bound(kind, region, lower, upper)
    outline(kind, geometry, points)
    boundary(table, width, height, points, x0, y0, -1, sums, sums)
    best = solve(sums, vertices * LANES, looks)
    schedule = _schedule(points, size, moves, hot, cold)
    start(scratch.chain, candidate, best[0], lower, upper, schedule)
    left = moves
    while left > 0:
        ask(state, scratch.chain, schedule, candidate)
        trial[:size] = candidate
        outline(kind, trial, points)
        energy = np.float64(np.inf)
        left -= 1
        if is_valid(kind, trial, points, region):
            boundary(table, width, height, points, x0, y0, -1, sums, sums)
            found = solve(sums, vertices * LANES, looks)
            energy = np.float64(found[0])
            if found[0] < best[0]:
                best = found
                geometry[:size] = trial[:size]
            if wants_gradient(scratch.chain):
                left -= 1
                outline_gradient(table, width, height, points, x0, y0, found, slopes, scratch.sums[1])
                vjp(kind, trial, slopes, by_trial)
                gradient[:] = by_trial
        tell(scratch.chain, candidate, energy, gradient)
    return best


@kernel
def bound(kind, region, lower, upper):
    """Between what a geometry's numbers lie: points in the region, vectors and lengths as long as it."""
    points, vectors, lengths = layout(kind)
    for pair in range(points + vectors):
        for axis in range(2):
            size = region[2 + axis] - region[axis]
            lower[2 * pair + axis] = region[axis] if pair < points else -size
            upper[2 * pair + axis] = region[2 + axis] if pair < points else size
    for at in range(2 * (points + vectors), 2 * (points + vectors) + lengths):
        lower[at], upper[at] = 0, max(region[2] - region[0], region[3] - region[1])


@kernel
def _schedule(points, size, moves, hot, cold):
    """Both temperatures of a chain, fitted to its length and to the outline.

    With scipy's first temperature of 5230 a few hundred evaluations would visit places all over the bounds,
    and accept nearly all of them. Here half of the first visits' steps are within three times the reach of
    anneal's proposals, and they shrink by scipy's course; heavy tails keep long jumps alive. Acceptance has
    a temperature of its own, in units of squared error, whose course is a power of that in scipy, so that it
    ends at `cold`.
    """
    bx0, by0, bx1, by1 = bounds(points)
    reach = max(4.0, 0.5 * max(bx1 - bx0, by1 - by0))
    steps = max(moves // (2 * size), 1)
    power = np.log(cold / hot) / np.log(cooled(steps) / (steps + 1))
    return Schedule(
        temperature_of(FIRST_STEP * reach),
        np.float64(hot),
        np.float64(power),
        np.float64(cold),
        DESCENT * size,
    )

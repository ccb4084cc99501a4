"""Finding a shape where the error is; what a kind is worth shows only after some search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.random import uniform
from engine.kernels.simd import LANES
from engine.painters.polygons.objective.boundary import BoxTable, boundary, solve
from engine.painters.polygons.search.annealing import SearchPlan
from engine.painters.polygons.search.local_search import search
from engine.painters.polygons.search.mixture import draw_kind
from engine.painters.polygons.search.proposals import start
from engine.painters.polygons.search.validity import is_valid
from engine.scene.geometry import outline, push_inside
from engine.scene.kinds import outline_vertices

NOTHING = 0  # no kind
CONTENDERS = 8  # of a mixture, for each place
ROUNDS = 3  # until one of them is left
SMALLEST = np.float32(2)  # radius of a random outline in pixels
ZERO = np.float32(0)


class Contenders(NamedTuple):
    """Contenders; the first one is who wins."""

    kinds: NDArray[np.int64]
    geometries: NDArray[np.float32]  # (CONTENDERS, numbers)
    changes: NDArray[np.float32]  # of the error, by each


@kernel
def new_contenders(size):
    """A pool with room for geometries of so many numbers."""
    return Contenders(
        np.zeros(CONTENDERS, np.int64),
        np.zeros((CONTENDERS, size), np.float32),
        np.zeros(CONTENDERS, np.float32),
    )


@kernel
def find(missing, row_errors, region, mixture, tries, plan, looks, contenders, state, scratch):
    """Write a shape that helps to the pool's first place.

    Contenders share the random shapes. Half of the moves go into a knock-out among the best ones, the rest to
    the winner: so many evaluations as for one kind alone. missing: (channels, height, width). row_errors:
    (height,), its sums of squares. region: x0, y0, x1, y1 where outlines may be. The rest is as for place.
    Returns evaluations, kind (or NOTHING), opacity, red, green, blue.
    """
    height, width = missing.shape[1:]
    box = BoxTable(scratch.table, width, height, ZERO, ZERO, region)
    evaluations, alive = _enter(
        missing, row_errors, region, mixture, tries, looks, contenders, state, scratch
    )
    if alive == 0:
        return evaluations, NOTHING, ZERO, ZERO, ZERO, ZERO
    left = plan.moves + 1
    while True:
        each = left if alive == 1 else max(plan.moves // (2 * ROUNDS * alive), 1)
        part = SearchPlan(plan.how, each - 1, plan.hot, plan.cold)
        for c in range(alive):
            contenders.changes[c], opacity, red, green, blue = search(
                box, contenders.kinds[c], contenders.geometries[c], part, looks, state, scratch
            )
        left -= each * alive
        evaluations += each * alive
        if alive == 1:
            return evaluations, contenders.kinds[0], opacity, red, green, blue
        alive = _knock_out(alive, contenders)


@kernel
def _enter(missing, row_errors, region, mixture, tries, looks, contenders, state, scratch):
    """Fill the pool with the best random shapes of kinds drawn by their shares.

    The draws are spread evenly (systematic sampling), so a mixture of few kinds has all of them in the pool.
    Returns evaluations and contenders.
    """
    wanted = 1 if mixture.choices.shape[0] == 1 else CONTENDERS
    offset = uniform(state) if wanted > 1 else ZERO
    evaluations, entered = 0, 0
    for c in range(wanted):
        kind = draw_kind(mixture, (offset + np.float32(c)) / np.float32(wanted))
        some = tries * (c + 1) // wanted - tries * c // wanted
        scored = _best_of(
            some, kind, missing, row_errors, region, contenders.geometries[entered], looks, state, scratch
        )
        evaluations += scored
        if scored > 0:
            contenders.kinds[entered] = kind
            entered += 1
    return evaluations, entered


@kernel
def _knock_out(alive, contenders):
    """Each in the second half against one in the first; returns how many are left."""
    left = (alive + 1) // 2
    for c in range(left, alive):
        if contenders.changes[c] < contenders.changes[c - left]:
            contenders.kinds[c - left] = contenders.kinds[c]
            contenders.geometries[c - left] = contenders.geometries[c]
    return left


@kernel
def _best_of(tries, kind, missing, row_errors, region, best, looks, state, scratch):
    """Write the best of some random shapes of a kind to `best`; returns how many were scored, as sound."""
    height, width = missing.shape[1:]
    trial, sums = scratch.geometries[0], scratch.sums[0]
    vertices = outline_vertices(kind)
    points = scratch.outlines[0, :vertices]
    largest = SMALLEST + np.float32(0.5) * max(height, width)
    best_change = np.float32(np.inf)
    scored = 0
    for _ in range(tries):
        cx, cy = _error_place(state, missing, row_errors)
        radius = SMALLEST * (largest / SMALLEST) ** uniform(state)  # log-uniform
        start(state, kind, cx, cy, radius, trial)
        push_inside(kind, trial, region)
        outline(kind, trial, points)
        if not is_valid(kind, trial, points, region):
            continue
        boundary(scratch.table, width, height, points, ZERO, ZERO, -1, sums, sums)
        scored += 1
        change = solve(sums, vertices * LANES, looks)[0]
        if change < best_change:
            best_change = change
            best[:] = trial
    return scored


@kernel
def _error_place(state, missing, row_errors):
    """A random place, with a density proportional to the squared error there."""
    height, width = missing.shape[1:]
    left = uniform(state) * row_errors.sum()
    y = 0
    while y < height - 1 and left >= row_errors[y]:
        left -= row_errors[y]
        y += 1
    x = 0
    while x < width - 1:
        here = ZERO
        for channel in range(missing.shape[0]):
            here += missing[channel, y, x] ** 2
        if left < here:
            break
        left -= here
        x += 1
    return np.float32(x) + uniform(state), np.float32(y) + uniform(state)

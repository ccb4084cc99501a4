"""Finding a shape where the error is; what a kind is worth shows only after some search."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.jit import kernel
from engine.kernels.random import choose, draw
from engine.kernels.simd import LANES
from engine.painters.polygons.objective.boundary import boundary, solve
from engine.painters.polygons.search.local_search import search
from engine.painters.polygons.search.proposals import start
from engine.painters.polygons.search.validity import is_sound
from engine.scene.geometry import outline, push_inside
from engine.scene.kinds import outline_vertices

NOTHING = 0  # no kind
CONTENDERS = 8  # of a mixture, for each place
ROUNDS = 3  # until one of them is left
SMALLEST = np.float32(2)  # radius of a random outline in pixels
ZERO = np.float32(0)


class Pool(NamedTuple):
    """Contenders; the first one is who wins."""

    kinds: NDArray[np.int64]
    geometries: NDArray[np.float32]  # (CONTENDERS, numbers)
    changes: NDArray[np.float32]  # of the error, by each


@kernel
def pool_for(size):
    """A pool with room for geometries of so many numbers."""
    return Pool(
        np.zeros(CONTENDERS, np.int64),
        np.zeros((CONTENDERS, size), np.float32),
        np.zeros(CONTENDERS, np.float32),
    )


@kernel
def find(
    missing, row_errors, region, choices, shares, tries, moves, hot, cold, how, looks, pool, state, desk
):
    """Write a shape that helps to the pool's first place.

    Contenders share the random shapes. Half of the moves go into a knock-out among the best ones, the rest to
    the winner: so many evaluations as for one kind alone. missing: (channels, height, width). row_errors:
    (height,), its sums of squares. The rest is as for place.
    Returns evaluations, kind (or NOTHING), opacity, red, green, blue.
    """
    height, width = missing.shape[1:]
    evaluations, alive = _enter(missing, row_errors, region, choices, shares, tries, looks, pool, state, desk)
    if alive == 0:
        return evaluations, NOTHING, ZERO, ZERO, ZERO, ZERO
    left = moves + 1
    while True:
        each = left if alive == 1 else max(moves // (2 * ROUNDS * alive), 1)
        for c in range(alive):
            pool.changes[c], opacity, red, green, blue = search(
                how, state, desk.table, width, height, ZERO, ZERO, region, pool.kinds[c],
                pool.geometries[c], each - 1, hot, cold, looks, desk,
            )  # fmt: skip
        left -= each * alive
        evaluations += each * alive
        if alive == 1:
            return evaluations, pool.kinds[0], opacity, red, green, blue
        alive = _knock_out(alive, pool)


@kernel
def _enter(missing, row_errors, region, choices, shares, tries, looks, pool, state, desk):
    """Fill the pool with the best random shapes of kinds drawn by their shares.

    The draws are spread evenly (systematic sampling), so a mixture of few kinds has all of them in the pool.
    Returns evaluations and contenders.
    """
    wanted = 1 if choices.shape[0] == 1 else CONTENDERS
    offset = draw(state) if wanted > 1 else ZERO
    evaluations, entered = 0, 0
    for c in range(wanted):
        kind = choose(choices, shares, (offset + np.float32(c)) / np.float32(wanted))
        some = tries * (c + 1) // wanted - tries * c // wanted
        scored = _best_of(
            some, kind, missing, row_errors, region, pool.geometries[entered], looks, state, desk
        )
        evaluations += scored
        if scored > 0:
            pool.kinds[entered] = kind
            entered += 1
    return evaluations, entered


@kernel
def _knock_out(alive, pool):
    """Each in the second half against one in the first; returns how many are left."""
    left = (alive + 1) // 2
    for c in range(left, alive):
        if pool.changes[c] < pool.changes[c - left]:
            pool.kinds[c - left] = pool.kinds[c]
            pool.geometries[c - left] = pool.geometries[c]
    return left


@kernel
def _best_of(tries, kind, missing, row_errors, region, best, looks, state, desk):
    """Write the best of some random shapes of a kind to `best`; returns how many were scored, as sound."""
    height, width = missing.shape[1:]
    trial, sums = desk.geometries[0], desk.sums[0]
    vertices = outline_vertices(kind)
    points = desk.outlines[0, :vertices]
    largest = SMALLEST + np.float32(0.5) * max(height, width)
    best_change = np.float32(np.inf)
    scored = 0
    for _ in range(tries):
        cx, cy = _error_place(state, missing, row_errors)
        radius = SMALLEST * (largest / SMALLEST) ** draw(state)  # log-uniform
        start(state, kind, cx, cy, radius, trial)
        push_inside(kind, trial, region)
        outline(kind, trial, points)
        if not is_sound(kind, trial, points, region):
            continue
        boundary(desk.table, width, height, points, ZERO, ZERO, -1, sums, sums)
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
    left = draw(state) * row_errors.sum()
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
    return np.float32(x) + draw(state), np.float32(y) + draw(state)

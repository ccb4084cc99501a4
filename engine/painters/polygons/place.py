"""Placing: add polygons on top, one after the other, where the error is."""

from __future__ import annotations

import numpy as np

from engine.jit import kernel
from engine.lanes import LANES
from engine.painters.polygons.anneal import boundary, desk_for
from engine.painters.polygons.chance import draw
from engine.painters.polygons.outline import bounds, is_sound
from engine.painters.polygons.score import accumulate, residuals, solve, true_change
from engine.painters.polygons.search import search
from engine.raster import blend, rasterise

SMALLEST = np.float32(2)  # radius of a random outline in pixels
TAU = np.float32(2 * np.pi)
ZERO = np.float32(0)


@kernel
def place(target, layers, points, colours, opacities, first, limits, tries, moves, hot, cold, how, state):
    """Fill the polygons from index `first` on.

    target, layers: float32 (3, height, width), what is wanted and the composite so far, which is changed in
    place. tries: random outlines for each polygon, of which the best is searched around by `moves`.
    how: one of SEARCHES.
    Returns the number of polygons in the end, less than there is room for when no more help, and evaluations.
    """
    height, width = target.shape[1:]
    desk = desk_for(height, width, points.shape[1])
    region = (limits[0], limits[1], limits[2], limits[3])
    above = np.zeros((4, height, width), np.float32)
    above[3] = 1
    missing = np.empty((3, height, width), np.float32)
    passed = np.empty((3, height, width), np.float32)
    row_errors = np.empty(height, np.float64)
    found = desk.outlines[2]
    residuals(target, layers, above, 0, 0, missing, passed)
    accumulate(missing, passed, above, 0, 0, height, desk.table)
    _sum_errors(missing, 0, height, row_errors)
    count = first
    evaluations = 0
    for _ in range(first, points.shape[0]):
        scored = _best_of(tries, missing, row_errors, region, found, state, desk)
        evaluations += scored
        if scored == 0:
            continue
        _, opacity, red, green, blue = search(
            how, state, desk.table, width, height, ZERO, ZERO, region, found, moves, hot, cold, desk
        )
        evaluations += moves + 1
        desk.tint[0], desk.tint[1], desk.tint[2] = red, green, blue
        drawn = rasterise(found, 0, 0, width, height, desk.spans, desk.row)
        if true_change(missing, passed, above, desk.spans, drawn, desk.tint, opacity) >= 0:
            continue
        points[count], colours[count], opacities[count] = found, desk.tint[:3], opacity
        count += 1
        blend(layers, desk.spans, drawn, desk.tint, opacity)
        left, top, _, bottom = bounds(found)
        x0, y0 = min(max(np.int64(left) - 1, 0), width), min(max(np.int64(top) - 1, 0), height)
        y1 = min(max(np.int64(bottom) + 2, 0), height)
        residuals(target, layers, above[:, y0:y1], 0, y0, missing[:, y0:y1], passed[:, y0:y1])
        accumulate(missing, passed, above, x0, y0, y1, desk.table)
        _sum_errors(missing, y0, y1, row_errors)
    return count, evaluations


@kernel
def _best_of(tries, missing, row_errors, region, best, state, desk):
    """Write the best of some random outlines to `best`; returns how many were sound, and so scored."""
    height, width = missing.shape[1:]
    vertices = best.shape[0]
    trial = desk.outlines[0]
    sums = desk.sums[0]
    largest = SMALLEST + np.float32(0.5) * max(height, width)
    best_change = np.float32(np.inf)
    scored = 0
    for _ in range(tries):
        cx, cy = _error_place(state, missing, row_errors)
        radius = SMALLEST * (largest / SMALLEST) ** draw(state)  # log-uniform
        turn = draw(state)
        for v in range(vertices):
            angle = TAU * (turn + (v + np.float32(0.8) * draw(state)) / vertices)
            length = radius * (np.float32(0.4) + np.float32(0.6) * draw(state))
            trial[v, 0] = min(max(cx + length * np.cos(angle), region[0]), region[2])
            trial[v, 1] = min(max(cy + length * np.sin(angle), region[1]), region[3])
        if not is_sound(trial, region):
            continue
        boundary(desk.table, width, height, trial, ZERO, ZERO, -1, sums, sums)
        scored += 1
        change = solve(sums, vertices * LANES)[0]
        if change < best_change:
            best_change = change
            best[:] = trial
    return scored


@kernel
def _sum_errors(missing, y0, y1, row_errors):
    for y in range(y0, y1):
        total = ZERO
        for channel in range(3):
            for x in range(missing.shape[2]):
                total += missing[channel, y, x] * missing[channel, y, x]
        row_errors[y] = total


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
        here = missing[0, y, x] ** 2 + missing[1, y, x] ** 2 + missing[2, y, x] ** 2
        if left < here:
            break
        left -= here
        x += 1
    return np.float32(x) + draw(state), np.float32(y) + draw(state)

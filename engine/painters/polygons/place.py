"""Placing: add shapes on top, one after the other, where the error is."""

from __future__ import annotations

import numpy as np

from engine.jit import kernel
from engine.lanes import LANES
from engine.painters.polygons.anneal import boundary, desk_for
from engine.painters.polygons.chance import draw
from engine.painters.polygons.kinds import numbers, outline_vertices
from engine.painters.polygons.outline import bounds
from engine.painters.polygons.score import accumulate, residuals, solve, true_change, weigh
from engine.painters.polygons.search import search
from engine.painters.polygons.shapes import outline, push_inside, start, trace
from engine.painters.polygons.sound import is_sound
from engine.raster import blend, rasterise

SMALLEST = np.float32(2)  # radius of a random outline in pixels
ZERO = np.float32(0)


@kernel
def place(
    target, roots, layers, kinds, geometry, points, colours, opacities, first, limits,
    choices, shares, tries, moves, hot, cold, how, looks, state,
):  # fmt: skip
    """Fill the shapes from index `first` on.

    target, layers: float32 (channels, height, width), what is wanted and the composite so far, which is
    changed in place. roots: as sight.roots gives them.
    kinds (n,), geometry (n, numbers), points (n, vertices, 2), the outlines as drawn.
    choices, shares: kinds and their cumulated shares. tries: random shapes for each place, of which the best
    is searched around by `moves`. how: one of SEARCHES. looks: a Looks.
    Returns the number of shapes in the end, less than there is room for when no more help, and evaluations.
    """
    channels, height, width = target.shape
    desk = desk_for(height, width, points.shape[1])
    region = (limits[0], limits[1], limits[2], limits[3])
    above = np.zeros((channels + 1, height, width), np.float32)
    missing = np.empty((channels, height, width), np.float32)
    passed = np.empty((channels, height, width), np.float32)
    row_errors = np.empty(height, np.float64)
    found, drawn_points = desk.geometries[2], desk.outlines[2]
    _compare(target, roots, layers, 0, height, above, missing, passed)
    accumulate(missing, passed, above, 0, 0, height, desk.table)
    _sum_errors(missing, 0, height, row_errors)
    count = first
    evaluations = 0
    for _ in range(first, points.shape[0]):
        scored, kind = _best_of(
            tries, choices, shares, missing, row_errors, region, found, looks, state, desk
        )
        evaluations += scored
        if scored == 0:
            continue
        _, opacity, red, green, blue = search(
            how, state, desk.table, width, height, ZERO, ZERO, region, kind, found,
            moves, hot, cold, looks, desk,
        )  # fmt: skip
        evaluations += moves + 1
        desk.tint[0], desk.tint[1], desk.tint[2], desk.tint[3] = red, green, blue, 0
        trace(kind, found, drawn_points)
        drawn = rasterise(drawn_points, 0, 0, width, height, desk.spans, desk.row)
        if true_change(missing, passed, above, desk.spans, drawn, desk.tint, opacity) >= 0:
            continue
        kinds[count], points[count], geometry[count] = kind, drawn_points, ZERO
        geometry[count, : numbers(kind)] = found[: numbers(kind)]
        colours[count], opacities[count] = desk.tint[:channels], opacity
        count += 1
        blend(layers, desk.spans, drawn, desk.tint, opacity)
        left, top, _, bottom = bounds(drawn_points)
        x0, y0 = min(max(np.int64(left) - 1, 0), width), min(max(np.int64(top) - 1, 0), height)
        y1 = min(max(np.int64(bottom) + 2, 0), height)
        _compare(target, roots, layers, y0, y1, above, missing, passed)
        accumulate(missing, passed, above, x0, y0, y1, desk.table)
        _sum_errors(missing, y0, y1, row_errors)
    return count, evaluations


@kernel
def _compare(target, roots, layers, y0, y1, above, missing, passed):
    """Bring what is missing and passed up to date in rows y0 to y1; nothing lies above."""
    above[target.shape[0], y0:y1] = 1
    residuals(target, layers, above[:, y0:y1], 0, y0, missing[:, y0:y1], passed[:, y0:y1])
    weigh(roots, 0, y0, above[:, y0:y1], missing[:, y0:y1], passed[:, y0:y1])


@kernel
def _best_of(tries, choices, shares, missing, row_errors, region, best, looks, state, desk):
    """Write the best of some random shapes to `best`.

    Returns how many were sound, and so scored, and the kind of the best.
    """
    height, width = missing.shape[1:]
    trial = desk.geometries[0]
    best_kind = np.int64(choices[0])
    sums = desk.sums[0]
    largest = SMALLEST + np.float32(0.5) * max(height, width)
    best_change = np.float32(np.inf)
    scored = 0
    for _ in range(tries):
        cx, cy = _error_place(state, missing, row_errors)
        radius = SMALLEST * (largest / SMALLEST) ** draw(state)  # log-uniform
        kind = _chosen(state, choices, shares)
        start(state, kind, cx, cy, radius, trial)
        push_inside(kind, trial, region)
        vertices = outline_vertices(kind)
        points = desk.outlines[0, :vertices]
        outline(kind, trial, points)
        if not is_sound(kind, trial, points, region):
            continue
        boundary(desk.table, width, height, points, ZERO, ZERO, -1, sums, sums)
        scored += 1
        change = solve(sums, vertices * LANES, looks)[0]
        if change < best_change:
            best_change = change
            best_kind = kind
            best[:] = trial
    return scored, best_kind


@kernel
def _chosen(state, choices, shares):
    last = choices.shape[0] - 1
    if last == 0:
        return np.int64(choices[0])
    chance = draw(state)
    which = 0
    while which < last and chance >= shares[which]:
        which += 1
    return np.int64(choices[which])


@kernel
def _sum_errors(missing, y0, y1, row_errors):
    for y in range(y0, y1):
        total = ZERO
        for channel in range(missing.shape[0]):
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
        here = ZERO
        for channel in range(missing.shape[0]):
            here += missing[channel, y, x] ** 2
        if left < here:
            break
        left -= here
        x += 1
    return np.float32(x) + draw(state), np.float32(y) + draw(state)

"""Joint polish: Adam (Kingma & Ba 2015) on all shapes of a window, and what each shape is worth."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.kernels.random import uniform
from engine.painters.polygons.objective.draw_buffers import CHANNELS, has_room, new_buffers
from engine.painters.polygons.objective.drawn_error import Slopes, gradient, value
from engine.painters.polygons.objective.view import longest_insets, region_of
from engine.painters.polygons.search.validity import is_valid
from engine.scene.geometry import push_inside, trace, vjp_traced
from engine.scene.kinds import MOST_VERTICES, numbers

MEAN_FADE, SQUARE_FADE = np.float32(0.9), np.float32(0.99)
TINY = np.float32(1e-12)
ZERO, ONE = np.float32(0), np.float32(1)
FIRST_STEP = np.float32(0.03)  # length of Adam's steps, of the mean distance between shapes
LAST_STEP = np.float32(0.012)
TINT_STEP = np.float32(0.02)  # of colours and opacities, for a step of one pixel
LONGEST_TINT_STEP = np.float32(0.03)


@kernel
def polish(view, drawn, looks, steps, state):
    """Move all free shapes at once down the gradient of the drawn error; the best state met is kept.

    Outlines come to rest before they reach the limits, each corner at a distance of its own: edges that were
    pressed against them would lie in one line, which shows.
    view: a View. drawn: Drawn. looks: Looks; with a palette colours stay. state: of the random numbers.
    Returns the number of evaluations: a value and a gradient for each free shape and step.
    """
    target, sqrt_weights, background, limits = view
    kinds, geometry, points, colours, opacities, free = drawn
    lowest, highest = looks.lowest, looks.highest
    has_palette = looks.palette.shape[0] > 0
    count = points.shape[0]
    tints = tints_of(colours)
    buffers = new_buffers(target, sqrt_weights, background, points, opacities)
    slopes = slopes_for(points)
    by_geometry, step = np.zeros_like(geometry), np.empty(geometry.shape[1], np.float32)
    moments = np.zeros((2, count, geometry.shape[1]), np.float32)
    tint_moments = np.zeros((2, count, CHANNELS), np.float32)
    opacity_moments = np.zeros((2, count, 1), np.float32)
    best_geometry, best_tints, best_opacities = geometry.copy(), tints.copy(), opacities.copy()
    spacing = np.sqrt(np.float32(target.shape[1] * target.shape[2]) / np.float32(max(count, 1)))
    best, mean_left, square_left = np.inf, ONE, ONE
    region = region_of(limits)
    longest = longest_insets(limits, target.shape[1], target.shape[2], count)
    distances = _distances(geometry, longest, state)
    for turn in range(steps + 1):
        if not has_room(buffers, points, opacities):
            buffers = new_buffers(target, sqrt_weights, background, points, opacities)
        error, depth = value(points, tints, opacities, buffers)
        if error < best:
            best = error
            best_geometry[:], best_tints[:], best_opacities[:] = geometry, tints, opacities
        if turn == steps:
            break
        gradient(points, tints, opacities, free, depth, buffers, slopes)
        mean_left *= MEAN_FADE
        square_left *= SQUARE_FADE
        warm = np.sqrt(ONE - square_left) / (ONE - mean_left)
        rate = spacing * FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (np.float32(turn) / np.float32(steps))
        tint_rate = min(TINT_STEP * rate, LONGEST_TINT_STEP)
        for k in range(count):
            if not free[k]:
                continue
            kind = np.int64(kinds[k])
            vjp_traced(kind, geometry[k], slopes.points[k], by_geometry[k])
            _stride(by_geometry[k], moments[:, k], warm * rate, step)
            _move(kind, geometry[k], points[k], step, moments[0, k], region, longest, distances[k])
            if not has_palette:
                _stride(slopes.colours[k], tint_moments[:, k], warm * tint_rate, step)
                for channel in range(3):
                    tints[k, channel] = min(max(tints[k, channel] - step[channel], ZERO), ONE)
            _stride(slopes.opacities[k : k + 1], opacity_moments[:, k], warm * tint_rate, step)
            opacities[k] = min(max(opacities[k] - step[0], lowest), highest)
    geometry[:], opacities[:] = best_geometry, best_opacities
    for k in range(count):
        colours[k] = best_tints[k, : colours.shape[1]]
        if free[k]:
            trace(np.int64(kinds[k]), geometry[k], points[k])
    return 2 * steps * np.int64(free.sum())


@kernel
def contributions(target, sqrt_weights, background, points, colours, opacities, free):
    """By how much the squared error would rise without each free shape, all others unchanged; (n,)."""
    buffers = new_buffers(target, sqrt_weights, background, points, opacities)
    slopes = slopes_for(points)
    slopes.contributions[:] = np.inf
    tints = tints_of(colours)
    _, depth = value(points, tints, opacities, buffers)
    gradient(points, tints, opacities, free, depth, buffers, slopes)
    return slopes.contributions


@kernel
def tints_of(colours):
    """Colours of four channels; the fourth is zero."""
    tints = np.zeros((colours.shape[0], CHANNELS), np.float32)
    tints[:, : colours.shape[1]] = colours
    return tints


@kernel
def slopes_for(points):
    """Room for a gradient."""
    count = points.shape[0]
    return Slopes(
        np.zeros_like(points),
        np.zeros((count, CHANNELS), np.float32),
        np.zeros(count, np.float32),
        np.zeros(count, np.float32),
    )


@kernel
def _distances(geometry, longest, state):
    """At what share of the longest insets each number of each shape rests."""
    distances = np.zeros_like(geometry)
    if max(longest) > ZERO:
        for k in range(distances.shape[0]):
            for j in range(distances.shape[1]):
                distances[k, j] = uniform(state)
    return distances


@kernel
def _stride(slope, moments, rate, step):
    """One step of Adam for a row of numbers; moments (2, numbers): running means of slope and slope^2."""
    for j in range(slope.shape[0]):
        moments[0, j] += (ONE - MEAN_FADE) * (slope[j] - moments[0, j])
        moments[1, j] += (ONE - SQUARE_FADE) * (slope[j] * slope[j] - moments[1, j])
        step[j] = rate * moments[0, j] / (np.sqrt(moments[1, j]) + TINY)


@kernel
def _move(kind, geometry, points, step, mean, region, longest, distances):
    """Change a shape by a step, unless it would become unsound: then it stays, and comes to rest."""
    size = numbers(kind)
    for j in range(size):
        step[j], geometry[j] = geometry[j], geometry[j] - step[j]
    _hold_back(kind, step, geometry, region, longest, distances)
    trace(kind, geometry, points)
    if not is_valid(kind, geometry, points, region):
        for j in range(size):
            geometry[j] = step[j]
            mean[j] = ZERO
        trace(kind, geometry, points)


@kernel
def _hold_back(kind, before, geometry, region, longest, distances):
    """Keep a shape that moves within a region, and each corner at a distance of its own from its sides.

    A corner that is nearer goes no further. longest: insets, of which distances (numbers,) are shares.
    """
    if kind > MOST_VERTICES:
        push_inside(kind, geometry, region)
        return
    for j in range(2 * kind):
        low = region[j % 2] + longest[j % 2] * distances[j]
        high = region[2 + j % 2] - longest[2 + j % 2] * distances[j]
        geometry[j] = min(max(geometry[j], min(low, before[j])), max(high, before[j]))

"""Placing: add shapes on top, one after the other, where the error is."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.painters.polygons.objective.boundary import accumulate, residuals, true_change, weigh
from engine.painters.polygons.objective.view import longest_insets, narrowed
from engine.painters.polygons.search.annealing import new_scratch
from engine.painters.polygons.search.halving import NOTHING, find, new_contenders
from engine.scene.geometry import bounds, trace
from engine.scene.kinds import numbers
from engine.scene.raster import blend, rasterise

ZERO = np.float32(0)


@kernel
def place(view, layers, drawn, first, mixture, tries, plan, looks, state):
    """Fill the shapes from index `first` on.

    view: a View. layers: float32 (channels, height, width), the composite so far, changed in place. drawn:
    Drawn, with room for new shapes. mixture: a Mixture. tries: random shapes for each place, of which the
    best are searched around by the moves of `plan`, a SearchPlan, in all. looks: a Looks.
    Returns the number of shapes in the end, less than there is room for when no more help, and evaluations.
    """
    target, sqrt_weights, _, limits = view
    kinds, geometry, points, colours, opacities, _ = drawn
    channels, height, width = target.shape
    scratch = new_scratch(height, width, points.shape[1])
    insets = longest_insets(limits, height, width, points.shape[0])
    above = np.zeros((channels + 1, height, width), np.float32)
    missing = np.empty((channels, height, width), np.float32)
    passed = np.empty((channels, height, width), np.float32)
    row_errors = np.empty(height, np.float64)
    contenders = new_contenders(scratch.geometries.shape[1])
    found, drawn_points = contenders.geometries[0], scratch.outlines[2]
    _compare(target, sqrt_weights, layers, 0, height, above, missing, passed)
    accumulate(missing, passed, above, 0, 0, height, scratch.table)
    _sum_errors(missing, 0, height, row_errors)
    count = first
    evaluations = 0
    for _ in range(first, points.shape[0]):
        region = narrowed(limits, insets, state)
        spent, kind, opacity, red, green, blue = find(
            missing, row_errors, region, mixture, tries, plan, looks, contenders, state, scratch
        )
        evaluations += spent
        if kind == NOTHING:
            continue
        scratch.tint[0], scratch.tint[1], scratch.tint[2], scratch.tint[3] = red, green, blue, 0
        trace(kind, found, drawn_points)
        spans = rasterise(drawn_points, 0, 0, width, height, scratch.spans, scratch.row)
        if true_change(missing, passed, above, scratch.spans, spans, scratch.tint, opacity) >= 0:
            continue
        kinds[count], points[count], geometry[count] = kind, drawn_points, ZERO
        geometry[count, : numbers(kind)] = found[: numbers(kind)]
        colours[count], opacities[count] = scratch.tint[:channels], opacity
        count += 1
        blend(layers, scratch.spans, spans, scratch.tint, opacity)
        left, top, _, bottom = bounds(drawn_points)
        x0, y0 = min(max(np.int64(left) - 1, 0), width), min(max(np.int64(top) - 1, 0), height)
        y1 = min(max(np.int64(bottom) + 2, 0), height)
        _compare(target, sqrt_weights, layers, y0, y1, above, missing, passed)
        accumulate(missing, passed, above, x0, y0, y1, scratch.table)
        _sum_errors(missing, y0, y1, row_errors)
    return count, evaluations


@kernel
def _compare(target, sqrt_weights, layers, y0, y1, above, missing, passed):
    """Bring what is missing and passed up to date in rows y0 to y1; nothing lies above."""
    above[target.shape[0], y0:y1] = 1
    residuals(target, layers, above[:, y0:y1], 0, y0, missing[:, y0:y1], passed[:, y0:y1])
    weigh(sqrt_weights, 0, y0, above[:, y0:y1], missing[:, y0:y1], passed[:, y0:y1])


@kernel
def _sum_errors(missing, y0, y1, row_errors):
    for y in range(y0, y1):
        total = ZERO
        for channel in range(missing.shape[0]):
            for x in range(missing.shape[2]):
                total += missing[channel, y, x] * missing[channel, y, x]
        row_errors[y] = total

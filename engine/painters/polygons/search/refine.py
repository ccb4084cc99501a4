"""Refining: visit the shapes of a window one at a time, and search around each with all others fixed."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.painters.polygons.objective.boundary import BoxTable, accumulate, residuals, true_change, weigh
from engine.painters.polygons.objective.view import longest_insets, narrowed
from engine.painters.polygons.search.annealing import SearchPlan, new_scratch
from engine.painters.polygons.search.kind_change import search_kinds
from engine.scene.geometry import bounds, extent, trace
from engine.scene.kinds import numbers
from engine.scene.raster import blend, rasterise

MARGIN = np.float32(0.35)  # of a polygon's size: how far around it a visit looks
MIN_MARGIN = np.float32(6)  # pixels
ZERO = np.float32(0)


@kernel
def refine(view, drawn, mixture, how, moves, temperatures, looks, state):
    """Visit every free shape, from the back to the front, once for each temperature; returns the evaluations.

    view: a View. drawn: Drawn. mixture: a Mixture. how, moves: as in SearchPlan. temperatures: float32
    (visits, 2), first and last one of each visit; where they are the same, what it ends with is kept, worse
    or not. looks: a Looks.
    """
    channels, height, width = view.target.shape
    scratch = new_scratch(height, width, drawn.points.shape[1])
    below = np.empty((channels, height, width), np.float32)
    evaluations = 0
    insets = longest_insets(view.limits, height, width, drawn.points.shape[0])
    for visit in range(temperatures.shape[0]):
        plan = SearchPlan(how, moves, temperatures[visit, 0], temperatures[visit, 1])
        for channel in range(channels):
            below[channel] = view.background[channel]
        for k in range(drawn.points.shape[0]):
            if drawn.free[k]:
                _visit(view, below, drawn, k, insets, mixture, plan, looks, state, scratch)
                evaluations += moves + 1
            spans = rasterise(drawn.points[k], 0, 0, width, height, scratch.spans, scratch.row)
            blend(below, scratch.spans, spans, drawn.colours[k], drawn.opacities[k])
    return evaluations


@kernel
def _visit(view, below, drawn, k, insets, mixture, plan, looks, state, scratch):
    """Search around shape k; unless hot and cold are the same, what is found must be better by exact area."""
    target, sqrt_weights, _, limits = view
    kinds, geometry, points, colours, opacities, _ = drawn
    box = _box(points[k], target.shape[2], target.shape[1])
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    channels, area = target.shape[0], h * w
    missing = scratch.planes[: channels * area].reshape(channels, h, w)
    passed = scratch.planes[channels * area : 2 * channels * area].reshape(channels, h, w)
    above = scratch.planes[2 * channels * area : (3 * channels + 1) * area].reshape(channels + 1, h, w)
    _layers_above(points, colours, opacities, k, box, above, scratch)
    residuals(target, below, above, x0, y0, missing, passed)
    weigh(sqrt_weights, x0, y0, above, missing, passed)
    accumulate(missing, passed, above, 0, 0, h, scratch.table)

    found, found_points = scratch.geometries[2], scratch.outlines[2]
    kind = np.int64(kinds[k])
    found[: numbers(kind)] = geometry[k, : numbers(kind)]
    own_limits = _own_limits(kind, geometry[k], limits, insets, state)
    region = _region(box, own_limits, target.shape[2], target.shape[1])
    sums = BoxTable(scratch.table, w, h, np.float32(x0), np.float32(y0), region)
    kind, (_, opacity, red, green, blue) = search_kinds(
        sums, mixture, kind, points[k], found, plan, looks, state, scratch
    )
    spans = rasterise(points[k], x0, y0, x1, y1, scratch.spans, scratch.row)
    now = true_change(missing, passed, above, scratch.spans, spans, colours[k], opacities[k])
    scratch.tint[0], scratch.tint[1], scratch.tint[2], scratch.tint[3] = red, green, blue, 0
    trace(kind, found, found_points)
    spans = rasterise(found_points, x0, y0, x1, y1, scratch.spans, scratch.row)
    then = true_change(missing, passed, above, scratch.spans, spans, scratch.tint, opacity)
    if then < now or plan.hot == plan.cold:
        kinds[k], points[k], geometry[k] = kind, found_points, ZERO
        geometry[k, : numbers(kind)] = found[: numbers(kind)]
        colours[k] = scratch.tint[:channels]
        opacities[k] = opacity


@kernel
def _box(points, width, height):
    """The pixels around a polygon, half-open, at least one and all in the window."""
    x0, y0, x1, y1 = bounds(points)
    margin = max(MIN_MARGIN, MARGIN * max(x1 - x0, y1 - y0))
    return (
        min(max(np.int64(np.floor(x0 - margin)), 0), width - 1),
        min(max(np.int64(np.floor(y0 - margin)), 0), height - 1),
        max(min(np.int64(np.ceil(x1 + margin)), width), 1),
        max(min(np.int64(np.ceil(y1 + margin)), height), 1),
    )


@kernel
def _region(box, limits, width, height):
    """Where vertices may go: the box, and beyond the window's sides as far as its limits allow."""
    return (
        limits[0] if box[0] == 0 else np.float32(box[0]),
        limits[1] if box[1] == 0 else np.float32(box[1]),
        limits[2] if box[2] == width else np.float32(box[2]),
        limits[3] if box[3] == height else np.float32(box[3]),
    )


@kernel
def _own_limits(kind, geometry, limits, insets, state):
    """The limits of one shape: drawn in at random, but not further than it reaches."""
    x0, y0, x1, y1 = narrowed(limits, insets, state)
    left, top, right, bottom = extent(kind, geometry)
    return min(x0, left), min(y0, top), max(x1, right), max(y1, bottom)


@kernel
def _layers_above(points, colours, opacities, k, box, above, scratch):
    """S and T of all polygons above k over a box: blending (colour, 0) over (0, ..., 0, 1)."""
    channels = colours.shape[1]
    above[:channels] = 0
    above[channels] = 1
    scratch.tint[channels] = 0
    for j in range(k + 1, points.shape[0]):
        x0, y0, x1, y1 = bounds(points[j])
        if x0 < box[2] and x1 > box[0] and y0 < box[3] and y1 > box[1]:
            drawn = rasterise(points[j], box[0], box[1], box[2], box[3], scratch.spans, scratch.row)
            scratch.tint[:channels] = colours[j]
            blend(above, scratch.spans, drawn, scratch.tint, opacities[j])

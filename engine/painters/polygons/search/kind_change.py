"""Which kind a shape has, where a mixture allows several: what one is worth shows after a search."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.kernels.random import uniform
from engine.painters.polygons.search.annealing import SearchPlan
from engine.painters.polygons.search.local_search import search
from engine.painters.polygons.search.mixture import draw_kind
from engine.painters.polygons.search.validity import is_valid
from engine.scene.geometry import outline, push_inside
from engine.scene.kinds import (
    BEZIER,
    CIRCLE,
    ELLIPSE,
    LINE,
    MOST_VERTICES,
    RECTANGLE,
    ROTATED_ELLIPSE,
    numbers,
    outline_vertices,
)
from engine.scene.parametric import HALF, ONE, TAU, TWO, ZERO

NOBODY = 0


@kernel
def search_kinds(box, mixture, kind, points, geometry, plan, looks, state, scratch):
    """Look for a better shape, half of the time as one of another kind; the better one stays.

    mixture: a Mixture, by which the other one is drawn; there is none when it is the same kind, or when the
    shape's own isn't in it. points: the outline as drawn, float32 (vertices, 2). geometry: changed in place.
    The rest is as for search. Returns the kind and what search returns.
    """
    other = scratch.rival
    rival = _rival(mixture, kind, points, box.region, other, state, scratch)
    spared = plan.moves // 2 if rival != NOBODY else 0
    own = SearchPlan(plan.how, plan.moves - spared, plan.hot, plan.cold)
    best = search(box, kind, geometry, own, looks, state, scratch)
    if spared:
        # One evaluation is for the start.
        others = SearchPlan(plan.how, spared - 1, plan.hot, plan.cold)
        found = search(box, rival, other, others, looks, state, scratch)
        if found[0] < best[0]:
            geometry[: numbers(rival)] = other[: numbers(rival)]
            return rival, found
    return kind, best


@kernel
def _rival(mixture, kind, points, region, geometry, state, scratch):
    """Write a shape of another kind in the place of one, and return its kind, or NOBODY."""
    if mixture.choices.shape[0] == 1 or not (mixture.choices == kind).any():
        return NOBODY
    rival = draw_kind(mixture, uniform(state))
    if rival == kind:
        return NOBODY
    fit(state, rival, points, geometry)
    push_inside(rival, geometry, region)
    fitted = scratch.outlines[0, : outline_vertices(rival)]
    outline(rival, geometry, fitted)
    return rival if is_valid(rival, geometry, fitted, region) else NOBODY


SIXTH, THIRD = np.float32(1 / 6), np.float32(1 / 3)


@kernel
def fit(state, kind, points, geometry):
    """Write a shape with the first and second moments of an outline. points: float32 (vertices, 2).

    A circle has the area only, what is upright and not square the widths. Which way a polygon is turned is
    random.
    """
    cx, cy, xx, xy, yy = moments(points)
    angle = HALF * np.arctan2(TWO * xy, xx - yy)
    mean, spread = HALF * (xx + yy), np.sqrt((HALF * (xx - yy)) ** 2 + xy * xy)
    long, short = np.sqrt(mean + spread), np.sqrt(max(mean - spread, ZERO))
    cos, sin = np.cos(angle), np.sin(angle)
    geometry[0], geometry[1] = cx, cy
    half = np.float32(2) if kind in (ELLIPSE, ROTATED_ELLIPSE, CIRCLE) else np.sqrt(np.float32(3))
    if kind <= MOST_VERTICES:
        _fit_polygon(state, kind, cx, cy, cos * long, sin * long, -sin * short, cos * short, geometry)
    elif kind == CIRCLE:
        geometry[2] = half * np.sqrt(long * short)
    elif kind in (RECTANGLE, ELLIPSE):
        geometry[2], geometry[3] = half * np.sqrt(xx), half * np.sqrt(yy)
    elif kind in (LINE, BEZIER):
        dx, dy = half * cos * long, half * sin * long
        last = 4 if kind == BEZIER else 2
        geometry[0], geometry[1] = cx - dx, cy - dy
        geometry[2], geometry[3] = cx, cy
        geometry[last], geometry[last + 1] = cx + dx, cy + dy
        geometry[last + 2] = half * short
    else:
        geometry[2], geometry[3], geometry[4] = half * cos * long, half * sin * long, half * short


@kernel
def _fit_polygon(state, vertices, cx, cy, ux, uy, vx, vy, geometry):
    """A regular polygon, stretched.

    The variance of one with a circumradius of 1 is (2 + cos(tau / n)) / 12 along any axis.
    """
    step = TAU / np.float32(vertices)
    radius = np.sqrt(np.float32(12) / (TWO + np.cos(step)))
    turn = TAU * uniform(state)
    for v in range(vertices):
        a, b = radius * np.cos(turn + step * np.float32(v)), radius * np.sin(turn + step * np.float32(v))
        geometry[2 * v] = cx + a * ux + b * vx
        geometry[2 * v + 1] = cy + a * uy + b * vy


@kernel
def moments(points):
    """The centre of an outline's inside, and the variances: x, y, xx, xy, yy.

    From the triangles between an edge and the first vertex, whose area is cross / 2.
    """
    area, sx, sy, sxx, sxy, syy = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO
    x0, y0 = points[0, 0], points[0, 1]
    for v in range(1, points.shape[0] - 1):
        ax, ay = points[v, 0] - x0, points[v, 1] - y0
        bx, by = points[v + 1, 0] - x0, points[v + 1, 1] - y0
        cross = ax * by - bx * ay
        area += cross
        sx += cross * (ax + bx)
        sy += cross * (ay + by)
        sxx += cross * (ax * ax + ax * bx + bx * bx)
        sxy += cross * (ax * ay + bx * by + HALF * (ax * by + bx * ay))
        syy += cross * (ay * ay + ay * by + by * by)
    if area == ZERO:
        return x0, y0, ONE, ZERO, ONE
    x, y = THIRD * sx / area, THIRD * sy / area
    xx = SIXTH * sxx / area - x * x
    xy = SIXTH * sxy / area - x * y
    yy = SIXTH * syy / area - y * y
    return x0 + x, y0 + y, max(xx, ZERO), xy, max(yy, ZERO)

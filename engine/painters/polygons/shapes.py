"""Shapes: a kind and a geometry (see kinds.py), and what follows from them, the outline before all."""

from __future__ import annotations

import numpy as np

from engine.jit import kernel
from engine.painters.polygons.chance import draw
from engine.painters.polygons.frames import (
    HALF,
    ONE,
    TAU,
    TWO,
    ZERO,
    bend,
    circuit,
    frame,
    pad,
    pull_frame,
    pull_stroke,
    stroke,
)
from engine.painters.polygons.kinds import (
    BEZIER,
    CIRCLE,
    CURVE_VERTICES,
    ELLIPSE,
    MOST_VERTICES,
    ROTATED_ELLIPSE,
    layout,
    outline_vertices,
)
from engine.painters.polygons.outline import corner_bounds, move_vertices, scatter

MOST_CURVE_VERTICES = 512
DETOUR = np.float32(0.1)  # pixels between a curve and its outline as drawn, about
SWELL = np.float32(np.sqrt(2 * np.pi / (CURVE_VERTICES * np.sin(2 * np.pi / CURVE_VERTICES))))
# An ellipse's outline as drawn lies within an ellipse so many times as large: see walk.


@kernel
def drawn_vertices(kind, geometry):
    """Vertices of an outline where it is drawn: even, and the more the larger a curve is."""
    least = outline_vertices(kind)
    if least != CURVE_VERTICES:
        return least
    if kind == BEZIER:
        _, _, bx, by = bend(geometry)
        around = np.sqrt((np.sqrt(bx * bx + by * by) + 4 * geometry[6]) / (4 * DETOUR)) + TWO
    else:
        _, _, ux, uy, vx, vy = frame(kind, geometry)
        radius = np.sqrt(max(ux * ux + uy * uy, vx * vx + vy * vy))
        around = np.sqrt(radius / (48 * DETOUR)) * TAU
    return min(max(2 * np.int64(np.ceil(around)), least), MOST_CURVE_VERTICES)


@kernel
def trace(kind, geometry, points):
    """Write the outline as it is drawn; the vertices that are left repeat the last one."""
    used = min(drawn_vertices(kind, geometry), points.shape[0])
    outline(kind, geometry, points[:used])
    pad(points, used)


@kernel
def outline(kind, geometry, points):
    """Write the outline. points: float32 (vertices, 2), an even number of vertices for curves.

    A shape with fewer vertices repeats its last one. Ellipses keep their area.
    """
    if kind <= MOST_VERTICES:
        for v in range(kind):
            points[v, 0] = geometry[2 * v]
            points[v, 1] = geometry[2 * v + 1]
        pad(points, kind)
    elif kind == BEZIER:
        stroke(geometry, points)
    else:
        circuit(kind, geometry, points)


@kernel
def pull_back(kind, geometry, point_gradient, gradient):
    """The chain rule: from a gradient for an outline's vertices to one for the geometry.

    point_gradient: float32 (vertices, 2), as many vertices as `outline` was given. gradient: like geometry,
    written.
    """
    gradient[:] = ZERO
    vertices = point_gradient.shape[0]
    if kind <= MOST_VERTICES:
        for v in range(vertices):
            at = 2 * min(v, kind - 1)
            gradient[at] += point_gradient[v, 0]
            gradient[at + 1] += point_gradient[v, 1]
    elif kind == BEZIER:
        pull_stroke(geometry, point_gradient, gradient)
    else:
        pull_frame(kind, geometry, point_gradient, gradient)


@kernel
def pull_back_traced(kind, geometry, point_gradient, gradient):
    """The same for an outline as `trace` writes it; what its repeated vertices have is added to the first."""
    used = min(drawn_vertices(kind, geometry), point_gradient.shape[0])
    for v in range(used, point_gradient.shape[0]):
        point_gradient[used - 1] += point_gradient[v]
    pull_back(kind, geometry, point_gradient[:used], gradient)


@kernel
def extent(kind, geometry):
    """x0, y0, x1, y1 that an outline keeps within, however many vertices it is drawn with."""
    if kind <= MOST_VERTICES:
        return corner_bounds(kind, geometry)
    if kind == BEZIER:
        x0, x1 = _span(geometry[0], geometry[2], geometry[4])
        y0, y1 = _span(geometry[1], geometry[3], geometry[5])
        width = abs(geometry[6])
        return x0 - width, y0 - width, x1 + width, y1 + width
    cx, cy, ux, uy, vx, vy = frame(kind, geometry)
    if kind in (ELLIPSE, ROTATED_ELLIPSE, CIRCLE):
        width, height = SWELL * np.sqrt(ux * ux + vx * vx), SWELL * np.sqrt(uy * uy + vy * vy)
    else:
        width, height = abs(ux) + abs(vx), abs(uy) + abs(vy)
    return cx - width, cy - height, cx + width, cy + height


@kernel
def _span(a, control, b):
    """The least and greatest value of a quadratic Bezier curve, along one axis."""
    low, high = min(a, b), max(a, b)
    if control < low or control > high:
        t = (a - control) / (a - TWO * control + b)
        value = a + t * (control - a)
        return min(low, value), max(high, value)
    return low, high


@kernel
def propose(state, kind, current, candidate, reach):
    """Write a neighbour of a geometry to `candidate`; returns a polygon's vertex when only that moved, or -1.

    One point, vector or length changes, or all points move, or the shape turns, if it can, and scales.
    """
    if kind <= MOST_VERTICES:
        return move_vertices(state, kind, current, candidate, reach)
    return _move(state, kind, current, candidate, reach)


@kernel
def _move(state, kind, current, candidate, reach):
    points, vectors, lengths = layout(kind)
    pairs = points + vectors
    step = reach * draw(state) ** 3
    dx = step * (TWO * draw(state) - ONE)
    dy = step * (TWO * draw(state) - ONE)
    for at in range(2 * pairs + lengths):
        candidate[at] = current[at]
    chance = draw(state)
    if chance < np.float32(0.75):
        chosen = np.int64(draw(state) * (pairs + lengths))
        if chosen < pairs:
            candidate[2 * chosen] += dx
            candidate[2 * chosen + 1] += dy
        else:
            candidate[pairs + chosen] += dx
    elif chance < np.float32(0.9):
        for point in range(points):
            candidate[2 * point] += dx
            candidate[2 * point + 1] += dy
    else:
        turns = ZERO if vectors == 0 and points == 1 else ONE
        _turn(points, vectors, lengths, ONE + HALF * dx / reach, turns * HALF * dy / reach, candidate)
    return -1


@kernel
def _turn(points, vectors, lengths, a, b, geometry):
    """Turn and scale around the points' centre: multiply by a + ib."""
    cx, cy = ZERO, ZERO
    for point in range(points):
        cx += geometry[2 * point] / np.float32(points)
        cy += geometry[2 * point + 1] / np.float32(points)
    for pair in range(points + vectors):
        if pair == points:
            cx, cy = ZERO, ZERO
        x, y = geometry[2 * pair] - cx, geometry[2 * pair + 1] - cy
        geometry[2 * pair] = cx + a * x - b * y
        geometry[2 * pair + 1] = cy + b * x + a * y
    scale = np.sqrt(a * a + b * b)
    for at in range(2 * (points + vectors), 2 * (points + vectors) + lengths):
        geometry[at] *= scale


@kernel
def start(state, kind, cx, cy, radius, geometry):
    """Write a random shape around a place."""
    if kind <= MOST_VERTICES:
        scatter(state, kind, cx, cy, radius, geometry)
        return
    points, vectors, lengths = layout(kind)
    geometry[0], geometry[1] = cx, cy
    at = 2 * (points + vectors)
    angle = TAU * draw(state)
    dx, dy = radius * np.cos(angle), radius * np.sin(angle)
    if vectors:
        geometry[2], geometry[3] = dx, dy
    if points > 1:
        geometry[0], geometry[1] = cx - dx, cy - dy
        geometry[at - 2], geometry[at - 1] = cx + dx, cy + dy
    if kind == BEZIER:
        geometry[2] = cx + radius * (TWO * draw(state) - ONE)
        geometry[3] = cy + radius * (TWO * draw(state) - ONE)
    most = HALF if points > 1 else ONE  # strokes are slender
    for length in range(at, at + lengths):
        geometry[length] = most * radius * (np.float32(0.2) + np.float32(0.8) * draw(state))


@kernel
def push_inside(kind, geometry, region):
    """Bring a shape into a region: vertices one by one, all else as a whole, if it is small enough."""
    if kind <= MOST_VERTICES:
        for v in range(kind):
            geometry[2 * v] = min(max(geometry[2 * v], region[0]), region[2])
            geometry[2 * v + 1] = min(max(geometry[2 * v + 1], region[1]), region[3])
        return
    x0, y0, x1, y1 = extent(kind, geometry)
    dx = max(region[0] - x0, ZERO) + min(region[2] - x1, ZERO)
    dy = max(region[1] - y0, ZERO) + min(region[3] - y1, ZERO)
    for point in range(layout(kind)[0]):
        geometry[2 * point] += dx
        geometry[2 * point + 1] += dy

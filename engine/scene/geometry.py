"""From a kind and a geometry (see kinds.py) to what follows from them, the outline before all."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.scene.kinds import (
    BEZIER,
    CIRCLE,
    CURVE_VERTICES,
    ELLIPSE,
    MOST_VERTICES,
    ROTATED_ELLIPSE,
    layout,
    outline_vertices,
)
from engine.scene.parametric import TAU, TWO, ZERO, bend, circuit, frame, pad, stroke, vjp_frame, vjp_stroke

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
def vjp(kind, geometry, point_gradient, gradient):
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
        vjp_stroke(geometry, point_gradient, gradient)
    else:
        vjp_frame(kind, geometry, point_gradient, gradient)


@kernel
def vjp_traced(kind, geometry, point_gradient, gradient):
    """The same for an outline as `trace` writes it; what its repeated vertices have is added to the first."""
    used = min(drawn_vertices(kind, geometry), point_gradient.shape[0])
    for v in range(used, point_gradient.shape[0]):
        point_gradient[used - 1] += point_gradient[v]
    vjp(kind, geometry, point_gradient[:used], gradient)


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


@kernel
def orientation(points):
    """1 where boundary.edge_sum's sums are positive, otherwise -1."""
    area = np.float32(0)
    vertices = points.shape[0]
    for v in range(vertices):
        w = v + 1 if v + 1 < vertices else 0
        area += (points[v, 0] + points[w, 0]) * (points[w, 1] - points[v, 1])
    return np.float32(1) if area >= 0 else np.float32(-1)


@kernel
def bounds(points):
    """The least and greatest coordinates: x0, y0, x1, y1."""
    x0, y0 = points[0, 0], points[0, 1]
    x1, y1 = x0, y0
    for v in range(1, points.shape[0]):
        x0 = min(x0, points[v, 0])
        y0 = min(y0, points[v, 1])
        x1 = max(x1, points[v, 0])
        y1 = max(y1, points[v, 1])
    return x0, y0, x1, y1


@kernel
def corner_bounds(vertices, geometry):
    """The least and greatest coordinates of a polygon's geometry: x0, y0, x1, y1."""
    x0, y0 = geometry[0], geometry[1]
    x1, y1 = x0, y0
    for v in range(1, vertices):
        x0 = min(x0, geometry[2 * v])
        y0 = min(y0, geometry[2 * v + 1])
        x1 = max(x1, geometry[2 * v])
        y1 = max(y1, geometry[2 * v + 1])
    return x0, y0, x1, y1

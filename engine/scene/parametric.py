"""The outlines of what is given by half-axes, and of Bezier strokes; and their derivatives."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.scene.kinds import CIRCLE, ELLIPSE, LINE, RECTANGLE, ROTATED_RECTANGLE

ZERO, HALF, ONE, TWO = np.float32(0), np.float32(0.5), np.float32(1), np.float32(2)
TAU = np.float32(2 * np.pi)
TINY = np.float32(1e-12)  # square of a length: less has no direction, and no width either


@kernel
def pad(points, used):
    """Repeat the last vertex that is used."""
    for v in range(used, points.shape[0]):
        points[v, 0] = points[used - 1, 0]
        points[v, 1] = points[used - 1, 1]


@kernel
def frame(kind, geometry):
    """Centre and both half-axes of all that is neither a polygon nor a Bezier stroke."""
    x, y = geometry[0], geometry[1]
    if kind in (RECTANGLE, ELLIPSE):
        return x, y, geometry[2], ZERO, ZERO, geometry[3]
    if kind == CIRCLE:
        return x, y, geometry[2], ZERO, ZERO, geometry[2]
    ux, uy = geometry[2], geometry[3]
    if kind == LINE:
        x, y, ux, uy = HALF * (x + ux), HALF * (y + uy), HALF * (ux - x), HALF * (uy - y)
    stretch = geometry[4] / np.sqrt(max(ux * ux + uy * uy, TINY))
    return x, y, ux, uy, -uy * stretch, ux * stretch


@kernel
def walk(kind, vertices):
    """Once around a shape, in units of its half-axes: (steps, first a, first b, cosine, sine of a step).

    An ellipse's vertices lie outside it, so that their polygon has its area:
    vertices/2 * sin(tau/vertices) * radius^2 = pi.
    """
    if kind in (RECTANGLE, ROTATED_RECTANGLE, LINE):
        return np.int64(4), ONE, ONE, ZERO, ONE
    step = TAU / np.float32(vertices)
    cos, sin = np.cos(step), np.sin(step)
    return np.int64(vertices), np.sqrt(step / sin), ZERO, cos, sin


@kernel
def circuit(kind, geometry, points):
    """Write the outline of what has a frame."""
    cx, cy, ux, uy, vx, vy = frame(kind, geometry)
    used, a, b, cos, sin = walk(kind, points.shape[0])
    for v in range(used):
        points[v, 0] = cx + a * ux + b * vx
        points[v, 1] = cy + a * uy + b * vy
        a, b = a * cos - b * sin, a * sin + b * cos
    pad(points, used)


@kernel
def stroke(geometry, points):
    """Write the outline of a Bezier stroke, up one side and down the other."""
    samples = points.shape[0] // 2
    width = geometry[6]
    for i in range(samples):
        t = np.float32(i) / np.float32(samples - 1)
        x, y, dx, dy = along(geometry, t)
        stretch = width / np.sqrt(max(dx * dx + dy * dy, TINY))
        points[i, 0] = x - stretch * dy
        points[i, 1] = y + stretch * dx
        points[2 * samples - 1 - i, 0] = x + stretch * dy
        points[2 * samples - 1 - i, 1] = y - stretch * dx


@kernel
def along(geometry, t):
    """A place on the middle of a Bezier stroke, and half the derivative there."""
    ax, ay, bx, by = bend(geometry)
    x = geometry[0] + t * (TWO * ax + t * bx)
    y = geometry[1] + t * (TWO * ay + t * by)
    return x, y, ax + t * bx, ay + t * by


@kernel
def bend(geometry):
    """a and b of a Bezier stroke's middle: first end + 2t*a + t^2*b."""
    ax, ay = geometry[2] - geometry[0], geometry[3] - geometry[1]
    return ax, ay, geometry[4] - geometry[2] - ax, geometry[5] - geometry[3] - ay


@kernel
def vjp_frame(kind, geometry, point_gradient, gradient):
    """The chain rule for what has a frame; see shapes.vjp."""
    used, a, b, cos, sin = walk(kind, point_gradient.shape[0])
    cx, cy, ux, uy, vx, vy = ZERO, ZERO, ZERO, ZERO, ZERO, ZERO  # gradients of what frame gives
    for v in range(point_gradient.shape[0]):
        gx, gy = point_gradient[v, 0], point_gradient[v, 1]
        cx, cy = cx + gx, cy + gy
        ux, uy = ux + a * gx, uy + a * gy
        vx, vy = vx + b * gx, vy + b * gy
        if v + 1 < used:
            a, b = a * cos - b * sin, a * sin + b * cos
    gradient[0], gradient[1] = cx, cy
    if kind in (RECTANGLE, ELLIPSE):
        gradient[2], gradient[3] = ux, vy
    elif kind == CIRCLE:
        gradient[2] = ux + vy
    else:
        _, _, x, y, _, _ = frame(kind, geometry)
        dx, dy, length = _vjp_normal(x, y, vx, vy)
        ux += geometry[4] * dx
        uy += geometry[4] * dy
        gradient[4] = length
        if kind == LINE:
            gradient[0], gradient[1] = HALF * (cx - ux), HALF * (cy - uy)
            ux, uy = HALF * (cx + ux), HALF * (cy + uy)
        gradient[2], gradient[3] = ux, uy


@kernel
def _vjp_normal(x, y, gx, gy):
    """For the unit normal of (x, y): the gradient of g.normal for x and y, and g.normal itself."""
    inverse = ONE / np.sqrt(max(x * x + y * y, TINY))
    across = (x * gy - y * gx) * inverse
    turn = -(x * gx + y * gy) * inverse**3
    return -y * turn, x * turn, across


@kernel
def vjp_stroke(geometry, point_gradient, gradient):
    """The chain rule for a Bezier stroke; gradient: zero before."""
    samples = point_gradient.shape[0] // 2
    for i in range(samples):
        t = np.float32(i) / np.float32(samples - 1)
        s = ONE - t
        j = 2 * samples - 1 - i
        _, _, x, y = along(geometry, t)
        mx, my = point_gradient[i, 0] + point_gradient[j, 0], point_gradient[i, 1] + point_gradient[j, 1]
        wx, wy = point_gradient[i, 0] - point_gradient[j, 0], point_gradient[i, 1] - point_gradient[j, 1]
        dx, dy, across = _vjp_normal(x, y, wx, wy)
        dx, dy = geometry[6] * dx, geometry[6] * dy
        gradient[0] += s * s * mx - s * dx
        gradient[1] += s * s * my - s * dy
        gradient[2] += TWO * s * t * mx + (s - t) * dx
        gradient[3] += TWO * s * t * my + (s - t) * dy
        gradient[4] += t * t * mx + t * dx
        gradient[5] += t * t * my + t * dy
        gradient[6] += across

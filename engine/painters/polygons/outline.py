"""Outlines: bounds and orientation; polygons: random ones, and the neighbours that a search looks at."""

from __future__ import annotations

import numpy as np

from engine.jit import kernel
from engine.painters.polygons.chance import draw

TAU = np.float32(2 * np.pi)


@kernel
def orientation(points):
    """1 where score.edge_sum's sums are positive, otherwise -1."""
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
def move_vertices(state, vertices, current, candidate, reach):
    """Write a neighbour of `current` to `candidate`; returns the vertex that moved, or -1 for all.

    current, candidate: x, y of each vertex. The length of a step goes with the cube of a uniform number:
    fine and coarse moves at all times.
    """
    step = reach * draw(state) ** 3
    dx = step * (2 * draw(state) - 1)
    dy = step * (2 * draw(state) - 1)
    for at in range(2 * vertices):
        candidate[at] = current[at]
    chance = draw(state)
    if chance < np.float32(0.75):
        v = np.int64(draw(state) * vertices)
        candidate[2 * v] += dx
        candidate[2 * v + 1] += dy
        return v
    if chance < np.float32(0.9):
        for v in range(vertices):
            candidate[2 * v] += dx
            candidate[2 * v + 1] += dy
        return -1
    x0, y0, x1, y1 = corner_bounds(vertices, current)
    cx, cy = np.float32(0.5) * (x0 + x1), np.float32(0.5) * (y0 + y1)
    size = max(x1 - x0, y1 - y0)
    a, b = 1 + dx / size, dy / size  # a turn and a scaling together: multiply by a + ib
    for v in range(vertices):
        x, y = current[2 * v] - cx, current[2 * v + 1] - cy
        candidate[2 * v] = cx + a * x - b * y
        candidate[2 * v + 1] = cy + b * x + a * y
    return -1


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


@kernel
def scatter(state, vertices, cx, cy, radius, geometry):
    """Write a random star around a place: one vertex in each sector."""
    turn = draw(state)
    for v in range(vertices):
        angle = TAU * (turn + (v + np.float32(0.8) * draw(state)) / vertices)
        length = radius * (np.float32(0.4) + np.float32(0.6) * draw(state))
        geometry[2 * v] = cx + length * np.cos(angle)
        geometry[2 * v + 1] = cy + length * np.sin(angle)

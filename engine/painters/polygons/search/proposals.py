"""Random shapes, and the neighbours that a search looks at."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.kernels.random import uniform
from engine.scene.geometry import corner_bounds
from engine.scene.kinds import BEZIER, MOST_VERTICES, layout
from engine.scene.parametric import HALF, ONE, TAU, TWO, ZERO


@kernel
def move_vertices(state, vertices, current, candidate, reach):
    """Write a neighbour of `current` to `candidate`; returns the vertex that moved, or -1 for all.

    current, candidate: x, y of each vertex. The length of a step goes with the cube of a uniform number:
    fine and coarse moves at all times.
    """
    step = reach * uniform(state) ** 3
    dx = step * (2 * uniform(state) - 1)
    dy = step * (2 * uniform(state) - 1)
    for at in range(2 * vertices):
        candidate[at] = current[at]
    chance = uniform(state)
    if chance < np.float32(0.75):
        v = np.int64(uniform(state) * vertices)
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
def scatter(state, vertices, cx, cy, radius, geometry):
    """Write a random star around a place: one vertex in each sector."""
    turn = uniform(state)
    for v in range(vertices):
        angle = TAU * (turn + (v + np.float32(0.8) * uniform(state)) / vertices)
        length = radius * (np.float32(0.4) + np.float32(0.6) * uniform(state))
        geometry[2 * v] = cx + length * np.cos(angle)
        geometry[2 * v + 1] = cy + length * np.sin(angle)


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
    step = reach * uniform(state) ** 3
    dx = step * (TWO * uniform(state) - ONE)
    dy = step * (TWO * uniform(state) - ONE)
    for at in range(2 * pairs + lengths):
        candidate[at] = current[at]
    chance = uniform(state)
    if chance < np.float32(0.75):
        chosen = np.int64(uniform(state) * (pairs + lengths))
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
    angle = TAU * uniform(state)
    dx, dy = radius * np.cos(angle), radius * np.sin(angle)
    if vectors:
        geometry[2], geometry[3] = dx, dy
    if points > 1:
        geometry[0], geometry[1] = cx - dx, cy - dy
        geometry[at - 2], geometry[at - 1] = cx + dx, cy + dy
    if kind == BEZIER:
        geometry[2] = cx + radius * (TWO * uniform(state) - ONE)
        geometry[3] = cy + radius * (TWO * uniform(state) - ONE)
    most = HALF if points > 1 else ONE  # strokes are slender
    for length in range(at, at + lengths):
        geometry[length] = most * radius * (np.float32(0.2) + np.float32(0.8) * uniform(state))

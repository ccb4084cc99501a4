"""Which shapes are sound: what a search may propose, and a joint move may leave."""

from __future__ import annotations

import numpy as np

from engine.kernels.jit import kernel
from engine.painters.polygons.objective.view import region_of
from engine.scene.geometry import extent
from engine.scene.kinds import BEZIER, MOST_VERTICES, layout
from engine.scene.parametric import HALF, ONE, TWO, ZERO, bend

SLIVER = np.float32(0.35)  # pixels of area for a pixel of perimeter; less is scored badly, and looks it
SLOW = np.float32(1e-4)  # of a stroke that turns back on itself: half the derivative, squared
BEND = np.float32(0.8)  # of the radius of curvature: half the width of a stroke at most


@kernel
def is_valid(kind, geometry, points, region):
    """Whether a shape lies in a region (x0, y0, x1, y1), is no sliver and does not cross itself.

    points: its outline.
    """
    if kind <= MOST_VERTICES:
        return is_simple(kind, points, region)
    return _is_valid(kind, geometry, points, region)


@kernel
def is_simple(vertices, points, region):
    """Whether an outline lies in a region (x0, y0, x1, y1), is no sliver and does not cross itself.

    Only the first `vertices` points count.
    """
    area = np.float32(0)
    perimeter = np.float32(0)
    for v in range(vertices):
        w = v + 1 if v + 1 < vertices else 0
        x, y = points[v, 0], points[v, 1]
        if not (region[0] <= x <= region[2] and region[1] <= y <= region[3]):  # NaN is not, either
            return False
        dx, dy = points[w, 0] - x, points[w, 1] - y
        area += x * points[w, 1] - points[w, 0] * y
        perimeter += np.sqrt(dx * dx + dy * dy)
    if abs(area) * np.float32(0.5) <= SLIVER * perimeter:
        return False
    for first in range(vertices - 2):
        for second in range(first + 2, vertices - (first == 0)):
            if _cross(vertices, points, first, second):
                return False
    return True


@kernel
def _cross(vertices, points, first, second):
    a, b = points[first], points[first + 1]
    c, d = points[second], points[(second + 1) % vertices]
    return _side(a, b, c) * _side(a, b, d) <= 0 and _side(c, d, a) * _side(c, d, b) <= 0


@kernel
def _side(a, b, p):
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


@kernel
def _is_valid(kind, geometry, points, region):
    corners, vectors, lengths = layout(kind)
    for at in range(2 * (corners + vectors), 2 * (corners + vectors) + lengths):
        if geometry[at] <= ZERO:
            return False
    x0, y0, x1, y1 = extent(kind, geometry)
    if not (x0 >= region[0] and y0 >= region[1] and x1 <= region[2] and y1 <= region[3]):
        return False
    return not _is_sliver(points) and (kind != BEZIER or _is_wide_enough_bend(geometry))


@kernel
def _is_sliver(points):
    """Whether an outline has little area for its perimeter."""
    area, perimeter = ZERO, ZERO
    ax, ay = points[-1, 0], points[-1, 1]
    for v in range(points.shape[0]):
        bx, by = points[v, 0], points[v, 1]
        area += ax * by - bx * ay
        perimeter += np.sqrt((bx - ax) ** 2 + (by - ay) ** 2)
        ax, ay = bx, by
    return abs(area) * HALF <= SLIVER * perimeter


@kernel
def _is_wide_enough_bend(geometry):
    """Whether half the width of a Bezier stroke stays below its least radius of curvature.

    With a + t*b half the derivative, the radius is 2 |a + t*b|^3 / |a x b|.
    """
    ax, ay, bx, by = bend(geometry)
    turn = ax * by - ay * bx
    square = bx * bx + by * by
    t = min(max(-(ax * bx + ay * by) / square, ZERO), ONE) if square > ZERO else ZERO
    dx, dy = ax + t * bx, ay + t * by
    slowest = dx * dx + dy * dy
    return slowest > SLOW and geometry[6] * abs(turn) < BEND * TWO * slowest ** np.float32(1.5)


@kernel
def are_valid(kinds, geometry, points, limits):
    """Which shapes are sound and within limits (x0, y0, x1, y1): (n,)."""
    valid = np.empty(kinds.shape[0], np.bool_)
    region = region_of(limits)
    for k in range(kinds.shape[0]):
        valid[k] = is_valid(np.int64(kinds[k]), geometry[k], points[k], region)
    return valid

"""Kinds of shapes, and what the numbers of a geometry mean.

A polygon's kind is the number of its vertices, other kinds have numbers of their own. A geometry is a row of
float32 in pixels, first points, then vectors, then lengths:

    polygon                            x, y of each vertex
    rectangle, ellipse                 centre, half-axes rx and ry
    rotated rectangle, rotated ellipse centre, half-axis as a vector, length of the other, at right angles
    circle                             centre, radius
    line                               both ends, half the width
    bezier (a quadratic stroke)        first end, control point, second end, half the width

Strokes end at right angles (butt caps). Lengths are positive.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.kernels.jit import kernel
from engine.scene.kind_numbers import (
    BEZIER,
    CIRCLE,
    ELLIPSE,
    LINE,
    MOST_VERTICES,
    RECTANGLE,
    ROTATED_ELLIPSE,
    ROTATED_RECTANGLE,
)

CURVE_VERTICES = 24  # of a curve's outline in a search; where it is drawn they are as many at least


@kernel
def layout(kind):
    """How many points, vectors and lengths a geometry is made of."""
    if kind <= MOST_VERTICES:
        return kind, 0, 0
    if kind in (RECTANGLE, ELLIPSE):
        return 1, 0, 2
    if kind == CIRCLE:
        return 1, 0, 1
    if kind == LINE:
        return 2, 0, 1
    if kind == BEZIER:
        return 3, 0, 1
    return 1, 1, 1


@kernel
def numbers(kind):
    """How many numbers a geometry has."""
    points, vectors, lengths = layout(kind)
    return 2 * (points + vectors) + lengths


def is_curved(kind: int) -> bool:
    """Whether an outline only approximates a shape."""
    return kind in (ELLIPSE, ROTATED_ELLIPSE, CIRCLE, BEZIER)


def search_vertices(kinds: Iterable[int]) -> int:
    """Vertices that the outlines of all these kinds have room in."""
    return max(outline_vertices(kind) for kind in kinds)


@kernel
def outline_vertices(kind):
    """Vertices of an outline in a search."""
    if kind <= MOST_VERTICES:
        return np.int64(kind)
    if kind in (RECTANGLE, ROTATED_RECTANGLE, LINE):
        return 4
    return CURVE_VERTICES

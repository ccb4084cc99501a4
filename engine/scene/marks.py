"""Shapes in the exporters' common form, and back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.image.pixels import Colour
from engine.scene.kind_numbers import (
    BEZIER,
    CIRCLE,
    ELLIPSE,
    LEAST_VERTICES,
    LINE,
    MOST_VERTICES,
    RECTANGLE,
    ROTATED_ELLIPSE,
    ROTATED_RECTANGLE,
)
from engine.scene.scene import Mark
from engine.scene.shapes import Shapes

AT_A_TIME = 10_000  # shapes whose numbers are Python's own while marks are made of them
SHORT_RUN = 8  # shapes of one kind in a row: where there are fewer on average each is made by itself
SKEW = 0.01  # cosine of the angle between half-axes at most: of what is written by hand, with few digits
SHORTEST = 1e-6  # pixels: what is shorter has no direction; see parametric.TINY


def marks_of(shapes: Shapes, touching: int = 0) -> Iterator[Mark]:
    """The marks of shapes, back to front; touching: how many of the first touch others on all sides."""
    starts = sorted({*range(0, len(shapes), AT_A_TIME), min(touching, len(shapes)), len(shapes)})
    for start, stop in pairwise(starts):
        yield from _together(shapes[start:stop], start < touching)


def _together(shapes: Shapes, touches: bool) -> Iterator[Mark]:
    """Marks of some shapes; those of one kind in a row are made together, if there are many."""
    borders = [0, *(np.flatnonzero(np.diff(shapes.kinds)) + 1).tolist(), len(shapes)]
    if SHORT_RUN * len(borders) > len(shapes):
        colours, opacities = _colours(shapes), shapes.opacities.tolist()
        for kind, row, colour, opacity in zip(
            shapes.kinds.tolist(), shapes.geometry, colours, opacities, strict=True
        ):
            yield _touching(mark_of(kind, row, colour, opacity), touches)
        return
    for start, stop in pairwise(borders):
        yield from _of_one_kind(int(shapes.kinds[start]), shapes[start:stop], touches)


def _of_one_kind(kind: int, shapes: Shapes, touches: bool) -> Iterator[Mark]:
    colours, opacities, geometry = _colours(shapes), shapes.opacities.tolist(), shapes.geometry
    is_stroke = kind in (LINE, BEZIER)
    if kind > MOST_VERTICES and not is_stroke:
        for row, colour, opacity in zip(geometry, colours, opacities, strict=True):
            yield _touching(mark_of(kind, row, colour, opacity), touches)
        return
    count = {LINE: 2, BEZIER: 3}.get(kind, kind)
    widths = (2 * geometry[:, 2 * count].astype(np.float64)).tolist() if is_stroke else [0] * len(shapes)
    form: Literal["polygon", "stroke"] = "stroke" if is_stroke else "polygon"
    points = geometry[:, : 2 * count].reshape(-1, count, 2)
    for place, colour, opacity, width in zip(points, colours, opacities, widths, strict=True):
        yield Mark(form, place, colour, opacity, width, touches)


def _touching(mark: Mark, touches: bool) -> Mark:
    return replace(mark, touches=True) if touches else mark


def _colours(shapes: Shapes) -> Iterator[Colour]:
    return zip(*shapes.colours[:, :3].astype(np.float64).T.tolist(), strict=True)


def mark_of(kind: int, geometry: NDArray[np.float32], colour: Colour, opacity: float) -> Mark:
    """The mark of a shape."""
    if kind <= MOST_VERTICES:
        return Mark("polygon", geometry[: 2 * kind].reshape(kind, 2), colour, opacity)
    if kind in (LINE, BEZIER):
        points = 2 if kind == LINE else 3
        width = 2 * float(geometry[2 * points])
        return Mark("stroke", geometry[: 2 * points].reshape(points, 2), colour, opacity, width)
    axes = _axes(kind, geometry.astype(np.float64).tolist())
    if kind in (RECTANGLE, ROTATED_RECTANGLE):
        return Mark("rectangle", axes, colour, opacity)
    return Mark("ellipse", axes, colour, opacity)


def shapes_of(marks: Sequence[Mark], channels: int) -> Shapes:
    """The shapes of marks, with ids in their order; ValueError for what is none of these shapes."""
    rows = [_shape_of(mark, number) for number, mark in enumerate(marks, 1)]
    numbers = max((len(geometry) for _, geometry in rows), default=2 * LEAST_VERTICES)
    shapes = Shapes.empty(len(rows), numbers, channels)
    shapes.ids[:] = np.arange(len(rows))
    for at, ((kind, geometry), mark) in enumerate(zip(rows, marks, strict=True)):
        shapes.kinds[at] = kind
        shapes.geometry[at, : len(geometry)] = geometry
        shapes.colours[at, :3] = mark.colour
        shapes.opacities[at] = mark.opacity
    return shapes


def _shape_of(mark: Mark, number: int) -> tuple[int, Sequence[float]]:
    """The kind and the geometry of a mark; number: in sentences."""
    points: list[float] = mark.points.astype(np.float64).ravel().tolist()
    if mark.blend != "normal":
        raise ValueError(
            f"mark {number}: ink that multiplies is none of these shapes'; --painter curves goes on with such"
        )
    if mark.form == "polygon":
        corners = len(points) // 2
        if not LEAST_VERTICES <= corners <= MOST_VERTICES:
            raise ValueError(
                f"mark {number}: a polygon has {LEAST_VERTICES} to {MOST_VERTICES} corners, not {corners}"
            )
        return corners, points
    if mark.form == "stroke":
        if len(points) > 6 or mark.cap != "butt":
            raise ValueError(
                f"mark {number}: a stroke of cubic curves or with round ends is none of these shapes; "
                "--painter curves goes on with such"
            )
        return (LINE if len(points) == 4 else BEZIER), [*points, mark.width / 2]
    x, y, *ends = points
    ux, uy, vx, vy = (end - start for end, start in zip(ends, (x, y, x, y), strict=True))
    is_rectangle = mark.form == "rectangle"
    if uy == vx == 0 < min(ux, vy):
        if np.float32(ux) == np.float32(vy) and not is_rectangle:
            return CIRCLE, [x, y, ux]
        return (RECTANGLE if is_rectangle else ELLIPSE), [x, y, ux, vy]
    if abs(ux * vx + uy * vy) > SKEW * math.hypot(ux, uy) * math.hypot(vx, vy):
        raise ValueError(f"mark {number}: the half-axes of {mark.form}s are at right angles")
    kind = ROTATED_RECTANGLE if is_rectangle else ROTATED_ELLIPSE
    return kind, [x, y, ux, uy, math.hypot(vx, vy)]


def _axes(kind: int, geometry: Sequence[float]) -> NDArray[np.float64]:
    """The centre and the ends of both half-axes, in doubles, which tell the geometry to its last digit."""
    x, y, *rest = geometry
    if kind in (ROTATED_RECTANGLE, ROTATED_ELLIPSE):
        ux, uy, length = rest[:3]
        stretch = length / max(math.hypot(ux, uy), SHORTEST)
        vx, vy = -uy * stretch, ux * stretch
    else:
        (ux, vy), uy, vx = (rest[0], rest[0] if kind == CIRCLE else rest[1]), 0.0, 0.0
    return np.array([[x, y], [x + ux, y + uy], [x + vx, y + vy]])

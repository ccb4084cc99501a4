"""What a pen does for a mark: lines along strokes, around shapes, and side by side where a mark is wide."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.export import flatten
from engine.export.flatten import Line
from engine.scene.scene import Mark

FLAT = 0.02  # mm: how far a curve and its straight pieces part
DOT = 0.1  # mm: programs leave out lines of no length
TOUCH = 1.5  # of the pen's width: lines whose ends are nearer are joined, as on paper they all but touch
GAP = 0.25  # of the pen's width: what may be left of a mark beside its lines


@dataclass(frozen=True)
class Trace:
    """The lines of a mark; area: what one covers that hides others, None for what is thin."""

    lines: list[Line]
    area: shapely.Polygon | None = None


def trace(mark: Mark, pen: float, ink: float, thin: float) -> Trace:
    """A mark, in mm, as a pen of that width draws it.

    ink: the share of the paper that is covered, 0..1. thin: wider strokes and ellipses are shapes with an
    outline, like polygons; those up to this width are filled, by lines side by side as dense as the ink.
    """
    points = mark.points.astype(np.float64)
    if mark.form == "polygon":
        return _shape(points)
    if mark.form == "stroke":
        middle, normals = flatten.middle(points, FLAT)
        if mark.width <= thin:
            return Trace(_side_by_side(middle, normals, mark, pen, ink))
        if mark.cap == "round" or len(points) > 3:
            return _around(middle, mark)
        side = mark.width / 2 * normals
        return _shape(np.concatenate([middle + side, (middle - side)[::-1]]))
    centre, first, second = points
    across, along = first - centre, second - centre
    if mark.form == "rectangle":
        return _shape(flatten.rectangle(centre, across, along))
    if 2 * max(math.hypot(*across), math.hypot(*along)) > thin:
        return _shape(flatten.ellipse(centre, across, along, FLAT)[:-1])
    return Trace(_rings(centre, across, along, pen, ink))


def _shape(corners: Line) -> Trace:
    ring = np.concatenate([corners, corners[:1]])
    return Trace([ring], shapely.Polygon(ring))


def _around(middle: Line, mark: Mark) -> Trace:
    """The outline of a stroke that is a shape, and of the holes of one that goes around something."""
    lines = shapely.LineString(middle) if np.ptp(middle, axis=0).any() else shapely.Point(middle[0])
    half, turns = mark.width / 2, math.ceil(math.pi * math.sqrt(mark.width / (64 * FLAT)))
    end = "round" if mark.cap == "round" else "flat"
    area = shapely.buffer(lines, half, quad_segs=max(turns, 2), cap_style=end, join_style="round")
    if area.is_empty:
        return Trace([])
    return Trace([np.array(ring.coords) for ring in (area.exterior, *area.interiors)], area)


def _side_by_side(middle: Line, normals: Line, mark: Mark, pen: float, ink: float) -> list[Line]:
    """The lines that fill a stroke; where its ends are round those in the middle are longer."""
    offsets = _offsets(mark.width, pen, ink)
    lines = [middle + offset * normals for offset in offsets]
    reach = max(mark.width - pen, 0) / 2
    if mark.cap == "butt" or not reach:
        return lines
    first, last = normals[0, ::-1] * [-1, 1], normals[-1, ::-1] * [1, -1]  # away from the stroke
    further = np.sqrt(np.maximum(reach**2 - offsets**2, 0))[:, None]
    lines = [
        np.concatenate([line[:1] + more * first, line, line[-1:] + more * last])
        for line, more in zip(lines, further, strict=True)
    ]
    if len(lines) > 1 and offsets[1] - offsets[0] > TOUCH * pen:
        return lines
    return [np.concatenate([line[:: (-1) ** number] for number, line in enumerate(lines)])]  # to and fro


def _offsets(width: float, pen: float, ink: float) -> NDArray[np.float64]:
    """How far from the middle the lines of a stroke are: one, or as many as its ink is wide."""
    count = max(1, math.ceil(width * ink / pen - GAP))
    reach = max(width - pen, 0) / 2 if count > 1 else 0
    return np.linspace(-reach, reach, count)


def _rings(centre: Line, across: Line, along: Line, pen: float, ink: float) -> list[Line]:
    """From the edge inwards, and a dot where there is no room for a ring."""
    radii = math.hypot(*across), math.hypot(*along)
    step = pen / max(ink, pen / max(*radii, pen))
    rings = []
    for inset in np.arange(pen / 2, max(min(radii) + pen / 2 - GAP * pen, pen), step).tolist():
        left = [max(1 - inset / max(radius, inset), 0.0) for radius in radii]
        if max(left[0] * radii[0], left[1] * radii[1]) > DOT / 2:
            rings.append(flatten.ellipse(centre, left[0] * across, left[1] * along, FLAT))
        else:
            rings.append(centre + np.array([[-DOT / 2, 0], [DOT / 2, 0]]))
    return rings

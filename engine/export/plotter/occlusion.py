"""What can be seen of lines: what lies within the picture, and not below a shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.export.plotter.toolpaths import Line

LINE = 1  # of shapely.get_type_id
HAIR = 1e-6  # mm: what lies on the picture's border is within it
WHOLE = 0.999  # of a line's length: what has as much was not cut
EDGE = 0.25  # of the pen's width: a line on the outline of a shape above is drawn already

Box = tuple[float, float, float, float]  # x0, y0, x1, y1


def visible(
    lines: Sequence[Line],
    levels: NDArray[np.int64],
    areas: dict[int, shapely.Polygon],
    borders: Box,
    pen: float,
) -> tuple[list[Line], NDArray[np.int64]]:
    """What is left of lines, and of which line each piece is.

    levels: of each line, upwards. areas: of what hides all lines of lower levels, by level.
    borders: of the picture. What a cut leaves that is shorter than the pen is wide is left out.
    """
    if not lines:
        return [], np.empty(0, np.int64)
    whole = shapely.linestrings(
        np.concatenate(lines), indices=np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    )
    x0, y0, x1, y1 = borders
    picture = shapely.box(x0 - HAIR, y0 - HAIR, x1 + HAIR, y1 + HAIR)
    inside, owners = _pieces(shapely.intersection(whole, picture))
    seen, parts = _pieces(_uncovered(inside, levels[owners], areas, pen))
    owners = owners[parts]
    lengths = shapely.length(seen)
    kept = (lengths >= pen) | (lengths >= WHOLE * shapely.length(whole[owners]))
    coordinates, numbers = shapely.get_coordinates(seen[kept], return_index=True)
    return np.split(coordinates, np.flatnonzero(np.diff(numbers)) + 1) if kept.any() else [], owners[kept]


def _pieces(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The lines in geometries, which may have points, too; and which one each is in."""
    parts, owners = shapely.get_parts(geometries, return_index=True)
    is_line = (shapely.get_type_id(parts) == LINE) & (shapely.length(parts) > 0)
    return parts[is_line], owners[is_line]


def _uncovered(
    lines: NDArray[np.object_], levels: NDArray[np.int64], areas: dict[int, shapely.Polygon], pen: float
) -> NDArray[np.object_]:
    if not areas:
        return lines
    heights = np.fromiter(areas, np.int64, len(areas))
    covers = shapely.buffer(list(areas.values()), EDGE * pen, join_style="mitre")
    below, above = shapely.STRtree(covers).query(lines, predicate="intersects")
    is_hidden = heights[above] > levels[below]
    for line, cover in zip(below[is_hidden].tolist(), above[is_hidden].tolist(), strict=True):
        if not lines[line].is_empty:
            lines[line] = shapely.difference(lines[line], covers[cover])
    return lines

"""A net that grew along the lines of a drawing becomes few long smooth strokes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.painters.gng.pen_lines.crossings import Floats, length_of
from engine.painters.gng.pen_lines.curve_fit import curve, roughness
from engine.painters.gng.pen_lines.graph import (
    Edges,
    Points,
    branches_of,
    lengths,
    near,
    pruned,
    spacings,
    without_short_cycles,
)
from engine.painters.gng.pen_lines.routes import Path, paths_of, routes_of

_SPUR = 2.0  # spacings: a shorter stroke that hangs on a crossing is none
_LOOSE = (0.03, 0.12)  # spacings that a stroke runs beside its nodes on average, at least and at most


@dataclass(frozen=True)
class Stroke:
    """What a pen draws without being lifted: quadratic Bezier curves, one after the other.

    They join without a corner but where the pen turned back on its own line. A closed stroke ends where it
    begins, without a corner, too.
    """

    points: NDArray[np.float32]  # (2 * pieces + 1, 2): end, control point, end, control point, end, ...
    closed: bool

    def pieces(self) -> NDArray[np.float32]:
        """The curves as a view: (pieces, 3, 2), two ends and a control point between them."""
        windows = np.lib.stride_tricks.sliding_window_view(self.points, 3, axis=0)
        return windows[::2].transpose(0, 2, 1)


def strokes_of(points: NDArray[np.float32], edges: NDArray[np.int64]) -> list[Stroke]:
    """The strokes that a net's edges are parts of, those of many pieces first.

    points: (nodes, 2), x and y in pixels; edges: (edges, 2), indices into points. A net along a ridge
    gives the pen's strokes; one that covers areas gives long lines through them. The same net gives the same
    strokes, in whatever order its nodes and edges come.
    """
    places, number = np.unique(points.astype(np.float64), axis=0, return_inverse=True)
    edges = number[edges]
    kept = near(places, edges)
    thin = pruned(places, without_short_cycles(places, kept))
    around = spacings(places, thin)
    thin, specks = parted(places, around, thin)
    parts = branches_of(len(places), thin)
    paths = paths_of(routes_of(places, around, parts.between))
    paths = [path for path in paths if path.alone or _long(places, around, path)]
    paths += [Path(ring, [1.0] * len(ring), [], closed=True, alone=True) for ring in parts.rings]
    loose = float(np.clip(roughness([places[path.nodes] for path in paths]), *_LOOSE))
    strokes = [_stroke(places, around, path, loose) for path in paths]
    for ends in specks + dots(places, edges, kept):
        strokes.append(Stroke(curve(ends, np.ones(2), 0, closed=False).astype(np.float32), False))
    return sorted(strokes, key=lambda stroke: -len(stroke.points))


def _long(places: Points, around: Floats, path: Path) -> bool:
    return length_of(places, path.nodes) > _SPUR * around[path.nodes[0]]


def _stroke(places: Points, around: Floats, path: Path, loose: float) -> Stroke:
    """One curve for each stretch between places where the pen turns back."""
    row, weights = places[path.nodes], np.array(path.weights)
    away = loose * float(np.median(around[path.nodes]))
    cuts = [0, *path.turns, len(row) - 1]
    curves = [
        curve(row[first : last + 1], weights[first : last + 1], away, path.closed)
        for first, last in pairwise(cuts)
    ]
    whole = np.concatenate([curves[0], *(each[1:] for each in curves[1:])])
    return Stroke(whole.astype(np.float32), path.closed)


_SMALL = 2.5  # spacings from side to side
_DOT = 0.5  # spacings from a dot's middle to its ends


def parted(points: Points, spacing: Floats, edges: Edges) -> tuple[Edges, list[Floats]]:
    """The edges without those of specks, and each speck's two ends: (2, 2), along its longest extent."""
    count = len(points)
    joined = coo_array((np.ones(len(edges), np.int8), (edges[:, 0], edges[:, 1])), shape=(count, count))
    parts, label = connected_components(joined, directed=False)
    low, high = np.full((parts, 2), np.inf), np.full((parts, 2), -np.inf)
    np.minimum.at(low, label, points)
    np.maximum.at(high, label, points)
    extent = np.hypot(*(high - low).T)
    around = np.zeros(parts)
    np.maximum.at(around, label, np.where(np.isfinite(spacing), spacing, 0))
    small = (extent > 0) & (extent < _SMALL * around)
    specks = [_ends(points[label == part]) for part in np.flatnonzero(small)]
    return edges[~small[label[edges[:, 0]]]], specks


def dots(points: Points, edges: Edges, kept: Edges) -> list[Floats]:
    """Two ends for each node that has edges, of which none is kept: it is all of a dot."""
    if not len(kept):
        return []
    reach = _DOT * float(np.median(lengths(points, kept)))
    return [points[node] + [[-reach, 0], [reach, 0]] for node in np.setdiff1d(edges, kept)]


def _ends(points: Points) -> Floats:
    middle = points.mean(axis=0)
    along = np.linalg.svd(points - middle, full_matrices=False)[2][0]
    reach = (points - middle) @ along
    return middle + np.outer([reach.min(), reach.max()], along)

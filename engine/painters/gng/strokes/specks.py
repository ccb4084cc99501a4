"""Dots: parts of a net that are too small for lines."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.painters.gng.strokes.crossings import Floats
from engine.painters.gng.strokes.thin import Edges, Points, lengths

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

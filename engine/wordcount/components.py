"""Components of the ink: glyphs, where letters don't touch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from engine.painters.gng.grow_once import GrownNet, net_of
from engine.wordcount.glyphs import Labels
from engine.wordcount.ink import Ink, stroke_width

# From a node to the next: less than a stroke's width, so that most edges run along strokes, and no finer than
# pixels can tell.
SPACING, FINEST = 0.7, 1.3  # stroke widths; pixels
PAPER = 0.6  # pixels of paper at most that an edge crosses
STEPS = 16  # places on an edge where it is looked whether there is paper


def plain_components(ink: Ink) -> Labels:
    """Those of pixels that touch, corners included."""
    labels, _ = label(ink, np.ones((3, 3)), np.int32)
    return labels


def gas_components(ink: Ink, seed: np.random.SeedSequence) -> Labels:
    """Those of a growing neural gas, to whose nearest node each pixel of ink belongs."""
    spacing = max(FINEST, SPACING * stroke_width(ink))
    net = net_of(ink.astype(np.float32), round(np.count_nonzero(ink) / spacing**2), seed)
    labels = np.zeros(ink.shape, np.int32)
    if len(net.points):
        rows, columns = np.nonzero(ink)
        _, nearest = KDTree(net.points).query(np.column_stack([columns, rows]) + 0.5)
        labels[rows, columns] = 1 + _components(net, ink)[nearest]
    return labels


def _components(net: GrownNet, ink: Ink) -> NDArray[np.int32]:
    """The number of each node's component, from 0; edges across paper hold nothing together."""
    starts, ends = net.points[net.edges[:, 0]], net.points[net.edges[:, 1]]
    paper = np.zeros(len(net.edges))
    for step in (np.arange(STEPS) + 0.5) / STEPS:
        columns, rows = (starts * (1 - step) + ends * step).astype(np.int64).T
        paper += ~ink[np.clip(rows, 0, ink.shape[0] - 1), np.clip(columns, 0, ink.shape[1] - 1)]
    crossed = paper / STEPS * np.hypot(*(ends - starts).T)
    first, second = net.edges[crossed <= PAPER].T
    graph = coo_array((np.ones(len(first)), (first, second)), (len(net.points),) * 2)
    return connected_components(graph, directed=False)[1]

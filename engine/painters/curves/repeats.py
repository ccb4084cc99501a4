"""Where strokes are, and where they are again in a picture that repeats."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from engine.painters.curves.inking import Period
from engine.painters.curves.strokes import Strokes

SAME = 0.02  # pixels, by which copies of a stroke may differ, as what is written is rounded
Offsets = NDArray[np.float64]  # (n, 2), x and y


def extents(strokes: Strokes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The corners of boxes that hold the strokes with all they are drawn with: x and y, (n, 2) each."""
    controls, reach = strokes.controls(), strokes.widths[:, None] / 2 + 1
    return controls.min(axis=1) - reach, controls.max(axis=1) + reach


def scaled(strokes: Strokes, scale: NDArray[np.float32]) -> Strokes:
    """Strokes of a picture that is scaled along x and y."""
    even = np.float32(math.sqrt(float(scale.astype(np.float64).prod())))
    return replace(strokes, points=strokes.points * scale, widths=strokes.widths * even)


def within(strokes: Strokes, period: Period) -> Strokes:
    """Strokes moved by whole periods, so that the middle of each is in the picture."""
    low, high = extents(strokes)
    size = np.array(period[::-1], np.float32)
    by = np.floor((low + high) / (2 * size)) * size
    return replace(strokes, points=strokes.points - by[:, None])


def copies(
    strokes: Strokes,
    period: Period | None,
    corner: tuple[float, float],
    far: tuple[float, float],
    always: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.int64], Offsets]:
    """Which strokes reach into a box, as often as they do, and by how much they are moved there: x and y.

    corner, far: of the box, x and y in pixels. always: strokes that count where they are in any case.
    """
    if period is None:
        low, high = extents(strokes)
        near = ((high > corner) & (low < far)).all(axis=1)
        at = np.flatnonzero(near if always is None else near | always)
        return at, np.zeros((len(at), 2))
    every = np.array(period[::-1], np.float64)
    first, counts = _counts(strokes, every, corner, far)
    totals = counts.prod(axis=1)
    at = np.repeat(np.arange(len(strokes)), totals)
    number = np.arange(len(at)) - np.repeat(totals.cumsum() - totals, totals)
    row, col = np.divmod(number, np.maximum(counts[at, 0], 1))
    by = (first[at] + np.column_stack([col, row])) * every
    if always is not None:
        more = always.copy()
        more[at[~by.any(axis=1)]] = False
        at = np.concatenate([at, np.flatnonzero(more)])
        by = np.concatenate([by, np.zeros((int(more.sum()), 2))])
        order = np.lexsort((by[:, 0], by[:, 1], at))
        at, by = at[order], by[order]
    return at, by


def without_copies(strokes: Strokes, period: Period) -> Strokes:
    """Of strokes that are the same but for whole periods, the first alone."""
    every = np.array(period[::-1], np.float64)
    points = strokes.points.astype(np.float64)
    starts = points[:, 0] % every % every  # twice: of what is just below 0 the first gives a whole period
    shapes = np.column_stack([(points - points[:, :1]).reshape(len(points), -1), strokes.widths])
    pairs = cKDTree(starts, boxsize=every).query_pairs(SAME, output_type="ndarray")
    alike = np.abs(shapes[pairs[:, 0]] - shapes[pairs[:, 1]]).max(axis=1) < SAME
    kept = np.ones(len(strokes), np.bool_)
    kept[pairs[alike].max(axis=1)] = False
    return strokes[kept]


def how_many(strokes: Strokes, period: Period, height: int, width: int) -> float:
    """As how many strokes those of a picture are seen, about, without making them."""
    counts = _counts(strokes, np.array(period[::-1], np.float64), (0, 0), (width, height))[1]
    return float(counts.astype(np.float64).prod(axis=1).sum())


def repeated(strokes: Strokes, period: Period, height: int, width: int) -> Strokes:
    """Strokes of a picture as often as each reaches into it, in their order."""
    at, by = copies(strokes, period, (0, 0), (width, height))
    return moved(strokes, at, by)


def moved(strokes: Strokes, at: NDArray[np.int64], by: Offsets) -> Strokes:
    """Some of the strokes, each moved by x and y."""
    found = strokes[at]
    return replace(found, points=found.points + by[:, None].astype(np.float32))


def _counts(
    strokes: Strokes, every: NDArray[np.float64], corner: tuple[float, float], far: tuple[float, float]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """By how many periods strokes are moved at least to reach into a box, and how often they do: (n, 2)."""
    low, high = (each.astype(np.float64) for each in extents(strokes))
    first = np.floor((corner - high) / every).astype(np.int64) + 1
    return first, np.maximum(np.ceil((far - low) / every).astype(np.int64) - first, 0)

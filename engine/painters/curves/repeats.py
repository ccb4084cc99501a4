"""Where strokes are, and where they are again in a picture that repeats."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.painters.curves.inking import Period
from engine.painters.curves.strokes import Strokes


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


def shifts(period: Period | None, height: int, width: int) -> list[NDArray[np.float64]]:
    """By how much strokes are moved, x and y, to be seen in a picture: by nothing first."""
    if period is None:
        return [np.zeros(2)]
    rows, cols = (-(-side // every) for side, every in zip((height, width), period, strict=True))
    steps = [(row, col) for row in range(-1, rows + 1) for col in range(-1, cols + 1)]
    steps.sort(key=lambda step: step != (0, 0))
    return [np.array([col * period[1], row * period[0]], np.float64) for row, col in steps]


def repeated(strokes: Strokes, period: Period, height: int, width: int) -> Strokes:
    """Strokes of a picture as often as each reaches into it, in their order."""
    low, high = extents(strokes)
    seen, moved = [], []
    for offset in shifts(period, height, width):
        at = np.flatnonzero(((high + offset > 0) & (low + offset < (width, height))).all(axis=1))
        seen.append(at)
        moved.append(np.repeat(offset[None], len(at), axis=0))
    at, by = np.concatenate(seen), np.concatenate(moved).astype(np.float32)
    order = np.lexsort((by[:, 0], by[:, 1], at))
    found = strokes[at[order]]
    return replace(found, points=found.points + by[order][:, None])

"""Strokes as generators of patches know them: twelve numbers for a picture of 64 pixels, and where it lies.

A generator was taught with strokes in squares of SIDE pixels. So each stroke gets a square box of its own in
the target, just large enough for its paint; its twelve numbers say what it is within that box. The order of
the twelve is the order of the data sets (docs/brush-training.md).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SIDE = 64  # pixels of a patch, each way
NUMBERS = 12  # of a stroke
PRESSURE_END, SIZE, CONTROL, END, COLOUR, START, PRESSURE_ENTRY = (
    0,
    1,
    slice(2, 4),
    slice(4, 6),
    slice(6, 9),
    slice(9, 11),
    11,
)
WIDEST = float(np.exp(2.0))  # pixels of a patch: the radius of size 1, of size 0 it is 1
MARGIN = 2.0  # radii around a curve, within which a stroke's paint lies


class ByStrokes(NamedTuple):
    """Slopes of a number by what strokes are."""

    points: Floats  # (n, 3, 2), per target pixel
    radii: Floats  # (n,), per target pixel
    pressures: Floats  # (n, 2)


def boxes_of(points: Floats, radii: Floats, margin: float = MARGIN) -> Floats:
    """The square around each stroke, (n, 4): left, upper, right and lower border in target pixels.

    points: (n, 3, 2), Bezier. radii: (n,), > 0. margin: radii around the curve. The radius is within a box
    what generators know, 1 to WIDEST of its SIDE pixels, whatever the curve's length.
    """
    start, control, end = points[:, 0], points[:, 1], points[:, 2]
    bend = start - 2 * control + end
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.clip(np.where(bend == 0, 0, (start - control) / bend), 0, 1)  # t where it goes furthest
    furthest = start + turn * (2 * (control - start) + turn * bend)
    inside = np.stack([start, furthest, end], axis=1)
    low, high = inside.min(1), inside.max(1)
    side = np.clip((high - low).max(1) + 2 * margin * radii, radii * (SIDE / WIDEST), radii * SIDE)
    corner = (low + high) / 2 - side[:, None] / 2
    return np.concatenate([corner, corner + side[:, None]], axis=1).astype(np.float32)


def actions_of(points: Floats, radii: Floats, pressures: Floats, boxes: Floats) -> Floats:
    """The twelve numbers of strokes within their boxes, (n, NUMBERS), each 0..1; black."""
    side = (boxes[:, 2] - boxes[:, 0])[:, None]
    middle = points[:, 1] / 2 + (points[:, 0] + points[:, 2]) / 4
    found = np.zeros((len(points), NUMBERS), np.float32)
    for columns, place in ((START, points[:, 0]), (CONTROL, middle), (END, points[:, 2])):
        found[:, columns] = (place - boxes[:, :2]) / side
    found[:, SIZE] = np.log(np.maximum(radii, 1e-6) * SIDE / side[:, 0]) / 2
    found[:, PRESSURE_ENTRY], found[:, PRESSURE_END] = pressures.T
    return np.clip(found, 0, 1)


def by_strokes(by_actions: Floats, actions: Floats, radii: Floats, boxes: Floats) -> ByStrokes:
    """Slopes by strokes, from those by their twelve numbers, while their boxes stay where they are.

    A number that is at 0 or 1 is pressed against it: slopes that lead beyond it are left out.
    """
    beyond = ((actions <= 0) & (by_actions > 0)) | ((actions >= 1) & (by_actions < 0))
    slopes = np.where(beyond, np.float32(0), by_actions)
    side = (boxes[:, 2] - boxes[:, 0])[:, None]
    middle = slopes[:, CONTROL] / side
    start, end = slopes[:, START] / side, slopes[:, END] / side
    return ByStrokes(
        np.stack([start + middle / 4, middle / 2, end + middle / 4], axis=1).astype(np.float32),
        (slopes[:, SIZE] / (2 * np.maximum(radii, 1e-6))).astype(np.float32),
        slopes[:, [PRESSURE_ENTRY, PRESSURE_END]].astype(np.float32),
    )


def curves_of(actions: Floats, boxes: Floats) -> tuple[Floats, Floats, Floats]:
    """The way back: Bezier points (n, 3, 2), radii (n,) and pressures (n, 2) of numbers within boxes."""
    side = (boxes[:, 2] - boxes[:, 0])[:, None]
    start, middle, end = (boxes[:, :2] + actions[:, each] * side for each in (START, CONTROL, END))
    points = np.stack([start, 2 * middle - (start + end) / 2, end], axis=1)
    radii = np.exp(2 * actions[:, SIZE]) * side[:, 0] / SIDE
    return (
        points.astype(np.float32),
        radii.astype(np.float32),
        actions[:, [PRESSURE_ENTRY, PRESSURE_END]].astype(np.float32),
    )

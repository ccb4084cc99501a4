"""The outline of a line as wide as a stroke, with round corners, which is filled by the rule "nonzero".

It goes along both sides of the line. Where the line turns so sharply that the inner side would go backwards,
or the outer one would cut the corner, the inner side goes by way of the line itself and the outer one is an
arc: so all that the outline goes around it goes around in one direction.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]  # (n, 2), x and y

ALIKE = 1e-6  # radians between two directions that are one


def widened(places: Line, normals: Line, width: float, tolerance: float, is_round: bool) -> Line:
    """The corners (m, 2) around a line.

    places, normals: of the line, and the unit vectors across it, both (n, 2); a corner of the line is a place
    that comes twice, with the vectors before and after it. is_round: its ends, which are else cut off.
    tolerance: how far arcs and their straight pieces part.
    """
    half = width / 2
    lengths = np.hypot(*np.diff(places, axis=0).T)
    if not lengths.any():
        return _arc(places[0], np.array([0.0, half]), 2 * math.pi, tolerance) if is_round else places[:1]
    places, before, after = _joints(places, normals, half, tolerance)
    left: list[Line] = []
    right: list[Line] = []
    for place, come, go in zip(places, before, after, strict=True):
        turn = _turn(come, go)
        if abs(turn) <= ALIKE:
            left.append(place[None] + half * go)
            right.append(place[None] - half * go)
            continue
        inner, outer, sign = (left, right, 1) if turn > 0 else (right, left, -1)
        inner.append(np.array([place + sign * half * come, place, place + sign * half * go]))
        outer.append(_arc(place, -sign * half * come, turn, tolerance))
    line = [*left, *(each[::-1] for each in reversed(right))]
    if is_round:
        line.insert(len(left), _arc(places[-1], half * after[-1], -math.pi, tolerance)[1:-1])
        line.append(_arc(places[0], -half * before[0], -math.pi, tolerance)[1:-1])
    return np.concatenate(line)


def _joints(
    places: Line, normals: Line, half: float, tolerance: float
) -> tuple[Line, NDArray[Any], NDArray[Any]]:
    """Places of a line, each but once, and the vectors across it that it is reached and left with.

    They are one vector where the line bends little.
    """
    steps = np.diff(places, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    goes = lengths > 0
    starts = np.concatenate([[True], goes])  # of places, the first of those that are one
    ends = np.concatenate([goes, [True]])
    kept, before, after = places[starts], normals[starts].copy(), normals[ends].copy()
    along = steps[goes] / lengths[goes, None]
    across = along[:, ::-1] * [-1, 1]
    change = before[1:] - after[:-1]
    shrinks = half * np.abs((change * along).sum(axis=1)) >= lengths[goes]
    cosines = np.clip((before[1:] * after[:-1]).sum(axis=1), -1, 1)
    is_cut = half * (1 - np.sqrt((1 + cosines) / 2)) > tolerance
    is_sharp = shrinks | is_cut  # of pieces between places
    before[1:][is_sharp] = across[is_sharp]
    after[:-1][is_sharp] = across[is_sharp]
    return kept, before, after


def _turn(come: Line, go: Line) -> float:
    """The angle from one vector to another, radians."""
    return math.atan2(come[0] * go[1] - come[1] * go[0], come[0] * go[0] + come[1] * go[1])


def _arc(centre: Line, spoke: Line, turn: float, tolerance: float) -> Line:
    """Points (n, 2) around a centre from the end of a spoke on; turn: radians, both ends included."""
    radius = math.hypot(*spoke)
    step = 2 * math.acos(1 - min(tolerance / radius, 0.5))
    angles = np.linspace(0, turn, max(1, math.ceil(abs(turn) / step)) + 1)[:, None]
    crosswise = spoke[::-1] * [-1, 1]
    return centre + np.cos(angles) * spoke + np.sin(angles) * crosswise

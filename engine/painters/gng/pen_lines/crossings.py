"""Where lines meet: forks near each other are one crossing."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from engine.painters.gng.pen_lines.graph import Nodes, Points

Floats = NDArray[np.float64]

_NEAR = 2.5  # spacings between forks that are one crossing, which has
_WIDE = 3.5  # spacings from side to side at most


def crossings_of(points: Points, spacing: Floats, between: list[Nodes]) -> tuple[list[Nodes], list[int]]:
    """The lines that lead to, from or between crossings, and the number of each one's crossings.

    Line i has the ends 2i and 2i + 1, its first and its last node; an end that is free is at no crossing, -1.
    """
    where = _numbers(points, spacing, between)
    lines = [
        line
        for line in between
        if where.get(line[0], -1) != where.get(line[-1], -2)
        or length_of(points, line) > _NEAR * spacing[line[0]]
    ]
    return lines, [where.get(line[at], -1) for line in lines for at in (0, -1)]


def length_of(points: Points, line: Nodes) -> float:
    """In pixels."""
    return float(np.hypot(*np.diff(points[line], axis=0).T).sum())


def _numbers(points: Points, spacing: Floats, between: list[Nodes]) -> dict[int, int]:
    """The number of each fork's crossing, which grow from the nearest forks on until they were too wide."""
    degree: dict[int, int] = defaultdict(int)
    for line in between:
        degree[line[0]] += 1
        degree[line[-1]] += 1
    number = {node: node for node, lines in degree.items() if lines > 1}
    members = {node: [node] for node in number}
    lengths = [length_of(points, line) for line in between]
    for length, index in sorted(zip(lengths, range(len(between)), strict=True)):
        a, b = between[index][0], between[index][-1]
        if a not in number or b not in number or number[a] == number[b]:
            continue
        around = max(spacing[a], spacing[b])
        both = members[number[a]] + members[number[b]]
        if length <= _NEAR * around and np.ptp(points[both], axis=0).max() <= _WIDE * around:
            members[number[a]] = both
            for node in members.pop(number[b]):
                number[node] = number[a]
    return number

"""The pen's ways: lines joined to long paths over the nodes of a net."""

from __future__ import annotations

from typing import NamedTuple

from engine.painters.gng.strokes.routes import Routes
from engine.painters.gng.strokes.thin import Nodes

_LIGHT = (0.08, 0.15, 0.4)  # weights of the nodes next to a crossing: ridges bend towards each other there
_BETWEEN, _FEW = 0.3, 5  # but at least this, of a line of fewer nodes: in a mesh all lie next to crossings
_SHARED = 0.08  # of a node where two lines run together: each of them runs beside


class Path(NamedTuple):
    """Nodes in the order of the pen, and what each of them counts for the curve."""

    nodes: Nodes
    weights: list[float]
    turns: Nodes  # indices into nodes: where the pen goes back on its own line
    closed: bool  # the pen goes on from the last node to the first
    alone: bool  # it is part of no crossing


def paths_of(routes: Routes) -> list[Path]:
    """Walk all lines once, from where the pen begins; what is left then are closed paths."""
    begun = [line in routes.dropped for line in range(len(routes.lines))]
    starts = [end for end, before in enumerate(routes.follows) if before < 0]
    paths = []
    for start in [*starts, *range(len(routes.follows))]:
        if not begun[start // 2]:
            paths.append(_path(routes, _walk(routes, start, begun)))
    return paths


def _walk(routes: Routes, start: int, begun: list[bool]) -> list[int]:
    """The ends at which the pen comes to its lines, one after the other."""
    ends = [start]
    begun[start // 2] = True
    while True:
        end = routes.follows[ends[-1] ^ 1]
        if end < 0 or begun[end // 2]:
            return ends
        begun[end // 2] = True
        ends.append(end)


def _path(routes: Routes, ends: list[int]) -> Path:
    nodes: Nodes = []
    weights: list[float] = []
    turns: Nodes = []
    for end in ends:
        line = routes.lines[end // 2][:: 1 - 2 * (end % 2)]
        heavy = _weights(routes, end, len(line))
        if nodes and nodes[-1] == line[0]:
            if routes.crossing[end] < 0:
                turns.append(len(nodes) - 1)
                weights[-1] = 1.0
            line, heavy = line[1:], heavy[1:]
        nodes += line
        weights += heavy
    closed = routes.follows[ends[0]] >= 0
    if closed and nodes[0] == nodes[-1]:
        nodes, weights = nodes[:-1], weights[:-1]
        if routes.crossing[ends[0]] < 0:
            turns.append(0)
            weights[0] = 1.0
    alone = len(ends) == 1 and routes.crossing[ends[0]] == routes.crossing[ends[0] ^ 1] == -1
    if closed and turns:
        first = turns[0]
        nodes, weights = ([*each[first:], *each[: first + 1]] for each in (nodes, weights))
        return Path(nodes, weights, [turn - first for turn in turns[1:]], False, alone)
    return Path(nodes, weights, turns, closed, alone)


def _weights(routes: Routes, end: int, count: int) -> list[float]:
    """Of the nodes of a line that the pen comes to at an end."""
    shared = end // 2 in routes.shared
    weights = [_SHARED if shared else 1.0] * count
    least = _BETWEEN if count < _FEW and not shared else 0.0
    for side, at in ((end, range(count)), (end ^ 1, range(count - 1, -1, -1))):
        if routes.follows[side] >= 0 and routes.crossing[side] >= 0:
            for index, light in zip(at, _LIGHT, strict=False):
                weights[index] = min(weights[index], max(light, least))
    return weights

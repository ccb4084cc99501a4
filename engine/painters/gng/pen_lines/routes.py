"""How the pen goes through crossings, and the long paths that lines are joined to."""

from __future__ import annotations

import cmath
import math
from collections import defaultdict
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from engine.painters.gng.pen_lines.crossings import Floats, crossings_of, length_of
from engine.painters.gng.pen_lines.graph import Nodes, Points

_AHEAD = 4  # nodes from a crossing that say in which direction a line leaves it
_BEND = 1.0  # radians that the pen turns at most where it goes through a crossing,
_BACK = 0.6  # and where it will go back on the same line
_SHORT = 2.0  # spacings of a line that means little: it is not followed from afar,
_SHARED = 24.0  # that the pen goes along other lines at most,
_LINES = 2  # of which there are no more,
_BOUNCE = 8.0  # where it turns by more,
_RETRACED = 7.0  # and on its own line back
_FAR = 0.06  # radians that one spacing more along another line is worth

Way = tuple[complex, complex]  # of a line that leaves a crossing: a place near it, the direction, of length 1
Choice = tuple[float, int, int, list[int]]  # how bad, between two ends, the ends of lines on the way


@dataclass
class Routes:
    """Lines, and how the pen goes from one to the next. Line i has the ends 2i and 2i + 1."""

    lines: list[Nodes]
    crossing: list[int]  # for each end the number of the crossing, or -1 where it is free
    lengths: list[float]  # of the lines, in spacings
    ways: list[Way]  # for each end how its line leaves it
    follows: list[int]  # for each end the one that the pen goes on with, or -1
    shared: set[int] = field(default_factory=set)  # lines that the pen goes along twice: they are there twice
    dropped: set[int] = field(default_factory=set)  # lines that it doesn't go along

    def link(self, one: int, other: int) -> None:
        """Let the pen go on from one end to the other, and back."""
        self.follows[one] = other
        self.follows[other] = one

    def double(self, end: int) -> int:
        """Have a line once more; the same end of the copy."""
        line = end // 2
        self.shared.update((line, len(self.lines)))
        for each in (2 * line, 2 * line + 1):
            self.crossing.append(self.crossing[each])
            self.ways.append(self.ways[each])
            self.follows.append(-1)
        self.lines.append(self.lines[line])
        self.lengths.append(self.lengths[line])
        return 2 * len(self.lines) - 2 + end % 2

    def turn(self, one: int, other: int) -> float:
        """The angle, in radians, between the directions of one line and of another."""
        return abs(cmath.phase(-self.ways[other][1] / self.ways[one][1]))

    def bend(self, one: int, other: int) -> float:
        """How much the pen has to bend its way, in radians, from one line to another.

        By the energy of a cubic Hermite curve: half the angle of a bow, but more where it has to swing out.
        """
        (place, back), (goal, on) = self.ways[one], self.ways[other]
        across = goal - place if goal != place else on
        a, b = cmath.phase(-across / back), cmath.phase(on / across)
        return math.sqrt(a * a - a * b + b * b)

    def leads_nowhere(self, end: int) -> bool:
        """Whether the line from this end on is short, and free at its other end."""
        return self.crossing[end ^ 1] < 0 and self.lengths[end // 2] < _SHORT

    def open_ends(self) -> list[int]:
        """Ends in crossings that the pen doesn't go on from."""
        return [end for end, after in enumerate(self.follows) if after < 0 and self.crossing[end] >= 0]

    def meetings(self) -> dict[int, list[int]]:
        """The ends at each crossing."""
        at = defaultdict(list)
        for end, crossing in enumerate(self.crossing):
            if crossing >= 0 and end // 2 not in self.dropped:
                at[crossing].append(end)
        return at


def routes_of(points: Points, spacing: Floats, between: list[Nodes]) -> Routes:
    """Lead the pen on at crossings so that it turns little; ties by number."""
    lines, crossing = crossings_of(points, spacing, between)
    lengths = [length_of(points, line) / float(np.median(spacing[line])) for line in lines]
    ways = [_way(points, line[::step]) for line in lines for step in (1, -1)]
    routes = Routes(lines, crossing, lengths, ways, [-1] * len(crossing))
    _go_straight(routes)
    routes.dropped.update(end // 2 for end in routes.open_ends() if routes.leads_nowhere(end))
    _share(routes)
    return routes


def _way(points: Points, line: Nodes) -> Way:
    """How a line leaves its first node, but for the nodes next to it: ridges bend towards a crossing."""
    far = min(_AHEAD, len(line) - 1)
    place, ahead = (complex(*points[line[at]]) for at in (far // 3, far))
    return place, (ahead - place) / abs(ahead - place)


def _go_straight(routes: Routes) -> None:
    """Pair the ends at each crossing, the straightest pairs first."""
    for ends in routes.meetings().values():
        for bend, a, b in sorted((routes.bend(a, b), a, b) for a, b in combinations(ends, 2)):
            taken = routes.follows[a] >= 0 or routes.follows[b] >= 0
            if bend < _BEND and not taken and not (routes.leads_nowhere(a) and routes.leads_nowhere(b)):
                routes.link(a, b)


def _share(routes: Routes) -> None:
    """Lead ends that are left over on, along lines that others go along, too, or back on their own."""
    meetings = routes.meetings()
    choices: list[Choice] = []
    for end in routes.open_ends():
        if end // 2 not in routes.dropped and routes.lengths[end // 2] >= _SHORT:
            choices += _joined(routes, meetings, end) + _returned(routes, meetings, end)
    for _, end, other, route in sorted(choices):
        again = any(passed // 2 in routes.shared for passed in route)
        if routes.follows[end] < 0 and routes.follows[other] < 0 and not again:
            _lead(routes, end, other, route)


def _joined(routes: Routes, meetings: dict[int, list[int]], start: int) -> list[Choice]:
    """The other ends left over that the pen can go to from one, by the shortest ways there (Dijkstra)."""
    choices: list[Choice] = []
    heap: list[tuple[float, list[int], int]] = [(0.0, [], routes.crossing[start])]
    seen = set()
    while heap:
        length, route, here = heappop(heap)
        if here in seen:
            continue
        seen.add(here)
        for end in meetings[here]:
            if end == start:
                continue
            if routes.follows[end] < 0 and routes.lengths[end // 2] >= _SHORT:
                bend = routes.bend(start, end)
                if bend < _BEND or length < _BOUNCE:
                    choices.append((bend + _FAR * length, start, end, route))
            further = length + routes.lengths[end // 2]
            if routes.crossing[end ^ 1] >= 0 and further < _SHARED and len(route) < _LINES:
                heappush(heap, (further, [*route, end], routes.crossing[end ^ 1]))
    return choices


def _returned(routes: Routes, meetings: dict[int, list[int]], start: int) -> list[Choice]:
    """The free ends of other lines that the pen may have come back from."""
    choices: list[Choice] = []
    for end in meetings[routes.crossing[start]]:
        bend, length = routes.bend(start, end), routes.lengths[end // 2]
        free = routes.crossing[end ^ 1] < 0 and end != start
        if free and (routes.leads_nowhere(end) or (bend < _BACK and length < _RETRACED)):
            choices.append((bend + _FAR * length, start, end ^ 1, [end]))
    return choices


def _lead(routes: Routes, end: int, other: int, route: list[int]) -> None:
    """Double the lines of a route between two ends; what goes along all of them already may change sides."""
    before = routes.follows[route[0]] if route else -1
    after = routes.follows[route[-1] ^ 1] if route else -1
    together = all(routes.follows[a ^ 1] == b for a, b in pairwise(route))
    last = end
    for passed in route:
        copy = routes.double(passed)
        routes.link(last, copy)
        last = copy ^ 1
    if together and before >= 0 and after >= 0:
        kept = routes.turn(before, after) + routes.turn(end, other)
        if routes.turn(before, other) + routes.turn(end, after) < kept:
            routes.link(route[-1] ^ 1, other)
            other = after
    routes.link(last, other)


_LIGHT = (0.08, 0.15, 0.4)  # weights of the nodes next to a crossing: ridges bend towards each other there
_BETWEEN, _FEW = 0.3, 5  # but at least this, of a line of fewer nodes: in a mesh all lie next to crossings
_SHARED_WEIGHT = 0.08  # of a node where two lines run together: each of them runs beside


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
    weights = [_SHARED_WEIGHT if shared else 1.0] * count
    least = _BETWEEN if count < _FEW and not shared else 0.0
    for side, at in ((end, range(count)), (end ^ 1, range(count - 1, -1, -1))):
        if routes.follows[side] >= 0 and routes.crossing[side] >= 0:
            for index, light in zip(at, _LIGHT, strict=False):
                weights[index] = min(weights[index], max(light, least))
    return weights

"""The lines of a thin net between the places where they end or meet."""

from __future__ import annotations

from typing import NamedTuple

from engine.painters.gng.strokes.thin import Edges, Nodes, neighbours


class Branches(NamedTuple):
    """A net taken apart."""

    between: list[Nodes]  # from a node that hasn't two neighbours to the next one, both included
    rings: list[Nodes]  # all nodes have two neighbours: the last one is the first one's


def branches_of(count: int, edges: Edges) -> Branches:
    """Take apart a net of `count` nodes, each edge going into one branch or ring."""
    beside = neighbours(count, edges)
    between = []
    passed = [False] * count
    for end in range(count):
        for step in beside[end] if len(beside[end]) != 2 else []:
            branch = _follow(end, step, beside)
            if branch <= branch[::-1]:  # otherwise it is found, or was, from its other end
                between.append(branch)
            for node in branch:
                passed[node] = True
    rings = []
    for node in range(count):
        if len(beside[node]) == 2 and not passed[node]:
            ring = _follow(node, beside[node][0], beside)[:-1]
            rings.append(ring)
            for each in ring:
                passed[each] = True
    return Branches(between, rings)


def _follow(start: int, step: int, beside: list[Nodes]) -> Nodes:
    """From an edge on, through nodes with two neighbours, to one with more or fewer or to the start."""
    branch = [start, step]
    while branch[-1] != start and len(beside[branch[-1]]) == 2:
        one, other = beside[branch[-1]]
        branch.append(other if one == branch[-2] else one)
    return branch
